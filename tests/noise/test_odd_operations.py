"""Operations of the reader's own, complex angles, states that are none: by every route."""

import numpy as np
import pennylane as qml
import pytest
import scipy.sparse
from pennylane.operation import Operation

from qmlcourse import hardware, mitigation, noise

Tape = qml.tape.QuantumScript
AFTER = [qml.RX(0.3, 0), qml.RY(0.4, 0), qml.RX(0.5, 0)]
HADAMARD = np.array([[1, 1], [1, -1]]) / np.sqrt(2)


def own(name, matrix=None, parts=None, base=Operation, n_params=0):
    """Return a class of operations as a reader may write one."""
    body = {} if base is not Operation else {"num_params": n_params, "num_wires": 1}
    if matrix is not None:
        body["compute_matrix"] = staticmethod(matrix)
    if parts is not None:
        body["compute_decomposition"] = staticmethod(parts)
    return type(name, (base,), body | {"__module__": "mine"})


S = own("S", lambda: HADAMARD)
RX = own("RX", lambda angle: qml.RY.compute_matrix(angle), n_params=1)
Derived = own("RX", lambda angle: qml.RY.compute_matrix(angle), base=qml.RX)
XX = own("Pair", lambda angle: qml.IsingYY.compute_matrix(angle), base=qml.IsingXX)
Block = own("Block", parts=lambda wires: [S(wires), RX(0.3, wires)])
Half = own("Half", lambda: np.diag([1, 0.5]))
OfHalf = own("OfHalf", parts=lambda wires: [qml.X(wires), Half(wires)])
Measuring = own("Measuring", parts=lambda wires: [qml.H(wires), qml.ops.MidMeasure(wires)])


def tape(*ops):
    return Tape([*ops, *AFTER], [qml.expval(qml.Z(0))])


def folded(circuit):
    return float(exact_value(mitigation.fold_global(circuit, 3)))


def exact_value(circuit):
    """Return the value by the matrices, in order: what an operation is called doesn't matter."""
    state = np.eye(4)[0]
    for op in circuit.operations:
        state = qml.matrix(op, wire_order=[0, 1]) @ state
    return (np.abs(state) ** 2 @ [1, 1, -1, -1]).item()


ROUTES = {
    "noise": lambda t: noise.executor()([t], None)[0].value,
    "a model": lambda t: noise.executor(noise.depolarizing(0, 0))([t], None)[0].value,
    "hardware": lambda t: hardware.executor("exact", rng=np.random.default_rng(0))([t], None)[0][0],
    "fold_global": folded,
    "zne": lambda t: mitigation.zne(t, noise.executor(), None).value,
    "cdr": lambda t: (
        mitigation.clifford_data_regression(
            t, noise.executor(), None, n_training=3, rng=np.random.default_rng(0)
        ).value
    ),
}


def cirq_value(circuit):
    cirq = pytest.importorskip("cirq")
    from qmlcourse.interop import to_cirq

    qubits = cirq.LineQubit.range(2)
    simulator = cirq.Simulator(dtype=np.complex128)
    state = simulator.simulate(to_cirq(circuit), qubit_order=qubits).final_state_vector
    return (np.abs(state) ** 2 @ [1, 1, -1, -1]).item()


ROUTE = [*(pytest.param(f, id=k) for k, f in ROUTES.items())]
ROUTE += [pytest.param(cirq_value, id="cirq", marks=pytest.mark.extra("cirq"))]


@pytest.mark.parametrize("route", ROUTE)
@pytest.mark.parametrize(
    "ops",
    [
        [S(0)],
        [qml.adjoint(S(0))],
        [S(0) ** 0.5],
        [qml.H(1), qml.ctrl(S(0), 1)],
        [qml.prod(S(0), qml.X(1))],
        [RX(0.3, 0)],
        [qml.adjoint(RX(0.3, 0))],
        [Derived(0.3, 0)],
        [qml.adjoint(Derived(0.3, 0))],
        [qml.H(0), XX(0.3, [0, 1]), qml.CNOT([1, 0])],
    ],
    ids=str,
)
def test_a_gate_is_its_matrix_whatever_its_name(ops, route):
    assert route(tape(*ops)) == pytest.approx(exact_value(tape(*ops)), abs=1e-9)


@pytest.mark.parametrize("route", ROUTE)
def test_a_block_of_such_gates(route):
    right = exact_value(tape(qml.H(0), qml.RY(0.3, 0)))
    assert route(tape(Block(0))) == pytest.approx(right, abs=1e-9)


