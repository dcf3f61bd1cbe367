"""Seconds for 1,000 shots of a circuit on each stand-in, compiling included.

The circuit has four qubits and two strongly entangling layers unless told otherwise. The first
call of each, which loads libraries and builds the noise model, is in the note.
"""

import time

import numpy as np

from benchmarks import _timing
from qmlcourse import hardware

NAMES = ("shots", "google/weber", "google/rainbow", "ibm/fake_manila", "ibm/fake_torino")


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if a seed gives other counts the second time."""
    import pennylane as qml

    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=4)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--backends", type=lambda text: text.split(","), default=list(NAMES))
    a = parser.parse_args(arguments)
    shape = qml.StronglyEntanglingLayers.shape(a.layers, a.qubits)
    angles = np.random.default_rng(0).uniform(-np.pi, np.pi, shape)
    wires = range(a.qubits)
    template = qml.StronglyEntanglingLayers(angles, wires, ranges=[1] * a.layers)
    circuit = qml.tape.QuantumScript([template], [qml.probs(wires=wires)])

    def outcomes(name: str) -> np.ndarray:
        return hardware.run(circuit, name, a.shots, seed=0).probabilities()

    times: dict[str, list[float]] = {name: [] for name in a.backends}
    first, values = {}, {}
    for name in a.backends:
        first[name], _, values[name] = _timing.seconds(lambda name=name: outcomes(name))
    start = time.perf_counter()
    while len(times[a.backends[0]]) < a.rounds:
        for name in a.backends:
            elapsed, _, again = _timing.seconds(lambda name=name: outcomes(name))
            times[name].append(elapsed)
            if not np.array_equal(again, values[name]):
                values[name] = np.full_like(again, np.nan)
        if time.perf_counter() - start > a.budget:
            break
    rows = _timing.rows(times)
    for row in rows:
        row.note = f"first call {first[row.name]:.3g} s"
        row.difference = 0.0 if np.isfinite(values[row.name]).all() else float("inf")
    work = f"{a.shots} shots of {a.qubits} qubits, {a.layers} entangling layers, on each stand-in"
    packages = ["pennylane", "cirq-google", "qiskit-aer"]
    return _timing.finish(
        "standins", work, rows, a.out, packages, qubits=a.qubits, layers=a.layers, shots=a.shots
    )


if __name__ == "__main__":
    raise SystemExit(main())
