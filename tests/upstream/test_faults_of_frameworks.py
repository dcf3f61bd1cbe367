"""Faults of frameworks that this course works around: a test for each says when it is mended.

Each holds what is right and is expected to fail, strictly: once it passes, pytest reports
"XPASS(strict)" with the reason, which names what can be taken out here. The page "Upstream"
(book/practice/upstream.md) has the report of each and what trackers say of it.
"""

import warnings

import numpy as np
import pytest

from qmlcourse.testing import tolerance


def until_mended(where, then, raises=AssertionError):
    """Mark a test that fails for as long as a fault stands, and only in the way that is known."""
    reason = f"{where} is mended: {then}, and say so on the page practice/upstream."
    return pytest.mark.xfail(strict=True, raises=raises, reason=reason)


SHIFTS = until_mended(
    "pennylane.gradients.generate_shift_rule", "trust it beyond 1, 2, ..., R in tests/gradients"
)


@SHIFTS
@pytest.mark.parametrize("frequencies", [(1, 3), (1, 4), (1.0, 1.5), (1, 3, 5), (2, 3)], ids=str)
def test_a_shift_rule_differentiates_its_own_frequencies(frequencies):
    import pennylane as qml

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # the rule is wrong without a warning
        rule = np.array(qml.gradients.generate_shift_rule(frequencies))
    for frequency in frequencies:
        slope = rule[:, 0] @ np.exp(1j * frequency * rule[:, 1])  # of exp(i w x) at x = 0
        assert slope == pytest.approx(1j * frequency, abs=1e-8)


@pytest.mark.parametrize("frequencies", [(1,), (2,), (1, 2), (1, 2, 3), (3, 6)], ids=str)
def test_a_shift_rule_is_right_for_multiples_of_the_first(frequencies):
    """So the fault is in the other sets, and not in how it is looked for."""
    import pennylane as qml

    rule = np.array(qml.gradients.generate_shift_rule(frequencies))
    for frequency in frequencies:
        slope = rule[:, 0] @ np.exp(1j * frequency * rule[:, 1])
        assert slope == pytest.approx(1j * frequency, abs=1e-8)


def kept(times):
    """Return what thermal relaxation keeps of the probability of 0 and of 1."""
    import pennylane as qml

    matrices = qml.ThermalRelaxationError(0.125, 1.0, 1.5, times, wires=0).kraus_matrices()
    return np.diag(sum(np.conj(k).T @ k for k in map(np.asarray, matrices))).real


@until_mended("pennylane.ThermalRelaxationError", "drop the sentence on it from noise.thermal")
@pytest.mark.parametrize("times", [40.0, 60.0])
def test_thermal_relaxation_keeps_all_probability_after_many_t1(times):
    assert kept(times) == pytest.approx([1, 1], abs=1e-8)


def test_thermal_relaxation_keeps_all_probability_before():
    assert kept(9.0) == pytest.approx([1, 1], abs=1e-12)


@until_mended("pennylane.PauliError", "take the filter from tests/noise/test_any_circuit.py")
@pytest.mark.parametrize("word", ["X", "ZZ"])
def test_a_pauli_error_without_y_casts_nothing(word):
    import pennylane as qml

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        qml.PauliError(word, 0.3, wires=range(len(word))).kraus_matrices()
    assert [str(warning.message) for warning in seen] == []


def quantum_mean(circuit, pauli, **values):
    """Return TensorFlow Quantum's expectation of one word, without its layers."""
    import tensorflow as tf
    import tensorflow_quantum as tfq

    names = tf.constant(list(values), dtype=tf.string)
    found = tfq.get_expectation_op()(
        tfq.convert_to_tensor([circuit]),
        names,
        tf.constant([list(values.values())], dtype=tf.float32),
        tfq.convert_to_tensor([[pauli]]),
    )
    return float(found[0, 0])


