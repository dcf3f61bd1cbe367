"""QAOA on any function of bits, with its derivatives. Public through optimization."""

from typing import Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._rotations import Mixer

_LARGEST_PHASE = 1e8  # radians: beyond it a phase is off by more than 1e-8
_LARGEST_VALUE = 1e150  # derivatives hold its square


def qaoa_state(values: ArrayLike, gammas: ArrayLike, betas: ArrayLike) -> Array:
    r"""Compute the state of the quantum approximate optimisation algorithm (QAOA).

    .. math:: |\gamma, \beta\rangle = e^{-i\beta_p \sum_k X_k} e^{-i\gamma_p C} \cdots
        e^{-i\beta_1 \sum_k X_k} e^{-i\gamma_1 C}\, |+\rangle^{\otimes n}

    with :math:`C|b\rangle = C(b)|b\rangle`, **to be made large**. Where a cost is minus the cut, as
    in PennyLane, :math:`\gamma` has the other sign.

    Parameters
    ----------
    values : array_like of float, shape (2**n,)
        What each assignment is worth, such as :func:`cut_values`; qubit 0 is the most significant
        bit. n is at least 1.
    gammas, betas : array_like of float, shape (p,)
        Angles of the p layers in radians; p may be 0.

    Returns
    -------
    ndarray of complex128, shape (2**n,)

    Raises
    ------
    ValueError, TypeError
        If a shape is not as above, an entry is not real and finite, a value is above 1e150, a
        phase :math:`\gamma C` above 1e8, where its digits are lost, or the state doesn't fit into
        memory.

    Notes
    -----
    With other phases the mixer is a real rotation, applied to four qubits at a time by products
    of small matrices. Values that read the same from both ends, as cuts do, need half the state.
    Source: arXiv:1411.4028. Used in the chapter *Optimisation*, ``applications/optimization``.

    Examples
    --------
    One edge: at these angles the cut is found with certainty.

    >>> state = qaoa_state([0, 1, 1, 0], [np.pi / 2], [np.pi / 8])
    >>> (abs(state) ** 2).round(6)
    array([0. , 0.5, 0.5, 0. ])
    """
    c, gamma, beta, mixer = _checked(values, gammas, betas)
    state = mixer.start()
    for g, b in zip(gamma, beta, strict=True):
        state = mixer.rotate(_phase(state, np.cos(g * c), np.sin(g * c)), b)
    return mixer.finish(state)


@overload
def qaoa_expectation(
    values: ArrayLike, gammas: ArrayLike, betas: ArrayLike, *, gradient: Literal[False] = ...
) -> float: ...


@overload
def qaoa_expectation(
    values: ArrayLike, gammas: ArrayLike, betas: ArrayLike, *, gradient: Literal[True]
) -> tuple[float, Array, Array]: ...


def qaoa_expectation(
    values: ArrayLike, gammas: ArrayLike, betas: ArrayLike, *, gradient: bool = False
) -> float | tuple[float, Array, Array]:
    r"""Compute the mean value that QAOA measures, and its derivatives.

    .. math:: F(\gamma, \beta) = \langle\gamma,\beta|\, C\, |\gamma,\beta\rangle
        = \sum_b |\langle b|\gamma,\beta\rangle|^2\, C(b)

    Parameters
    ----------
    values, gammas, betas : array_like
        As for :func:`qaoa_state`.
    gradient : bool
        Whether to return the derivatives too.

    Returns
    -------
    float, or tuple of float, ndarray of shape (p,), ndarray of shape (p,)
        F; with ``gradient``, also :math:`\partial F/\partial\gamma_l` and
        :math:`\partial F/\partial\beta_l`.

    Raises
    ------
    ValueError, TypeError
        As :func:`qaoa_state`.

    Notes
    -----
    All derivatives come from one pass forward and one back (adjoint differentiation,
    arXiv:2009.02823), for the price of about three states; one state a layer is kept. Used in the
    chapter *Optimisation*, ``applications/optimization``.

    Examples
    --------
    >>> round(qaoa_expectation([0, 1, 1, 0], [np.pi / 2], [np.pi / 8]), 6)
    1.0
    >>> value, by_gamma, by_beta = qaoa_expectation([0, 1, 1, 0], [0.0], [0.2], gradient=True)
    >>> round(value, 6), by_gamma.round(6)  # sin(0.8) / 2
    (0.5, array([0.358678]))
    """
    gradient = _checks.boolean(gradient, "gradient")
    c, gamma, beta, mixer = _checked(values, gammas, betas, kept=gradient)
    state, layers = mixer.start(), []
    for g, b in zip(gamma, beta, strict=True):
        cos, sin = np.cos(g * c), np.sin(g * c)
        state = _phase(state, cos, sin)
        if gradient:
            layers.append((state, cos, sin))
        state = mixer.rotate(state, b)
    value = float(c @ (state[0] ** 2 + state[1] ** 2))
    if not gradient:
        return value
    by_gamma, by_beta = np.zeros(len(gamma)), np.zeros(len(beta))
    back = c * state
    for k in range(len(gamma) - 1, -1, -1):
        state, cos, sin = layers.pop()
        back = mixer.rotate(back, -beta[k])
        by_beta[k] = 2 * np.vdot(back, mixer.generate(state))
        by_gamma[k] = 2 * (c @ (back[0] * state[1] - back[1] * state[0]))
        back = _phase(back, cos, -sin)
    return value, by_gamma, by_beta


def _phase(state: Array, cos: Array, sin: Array) -> Array:
    """Return the state times exp(-i phase)."""
    result = state * cos
    result[0] += state[1] * sin
    result[1] -= state[0] * sin
    return result


def _checked(
    values: ArrayLike, gammas: ArrayLike, betas: ArrayLike, *, kept: bool = False
) -> tuple[Array, Array, Array, Mixer]:
    """Return values, or half of them where these are enough, angles, and the mixer."""
    c = _checks.array(values, "values", ndim=1)
    n = len(c).bit_length() - 1
    if n < 1 or len(c) != 2**n:
        raise ValueError(f"values must have shape (2**n,) with n at least 1; got {c.shape}.")
    if (largest := np.abs(c).max()) > _LARGEST_VALUE:
        raise ValueError(f"values must be at most {_LARGEST_VALUE:g} in size; got {largest}.")
    angles = []
    for given, name in ((gammas, "gammas"), (betas, "betas")):
        angle = _checks.array(given, name, ndim=None)
        if angle.ndim != 1:
            raise ValueError(f"{name} must be a 1-D array; got shape {angle.shape}.")
        angles.append(angle)
    gamma, beta = angles
    if len(gamma) != len(beta):
        raise ValueError(
            "gammas and betas must be equally many, one of each a layer; got "
            f"{len(gamma)} and {len(beta)}."
        )
    with np.errstate(over="ignore"):
        phase = np.abs(gamma).max(initial=0) * largest
    if not phase <= _LARGEST_PHASE:
        raise ValueError(
            f"gammas times values must be at most {_LARGEST_PHASE:g} in size, or phases lose their "
            f"digits; got {phase}."
        )
    folded = n > 1 and bool(np.array_equal(c, c[::-1]))
    if folded:
        c = c[: len(c) // 2].copy()
    arrays = 18 if folded else 16  # as long as c, of which each layer keeps 4 for derivatives
    _checks.memory(8 * len(c) * (arrays + 4 * kept * len(gamma)), f"QAOA on {n} qubits")
    return c, gamma, beta, Mixer(n, folded=folded)
