"""The errors that the package gives cover the truth about as often as their level says."""

import measure
import numpy as np
import pytest

from qmlcourse import noise

MATRIX = noise.confusion_matrix(0.02, 0.08)


@pytest.mark.parametrize("shots", [10, 100, 1000])
def test_error_of_an_expectation(shots):
    # Summed over all counts, no simulation. The worst p has one or two counts on the rare side,
    # and a step of one count moves the coverage by points.
    covered = [measure.expectation(p, shots) for p in np.linspace(0, 0.5, 101)]
    assert min(covered) > {10: 0.83, 100: 0.86, 1000: 0.92}[shots]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)
    assert measure.expectation(0.0, shots) > 0.999


@pytest.mark.parametrize("shots", [20, 200])
def test_error_of_a_readout_inversion(shots):
    covered = [measure.readout(p, shots, MATRIX) for p in np.linspace(0, 1, 21)]
    assert min(covered) > 0.85
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


@pytest.mark.parametrize("shots", [300, 3000])
@pytest.mark.parametrize("fit", ["linear", "richardson", "exponential"])
def test_error_of_an_extrapolation(fit, shots, rng):
    p, error = measure.share(measure.extrapolated(fit, 0.6, shots, 600, rng))
    assert p == pytest.approx(0.95, abs=0.01 + 4 * error)


def test_error_of_a_random_shift_rule(rng):
    p, error = measure.share(measure.shifted(100, 800, rng))
    assert p == pytest.approx(0.95, abs=0.01 + 4 * error)


@pytest.mark.slow
def test_error_of_a_regression_is_no_less_than_it_should_be(rng):
    # It adds the scatter of the training values, so it errs on the side of caution.
    p, error = measure.share(measure.regressed(1000, 40, rng))
    assert p > 0.95 - 3 * max(error, 0.035)


@pytest.mark.parametrize("circuit", [("global", 4, 40), ("global", 4, 2), ("zz", 4, 40)])
@pytest.mark.parametrize("n", [20, 50, 200])
def test_interval_of_a_gradient_variance(circuit, n, rng):
    values = measure.pool(*circuit, 4000, rng)
    p, error = measure.share(measure.variances(values, n, 300, rng))
    assert p == pytest.approx(0.95, abs=0.02 + 3 * error)
