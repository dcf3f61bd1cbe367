"""Sums of noise models, also of one with itself: every term acts, by each of PennyLane's routes."""

import copy

import numpy as np
import pennylane as qml
import pytest
from pennylane.noise import op_eq

from qmlcourse import noise

Z = [qml.expval(qml.Z(0))]
D, AM = noise.depolarizing(0.03, 0.07), noise.amplitude_damping(0.1)
RO = noise.readout(noise.confusion_matrix(0.1, 0.1))
FLIP = qml.NoiseModel({op_eq(qml.X): lambda op, **_: qml.BitFlip(0.1, op.wires)})
SUMS = {
    "d + d": (lambda: D + D, [D, D]),
    "(d + am) + d": (lambda: (D + AM) + D, [D, AM, D]),
    "d + (am + d)": (lambda: D + (AM + D), [D, AM, D]),
    "(am + d) + (d + am)": (lambda: (AM + D) + (D + AM), [AM, D, D, AM]),
    "sum": (lambda: sum([D, D, D]), [D, D, D]),
    "copy": (lambda: D + copy.copy(D), [D, D]),
    "deepcopy": (lambda: D + copy.deepcopy(D), [D, D]),
    "readout": (lambda: RO + RO, [RO, RO]),
    "readout, gates": (lambda: (D + RO) + (RO + D), [D, D, RO, RO]),
    "own": (lambda: (FLIP + D) + FLIP, [FLIP, D, FLIP]),
    "twice less one": (lambda: (D + D + RO) - D, [D, RO]),
}


def fresh(term):
    """Return a model of the same noise that shares no key with another."""
    if term is D:
        return noise.depolarizing(0.03, 0.07)
    if term is AM:
        return noise.amplitude_damping(0.1)
    if term is RO:
        return noise.readout(noise.confusion_matrix(0.1, 0.1))
    return qml.NoiseModel({op_eq(qml.X): lambda op, **_: qml.BitFlip(0.1, op.wires)})


@pytest.mark.parametrize("gates", [[qml.X(0)], [qml.X(0), qml.IsingXX(0.7, [0, 1])]], ids=len)
@pytest.mark.parametrize("name", SUMS)
def test_a_model_added_twice_acts_twice(name, gates):
    make, terms = SUMS[name]
    model, apart = make(), qml.NoiseModel({})
    for term in terms:
        apart = apart + fresh(term)
    tape = qml.tape.QuantumScript(gates, Z)
    right = noise.executor(apart)([tape], None)[0].value
    assert noise.executor(model)([tape], None)[0].value == pytest.approx(right, abs=1e-12)
    [noisy], _ = qml.add_noise(tape, model)
    device = qml.device("default.mixed", wires=2)
    assert qml.execute([noisy], device)[0] == pytest.approx(right, abs=1e-12)


def test_closed_forms():
    tape = qml.tape.QuantumScript([qml.X(0)], Z)
    assert noise.executor(D + D)([tape], None)[0].value == pytest.approx(-(0.96**2))
    assert noise.executor(RO + RO)([tape], None)[0].value == pytest.approx(-0.64)
    assert noise.executor(sum([D, AM, D]))([tape], None)[0].value == pytest.approx(
        0.96 * (0.1 - 0.9 * 0.96)
    )


def test_a_copy_has_the_noise_of_a_decomposed_gate():
    tape = qml.tape.QuantumScript([qml.IsingXX(0.7, [0, 1])], Z)
    values = [noise.executor(m)([tape], None)[0].value for m in (D, copy.deepcopy(D))]
    assert values[0] == values[1] != pytest.approx(np.cos(0.7), abs=1e-3)


@pytest.mark.parametrize("other", [1, None, "noise"])
def test_what_is_no_model_is_not_added(other):
    with pytest.raises(TypeError, match="A noise model adds to another"):
        D + other
    with pytest.raises(TypeError, match="A noise model adds to another"):
        other + D
