"""Gram matrix of the IQP kernel beside PennyLane's and Qiskit Machine Learning's.

All compute the same matrix: ours from one state a sample, PennyLane from a circuit a pair,
Qiskit from one state a sample and a loop over the pairs, or from a circuit a pair.
"""

import numpy as np

from benchmarks import _timing
from qmlcourse.kernels import kernel_matrix


def pennylane_matrix(X: np.ndarray) -> np.ndarray:
    """Compute the matrix by qml.kernels on lightning.qubit, a circuit for each pair."""
    import pennylane as qml

    wires = range(X.shape[1])

    @qml.qnode(qml.device("lightning.qubit", wires=X.shape[1]))
    def overlap(x, y):
        qml.IQPEmbedding(x, wires)
        qml.adjoint(qml.IQPEmbedding)(y, wires)
        return qml.probs(wires)

    return qml.kernels.square_kernel_matrix(
        X, lambda x, y: overlap(x, y)[0], assume_normalized_kernel=True
    )


def qiskit_feature_map(n_features: int):
    """Return Qiskit's ZZ feature map with the angles of PennyLane's IQPEmbedding."""
    from qiskit.circuit.library import zz_feature_map

    # It rotates by twice what data_map_func returns.
    return zz_feature_map(
        n_features, reps=1, entanglement="full", data_map_func=lambda x: np.prod(x) / 2
    )


def qiskit_states_matrix(X: np.ndarray) -> np.ndarray:
    """Compute the matrix by FidelityStatevectorKernel."""
    from qiskit_machine_learning.kernels import FidelityStatevectorKernel

    return FidelityStatevectorKernel(feature_map=qiskit_feature_map(X.shape[1])).evaluate(X)


def qiskit_sampler_matrix(X: np.ndarray) -> np.ndarray:
    """Compute the matrix by FidelityQuantumKernel, a sampled circuit for each pair."""
    from qiskit_machine_learning.kernels import FidelityQuantumKernel

    return FidelityQuantumKernel(feature_map=qiskit_feature_map(X.shape[1])).evaluate(X)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=8)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--sampler-samples", type=int, default=20, help="for the slowest peer")
    a = parser.parse_args(arguments)
    X = np.random.default_rng(0).normal(size=(a.samples, a.qubits))
    options = {"rounds": a.rounds, "budget": a.budget}
    rows = _timing.race(
        lambda: kernel_matrix(X),
        {
            "PennyLane square_kernel_matrix, lightning.qubit": lambda: pennylane_matrix(X),
            "Qiskit ML FidelityStatevectorKernel": lambda: qiskit_states_matrix(X),
        },
        **options,
    )
    few = X[: a.sampler_samples]
    note = f"{len(few)} samples"
    rows += _timing.race(
        lambda: kernel_matrix(few),
        {"Qiskit ML FidelityQuantumKernel": lambda: qiskit_sampler_matrix(few)},
        notes={"qmlcourse": note, "Qiskit ML FidelityQuantumKernel": note},
        **options,
    )
    work = f"Gram matrix, IQP map, {a.qubits} qubits, {a.samples} samples"
    packages = ["pennylane", "pennylane-lightning", "qiskit", "qiskit-machine-learning"]
    return _timing.finish(
        "gram", work, rows, a.out, packages, qubits=a.qubits, samples=a.samples,
        sampler_samples=len(few),
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
