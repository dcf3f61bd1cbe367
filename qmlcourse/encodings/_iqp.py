"""IQP encoding: features and their products are phases between layers of Hadamards."""

import numpy as np

from .. import _checks
from .._typing import Array
from ..simulator import applied
from ._encoding import BANDWIDTH, ENTANGLE, Cost, Encoding, Option, finite_phases, one_a_feature

_CHUNK = 2**22  # bytes of states made at once, so that they stay in a processor's cache


def states(X: Array, bandwidth: float, n_repeats: int, entangle: bool) -> Array:
    """Return the states after each layer of Hadamards and its diagonal of phases."""
    X = bandwidth * X
    n, d = X.shape
    # Repeated, the diagonal is used again, and must have entries of modulus 1.
    diagonal = np.empty((n, 2**d), dtype=complex)
    diagonal[:, 0] = 1 if n_repeats > 1 else 1 / np.sqrt(2**d)
    size = max(1, _CHUNK // (16 * 2**d))
    for start in range(0, n, size):
        rows = slice(start, start + size)
        _diagonal(X[rows], entangle, diagonal[rows])
    result = diagonal / np.sqrt(2**d) if n_repeats > 1 else diagonal
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    for _ in range(n_repeats - 1):
        for k in range(d):
            result = applied(result, hadamard, [k])
        result *= diagonal
    return result


def _diagonal(X: Array, entangle: bool, diagonal: Array) -> None:
    """Fill rows with the diagonal of phases times their first entry, a qubit at a time."""
    n, d = X.shape
    phases = np.empty((n, 2 ** (d - 1)), dtype=complex)
    for k in reversed(range(d)):
        # Phases of gates on qubit k, one by one: their sum would lose the small beside the large.
        phases[:, 0] = np.exp(-0.5j * X[:, k])
        size = 1
        for j in reversed(range(k + 1, d)) if entangle else ():
            # Where bit j is 1, Z_j Z_k turns the other way.
            _double(phases, size, np.exp(-0.5j * (X[:, j] * X[:, k]))[:, None])
            size *= 2
        _double(diagonal, 2 ** (d - 1 - k), phases[:, :size])


def _double(values: Array, size: int, phase: Array) -> None:
    """Write behind the first columns what a 1 in a new first bit makes of them, then what a 0."""
    first = values[:, :size]
    np.multiply(first, phase.conj(), out=values[:, size : 2 * size])
    first *= phase


def gates(n_features: int, n_repeats: int, entangle: bool, **options: object) -> Cost:
    """Count H and RZ on each qubit, and two CNOTs around an RZ for each pair."""
    d = n_features
    pairs = d * (d - 1) // 2 if entangle else 0
    depth = 2 * n_repeats
    if pairs:
        # From three qubits on, a repetition begins before the one before it has ended.
        first, more = (5, 5) if d == 2 else (6 * d - 7, 3 * d + 2)
        depth = first + (n_repeats - 1) * more
    return Cost(depth, (2 * d + 3 * pairs) * n_repeats, 2 * pairs * n_repeats)


def check(X: Array, name: str, bandwidth: float, entangle: bool, **options: object) -> None:
    """Raise if a phase overflows, or would if a second feature were as large."""
    with np.errstate(over="ignore"):
        phases = bandwidth * X
        finite_phases(phases**2 if entangle else phases, name, "iqp")


OPTIONS = {
    "bandwidth": BANDWIDTH,
    "n_repeats": Option(1, _checks.integer),
    "entangle": ENTANGLE,
}
IQP = Encoding("iqp", OPTIONS, one_a_feature, states, gates, check)