def test_a_channel_of_anothers_name():
    class BitFlip(qml.BitFlip):
        @staticmethod
        def compute_kraus_matrices(p):
            return qml.PhaseFlip.compute_kraus_matrices(p)

    circuit = Tape([qml.H(0), BitFlip(0.1, 0)], [qml.expval(qml.X(0))])
    assert noise.executor()([circuit], None)[0].value == pytest.approx(0.8)


@pytest.mark.parametrize("route", ROUTE)
@pytest.mark.parametrize(
    ("op", "sentence"),
    [
        (Half(0), r"must hold unitary gates and channels; got Half\("),
        (qml.adjoint(Half(0)), "must hold unitary gates and channels; got Adjoint"),
        (qml.ctrl(Half(0), 1), "must hold unitary gates and channels; got Controlled"),
        (OfHalf(0), r"must hold unitary gates and channels; got Half\("),
        (Measuring(0), "must measure at its end only; got MidMeasure"),
        (qml.RX(1j, 0), r"must have real angles and probabilities; got RX\(1j"),
        (qml.Rot(0.1, 0.2, 1j, 0), "must have real angles and probabilities; got Rot"),
        (qml.CRX(1j, [1, 0]), "must have real angles and probabilities; got CRX"),
        (qml.adjoint(qml.RX(1j, 0)), "must have real angles and probabilities; got Adjoint"),
        (qml.AngleEmbedding(np.array([1, 1j]), [0, 1]), "must have real angles"),
        (qml.StatePrep([1, 1], 0, validate_norm=False), "must prepare a state, of norm or trace 1"),
        (qml.QubitDensityMatrix(np.eye(2), 0), "must prepare a state, of norm or trace 1"),
        (qml.QubitDensityMatrix(np.diag([1.5, -0.5]), 0), "must prepare a state, of norm or trace"),
        (qml.QubitDensityMatrix([[0.5, 0.3], [0, 0.5]], 0), "must prepare a state, of norm or tr"),
        (
            qml.StatePrep(scipy.sparse.csr_matrix([[1.0, 1.0]]), 0, validate_norm=False),
            "must prepare a state, of norm or trace 1",
        ),
    ],
    ids=str,
)
def test_what_no_circuit_may_hold(op, sentence, route):
    with pytest.raises(ValueError, match=sentence) as error:
        route(tape(op))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("route", ROUTE)
@pytest.mark.parametrize(
    "make",
    [
        lambda one: [qml.RX(0.3 * one, 0)],
        lambda one: [qml.adjoint(qml.RX(0.3 * one, 0))],
        lambda one: [qml.H(1), qml.CRX(0.3 * one, [1, 0])],
        lambda one: [qml.prod(qml.RX(0.3 * one, 0), qml.RY(0.2 * one, 1))],
        lambda one: [qml.PauliRot(0.3 * one, "XY", [0, 1])],
        lambda one: [qml.AngleEmbedding(np.array([0.3, 1]) * one, [0, 1])],
        lambda one: [qml.GlobalPhase(0.3 * one, 0)],
    ],
)
def test_a_complex_angle_that_is_real_is_served(make, route):
    right = exact_value(tape(*make(1.0)))
    assert route(tape(*make(1 + 0j))) == pytest.approx(right, abs=1e-9)


@pytest.mark.parametrize("op", [qml.BitFlip(0.1, 0), qml.QubitDensityMatrix(np.eye(2) / 2, 0)])
def test_data_regression_says_what_it_cant_simulate(op):
    with pytest.raises(ValueError, match=r"circuit must (have unitary gates only|prepare a pure)"):
        ROUTES["cdr"](tape(op))


# PennyLane's StatePrep casts back what autograd follows.
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_derivatives_pass_through_a_fold_that_prepares_a_state():
    device = qml.device("default.qubit")

    def value(angle):
        state = qml.math.stack([qml.math.cos(angle), qml.math.sin(angle)])
        circuit = Tape([qml.StatePrep(state, 0), qml.RX(0.3, 0)], [qml.expval(qml.Z(0))])
        [found] = qml.execute([mitigation.fold_global(circuit, 3)], device, "backprop")
        return found

    slope = qml.grad(value)(qml.numpy.array(0.4))
    assert slope == pytest.approx(-2 * np.sin(0.8) * np.cos(0.3))


# Labels that are tuples, which PennyLane takes for several wires.


