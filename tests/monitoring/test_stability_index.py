"""PSI against its definition, its divergences and its distribution without a change."""

import numpy as np
import pytest
from scipy import stats

from qmlcourse.monitoring import population_stability_index, psi_threshold


def test_both_divergences_add_up():
    rng = np.random.default_rng(0)
    then, now = rng.normal(size=400), rng.normal(0.3, 1.2, size=300)
    inner = np.quantile(then, [0.2, 0.4, 0.6, 0.8])
    p, q = (np.array([np.mean((np.searchsorted(inner, x)) == b) for b in range(5)])
            for x in (then, now))  # fmt: skip
    wanted = stats.entropy(p, q) + stats.entropy(q, p)
    assert population_stability_index(then, now, n_bins=5) == pytest.approx(wanted, rel=1e-12)


def test_same_sample_has_none_and_monotone_maps_change_nothing():
    rng = np.random.default_rng(1)
    then, now = rng.normal(size=501), rng.normal(size=250)  # no quantile between two values
    assert population_stability_index(then, then) == 0
    a = population_stability_index(then, now)
    assert a == pytest.approx(population_stability_index(np.exp(then), np.exp(now)), rel=1e-12)


def test_an_empty_bin_is_infinite():
    assert population_stability_index(np.arange(10), [9, 9, 9], n_bins=2) == np.inf


@pytest.mark.parametrize("bins", [2, 10])
def test_unchanged_samples_pass_the_threshold_as_often_as_said(bins):
    rng = np.random.default_rng(2)
    n, m, repeats = 900, 600, 1000
    found = [
        population_stability_index(rng.normal(size=n), rng.normal(size=m), n_bins=bins)
        for _ in range(repeats)
    ]
    for rate in (0.2, 0.05):
        share = np.mean(np.array(found) > psi_threshold(rate, n, m, n_bins=bins))
        assert abs(share - rate) < 4 * np.sqrt(rate * (1 - rate) / repeats) + 0.005
    # The mean of a chi-square distribution is its number of degrees of freedom.
    assert np.mean(found) == pytest.approx((bins - 1) * (1 / n + 1 / m), rel=0.12)


def test_threshold_by_hand():
    assert psi_threshold(0.05, 100, 100, n_bins=2) == pytest.approx(3.841459 / 50, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: population_stability_index([], [1.0]), "reference must not be empty"),
        (lambda: population_stability_index([1.0, 2.0], []), "current must not be empty"),
        (lambda: population_stability_index([1, 2, np.nan], [1]), "reference must hold finite"),
        (lambda: population_stability_index([1, 2, 3], [1], n_bins=4), "n_bins"),
        (lambda: population_stability_index([1, 2, 3], [1], n_bins=1), "n_bins"),
        (lambda: population_stability_index([1, 1, 1, 2], [1], n_bins=3), "different values"),
        (lambda: psi_threshold(0, 10, 10), "false_alarms"),
        (lambda: psi_threshold(0.05, 0, 10), "n_reference"),
        (lambda: psi_threshold(0.05, 10, 0), "n_current"),
        (lambda: psi_threshold(0.05, 10, 10, n_bins=1), "n_bins"),
    ],
)
def test_what_is_not_allowed_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
