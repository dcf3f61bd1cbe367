"""Checks of arguments: one clear sentence naming the argument, what came, what is allowed."""

import numbers
from collections.abc import Collection

import numpy as np
import psutil
from numpy.typing import ArrayLike

from ._typing import Array


def array(value: ArrayLike, name: str, *, ndim: int) -> Array:
    """Return ``value`` as a finite, non-empty float64 array with ``ndim`` dimensions."""
    if isinstance(value, np.ma.MaskedArray) and np.any(value.mask):
        raise ValueError(f"{name} must hold a number in every place; got masked ones.")
    if hasattr(value, "toarray"):
        raise TypeError(f"{name} must be a dense array; got a sparse one: call its toarray().")
    try:
        given = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a {ndim}-D array of numbers; got ragged rows.") from error
    if given.dtype.kind == "c":
        raise TypeError(f"{name} must hold real numbers; got complex ones.")
    # Object arrays of plain numbers are fine; text that merely looks like a number is not.
    objects = given.dtype.kind == "O" and all(isinstance(v, numbers.Real) for v in given.flat)
    if given.dtype.kind not in "biuf" and not objects:
        raise TypeError(f"{name} must hold numbers; got dtype {given.dtype}.")
    if given.ndim != ndim:
        raise ValueError(f"{name} must be a {ndim}-D array; got shape {given.shape}.")
    if given.size == 0:
        raise ValueError(f"{name} must not be empty; got shape {given.shape}.")
    result = given.astype(np.float64)
    if not np.isfinite(result).all():
        bad = "NaN" if np.isnan(result).any() else "infinity"
        raise ValueError(f"{name} must hold finite numbers; got {bad}.")
    return result


def features(X: ArrayLike, name: str = "X", *, n_features: int | None = None) -> Array:
    """Return ``X`` as a finite float64 array of shape ``(n_samples, n_features)``."""
    result = array(X, name, ndim=2)
    if n_features is not None and result.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} features; got {result.shape[1]}.")
    return result


def integer(value: object, name: str, *, low: int = 1, high: int | None = None) -> int:
    """Return ``value`` as an int within ``low`` to ``high``."""
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer {allowed}; got {value!r}.")
    result = int(value)
    if result < low or (high is not None and result > high):
        raise ValueError(f"{name} must be an integer {allowed}; got {value!r}.")
    return result


def real(value: object, name: str, *, above: float = -np.inf, below: float = np.inf) -> float:
    """Return ``value`` as a finite float strictly between ``above`` and ``below``."""
    allowed = "a finite number"
    if np.isfinite(above):
        allowed += f" above {above:g}"
    if np.isfinite(below):
        allowed += f"{' and' if np.isfinite(above) else ''} below {below:g}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {allowed}; got {value!r}.")
    result = float(value)
    if not np.isfinite(result) or not above < result < below:
        raise ValueError(f"{name} must be {allowed}; got {value!r}.")
    return result


def boolean(value: object, name: str) -> bool:
    """Return ``value`` as a bool: text or a number that merely counts as true is refused."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {value!r}.")
    return bool(value)


def choice(value: object, name: str, allowed: Collection[str]) -> str:
    """Return ``value`` if it is one of the ``allowed`` names."""
    if not isinstance(value, str) or value not in allowed:
        names = ", ".join(repr(a) for a in allowed)
        raise ValueError(f"{name} must be one of {names}; got {value!r}.")
    return value


def generator(rng: object) -> np.random.Generator:
    """Return ``rng`` if it is a NumPy Generator: seeds and global state are not accepted."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, such as numpy.random.default_rng(0); "
            f"got {rng!r}."
        )
    return rng


def memory(n_bytes: int, what: str) -> None:
    """Raise before an allocation that this machine can't hold."""
    available = psutil.virtual_memory().available
    n_bytes = min(n_bytes, 2**999)  # what a float can say
    if n_bytes > available:
        raise ValueError(
            f"{what} would need {n_bytes / 2**30:,.3g} GiB of memory; "
            f"{available / 2**30:,.3g} GiB is available."
        )
