"""An observable carried back word by word, beside pauli-prop and a statevector.

Without truncation, so that all give the same number: equal thresholds are not equal truncations.
The circuit is R_X and R_ZZ on a grid; a first, small work and a large one with more layers.
"""

import warnings

import networkx as nx
import numpy as np

from benchmarks import _timing
from qmlcourse.paulis import PauliSum, propagate

MOST = 8_000_000  # words that pauli-prop makes room for


def circuit(rows: int, columns: int, layers: int) -> list[tuple[str, tuple[int, ...], float]]:
    """Return gates as names, wires and angles."""
    rng = np.random.default_rng(0)
    edges = [
        (a * columns + b, c * columns + d)
        for (a, b), (c, d) in nx.grid_2d_graph(rows, columns).edges
    ]
    gates: list[tuple[str, tuple[int, ...], float]] = []
    for _ in range(layers):
        gates += [("X", (k,), rng.uniform(0, 6)) for k in range(rows * columns)]
        gates += [("ZZ", edge, rng.uniform(0, 6)) for edge in edges]
    return gates


def loss(gates: list, n: int, qubits: list[int]) -> float:
    """Return the sum of <Z> by our propagation, PennyLane's gates made within."""
    return carried(gates, n, qubits).expectation("0" * n)


def carried(gates: list, n: int, qubits: list[int]) -> PauliSum:
    """Return the observable carried back."""
    import pennylane as qml

    make = {"X": qml.RX, "ZZ": qml.IsingZZ}
    start = PauliSum({"I" * k + "Z" + "I" * (n - k - 1): 1.0 for k in qubits})
    return propagate([make[name](t, list(w)) for name, w, t in gates], start)


def pauli_prop_loss(gates: list, n: int, qubits: list[int], room: int) -> float:
    """Return the same by pauli-prop, Qiskit's circuit made within."""
    import pauli_prop
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp

    made = QuantumCircuit(n)
    for name, wires, t in gates:
        (made.rx if name == "X" else made.rzz)(t, *wires)
    start = SparsePauliOp.from_sparse_list([("Z", [k], 1.0) for k in qubits], num_qubits=n)
    with warnings.catch_warnings():
        # It gives complex coefficients to a function of real ones.
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        back, _ = pauli_prop.propagate_through_circuit(start, made, room, 0.0, frame="h")
    return float(back.coeffs[~back.paulis.x.any(axis=1)].sum().real)


def lightning_loss(gates: list, n: int, qubits: list[int]) -> float:
    """Return the same from a statevector."""
    import pennylane as qml

    make = {"X": qml.RX, "ZZ": qml.IsingZZ}
    ops = [make[name](t, list(w)) for name, w, t in gates]
    tape = qml.tape.QuantumScript(ops, [qml.expval(sum(qml.Z(k) for k in qubits))])
    return float(qml.device("lightning.qubit", wires=n).execute([tape])[0])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--large-layers", type=int, default=3)
    a = parser.parse_args(arguments)
    n = a.rows * a.columns
    table: list[_timing.Row] = []
    for layers, sites in ((a.layers, 1), (a.large_layers, n)):
        gates = circuit(a.rows, a.columns, layers)
        qubits = list(range(n)) if sites == n else [n // 2 - 1]
        words = len(carried(gates, n, qubits))
        rows = _timing.race(
            lambda g=gates, q=qubits: loss(g, n, q),
            {
                "pauli-prop": lambda g=gates, q=qubits, w=words: pauli_prop_loss(
                    g, n, q, min(MOST, 2 * w + 16)
                ),
                "lightning.qubit, the state": lambda g=gates, q=qubits: lightning_loss(g, n, q),
            },
            rounds=a.rounds,
            budget=a.budget / 2,
        )
        for row in rows:
            row.note = f"{words:,} words, {row.note}"
            row.name += ", large" if layers != a.layers else ""
        table += rows
    return _timing.finish(
        "propagation", f"Pauli propagation without truncation, {n} qubits", table, a.out,
        ["pauli-prop", "qiskit", "pennylane", "pennylane-lightning"],
        grid=[a.rows, a.columns], layers=a.layers, large_layers=a.large_layers,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
