"""Which circuits are carried through, and as what: against the gates' dense matrices."""

import numpy as np
import pennylane as qml
import pytest
from test_pauli_sums import matrix

from qmlcourse.paulis import PauliSum, propagate

Z = PauliSum({"Z": 1.0})


def assert_dense(gate, n, words=None):
    """Compare U†OU, exactly as the gate's own matrix has it."""
    u = qml.matrix(gate, wire_order=range(n))
    for word in words or ("Z" * n, "X" + "I" * (n - 1), "I" * (n - 1) + "Y", "XY" * (n // 2)):
        if word:
            word = word.ljust(n, "I")
            back = matrix(propagate([gate], PauliSum({word: 1.0})))
            exact = u.conj().T @ matrix(PauliSum({word: 1.0})) @ u
            np.testing.assert_allclose(back, exact, atol=1e-9)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32, np.uint64, np.int64])
def test_wires_are_numbers_of_any_width(kind):
    for gate in (qml.CNOT, qml.CZ, lambda w: qml.IsingXX(0.3, w)):
        ours = propagate([gate([kind(0), kind(1)])], PauliSum({"IZ": 1.0}))
        assert ours == propagate([gate([0, 1])], PauliSum({"IZ": 1.0}))
    noisy = propagate([qml.X(kind(0))], Z, depolarizing=0.3)
    assert noisy.terms == {"Z": pytest.approx(-0.6)}
    assert propagate([qml.X(kind(70))], qml.Z(kind(70))).terms == {"I" * 70 + "Z": -1.0}


@pytest.mark.parametrize("work", [[5, 6], [70, 71], ["a", "b"]])
@pytest.mark.parametrize("state", ["zeroed", "borrowed"])
def test_work_wires_are_not_needed(work, state):
    gate = qml.MultiControlledX([0, 1, 2, 3, 4], work_wires=work, work_wire_type=state)
    assert_dense(gate, 5, ["IIIIZ", "XIIII"])
    for made in (qml.adjoint(gate), qml.ctrl(qml.S(4), [0, 1, 2], work_wires=work)):
        assert_dense(made, 5, ["IIIIX"])


class RX(qml.operation.Operation):
    """Named as PennyLane's, and another gate."""

    num_params = num_wires = 1

    @staticmethod
    def compute_matrix(theta):
        return np.array([[0, 1], [1, 0]])


class MyRX(qml.RX):
    """Derived from PennyLane's, and another gate."""

    @staticmethod
    def compute_matrix(theta):
        return qml.RY.compute_matrix(theta)


def test_a_readers_gate_is_what_its_matrix_says():
    for others in ([], [qml.T(0)]):
        assert propagate([RX(0.3, 0), *others], Z).expectation("0") == pytest.approx(-1)
        ours, theirs = (propagate([g, *others], Z) for g in (MyRX(0.3, 0), qml.RY(0.3, 0)))
        for bits in "01":
            assert ours.expectation(bits) == pytest.approx(theirs.expectation(bits))


@pytest.mark.parametrize("inverse", [qml.adjoint(qml.SX(0)), qml.adjoint(qml.ISWAP([0, 1])),
                                     qml.adjoint(qml.S(1))], ids=str)  # fmt: skip
def test_noise_of_inverses_does_not_depend_on_other_gates(inverse):
    start = PauliSum({"XXI": 1.0, "ZII": 0.5, "IYI": 0.25})
    alone = propagate([inverse], start, depolarizing=0.1)
    beside = propagate([inverse, qml.T(2)], start, depolarizing=0.1)
    assert alone == beside
    assert propagate([inverse], start, depolarizing=0.0) != alone


def test_small_angles_are_exact_and_multiples_of_a_right_angle_too():
    back = propagate([qml.RX(5e-16, 0)], PauliSum({"Z": 1e20}))
    assert back.terms == {"Z": 1e20, "Y": pytest.approx(5e4)}
    assert propagate([qml.RX(-np.pi, 0)], Z).terms == {"Z": -1.0}


