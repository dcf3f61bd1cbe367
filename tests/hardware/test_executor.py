"""Any observable on a backend: default.qubit's value, with its standard error."""

import any_circuit
import numpy as np
import pennylane as qml
import pytest

from qmlcourse import hardware
from qmlcourse.hardware._tapes import label

Tape = qml.tape.QuantumScript
# PennyLane itself takes a label that is a tuple for several wires; that is tested apart.
LABELS = [w for w in any_circuit.LABELS if not any(isinstance(k, tuple) for k in w)]


def exact(tape, wires):
    return qml.execute([tape], qml.device("default.qubit", wires=wires))[0]


def value(observable, operations, rng):
    tape = Tape(operations, [qml.expval(observable)])
    return hardware.executor("exact", rng=rng)([tape], None)[0]


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_drawn_circuits_and_observables(labels):
    for seed in range(3):
        rng = np.random.default_rng([3, seed])
        tape = any_circuit.circuit(rng, labels=labels)
        gates = [*tape.operations, *(qml.Identity([wire]) for wire in labels)]
        p = exact(Tape(gates, [qml.probs(wires=labels)]), labels)
        right = exact(Tape(gates, tape.measurements), labels)
        record = hardware.run(Tape(gates, [qml.probs(wires=labels)]), "exact")
        axes = [record.wires.index(label(w)) for w in labels]
        ours = record.probabilities().reshape((2,) * 4).transpose(axes).ravel()
        np.testing.assert_allclose(ours, p, atol=1e-9)
        ours = value(tape.measurements[0].obs, gates, rng).value
        assert ours == pytest.approx(np.real(right), abs=1e-9)


@pytest.mark.parametrize(
    "gate",
    [
        qml.DoubleExcitationMinus(0.7, [0, 1, 2, 3]),
        qml.BlockEncode(np.array([[0.1, 0.2], [0.3, 0.4]]), [0, 1]),
        qml.pow(qml.H(0), 0.5),
        qml.ctrl(qml.pow(qml.H(0), 0.5), 2),
    ],
    ids=str,
)
def test_a_gate_with_a_matrix_alone_is_taken_apart(gate):
    gates = [qml.RY(0.3 + k, k) for k in range(4)] + [gate, qml.RX(0.4, 0), qml.RX(0.9, 3)]
    tape = Tape(gates, [qml.probs(wires=range(4))])
    ours = hardware.run(tape, "exact").probabilities()
    np.testing.assert_allclose(ours, exact(tape, range(4)), atol=1e-9)


START = [qml.RY(0.5, 0), qml.CNOT([0, 1]), qml.RX(0.4, 1)]
Z0, Z1 = np.cos(0.5), np.cos(0.5) * np.cos(0.4)


@pytest.mark.parametrize(
    ("observable", "right"),
    [
        (qml.Z(0) @ qml.Identity(1), Z0),
        (qml.Identity(1) @ qml.Z(0), Z0),
        (qml.prod(qml.Z(0), qml.Z(1), qml.Z(0)), Z1),
        (qml.prod(qml.X(0), qml.X(0)), 1),
        (qml.prod(qml.Z(0), qml.Z(0), qml.Z(0)), Z0),
        (-2.5 * qml.Z(0), -2.5 * Z0),
        (qml.Z(0) + 0.5 * qml.Z(1) - 3, Z0 + 0.5 * Z1 - 3),
        (qml.Identity(0), 1),
        (qml.Z(0) - qml.Z(0), 0),
        (qml.Hermitian(np.diag([2.0, 5.0]), 0), 3.5 - 1.5 * Z0),
        (qml.Projector([1], [0]), (1 - Z0) / 2),
        (qml.Hadamard(0), Z0 / np.sqrt(2)),
        (qml.Z("idle"), 1),
    ],
    ids=str,
)
def test_an_observable_is_read_by_its_word(observable, right, rng):
    assert value(observable, START, rng).value == pytest.approx(right, abs=1e-12)


def test_bases_share_the_shots_and_their_variances_add_up(rng):
    observable = qml.Z(0) + 0.5 * qml.X(1) @ qml.Z(0) - 2 * qml.Y(1)
    tape = Tape(START, [qml.expval(observable)])
    right = exact(tape, [0, 1])
    estimates = hardware.executor("shots", rng=rng)([tape] * 80, 101)
    assert {e.shots for e in estimates} == {101}
    found = np.array([e.value for e in estimates])
    error = np.mean([e.error for e in estimates])
    assert found.mean() == pytest.approx(right, abs=4 * error / np.sqrt(80))
    # The standard error of a standard deviation of n values is 1 / sqrt(2 n) of it.
    assert found.std() == pytest.approx(error, rel=4 / np.sqrt(160))


def test_one_basis_is_one_circuit_with_the_seed_of_before(rng):
    """A product of Paulis gives today what it gave: one seed a call, all shots."""
    tapes = [Tape(START, [qml.expval(qml.X(0) @ qml.Y(1))]), Tape(START, [qml.expval(qml.Z(1))])]
    found = hardware.executor("shots", rng=np.random.default_rng(5))(tapes, 100)
    gates = [START + t.measurements[0].obs.diagonalizing_gates() for t in tapes]
    rotated = [Tape(g, [qml.probs(wires=[0, 1])]) for g in gates]
    seed = int(np.random.default_rng(5).integers(2**32))
    records = hardware.run(rotated, "shots", 100, seed=seed)
    assert found == [records[0].expectation([0, 1]), records[1].expectation([1])]


@pytest.mark.extra("cirq")
def test_a_stand_in_measures_all_bases_on_the_same_qubits(rng, monkeypatch):
    from qmlcourse.hardware import _executor

    seen, right = [], hardware.run

    def watched(*args, **options):
        seen.append(right(*args, **options))
        return seen[-1]

    monkeypatch.setattr(_executor, "run", watched)
    tape = Tape(START, [qml.expval(qml.Z(0) + qml.X(0) @ qml.Y(1))])
    [estimate] = hardware.executor("google/weber", rng=rng)([tape], 2001)
    assert [record.shots for record in seen] == [1001, 1000]
    assert seen[0].qubits == seen[1].qubits
    assert abs(estimate.value - exact(tape, [0, 1])) < 0.3


def test_qnodes_are_taken_and_bad_input_is_named(rng):
    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit():
        qml.RY(0.5, 0)
        return qml.expval(qml.Z(0))

    execute = hardware.executor("exact", rng=rng)
    assert execute([circuit], None)[0] == (pytest.approx(Z0), 0, 0)
    two = Tape(START, [qml.expval(qml.Z(0) + qml.X(0))])
    with pytest.raises(ValueError, match="shots must be at least 2, one for each basis"):
        hardware.executor("shots", rng=rng)([two], 1)
    assert hardware.executor("shots", rng=rng)([two], 2)[0].shots == 2
    with pytest.raises(TypeError, match="circuits must be a list of tapes or QNodes"):
        execute(two, None)
    with pytest.raises(ValueError, match="Hermitian observable"):
        value(1j * qml.Z(0), START, rng)
    with pytest.raises(ValueError, match="batches of 2"):
        value(qml.Z(0), [qml.RX([0.1, 0.2], 0)], rng)
    with pytest.raises(ValueError, match="measure one expectation value"):
        execute([Tape(START, [qml.probs()])], None)
