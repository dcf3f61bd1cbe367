"""Claims: a number the course prints, the interval it must lie in, and what would break it.

``book/claims.toml`` holds them. A chapter makes a claim by calling :func:`claim`; the tests
run every chapter with other seeds, where all claims must hold, and with each claim's
counterfactual parameters, where it must fail.
"""

import html
import math
import os
import tomllib
from dataclasses import dataclass, field
from functools import cache
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from . import _checks, _files

__all__ = ["Claim", "claim", "load"]

MIME = "application/vnd.qmlcourse.claim+json"


@dataclass(frozen=True)
class Claim:
    """One number the course states, as an entry of ``book/claims.toml``.

    Attributes
    ----------
    id : str
        ``chapter.name``.
    chapter : str
        Path below ``book/`` of the chapter that makes it, without the ending.
    sentence : str
        What it says, with no number in it.
    low : float
        Lower end of the interval, included and finite.
    high : float
        Upper end of it, likewise.
    source : str
        ``measured``, or an arXiv id with its theorem, figure or table.
    counterfactual : dict
        Parameters of the chapter under which the claim must not hold.
    unit : str
        Empty for a pure number.
    format : str
        How the value is shown, as in :func:`format`.
    floor : float
        A smaller magnitude is shown as "< floor": rounding error differs between machines.
    published : float, optional
        The same quantity in the literature, where it corresponds.
    published_in : str
        Where that stands.
    """

    id: str
    chapter: str
    sentence: str
    low: float
    high: float
    source: str
    counterfactual: dict[str, Any] = field(hash=False)
    unit: str = ""
    format: str = ".3g"
    floor: float = 0.0
    published: float | None = None
    published_in: str = ""

    def __post_init__(self) -> None:
        for name in ("id", "chapter", "sentence", "source", "unit", "format", "published_in"):
            if not isinstance(given := getattr(self, name), str):
                raise ValueError(f"claim {self.id!r}: {name} must be text; got {given!r}.")
        if not all(_number(v) for v in (self.low, self.high, self.floor)):
            raise ValueError(
                f"claim {self.id!r}: low, high and floor must be numbers; got "
                f"{self.low!r}, {self.high!r} and {self.floor!r}."
            )
        if not (_finite(self.low) and _finite(self.high) and self.low <= self.high):
            raise ValueError(
                f"claim {self.id!r}: low and high must be finite numbers with low <= high; "
                f"got {self.low} and {self.high}."
            )
        if not self.floor >= 0:
            raise ValueError(f"claim {self.id!r}: floor must be 0 or above; got {self.floor}.")
        if (self.published is None) != (not self.published_in) or not _finite(self.published or 0):
            raise ValueError(
                f"claim {self.id!r}: published must be a finite number, with published_in; got "
                f"{self.published!r} and {self.published_in!r}."
            )
        try:
            format(1.0, self.format)
        except ValueError as error:
            raise ValueError(
                f"claim {self.id!r}: format must be one for numbers, such as '.3g'; "
                f"got {self.format!r}."
            ) from error
        if not isinstance(self.counterfactual, dict):
            raise ValueError(
                f"claim {self.id!r}: counterfactual must be a table of parameters; "
                f"got {self.counterfactual!r}."
            )
        if not self.counterfactual:
            raise ValueError(f"claim {self.id!r}: counterfactual must name a parameter; got none.")

    def holds(self, value: float) -> bool:
        """Return whether the value lies in the interval; NaN never does."""
        return bool(self.low <= value <= self.high)

    def show(self, value: float) -> str:
        """Return the value rounded as the course prints it, with its unit."""
        text = f"< {self.floor:g}" if abs(value) < self.floor else format(value, self.format)
        return f"{text} {self.unit}".strip().replace("-", "\N{MINUS SIGN}")


def _number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _finite(value: Any) -> bool:
    return _number(value) and math.isfinite(value)


def _path() -> Path:
    """Return where the claims are: the checkout's, else those packed into the wheel."""
    if "QMLCOURSE_CLAIMS" in os.environ:
        return Path(os.environ["QMLCOURSE_CLAIMS"])
    checkout = Path(__file__).parents[1] / "book" / "claims.toml"
    return checkout if checkout.is_file() else Path(__file__).with_name("claims.toml")


