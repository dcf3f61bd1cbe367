"""Judging a value that came from an answer: what it is, and which mistake it looks like."""

import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from .._typing import Array
from .wire import Named


class Wrong(Exception):
    """The answer gave a value, and it is not right; the message is the learner's hint."""


def quoted(value: Any, width: int = 60) -> str:
    """Return an answer's text in one line; where it is long, up to the end of a word.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> quoted("total = first + second", 17)
    'total = first ...'
    """
    # Whatever comes after cannot show; an answer's text may be as long as it likes.
    text = " ".join(str(value)[: 10 * width].split())
    short = textwrap.shorten(text, width, placeholder=" ...")
    # One long word has no end within the width.
    return short if short.strip() != "..." else f"{text[: width - 4]} ..."


def untouched(answer: Callable[..., Any], function: str, *args: Any, **kwargs: Any) -> Any:
    """Return what a function of an answer gives, or raise `Wrong` if it changed an argument.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> untouched(lambda function, *args: sum(args), "total", 1, 2)
    3
    """
    value = answer(function, *args, **kwargs)
    if getattr(answer, "changed", False):
        raise Wrong(f"{function} changes in place what it is given: work on a copy.")
    return value


def _given(value: Any, what: str) -> None:
    if value is None:
        raise Wrong(f"{what} is None: is the answer filled in, and does it return its result?")


