"""Lie algebra of Pauli words, and of sums of them, beside PennyLane's qml.lie_closure.

Ours finds commutators of packed words by bit operations for all words at once. A result agrees
if its span is the other's: the largest entry of what is left of each basis outside the other.
"""

import numpy as np

from benchmarks import _timing
from qmlcourse.paulis import PauliSum, lie_closure


def chain(n_qubits: int, *kinds: str) -> list[list[str]]:
    """Return the words of a chain, a list a kind: a letter on each qubit, two on neighbours."""
    return [
        ["I" * k + p + "I" * (n_qubits - k - len(p)) for k in range(n_qubits - len(p) + 1)]
        for p in kinds
    ]


def words(n_qubits: int) -> list[PauliSum]:
    """Return ZZ on neighbours, X and Z on each qubit: together they reach everything."""
    return [PauliSum({w: 1.0}) for kind in chain(n_qubits, "ZZ", "X", "Z") for w in kind]


def sums(n_qubits: int) -> list[PauliSum]:
    """Return the sum of the ZZ and that of the X, as if their gates shared an angle."""
    return [PauliSum(dict.fromkeys(kind, 1.0)) for kind in chain(n_qubits, "ZZ", "X")]


def pennylane(generators: list[PauliSum]) -> list[PauliSum]:
    """Compute the basis by qml.lie_closure on its fastest kind of input, Pauli sentences."""
    import pennylane as qml

    given = [g.to_pennylane().pauli_rep for g in generators]
    n = generators[0].n_qubits
    basis = qml.lie_closure(given, pauli=True)
    return [PauliSum.from_pennylane(b.operation(range(n)), n) for b in basis]


def apart(ours: list[PauliSum], theirs: list[PauliSum]) -> float:
    """Return how far two spans are apart; another dimension is infinitely far."""
    if len(ours) != len(theirs):
        return float("inf")
    column: dict[str, int] = {}
    for basis in (ours, theirs):
        for w in {w for b in basis for w in b.terms}:
            column.setdefault(w, len(column))
    frames = []
    for basis in (ours, theirs):
        rows = np.zeros((len(basis), len(column)))
        for row, b in zip(rows, basis, strict=True):
            for w, c in b.terms.items():
                row[column[w]] = c
        frames.append(np.linalg.qr(rows.T)[0])
    a, b = frames
    return float(max(np.abs(a - b @ (b.T @ a)).max(), np.abs(b - a @ (a.T @ b)).max()))


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=5, help="words: 4^n - 1 dimensions")
    parser.add_argument("--shared-qubits", type=int, default=8, help="sums: n^2 dimensions")
    a = parser.parse_args(arguments)
    rows = []
    for name, made in (("words", words(a.qubits)), ("sums", sums(a.shared_qubits))):
        note = f"{name}, dimension {len(lie_closure(made))}"
        rows += _timing.race(
            lambda made=made: lie_closure(made),
            {f"PennyLane lie_closure, {name}": lambda made=made: pennylane(made)},
            same=apart,
            notes={"qmlcourse": note, f"PennyLane lie_closure, {name}": note},
            rounds=a.rounds,
            budget=a.budget,
        )
    work = f"Lie algebra of words on {a.qubits} qubits, of two sums on {a.shared_qubits}"
    return _timing.finish(
        "lie_closure", work, rows, a.out, ["pennylane"], qubits=a.qubits,
        shared_qubits=a.shared_qubits,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
