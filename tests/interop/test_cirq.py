"""A circuit translated to Cirq has PennyLane's state, whatever its gates and wires."""

import sys
from numbers import Integral

import any_circuit
import numpy as np
import pennylane as qml
import pytest

from qmlcourse import interop

cirq = pytest.importorskip("cirq")
pytestmark = pytest.mark.extra("cirq")
Tape = qml.tape.QuantumScript
# PennyLane itself takes a label that is a tuple for several wires; that is tested apart.
LABELS = [w for w in any_circuit.LABELS if not any(isinstance(k, tuple) for k in w)]


def state(circuit, qubits):
    simulator = cirq.Simulator(dtype=np.complex128)
    return simulator.simulate(circuit, qubit_order=qubits).final_state_vector


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_drawn_circuits_keep_their_state(labels):
    device = qml.device("default.qubit", wires=labels)
    for seed in range(5):
        rng = np.random.default_rng([1, seed])
        idle = [qml.Identity([wire]) for wire in labels]
        gates = [*any_circuit.circuit(rng, labels=labels).operations, *idle]
        right = qml.execute([Tape(gates, [qml.state()])], device)[0]
        tape = Tape(gates)
        numbers = tape.wires.tolist()
        numbered = all(isinstance(w, Integral) and w >= 0 for w in numbers)
        order = [int(w) if numbered else numbers.index(w) for w in labels]
        ours = state(interop.to_cirq(tape), [cirq.LineQubit(k) for k in order])
        assert abs(np.vdot(ours, right)) == pytest.approx(1, abs=1e-10)


def test_a_qnode_keeps_its_arguments_its_device_and_the_order_of_its_wires():
    @qml.qnode(qml.device("default.qubit", wires=["c", "a", "b"]))
    def circuit(x, *, y=0.1):
        qml.RX(x, "a")
        qml.CNOT(["a", "c"])
        qml.RY(y, "c")
        return qml.state()

    ours = state(interop.to_cirq(circuit, 0.4, y=0.9), cirq.LineQubit.range(3))
    assert abs(np.vdot(ours, circuit(0.4, y=0.9))) == pytest.approx(1, abs=1e-10)


def test_channels_are_kept():
    noise = [qml.AmplitudeDamping(0.3, 1), qml.PauliError("XY", 0.2, [1, 0])]
    tape = Tape([qml.H(0), qml.CNOT([0, 1]), *noise])
    right = qml.execute(
        [Tape(tape.operations, [qml.density_matrix([0, 1])])], qml.device("default.mixed", wires=2)
    )[0]
    ours = cirq.DensityMatrixSimulator(dtype=np.complex128).simulate(interop.to_cirq(tape))
    np.testing.assert_allclose(ours.final_density_matrix, right, atol=1e-10)


def test_many_wires_need_no_state():
    tape = Tape([qml.X(k) for k in range(40)])
    assert len(interop.to_cirq(tape).all_qubits()) == 40


@pytest.mark.parametrize("wire", [(0, 1), 1.5, -1, "a b"])
def test_any_label_is_a_wire(wire):
    tape = Tape([qml.U3(0.1, 0.2, 0.3, [wire]), qml.CNOT([wire, "z"])])
    plain = Tape([qml.U3(0.1, 0.2, 0.3, 0), qml.CNOT([0, 1])])
    assert interop.to_cirq(tape) == interop.to_cirq(plain)


class Unknown(qml.operation.Operation):
    """A gate that says neither what it is made of nor what its matrix is."""

    num_wires = 1


class Made(qml.operation.Operation):
    """A gate with a matrix, made of one without."""

    num_wires = 1

    @staticmethod
    def compute_matrix():
        return np.eye(2)

    @staticmethod
    def compute_decomposition(wires):
        return [Unknown(wires)]


@pytest.mark.parametrize(
    ("circuit", "match"),
    [
        (Tape([qml.RX(np.array([0.1, 0.2]), 0)]), "one number for each parameter; got batches"),
        (Tape([qml.RX(np.nan, 0)]), "finite parameters"),
        (lambda: qml.measure(0), "measure at its end only"),
        (Tape([qml.QubitDensityMatrix(np.eye(2) / 2, 0)]), "prepare pure states"),
        (Tape([Unknown(0)]), "gates with a matrix; Unknown has none"),
        (Tape([Made(0)]), r"a gate that Cirq lacks: .*Unknown.* not supported with Cirq "),
        (Tape([qml.Displacement(0.1, 0.1, 0)]), "act on qubits"),
    ],
)
def test_what_has_no_counterpart_is_named(circuit, match):
    with pytest.raises(ValueError, match=match):
        interop.to_cirq(circuit)


def test_arguments_of_a_script_are_refused():
    for args, kwargs in (((1,), {}), ((), {"x": 1})):
        with pytest.raises(TypeError, match=r"go with a QNode"):
            interop.to_cirq(Tape([qml.X(0)]), *args, **kwargs)


@pytest.mark.parametrize("module", ["cirq", "pennylane_cirq"])
def test_the_missing_extra_is_named(module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"qmlcourse\[cirq\]"):
        interop.to_cirq(Tape([qml.X(0)]))


@qml.qnode(qml.device("default.qubit"))
def turned(a):
    qml.RX(a, 0)
    return qml.expval(qml.Z(0))


def just_turned(a):
    qml.RX(a, 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda a: interop.to_cirq(turned, 0.3, c=1),
        lambda a: interop.to_cirq(turned, 0.3, a=1),
        lambda a: interop.to_cirq(turned),
        lambda a: interop.to_cirq(turned, a),
        lambda a: interop.to_cirq(turned, a=a),
        lambda a: interop.to_cirq(just_turned, a),
        lambda a: interop.to_cirq(just_turned, 2 * a + 1),
        lambda a: interop.to_cirq(Tape([qml.RX(a, 0)])),
        lambda a: interop.to_cirq(just_turned, 0.3, c=1),
    ],
)
def test_arguments_that_do_not_fit(call):
    sympy = pytest.importorskip("sympy")
    with pytest.raises(
        TypeError, match=r"must be called with|must have numbers|unexpected keyword"
    ):
        call(sympy.Symbol("a"))
