"""Gradient variance beside TensorFlow Quantum's tutorial and PennyLane's adjoint method.

The circuits are those of the barren-plateau tutorial: an RY(pi/4) on every qubit, layers of
random Pauli rotations and a chain of CZ; the derivative of Z0 Z1 by the first angle. The time
includes what each needs to build its circuits.
"""

import os
from itertools import pairwise

import numpy as np

from benchmarks import _timing
from qmlcourse.ansatz import Ansatz, random_pauli
from qmlcourse.trainability import first_derivatives

MEMORY = """
import numpy as np
from qmlcourse.trainability import gradient_variance
gradient_variance({qubits}, {depth}, cost="zz", n_samples={samples}, rng=np.random.default_rng(0))
"""


def tfq_derivatives(circuits: list[Ansatz], thetas: np.ndarray) -> np.ndarray:
    """Compute them as the TensorFlow Quantum tutorial does: one symbol, the default layer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import cirq
    import sympy

    from qmlcourse.interop import tensorflow_quantum

    tfq = tensorflow_quantum()
    import tensorflow as tf

    tf.get_logger().setLevel("ERROR")  # each layer traces anew, which it warns of
    qubits = cirq.GridQubit.rect(1, circuits[0].n_qubits)
    symbol = sympy.Symbol("theta")
    gates = {1: cirq.rx, 2: cirq.ry, 3: cirq.rz}

    def built(circuit: Ansatz, theta: np.ndarray) -> cirq.Circuit:
        angles = theta.reshape(circuit.axes.shape)
        result = cirq.Circuit()
        for qubit in qubits:
            result += cirq.ry(np.pi / 4)(qubit)
        for d, axes in enumerate(circuit.axes):
            for i, qubit in enumerate(qubits):
                angle = symbol if i == d == 0 else angles[d, i]
                result += gates[int(axes[i])](angle)(qubit)
            for pair in pairwise(qubits):
                result += cirq.CZ(*pair)
        return result

    layer = tfq.layers.Expectation()
    tensor = tfq.convert_to_tensor([built(c, t) for c, t in zip(circuits, thetas, strict=True)])
    values = tf.convert_to_tensor(thetas[:, :1].astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(values)
        forward = layer(
            tensor,
            operators=cirq.Z(qubits[0]) * cirq.Z(qubits[1]),
            symbol_names=[symbol],
            symbol_values=values,
        )
    return tape.gradient(forward, values).numpy()[:, 0]


def pennylane_derivatives(circuits: list[Ansatz], thetas: np.ndarray, *, whole: bool) -> np.ndarray:
    """Compute them by adjoint differentiation on lightning.qubit, one circuit at a time.

    ``whole`` asks for the gradient by every angle, as an optimiser does, and takes its first.
    """
    import pennylane as qml
    from pennylane import numpy as pnp

    q = circuits[0].n_qubits
    gates = {1: qml.RX, 2: qml.RY, 3: qml.RZ}
    device = qml.device("lightning.qubit", wires=q)

    def derivative(circuit: Ansatz, theta: np.ndarray) -> float:
        angles = theta.reshape(circuit.axes.shape)

        @qml.qnode(device, diff_method="adjoint")
        def expectation(trained):
            # Adjoint differentiation works less when it is told that one angle is enough.
            values = trained.reshape(angles.shape) if whole else angles
            for k in range(q):
                qml.RY(np.pi / 4, k)
            for d, axes in enumerate(circuit.axes):
                for k in range(q):
                    one = not whole and k == d == 0
                    gates[int(axes[k])](trained if one else values[d, k], k)
                for k in range(q - 1):
                    qml.CZ([k, k + 1])
            return qml.expval(qml.Z(0) @ qml.Z(1))

        trained = pnp.array(theta if whole else theta[0], requires_grad=True)
        return float(np.ravel(qml.grad(expectation)(trained))[0])

    return np.array([derivative(c, t) for c, t in zip(circuits, thetas, strict=True)])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ or memory is above its limit."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=12)
    parser.add_argument("--depth", type=int, default=50)
    parser.add_argument("--circuits", type=int, default=100)
    parser.add_argument("--large-qubits", type=int, default=16)
    a = parser.parse_args(arguments)

    def drawn() -> tuple[list[Ansatz], np.ndarray]:
        rng = np.random.default_rng(0)
        circuits = [random_pauli(a.qubits, a.depth, rng=rng) for _ in range(a.circuits)]
        return circuits, rng.uniform(0, 2 * np.pi, (a.circuits, a.qubits * a.depth))

    rows = _timing.race(
        lambda: first_derivatives(*drawn(), "zz"),
        {
            "TensorFlow Quantum, its tutorial": lambda: tfq_derivatives(*drawn()),
            "PennyLane lightning.qubit, adjoint, first angle only": lambda: pennylane_derivatives(
                *drawn(), whole=False
            ),
            "PennyLane lightning.qubit, adjoint, every angle": lambda: pennylane_derivatives(
                *drawn(), whole=True
            ),
        },
        rounds=a.rounds,
        budget=a.budget,
        # Its adjoint takes each gate's derivative as a finite difference in single precision.
        tolerance={"TensorFlow Quantum, its tutorial": 1e-4},
    )
    large = MEMORY.format(qubits=a.large_qubits, depth=a.depth, samples=a.circuits)
    size = f"depth {a.depth}, {a.circuits} circuits"
    return _timing.finish(
        "gradient_variance", f"Gradient variance, {a.qubits} qubits, {size}", rows, a.out,
        ["tensorflow-quantum", "tensorflow", "pennylane", "pennylane-lightning"],
        memory={f"{a.large_qubits} qubits, {size}": (_timing.peak_memory(large), 4.0)},
        qubits=a.qubits, depth=a.depth, circuits=a.circuits, large_qubits=a.large_qubits,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
