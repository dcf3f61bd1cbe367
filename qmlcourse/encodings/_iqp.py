"""IQP encoding: features and their products are phases between layers of Hadamards."""

from itertools import combinations

import numpy as np

from .. import _checks
from .._typing import Array
from ..simulator import apply
from ._encoding import BANDWIDTH, ENTANGLE, Encoding, Gates, Option, finite_phases, one_a_feature


def states(X: Array, bandwidth: float, n_repeats: int, entangle: bool) -> Array:
    """Return the states after each layer of Hadamards and its diagonal of phases."""
    X = bandwidth * X
    d = X.shape[1]
    # z[k, b] is +1 where bit k of b is 0, else -1: the diagonal of Z on qubit k.
    z = 1.0 - 2.0 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    fields = X @ z
    if entangle:
        # sum_{j<k} x_j x_k z_j z_k, because z^2 = 1: no loop over the pairs.
        pairs = (fields**2 - (X**2).sum(axis=1, keepdims=True)) / 2
    diagonal = np.exp(-0.5j * (fields + pairs if entangle else fields))
    result = diagonal / np.sqrt(2**d)
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    for _ in range(n_repeats - 1):
        for k in range(d):
            result = apply(result, hadamard, [k])
        result *= diagonal
    return result


def gates(n_features: int, n_repeats: int, entangle: bool, **options: object) -> Gates:
    """List H and RZ on each qubit, and two CNOTs around an RZ for each pair."""
    single: Gates = [(k,) for k in range(n_features)]
    pairs = combinations(range(n_features), 2) if entangle else []
    zz = [wires for j, k in pairs for wires in ((j, k), (k,), (j, k))]
    return (single + single + zz) * n_repeats


def check(X: Array, name: str, bandwidth: float, entangle: bool, **options: object) -> None:
    """Raise if a phase overflows."""
    with np.errstate(over="ignore"):
        # No sum of a row is larger, whatever the signs; the little more is for its rounding.
        largest = np.abs(bandwidth * X).sum(axis=1, keepdims=True) * (1 + 1e-9)
        finite_phases(largest**2 if entangle else largest, name, "iqp")


OPTIONS = {
    "bandwidth": BANDWIDTH,
    "n_repeats": Option(1, _checks.integer),
    "entangle": ENTANGLE,
}
IQP = Encoding("iqp", OPTIONS, one_a_feature, states, gates, check)
