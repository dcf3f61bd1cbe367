"""Propagation against dense matrices, closed forms, PennyLane's devices and stim."""

import numpy as np
import pennylane as qml
import pytest
from test_pauli_sums import matrix

from qmlcourse.paulis import PauliSum, propagate
from qmlcourse.paulis._terms import _places

ONE = [qml.Hadamard, qml.X, qml.Y, qml.Z, qml.S, qml.SX, qml.T]
TWO = [qml.CNOT, qml.CY, qml.CZ, qml.SWAP, qml.ISWAP, qml.ECR]
TURN_ONE = [qml.RX, qml.RY, qml.RZ, qml.PhaseShift, qml.U1]
TURN_TWO = [qml.IsingXX, qml.IsingYY, qml.IsingZZ, qml.MultiRZ, qml.CRX, qml.IsingXY]


def unitary(ops, n):
    return qml.matrix(qml.tape.QuantumScript(ops), wire_order=range(n))


def some_circuit(rng, n, n_gates):
    ops = []
    for _ in range(n_gates):
        wires = rng.permutation(n)[:2].tolist()
        angle = rng.uniform(-7, 7)
        ops.append(
            [
                lambda w=wires: rng.choice(ONE)(w[0]),
                lambda w=wires: rng.choice(TWO)(w),
                lambda w=wires, t=angle: rng.choice(TURN_ONE)(t, w[0]),
                lambda w=wires, t=angle: rng.choice(TURN_TWO)(t, wires=w),
                lambda w=wires: qml.adjoint(rng.choice([qml.S, qml.SX, qml.T]))(w[0]),
                lambda w=wires, t=angle: qml.PauliRot(t, "".join(rng.choice(list("XYZ"), 2)), w),
                lambda w=wires, t=angle: qml.Rot(t, 0.3, -t, w[1]),
            ][rng.integers(7)]()
        )
    return ops


def some_sum(rng, n, n_terms=3):
    return PauliSum(
        {"".join(rng.choice(list("IXYZ"), n)): complex(*rng.normal(size=2)) for _ in range(n_terms)}
    )


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_dense_product(seed):
    rng = np.random.default_rng(seed)
    ops, a = some_circuit(rng, 4, 25), some_sum(rng, 4)
    u = unitary(ops, 4)
    np.testing.assert_allclose(matrix(propagate(ops, a)), u.conj().T @ matrix(a) @ u, atol=1e-12)


@pytest.mark.parametrize("gate", [g(0) for g in ONE] + [g([1, 0]) for g in TWO]
                         + [qml.adjoint(g(0)) for g in (qml.S, qml.SX)]
                         + [qml.adjoint(qml.ISWAP([0, 1])), qml.Identity(0), qml.Toffoli([2, 0, 1]),
                            qml.CSWAP([0, 2, 1]), qml.GlobalPhase(0.4), qml.QFT(range(3)),
                            qml.QubitUnitary(qml.Rot(0.1, 0.2, 0.3, 0).matrix(), 1),
                            qml.PauliRot(0.3, "XIY", [2, 0, 1]), qml.PauliRot(0.3, "II", [0, 1]),
                            qml.ctrl(qml.RY(0.2, 2), 0), qml.adjoint(qml.RX(0.2, 1))],
                         ids=str)  # fmt: skip
def test_every_word_through_each_gate(gate):
    u = unitary([gate], 3)
    for k in range(1, 64):
        word = "".join("IXYZ"[k >> 2 * i & 3] for i in range(3))
        back = matrix(propagate([gate], PauliSum({word: 1.0})))
        np.testing.assert_allclose(back, u.conj().T @ matrix(PauliSum({word: 1})) @ u, atol=1e-12)


@pytest.mark.parametrize("angle", [0, np.pi / 2, np.pi, -np.pi / 2, 3 * np.pi])
def test_clifford_angles_make_no_second_word(angle):
    back = propagate([qml.RX(angle, 0), qml.IsingZZ(angle, [0, 1])], PauliSum({"XZ": 1.0}))
    assert len(back) == 1


def test_it_is_the_device_on_nine_qubits(rng):
    ops = []
    for layer in range(3):
        ops += [qml.RX(rng.uniform(0, 7), k) for k in range(9)]
        ops += [qml.RY(rng.uniform(0, 7), k) for k in range(9)]
        ops += [qml.CZ([k, k + 1]) for k in range(layer % 2, 8, 2)]
    observable = qml.Hamiltonian([0.3, -2.0], [qml.Z(4), qml.X(3) @ qml.Y(6)])
    tape = qml.tape.QuantumScript(ops, [qml.expval(observable)])
    [exact] = qml.device("default.qubit").execute([tape])
    assert propagate(tape, observable).expectation("0" * 9) == pytest.approx(exact, abs=1e-12)


