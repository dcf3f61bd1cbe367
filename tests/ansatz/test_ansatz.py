"""Ansätze against dense matrices, PennyLane and known expressibilities."""

import dense
import numpy as np
import pennylane as qml
import pytest

from qmlcourse import ansatz
from qmlcourse.ansatz import Ansatz


def dense_state(circuit, theta):
    q = circuit.n_qubits
    s = dense.zero(q)
    for k in range(q):
        s = dense.pauli_rotation(circuit.start, {k: "Y"}, q) @ s
    for axes, angles, entangle in zip(
        circuit.axes, theta.reshape(circuit.axes.shape), circuit.entangle, strict=True
    ):
        for k in range(q):
            s = dense.pauli_rotation(angles[k], {k: " XYZ"[axes[k]]}, q) @ s
        for k in range(q - 1 if entangle else 0):
            s = dense.cz(k, k + 1, q) @ s
    return s


@pytest.mark.parametrize(
    "make",
    [
        lambda rng: ansatz.random_pauli(3, 4, rng=rng),
        lambda rng: ansatz.hardware_efficient(3, 2),
        lambda rng: ansatz.identity_blocks(3, 4, rng=rng),
        lambda rng: ansatz.random_pauli(1, 3, rng=rng),
    ],
)
def test_states_equal_dense_matrices_and_pennylane(make, rng):
    circuit = make(rng)
    thetas = rng.uniform(0, 2 * np.pi, (3, circuit.n_parameters))
    exact = [dense_state(circuit, t) for t in thetas]
    np.testing.assert_allclose(circuit.states(thetas), exact, atol=1e-13)

    @qml.qnode(qml.device("default.qubit", wires=circuit.n_qubits))
    def state(theta):
        circuit.ops(theta)
        return qml.state()

    np.testing.assert_allclose([state(t) for t in thetas], exact, atol=1e-12)


def test_random_pauli_draws_each_axis_equally(rng):
    axes = ansatz.random_pauli(10, 300, rng=rng).axes
    share = np.bincount(axes.ravel(), minlength=4)[1:] / axes.size
    # 3000 draws of probability 1/3: a standard error of 0.0086.
    np.testing.assert_allclose(share, 1 / 3, atol=4 * 0.0086)
    again = ansatz.random_pauli(10, 300, rng=np.random.default_rng(1)).axes
    other = ansatz.random_pauli(10, 300, rng=np.random.default_rng(2)).axes
    assert not np.array_equal(again, other)


def test_random_pauli_starts_with_ry_of_pi_over_4():
    # At zero angles only the start and the CZ gates are left.
    circuit = ansatz.random_pauli(2, 1, rng=np.random.default_rng(0))
    c, s = np.cos(np.pi / 8), np.sin(np.pi / 8)
    np.testing.assert_allclose(
        circuit.states(np.zeros((1, 2))), [[c * c, c * s, c * s, -s * s]], atol=1e-15
    )


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
def test_mirrored_blocks_are_the_identity(n_blocks, rng):
    circuit = ansatz.identity_blocks(3, 12, n_blocks=n_blocks, rng=rng)
    thetas = rng.uniform(0, 2 * np.pi, (4, circuit.n_parameters))
    plain = Ansatz(np.full((1, 3), 2), np.array([False])).states(np.full((1, 3), np.pi / 4))
    overlap = np.abs(circuit.states(ansatz.mirrored(circuit, thetas)) @ plain[0].conj())
    np.testing.assert_allclose(overlap, 1, atol=1e-12)
    # Not a consequence of the structure alone: other angles move the state.
    assert np.abs(circuit.states(thetas) @ plain[0].conj()).max() < 0.99


