"""Electrons as Pauli words (Jordan and Wigner), and the lowest energy of so many electrons."""

from itertools import combinations

import numpy as np

from .._typing import Array
from ..paulis import PauliSum, from_arrays

_DUST = 1e-12  # hartree; terms below it are what rounding left of zeros


def hamiltonian(constant: float, one: Array, two: Array) -> PauliSum:
    r"""Return the Hamiltonian of electrons in real orbitals, as a sum of Pauli words.

    .. math::

        H = c + \sum_{pq} h_{pq} E_{pq}
            + \tfrac12 \sum_{pqrs} (pq|rs) (E_{pq} E_{rs} - \delta_{qr} E_{ps}), \qquad
        E_{pq} = \sum_\sigma a^\dagger_{p\sigma} a_{q\sigma}

    Parameters
    ----------
    constant : float
    one : ndarray of shape (n, n)
    two : ndarray of shape (n, n, n, n)
        :math:`(pq|rs)`, chemists' order.

    Returns
    -------
    PauliSum
        On 2n qubits: qubit 2p is orbital p with spin up, qubit 2p + 1 with spin down.
    """
    n = len(one)
    pairs = list(zip(*np.triu_indices(n), strict=True))
    hop = [_exchange(p, q, n) for p, q in pairs]  # E_pq + E_qp, or E_pp
    effective = one - 0.5 * np.einsum("prrq->pq", two)
    total = PauliSum({"I" * (2 * n): constant})
    for k, (p, q) in enumerate(pairs):
        total += float(effective[p, q]) * hop[k]
        others = sum(float(two[p, q, r, s]) * g for (r, s), g in zip(pairs, hop, strict=True))
        if isinstance(others, PauliSum):
            total += 0.5 * (hop[k] @ others)
    kept = np.abs(total.coefficients) > _DUST
    return from_arrays(
        total.x[kept], total.z[kept], total.coefficients[kept].real, 2 * n, distinct=True
    )


def _exchange(p: int, q: int, n: int) -> PauliSum:
    """Return what moves an electron between orbitals p and q, or counts those in one."""
    terms: dict[str, float] = {}
    for spin in (0, 1):
        a, b = 2 * p + spin, 2 * q + spin
        if p == q:
            terms["I" * 2 * n] = 1.0
            terms["I" * a + "Z" + "I" * (2 * n - a - 1)] = -0.5
        else:
            for letter in "XY":
                word = "I" * a + letter + "Z" * (b - a - 1) + letter
                terms[word.ljust(2 * n, "I")] = 0.5
    return PauliSum(terms)


def sector_matrix(operator: PauliSum, n_electrons: int) -> Array:
    """Return the matrix of an operator among the basis states with so many ones.

    What leads out of them is left out: for an operator that keeps the number, nothing. States are
    ordered by their bits as a number, qubit 0 the most significant bit. At most 64 qubits.
    """
    n = operator.n_qubits
    states = np.array(
        sorted(sum(1 << (n - 1 - k) for k in on) for on in combinations(range(n), n_electrons)),
        dtype=np.uint64,
    )
    shift = np.uint64(64 - n)
    matrix = np.zeros((len(states),) * 2, dtype=complex)
    columns = np.arange(len(states))
    for x, z, c in zip(operator.x[:, 0] >> shift, operator.z[:, 0] >> shift,
                       operator.coefficients, strict=True):  # fmt: skip
        reached = states ^ x
        rows = np.searchsorted(states, reached)
        rows[rows == len(states)] = 0
        inside = states[rows] == reached
        sign = 1.0 - 2.0 * (np.bitwise_count(states & z) & 1)
        factor = c * 1j ** int(np.bitwise_count(x & z))  # Y = i X Z
        matrix[rows[inside], columns[inside]] += factor * sign[inside]
    return matrix if matrix.imag.any() else matrix.real


def lowest_energy(operator: PauliSum, n_electrons: int) -> float:
    """Return the lowest eigenvalue of a Hermitian operator among states with so many electrons."""
    return float(np.linalg.eigvalsh(sector_matrix(operator, n_electrons))[0])
