"""Noise models against closed forms, and against Cirq's density matrices."""

import contextlib

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qmlcourse import noise

with contextlib.suppress(ModuleNotFoundError):
    import cirq

Z0 = qml.expval(qml.Z(0))
ONE = qml.tape.QuantumScript([qml.X(0)], [Z0])


def value(operations, model, observable=None):
    tape = qml.tape.QuantumScript(operations, [qml.expval(observable or qml.Z(0))])
    return noise.executor(model)([tape], None)[0].value


def random_gates(rng, n=3, layers=5):
    """Return name, angle and wires of the gates of a random circuit."""
    for _ in range(layers):
        for wire in range(n):
            for name in rng.choice(["RX", "RY", "RZ"], 2):
                yield str(name), rng.uniform(0, 2 * np.pi), (wire,)
        first = int(rng.integers(n))
        yield "CNOT", None, (first, (first + 1) % n)


def cirq_expectations(circuit_gates, after, paulis, n=3):
    """Return expectation values of Cirq; ``after(qubit, n_wires)`` gives the noise of a gate."""
    qubits = cirq.LineQubit.range(n)
    kinds = {"RX": cirq.rx, "RY": cirq.ry, "RZ": cirq.rz}
    circuit = cirq.Circuit(cirq.I.on_each(*qubits))
    for name, angle, wires in circuit_gates:
        on = [qubits[w] for w in wires]
        circuit += cirq.CNOT(*on) if angle is None else kinds[name](angle)(*on)
        for qubit in on:
            circuit += after(qubit, len(wires))
    simulator = cirq.DensityMatrixSimulator(dtype=np.complex128)
    observables = [
        cirq.PauliString({qubits[w]: getattr(cirq, letter) for w, letter in pauli})
        for pauli in paulis
    ]
    return np.real(simulator.simulate_expectation_values(circuit, observables=observables))


def relax(t, t1, t2, excited=0.0):
    """Return thermal relaxation as Cirq's two channels: damping, then pure dephasing."""

    def channels(qubit):
        damping = 1 - np.exp(-t / t1)
        dephasing = 1 - np.exp(t / t1 - 2 * t / t2)
        return [
            cirq.generalized_amplitude_damp(1 - excited, damping)(qubit),
            cirq.phase_damp(dephasing)(qubit),
        ]

    return channels


PAULIS = [[(0, "Z")], [(1, "X")], [(2, "Y")], [(0, "X"), (1, "Y")], [(0, "Z"), (1, "Z"), (2, "Z")]]


@pytest.mark.parametrize(
    ("model", "after"),
    [
        (
            lambda: noise.depolarizing(0.01, 0.06),
            lambda q, n: cirq.depolarize(0.01 if n == 1 else 0.06)(q),
        ),
        (lambda: noise.amplitude_damping(0.07), lambda q, n: cirq.amplitude_damp(0.07)(q)),
        (
            lambda: noise.thermal(50, 30, 1, 4),
            lambda q, n: relax(1 if n == 1 else 4, 50, 30)(q),
        ),
        (
            lambda: noise.thermal(50, 80, 1, 4),  # t2 above t1: PennyLane takes another path
            lambda q, n: relax(1 if n == 1 else 4, 50, 80)(q),
        ),
        (lambda: noise.thermal(50, 100, 2, 2), lambda q, n: relax(2, 50, 100)(q)),
        (lambda: noise.thermal(50, 30, 3, 3, excited=0.2), lambda q, n: relax(3, 50, 30, 0.2)(q)),
        (lambda: noise.thermal(50, 80, 3, 3, excited=0.2), lambda q, n: relax(3, 50, 80, 0.2)(q)),
        (
            lambda: noise.amplitude_damping(0.07) + noise.depolarizing(0.01, 0.06),
            lambda q, n: [
                cirq.amplitude_damp(0.07)(q), cirq.depolarize(0.01 if n == 1 else 0.06)(q)
            ],
        ),
    ],
)  # fmt: skip
def test_expectations_agree_with_cirq(model, after, rng):
    pytest.importorskip("cirq")
    circuit = list(random_gates(rng))
    ours = [
        value(
            [getattr(qml, n)(*([] if a is None else [a]), wires=w) for n, a, w in circuit],
            model(),
            qml.prod(*(getattr(qml, letter)(w) for w, letter in pauli)),
        )
        for pauli in PAULIS
    ]
    theirs = cirq_expectations(circuit, after, PAULIS)
    assert np.abs(theirs).max() > 0.05
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    clean = cirq_expectations(circuit, lambda q, n: [], PAULIS)
    assert np.abs(theirs - clean).max() > 0.01


