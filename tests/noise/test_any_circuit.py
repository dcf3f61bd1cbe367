"""Whatever PennyLane can write, against default.mixed and default.qubit."""

from functools import partial

import any_circuit
import numpy as np
import pennylane as qml
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from qmlcourse import mitigation, noise

T = qml.tape.QuantumScript
SEEDS = st.integers(0, 2**32 - 1)
MODELS = {
    "none": lambda: None,
    "depolarizing": lambda: noise.depolarizing(0.03, 0.07),
    "two": lambda: noise.amplitude_damping(0.1) + noise.depolarizing(0.02, 0.01),
    "thermal": lambda: noise.thermal(20, 15, 1, 3, excited=0.1),
}
EVERY = settings(max_examples=12, deadline=None, derandomize=True)


def ours(tape, model=None):
    return noise.executor(model)([tape], None)[0].value


def qnode(tape, device):
    def circuit():
        for op in tape.operations:
            qml.apply(op)
        return qml.expval(tape.measurements[0].obs)

    return qml.QNode(circuit, device)


def mixed(tape, model, way):
    """Return PennyLane's value, the model put on the device, on the QNode, or on the tape."""
    device = qml.device("default.mixed", wires=tape.wires)
    if model is None:
        return qml.execute([tape], device)[0]
    if way == "device":
        return qnode(tape, qml.add_noise(device, model))()
    if way == "QNode":
        return qml.add_noise(qnode(tape, device), model)()
    [noisy], _ = qml.add_noise(tape, model)
    return qml.execute([noisy], device)[0]


def test_every_standard_gate_is_drawn(rng):
    # A new one of PennyLane's fails here until any_circuit.py makes it, or says why not.
    for name in any_circuit.CLASSES:
        assert any_circuit.make(name, rng, range(4)).name == name


# PennyLane's PauliError warns of a Y that it builds and doesn't use.
@pytest.mark.filterwarnings("ignore:Casting complex values:numpy.exceptions.ComplexWarning")
@EVERY
@given(SEEDS, st.sampled_from(list(MODELS)), st.sampled_from(["device", "QNode", "tape"]))
def test_all_routes_to_noise_agree(seed, model, way):
    tape = any_circuit.circuit(np.random.default_rng(seed), channels=seed % 2 == 0)
    model = MODELS[model]()
    assert ours(tape, model) == pytest.approx(np.real(mixed(tape, model, way)), abs=1e-9)


@EVERY
@given(SEEDS)
def test_without_noise_it_is_the_state_vectors_value(seed):
    tape = any_circuit.circuit(np.random.default_rng(seed))
    [exact] = qml.execute([tape], qml.device("default.qubit", wires=tape.wires))
    assert ours(tape) == pytest.approx(exact, abs=1e-9)


@EVERY
@given(SEEDS, st.sampled_from([1, 1.5, 2, 3, 5]))
def test_folded_circuits_do_the_same(seed, factor):
    rng = np.random.default_rng(seed)
    tape = any_circuit.circuit(rng)
    tape = tape.copy(operations=[*tape.operations, qml.RX(0.3, tape.wires[0])])
    folded = mitigation.fold_global(tape, factor)
    assert ours(folded) == pytest.approx(ours(tape), abs=1e-9)
    model = noise.depolarizing(0.1, 0.1)
    once, often = (n_channels(t, model) for t in (tape, folded))
    if factor in (1, 3, 5):
        assert often == factor * once
    assert once <= often


def n_channels(tape, model):
    [noisy], _ = qml.add_noise(tape, model)
    return sum(isinstance(op, qml.operation.Channel) for op in noisy.operations)


@pytest.mark.parametrize("name", any_circuit.GATES)
def test_noise_counts_an_inverse_as_its_gate(name, rng):
    gate = any_circuit.make(name, rng, range(4))
    start = [qml.RY(0.3 + wire, wire) for wire in range(4)]
    tape = T([*start, gate], [qml.expval(qml.Z(0) @ qml.Z(1))])
    folded, model = mitigation.fold_global(tape, 3), noise.depolarizing(0.1, 0.1)
    assert n_channels(folded, model) == 3 * n_channels(tape, model)
    assert ours(folded) == pytest.approx(ours(tape), abs=1e-9)


