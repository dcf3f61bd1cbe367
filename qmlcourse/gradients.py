"""Gradients of circuit outputs, from scratch: exact shift rules and sampled estimates.

A circuit is a plain function ``f`` from a float array of shape ``(n,)``, angles in radians, to
one finite real number, so the same code runs on a formula, a simulator or a device.
"""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from . import _checks

__all__ = [
    "finite_difference",
    "metric_tensor",
    "natural_gradient",
    "parameter_shift",
    "shift_rule",
    "spsa",
    "stochastic_parameter_shift",
]

Cost = Callable[[np.ndarray], float]
State = Callable[[np.ndarray], np.ndarray]
Frequencies = Sequence[float] | Sequence[Sequence[float]]
Rule = tuple[np.ndarray, np.ndarray]


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


def parameter_shift(f: Cost, theta: ArrayLike, frequencies: Frequencies = (1.0,)) -> np.ndarray:
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
    rows: list = list(frequencies) if np.iterable(frequencies) else [frequencies]
    if not any(np.iterable(row) for row in rows):
        rows = [frequencies] * point.size
    if len(rows) != point.size:
        n = f"{point.size} sequences, one per parameter"
        raise ValueError(f"frequencies must be one sequence of numbers or {n}; got {len(rows)}.")
    return _differences(f, point, [shift_rule(row) for row in rows])


def finite_difference(f: Cost, theta: ArrayLike, *, step: float = 1e-3) -> np.ndarray:
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


def spsa(
    f: Cost, theta: ArrayLike, *, step: float = 0.1, n_repeats: int = 1, rng: np.random.Generator
) -> np.ndarray:
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
    signs = _checks.generator(rng).choice([-1.0, 1.0], size=size)
    slopes = [(_number(f, point + h * d) - _number(f, point - h * d)) / (2 * h) for d in signs]
    return slopes @ signs / len(signs)


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
        The unbiased estimate and its standard error.

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
    times = _checks.generator(rng).uniform(size=n_samples).tolist()
    slopes = np.array([_number(f, s, +1) - _number(f, s, -1) for s in times])
    return float(slopes.mean()), float(slopes.std(ddof=1) / np.sqrt(n_samples))


def metric_tensor(state: State, theta: ArrayLike) -> np.ndarray:
    r"""Compute the Fubini-Study metric: how far the state moves when the parameters do.

    .. math:: g_{ij} = \mathrm{Re}\,[\langle\partial_i\psi|\partial_j\psi\rangle
              - \langle\partial_i\psi|\psi\rangle\langle\psi|\partial_j\psi\rangle]

    Gates :math:`e^{-i\theta_k P/2}` with :math:`P^2 = 1` have the derivatives
    :math:`\tfrac12\psi(\theta + \pi e_k)`, so n + 1 states, global phases kept, suffice.

    Parameters
    ----------
    state : function of an ndarray of shape (n,)
        Returns a unit vector of shape ``(2**q,)``; each parameter enters one gate only.
    theta : array_like, shape (n,)
        The point, in radians.

    Returns
    -------
    ndarray of float, shape (n, n)
        Symmetric; its diagonal lies from 0 to 1/4.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or the derivatives need more memory than there is.

    Notes
    -----
    Source: arXiv:1909.02108. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> rx = lambda t: np.array([np.cos(t[0] / 2), -1j * np.sin(t[0] / 2)])
    >>> metric_tensor(rx, [0.0])
    array([[0.25]])
    """
    point = _checks.array(theta, "theta", ndim=1)
    psi = _vector(state, point)
    _checks.memory(3 * point.size * psi.nbytes, f"{point.size} derivatives of the state")
    derivatives = np.array([_vector(state, point + np.pi * e_k) for e_k in np.eye(point.size)]) / 2
    along = derivatives.conj() @ psi  # <d_k|psi>: motion of the phase only, not of the state
    return (derivatives.conj() @ derivatives.T - np.outer(along, along.conj())).real


def natural_gradient(
    f: Cost,
    theta: ArrayLike,
    *,
    state: State,
    regularization: float = 1e-6,
    frequencies: Frequencies = (1.0,),
) -> np.ndarray:
    r"""Compute the quantum natural gradient: the gradient by how far the state moves.

    .. math:: x = (g + \lambda 1)^{-1}\, \nabla f

    with :math:`g` from :func:`metric_tensor` and :math:`\nabla f` from :func:`parameter_shift`.

    Parameters
    ----------
    f, theta, frequencies
        As in :func:`parameter_shift`.
    state
        As in :func:`metric_tensor`.
    regularization : float
        :math:`\lambda`, at least 0; 0 needs an invertible metric.

    Returns
    -------
    ndarray of float, shape (n,)

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or the matrix to invert is singular.

    Notes
    -----
    Source: arXiv:1909.02108. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> rx = lambda t: np.array([np.cos(t[0] / 2), -1j * np.sin(t[0] / 2)])
    >>> # The gradient is -1, the metric 1/4.
    >>> natural_gradient(lambda t: np.cos(t[0]), [np.pi / 2], state=rx).round(3)
    array([-4.])
    """
    if regularization != 0:
        regularization = _checks.real(regularization, "regularization", above=0)
    g = metric_tensor(state, theta)
    matrix = g + regularization * np.eye(len(g))
    if np.linalg.matrix_rank(matrix, hermitian=True) < len(g):
        raise ValueError(f"regularization must make the metric invertible; got {regularization}.")
    return np.linalg.solve(matrix, parameter_shift(f, theta, frequencies))


def _differences(f: Cost, theta: np.ndarray, rules: list[Rule]) -> np.ndarray:
    gradient = np.zeros(theta.size)
    for k, (rule, e_k) in enumerate(zip(rules, np.eye(theta.size), strict=True)):
        for c, s in zip(*rule, strict=True):
            gradient[k] += c * (_number(f, theta + s * e_k) - _number(f, theta - s * e_k))
    return gradient


def _number(f: Callable, *arguments: object) -> float:
    if not callable(f):
        raise TypeError(f"f must be a function; got {f!r}.")
    value = np.asarray(f(*arguments))
    if value.dtype.kind not in "iuf" or value.ndim != 0 or not np.isfinite(value):
        raise ValueError(f"f must return one finite real number; got {value!r}.")
    return float(value)


def _vector(state: State, theta: np.ndarray) -> np.ndarray:
    if not callable(state):
        raise TypeError(f"state must be a function; got {state!r}.")
    psi = np.asarray(state(theta.copy()))
    if psi.dtype.kind not in "fc" or psi.ndim != 1 or psi.size < 2 or psi.size & (psi.size - 1):
        raise ValueError(f"state must return 2**q amplitudes; got {psi.dtype}, shape {psi.shape}.")
    if not abs(np.linalg.norm(psi) - 1) < 1e-5:  # catches NaN; allows single precision
        raise ValueError(f"state must return a unit vector; got norm {np.linalg.norm(psi):g}.")
    return psi.astype(np.complex128)