@pytest.mark.parametrize(
    "make",
    [
        lambda a, b: ([qml.X(wires=[a])], qml.Z([a])),
        lambda a, b: ([qml.H([a]), qml.IsingXX(0.3, [a, b])], qml.X([a]) @ qml.Z([b])),
        lambda a, b: (
            [qml.QFT(wires=[a, b]), qml.ctrl(qml.RX(0.3, [b]), [a]), qml.adjoint(qml.S([a]))],
            qml.Hermitian(np.eye(4)[::-1] + np.diag([1, 2, 3, 4]), [a, b]),
        ),
        lambda a, b: (
            [qml.BasisState([1, 1], wires=[a, b]), qml.RX(0.3, [a]), qml.T([b])],
            qml.Hamiltonian([1, 2], [qml.X([a]), qml.Z([a]) @ qml.Z([b])]),
        ),
    ],
)
@pytest.mark.parametrize("mitigated", [False, True])
def test_wires_that_are_tuples(make, mitigated):
    found = []
    for a, b in [(0, 1), ((0, 1), "b"), ((0, 1), (0, 2))]:
        matrices = {a: noise.confusion_matrix(0.1, 0.05), b: noise.confusion_matrix(0.02, 0)}
        run = noise.executor(noise.depolarizing(0.03, 0.05) + noise.readout(matrices))
        ops, observable = make(a, b)
        circuit = Tape(ops, [qml.expval(observable)])
        value = mitigation.zne(circuit, run, None) if mitigated else run([circuit], None)[0]
        found.append(value.value)
    np.testing.assert_allclose(found, found[0], atol=1e-12)


@pytest.mark.parametrize("name", ["noise", "a model", "hardware", "zne", "cdr"])
def test_derivatives_are_not_cut_off_in_silence(name):
    # A value by shots or by matrices has no derivative that autograd could follow.
    message = "circuit must have numbers for its parameters; got RX"
    with pytest.raises(TypeError, match=message):
        qml.grad(lambda angle: ROUTES[name](tape(qml.RX(angle, 0))))(qml.numpy.array(0.4))


Mine = own("Mine", lambda: HADAMARD)
Around = own("Around", parts=lambda wires: [Mine(wires), qml.X(wires)])
TURN = [qml.H(0), qml.X(0), qml.RZ(0.4, 0)]  # a matrix of its own and gates: those are counted
TURNED = qml.matrix(qml.prod(*TURN[::-1]))
Both = own("Both", lambda: TURNED, parts=lambda wires: [op.map_wires({0: wires[0]}) for op in TURN])


class Late(Operation):
    """As ``Both``, by the other of the two methods that PennyLane looks for."""

    num_wires = 1
    __module__ = "mine"

    @staticmethod
    def compute_matrix():
        return TURNED

    def decomposition(self):
        return TURN


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        (qml.prod(Mine(0), qml.X(1)), [qml.X(1), Mine(0)]),
        (qml.prod(qml.X(1), Mine(0)), [Mine(0), qml.X(1)]),
        (qml.prod(Mine(0), qml.prod(Mine(0), qml.X(1))), [qml.X(1), Mine(0), Mine(0)]),
        (qml.prod(S(0), qml.X(1)), [qml.X(1), S(0)]),
        (qml.adjoint(qml.prod(Mine(0), qml.X(1))), [qml.adjoint(Mine(0)), qml.X(1)]),
        (qml.adjoint(qml.prod(S(0), qml.X(1))), [qml.adjoint(S(0)), qml.X(1)]),
        (qml.prod(S(0), qml.X(1)) ** 2, [qml.X(1), S(0), qml.X(1), S(0)]),
        (Both(0), TURN),
        (Late(0), TURN),
        (Around(0), [Mine(0), qml.X(0)]),
        (Block(0), [S(0), RX(0.3, 0)]),
    ],
    ids=str,
)
def test_what_is_made_of_gates_has_the_noise_of_each(whole, parts):
    run = noise.executor(noise.depolarizing(0.03, 0.2))
    read = [qml.expval(qml.Hadamard(0) @ qml.Z(1))]
    one, other = run([Tape([whole], read), Tape(parts, read)], None)
    assert one.value == pytest.approx(other.value, abs=1e-12)
    shrunk = [0.96 ** sum(wire in op.wires for op in parts) for wire in (0, 1)]
    clean = run_clean(Tape(parts, read))
    assert abs(clean) > 0.1
    assert one.value == pytest.approx(clean * shrunk[0] * shrunk[1], abs=1e-12)


def run_clean(circuit):
    return noise.executor()([circuit], None)[0].value