@given(st.floats(0, 1))
def test_depolarizing_shrinks_every_axis_alike(p):
    model = noise.depolarizing(p, 0)
    for gate, observable in [(qml.I(0), qml.Z(0)), (qml.H(0), qml.X(0))]:
        assert value([gate], model, observable) == pytest.approx(1 - 4 * p / 3, abs=1e-9)


def test_gates_on_two_wires_have_their_own_probability():
    # Each wire of the CNOT shrinks, and only then.
    assert value([qml.CNOT([0, 1])], noise.depolarizing(0, 0.3), qml.Z(1)) == pytest.approx(0.6)
    assert value([qml.CNOT([0, 1])], noise.depolarizing(0.3, 0), qml.Z(1)) == pytest.approx(1)
    both = value([qml.CNOT([0, 1])], noise.depolarizing(0, 0.3), qml.Z(0) @ qml.Z(1))
    assert both == pytest.approx(0.36)


@given(st.floats(0, 1), st.integers(1, 4))
def test_amplitude_damping_keeps_1_less_often_each_gate(gamma, n_gates):
    gates = [qml.X(0)] + [qml.I(0)] * (n_gates - 1)
    left = value(gates, noise.amplitude_damping(gamma), qml.Projector([1], 0))
    assert left == pytest.approx((1 - gamma) ** n_gates, abs=1e-9)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 1.6, 2.0])
def test_thermal_decays_at_its_times(ratio):
    t1, t, n_gates = 80.0, 7.0, 4
    t2, model = ratio * t1, noise.thermal(t1, ratio * t1, t, 99)
    waits = [qml.I(0)] * (n_gates - 1)
    excited = value([qml.X(0), *waits], model, qml.Projector([1], 0))
    assert excited == pytest.approx(np.exp(-n_gates * t / t1), abs=1e-9)
    coherence = value([qml.H(0), *waits], model, qml.X(0))
    assert coherence == pytest.approx(np.exp(-n_gates * t / t2), abs=1e-9)


@pytest.mark.parametrize("t2", [30.0, 80.0, 100.0])
@pytest.mark.parametrize("excited", [0.0, 0.2])
def test_thermal_is_the_channel_of_pennylane(t2, excited):
    gates = [qml.RY(0.7, 0), qml.RZ(0.4, 0)]
    theirs = [
        op
        for gate in gates
        for op in (gate, qml.ThermalRelaxationError(excited, 50.0, t2, 9.0, wires=0))
    ]
    model = noise.thermal(50.0, t2, 9.0, 0.0, excited=excited)
    for observable in (qml.X(0), qml.Y(0), qml.Z(0)):
        expected = value(theirs, None, observable)
        assert value(gates, model, observable) == pytest.approx(expected, abs=1e-9)


def test_thermal_settles_at_the_excited_population():
    model = noise.thermal(1.0, 1.5, 60.0, 0.0, excited=0.125)
    assert value([qml.I(0)], model, qml.Projector([1], 0)) == pytest.approx(0.125)


def test_models_add_up_even_of_one_kind():
    model = noise.depolarizing(0.3, 0.3) + noise.depolarizing(0.15, 0.15)
    assert value([qml.I(0)], model) == pytest.approx(0.6 * 0.8)


def test_templates_get_noise_after_each_gate_and_preparations_none():
    weights = np.ones((2, 3, 3))
    template = qml.StronglyEntanglingLayers(weights, range(3))
    model = noise.depolarizing(0.01, 0.05)
    expanded = template.decomposition()
    assert value([template], model) == pytest.approx(value(expanded, model), abs=1e-12)
    assert value([template], model) != pytest.approx(value([template], None), abs=1e-3)
    prepared = [qml.StatePrep(np.array([0, 1]), 0)], [qml.BasisState([1], 0)]
    for operations in prepared:
        assert value([*operations, qml.Barrier(0), qml.Snapshot()], model) == pytest.approx(-1)