POWERS = [
    qml.U3(0.1, 0.2, 0.3, 0) ** -1, qml.U2(0.1, 0.2, 0) ** -1, qml.Rot(0.1, 0.2, 0.3, 0) ** -1,
    qml.CRot(0.1, 0.2, 0.3, [0, 1]) ** -1, qml.PSWAP(0.3, [0, 1]) ** -1, qml.QFT(range(3)) ** -1,
    qml.prod(qml.X(0), qml.T(1)) ** -1, qml.Hadamard(0) ** 0.3, qml.CNOT([0, 1]) ** 0.3,
    qml.SWAP([0, 1]) ** 0.3, qml.SX(0) ** 0.3, qml.Toffoli([0, 1, 2]) ** 0.3,
    qml.DoubleExcitationPlus(0.3, range(4)), qml.DoubleExcitationMinus(0.3, range(4)),
    qml.BlockEncode(np.array([[0.3, 0.1], [0.2, 0.4]]), [0, 1]),
    qml.exp(qml.Hadamard(0), 0.3j), qml.pow(qml.evolve(qml.X(0), 0.4), 2),
    qml.Hermitian(np.array([[0, 1], [1, 0]]), 0), qml.pow(qml.X(0), 0.3),
]  # fmt: skip


@pytest.mark.parametrize("gate", POWERS, ids=lambda op: op.name)
def test_what_has_only_a_matrix_goes_by_it(gate):
    assert_dense(gate, max(2, len(gate.wires)), ["XY", "IZ"])


@pytest.mark.parametrize("angle", [np.complex128(0.3 + 0.5j), 0.3 + 0.5j, np.ma.masked,
                                   np.array(0.3 + 0.5j), 10**30, 10**400, np.str_("0.3"),
                                   np.array(0.3, dtype=object), np.timedelta64(1, "s"), True,
                                   np.array(True), np.inf], ids=repr)  # fmt: skip
@pytest.mark.parametrize("others", [[], [qml.T(0)]], ids=["alone", "beside"])
def test_what_is_no_angle_is_named(angle, others):
    with pytest.raises((TypeError, ValueError), match=r"circuit must have .*(parameters|angles)"):
        propagate([qml.RX(angle, 0), *others], Z)


def test_a_complex_angle_without_imaginary_part_is_real():
    assert propagate([qml.RX(np.complex128(0.3), 0)], Z) == propagate([qml.RX(0.3, 0)], Z)


@pytest.mark.parametrize("others", [[], [qml.T(0)]], ids=["alone", "beside"])
def test_states_and_wires_are_named(others):
    density = qml.QubitDensityMatrix(np.eye(2) / 2, wires=0)
    with pytest.raises(ValueError, match="gates only, its state goes to expectation"):
        propagate([density, *others], Z)
    for wire in (True, np.bool_(True), 1.0):
        with pytest.raises(ValueError, match=r"wires 0, 1, 2, ...; got"):
            propagate([qml.X(wire), *others], PauliSum({"ZZ": 1.0}))


def test_derivatives_are_refused_in_a_sentence():
    jax = pytest.importorskip("jax")
    for follow in (jax.grad, jax.jit):
        with pytest.raises(ValueError, match="must have numbers for its parameters"):
            follow(lambda a: propagate([qml.RX(a, 0)], Z).expectation("0"))(0.3)
        with pytest.raises(TypeError, match="a coefficient must be a number"):
            follow(lambda a: PauliSum.from_pennylane(qml.s_prod(a, qml.Z(0))).expectation("0"))(0.3)


@pytest.mark.parametrize("wrong", [qml.Z, qml.Hadamard(0), "Z", None], ids=str)
def test_a_bad_observable_is_named(wrong):
    with pytest.raises(ValueError, match="observable must be a PauliSum or a PennyLane operator"):
        propagate([qml.T(0)], wrong)


def test_wires_of_an_observable_are_named():
    with pytest.raises(ValueError, match=r"observable must act on wires 0, 1, 2, ...; got \['a'\]"):
        propagate([qml.T(0)], qml.Z("a"))


@pytest.mark.parametrize("gate", [qml.RX(0.1, 0), qml.T(0)], ids=str)
def test_what_a_tape_measures_is_not_read(gate):
    tape = qml.tape.QuantumScript([gate], [qml.expval(np.nan * qml.Z(0))])
    assert propagate(tape, Z) == propagate([gate], Z)


def test_values_beyond_floats_are_refused():
    with pytest.raises(OverflowError, match="beyond the range of floats"):
        propagate([qml.RX(np.pi / 4, 0)], PauliSum({"Z": 1.7e308, "Y": 1.7e308}))
