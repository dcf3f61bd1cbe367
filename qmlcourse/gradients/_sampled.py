"""Random estimates of a gradient, unbiased or nearly so."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._shift_rules import Cost, finite, moved, number


def spsa(
    f: Cost, theta: ArrayLike, *, step: float = 0.1, n_repeats: int = 1, rng: np.random.Generator
) -> Array:
    r"""Estimate the gradient by moving all parameters at once in random directions.

    .. math:: \hat g = \frac{f(\theta + h\Delta) - f(\theta - h\Delta)}{2h}\,\Delta

    with signs :math:`\Delta_k = \pm 1` of equal probability, averaged over ``n_repeats`` draws
    of two evaluations each, whatever n is. Its mean is the gradient up to order :math:`h^2`, and
    exactly for a linear or quadratic f.

    Parameters
    ----------
    f, theta
        As in :func:`parameter_shift`; f needs no period.
    step : float
        h, above 0, in the units of ``theta``.
    n_repeats : int
        Draws, at least 1.
    rng : numpy.random.Generator
        Draws the signs.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: Spall 1992, doi 10.1109/9.119632. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> spsa(lambda t: t[0] ** 2, [3.0], step=0.5, rng=np.random.default_rng(0))
    array([6.])
    """
    point = _checks.array(theta, "theta", ndim=1)
    h = _checks.real(step, "step", above=0)
    size = (_checks.integer(n_repeats, "n_repeats"), point.size)
    _checks.memory(2 * 8 * size[0] * size[1], f"{size[0]} directions of {size[1]} parameters")
    signs = _checks.generator(rng).choice([-1.0, 1.0], size=size)
    changes = [number(f, moved(point, d, h)) - number(f, moved(point, d, -h)) for d in signs]
    with np.errstate(over="ignore", invalid="ignore"):
        return finite((np.array(changes) / (2 * h)) @ signs / len(signs))


def stochastic_parameter_shift(
    f: Callable[[float, int], float], n_samples: int, *, rng: np.random.Generator
) -> tuple[float, float]:
    r"""Estimate the slope for a gate :math:`e^{i(\theta V + H)}`, where V and H need not commute.

    .. math:: \partial_\theta \langle C \rangle = \int_0^1 [f(s, +1) - f(s, -1)]\,ds,
              \qquad V^2 = 1

    ``f(s, sign)`` is the expectation of C with the gate replaced by
    :math:`e^{i(1-s)(\theta V + H)}\, e^{i\,\mathrm{sign}\,\pi V/4}\, e^{is(\theta V + H)}`, whose
    rightmost factor acts first.

    Parameters
    ----------
    f : function of (s, sign)
        s from 0 to 1, sign +1 or -1; returns one finite real number.
    n_samples : int
        Values of s, uniform at random, at least 2; each takes two evaluations.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    mean, error : float
        The unbiased estimate and its standard error; an interval of few samples takes its
        quantiles from Student's t with n_samples − 1 degrees of freedom.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv:2005.10299. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> # V = X, H = 0, C = Z on |0>: cos 2t, whose slope at t = pi/4 is -2 for every s.
    >>> z = lambda s, sign: np.cos(2 * (np.pi / 4 + sign * np.pi / 4))
    >>> stochastic_parameter_shift(z, 10, rng=np.random.default_rng(0))
    (-2.0, 0.0)
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    _checks.memory(3 * 32 * n_samples, f"{n_samples} samples")
    times = _checks.generator(rng).uniform(size=n_samples).tolist()
    slopes = finite(np.array([number(f, s, +1) - number(f, s, -1) for s in times]))
    return float(slopes.mean()), float(slopes.std(ddof=1) / np.sqrt(n_samples))