def test_noise_on_the_device_is_the_same():
    model = noise.depolarizing(0.02, 0.05) + noise.amplitude_damping(0.01)
    device = qml.add_noise(qml.device("default.mixed", wires=2), model)

    @qml.qnode(device)
    def circuit(x):
        qml.RY(x, 0)
        qml.CNOT([0, 1])
        qml.RX(x, 1)
        return qml.expval(qml.Z(1))

    gates = [qml.RY(0.7, 0), qml.CNOT([0, 1]), qml.RX(0.7, 1)]
    assert float(circuit(0.7)) == pytest.approx(value(gates, model, qml.Z(1)), abs=1e-9)


def test_every_kind_of_operation_is_simulated_as_by_pennylane():
    swap = qml.matrix(qml.SWAP([0, 1]))
    operations = [
        qml.StatePrep(np.array([0.6, 0, 0, 0.8j]), [2, 0]),
        qml.RY(0.4, 1),
        qml.Toffoli([2, 1, 0]),
        qml.QubitUnitary(swap, [0, 2]),
        qml.ctrl(qml.RX(0.7, 2), 1),
        qml.adjoint(qml.S(0)),
        qml.GlobalPhase(0.3),
        *[qml.PauliError("YX", p, [1, 0]) for p in (0.1, 0.2)],
        *[qml.QubitChannel([np.sqrt(p) * np.eye(4), np.sqrt(1 - p) * swap], [1, 2])
          for p in (0.3, 0.8)],
        *[qml.PhaseDamping(g, w) for g, w in [(0.1, 0), (0.1, 1), (0.3, 0)]],
        qml.RX(0.9, 2),
    ]  # fmt: skip
    for observable in [qml.Projector([1, 0], [2, 0]), qml.X(2) @ qml.Y(0), qml.Hermitian(
        np.diag([1.0, 2.0, 3.0, 5.0]), [2, 1]
    )]:  # fmt: skip
        tape = qml.tape.QuantumScript(operations, [qml.expval(observable)])
        [theirs] = qml.execute([tape], qml.device("default.mixed", wires=[0, 1, 2]))
        assert value(operations, None, observable) == pytest.approx(theirs, abs=1e-9)


def test_confusion_matrix_columns_are_what_is_there():
    A = noise.confusion_matrix(p10=0.1, p01=0.3)
    np.testing.assert_allclose(A @ [1, 0], [0.9, 0.1])  # a qubit in 0 reads 1 in a tenth
    np.testing.assert_allclose(A @ [0, 1], [0.3, 0.7])


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_readout_is_the_tensor_product(n, seed):
    rng = np.random.default_rng(seed)
    matrices = [noise.confusion_matrix(*rng.uniform(0, 1, 2)) for _ in range(n)]
    p = rng.dirichlet(np.ones(2**n))
    full = np.ones((1, 1))
    for A in matrices:  # qubit 0 is the most significant bit
        full = np.kron(full, A)
    np.testing.assert_allclose(noise.apply_readout(p, matrices), full @ p, atol=1e-13)
    same = noise.apply_readout(p, matrices[0])
    np.testing.assert_allclose(same, noise.apply_readout(p, [matrices[0]] * n), atol=1e-15)


def test_readout_model_confuses_the_outcomes_of_what_is_measured(rng):
    A, B = noise.confusion_matrix(0.05, 0.2), noise.confusion_matrix(0.1, 0.15)
    gates = [qml.RY(1.1, 0), qml.CNOT([0, 1]), qml.RX(0.4, 1), qml.RZ(0.5, 0)]

    @qml.qnode(qml.device("default.qubit", wires=2))
    def rotated():
        for gate in gates:
            qml.apply(gate)
        qml.H(0)  # X on wire 0 is Z after H
        return qml.probs([0, 1])

    expected = noise.apply_readout(rotated(), [A, B]) @ [1, -1, -1, 1]
    model = noise.readout({0: A, 1: B})
    found = value(gates, model, qml.X(0) @ qml.Z(1))
    assert found == pytest.approx(expected, abs=1e-9)
    assert found != pytest.approx(value(gates, None, qml.X(0) @ qml.Z(1)), abs=1e-3)
    # Wires without a matrix are read as they are.
    partial = noise.apply_readout(rotated(), [A, np.eye(2)]) @ [1, -1, -1, 1]
    assert value(gates, noise.readout({0: A}), qml.X(0) @ qml.Z(1)) == pytest.approx(partial)