def _describe(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if isinstance(value, Named):
        return f"a named tuple of length {len(value)}"
    if isinstance(value, list | dict | set):
        return f"a {type(value).__name__} of length {len(value)}"
    return f"{type(value).__name__} {quoted(value)!r}"


def array(value: Any, shape: tuple[int | None, ...], what: str, *, real: bool = True) -> Array:
    """Return a value as finite numbers of a shape (`None`: any length), or raise `Wrong`.

    Truth values are 0 and 1, as in Python; a table whose rows are alike is an array of them. Used
    by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> array([1, 2], (2,), "the gradient")
    array([1., 2.])
    """
    _given(value, what)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = _cells(value)
    # NumPy gives each text the room of the longest: few letters could ask for all memory.
    parts = [value]
    while parts:
        part = parts.pop()
        if isinstance(part, str | dict | set):
            raise Wrong(f"{what} is {_describe(value)}, not an array of numbers")
        parts += part if isinstance(part, list) else []
    try:
        made = np.asarray(value)
        if made.dtype.kind == "O" and all(type(n) in (int, float, complex) for n in made.flat):
            made = made.astype(complex)  # whole numbers beyond 64 bits
    except (ValueError, TypeError, OverflowError):
        raise Wrong(f"{what} is {_describe(value)}, not an array of numbers") from None
    if made.dtype.kind not in "biufc":
        raise Wrong(f"{what} is {_describe(value)}, not an array of numbers")
    fits = made.ndim == len(shape) and all(
        want in (None, have) for want, have in zip(shape, made.shape, strict=False)
    )
    if not fits:
        wanted = str(tuple("any" if n is None else n for n in shape)).replace("'", "")
        raise Wrong(f"{what} has shape {made.shape}; asked for: {wanted}")
    # Beyond 1e100 the arithmetic of a check could overflow. Single precision knows no 1e100.
    wide = made.astype(complex)
    if not ((np.abs(wide.real) < 1e100) & (np.abs(wide.imag) < 1e100)).all():
        raise Wrong(f"{what} holds a number that is not finite, or beyond 1e100")
    if real and made.dtype.kind == "c":
        if np.abs(made.imag).max(initial=0) > 1e-9:
            raise Wrong(f"{what} is complex; it must be real")
        made = made.real
    return made.astype(float if real else complex)


def _cells(rows: list[Any]) -> list[Any]:
    """Return the values of rows that have the same columns in the same order, or the rows."""
    if all(isinstance(row, dict) and list(row) == list(rows[0]) for row in rows):
        return [list(row.values()) for row in rows]
    return rows


def number(value: Any, what: str, *, low: float = -np.inf, high: float = np.inf) -> float:
    """Return a value as one finite number between `low` and `high`, or raise `Wrong`.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> number(0.5, "the accuracy", low=0, high=1)
    0.5
    """
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.reshape(())
    result = float(array(value, (), what))
    if not low <= result <= high:
        raise Wrong(f"{what} is {result:.6g}; it must lie between {low:g} and {high:g}")
    return result


def texts(value: Any, what: str) -> list[str]:
    """Return a value as a list of texts, or raise `Wrong`.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> texts(["seed"], "the names")
    ['seed']
    """
    _given(value, what)
    # An array of nothing does not say of what.
    found = value.tolist() if isinstance(value, np.ndarray) and not value.size else value
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise Wrong(f"{what} must be a list of texts; what came back is {_describe(value)}")
    return found


def table(value: Any, columns: Iterable[str], what: str) -> list[dict[str, Any]]:
    """Return a value as a list of rows that have the columns, or raise `Wrong`.

    A dictionary of columns and a list of named tuples are tables too. Used by the checks of the
    portfolio, a chapter of exercises.

    Examples
    --------
    >>> table([{"seed": 0, "score": 1.0}], ["seed"], "the table")[0]["seed"]
    0
    """
    _given(value, what)
    rows = _by_columns(value) if isinstance(value, dict) else value
    if isinstance(rows, list):
        rows = [dict(zip(r.names, r, strict=True)) if isinstance(r, Named) else r for r in rows]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Wrong(f"{what} is {_describe(value)}; asked for: a list of dictionaries, one a row")
    for row in rows:
        for column in columns:
            if column not in row:
                raise Wrong(f"{what} has a row without {column!r}")
    return rows


def _by_columns(columns: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Return the rows of a table that came as its columns; None where it did not."""
    lists = [c.tolist() if isinstance(c, np.ndarray) else c for c in columns.values()]
    if not lists or not all(isinstance(c, list) and len(c) == len(lists[0]) for c in lists):
        return None
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


def same(
    got: Array | float,
    right: Array | float,
    what: str,
    *,
    mistakes: Mapping[str, Any] | None = None,
    tolerance: float = 1e-6,
    phase: bool = False,
    laws: Mapping[str, bool] | None = None,
    otherwise: str = "",
) -> None:
    """Raise `Wrong` unless two arrays agree; a value that a mistake would give names it.

    Parameters
    ----------
    got, right : array_like
        Of one shape: call `array` or `number` first.
    mistakes : mapping of str to array_like
        Hint → the value which that misconception gives. The first that fits is the hint.
    tolerance : float
        Largest absolute difference, so that single precision passes where it should.
    phase : bool
        Whether a global phase is free; then the arrays are state vectors (last axis).
    laws : mapping of str to bool
        What every right value obeys, as a sentence, and whether this one does. Where no mistake
        fits, the first that is broken comes before the number.
    otherwise : str
        Where to look, where no mistake fits.

    Used by the checks of the portfolio, a chapter of exercises.

    Examples
    --------
    >>> same(np.array([1j, 0]), np.array([1, 0]), "the state", phase=True)
    >>> same(-0.5, 0.5, "the gradient", mistakes={"Is its sign right?": -0.5})
    Traceback (most recent call last):
    qmlcourse.grading.judge.Wrong: Is its sign right?
    """

    def distance(a: Any, b: Any) -> float:
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape:
            return np.inf
        if phase:
            overlap = np.sum(b.conj() * a, axis=-1, keepdims=True)
            size = np.abs(overlap)
            a = a * np.where(size > 0, overlap.conj() / np.where(size > 0, size, 1), 1)
        return float(np.abs(a - b).max(initial=0))

    off = distance(got, right)
    if off <= tolerance:
        return
    for hint, value in (mistakes or {}).items():
        if distance(got, value) <= tolerance:
            raise Wrong(hint)
    broken = next((law + " " for law, holds in (laws or {}).items() if not holds), "")
    raise Wrong(f"{broken}{what} is off by up to {off:.2g}. {otherwise}".strip())
