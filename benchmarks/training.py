"""Training of a variational classifier beside PennyLane's tutorial loop.

The same circuit, first weights, loss and Adam: one RX a feature, layers of a ring of CZ and Rot
on every qubit, every qubit's <Z> through a linear layer into the log-loss. The
tutorial's way runs one circuit a sample; the second peer hands all samples to one circuit.
"""

import importlib
import time
import warnings

import numpy as np

from benchmarks import _timing
from qmlcourse.simulator import ring_pairs

RATE = 0.1


def data(n_samples: int, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    """Return samples and labels, half of them of each class."""
    X = np.random.default_rng(0).normal(size=(n_samples, n_features))
    score = X[:, 0] * X[:, 1] + X[:, -1]
    return X, (score > np.median(score)).astype(int)


def ours(X: np.ndarray, y: np.ndarray, n_layers: int, n_epochs: int) -> np.ndarray:
    """Return the loss of each epoch of VariationalClassifier."""
    from sklearn.exceptions import ConvergenceWarning

    from qmlcourse.models import VariationalClassifier

    model = VariationalClassifier(
        n_layers=n_layers, bandwidth=1.0, learning_rate=RATE, max_iter=n_epochs, tol=0.0,
        n_iter_no_change=n_epochs, random_state=0,
    )  # fmt: skip
    with warnings.catch_warnings():
        # It stops at max_iter on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.array(model.fit(X, y).loss_curve_)


def first_parameters(n_features: int, n_layers: int) -> dict[str, np.ndarray]:
    """Return the parameters that ``ours`` begins with."""
    from qmlcourse.models._training import Circuit

    seed = np.random.RandomState(0).randint(2**31)
    circuit = Circuit(n_features, n_layers, 1, False, True, None)
    return circuit.parameters(np.random.default_rng(seed))


def pennylane(
    X: np.ndarray, y: np.ndarray, n_layers: int, n_epochs: int, *, broadcast: bool
) -> np.ndarray:
    """Return the loss of each epoch of PennyLane's Adam on default.qubit."""
    import pennylane as qml
    from pennylane import numpy as pnp

    d = X.shape[1]

    @qml.qnode(qml.device("default.qubit", wires=d))
    def circuit(weights, x):
        qml.AngleEmbedding(x, wires=range(d))
        for layer in range(n_layers):
            for pair in ring_pairs(d):
                qml.CZ(pair)
            for k in range(d):
                qml.Rot(*weights[layer, k], wires=k)
        return [qml.expval(qml.Z(k)) for k in range(d)]

    def cost(weights, coef, intercept):
        each = None if broadcast else [circuit(weights, x) for x in X]
        values = circuit(weights, X) if each is None else zip(*each, strict=True)
        logits = sum(c * pnp.stack(z) for c, z in zip(coef[0], values, strict=True)) + intercept
        return pnp.mean(pnp.logaddexp(0.0, logits) - y * logits)

    start = first_parameters(d, n_layers)
    parameters = [pnp.array(start[k], requires_grad=True) for k in ("weights", "coef", "intercept")]
    optimizer = qml.AdamOptimizer(RATE, beta1=0.9, beta2=0.999)
    losses = []
    for epoch in range(n_epochs):
        # PennyLane adds eps before it corrects the bias of the second moment, optax after.
        optimizer.eps = 1e-8 * np.sqrt(1 - 0.999 ** (epoch + 1))
        parameters, loss = optimizer.step_and_cost(cost, *parameters)
        losses.append(float(loss))
    return np.array(losses)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if losses differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=4)
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument(
        "--loop-epochs", type=int, default=2, help="of the tutorial's loop; its time is scaled"
    )
    a = parser.parse_args(arguments)
    X, y = data(a.samples, a.qubits)
    # Every contender imports PennyLane; what is ours alone is the compilation.
    for module in ("pennylane", "jax", "optax", "sklearn.model_selection"):
        importlib.import_module(module)
    start = time.perf_counter()
    ours(X, y, a.layers, a.epochs)
    cold = time.perf_counter() - start
    loop = "PennyLane, the tutorial's loop over samples"
    rows = _timing.race(
        lambda: ours(X, y, a.layers, a.epochs),
        {
            loop: lambda: pennylane(X, y, a.layers, a.loop_epochs, broadcast=False),
            "PennyLane, broadcast over samples": lambda: pennylane(
                X, y, a.layers, a.epochs, broadcast=True
            ),
        },
        rounds=a.rounds,
        budget=a.budget,
        # Losses before each of the epochs that both ran.
        same=lambda mine, theirs: _timing.difference(mine[: len(theirs)], theirs),
        scale={loop: a.epochs / a.loop_epochs},
        notes={
            "qmlcourse": f"compilation: {cold:.3g} s once",
            loop: f"measured on {a.loop_epochs} epochs and scaled",
        },
    )
    work = f"Training, {a.qubits} qubits, {a.layers} layers, {a.samples} samples, {a.epochs} epochs"
    return _timing.finish(
        "training", work, rows, a.out, ["pennylane", "jax"], qubits=a.qubits, layers=a.layers,
        samples=a.samples, epochs=a.epochs, loop_epochs=a.loop_epochs, compile_seconds=cold,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
