"""The numbers that a sum holds: finite, real or complex, of Python, NumPy or a framework."""

import numbers
from decimal import Decimal
from typing import Any

import numpy as np

from .. import _checks
from .._typing import Array


def is_scalar(value: object) -> bool:
    """Return whether a value is meant as one number, fit or not: an array of one counts."""
    return isinstance(value, (numbers.Number, Decimal)) or getattr(value, "shape", None) == ()


def number(value: object) -> complex:
    """Return a coefficient, checked: a float where it is real."""
    _checks.unmasked(value, "a coefficient")
    scalar: Any = value
    if not isinstance(value, (numbers.Number, Decimal)) and is_scalar(value):
        try:
            scalar = np.asarray(value)[()]
        except (TypeError, RuntimeError):  # traced values have none
            scalar = None
    kind = getattr(getattr(scalar, "dtype", None), "kind", "O")
    short = kind == "V" and np.can_cast(scalar.dtype, np.float64)  # of machine learning
    plain = kind in "iufc" or (kind == "O" and isinstance(scalar, (numbers.Number, Decimal)))
    if isinstance(scalar, bool) or not (plain or short):
        raise TypeError(f"a coefficient must be a number; got {_checks.shown(value)}.")
    try:
        with np.errstate(over="ignore"):
            result = complex(scalar)
    except (TypeError, AttributeError):
        raise TypeError(f"a coefficient must be a number; got {_checks.shown(value)}.") from None
    except (OverflowError, ValueError):  # an integer of any length, Decimal("sNaN")
        result = complex(np.inf)
    if not np.isfinite(result):
        raise ValueError(f"a coefficient must be finite; got {_checks.shown(value)}.")
    return result if result.imag else result.real


def finite(coefficients: Array) -> Array:
    """Return coefficients if none went beyond the range of floats."""
    if not np.isfinite(coefficients).all():
        raise OverflowError("a coefficient of the result is beyond the range of floats.")
    return coefficients