@pytest.mark.extra("tfq")
@until_mended("TensorFlow Quantum's rounding", "simplify qmlcourse/interop/_half_turns.py")
@pytest.mark.parametrize("kind", ["number", "factor"])
def test_an_exponent_keeps_single_precision(kind):
    import cirq
    import sympy

    qubit = cirq.LineQubit(0)
    if kind == "number":
        found = quantum_mean(cirq.Circuit(cirq.X(qubit) ** 4e-7), cirq.Y(qubit))
        assert found == pytest.approx(-np.sin(np.pi * 4e-7), rel=1e-3)
    else:
        circuit = cirq.Circuit(cirq.X(qubit) ** (4e-7 * sympy.Symbol("s")))
        found = quantum_mean(circuit, cirq.Y(qubit), s=2.5e5)
        assert found == pytest.approx(-np.sin(np.pi * 0.1), abs=1e-5)


@pytest.mark.extra("tfq")
def test_an_exponent_that_travels_as_a_value_keeps_single_precision():
    import cirq
    import sympy

    qubit = cirq.LineQubit(0)
    found = quantum_mean(cirq.Circuit(cirq.X(qubit) ** sympy.Symbol("s")), cirq.Y(qubit), s=4e-7)
    assert found == pytest.approx(-np.sin(np.pi * 4e-7), rel=1e-3)


@pytest.mark.extra("tfq")
@until_mended("TensorFlow Quantum's adjoint", "tighten the errors stated in interop.tfq_gradient")
def test_the_adjoint_gradient_keeps_single_precision():
    import cirq
    import sympy
    import tensorflow as tf
    import tensorflow_quantum as tfq

    circuit, layer = cirq.Circuit(cirq.X(cirq.LineQubit(0)) ** sympy.Symbol("s")), tfq.layers
    values = tf.constant(np.linspace(0.1, 1.9, 19)[:, None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(values)
        z = layer.Expectation()(
            circuit,
            symbol_names=["s"],
            symbol_values=values,
            operators=cirq.Z(cirq.LineQubit(0)),
        )
    found = tape.gradient(z, values).numpy()
    exact = -np.pi * np.sin(np.pi * values.numpy().astype(float))
    assert abs(found - exact).max() <= 3e-6


@pytest.mark.extra("tfq")
@until_mended("TensorFlow Quantum's empty circuit", "drop its case from qmlcourse/interop/_tfq.py")
def test_an_empty_circuit_is_the_state_zero():
    import cirq

    assert quantum_mean(cirq.Circuit(), cirq.Z(cirq.LineQubit(0))) == pytest.approx(1.0)


def spin(**options):
    """Return the mean of one spin in a field of 0.5 at inverse temperature 2."""
    import dimod
    from dwave.samplers import PathIntegralAnnealingSampler

    model = dimod.BinaryQuadraticModel.from_ising({0: 0.5}, {})
    sampled = PathIntegralAnnealingSampler().sample(model, num_reads=10_000, seed=5, **options)
    return sampled.record.sample.mean()


E = np.hypot(0.5, 1.0)
TRANSVERSE = -0.5 / E * np.tanh(2 * E)  # in a transverse field of 1, -0.437; without -0.762
# One false alarm in a million seeds, of the chance of +1 by 10,000 independent reads.
ALLOWED = 2 * tolerance(round((1 + TRANSVERSE) / 2, 6), 10_000, false_alarm=1e-6)


@pytest.mark.extra("ocean")
@until_mended("dwave.samplers' path integral", "drop the trap from applications/annealing")
def test_gamma_is_a_transverse_field():
    found = spin(num_sweeps=60, beta_range=[2, 2], Gamma=1.0)
    assert found == pytest.approx(TRANSVERSE, abs=ALLOWED)


@pytest.mark.extra("ocean")
def test_a_schedule_of_the_field_is_one():
    schedules = {"Hp_field": np.full(60, 2.0), "Hd_field": np.full(60, 2.0)}
    found = spin(beta_schedule_type="custom", **schedules)
    assert found == pytest.approx(TRANSVERSE, abs=ALLOWED)


@until_mended("scipy.stats.binom.pmf", "delete this test", raises=OverflowError)
def test_a_tiny_probability_has_a_binomial_distribution():
    from scipy.stats import binom

    p = float(np.finfo(float).tiny)
    assert binom.pmf(0, 30, 1e-300) == binom.pmf(0, 30, 10 * p) == 1.0
    assert binom.pmf(0, 30, p) == 1.0