ERRORS = {
    "words": [qml.PauliError("X", 0.3, 0), qml.PauliError("Z", 0.3, 0)],
    "matrices": [
        qml.QubitChannel([np.sqrt(0.7) * np.eye(2), np.sqrt(0.3) * qml.matrix(error)], 0)
        for error in (qml.X(0), qml.Z(0))
    ],
    "kinds": [qml.BitFlip(0.3, 0), qml.PhaseFlip(0.3, 0)],
    "longer words": [qml.PauliError("XI", 0.3, [0, 1]), qml.PauliError("IZ", 0.3, [1, 0])],
}


@pytest.mark.parametrize("errors", ERRORS.values(), ids=ERRORS)
def test_channels_of_equal_numbers_are_told_apart(errors):
    # X leaves the eigenstate of X as it is; Z turns it, with probability 0.3.
    assert ours(T([qml.H(0), *errors], [qml.expval(qml.X(0))])) == pytest.approx(0.4, abs=1e-12)
    back = T([qml.H(0), *errors[::-1]], [qml.expval(qml.X(0))])
    assert ours(back) == pytest.approx(0.4, abs=1e-12)


def test_noise_follows_what_default_mixed_runs():
    # Closed forms: each X turns Z and shrinks it by 1 - 4p/3.
    model = noise.depolarizing(0.03, 0.06)
    three = T([qml.prod(qml.X(0), qml.X(0), qml.X(0))], [qml.expval(qml.Z(0))])
    assert ours(three, model) == pytest.approx(-(0.96**3), abs=1e-12)
    # IsingXX is CNOT, RX, CNOT: Z on wire 0 sees noise of two wires, one, and two.
    ising = T([qml.IsingXX(0.5, [0, 1])], [qml.expval(qml.Z(0))])
    cnot, rx = 1 - 4 * 0.06 / 3, 1 - 4 * 0.03 / 3
    assert ours(ising, model) == pytest.approx(mixed(ising, model, "device"), abs=1e-12)
    parts = [qml.CNOT([0, 1]), qml.RX(0.5, 0), qml.CNOT([0, 1])]
    assert ours(ising, model) == pytest.approx(ours(T(parts, ising.measurements), model), abs=1e-12)
    waiting = T([qml.X(0), qml.Identity(0)], [qml.expval(qml.Z(0))])
    assert ours(waiting, model) == pytest.approx(-(rx**2), abs=1e-12)
    assert cnot < rx


@pytest.mark.parametrize(
    "nothing",
    [
        qml.Barrier([0, 1]),
        qml.Snapshot(),
        qml.GlobalPhase(0.4, 0),
        qml.GlobalPhase(0.4),
        qml.WireCut(0),
        qml.Identity(),
        qml.adjoint(qml.Barrier([0])),
        qml.pow(qml.GlobalPhase(0.3), 2),
    ],
    ids=str,
)
def test_what_does_nothing_is_no_gate(nothing):
    gates = [qml.RX(0.1 * (k + 1), 0) for k in range(4)]
    plain = T(gates, [qml.expval(qml.Z(0))])
    mixed_in = T([op for gate in gates for op in (gate, nothing)], plain.measurements)
    run = noise.executor(noise.depolarizing(0.02, 0.02))
    close = partial(pytest.approx, abs=1e-12)
    assert run([mixed_in], None)[0] == close(run([plain], None)[0])
    for factor in (1, 1.5, 2, 3):
        folded = [mitigation.fold_global(tape, factor) for tape in (mixed_in, plain)]
        assert [op for op in folded[0].operations if op.name == "RX"] == folded[1].operations
        assert run(folded[:1], None)[0] == close(run(folded[1:], None)[0])
    found, expected = (mitigation.zne(t, run, None, factors=[1, 1.5, 2]) for t in (mixed_in, plain))
    assert found == close(expected)


def test_sums_are_measured_in_groups(rng):
    observable = qml.Hamiltonian(
        [0.5, 1.0, -0.7, 0.2], [qml.Z(0), qml.Z(0) @ qml.Z(1), qml.X(0) @ qml.X(1), qml.I(0)]
    )
    tape = T([qml.RY(0.7, 0), qml.CNOT([0, 1]), qml.RX(0.4, 1)], [qml.expval(observable)])
    exact = ours(tape)
    assert exact == pytest.approx(qml.execute([tape], qml.device("default.qubit"))[0], abs=1e-12)
    run = noise.executor(rng=rng)
    found = [run([tape], 1001)[0] for _ in range(200)]
    assert {e.shots for e in found} == {1001}
    pulls = np.array([(e.value - exact) / e.error for e in found])
    assert abs(pulls.mean()) < 4 / np.sqrt(200)
    assert 0.8 < pulls.std() < 1.2
    with pytest.raises(ValueError, match="shots must be at least 2, one for each basis"):
        run([tape], 1)