def test_a_clifford_circuit_beyond_64_qubits(rng):
    """Word for word as stim has it."""
    stim = pytest.importorskip("stim")
    n, names = 150, {"H": qml.Hadamard, "S": qml.S, "CX": qml.CNOT, "CZ": qml.CZ}
    circuit, ops = stim.Circuit(), []
    for _ in range(900):
        name = rng.choice(list(names))
        wires = rng.permutation(n)[: 2 if name in ("CX", "CZ") else 1].tolist()
        circuit.append(name, wires)
        ops.append(names[name](wires))
    word = "".join(rng.choice(list("IXYZ"), n))
    back = stim.PauliString(word.replace("I", "_")).before(circuit)
    expected = str(back)[1:].replace("_", "I")
    assert propagate(ops, PauliSum({word: 1.0})).terms == {expected: back.sign.real}


def test_closed_form_of_a_line():
    """<Z> after RX(t) on each of two joined qubits is cos t whatever commutes; by hand for ZZ."""
    t, s = 0.7, 0.4
    ops = [qml.RX(t, 65), qml.IsingZZ(s, [65, 66]), qml.RX(t, 65)]
    back = propagate(ops, PauliSum({"I" * 65 + "ZI": 1.0}))
    # Z -> cos Z + sin Y; Y -> cos s Y - sin s XZ; only words over I and Z count in |0...0>.
    exact = np.cos(t) ** 2 - np.sin(t) ** 2 * np.cos(s)
    assert back.expectation("0" * 67) == pytest.approx(exact, abs=1e-15)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.75, 1.0])
def test_depolarizing_is_the_channel_after_each_gate(p, rng):
    ops = [qml.RX(0.3, 0), qml.IsingZZ(0.4, [0, 1]), qml.Hadamard(2), qml.Toffoli([0, 1, 2]),
           qml.RY(0.9, 1), qml.CNOT([1, 2]), qml.Identity(2)]  # fmt: skip
    noisy = []
    for op in ops:
        noisy += [op, *(qml.DepolarizingChannel(p, w) for w in op.wires)]
    for word in ("ZZI", "XIY", "IZZ"):
        observable = PauliSum({word: 1.0})
        tape = qml.tape.QuantumScript(noisy, [qml.expval(observable.to_pennylane())])
        [exact] = qml.device("default.mixed", wires=3).execute([tape])
        back = propagate([*ops, qml.Barrier([0, 1])], observable, depolarizing=p)
        assert back.expectation("000") == pytest.approx(exact, abs=1e-12)


def test_depolarizing_is_that_of_the_noise_models(rng):
    from qmlcourse import noise

    ops = [op for op in some_circuit(rng, 3, 12) if op.name in ("RX", "RZ", "CNOT", "CZ", "PauliY")]
    ops += [qml.RY(0.4, 1), qml.CNOT([1, 0])]
    tape = qml.tape.QuantumScript(ops, [qml.expval(qml.Z(0))])
    [theirs] = noise.executor(noise.depolarizing(0.03, 0.03))([tape], None)
    back = propagate(tape, qml.Z(0), depolarizing=0.03)
    assert back.expectation("0" * back.n_qubits) == pytest.approx(theirs.value, abs=1e-10)


def test_limits_hold_and_cost_what_they_drop(rng):
    ops = some_circuit(rng, 6, 60)
    start = PauliSum({"ZIIIII": 1.0})
    exact = propagate(ops, start)
    weights = [sum(p != "I" for p in w) for w in exact.terms]
    assert max(weights) > 4 and min(map(abs, exact.terms.values())) < 1e-3
    light = propagate(ops, start, max_weight=4)
    assert len(light) and max(sum(p != "I" for p in w) for w in light.terms) <= 4
    few = propagate(ops, start, min_coefficient=1e-2)
    assert 0 < len(few) < len(exact)
    # What is cut never comes back as norm: the truncated operator is no longer than the exact one.
    for cut in (light, few):
        assert np.linalg.norm(cut.coefficients) <= np.linalg.norm(exact.coefficients) + 1e-12
    assert propagate(ops, start, max_weight=6) == exact
    assert len(propagate([], PauliSum({"ZZ": 1.0, "ZI": 0.1}), max_weight=1)) == 1
    assert len(propagate([], PauliSum({"ZZ": 1.0, "ZI": 0.1}), min_coefficient=0.2)) == 1
    assert len(propagate(ops, start, max_weight=0)) == 0


