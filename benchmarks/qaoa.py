"""Mean cut of QAOA and all its derivatives, beside PennyLane's adjoint differentiation.

A step of training asks for both. Two peers are PennyLane's devices, given a finished tape; another
is a QNode, which makes its tape anew in each call. They run each edge's and each qubit's gate. Ours
has the cut of all assignments at hand: that is counted apart, as it is computed once a graph.
"""

from typing import Any

import networkx as nx
import numpy as np

from benchmarks import _timing
from qmlcourse.optimization import cut_values, qaoa_expectation


def ours(values: Any, angles: Any) -> Any:
    """Return the mean and its derivatives in one row: by gammas, then by betas."""
    value, *gradient = qaoa_expectation(values, *angles, gradient=True)
    return np.concatenate([[value], *gradient])


def pennylane(device: str, graph: Any, angles: Any) -> Any:
    """Return a function of no argument that computes the same by one tape."""
    import pennylane as qml

    n = len(graph)
    edges = sorted(graph.edges)
    cut = qml.Hamiltonian(
        [len(edges) / 2, *[-0.5] * len(edges)],
        [qml.Identity(0), *(qml.Z(i) @ qml.Z(j) for i, j in edges)],
    )
    ops: list[Any] = [qml.Hadamard(k) for k in range(n)]
    to_gamma, to_beta = [], []
    for gamma, beta in zip(*angles, strict=True):
        ops += [qml.IsingZZ(-gamma, e) for e in edges] + [qml.RX(2 * beta, k) for k in range(n)]
        to_gamma.append(len(edges))
        to_beta.append(n)
    tape = qml.tape.QuantumScript(ops, [qml.expval(cut)])
    tape.trainable_params = list(range(sum(to_gamma) + sum(to_beta)))
    made = qml.device(device, wires=n)
    config = qml.devices.ExecutionConfig(gradient_method="adjoint", use_device_gradient=True)

    def run() -> Any:
        value, by_gate = made.execute_and_compute_derivatives([tape], config)
        row, by_gamma, by_beta = np.ravel(by_gate[0]), [], []
        for zz, x in zip(to_gamma, to_beta, strict=True):
            by_gamma.append(-row[:zz].sum())
            by_beta.append(2 * row[zz : zz + x].sum())
            row = row[zz + x :]
        return np.concatenate([np.ravel(value[0]), by_gamma, by_beta])

    return run


def qnode(graph: Any, angles: Any) -> Any:
    """Return a function that computes the same as most users would: qml.grad of a QNode."""
    import pennylane as qml
    from pennylane import numpy as pnp

    n, edges = len(graph), sorted(graph.edges)
    cost, _ = qml.qaoa.maxcut(graph)  # minus the cut

    @qml.qnode(qml.device("lightning.qubit", wires=n), diff_method="adjoint")
    def mean(gammas: Any, betas: Any) -> Any:
        for k in range(n):
            qml.Hadamard(k)
        for gamma, beta in zip(gammas, betas, strict=True):
            for e in edges:
                qml.IsingZZ(-gamma, e)
            for k in range(n):
                qml.RX(2 * beta, k)
        return qml.expval(cost)

    given = [pnp.array(a, requires_grad=True) for a in angles]
    slope = qml.grad(mean)

    def run() -> Any:
        by_gamma, by_beta = slope(*given)
        return -np.concatenate([[slope.forward], by_gamma, by_beta])

    return run


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=14, help="nodes of a 3-regular graph")
    parser.add_argument("--layers", type=int, default=6)
    a = parser.parse_args(arguments)
    graph = nx.random_regular_graph(3, a.qubits, seed=0)
    angles = np.random.default_rng(0).uniform(0.2, 0.8, (2, a.layers))
    values = cut_values(graph)
    once, _, _ = _timing.seconds(lambda: cut_values(graph))
    rows = _timing.race(
        lambda: ours(values, angles),
        {
            f"PennyLane {name}": pennylane(name, graph, angles)
            for name in ("lightning.qubit", "default.qubit")
        }
        | {"PennyLane QNode, lightning.qubit": qnode(graph, angles)},
        notes={"qmlcourse": f"cuts of all assignments, once a graph, {once:.3g} s"},
        rounds=a.rounds,
        budget=a.budget,
    )
    work = (
        f"QAOA of {a.layers} layers on {a.qubits} qubits: mean cut and {2 * a.layers} derivatives"
    )
    return _timing.finish(
        "qaoa", work, rows, a.out, ["pennylane", "pennylane-lightning"], qubits=a.qubits,
        layers=a.layers,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
