"""First derivatives of many circuits at once. Public through trainability.

The one-qubit gates of a layer are fused into blocks of three qubits, so that a layer is a few
small matrix products over a chunk of circuits. Chunks are small enough to stay in cache, and
run in as many threads as there are processors.
"""

from collections.abc import Sequence
from functools import reduce

import numpy as np
from joblib import Parallel, cpu_count, delayed
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ..ansatz._circuits import Ansatz, checked, rotations
from ..simulator import PAULIS, cz_signs

COSTS = ("global", "local", "zz")
_BLOCK = 3  # qubits fused into one gate
_CHUNK = 2**16  # amplitudes a chunk of circuits holds: half a megabyte
_ANGLES = 2**17  # angles a chunk holds at most, where the circuits are small and deep
_ROWS = 2**9  # rows of one product: above, OpenBLAS would start threads of its own


def cost_diagonal(cost: str, n_qubits: int) -> Array:
    """Return the diagonal of a cost's observable, shape (2**n_qubits,)."""
    if cost == "global":
        return np.eye(1, 2**n_qubits)[0]
    if cost == "zz":
        return np.repeat([1.0, -1.0, -1.0, 1.0], 2 ** (n_qubits - 2))
    zeros = np.zeros(1)
    for _ in range(n_qubits):
        zeros = np.add.outer(zeros, [1.0, 0.0]).ravel()
    return zeros / n_qubits


def first_derivatives(
    ansaetze: Sequence[Ansatz], thetas: Sequence[ArrayLike] | Array, cost: str
) -> Array:
    r"""Compute the derivative of a cost by the first angle, for many circuits at once.

    .. math:: \partial_1 \langle\psi|O|\psi\rangle = 2\,\mathrm{Re}\,
        \langle\psi|O|\partial_1\psi\rangle, \quad
        |\partial_1\psi\rangle = U_{\text{rest}}\,(-\tfrac{i}{2} P_1)\, U_1 |0\rangle

    Parameters
    ----------
    ansaetze : list of n Ansatz
        Each with its own axes, CZ gates, start and size; those of one size run together.
    thetas : ndarray, shape (n, n_parameters), or list of n arrays
        Angles in radians, for each circuit its own.
    cost : {"global", "local", "zz"}
        As in :func:`gradient_variance`.

    Returns
    -------
    ndarray of float, shape (n,)
        Exact up to single precision: errors stay below 1e-6.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or ``zz`` meets a circuit of one qubit.

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
    ansaetze = [checked(a, f"ansaetze[{i}]") for i, a in enumerate(ansaetze)]
    if not ansaetze or len(thetas) != len(ansaetze):
        raise ValueError(
            f"thetas must hold one vector for each of one ansatz or more; got {len(thetas)} for "
            f"{len(ansaetze)}."
        )
    angles = [_angles(a, t, i) for i, (a, t) in enumerate(zip(ansaetze, thetas, strict=True))]
    alike: dict[object, list[int]] = {}
    for i, a in enumerate(ansaetze):
        alike.setdefault((a.axes.shape, tuple(map(tuple, a.pairs))), []).append(i)
    chunks = []
    for members in alike.values():
        first = ansaetze[members[0]]
        if cost == "zz" and first.n_qubits < 2:
            raise ValueError("cost must be 'global' or 'local' for one qubit; got 'zz'.")
        size = max(1, min(_CHUNK // 2 ** (first.n_qubits + 1), _ANGLES // first.n_parameters))
        chunks += [members[s : s + size] for s in range(0, len(members), size)]
    parts = Parallel(min(cpu_count(), len(chunks)), require="sharedmem")(
        delayed(_chunk_derivatives)(
            [ansaetze[i] for i in c], np.array([angles[i] for i in c]), cost
        )
        for c in chunks
    )
    result = np.empty(len(ansaetze))
    result[np.concatenate(chunks)] = np.concatenate(parts)
    return result


def _angles(ansatz: Ansatz, theta: ArrayLike, i: int) -> Array:
    angles = _checks.array(theta, f"thetas[{i}]", ndim=1)
    if len(angles) != ansatz.n_parameters:
        raise ValueError(f"thetas[{i}] must hold {ansatz.n_parameters} angles; got {len(angles)}.")
    return angles


def working_memory(n_qubits: int, n_samples: int) -> int:
    """Return the bytes of states held at once: in each thread one chunk, of a circuit or more."""
    # A circuit has two states of complex64, as much room for the next layer's, and temporaries.
    return min(cpu_count(), n_samples) * max(24 * _CHUNK, 52 * 2 ** min(n_qubits, 900))


def _chunk_derivatives(ansaetze: list[Ansatz], thetas: Array, cost: str) -> Array:
    """Run circuits of one size and one set of pairs; all else is each circuit's own."""
    n, model = len(ansaetze), ansaetze[0]
    diagonal = cost_diagonal(cost, model.n_qubits).astype(np.float32)
    axes = np.stack([a.axes for a in ansaetze])
    gates = rotations(axes, thetas.reshape(axes.shape))  # (n, layers, qubits, 2, 2)
    start = rotations(np.array(2), np.array([a.start for a in ansaetze]))
    gates[:, 0] = gates[:, 0] @ start[:, None]
    gates = np.moveaxis(gates.astype(np.complex64), 2, 0)
    blocks = [reduce(_kron, gates[k : k + _BLOCK]) for k in range(0, model.n_qubits, _BLOCK)]
    # Two states a circuit, psi and its derivative, evolve side by side.
    states = np.zeros((n, 2, diagonal.size), dtype=np.complex64)
    states[:, :, 0] = 1
    spare = np.empty_like(states)
    generator = (-0.5j * PAULIS[axes[:, 0, 0]]).astype(np.complex64)
    # Signs are real: multiplying the real and imaginary parts takes a fraction of the time.
    signs = np.repeat(cz_signs(model.n_qubits, model.pairs).astype(np.float32), 2)
    entangled = np.stack([a.entangle for a in ansaetze], axis=1)
    for layer, entangle in enumerate(entangled):
        for block in blocks:
            _rotate(states, block[:, layer], spare)
            states, spare = spare, states
        if layer == 0:
            half = states[:, 1].reshape(n, 2, -1)
            states[:, 1] = (generator @ half).reshape(n, -1)
        parts = states.view(np.float32)
        if entangle.all():
            parts *= signs
        elif entangle.any():
            parts[entangle] *= signs
    psi, derivative = states[:, 0], states[:, 1]
    overlap = np.einsum("nj,nj,j->n", psi.conj(), derivative, diagonal, dtype=np.complex128)
    return 2 * overlap.real


def _rotate(states: Array, gates: Array, out: Array) -> None:
    """Apply one gate to the leading qubits, which go to the end of the index in ``out``.

    After all blocks of a layer the order is the old one and no transpose was needed.
    """
    n, copies, size = states.shape
    width = gates.shape[-1]
    rows = min(_ROWS, size // width)
    tensor = states.reshape(n, copies, width, -1, rows).transpose(0, 1, 3, 4, 2)
    np.matmul(tensor, gates.swapaxes(1, 2)[:, None, None], out=out.reshape(tensor.shape))


def _kron(a: Array, b: Array) -> Array:
    """Return the Kronecker products of two stacks of square matrices."""
    width = a.shape[-1] * b.shape[-1]
    product = a[..., :, None, :, None] * b[..., None, :, None, :]
    return product.reshape(*a.shape[:-2], width, width)
