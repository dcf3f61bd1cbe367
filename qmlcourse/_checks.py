"""Checks of arguments: one clear sentence naming the argument, what came, what is allowed."""

import inspect
import numbers
import operator
import warnings
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import numpy as np
import psutil
from numpy.typing import ArrayLike

from ._typing import Array

_SCALARS = (numbers.Real, Decimal, np.bool_)


def shown(value: object) -> str:
    """Return how a value looks, on one line and not too long."""
    try:
        text = " ".join(repr(value).split())
    except ValueError:  # Python prints no integer of more digits
        return "an integer of more than 4300 digits"
    return text if len(text) <= 200 else f"{text[:200]}..."


def unmasked(value: object, name: str) -> None:
    """Raise for what loses entries or fills memory when it becomes a plain array."""
    if _masked(value):
        raise ValueError(f"{name} must hold no masked entries: drop or fill them first.")
    if hasattr(value, "toarray"):
        kind = type(value).__name__
        raise TypeError(f"{name} must be dense; got a sparse {kind}: pass {name}.toarray().")


def _masked(value: object) -> bool:
    if isinstance(value, (list, tuple)):  # of masked rows: NumPy drops their masks
        return any(map(_masked, value))
    return isinstance(value, np.ma.MaskedArray) and bool(np.any(value.mask))


def numeric(value: ArrayLike, name: str) -> Array:
    """Return ``value`` as an array of numbers, real or complex, of its own dtype."""
    unmasked(value, name)
    try:
        with warnings.catch_warnings():
            # NumPy warns where a masked entry in a list becomes NaN.
            warnings.simplefilter("error", UserWarning)
            given = np.asarray(value)
    except UserWarning as error:
        raise ValueError(f"{name} must hold no masked entries: drop or fill them first.") from error
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise ValueError(f"{name} must be an array of numbers; got ragged rows.") from error
    if given.dtype.kind == "O":
        # Plain numbers are fine; text that merely looks like a number is not.
        for v in given.flat:
            if not isinstance(v, _SCALARS):
                raise TypeError(f"{name} must hold numbers; got dtype object, with {shown(v)}.")
    # A cast to float64 is also known for the short floats of machine learning.
    elif given.dtype.kind not in "biufc" and not np.can_cast(given.dtype, np.float64):
        raise TypeError(f"{name} must hold numbers; got dtype {given.dtype}.")
    return given


def array(value: ArrayLike, name: str, *, ndim: int | None) -> Array:
    """Return ``value`` as a finite float64 array; with ``ndim``, of so many and not empty."""
    try:
        given = numeric(value, name)
    except ValueError as error:
        if ndim is None or "ragged" not in str(error):
            raise
        raise ValueError(f"{name} must be a {ndim}-D array of numbers; got ragged rows.") from error
    if given.dtype.kind == "c":
        raise TypeError(f"{name} must hold real numbers; got complex ones.")
    if ndim is not None and given.ndim != ndim:
        raise ValueError(f"{name} must be a {ndim}-D array; got shape {given.shape}.")
    if ndim is not None and given.size == 0:
        raise ValueError(f"{name} must not be empty; got shape {given.shape}.")
    try:
        with np.errstate(over="ignore"):
            result = given.astype(np.float64)
    except (OverflowError, ValueError):  # an integer or a fraction of any length; Decimal("sNaN")
        raise ValueError(f"{name} must hold numbers that fit a float; got another.") from None
    if not np.isfinite(result).all():
        bad = "NaN" if np.isnan(result).any() else "infinity"
        raise ValueError(f"{name} must hold finite numbers; got {bad}.")
    return result


def upper_ends(value: ArrayLike, name: str) -> Array:
    """Return ``value`` as a 1-D float64 array, finite but for entries of +infinity."""
    given = numeric(value, name)
    unbounded = given == np.inf
    return np.where(unbounded, np.inf, array(np.where(unbounded, 0, given), name, ndim=1))


