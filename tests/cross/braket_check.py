"""The chapter's model in Amazon Braket's SDK, and readers of OpenQASM: run by ``nox -s braket``.

The SDK pins a cloudpickle that a recent Dask can't use, and each reader asks for a parser that the
course does not need. So this is no pytest module and imports them only when run. It prints what the
chapter *Choosing a framework* shows, and exits with 1 if a number or a verdict is another one. With
``--write`` the text goes to book/data/frameworks_braket.txt.
"""

import argparse
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np

STORED = Path(__file__).parents[2] / "book" / "data" / "frameworks_braket.txt"


def braket_circuit():
    from braket.circuits import Circuit, FreeParameter, Observable

    a = [FreeParameter(f"a{k}") for k in range(20)]
    circuit = Circuit()
    for k in range(4):
        circuit.rx(k, a[k])
    for layer in range(1, 5):
        for k in range(4):
            circuit.ry(k, a[4 * layer + k])
        for k in range(3):
            circuit.cnot(k, k + 1)
    return circuit.expectation(Observable.Z(), 3)


def braket_value(angles):
    from braket.devices import LocalSimulator

    given = {f"a{k}": float(angle) for k, angle in enumerate(angles)}
    task = LocalSimulator().run(braket_circuit(), shots=0, inputs=given)
    return float(task.result().values[0])


def numpy_value(angles):
    """Compute the same from matrices of the whole state."""

    def on(gate, k):
        return np.kron(np.kron(np.eye(2**k), gate), np.eye(16 // (2**k * len(gate))))

    x, y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
    cnot = np.eye(4)[[0, 1, 3, 2]]
    state = np.eye(16)[0]
    for k, angle in enumerate(angles):
        gate = np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * (x if k < 4 else y)
        state = on(gate, k % 4) @ state
        if k > 4 and k % 4 == 3:
            for q in range(3):
                state = on(cnot, q) @ state
    return float(np.abs(state) ** 2 @ np.tile([1, -1], 8))


def gradient(value, angles):
    steps = np.pi / 2 * np.eye(20)[4:]
    return np.array([(value(angles + s) - value(angles - s)) / 2 for s in steps])


def verdict(read, right):
    """Say if a reader gives the right value, or how it refuses."""
    try:
        return "right" if abs(read() - right) < 1e-6 else "wrong"
    except Exception as refusal:  # each has its own
        return f"refuses ({type(refusal).__name__})"


def readers():
    """Yield what is read, by whom, and what came of it."""
    import cirq
    import pennylane as qml
    from cirq.contrib.qasm_import import circuit_from_qasm
    from qiskit import QuantumCircuit, qasm2, qasm3
    from qiskit.quantum_info import SparsePauliOp, Statevector

    made = QuantumCircuit(2)
    made.ry(0.57, 0)
    made.cx(0, 1)
    two, three, right = qasm2.dumps(made), qasm3.dumps(made), np.cos(0.57)
    bare = three.replace('include "stdgates.inc";\n', "")
    named = bare.replace("qubit[2] q;", "qubit q0;\nqubit q1;")
    named = named.replace("q[0]", "q0").replace("q[1]", "q1")

    def by_pennylane(text, names):
        @qml.qnode(qml.device("default.qubit", wires=2))
        def circuit():
            qml.from_qasm3(text, {name: k for k, name in enumerate(names)})()
            return qml.expval(qml.Z(1))

        return float(circuit())

    def by_cirq(text):
        circuit = circuit_from_qasm(text)
        qubits = sorted(circuit.all_qubits())
        [value] = cirq.Simulator().simulate_expectation_values(circuit, [cirq.Z(qubits[1])])
        return float(value.real)

    def by_qiskit(text):
        state = Statevector(qasm3.loads(text))
        return float(state.expectation_value(SparsePauliOp("ZI")).real)

    rows = [
        ("Qiskit's OpenQASM 3, Qiskit", lambda: by_qiskit(three)),
        ("Qiskit's OpenQASM 3, Cirq", lambda: by_cirq(three)),
        ("Qiskit's OpenQASM 2, Cirq", lambda: by_cirq(two)),
        ("Qiskit's OpenQASM 3, PennyLane", lambda: by_pennylane(three, ["q[0]", "q[1]"])),
        ("without include, PennyLane", lambda: by_pennylane(bare, ["q[0]", "q[1]"])),
        ("and each qubit named, PennyLane", lambda: by_pennylane(named, ["q0", "q1"])),
    ]
    for name, read in rows:
        yield name, verdict(read, right)


EXPECTED = ["right", "right", "right", "refuses", "refuses", "right"]


def main(arguments=None):
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"store the text in {STORED.name}")
    a = parser.parse_args(arguments)
    angles = np.random.default_rng(0).uniform(-np.pi, np.pi, 20)
    errors = [
        abs(braket_value(angles) - numpy_value(angles)),
        np.abs(gradient(braket_value, angles) - gradient(numpy_value, angles)).max(),
    ]
    lines = [f"amazon-braket-sdk {version('amazon-braket-sdk')}, nox -s braket"]
    for name, error in zip(("value", "gradient"), errors, strict=True):
        lines.append(f"{name} of Circuit and LocalSimulator from NumPy: "
                     f"{'below 1e-12' if error < 1e-12 else f'{error:.0e}'}")  # fmt: skip
    found = list(readers())
    lines += [f"{f'{name}:':36}{said}" for name, said in found]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if a.write:
        STORED.write_text(text, encoding="utf-8")
    same = all(said.startswith(e) for (_, said), e in zip(found, EXPECTED, strict=True))
    return int(not (max(errors) < 1e-12 and same))


if __name__ == "__main__":
    sys.exit(main())
