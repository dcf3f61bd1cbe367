"""Sums of noise models, also of one with itself: every term acts, by each of PennyLane's routes."""

import copy
from types import SimpleNamespace

import numpy as np
import pennylane as qml
import pytest
from pennylane.noise import op_eq

from qmlcourse import noise

Z = [qml.expval(qml.Z(0))]


def terms():
    """Return models that share no key with any other, so that each test makes its own."""
    return SimpleNamespace(
        d=noise.depolarizing(0.03, 0.07),
        am=noise.amplitude_damping(0.1),
        ro=noise.readout(noise.confusion_matrix(0.1, 0.1)),
        flip=qml.NoiseModel({op_eq(qml.X): flipped}),
    )


def flipped(op, **_):
    qml.BitFlip(0.1, op.wires)


SUMS = {
    "d + d": (lambda m: m.d + m.d, "d d"),
    "(d + am) + d": (lambda m: (m.d + m.am) + m.d, "d am d"),
    "d + (am + d)": (lambda m: m.d + (m.am + m.d), "d am d"),
    "(am + d) + (d + am)": (lambda m: (m.am + m.d) + (m.d + m.am), "am d d am"),
    "sum": (lambda m: sum([m.d, m.d, m.d]), "d d d"),
    "copy": (lambda m: m.d + copy.copy(m.d), "d d"),
    "deepcopy": (lambda m: m.d + copy.deepcopy(m.d), "d d"),
    "readout": (lambda m: m.ro + m.ro, "ro ro"),
    "readout, gates": (lambda m: (m.d + m.ro) + (m.ro + m.d), "d d ro ro"),
    "own": (lambda m: (m.flip + m.d) + m.flip, "flip d flip"),
    "twice less one": (lambda m: (m.d + m.d + m.ro) - m.d, "d ro"),
    "less readout": (lambda m: (m.d + m.ro) - m.ro, "d"),
    # As PennyLane's models do, they add to a dictionary of conditions.
    "a dictionary": (lambda m: m.d + {op_eq(qml.X): flipped}, "d flip"),
    "to a dictionary": (lambda m: {op_eq(qml.X): flipped} + m.d, "flip d"),
    "less a dictionary": (lambda m: (m.d + m.flip) - dict(m.flip.model_map), "d"),
    "of readout": (lambda m: m.d + {"meas_map": m.ro.meas_map}, "d ro"),
}


@pytest.mark.parametrize("gates", [[qml.X(0)], [qml.X(0), qml.IsingXX(0.7, [0, 1])]], ids=len)
@pytest.mark.parametrize("name", SUMS)
def test_a_model_added_twice_acts_twice(name, gates):
    make, parts = SUMS[name]
    model, apart = make(terms()), qml.NoiseModel({})
    for part in parts.split():
        apart = apart + getattr(terms(), part)
    tape = qml.tape.QuantumScript(gates, Z)
    right = noise.executor(apart)([tape], None)[0].value
    assert noise.executor(model)([tape], None)[0].value == pytest.approx(right, abs=1e-12)
    [noisy], _ = qml.add_noise(tape, model)
    device = qml.device("default.mixed", wires=2)
    assert qml.execute([noisy], device)[0] == pytest.approx(right, abs=1e-12)


def test_a_sum_leaves_its_terms_as_they_are():
    m, given = terms(), {op_eq(qml.X): flipped, "temperature": 0.1}
    model = m.d + given
    assert model.metadata["temperature"] == 0.1
    assert "temperature" not in (model - {"temperature": 0.1}).metadata
    assert len(given) == 2
    assert len(m.d.model_map) == 1


def test_closed_forms():
    m, tape = terms(), qml.tape.QuantumScript([qml.X(0)], Z)
    assert noise.executor(m.d + m.d)([tape], None)[0].value == pytest.approx(-(0.96**2))
    assert noise.executor(m.ro + m.ro)([tape], None)[0].value == pytest.approx(-0.64)
    assert noise.executor(sum([m.d, m.am, m.d]))([tape], None)[0].value == pytest.approx(
        0.96 * (0.1 - 0.9 * 0.96)
    )
    with_flip = noise.executor(m.d + {op_eq(qml.X): flipped})([tape], None)[0].value
    assert with_flip == pytest.approx(-0.96 * 0.8)


def test_a_copy_has_the_noise_of_a_decomposed_gate():
    model, tape = terms().d, qml.tape.QuantumScript([qml.IsingXX(0.7, [0, 1])], Z)
    values = [noise.executor(m)([tape], None)[0].value for m in (model, copy.deepcopy(model))]
    assert values[0] == values[1] != pytest.approx(np.cos(0.7), abs=1e-3)


@pytest.mark.parametrize("other", [1, None, "noise"])
def test_what_is_no_model_is_not_added(other):
    model = terms().d
    with pytest.raises(TypeError, match="A noise model adds to another"):
        model + other
    with pytest.raises(TypeError, match="A noise model adds to another"):
        other + model
    with pytest.raises(TypeError, match="A noise model adds to another"):
        model - other
