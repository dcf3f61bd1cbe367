"""A molecule's Pauli words and lowest energy from its integrals, beside PennyLane's route.

Ours multiplies packed words and looks only at states with the right number of electrons. The peer
from the same integrals does the same work; `molecular_hamiltonian` also computes the integrals,
which we store. A result is the lowest energy, the number of words and the sum of their sizes.
"""

from typing import Any

import numpy as np

from benchmarks import _timing
from qmlcourse.chemistry import _molecule as stored
from qmlcourse.chemistry._fermions import hamiltonian, lowest_energy
from qmlcourse.paulis import PauliSum

LENGTHS = {"H2": "0.74", "H4": "1.2", "LiH": "1.6"}


def integrals(name: str) -> tuple[float, Any, Any, int]:
    """Return constant, one- and two-electron integrals and the number of electrons."""
    entry = stored._entry(name)
    [constant], one, two = entry["integrals"][LENGTHS[name]]
    return (constant, *stored._unpacked(one, two), entry["electrons"])


def summary(operator: PauliSum, energy: float) -> Any:
    """Return the three numbers that are compared."""
    return np.array([energy, len(operator), np.abs(operator.coefficients).sum()])


def ours(constant: float, one: Any, two: Any, electrons: int) -> Any:
    """Compute by the package."""
    operator = hamiltonian(constant, one, two)
    return summary(operator, lowest_energy(operator, electrons))


def by_pennylane(constant: float, one: Any, two: Any, electrons: int) -> Any:
    """Compute from the same integrals by PennyLane, and the energy from its sparse matrix."""
    import pennylane as qml

    physicists = two.transpose(0, 2, 3, 1)  # its order of the four orbitals
    sentence = qml.qchem.fermionic_observable(np.array([constant]), one, physicists)
    return of_pennylane(qml.jordan_wigner(sentence), 2 * len(one), electrons)


def of_pennylane(operator: Any, n: int, electrons: int) -> Any:
    """Return the summary of one of its operators."""
    matrix = operator.sparse_matrix(wire_order=range(n)).tocsr()
    inside = np.flatnonzero(np.bitwise_count(np.arange(2**n)) == electrons)
    energy = np.linalg.eigvalsh(matrix[inside][:, inside].toarray())[0]
    words = [c for c in operator.pauli_rep.values() if abs(c) > 1e-12]
    return np.array([energy, len(words), np.abs(words).sum()])


def from_scratch(name: str) -> Any:
    """Compute everything by PennyLane, integrals included."""
    import pennylane as qml

    symbols = {"H2": ["H"] * 2, "H4": ["H"] * 4, "LiH": ["Li", "H"]}[name]
    place = qml.numpy.array([[0, 0, k * float(LENGTHS[name])] for k in range(len(symbols))],
                            requires_grad=False)  # fmt: skip
    made = qml.qchem.Molecule(symbols, place, unit="angstrom")
    active = {"active_electrons": 2, "active_orbitals": 5} if name == "LiH" else {}
    operator, n = qml.qchem.molecular_hamiltonian(made, method="dhf", **active)
    return of_pennylane(operator, n, stored._entry(name)["electrons"])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--molecule", choices=LENGTHS, default="LiH")
    a = parser.parse_args(arguments)
    given = integrals(a.molecule)
    rows = _timing.race(
        lambda: ours(*given),
        {
            "PennyLane, same integrals": lambda: by_pennylane(*given),
            "PennyLane molecular_hamiltonian": lambda: from_scratch(a.molecule),
        },
        # Orbitals of one energy may be turned: the words differ then, the energy does not.
        same=lambda a, b: float(np.abs(a - b)[0]),
        tolerance={"PennyLane molecular_hamiltonian": 1e-6},
        rounds=a.rounds,
        budget=a.budget,
    )
    work = f"{a.molecule} at {LENGTHS[a.molecule]} angstrom as Pauli words, and its lowest energy"
    return _timing.finish("molecules", work, rows, a.out, ["pennylane"], molecule=a.molecule)


if __name__ == "__main__":
    raise SystemExit(main())
