r"""A batched statevector simulator: many small circuits at once, in NumPy.

A state of q qubits is a row of :math:`2^q` complex amplitudes; qubit 0 is the most
significant bit of the index. The chapter *Circuits* builds the same
simulator by hand and checks it against PennyLane, Cirq and TensorFlow Quantum.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from ._typing import Array

__all__ = ["PAULIS", "apply", "bloch_vectors", "probabilities", "rotation", "zero_states"]

#: The matrices of I, X, Y, Z, stacked: shape (4, 2, 2).
PAULIS = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def zero_states(n_samples: int, n_qubits: int) -> Array:
    r"""Return ``n_samples`` copies of the state with every qubit 0.

    .. math:: |0\rangle^{\otimes q} = (1, 0, \ldots, 0)

    Parameters
    ----------
    n_samples, n_qubits : int
        Both at least 1.

    Returns
    -------
    ndarray of complex128, shape (n_samples, 2**n_qubits)

    Raises
    ------
    ValueError
        If a number is below 1 or the states don't fit into memory.

    Notes
    -----
    Used in the chapter *Circuits*.

    Examples
    --------
    >>> zero_states(1, 2).real
    array([[1., 0., 0., 0.]])
    """
    n_samples = _checks.integer(n_samples, "n_samples")
    n_qubits = _checks.integer(n_qubits, "n_qubits")
    _checks.memory(
        16 * n_samples * 2 ** min(n_qubits, 2000), f"{n_samples} states of {n_qubits} qubits"
    )
    states = np.zeros((n_samples, 2**n_qubits), dtype=np.complex128)
    states[:, 0] = 1
    return states


def n_qubits_of(states: Array) -> int:
    """Return the number of qubits of states of shape ``(n_samples, 2**n_qubits)``."""
    shape = np.shape(states)
    size = shape[-1] if len(shape) == 2 else 0
    if size < 2 or size & (size - 1):
        raise ValueError(f"states must have shape (n_samples, 2**n_qubits); got {shape}.")
    return size.bit_length() - 1


def rotation(axis: str, theta: ArrayLike) -> Array:
    r"""Return the matrices of a rotation about X, Y or Z.

    .. math:: R_P(\theta) = e^{-i\theta P/2} = \cos(\theta/2)\, I - i \sin(\theta/2)\, P

    Parameters
    ----------
    axis : {"X", "Y", "Z"}
    theta : array_like
        Angles in radians, any shape.

    Returns
    -------
    ndarray of complex128, shape theta.shape + (2, 2)

    Raises
    ------
    ValueError, TypeError
        If ``axis`` is another name, or ``theta`` holds no finite real numbers.

    Notes
    -----
    Used in the chapter *Circuits*.

    Examples
    --------
    >>> rotation("Y", np.pi).real.round(12)
    array([[ 0., -1.],
           [ 1.,  0.]])
    """
    axis = _checks.choice(axis, "axis", ("X", "Y", "Z"))
    return rotations(axis, _checks.array(theta, "theta", ndim=None))


def rotations(axis: str, theta: Array) -> Array:
    """Return what :func:`rotation` does, of arguments that are checked already."""
    pauli = PAULIS[" XYZ".index(axis)]
    half = np.asarray(theta)[..., None, None] / 2
    return np.cos(half) * PAULIS[0] - 1j * np.sin(half) * pauli


def apply(states: Array, gate: Array, wires: Sequence[int]) -> Array:
    r"""Return the states after a gate on some of their qubits.

    .. math:: |\psi\rangle \mapsto (G_{\text{wires}} \otimes I_{\text{rest}})\,|\psi\rangle

    Parameters
    ----------
    states : ndarray, shape (n_samples, 2**n_qubits)
    gate : ndarray, shape (2**k, 2**k) or (n_samples, 2**k, 2**k)
        One matrix for all samples, or one for each; it need not be unitary.
    wires : sequence of k different ints
        The first is the most significant bit of the gate's index.

    Returns
    -------
    ndarray, shape (n_samples, 2**n_qubits)

    Raises
    ------
    ValueError, TypeError
        If the wires repeat, lie outside the register or don't fit the gate, if the gate has
        neither of the shapes or an entry that is no finite number.

    Notes
    -----
    Costs :math:`2^k` multiplications an amplitude, never a :math:`2^q \times 2^q` matrix.
    Used in the chapter *Circuits*.

    Examples
    --------
    >>> cnot = np.eye(4)[[0, 1, 3, 2]]
    >>> bell = apply(zero_states(1, 2), rotation("Y", np.pi / 2), [0])
    >>> apply(bell, cnot, [0, 1]).real.round(3)
    array([[0.707, 0.   , 0.   , 0.707]])
    """
    states = _amplitudes(states)
    q = n_qubits_of(states)
    if not np.iterable(wires) or isinstance(wires, str):
        raise TypeError(f"wires must be a sequence of qubits, such as [0]; got {wires!r}.")
    wires = list(wires)
    for w in wires:
        _checks.integer(w, "each of wires", low=0)
    k = len(wires)
    if len(set(wires)) != k or max(wires, default=0) >= q:
        raise ValueError(f"wires must be different qubits from 0 to {q - 1}; got {wires}.")
    gate = _checks.numeric(gate, "gate")
    if gate.ndim not in (2, 3) or gate.shape[-2:] != (2**k, 2**k):
        raise ValueError(f"gate must be {2**k} by {2**k} for {k} wires; got shape {gate.shape}.")
    if gate.ndim == 3 and len(gate) not in (1, len(states)):
        raise ValueError(
            f"gate must be one matrix, or {len(states)} for as many samples; got {len(gate)}."
        )
    if gate.dtype.kind != "c":
        gate = _checks.array(gate, "gate", ndim=None)
    elif not np.isfinite(gate).all():
        raise ValueError("gate must hold finite numbers; got NaN or infinity.")
    return applied(states, gate, wires)


def applied(states: Array, gate: Array, wires: Sequence[int]) -> Array:
    """Return what :func:`apply` does, of arguments that are checked already."""
    q, k = n_qubits_of(states), len(wires)
    front, home = range(1, k + 1), [w + 1 for w in wires]
    tensor = np.moveaxis(np.reshape(states, (-1,) + (2,) * q), home, front)
    moved = gate @ tensor.reshape(len(states), 2**k, -1)
    return np.moveaxis(moved.reshape(tensor.shape), front, home).reshape(len(states), -1)


def _amplitudes(states: ArrayLike) -> Array:
    """Return states as floating or complex numbers: small integers would wrap around."""
    given = _checks.numeric(states, "states")
    n_qubits_of(given)
    return given if given.dtype.kind in "fc" else _checks.array(given, "states", ndim=None)


def probabilities(states: Array) -> Array:
    r"""Return the probability of each outcome when every qubit is measured.

    .. math:: p_b = |\langle b|\psi\rangle|^2

    Parameters
    ----------
    states : ndarray, shape (n_samples, 2**n_qubits)

    Returns
    -------
    ndarray of float, shape (n_samples, 2**n_qubits)
        Between 0 and 1; rows sum to 1.

    Raises
    ------
    ValueError, TypeError
        If the shape is another, or the entries are no numbers.

    Notes
    -----
    Used in the chapter *Circuits*.

    Examples
    --------
    >>> probabilities(np.array([[0.6, 0.8j]])).round(2)
    array([[0.36, 0.64]])
    """
    return np.abs(_amplitudes(states)) ** 2


def bloch_vectors(states: Array) -> Array:
    r"""Return the Bloch vector of each qubit.

    .. math:: r_{kP} = \langle\psi|P_k|\psi\rangle, \quad P \in \{X, Y, Z\}

    Parameters
    ----------
    states : ndarray, shape (n_samples, 2**n_qubits)

    Returns
    -------
    ndarray of float, shape (n_samples, n_qubits, 3)
        Each vector has length 1 for an unentangled qubit, less for an entangled one.

    Raises
    ------
    ValueError, TypeError
        If the shape is another, or the entries are no numbers.

    Notes
    -----
    Used in the chapters *Circuits* and *Quantum kernels*.

    Examples
    --------
    >>> bloch_vectors(np.array([[1, 0, 0, 1]]) / np.sqrt(2)).round(2)
    array([[[0., 0., 0.],
            [0., 0., 0.]]])
    """
    states = _amplitudes(states)
    q, n = n_qubits_of(states), len(states)
    vectors = np.empty((n, q, 3))
    for k in range(q):
        zero, one = np.moveaxis(np.reshape(states, (n, 2**k, 2, -1)), 2, 0).reshape(2, n, -1)
        coherence = np.einsum("nj,nj->n", zero.conj(), one)
        vectors[:, k, 0] = 2 * coherence.real
        vectors[:, k, 1] = 2 * coherence.imag
        vectors[:, k, 2] = (np.abs(zero) ** 2).sum(1) - (np.abs(one) ** 2).sum(1)
    return vectors


def ring_pairs(n_qubits: int) -> list[tuple[int, int]]:
    """Return the neighbours on a ring: none for one qubit, a single pair for two."""
    if n_qubits <= 2:
        return [(0, 1)] * (n_qubits - 1)
    return [(k, (k + 1) % n_qubits) for k in range(n_qubits)]


def cz_signs(n_qubits: int, pairs: Sequence[tuple[int, int]]) -> Array:
    """Return the diagonal, +1 and -1, of CZ gates on the given pairs of qubits."""
    signs = np.ones((2,) * n_qubits)
    for pair in pairs:
        signs[tuple(1 if k in pair else slice(None) for k in range(n_qubits))] *= -1
    return signs.ravel()