def test_readout_errors_of_a_sum_that_one_basis_measures():
    # Values of -2, 0, 0 and 2: two outcomes may not be mixed up for having the same one.
    tape = T([qml.X(0), qml.X(1)], [qml.expval(qml.Z(0) + qml.Z(1))])
    model = noise.readout(noise.confusion_matrix(0.1, 0.3))
    expected = 2 * -(1 - 2 * 0.3)
    assert ours(tape, model) == pytest.approx(expected, abs=1e-12)
    assert mixed(tape, model, "tape") == pytest.approx(expected, abs=1e-12)
    both = T(tape.operations, [qml.expval(qml.Z(0) + qml.X(0))])
    assert ours(both, model) == pytest.approx(-0.4 + 0.2, abs=1e-12)  # of X the shift is left
    with pytest.raises(ValueError, match="measured in one basis"):
        mixed(both, model, "tape")


def test_qnodes_stand_where_tapes_do(rng):
    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit():
        for k in range(3):
            qml.RY(0.3 * (k + 1), 0)
            qml.RX(0.2, 0)
        return qml.expval(qml.Z(0))

    tape = qml.workflow.construct_tape(circuit)()
    run = noise.executor(noise.depolarizing(0.02, 0.02))
    assert run([circuit], None) == run([tape], None)
    assert mitigation.zne(circuit, run, None) == mitigation.zne(tape, run, None)
    folded = [mitigation.fold_global(c, 3).operations for c in (circuit, tape)]
    assert folded[0] == folded[1]
    learned = [
        mitigation.clifford_data_regression(
            c, run, None, n_training=4, rng=np.random.default_rng(1)
        )
        for c in (circuit, tape)
    ]
    assert learned[0] == learned[1]


def measured_on_the_way():
    @qml.qnode(qml.device("default.qubit"))
    def circuit():
        qml.cond(qml.measure(0), qml.X)(1)
        return qml.expval(qml.Z(1))

    return circuit


def of_a_measurement():
    @qml.qnode(qml.device("default.qubit"))
    def circuit():
        return qml.expval(qml.measure(0))

    return circuit


Z0 = [qml.expval(qml.Z(0))]
BAD = {
    "batch": (lambda: T([qml.RX([0.1, 0.2], 0)], Z0), "one number for each parameter; got batch"),
    "batches": (lambda: T([qml.RX([0.1, 0.2], 0), qml.RX([1, 2, 3], 0)], Z0), "several sizes"),
    "NaN": (lambda: T([qml.RX(np.nan, 0)], Z0), "finite parameters; got RX"),
    "infinity": (lambda: T([qml.Rot(0.1, np.inf, 0.2, 0)], Z0), "finite parameters; got Rot"),
    "NaN within": (lambda: T([qml.adjoint(qml.RX(np.nan, 0))], Z0), "finite parameters"),
    "measures": (measured_on_the_way, "must measure at its end only"),
    "expval(m)": (of_a_measurement, "must measure at its end only"),
    "projector": (lambda: T([qml.Projector([1], 0)], Z0), "unitary gates and channels; got Proj"),
    "shear": (lambda: T([qml.QubitUnitary([[1, 1], [0, 1]], 0)], Z0), "unitary gates and channels"),
    "NaN matrix": (lambda: T([qml.QubitUnitary(np.full((4, 4), np.nan), [0, 1])], Z0), "finite"),
    "sum": (lambda: T([qml.sum(qml.X(0), qml.Z(0))], Z0), "unitary gates and channels; got X"),
    "decay": (lambda: T([qml.exp(qml.X(0), -0.3)], Z0), "unitary gates and channels; got Exp"),
    "NaN observable": (
        lambda: T([], [qml.expval(qml.Hermitian(np.full((2, 2), np.nan), 0))]),
        "finite parameters; got H",
    ),
    "optics": (lambda: T([qml.Displacement(0.1, 0.1, 0)], Z0), "act on qubits; got Displacement"),
    "qutrit": (lambda: T([qml.TShift(0)], Z0), "act on qubits; got TShift"),
    "two": (lambda: T([], Z0 + Z0), "must measure one expectation value"),
    "late": (lambda: T([qml.X(0), qml.BasisState([1], 1)], Z0), "its state at the start"),
    "imaginary": (
        lambda: T([qml.X(0)] * 4, [qml.expval(1j * qml.X(0))]),
        "Hermitian observable",
    ),
    "letters": (lambda: T([qml.RX("theta", 0)], Z0), "numbers for its parameters; got RX"),
    "number": (lambda: 3, "must be a PennyLane tape or QNode; got 3"),
    "unbound": (lambda: qml.QNode(lambda x: Z0[0], qml.device("default.qubit")), "its numbers"),
}


