"""What executors give back, estimates of all kinds, and how many shots are enough."""

import re

import numpy as np
import pennylane as qml
import pytest

from qmlcourse import mitigation, noise
from qmlcourse.mitigation import Estimate

GATES = [qml.RY(0.3, 0), qml.RX(0.4, 0), qml.RY(0.5, 0), qml.RX(0.9, 0)]
TAPE = qml.tape.QuantumScript(GATES, [qml.expval(qml.Z(0))])
TWO_BASES = qml.tape.QuantumScript(GATES, [qml.expval(qml.X(0) + qml.Z(0))])
FINE = Estimate(0.5, 0.1, 10)


def zne(executor, shots=30, tape=TAPE):
    return mitigation.zne(tape, executor, shots)


def cdr(executor, shots=40, tape=TAPE):
    return mitigation.clifford_data_regression(
        tape, executor, shots, n_training=3, rng=np.random.default_rng(0)
    )


@pytest.mark.parametrize("method", [zne, cdr])
@pytest.mark.parametrize(
    ("answer", "error", "match"),
    [
        (lambda n: None, TypeError, r"must give \d of Estimate\(value, error, shots\); got None"),
        (lambda n: 0.5, TypeError, r"must give \d of Estimate\(value, error, shots\); got 0.5"),
        (lambda n: [0.5] * n, TypeError, r"must give Estimate\(value, error, shots\), of finite"),
        (lambda n: np.full(n, 0.5), TypeError, "must give Estimate"),
        (lambda n: [None] * n, TypeError, "must give Estimate.* got None"),
        (lambda n: [(0.5, 0.1)] * n, ValueError, r"must give Estimate.* got \(0.5, 0.1\)"),
        (lambda n: [(0.5, 0.1, None)] * n, TypeError, "must give Estimate"),
        (lambda n: [(np.nan, 0.1, 10)] * n, ValueError, "must give Estimate.* finite"),
        (lambda n: [(0.5, 0.1, np.nan)] * n, ValueError, "must give Estimate.* finite"),
        (
            lambda n: [(0.5, -0.1, 1)] * n,
            ValueError,
            "error and shots of at least 0",
        ),
        (
            lambda n: [(0.5, 0.1, -1)] * n,
            ValueError,
            "error and shots of at least 0",
        ),
        (lambda n: [FINE] * (n - 1), ValueError, r"must give \d estimates; got \d"),
        (lambda n: "ab", TypeError, "must give"),
    ],
)
def test_an_executor_that_gives_something_else(method, answer, error, match):
    with pytest.raises(error, match=f"executor .*{match}"):
        method(lambda tapes, shots: answer(len(tapes)))


def test_a_generator_and_plain_tuples_are_served():
    right = mitigation.extrapolate([1, 3], [FINE, Estimate(0.3, 0.1, 20)])
    given = ((value, np.float32(0.1), shots) for value, shots in [(0.5, 10), (0.3, 20.0)])
    found = mitigation.extrapolate([1, 3], given)
    assert found == pytest.approx(right)
    assert found.shots == 30
    assert zne(lambda tapes, shots: ((0.5, 0.1, 10) for _ in tapes)).shots == 30


@pytest.mark.parametrize(
    ("estimates", "error"),
    [
        (None, TypeError),
        (0.5, TypeError),
        ([0.5, 0.3], TypeError),
        ([(0.5, 0.1), (0.3, 0.1)], ValueError),
        ([FINE, (0.3, 0.1, np.nan)], ValueError),
        ([FINE, (0.3, np.inf, 10)], ValueError),
        ([FINE, ("a", 0.1, 10)], TypeError),
        ([FINE, None], TypeError),
        ([FINE], ValueError),
    ],
)
def test_estimates_that_are_none(estimates, error):
    with pytest.raises(error, match=r"^estimates must be "):
        mitigation.extrapolate([1, 3], estimates)


@pytest.mark.parametrize(("method", "least"), [(zne, 6), (cdr, 11)])
def test_the_least_number_of_shots_is_that_of_the_caller(method, least):
    run = noise.executor(rng=np.random.default_rng(0))
    assert method(run, least, TWO_BASES).shots == least
    with pytest.raises(ValueError, match=f"shots must be at least {least}, .*; got {least - 1}"):
        method(run, least - 1, TWO_BASES)


COUNTS, EYE = {"00": 3, "01": 1, "10": 4, "11": 2}, np.eye(2)


@pytest.mark.parametrize("wire", [0, 1, np.int64(1)])
def test_one_wire(wire):
    found = mitigation.readout_expectation(COUNTS, EYE, wire)
    assert found == mitigation.readout_expectation(COUNTS, EYE, [wire])
    assert found.value == pytest.approx([-0.2, 0.4][wire])


@pytest.mark.parametrize("wires", ["0", 0.5, [0.5], {0: 1}, True])
def test_wires_that_are_none(wires):
    with pytest.raises(TypeError, match="wires must be"):
        mitigation.readout_expectation(COUNTS, EYE, wires)


@pytest.mark.parametrize("counts", [{"": 3}, {"": 3, "0": 1}, {0: 1}, {"2": 1}, {"0": 1, "01": 2}])
def test_keys_of_counts(counts):
    shown = re.escape(str(list(counts)))
    with pytest.raises(ValueError, match=f"counts must have bit strings of one length.*{shown}"):
        mitigation.invert_readout(counts, EYE)


def test_a_share_of_shots_need_not_be_whole():
    points = [(1.0, 0.1, 100 / 3)] * 3
    assert mitigation.extrapolate([1, 2, 3], points).shots == pytest.approx(100)
