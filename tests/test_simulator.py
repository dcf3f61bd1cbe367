"""The batched simulator against dense matrices and PennyLane."""

import dense
import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm
from scipy.stats import unitary_group

from qmlcourse import simulator


def random_states(rng, n_samples, n_qubits):
    z = rng.normal(size=(n_samples, 2**n_qubits, 2)) @ [1, 1j]
    return z / np.linalg.norm(z, axis=1, keepdims=True)


@pytest.mark.parametrize("axis", "XYZ")
def test_rotation_is_the_matrix_exponential(axis):
    angles = np.array([0.0, 0.3, -2.0, np.pi, 7.0])
    exact = [expm(-0.5j * t * dense.PAULI[axis]) for t in angles]
    np.testing.assert_allclose(simulator.rotation(axis, angles), exact, atol=1e-14)


@pytest.mark.parametrize("wires", [[0], [2], [0, 1], [2, 0], [1, 2, 0]])
def test_apply_is_the_dense_product(wires, rng):
    gate = unitary_group.rvs(2 ** len(wires), random_state=rng)
    states = random_states(rng, 4, 3)
    # Oracle: permute the qubits so that the wires come first, multiply, permute back.
    order = wires + [k for k in range(3) if k not in wires]
    index = np.arange(8).reshape(2, 2, 2).transpose(order).ravel()
    full = np.zeros((8, 8), dtype=complex)
    full[np.ix_(index, index)] = np.kron(gate, np.eye(2 ** (3 - len(wires))))
    np.testing.assert_allclose(simulator.apply(states, gate, wires), states @ full.T, atol=1e-14)


def test_apply_takes_one_gate_a_sample(rng):
    gates = unitary_group.rvs(4, size=5, random_state=rng)
    states = random_states(rng, 5, 3)
    together = simulator.apply(states, gates, [2, 1])
    alone = [simulator.apply(s[None], g, [2, 1])[0] for s, g in zip(states, gates, strict=True)]
    np.testing.assert_allclose(together, alone, atol=1e-14)