@pytest.mark.parametrize(("bad", "message"), BAD.values(), ids=BAD)
def test_other_circuits_are_named(bad, message, rng):
    run = noise.executor()
    for call in (
        lambda: run([bad()], None),
        lambda: mitigation.zne(bad(), run, None),
        lambda: mitigation.clifford_data_regression(bad(), run, None, rng=rng),
    ):
        with pytest.raises((ValueError, TypeError), match=message) as caught:
            call()
        assert str(caught.value).count("\n") == 0
        assert str(caught.value).startswith("circuit must ")


# What a fold may pass on: batches, symbols, any measurement.
FOLDED = {"batch", "batches", "letters", "two", "imaginary"}


@pytest.mark.parametrize("name", sorted(BAD.keys() - FOLDED))
def test_a_fold_names_its_own_argument(name):
    bad, message = BAD[name]
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        mitigation.fold_global(bad(), 3)
    assert str(caught.value).startswith("tape must ")


def test_a_tape_alone_is_no_list():
    with pytest.raises(TypeError, match="circuits must be a list"):
        noise.executor()(T([qml.X(0)], Z0), None)


def test_large_sparse_observables(rng):
    matrix = scipy.sparse.diags(np.arange(8.0))
    tape = T([qml.X(1), qml.X(2)], [qml.expval(qml.SparseHamiltonian(matrix.tocsr(), [0, 1, 2]))])
    assert ours(tape) == pytest.approx(3, abs=1e-12)


def test_preparations_of_several_wires():
    parts = [qml.BasisState([1], 0), qml.Barrier(), qml.StatePrep([0.6, 0.8j], "a")]
    tape = T([*parts, qml.CNOT(["a", 0])], [qml.expval(qml.Z(0))])
    assert ours(tape) == pytest.approx(-(0.36 - 0.64), abs=1e-12)
    assert mitigation.fold_global(tape, 3).operations[:2] == [parts[0], parts[2]]
    rho = np.diag([0.25, 0.75])
    assert ours(T([qml.QubitDensityMatrix(rho, 0)], Z0)) == pytest.approx(-0.5, abs=1e-12)


def test_numpys_integers_are_wires():
    wires = list(np.arange(3))
    diagonal = qml.DiagonalQubitUnitary(np.exp(1j * np.arange(4)), wires[:2])
    gates = [qml.H(wires[0]), qml.H(wires[2]), qml.ctrl(diagonal, wires[2])]
    tape = T([*gates, qml.CNOT([wires[2], wires[1]])], [qml.expval(qml.X(wires[0]))])
    [plain], _ = qml.map_wires(tape, {w: int(w) for w in wires})
    assert ours(tape) == pytest.approx(ours(plain), abs=1e-12)
    assert ours(tape) == pytest.approx(
        float(qml.execute([plain], qml.device("default.qubit", wires=3))[0]), abs=1e-12
    )


def test_folds_of_batches_and_within_derivatives():
    def folded(angle):
        gates = [qml.RX(angle, 0), qml.ISWAP([0, 1]), qml.IsingXX(angle, [0, 1])]
        return mitigation.fold_global(T(gates, [qml.expval(qml.Z(1))]), 3)

    def value(angle):
        device = qml.device("default.qubit")
        return qml.execute([folded(angle)], device, diff_method="backprop")[0]

    angles = np.array([0.3, 0.8])  # IsingXX turns both wires
    assert value(angles) == pytest.approx(np.cos(angles) ** 2, abs=1e-12)
    slope = qml.grad(value)(qml.numpy.array(0.3, requires_grad=True))
    assert slope == pytest.approx(-np.sin(0.6), abs=1e-12)
