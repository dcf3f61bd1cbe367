"""How observables are measured: what the settings say adds up to the observable itself."""

import tracemalloc
from types import SimpleNamespace

import any_circuit
import numpy as np
import pennylane as qml
import psutil
import pytest
import scipy.sparse

from qmlcourse import _checks
from qmlcourse._observables import settings

DENSE = np.array([[2.0, 1.0 - 0.5j], [1.0 + 0.5j, -1.0]])
# Rows of a complex matrix that no exchange of its two wires leaves as it is.
PAIR = np.kron(DENSE, [[1.0, 3.0], [3.0, 0.5]]) + np.diag([0.0, 1.0, 2.0, 5.0])


def read(found, wires):
    """Return the operator whose expectation value the settings give, by NumPy."""
    total = np.zeros((2 ** len(wires),) * 2, dtype=complex)
    for setting in found:
        rotation = np.eye(len(total))
        for gate in setting.rotations:
            rotation = qml.matrix(gate, wire_order=wires) @ rotation
        diagonal = qml.math.expand_matrix(np.diag(setting.values), setting.wires, wires)
        total += rotation.conj().T @ diagonal @ rotation
    return total


@pytest.mark.parametrize(
    ("observable", "n_settings"),
    [
        (qml.Z(0), 1),
        (-1.5 * qml.Y(1) @ qml.X(0), 1),
        (qml.X(0) + qml.Z(1) - 0.5 * qml.X(0) @ qml.Z(1), 1),
        (qml.X(0) + qml.Y(0) + qml.Z(0), 3),
        (qml.dot([0.5, 1, -0.7, 0.2], [qml.Z(0), qml.Z(0) @ qml.Z(1), qml.X(0), qml.I(0)]), 2),
        (qml.Z(0) @ qml.Z(1) + qml.X(0) + qml.Z(1) @ qml.Z(2), 2),
        (3 * qml.I(0), 1),
        (qml.Z(0) - qml.Z(0), 1),
        (qml.Hermitian(PAIR, [1, 0]), 1),
        (qml.Hermitian(np.diag([1.0, 2.0, 3.0, 5.0]), [1, 0]), 1),
        (qml.SparseHamiltonian(scipy.sparse.csr_matrix(PAIR), [1, 0]), 1),
        (qml.Projector([1, 0], [1, 0]), 1),
        (qml.Hermitian(np.zeros((2, 2)), 0), 1),
        (2 * (qml.Hermitian(DENSE, 0) + 3 * qml.Projector([1], 1)) - qml.X(1) + 4, 3),
        # PennyLane's rotations are wire by wire; in the other order they would fit as well, and
        # exchange the outcomes.
        (qml.X(0) @ qml.Hermitian([[2, 1], [1, 2]], 1), 1),
        (qml.Hermitian(DENSE, 1) @ qml.Y(0), 1),
        # PennyLane's rotation is no unitary for what has an eigenvalue twice.
        (qml.prod(qml.SWAP([0, 1]), qml.Hadamard(0), qml.Hadamard(1)), 1),
        (-0.5 * qml.prod(qml.SWAP([1, 0]), qml.Hadamard(0), qml.Hadamard(1)) @ qml.Z(2), 1),
    ],
    ids=range(18),
)
def test_settings_add_up_to_the_observable(observable, n_settings):
    wires = [0, 1, 2]
    found = settings(observable, wires)
    assert len(found) == n_settings
    right = qml.matrix(observable, wire_order=wires)
    np.testing.assert_allclose(read(found, wires), right, atol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_settings_of_drawn_observables_add_up(seed):
    wires = ["b", "a", 7, "c"]
    observable = any_circuit.observable(np.random.default_rng([7, seed]), wires)
    found = read(settings(observable, wires), wires)
    np.testing.assert_allclose(found, qml.matrix(observable, wire_order=wires), atol=1e-12)


def test_a_constant_needs_no_wire():
    [setting] = settings(3 * qml.Identity(), [])
    assert (setting.wires, setting.rotations, setting.values.tolist()) == ([], [], [3.0])


# Of a size, and with a share of what is not Hermitian.
OBSERVABLES = {
    "words": lambda size, c: qml.s_prod(size, qml.Z(0) + c * qml.X(0)),
    "a factor": lambda size, c: size * (1 + c) * qml.Hadamard(0),
    "a sum": lambda size, c: size * (1 + c) * (qml.Hadamard(0) + qml.X(1)),
    "a matrix": lambda size, c: qml.Hermitian(size * np.array([[1, 1 + c], [1, 2]]), 0),
}


@pytest.mark.parametrize("size", [1e-200, 1e-12, 1.0, 1e12])
@pytest.mark.parametrize("make", OBSERVABLES.values(), ids=OBSERVABLES)
def test_an_observable_is_hermitian_but_for_rounding(make, size):
    found = read(settings(make(size, 1e-13j), [0, 1]), [0, 1])
    right = qml.matrix(make(size, 0), wire_order=[0, 1])
    np.testing.assert_allclose(found, right, atol=1e-12 * size)
    with pytest.raises(ValueError, match=r"^circuit must measure a Hermitian observable; got "):
        settings(make(size, 1e-4j), [0, 1])
    with pytest.raises(ValueError, match=r"^tape must measure a Hermitian observable; got "):
        settings(make(size, 1e-4j), [0, 1], "tape")


class NoMatrix(qml.operation.Operator):
    num_wires = 1


def test_an_observable_without_a_matrix_is_named():
    with pytest.raises(ValueError, match=r"^circuit must measure an observable with a matrix; got"):
        settings(NoMatrix(wires=0), [0])


MEMORY = {
    "the values of 16 measured wires": qml.prod(*map(qml.Z, range(16))),
    "the matrix of an observable on 7 wires": qml.prod(*map(qml.Hadamard, range(7))),
    "the matrix of an observable on 6 wires": qml.Hermitian(
        any_circuit.hermitian(np.random.default_rng(0), 6), range(6)
    ),
}


@pytest.mark.parametrize(("what", "observable"), MEMORY.items(), ids=MEMORY)
def test_the_memory_asked_for_is_what_is_used(what, observable, monkeypatch):
    asked = []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, name: asked.append((n_bytes, name)))
    settings(observable, observable.wires)  # what is imported or cached at first
    tracemalloc.start()
    try:
        settings(observable, observable.wires)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    [(n_bytes, name)] = asked[1:]
    assert name == what
    assert 0.8 * n_bytes < peak < 1.2 * n_bytes


@pytest.mark.parametrize("what", MEMORY)
def test_too_little_memory_is_named(what, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    with pytest.raises(ValueError, match=f"^{what} would need .* GiB of memory"):
        settings(MEMORY[what], MEMORY[what].wires)
