"""First derivatives of many circuits at once. Public through trainability.

The one-qubit gates of a layer are fused into blocks of three qubits, so that a layer is a few
small matrix products over the whole batch.
"""

from functools import reduce

import numpy as np

from . import _checks
from .ansatz import Ansatz, rotations
from .simulator import PAULIS, cz_signs

COSTS = ("global", "local", "zz")
_BLOCK = 3  # qubits fused into one gate
_CHUNK = 2**17  # amplitudes a chunk of circuits holds: two megabytes, so it stays in cache


def cost_diagonal(cost: str, n_qubits: int) -> np.ndarray:
    """Return the diagonal of a cost's observable, shape (2**n_qubits,)."""
    bits = (np.arange(2**n_qubits) >> np.arange(n_qubits)[::-1, None]) & 1
    if cost == "global":
        return (bits.sum(axis=0) == 0).astype(float)
    if cost == "local":
        return 1.0 - bits.mean(axis=0)
    return (1.0 - 2.0 * bits[0]) * (1.0 - 2.0 * bits[1])


def first_derivatives(ansaetze: list[Ansatz], thetas: np.ndarray, cost: str) -> np.ndarray:
    r"""Compute the derivative of a cost by the first angle, for many circuits at once.

    .. math:: \partial_1 \langle\psi|O|\psi\rangle = 2\,\mathrm{Re}\,
        \langle\psi|O|\partial_1\psi\rangle, \quad
        |\partial_1\psi\rangle = U_{\text{rest}}\,(-\tfrac{i}{2} P_1)\, U_1 |0\rangle

    Parameters
    ----------
    ansaetze : list of n Ansatz
        All with the same numbers of layers and qubits and the same CZ gates.
    thetas : ndarray, shape (n, n_parameters)
        Angles in radians.
    cost : {"global", "local", "zz"}
        As in :func:`gradient_variance`.

    Returns
    -------
    ndarray of float, shape (n,)
        Exact up to single precision: errors stay below 1e-6.

    Raises
    ------
    ValueError
        If ``cost`` is another name.

    Notes
    -----
    Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> one = Ansatz(np.array([[1]]), np.array([False]))  # RX: cost cos^2(theta / 2)
    >>> first_derivatives([one], np.array([[np.pi / 2]]), "global").round(6)
    array([-0.5])
    """
    _checks.choice(cost, "cost", COSTS)
    first = ansaetze[0]
    diagonal = cost_diagonal(cost, first.n_qubits).astype(np.float32)
    size = max(1, _CHUNK // 2 ** (first.n_qubits + 1))
    return np.concatenate(
        [
            _chunk_derivatives(ansaetze[s : s + size], thetas[s : s + size], diagonal)
            for s in range(0, len(ansaetze), size)
        ]
    )


def _chunk_derivatives(
    ansaetze: list[Ansatz], thetas: np.ndarray, diagonal: np.ndarray
) -> np.ndarray:
    n, model = len(ansaetze), ansaetze[0]
    axes = np.stack([a.axes for a in ansaetze])
    gates = rotations(axes, thetas.reshape(axes.shape))  # (n, layers, qubits, 2, 2)
    start = rotations(np.array(2), np.array(model.start))
    gates[:, 0] = gates[:, 0] @ start
    gates = gates.astype(np.complex64)
    signs = cz_signs(model.n_qubits, model.pairs).astype(np.float32)
    # Two states a circuit, psi and its derivative, evolve side by side.
    states = np.zeros((n, 2, diagonal.size), dtype=np.complex64)
    states[:, :, 0] = 1
    generator = (-0.5j * PAULIS[axes[:, 0, 0]]).astype(np.complex64)
    for layer, entangle in enumerate(model.entangle):
        states = _rotate_all(states, gates[:, layer])
        if layer == 0:
            half = states[:, 1].reshape(n, 2, -1)
            states[:, 1] = (generator @ half).reshape(n, -1)
        if entangle:
            states *= signs
    psi, derivative = states[:, 0], states[:, 1]
    overlap = np.einsum("nj,nj,j->n", psi.conj(), derivative, diagonal, dtype=np.complex128)
    return 2 * overlap.real


def _rotate_all(states: np.ndarray, gates: np.ndarray) -> np.ndarray:
    """Apply one gate to each qubit, three qubits at a time.

    Each product takes the leading block of qubits to the end of the index, so after all
    blocks the order is the old one and no transpose was needed.
    """
    n, copies, size = states.shape
    for k in range(0, gates.shape[1], _BLOCK):
        block = reduce(_kron, np.moveaxis(gates[:, k : k + _BLOCK], 1, 0))
        width = block.shape[-1]
        tensor = states.reshape(n, copies, width, size // width)
        states = tensor.swapaxes(2, 3) @ block.swapaxes(1, 2)[:, None]
        states = states.reshape(n, copies, size)
    return states


def _kron(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    rows, columns = a.shape[1] * b.shape[1], a.shape[2] * b.shape[2]
    return (a[:, :, None, :, None] * b[:, None, :, None, :]).reshape(len(a), rows, columns)
