"""Dense matrices: the slow, plain oracle for states. Qubit 0 is the most significant bit."""

from functools import reduce

import numpy as np
from scipy.linalg import expm

I2 = np.eye(2)
PAULI = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
H = np.array([[1, 1], [1, -1]]) / np.sqrt(2)


def on(gates: dict[int, np.ndarray], n_qubits: int) -> np.ndarray:
    """Return the Kronecker product with the given gates on their qubits."""
    return reduce(np.kron, [gates.get(k, I2) for k in range(n_qubits)])


def pauli_rotation(theta: float, paulis: dict[int, str], n_qubits: int) -> np.ndarray:
    """Return exp(-i theta P / 2) of a product of Pauli matrices, by the matrix exponential."""
    return expm(-0.5j * theta * on({k: PAULI[p] for k, p in paulis.items()}, n_qubits))


def cz(i: int, j: int, n_qubits: int) -> np.ndarray:
    one = np.diag([0, 1])
    return np.eye(2**n_qubits) - 2 * on({i: one, j: one}, n_qubits)


def zero(n_qubits: int) -> np.ndarray:
    return np.eye(2**n_qubits)[0]