def test_expressibility_orders_known_circuits(rng):
    # One qubit: an idle circuit reaches one state (ln 75), RX a circle, RX RY RX the sphere.
    idle, circle, sphere = (
        Ansatz(np.array(axes)[:, None], np.zeros(len(axes), dtype=bool))
        for axes in ([3], [1], [1, 2, 1])
    )
    values = [ansatz.expressibility(c, n_pairs=20000, rng=rng) for c in (idle, circle, sphere)]
    assert values[0] == pytest.approx(np.log(75))
    # A circle: F = cos^2 has the arcsine density 1 / (pi sqrt(F (1 - F))) against a flat one.
    edges = np.linspace(0, 1, 76)
    arcsine = np.diff(2 / np.pi * np.arcsin(np.sqrt(edges)))
    assert values[1] == pytest.approx(np.sum(arcsine * np.log(arcsine * 75)), abs=0.015)
    # Three angles uniform in [0, 2 pi) are close to Haar, not equal to it.
    assert values[2] < 0.1


def test_entangling_capability_of_known_circuits(rng):
    product = ansatz.hardware_efficient(3, 1)
    product = Ansatz(product.axes, np.zeros(2, dtype=bool))
    assert ansatz.entangling_capability(product, rng=rng) == pytest.approx(0, abs=1e-12)
    # RY(a) RY(b), CZ: the Bloch vector of qubit 0 has length^2 cos^2 a + sin^2 a cos^2 b,
    # 3/4 on average, and so has qubit 1.
    pair = Ansatz(np.array([[2, 2]]), np.array([True]))
    assert ansatz.entangling_capability(pair, n_samples=20000, rng=rng) == pytest.approx(
        0.25, abs=0.01
    )


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: ansatz.random_pauli(0, 1, rng=r), ValueError, "n_qubits must be .* got 0"),
        (lambda r: ansatz.random_pauli(2, 1.0, rng=r), TypeError, "depth must be .* got 1.0"),
        (lambda r: ansatz.random_pauli(2, 1, rng=7), TypeError, "rng must be a numpy"),
        (
            lambda r: ansatz.identity_blocks(2, 6, n_blocks=2, rng=r),
            ValueError,
            "depth must be a multiple of 4; got 6",
        ),
        (
            lambda r: ansatz.hardware_efficient(2, 1).states(np.zeros((1, 3))),
            ValueError,
            "theta must hold 4 angles; got shape",
        ),
        (
            lambda r: ansatz.hardware_efficient(2, 1).ops(np.zeros(5)),
            ValueError,
            "theta must hold 4 angles; got shape",
        ),
        (
            lambda r: ansatz.mirrored(ansatz.hardware_efficient(2, 1), np.zeros((1, 4))),
            ValueError,
            "ansatz must have blocks",
        ),
        (
            lambda r: ansatz.expressibility(ansatz.hardware_efficient(2, 1), n_pairs=0, rng=r),
            ValueError,
            "n_pairs must be",
        ),
        (
            lambda r: ansatz.entangling_capability(ansatz.hardware_efficient(2, 1), rng=None),
            TypeError,
            "rng must be a numpy",
        ),
    ],
)
def test_bad_input_is_named(call, error, message, rng):
    with pytest.raises(error, match=message):
        call(rng)


def test_hardware_efficient_is_rows_of_y_and_z_then_a_line():
    circuit = ansatz.hardware_efficient(3, 2)
    names = [op.name for op in circuit.ops(np.zeros(circuit.n_parameters))]
    assert names == 2 * (3 * ["RY"] + 3 * ["RZ"] + 2 * ["CZ"])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Ansatz([[1]], [True], mirror=-1), "mirror must be an integer"),
        (lambda: Ansatz([[1]], [True]).states([["a"]]), "thetas must hold numbers"),
        (
            lambda: ansatz.identity_blocks(2, 4, n_blocks=0, rng=np.random.default_rng(0)),
            "n_blocks must be an integer",
        ),
        (
            lambda: ansatz.hardware_efficient(10**9, 10**9),
            "an ansatz of that depth and number of qubits would need",
        ),
    ],
)
def test_the_argument_at_fault_is_named(call, sentence):
    with pytest.raises((TypeError, ValueError), match=f"^{sentence}"):
        call()


def test_an_ansatz_does_not_change_when_its_arrays_do():
    axes, entangle = np.array([[1, 2]]), np.array([True])
    circuit = Ansatz(axes, entangle)
    axes[:], entangle[:] = 3, False
    assert circuit.axes.tolist() == [[1, 2]] and circuit.entangle.tolist() == [True]
    for array in (circuit.axes, circuit.entangle):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
