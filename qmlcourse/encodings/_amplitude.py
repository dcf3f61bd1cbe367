"""Amplitude encoding: the normalised features are the amplitudes, padded with zeros."""

import numpy as np

from .._typing import Array
from ._encoding import Cost, Encoding


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


def gates(n_features: int) -> Cost:
    """Count the RY cascade for real features (arXiv:quant-ph/0407010).

    Qubit k takes a rotation for each setting of the k before it, CNOTs in Gray-code order
    between. The next qubit's first rotation doesn't wait for its last CNOT.
    """
    q = n_qubits(n_features)
    return Cost(2 ** (q + 1) - q - 2, 2 ** (q + 1) - 3, 2**q - 2)


def check(X: Array, name: str) -> None:
    """Raise if a row has no direction."""
    zero = ~X.any(axis=1)
    if zero.any():
        raise ValueError(
            f"{name} must have no zero vector for the amplitude encoding; "
            f"row {int(np.argmax(zero))} is all zeros."
        )


AMPLITUDE = Encoding("amplitude", {}, n_qubits, states, gates, check)
