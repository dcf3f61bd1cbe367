"""Random Pauli measurements and words read from them, beside PennyLane's classical shadows.

Sampling takes a state's amplitudes on both sides. Its results are random, so what is
compared is checked apart: estimates from both samplings must lie within five standard errors of the
truth. Reading starts from the same measurements on both sides and must give the same numbers.
"""

from typing import Any

import numpy as np

from benchmarks import _timing
from qmlcourse.shadows import Shadow, expectation, sample


def words(n_qubits: int) -> list[str]:
    """Return every word of three letters on neighbours of a chain."""
    letters = [a + b + c for a in "XYZ" for b in "XYZ" for c in "XYZ"]
    return ["I" * k + w + "I" * (n_qubits - k - 3) for k in range(n_qubits - 2) for w in letters]


def truth(state: Any, n_qubits: int) -> Any:
    """Return their exact expectation values."""
    import pennylane as qml

    tape = qml.tape.QuantumScript(
        [qml.StatePrep(state, range(n_qubits))],
        [qml.expval(qml.pauli.string_to_pauli_word(w)) for w in words(n_qubits)],
    )
    return np.array(qml.device("default.qubit", wires=n_qubits).execute([tape])[0])


def pennylane_sample(state: Any, n_qubits: int, shots: int) -> Any:
    """Return bits and recipes that PennyLane draws."""
    import pennylane as qml

    tape = qml.tape.QuantumScript(
        [qml.StatePrep(state, range(n_qubits))],
        [qml.classical_shadow(wires=range(n_qubits), seed=0)],
        shots=shots,
    )
    return qml.device("default.qubit", wires=n_qubits, seed=0).execute([tape])[0]


def off(found: Any, true: Any, shots: int) -> float:
    """Return how far estimates of three letters are off, in standard errors beyond five."""
    z = np.abs(np.asarray(found) - true) / np.sqrt((27 - true**2) / shots)
    return float(max(0.0, z.max() - 5))


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=8)
    parser.add_argument("--shots", type=int, default=10000, help="measurements of the state")
    a = parser.parse_args(arguments)
    import pennylane as qml

    n, shots = a.qubits, a.shots
    state = np.random.default_rng(0).normal(size=2**n) + 0j
    state /= np.linalg.norm(state)
    true, made = truth(state, n), words(n)
    operators = [qml.pauli.string_to_pauli_word(w) for w in made]

    def read(bits: Any, bases: Any) -> Any:
        shadow = Shadow(bits, bases)
        return np.array([expectation(shadow, w) for w in made])

    def theirs(bits: Any, bases: Any) -> Any:
        return np.array(qml.ClassicalShadow(bits, bases).expval(operators, k=1))

    def drawn() -> Any:
        shadow = sample(state, shots, rng=np.random.default_rng(0))
        return shadow.bits, shadow.bases

    bits, bases = drawn()
    rows = _timing.race(
        drawn,
        {"PennyLane classical_shadow": lambda: pennylane_sample(state, n, shots)},
        same=lambda ours, peer: max(off(read(*one), true, shots) for one in (ours, peer)),
        notes={"qmlcourse": "sampling", "PennyLane classical_shadow": "sampling"},
        rounds=a.rounds,
        budget=a.budget,
    )
    peer = "PennyLane ClassicalShadow.expval"
    rows += _timing.race(
        lambda: read(bits, bases),
        {peer: lambda: theirs(bits, bases)},
        notes={"qmlcourse": f"reading {len(made)} words", peer: f"reading {len(made)} words"},
        rounds=a.rounds,
        budget=a.budget,
    )
    work = f"{shots} random Pauli measurements of a state of {n} qubits, and words of three letters"
    return _timing.finish(
        "shadows", work, rows, a.out, ["pennylane"], qubits=n, shots=shots,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