def load(path: str | Path | None = None) -> dict[str, Claim]:
    """Return the claims of the course by id.

    Parameters
    ----------
    path : str or Path, optional
        A TOML file with one ``[[claim]]`` table each; default: the course's own.

    Returns
    -------
    dict of str to Claim

    Raises
    ------
    ValueError
        If an id stands twice, a key is missing or unknown, or an interval is not finite.

    Notes
    -----
    Used in every chapter, through :func:`claim`.

    Examples
    --------
    >>> all(c.low <= c.high for c in load().values())
    True
    """
    path = _path() if path is None else _files.path(path)
    claims: dict[str, Claim] = {}
    for entry in _entries(path):
        try:
            made = Claim(**entry)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from error
        except TypeError as error:
            raise ValueError(f"claim {entry.get('id')!r} in {path.name}: {error}.") from error
        if made.id in claims:
            raise ValueError(f"claim {made.id!r} stands twice in {path.name}.")
        claims[made.id] = made
    return claims


def _entries(path: Path) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path.name} must be a TOML file: {error}.") from error
    if content and "claim" not in content:
        raise ValueError(f"{path.name} must hold [[claim]] tables; got {list(content)}.")
    entries = content.get("claim", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(
            f"{path.name} must hold a [[claim]] table for each claim; got {_checks.shown(entries)}."
        )
    return entries


_loaded = cache(load)


def claim(id: str, value: float) -> None:
    """Show a value beside the interval it was claimed to lie in, and glue it for the prose.

    In a notebook the prose quotes the value by ``{glue:text}`` and the claim's id. A claim
    that does not hold is shown as such and stops nothing: a reader may change parameters.

    Parameters
    ----------
    id : str
        An id in ``book/claims.toml``.
    value : float
        The measured value, also as an array without dimensions; NaN counts as a claim that doesn't
        hold.

    Raises
    ------
    ValueError
        If no claim has this id, or the value is infinite.
    TypeError
        If the value is not a single real number.

    Notes
    -----
    Used in every chapter.

    Examples
    --------
    >>> claim("no.such-claim", 1.0)
    Traceback (most recent call last):
    ...
    ValueError: id must name a claim in book/claims.toml; got 'no.such-claim'.
    """
    claims = _loaded()
    if not isinstance(id, str) or id not in claims:
        raise ValueError(f"id must name a claim in book/claims.toml; got {id!r}.")
    if isinstance(value, np.ma.MaskedArray) and np.any(value.mask):
        raise TypeError(f"value of claim {id!r} must be a number; got a masked one.")
    if hasattr(value, "__array__") and np.ndim(value) == 0:
        value = np.asarray(value).item()  # of any framework
    if not (isinstance(value, float) and math.isnan(value)):
        value = _checks.real(value, f"value of claim {id!r}")
    _display(claims[id], value)


def _display(made: Claim, value: float) -> None:
    from IPython.display import display

    holds, shown = made.holds(value), made.show(value)
    mark = "\N{CHECK MARK} holds" if holds else "\N{BALLOT X} does not hold"
    interval = f"{made.low:g} to {made.high:g}".replace("-", "\N{MINUS SIGN}")
    text = f"{mark}: {made.sentence}: {shown} (claimed: {interval}; source: {made.source})"
    e = html.escape
    div = (
        f'<div class="qml-claim {"pass" if holds else "fail"}">'
        f'<span class="qml-claim-mark">{mark}</span> '
        f'<span class="qml-claim-sentence">{e(made.sentence)}:</span> '
        f'<strong class="qml-claim-value">{e(shown)}</strong> '
        f'<span class="qml-claim-interval">claimed: {e(interval)}; '
        f"source: {e(made.source)}</span></div>"
    )
    record = {"id": made.id, "value": shown, "holds": holds}
    display({"text/plain": text, "text/html": div, MIME: record}, raw=True)  # type: ignore[no-untyped-call]
    # The form that myst-nb's `glue` writes, without importing Sphinx into the kernel. Quoted, for
    # it is read as Python: 1,234 would be a tuple, and 0.50 lose its last digit.
    display(  # type: ignore[no-untyped-call]
        {"application/papermill.record/text/plain": repr(shown)},
        raw=True,
        metadata={"scrapbook": {"name": made.id, "mime_prefix": "application/papermill.record/"}},
    )
