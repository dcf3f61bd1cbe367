"""The same circuit in PennyLane, Cirq and TensorFlow Quantum gives the same numbers."""

import numpy as np
import pennylane as qml
import pytest

from qmlcourse import interop

cirq = pytest.importorskip("cirq")
sympy = pytest.importorskip("sympy")
pytestmark = pytest.mark.extra("tfq")


def gates(a, b):
    qml.RX(a, 0)
    qml.CNOT([0, 2])
    qml.Rot(0.1, b, -0.4, wires=1)
    qml.IsingZZ(a * b, wires=[1, 2])
    qml.CRY(0.3, wires=[2, 0])
    qml.adjoint(qml.S)(1)


def circuit(a, b):
    gates(a, b)
    return qml.state()


def test_to_cirq_keeps_the_state():
    qnode = qml.QNode(circuit, qml.device("default.qubit", wires=3))
    state = cirq.Simulator(dtype=np.complex128).simulate(interop.to_cirq(circuit, 0.7, 1.3))
    overlap = np.vdot(state.final_state_vector, qnode(0.7, 1.3))
    # Decompositions may change the global phase, and nothing else.
    assert abs(overlap) == pytest.approx(1, abs=1e-10)


def test_to_cirq_takes_scripts_qnodes_and_functions():
    qnode = qml.QNode(circuit, qml.device("default.qubit", wires=3))
    script = qml.tape.make_qscript(circuit)(0.7, 1.3)
    assert interop.to_cirq(qnode, 0.7, 1.3) == interop.to_cirq(script)
    assert interop.to_cirq(script) == interop.to_cirq(circuit, 0.7, 1.3)


def test_to_cirq_keeps_qubit_order_and_idle_wires():
    script = qml.tape.QuantumScript([qml.X(0), qml.Identity(1)])
    translated = interop.to_cirq(script)
    assert sorted(translated.all_qubits()) == cirq.LineQubit.range(2)
    state = cirq.Simulator().simulate(translated).final_state_vector
    assert np.flatnonzero(np.abs(state) > 0.5).tolist() == [2]


def test_bad_circuits_are_named():
    with pytest.raises(TypeError, match="circuit must be a QuantumScript"):
        interop.to_cirq("H 0")
    assert interop.to_cirq(qml.tape.QuantumScript([qml.X(3)])) == cirq.Circuit(
        cirq.X(cirq.LineQubit(3))
    )


def test_tfq_equals_pennylane():
    @qml.qnode(qml.device("default.qubit", wires=3))
    def expectations(a, b):
        gates(a, b)
        return [qml.expval(qml.Z(0) @ qml.X(1)), qml.expval(qml.Y(2))]

    points = [(0.7, 1.3), (-2.0, 0.4)]
    q = cirq.LineQubit.range(3)
    values = interop.tfq_expectation(
        [interop.to_cirq(circuit, *p) for p in points], [cirq.Z(q[0]) * cirq.X(q[1]), cirq.Y(q[2])]
    )
    # TensorFlow Quantum computes in single precision.
    np.testing.assert_allclose(values, [expectations(*p) for p in points], atol=2e-6)


def test_tfq_gradient_is_the_closed_form():
    q = cirq.LineQubit.range(2)
    a, b = sympy.symbols("a b")
    symbolic = cirq.Circuit(cirq.rx(a)(q[0]), cirq.ry(b)(q[1]), cirq.CNOT(*q))
    points = np.array([[0.3, 1.1], [2.0, -0.4]])
    # <Z_1> = cos a cos b after the CNOT.
    sine, cosine = np.sin(points), np.cos(points)
    exact = -np.stack([sine[:, 0] * cosine[:, 1], cosine[:, 0] * sine[:, 1]], axis=1)
    ours = interop.tfq_gradient(symbolic, [cirq.Z(q[1])], ["a", "b"], points)
    np.testing.assert_allclose(ours, exact, atol=2e-6)
    swapped = interop.tfq_gradient(symbolic, [cirq.Z(q[1])], ["b", "a"], points[:, ::-1])
    np.testing.assert_allclose(swapped, exact[:, ::-1], atol=2e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c, z: interop.tfq_expectation(c, z, ["a"], [[1.0, 2.0]]), "1 columns"),
        (lambda c, z: interop.tfq_expectation(c, z, ["a"], [1.0]), "values must be a 2-D array"),
        (lambda c, z: interop.tfq_expectation([c, c], z, ["a"], [[1.0]]), "2 rows"),
        (lambda c, z: interop.tfq_gradient(c, z, [], np.zeros((1, 0))), "symbols must name"),
        (lambda c, z: interop.tfq_expectation(c, z, ["a"], [[np.nan]]), "finite numbers; got NaN"),
    ],
)
def test_bad_values_are_named(call, message):
    q = cirq.LineQubit(0)
    with pytest.raises(ValueError, match=message):
        call(cirq.Circuit(cirq.rx(sympy.Symbol("a"))(q)), [cirq.Z(q)])
