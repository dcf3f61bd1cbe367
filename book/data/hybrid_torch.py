"""The hybrid network in PyTorch: the chapter *Hybrid networks* shows this file's functions.

PyTorch is not in the course's environment. ``nox -s torch`` runs this file in one of its own and
compares with hybrid_torch.json, which the chapter reads; ``--write`` makes its entries anew. That
file also holds the first losses in Keras, which the chapter computes and its small runs read.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pennylane as qml
import torch
from hybrid_problem import N_LAYERS, N_QUBITS, RATE, SCALE, problem
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterVector
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp
from qiskit_machine_learning.connectors import TorchConnector
from qiskit_machine_learning.neural_networks import EstimatorQNN

STORED = Path(__file__).with_suffix(".json")


def pennylane_layer():
    """Return the circuit as a layer of PyTorch, by PennyLane."""

    @qml.qnode(qml.device("default.qubit", wires=N_QUBITS))
    def circuit(inputs, weights):  # `inputs`: TorchLayer wants this name
        for layer in weights:
            qml.AngleEmbedding(inputs, wires=range(N_QUBITS))
            for k in range(N_QUBITS):
                qml.CZ([k, (k + 1) % N_QUBITS])
            for k in range(N_QUBITS):
                qml.RZ(layer[k, 0], wires=k)
                qml.RY(layer[k, 1], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(N_QUBITS)]

    return qml.qnn.TorchLayer(circuit, {"weights": (N_LAYERS, N_QUBITS, 2)})


def qiskit_layer():
    """Return the same layer by Qiskit Machine Learning."""
    x = ParameterVector("x", N_QUBITS)
    w = ParameterVector("w", N_LAYERS * N_QUBITS * 2)
    circuit = QuantumCircuit(N_QUBITS)
    for layer in np.reshape(w, (N_LAYERS, N_QUBITS, 2)):
        for k in range(N_QUBITS):
            circuit.rx(x[k], k)
        for k in range(N_QUBITS):
            circuit.cz(k, (k + 1) % N_QUBITS)
        for k in range(N_QUBITS):
            circuit.rz(layer[k, 0], k)
            circuit.ry(layer[k, 1], k)
    pauli = SparsePauliOp.from_sparse_list
    Z = [pauli([("Z", [k], 1)], N_QUBITS) for k in range(N_QUBITS)]
    network = EstimatorQNN(
        circuit=circuit,
        observables=Z,
        input_params=x,
        weight_params=w,
        estimator=StatevectorEstimator(),
        default_precision=0.0,  # the default adds noise to every value
        input_gradients=True,  # or nothing before the circuit is trained
    )
    return TorchConnector(network)


class Hybrid(torch.nn.Module):
    """64 pixels, 4 angles, 4 expectation values, 4 classes."""

    def __init__(self, quantum):
        super().__init__()
        self.pre = torch.nn.Linear(64, N_QUBITS)
        self.quantum = quantum
        self.post = torch.nn.Linear(N_QUBITS, 4)

    def forward(self, X):
        angles = SCALE * torch.tanh(self.pre(X))
        return self.post(self.quantum(angles))


def train(quantum, start, X, y, batches, dtype=torch.float64):
    """Train from a given start; return the loss before each step."""
    model = Hybrid(quantum).to(dtype)
    order = "pre", "pre_bias", "circuit", "post", "post_bias"
    # A Linear holds its matrix transposed.
    values = [start[k].T if k in ("pre", "post") else start[k] for k in order]
    for p, value in zip(model.parameters(), values, strict=True):
        p.data = torch.tensor(value, dtype=dtype).reshape(p.shape)
    X, y = torch.tensor(X, dtype=dtype), torch.tensor(y)
    adam = torch.optim.Adam(model.parameters(), lr=RATE, eps=1e-8)
    losses = []
    for batch in torch.tensor(batches):
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(X[batch]), y[batch])
        loss.backward()
        adam.step()
        losses.append(loss.item())
    return losses


def training_loop(X, y, start, rate, n_steps):
    """Train the two-qubit classifier; return the loss before each step."""

    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(weights, X):
        qml.AngleEmbedding(X, wires=[0, 1])
        for layer in weights:
            qml.CZ([0, 1])
            for k in range(2):
                qml.Rot(*layer[k], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(2)]

    p = [torch.tensor(value, requires_grad=True) for value in start]
    X, y = torch.tensor(X), torch.tensor(y, dtype=torch.float64)
    optimiser, losses = torch.optim.SGD(p, lr=rate), []
    for _ in range(n_steps):
        optimiser.zero_grad()
        weights, coef, intercept = p
        logit = coef @ torch.stack(circuit(weights, X)) + intercept
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def small_problem():
    """Return what the chapter *Training loops* trains by hand, with its seed 0."""
    rng = np.random.default_rng(0).spawn(8)[0]
    X = rng.uniform(-1, 1, size=(6, 2))
    weights = rng.uniform(0, 2 * np.pi, size=(2, 2, 3))
    start = [weights, rng.normal(scale=3 / np.sqrt(2), size=2), np.array(0.0)]
    return np.pi / 2 * X, (X[:, 0] * X[:, 1] > 0).astype(int), start


def main():
    X, y, start, batches = problem()
    found = {
        "TorchLayer": train(pennylane_layer(), start, X, y, batches),
        # A TorchConnector computes in single precision.
        "TorchConnector": train(qiskit_layer(), start, X, y, batches, torch.float32),
        "training_loop": training_loop(*small_problem(), 0.3, 4),
    }
    stored, wrong = json.loads(STORED.read_text()), 0
    if "--write" in sys.argv:
        stored |= found
        STORED.write_text(json.dumps(stored, indent=1) + "\n")
    for name, losses in found.items():
        off = np.abs(np.array(losses) - stored[name]).max()
        bad = not off <= (1e-5 if name == "TorchConnector" else 1e-10)
        wrong += bad
        print(f"{name:15} {np.round(losses, 4)} off by {off:.0e}{'  DIFFERS' if bad else ''}")
    apart = np.abs(np.array(found["TorchLayer"]) - found["TorchConnector"]).max()
    print(f"TorchLayer and TorchConnector are {apart:.0e} apart.")
    return int(wrong > 0 or not apart < 1e-5)


if __name__ == "__main__":
    sys.exit(main())