def test_limits_by_hand():
    """Z -> cos Z + sin Y under RX: what is smaller than the limit goes."""
    z, t = PauliSum({"Z": 1.0}), 0.1
    assert propagate([qml.RX(t, 0)], z, min_coefficient=0.2).terms == {"Z": np.cos(t)}
    assert set(propagate([qml.RX(t, 0)], z, min_coefficient=0.09).terms) == {"Z", "Y"}
    x = PauliSum({"XI": 1.0})
    assert propagate([qml.IsingZZ(t, [0, 1])], x, max_weight=1).terms == {"XI": np.cos(t)}
    assert propagate([qml.CNOT([0, 1])], x, max_weight=1).terms == {}
    noisy = propagate([qml.X(0)], PauliSum({"Z": 1.0}), depolarizing=0.3, min_coefficient=0.7)
    assert noisy.terms == {}


def test_the_table_finds_what_is_there(rng):
    """Also where words share a slot again and again."""
    for n in (1, 3, 50, 3000):
        words = rng.integers(0, 4 * n, size=(4, n)).astype(np.uint64)
        stored = np.unique(words, axis=1)
        sought = np.concatenate([stored[:, ::2], stored[:, :2] + np.uint64(10**6)], axis=1)
        place = _places(stored, sought)
        n_found = len(stored[0, ::2])
        np.testing.assert_array_equal(place[:n_found], np.arange(stored.shape[1])[::2])
        assert (place[n_found:] == -1).all()
    assert _places(stored[:, :0], sought).tolist() == [-1] * sought.shape[1]


@pytest.mark.parametrize(
    ("circuit", "error", "message"),
    [
        ([qml.RX([0.1, 0.2], 0)], ValueError, "one number for each parameter; got batches of 2"),
        ([qml.RX(np.nan, 0)], ValueError, "finite parameters"),
        ([qml.DepolarizingChannel(0.1, 0)], ValueError, "unitary gates only"),
        ([qml.StatePrep([0, 1], 0)], ValueError, "gates only, its state goes to expectation"),
        ([qml.BasisState([1], 0)], ValueError, "gates only, its state goes to expectation"),
        ([qml.ops.MidMeasure([0])], ValueError, "measure at its end only"),
        ([qml.Displacement(0.1, 0.2, 0)], ValueError, "must act on qubits"),
        ([qml.X("a")], ValueError, "wires 0, 1, 2, ...; got 'a'"),
        ([qml.X(-1)], ValueError, "wires 0, 1, 2, ...; got -1"),
        ([3], TypeError, "must hold PennyLane operators; got 3"),
        (qml.X(0), TypeError, "PennyLane tape or a list of operators"),
        ([qml.X(3)], ValueError, "all wires of the circuit, 0 to 3; got 2 qubits"),
    ],
    ids=str,
)
def test_bad_circuits_are_named(circuit, error, message):
    with pytest.raises(error, match=message):
        propagate(circuit, PauliSum({"ZZ": 1.0}))


def test_nothing_stays_nothing():
    zero = PauliSum(n_qubits=2)
    assert propagate([qml.RX(0.1, 0), qml.CNOT([0, 1])], zero, max_weight=1) == zero
    one = PauliSum({"II": 1.0})
    assert propagate([qml.RX(0.1, 0), qml.CNOT([0, 1])], one, depolarizing=0.1) == one


def test_numbers_of_frameworks_are_numbers():
    z = PauliSum({"Z": 1.0})
    for angle in (qml.numpy.array(0.3), np.float32(0.3), 3, np.array(0.3)):
        back = propagate([qml.RX(angle, 0)], z)
        assert back.expectation("0") == pytest.approx(np.cos(float(angle)), abs=1e-15)


def test_a_symbol_is_no_number():
    sympy = pytest.importorskip("sympy")
    with pytest.raises(TypeError, match="must have numbers for its parameters"):
        propagate([qml.RX(sympy.Symbol("t"), 0)], PauliSum({"Z": 1.0}))


def test_bad_options_are_named():
    z = PauliSum({"Z": 1.0})
    with pytest.raises(ValueError, match="max_weight must be an integer at least 0; got -1"):
        propagate([], z, max_weight=-1)
    with pytest.raises(ValueError, match="min_coefficient must be at least 0; got -0\\.1"):
        propagate([], z, min_coefficient=-0.1)
    with pytest.raises(ValueError, match="depolarizing must be a probability, 0 to 1; got 1\\.5"):
        propagate([], z, depolarizing=1.5)
    with pytest.raises(ValueError, match="observable must be a PauliSum or a PennyLane operator"):
        propagate([], "Z")


def test_an_operator_that_would_fill_the_memory_is_refused(monkeypatch, rng):
    ops = [qml.RX(0.3, k % 6) if i % 2 else qml.IsingZZ(0.3, [k % 6, (k + 1) % 6])
           for k in range(40) for i in range(2)]  # fmt: skip
    from qmlcourse import _checks

    class Full:
        available = 1000

    monkeypatch.setattr(_checks.psutil, "virtual_memory", Full)
    with pytest.raises(ValueError, match=r"an operator of .* words would need"):
        propagate(ops, PauliSum({"ZIIIII": 1.0}))