def test_readout_model_gives_the_probabilities_that_are_read():
    A = noise.confusion_matrix(0.05, 0.2)
    device = qml.add_noise(qml.device("default.mixed", wires=2), noise.readout(A))

    @qml.qnode(device)
    def circuit():
        qml.RY(1.1, 0)
        qml.CNOT([0, 1])
        return qml.probs([0, 1])

    p = [np.cos(0.55) ** 2, 0, 0, np.sin(0.55) ** 2]
    np.testing.assert_allclose(circuit(), noise.apply_readout(p, A), atol=1e-9)


def test_shots_of_the_executor_are_binomial_and_its_errors_hold():
    tape = qml.tape.QuantumScript([qml.RY(1.0, 0)], [Z0])
    run = noise.executor(noise.depolarizing(0.1, 0.1), rng=np.random.default_rng(3))
    exact, error, shots = noise.executor(noise.depolarizing(0.1, 0.1))([tape], None)[0]
    assert (error, shots) == (0.0, 0)
    found = [r for _ in range(40) for r in run([tape] * 10, 200)]
    ones = np.array([(1 - r.value) * 100 for r in found])
    np.testing.assert_allclose(ones, ones.round(), atol=1e-9)
    pulls = np.array([(r.value - exact) / r.error for r in found])
    assert abs(pulls.mean()) < 4 / np.sqrt(400)
    assert stats.chi2.sf((pulls**2).sum(), 400) > 1e-3
    assert {r.shots for r in found} == {200}


def test_agreement_of_all_shots_is_no_certainty():
    tape = qml.tape.QuantumScript([], [Z0])
    [found] = noise.executor(rng=np.random.default_rng(0))([tape], 100)
    assert found.value == 1
    assert 0.005 < found.error < 0.03


