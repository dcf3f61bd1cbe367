"""Extrapolation of expectation values to zero noise, with errors propagated."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._estimate import Estimate
from .._estimate import estimates as checked_estimates
from .._typing import Array

FITS = ("linear", "richardson", "exponential")


def extrapolation_weights(factors: ArrayLike, fit: str = "linear") -> Array:
    r"""Return the weights c whose sum :math:`\sum_i c_i y_i` is the value at zero noise.

    .. math:: c_i = \prod_{j \ne i} \frac{\lambda_j}{\lambda_j - \lambda_i}
              \ \ (\text{Richardson}),\qquad
              c_i = \frac1m - \frac{\bar\lambda\,(\lambda_i - \bar\lambda)}
              {\sum_j (\lambda_j - \bar\lambda)^2}\ \ (\text{linear})

    Richardson's polynomial goes through all m points; the line is the least-squares one. If each
    :math:`y_i` has variance :math:`\sigma^2`, the result has :math:`\sigma^2 \sum_i c_i^2`. With
    N shots in all, N/m each, that is :math:`m \sum_i c_i^2` times the variance of N shots on the
    circuit itself: 15.7 for Richardson's factors 1, 3, 5, and 4.4 for the line.

    Parameters
    ----------
    factors : array of float, shape (m,)
        Distinct noise factors :math:`\lambda \ge 1`, at least 2.
    fit : "linear" or "richardson"

    Returns
    -------
    ndarray of float, shape (m,)
        They sum to 1.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Sources: arXiv:1612.02058 (Richardson), arXiv:2005.10921 (linear). Used in the chapter
    *Error mitigation*.

    Examples
    --------
    >>> c = extrapolation_weights([1, 3, 5], "richardson")
    >>> c
    array([ 1.875, -1.25 ,  0.375])
    >>> 3 * (c**2).sum().item()
    15.65625
    """
    x = checked_factors(factors)
    if _checks.choice(fit, "fit", FITS[:2]) == "linear":
        return 1 / x.size - x.mean() * (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    others = [np.delete(x, i) for i in range(x.size)]
    return np.array([(o / (o - own)).prod() for own, o in zip(x, others, strict=True)])


def extrapolate(
    factors: ArrayLike,
    estimates: Sequence[Estimate],
    *,
    fit: str = "linear",
    asymptote: float = 0.0,
) -> Estimate:
    r"""Extrapolate estimates at noise factors to the factor 0.

    ``"linear"`` and ``"richardson"`` use :func:`extrapolation_weights`; ``"exponential"`` is the
    least-squares fit of

    .. math:: y(\lambda) = B + a\,e^{-b\lambda}

    with a given asymptote B. It exists where all values lie on one side of B; where they don't,
    or the fit doesn't converge, the line is returned instead, with a warning (UserWarning). The
    error propagates the errors of the estimates, to first order; it knows nothing of a wrong
    model. The value isn't clipped to the range of the observable.

    Parameters
    ----------
    factors : array of float, shape (m,)
        Distinct, at least 1, m at least 2.
    estimates : m of Estimate
    fit : "linear", "richardson" or "exponential"
    asymptote : float
        B, the value at infinite noise: 0 for a Pauli observable under depolarizing noise.

    Returns
    -------
    Estimate
        With the sum of the shots.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Sources: arXiv:1612.02058, arXiv:1611.09301; exponential: arXiv:1712.09271. Used in the
    chapter *Error mitigation*.

    Examples
    --------
    >>> values = [Estimate(0.8, 0.01, 100), Estimate(0.6, 0.01, 100), Estimate(0.4, 0.01, 100)]
    >>> value, error, shots = extrapolate([1, 3, 5], values)
    >>> round(value, 12), round(error, 4), shots
    (0.9, 0.0121, 300)
    """
    x = checked_factors(factors)
    _checks.choice(fit, "fit", FITS)
    asymptote = _checks.real(asymptote, "asymptote")
    given = checked_estimates(estimates, x.size, "estimates", "be", ", one a factor")
    y, errors = np.array([e.value for e in given]), np.array([e.error for e in given])
    shots = sum(e.shots for e in given)
    fitted = None
    if fit == "exponential":
        fitted = _exponential(x, y - asymptote)
        if fitted is None:
            shown = ", ".join(f"{v:.3g}" for v in y)
            warnings.warn(
                f"No exponential towards {asymptote:g} fits the values {shown}: "
                "the linear fit is returned.",
                stacklevel=2,
            )
            fit = "linear"
    if fitted is not None:
        value, weights = fitted[0] + asymptote, fitted[1]
    else:
        weights = extrapolation_weights(x, fit)
        value = float(weights @ y)
    return Estimate(value, float(np.linalg.norm(weights * errors)), shots)


def checked_factors(factors: ArrayLike) -> Array:
    """Return checked noise factors."""
    x = _checks.array(factors, "factors", ndim=1)
    if x.size < 2 or x.min() < 1 or np.unique(x).size < x.size:
        raise ValueError(
            f"factors must be at least 2 distinct numbers of at least 1; got {x.tolist()}."
        )
    return x


def _exponential(x: Array, y: Array) -> tuple[float, Array] | None:
    """Return a of a exp(-b x) and how it moves with each y; None where there is no fit."""
    from scipy.optimize import least_squares

    sign = np.sign(y[0])
    if sign == 0 or (np.sign(y) != sign).any():
        return None
    slope, start = np.polyfit(x, np.log(np.abs(y)), 1, w=np.abs(y))

    def curve(parameters: Array) -> Array:
        return parameters[0] * np.exp(-parameters[1] * x)

    def jacobian(parameters: Array) -> Array:
        decay = np.exp(-parameters[1] * x)
        return np.column_stack([decay, -parameters[0] * x * decay])

    tight = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
    found = least_squares(lambda p: curve(p) - y, [sign * np.exp(start), -slope], jacobian, **tight)
    gain = np.linalg.pinv(jacobian(found.x))
    if not found.success or not np.isfinite(gain).all():
        return None
    return float(found.x[0]), gain[0]
