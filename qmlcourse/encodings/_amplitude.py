"""Amplitude encoding: the normalised features are the amplitudes, padded with zeros."""

import numpy as np

from .._typing import Array
from ._encoding import Encoding, Gates


def n_qubits(n_features: int) -> int:
    """Return the qubits with room for that many amplitudes, at least 1."""
    return max(1, (n_features - 1).bit_length())


def states(X: Array) -> Array:
    """Return the rows divided by their norms."""
    # Dividing by the largest entry first keeps the norm of huge or tiny rows in range.
    X = X / np.abs(X).max(axis=1, keepdims=True)
    result = np.zeros((len(X), 2 ** n_qubits(X.shape[1])), dtype=complex)
    result[:, : X.shape[1]] = X / np.linalg.norm(X, axis=1, keepdims=True)
    return result


def gates(n_features: int) -> Gates:
    """List the RY cascade for real features (arXiv:quant-ph/0407010)."""
    result: Gates = [(0,)]
    for target in range(1, n_qubits(n_features)):
        # A rotation for each setting of the earlier qubits, CNOTs in Gray-code order between.
        for step in range(1, 2**target + 1):
            changed = (step & -step).bit_length() - 1 if step < 2**target else target - 1
            result += [(target,), (target - 1 - changed, target)]
    return result


def check(X: Array, name: str) -> None:
    """Raise if a row has no direction."""
    zero = ~X.any(axis=1)
    if zero.any():
        raise ValueError(
            f"{name} must have no zero vector for the amplitude encoding; "
            f"row {int(np.argmax(zero))} is all zeros."
        )


AMPLITUDE = Encoding("amplitude", {}, n_qubits, states, gates, check)