def test_seeds_decide_the_shots():
    tape = qml.tape.QuantumScript([qml.H(0)], [Z0])
    first, again, other = (
        noise.executor(rng=np.random.default_rng(s))([tape], 10**6)[0].value for s in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: noise.depolarizing(-0.1, 0), ValueError, "p1 must be a probability from 0 to 1"),
        (lambda: noise.depolarizing(0, 1.1), ValueError, "p2 must be .* got 1.1"),
        (lambda: noise.depolarizing("0", 0), TypeError, "p1 must be"),
        (lambda: noise.amplitude_damping(np.nan), ValueError, "gamma must be a finite number"),
        (lambda: noise.thermal(50, 101, 1, 1), ValueError, "t2 must be at most 2 t1 = 100"),
        (lambda: noise.thermal(0, 1, 1, 1), ValueError, "t1 must be a finite number above 0"),
        (lambda: noise.thermal(1, 0, 1, 1), ValueError, "t2 must be a finite number above 0"),
        (lambda: noise.thermal("1", 1, 1, 1), TypeError, "t1 must be a finite number above 0"),
        (lambda: noise.thermal(5, 5, "1", 1), TypeError, "gate_time_1q must be a finite number"),
        (lambda: noise.thermal(5, 5, 1, np.inf), ValueError, "gate_time_2q must be a finite num"),
        (lambda: noise.thermal(5, 5, -1, 1), ValueError, "gate_time_1q must be a time"),
        (lambda: noise.thermal(5, 5, 1, -1), ValueError, "gate_time_2q must be a time"),
        (lambda: noise.thermal(5, 5, 1, 1, excited=2), ValueError, "excited must be"),
        (lambda: noise.confusion_matrix(2, 0), ValueError, "p10 must be"),
        (lambda: noise.confusion_matrix(0, -1), ValueError, "p01 must be"),
        (
            lambda: noise.apply_readout([1, 0, 0], np.eye(2)),
            ValueError,
            r"probabilities must hold 2\*\*n values; got 3",
        ),
        (lambda: noise.apply_readout([1, 1], np.eye(2)), ValueError, "sum to 1"),
        (
            lambda: noise.apply_readout([np.nan, 1], np.eye(2)),
            ValueError,
            "probabilities must hold",
        ),
        (
            lambda: noise.apply_readout([[1, 0]], np.eye(2)),
            ValueError,
            "probabilities must be a 1-D",
        ),
        (
            lambda: noise.apply_readout([1, 0], np.full((2, 2), np.inf)),
            ValueError,
            "matrices must hold",
        ),
        (lambda: noise.apply_readout([2, -1], np.eye(2)), ValueError, "must be at least 0"),
        (
            lambda: noise.apply_readout([1, 0, 0, 0], [np.eye(2)] * 3),
            ValueError,
            r"matrices must have shape \(2, 2\) or \(2, 2, 2\); got \(3, 2, 2\)",
        ),
        (
            # Rows that sum to 1, not columns: the transposed convention.
            lambda: noise.apply_readout([1, 0], noise.confusion_matrix(0.1, 0.3).T),
            ValueError,
            "columns that sum to 1",
        ),
        (lambda: noise.readout(np.eye(3)), ValueError, "matrices must have shape"),
        (lambda: noise.executor("depolarizing"), TypeError, "model must be a pennylane.NoiseModel"),
        (lambda: noise.executor(rng=1), TypeError, "rng must be a numpy.random.Generator"),
        (
            lambda: noise.executor()([qml.tape.QuantumScript([], [Z0])], 10),
            TypeError,
            "rng must be a numpy.random.Generator",
        ),
        (
            lambda: noise.executor(rng=np.random.default_rng(0))([ONE], 0),
            ValueError,
            "shots must be an integer at least 1; got 0",
        ),
        (
            lambda: noise.executor(rng=np.random.default_rng(0))([ONE], 10.0),
            TypeError,
            "shots must be an integer at least 1; got 10.0",
        ),
        (
            lambda: value([qml.BasisState([1], 0), qml.BasisState([1], 0)], None),
            ValueError,
            "circuit must prepare each wire once; got BasisState twice",
        ),
        (
            lambda: value([qml.BasisState([1], 1), qml.StatePrep([1, 0, 0, 0], [0, 1])], None),
            ValueError,
            "circuit must prepare each wire once; got StatePrep twice",
        ),
        (
            lambda: value([qml.H(k) for k in range(60)], None),
            ValueError,
            "a density matrix of 60 qubits would need",
        ),
        (
            # PennyLane's Kraus matrices don't sum to 1 here.
            lambda: value([qml.ThermalRelaxationError(0.125, 1.0, 1.5, 60.0, wires=0)], None),
            ValueError,
            "model must keep the sum of probabilities at 1",
        ),
        (
            lambda: noise.executor()([qml.tape.QuantumScript([], [qml.probs([0])])], None),
            ValueError,
            "circuit must measure one expectation value",
        ),
        (
            lambda: value([qml.X(0), qml.BasisState([1], 0)], None),
            ValueError,
            "circuit must prepare its state at the start; got BasisState",
        ),
        (lambda: noise.executor()([Z0], None), TypeError, "circuit must be a PennyLane tape"),
        (
            lambda: qml.add_noise(
                qml.tape.QuantumScript([qml.X(0)], [qml.probs()]), noise.readout(np.eye(2))
            ),
            ValueError,
            "readout needs a measurement that names its wires",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


class Counting(np.random.Generator):
    """Keeps how many shots each draw took."""

    def multinomial(self, n, p):
        self.spent = [*getattr(self, "spent", []), n]
        return super().multinomial(n, p)


@pytest.mark.parametrize(("shots", "shares"), [(100, [34, 33, 33]), (101, [34, 34, 33])])
def test_bases_share_all_shots(shots, shares):
    rng = Counting(np.random.PCG64(0))
    tape = qml.tape.QuantumScript([qml.H(0)], [qml.expval(qml.X(0) + qml.Y(0) + qml.Z(0))])
    estimate = noise.executor(rng=rng)([tape], shots)[0]
    assert rng.spent == shares
    assert estimate.shots == shots


@pytest.mark.parametrize("nothing", [qml.Barrier, qml.WireCut, qml.Snapshot])
def test_what_is_no_gate_has_no_noise(nothing):
    between = nothing() if nothing is qml.Snapshot else nothing(0)
    tape = qml.tape.QuantumScript([qml.X(0), between, qml.X(0)], [qml.expval(qml.Z(0))])
    value = noise.executor(noise.depolarizing(0.03, 0.03))([tape], None)[0].value
    assert value == pytest.approx(0.96**2, abs=1e-12)
