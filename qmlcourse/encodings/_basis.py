"""Basis encoding: bits become the basis state that they count."""

import numpy as np

from .._typing import Array
from ._encoding import Cost, Encoding, one_a_feature


def states(X: Array) -> Array:
    """Return one-hot states."""
    result = np.zeros((len(X), 2 ** X.shape[1]), dtype=complex)
    index = X.astype(int) @ (1 << np.arange(X.shape[1])[::-1])
    result[np.arange(len(X)), index] = 1
    return result


def gates(n_features: int) -> Cost:
    """Count an X for each feature: the worst case, all ones."""
    return Cost(1, n_features, 0)


def check(X: Array, name: str) -> None:
    """Raise if not all are bits."""
    other = X[~np.isin(X, (0, 1))]
    if other.size:
        raise ValueError(
            f"{name} must hold only bits, 0 or 1, for the basis encoding; got {other[0]:g}."
        )


BASIS = Encoding("basis", {}, one_a_feature, states, gates, check)
