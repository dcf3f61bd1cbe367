"""Derivatives from differences of f: exact rules of long shifts, and a short one."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array

Cost = Callable[[Array], float]
Frequencies = Sequence[float] | Sequence[Sequence[float]]
Rule = tuple[Array, Array]


def shift_rule(frequencies: Sequence[float]) -> Rule:
    r"""Return the coefficients and shifts of an exact rule for a derivative.

    .. math:: f'(x) = \sum_{\mu=1}^{R} c_\mu\,[f(x + s_\mu) - f(x - s_\mu)]

    holds for any sum of a constant and sines and cosines of :math:`\omega_k x` if
    :math:`\sum_\mu 2 c_\mu \sin(\omega_k s_\mu) = \omega_k` for the R frequencies. Multiples
    :math:`\omega, 2\omega, \dots, R\omega` have a closed form. For others a search over shifts
    brings :math:`\sum_\mu 2|c_\mu|`, which amplifies the noise of a measured f, near its least
    possible value, the largest frequency.

    Parameters
    ----------
    frequencies : sequence of float, length R
        Distinct, from 1e-100 to 1e100. For a gate :math:`e^{-ixG}`, the differences of
        eigenvalues of G: ``(1,)`` for a Pauli rotation, ``(0.5, 1)`` for a controlled one.

    Returns
    -------
    coefficients, shifts : ndarray of float, shape (R,)
        c, and s > 0 in radians. Read-only: the same arrays are handed out again.

    Raises
    ------
    ValueError, TypeError
        If the frequencies are not as above.

    Notes
    -----
    Source: arXiv:2107.12390. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> shift_rule((1,))
    (array([0.5]), array([1.57079633]))
    """
    omegas = _checks.array(frequencies, "frequencies", ndim=1).tolist()
    if min(omegas) < 1e-100 or max(omegas) > 1e100 or len(set(omegas)) < len(omegas):
        raise ValueError(f"frequencies must be positive, 1e-100 to 1e100, distinct; got {omegas}.")
    return _solve_rule(tuple(sorted(omegas)))


@cache
def _solve_rule(frequencies: tuple[float, ...]) -> Rule:
    omegas, n = np.array(frequencies), len(frequencies)
    order = np.arange(1, n + 1)
    shifts = (2 * order - 1) * np.pi / (2 * omegas[-1])  # sin(omega_max * s) = +1, -1, +1, ...
    if np.allclose(omegas, order * omegas[0], rtol=1e-12, atol=0):
        sines = np.sin(omegas[0] * shifts / 2)
        best = omegas[0] * (-1.0) ** (order - 1) / (4 * n * sines**2), shifts
    else:
        least = np.inf
        for trial in np.outer(np.arange(1, 2001) / 16, shifts):
            try:
                coefficients = np.linalg.solve(2 * np.sin(np.outer(omegas, trial)), omegas)
            except np.linalg.LinAlgError:  # a short trial can't tell close frequencies apart
                continue
            norm = 2 * np.abs(coefficients).sum() / omegas[-1]
            if norm < 0.99 * least:  # a longer shift must earn its place
                least, best = norm, (coefficients, trial)
            if norm < 1.01:  # no rule has less than 1: take f = sin(omega_max x) at x = 0
                break
    for array in best:
        array.setflags(write=False)  # the cache hands out the same arrays again
    return best


def parameter_shift(f: Cost, theta: ArrayLike, frequencies: Frequencies = (1.0,)) -> Array:
    r"""Compute the exact gradient of an f that is a trigonometric polynomial.

    .. math:: \partial_k f(\theta) = \frac{\omega}{2}\left[f\left(\theta + \frac{\pi}{2\omega}
              e_k\right) - f\left(\theta - \frac{\pi}{2\omega} e_k\right)\right]

    for one frequency :math:`\omega`, and :func:`shift_rule` for R of them: 2R evaluations per
    parameter, none at ``theta`` itself.

    Parameters
    ----------
    f : function of an ndarray of shape (n,)
        Returns one finite real number.
    theta : array_like, shape (n,)
        The point, in radians.
    frequencies : sequence of float, or one such sequence for each parameter
        Every frequency of f, as in :func:`shift_rule`. An angle shared by m Pauli rotations has
        ``(1, 2, ..., m)``.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Sources: arXiv:1803.00745, arXiv:1811.11184; several frequencies: arXiv:2107.12390. Used in
    the chapter *Parameter shift*.

    Examples
    --------
    >>> parameter_shift(lambda t: np.sin(t[0]) + 3 * np.sin(t[1]), [0.0, 0.0])
    array([1., 3.])
    """
    point = _checks.array(theta, "theta", ndim=1)
    rows: list[Any] = list(frequencies) if np.iterable(frequencies) else [frequencies]
    if not any(np.iterable(row) for row in rows):
        rows = [frequencies] * point.size
    if len(rows) != point.size:
        n = f"{point.size} sequences, one per parameter"
        raise ValueError(f"frequencies must be one sequence of numbers or {n}; got {len(rows)}.")
    return _differences(f, point, [shift_rule(row) for row in rows])


def finite_difference(f: Cost, theta: ArrayLike, *, step: float = 1e-3) -> Array:
    r"""Approximate the gradient by central differences, in 2n evaluations.

    .. math:: \partial_k f(\theta) \approx \frac{f(\theta + h e_k) - f(\theta - h e_k)}{2h}

    The leading bias is :math:`h^2 \partial_k^3 f / 6`; noise of variance :math:`\sigma^2` in f
    becomes :math:`\sigma^2 / 2h^2`.

    Parameters
    ----------
    f, theta
        As in :func:`parameter_shift`; f needs no period.
    step : float
        h, above 0, in the units of ``theta``.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv:1811.11184. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> finite_difference(lambda t: t[0] ** 2, [3.0], step=0.5)
    array([6.])
    """
    point = _checks.array(theta, "theta", ndim=1)
    h = _checks.real(step, "step", above=0)
    # The form of a shift rule with a short shift: exact only as h goes to 0.
    return _differences(f, point, [(np.array([0.5 / h]), np.array([h]))] * point.size)


def _differences(f: Cost, theta: Array, rules: list[Rule]) -> Array:
    gradient = np.zeros(theta.size)
    for k, rule in enumerate(rules):
        for c, s in zip(*rule, strict=True):
            ahead, behind = moved(theta, k, s), moved(theta, k, -s)
            with np.errstate(over="ignore", invalid="ignore"):
                gradient[k] += c * (number(f, ahead) - number(f, behind))
    return finite(gradient)


def moved(theta: Array, which: int | Array, shift: float) -> Array:
    """Return theta with one parameter shifted, or all by an array of signs times the shift."""
    lost = np.spacing(np.abs(theta)) > 1e-3 * abs(shift)
    if isinstance(which, int):
        lost[np.arange(theta.size) != which] = False
        result = theta.copy()
        result[which] += shift
    else:
        result = theta + shift * which
    if lost.any():
        raise ValueError(
            f"theta must be small enough for a shift of {abs(shift):.3g} to show; "
            f"got {theta[lost][0]:g}."
        )
    return result


def finite(gradient: Array) -> Array:
    """Return the gradient, if no difference of two values has overflowed."""
    if not np.isfinite(gradient).all():
        raise ValueError("f must change little enough for a finite gradient; got NaN or infinity.")
    return gradient


def number(f: Callable[..., float], *arguments: object) -> float:
    """Return what f gives, if it is one finite real number."""
    if not callable(f):
        raise TypeError(f"f must be a function; got {f!r}.")
    value = f(*arguments)
    try:
        if isinstance(value, (bool, np.bool_)) or np.ndim(value) != 0:
            raise TypeError
        return float(_checks.array(value, "f", ndim=0))
    except (TypeError, ValueError):
        seen = _checks.shown(value)
        raise ValueError(f"f must return one finite real number; got {seen}.") from None