def features(X: ArrayLike, name: str = "X", *, n_features: int | None = None) -> Array:
    """Return ``X`` as a finite float64 array of shape ``(n_samples, n_features)``."""
    result = array(X, name, ndim=2)
    if n_features is not None and result.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} features; got {result.shape[1]}.")
    return result


def integer(value: object, name: str, *, low: int = 1, high: int | None = None) -> int:
    """Return ``value`` as an int within ``low`` to ``high``."""
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"
    try:
        if isinstance(value, (bool, np.bool_)):
            raise TypeError
        result = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be an integer {allowed}; got {shown(value)}.") from None
    if result < low or (high is not None and result > high):
        raise ValueError(f"{name} must be an integer {allowed}; got {shown(value)}.")
    return result


def real(value: object, name: str, *, above: float = -np.inf, below: float = np.inf) -> float:
    """Return ``value`` as a finite float strictly between ``above`` and ``below``."""
    allowed = "a finite number"
    if np.isfinite(above):
        allowed += f" above {above:g}"
    if np.isfinite(below):
        allowed += f"{' and' if np.isfinite(above) else ''} below {below:g}"
    unmasked(value, name)
    scalar = value
    if not isinstance(value, _SCALARS) and getattr(value, "shape", None) == ():
        with np.errstate(all="ignore"):
            scalar = np.asarray(value)[()]  # of an array, or of another framework
    if isinstance(scalar, (bool, np.bool_)) or not isinstance(scalar, (numbers.Real, Decimal)):
        raise TypeError(f"{name} must be {allowed}; got {shown(value)}.")
    try:
        with np.errstate(over="ignore"):
            result = float(scalar)
    except (OverflowError, ValueError):  # too large, or a NaN that may not be touched
        result = np.nan
    if not np.isfinite(result) or not above < result < below:
        raise ValueError(f"{name} must be {allowed}; got {shown(value)}.")
    return result


def boolean(value: object, name: str) -> bool:
    """Return ``value`` as a bool: text or a number that merely counts as true is refused."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {shown(value)}.")
    return bool(value)


def choice(value: object, name: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is one of the ``allowed`` names."""
    if not isinstance(value, str) or value not in allowed:
        names = ", ".join(repr(a) for a in allowed)
        raise ValueError(f"{name} must be one of {names}; got {shown(value)}.")
    return value


def generator(rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy Generator: seeds and global state are not accepted."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, such as numpy.random.default_rng(0); "
            f"got {shown(rng)}."
        )
    return rng


def accepts(
    function: Callable[..., Any], name: str, of: str, /, *args: object, **options: object
) -> None:
    """Raise if a function can't be called with such arguments, as far as its signature tells."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):  # some built-in ones have none
        return
    try:
        signature.bind(*args, **options)
    except TypeError as error:
        raise TypeError(
            f"{name} must be a function {of}; got {shown(function)}, which has the signature "
            f"{signature}."
        ) from error


def labels(y: object, name: str) -> None:
    """Raise for labels that are missing or of two kinds: NumPy would make texts of the numbers."""
    if y is None or getattr(getattr(y, "dtype", None), "kind", "O") in "biufcUS":
        return
    try:
        values = np.asarray(y, dtype=object).ravel()
    except ValueError:
        return  # ragged rows, which are named elsewhere
    if any(v is None or (isinstance(v, numbers.Real) and v != v) for v in values):
        raise ValueError(f"{name} must have a label for every sample; got missing ones.")
    texts = [isinstance(v, str) for v in values]
    if any(texts) and not all(texts):
        kinds = " and ".join(sorted({type(v).__name__ for v in values}))
        raise TypeError(f"{name} must hold numbers or texts as labels; got {kinds}.")


def memory(n_bytes: int, what: str) -> None:
    """Raise before an allocation that this machine can't hold."""
    available = psutil.virtual_memory().available
    if n_bytes > available:
        most = 2**1000  # what a float can show
        needed = f"{'over ' if n_bytes > most else ''}{min(n_bytes, most) / 2**30:,.3g}"
        raise ValueError(
            f"{what} would need {needed} GiB of memory; {available / 2**30:,.3g} GiB is available."
        )
