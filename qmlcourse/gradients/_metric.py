"""The geometry of the states: how far they move, and steepest descent measured by it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._shift_rules import Cost, Frequencies, moved, parameter_shift

State = Callable[[Array], Array]


def metric_tensor(state: State, theta: ArrayLike) -> Array:
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
    Source: arXiv:1909.02108. Used in the chapter *Natural gradient*.

    Examples
    --------
    >>> rx = lambda t: np.array([np.cos(t[0] / 2), -1j * np.sin(t[0] / 2)])
    >>> metric_tensor(rx, [0.0])
    array([[0.25]])
    """
    point = _checks.array(theta, "theta", ndim=1)
    psi = _vector(state, point)
    _checks.memory(3 * point.size * psi.nbytes, f"{point.size} derivatives of the state")
    there = (moved(point, k, np.pi) for k in range(point.size))
    derivatives = np.array([_vector(state, theta) for theta in there]) / 2
    along = derivatives.conj() @ psi  # <d_k|psi>: motion of the phase only, not of the state
    return (derivatives.conj() @ derivatives.T - np.outer(along, along.conj())).real


def natural_gradient(
    f: Cost,
    theta: ArrayLike,
    *,
    state: State,
    regularization: float = 1e-6,
    frequencies: Frequencies = (1.0,),
) -> Array:
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
    Source: arXiv:1909.02108. Used in the chapter *Natural gradient*.

    Examples
    --------
    >>> rx = lambda t: np.array([np.cos(t[0] / 2), -1j * np.sin(t[0] / 2)])
    >>> # The gradient is -1, the metric 1/4.
    >>> natural_gradient(lambda t: np.cos(t[0]), [np.pi / 2], state=rx).round(3)
    array([-4.])
    """
    regularization = _checks.real(regularization, "regularization")
    if regularization < 0:
        raise ValueError(f"regularization must be at least 0; got {regularization:g}.")
    g = metric_tensor(state, theta)
    matrix = g + regularization * np.eye(len(g))
    if np.linalg.matrix_rank(matrix, hermitian=True) < len(g):
        raise ValueError(f"regularization must make the metric invertible; got {regularization}.")
    return np.linalg.solve(matrix, parameter_shift(f, theta, frequencies))


def _vector(state: State, theta: Array) -> Array:
    if not callable(state):
        raise TypeError(f"state must be a function; got {state!r}.")
    try:
        psi = _checks.numeric(state(theta.copy()), "state")
    except (TypeError, ValueError) as error:
        raise ValueError(f"state must return 2**q amplitudes: {error}") from None
    psi = psi if psi.dtype.kind in "fc" else psi.astype(float)
    if psi.ndim != 1 or psi.size < 2 or psi.size & (psi.size - 1):
        raise ValueError(f"state must return 2**q amplitudes; got {psi.dtype}, shape {psi.shape}.")
    if not abs(np.linalg.norm(psi) - 1) < 1e-5:  # catches NaN; allows single precision
        raise ValueError(f"state must return a unit vector; got norm {np.linalg.norm(psi):g}.")
    return psi.astype(np.complex128)
