"""Sampling of shadows: measurements that agree so far share a state. Public through shadows."""

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._shadow import Shadow

_TOGETHER = 2**20  # amplitudes that are worked on together
_NORM = 1e-5  # how far a squared norm may be from 1


def sample(states: ArrayLike, n: int, *, rng: np.random.Generator) -> Shadow:
    r"""Measure states, each time every qubit in X, Y or Z by chance.

    .. math:: p(b \mid P_1 \ldots P_q) = |\langle b|\, U_{P_1} \otimes \ldots \otimes U_{P_q}
        \,|\psi\rangle|^2, \qquad P_k \in \{X, Y, Z\}\ \text{evenly and independently}

    where :math:`U_P` turns the eigenvectors of P into :math:`|0\rangle` and :math:`|1\rangle`.

    Parameters
    ----------
    states : array, shape (2**n_qubits,) or (n_states, 2**n_qubits)
        Amplitudes of norm 1, qubit 0 the most significant bit.
    n : int
        Measurements of each state, at least 1; each takes a new copy of it.
    rng : numpy.random.Generator

    Returns
    -------
    Shadow
        With arrays of shape (n, n_qubits), or (n_states, n, n_qubits) for rows of states.

    Raises
    ------
    ValueError, TypeError
        If the states are not as above, ``n`` is below 1, ``rng`` is no Generator, or the
        result doesn't fit into memory.

    Notes
    -----
    The qubits are measured one after another. Measurements with the same bases and outcomes so
    far share what is left of the state, half as many amplitudes with each qubit: for many
    measurements that is far less work than a full state for each. Source: arXiv:2002.08953. Used
    in the chapter *Quantum data*, ``applications/quantum_data``.

    Examples
    --------
    >>> shadow = sample([1, 0, 0, 0], 1000, rng=np.random.default_rng(0))
    >>> shadow
    <Shadow of 1000 measurements on 2 qubits>
    >>> int(shadow.bits[shadow.bases == 2].max())  # in the basis Z always 0
    0
    """
    rows = _rows(states)
    n = _checks.integer(n, "n")
    rng = _checks.generator(rng)
    one, q = np.ndim(states) == 1, rows.shape[1].bit_length() - 1
    total = len(rows) * n
    most = min(total, _most(n, q))
    # Bases and bits here and in the result; what a part holds of each measurement and amplitude.
    _checks.memory(
        4 * total * q + 90 * most + 44 * _amplitudes(most, n, q) + 16 * rows.size + 2**15,
        f"n={_checks.shown(n)} measurements of {len(rows)} states of {q} qubits",
    )
    bases = rng.integers(0, 3, (total, q), dtype=np.uint8)
    bits = np.empty_like(bases)
    for begin in range(0, total, most):
        part = slice(begin, min(begin + most, total))
        owner = np.arange(part.start, part.stop) // n
        first, last = int(owner[0]), int(owner[-1])
        bits[part] = _outcomes(rows[first : last + 1], owner - first, bases[part], rng)
    shape = (n, q) if one else (len(rows), n, q)
    return Shadow(bits.reshape(shape), bases.reshape(shape))


def _most(n: int, q: int) -> int:
    """Return how many measurements are worked on together."""
    most = 1
    while most < _TOGETHER and _amplitudes(2 * most, n, q) <= _TOGETHER:
        most *= 2
    return most


def _amplitudes(m: int, n: int, q: int) -> int:
    """Return how many amplitudes m measurements hold at once, n of them of each state."""
    owners = (m - 1) // n + 1
    # After k qubits a state has 6^k pasts at most, and each is then measured in three bases.
    return max(min(m, 3 * owners * 6**k) << (q - k) for k in range(q))


def _outcomes(nodes: Array, node: Array, bases: Array, rng: np.random.Generator) -> Array:
    """Return bits, shape (n, q), of measurements whose state stands at ``nodes[node]``."""
    bits = np.empty_like(bases)
    for k in range(bases.shape[1]):
        # Each pair of a state and a basis once.
        pair, which = np.unique(3 * node + bases[:, k], return_inverse=True)
        left = _projected(nodes, pair // 3, pair % 3)
        weight = (left.real**2 + left.imag**2).sum(axis=-1)
        zero = weight[:, 0] / weight.sum(axis=1)
        bits[:, k] = rng.random(len(node)) >= zero[which]
        kept, node = np.unique(2 * which + bits[:, k], return_inverse=True)
        nodes = left.reshape(2 * len(left), -1)[kept]
        nodes /= np.sqrt(weight.ravel()[kept])[:, None]
    return bits


def _projected(nodes: Array, node: Array, basis: Array) -> Array:
    """Return what outcomes 0 and 1 of the first qubit leave, shape (pairs, 2, amplitudes)."""
    halves = nodes.reshape(len(nodes), 2, -1)
    left = halves[node]
    for code, phase in ((0, 1), (1, -1j)):  # X and Y; Z leaves the halves as they are
        at = np.flatnonzero(basis == code)
        first, second = halves[node[at], 0], phase * halves[node[at], 1]
        left[at, 0] = (first + second) * np.sqrt(0.5)
        left[at, 1] = (first - second) * np.sqrt(0.5)
    return left


def _rows(states: ArrayLike) -> Array:
    """Return states as rows of complex amplitudes."""
    given = _checks.numeric(states, "states")
    size = given.shape[-1] if given.ndim in (1, 2) else 0
    if size < 2 or size & (size - 1) or given.size == 0:
        raise ValueError(
            "states must have shape (2**n_qubits,) or (n_states, 2**n_qubits), with a qubit and a "
            f"state at least; got {given.shape}."
        )
    _checks.memory(32 * given.size, f"states of shape {given.shape}")
    try:
        with np.errstate(over="ignore"):
            rows = np.array(given, dtype=np.complex128, ndmin=2)
    except (OverflowError, ValueError):
        raise ValueError("states must hold numbers that fit a float; got another.") from None
    if not np.isfinite(rows).all():
        raise ValueError("states must hold finite numbers; got NaN or infinity.")
    with np.errstate(over="ignore"):
        norms = (rows.real**2 + rows.imag**2).sum(axis=1)
    if not (np.abs(norms - 1) <= _NORM).all():
        worst = norms[np.argmax(np.abs(norms - 1))]
        raise ValueError(f"states must have norm 1; got a squared norm of {worst:.6g}.")
    return rows