def test_qubit_0_is_the_most_significant_bit():
    flipped = simulator.apply(simulator.zero_states(1, 3), dense.PAULI["X"], [0])
    assert np.flatnonzero(flipped[0]).tolist() == [4]


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_gates_keep_the_norm(n_qubits, seed):
    rng = np.random.default_rng(seed)
    states = random_states(rng, 3, n_qubits)
    wires = rng.permutation(n_qubits)[: rng.integers(1, min(3, n_qubits) + 1)].tolist()
    gate = unitary_group.rvs(2 ** len(wires), random_state=rng)
    after = simulator.apply(states, gate, wires)
    np.testing.assert_allclose(np.linalg.norm(after, axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(simulator.probabilities(after).sum(1), 1, atol=1e-12)


def test_bloch_vectors_are_pauli_expectations(rng):
    states = random_states(rng, 3, 3)
    for k in range(3):
        for p, name in enumerate("XYZ"):
            op = dense.on({k: dense.PAULI[name]}, 3)
            exact = np.einsum("ni,ij,nj->n", states.conj(), op, states).real
            np.testing.assert_allclose(simulator.bloch_vectors(states)[:, k, p], exact, atol=1e-13)


def test_a_circuit_equals_pennylane():
    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit():
        qml.RX(0.4, 0)
        qml.RY(1.1, 2)
        qml.CNOT([2, 0])
        qml.RZ(-0.7, 0)
        qml.CZ([0, 1])
        qml.RY(0.2, 1)
        return qml.state()

    cnot = np.eye(4)[[0, 1, 3, 2]]
    s = simulator.zero_states(1, 3)
    steps = [
        (simulator.rotation("X", 0.4), [0]), (simulator.rotation("Y", 1.1), [2]), (cnot, [2, 0]),
        (simulator.rotation("Z", -0.7), [0]), (np.diag([1, 1, 1, -1]), [0, 1]),
        (simulator.rotation("Y", 0.2), [1]),
    ]  # fmt: skip
    for gate, wires in steps:
        s = simulator.apply(s, gate, wires)
    np.testing.assert_allclose(s[0], circuit(), atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: simulator.zero_states(1, 60), "memory"),
        (lambda: simulator.zero_states(0, 2), "n_samples must be an integer at least 1; got 0"),
        (lambda: simulator.apply(np.eye(4), np.eye(2), [2]), "wires must be different qubits"),
        (lambda: simulator.apply(np.eye(4), np.eye(4), [1, 1]), "wires must be different qubits"),
        (lambda: simulator.apply(np.eye(4), np.eye(4), [0]), "gate must be 2 by 2"),
        (lambda: simulator.apply(np.eye(4), np.eye(2), [-1]), "each of wires must be an integer"),
        (lambda: simulator.apply(np.eye(4), np.eye(2), [10**30]), "wires must be different qubits"),
        (lambda: simulator.apply(np.eye(4), [np.eye(2)] * 3, [0]), "one matrix, or 4 .*; got 3"),
        (lambda: simulator.apply(np.eye(4)[:1], [np.eye(2)] * 3, [0]), "or 1 for as many .* got 3"),
        (lambda: simulator.apply(np.eye(4), np.ones((1, 1, 2, 2)), [0]), "gate must be 2 by 2"),
        (lambda: simulator.apply(np.eye(4), np.eye(2)[0], [0]), "gate must be 2 by 2"),
        (
            lambda: simulator.apply(np.eye(4), [[1], [1, 2]], [0]),
            "gate must be an array of numbers",
        ),
        (lambda: simulator.apply(np.eye(4), np.eye(2) * np.nan, [0]), "gate must hold finite"),
        (lambda: simulator.apply(np.eye(4), np.diag([1j, np.inf]), [0]), "gate must hold finite"),
        (lambda: simulator.apply([[1, 0], [1]], np.eye(2), [0]), "states must be an array"),
        (lambda: simulator.rotation("X", [0.1, np.nan]), "theta must hold finite numbers; got NaN"),
        (lambda: simulator.probabilities(np.eye(3)), "states must have shape"),
        (lambda: simulator.bloch_vectors(np.ones(4)), "states must have shape"),
        (lambda: simulator.rotation("W", 0.1), "axis must be one of"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("wires", [0, np.int64(0), None, "0", True])
def test_wires_that_are_no_sequence(wires):
    with pytest.raises(TypeError, match=r"wires must be a sequence of qubits, such as \[0\]; got"):
        simulator.apply(np.eye(4), np.eye(2), wires)


@pytest.mark.parametrize("wires", [[True], [0.0], ["0"], [None], [[0, 1]]])
def test_wires_that_are_no_qubits(wires):
    with pytest.raises(TypeError, match="each of wires must be an integer at least 0; got"):
        simulator.apply(np.eye(4), np.eye(2), wires)


def test_small_integers_do_not_wrap_around():
    """In uint8, the Z of |1>, 0 - 1, would be 255."""
    for dtype in (np.uint8, bool, np.int8):
        states = np.array([[0, 1]], dtype=dtype)
        np.testing.assert_array_equal(simulator.bloch_vectors(states), [[[0, 0, -1]]])
        np.testing.assert_array_equal(simulator.probabilities(16 * states), [[0, 256]])
    gate = np.array([[200, 100], [100, 200]], dtype=np.uint8)
    states = np.array([[2, 2]], dtype=np.uint8)
    np.testing.assert_array_equal(simulator.apply(states, gate, [0]), [[600, 600]])


def test_one_gate_serves_all_samples_in_either_form(rng):
    states, gate = random_states(rng, 4, 2), unitary_group.rvs(2, random_state=rng)
    for wires in ([1], (1,), np.array([1]), range(1, 2)):
        for form in (gate, gate[None], gate.tolist(), np.asfortranarray(gate)):
            np.testing.assert_allclose(
                simulator.apply(states, form, wires), simulator.apply(states, [gate] * 4, [1])
            )
    assert simulator.rotation("X", []).shape == (0, 2, 2)


def test_no_wires_take_a_phase():
    found = simulator.apply(simulator.zero_states(1, 1), [[1j]], [])
    np.testing.assert_array_equal(found, [[1j, 0]])


def test_zero_states_are_complex_and_need_16_bytes_an_amplitude(monkeypatch):
    asked = []
    monkeypatch.setattr(simulator._checks, "memory", lambda *call: asked.append(call))
    states = simulator.zero_states(3, 4)
    assert states.dtype == complex
    assert asked == [(states.nbytes, "3 states of 4 qubits")]
    with pytest.raises(ValueError, match=r"^n_qubits must be an integer at least 1; got 0\.$"):
        simulator.zero_states(1, 0)


@pytest.mark.parametrize(("n", "pairs"), [(1, []), (2, [(0, 1)]), (3, [(0, 1), (1, 2), (2, 0)])])
def test_cz_gates_on_a_ring(n, pairs):
    assert simulator.ring_pairs(n) == pairs
    states = np.eye(2**n)
    for pair in pairs:
        states = simulator.apply(states, np.diag([1, 1, 1, -1]), pair)
    np.testing.assert_array_equal(np.diag(simulator.cz_signs(n, pairs)), states)
