"""Run lengths against published tables, Brook and Evans' chain, closed forms and simulation."""

import numpy as np
import pytest
from scipy import stats

from qmlcourse import _checks
from qmlcourse.monitoring import (
    alarm_threshold,
    average_run_length,
    cusum,
    first_alarm,
    run_length_distribution,
)


def brook_evans(h, k, shift, n, scale=1.0):
    """Return the mean run of the upper side by a chain of n states."""
    width = 2 * h / (2 * n - 1)
    i, j = np.ogrid[:n, :n]
    edges = ((j - i) * width + k - shift) / scale
    half = width / 2 / scale
    step = stats.norm.cdf(edges + half) - stats.norm.cdf(edges - half)
    step[:, 0] = stats.norm.cdf(edges[:, 0] + half)
    return np.linalg.solve(np.eye(n) - step, np.ones(n))[0]


@pytest.mark.parametrize(
    ("k", "h", "shift", "two_sided", "published", "digits"),
    [
        # Lucas and Crosier 1982, table 1: two sides, no headstart.
        *[
            (0.5, 4, shift, True, value, 3)
            for shift, value in [
                (0, 168), (0.25, 74.2), (0.5, 26.6), (0.75, 13.3), (1, 8.38), (1.5, 4.75),
                (2, 3.34), (2.5, 2.62), (3, 2.19), (4, 1.71), (5, 1.31),
            ]
        ],
        # Vance 1986, table 1: one side, with results of Goel and Wu 1971.
        *[
            (0.0, 10, shift, False, value, 4)
            for shift, value in [
                (-0.25, 2071.51), (-0.125, 400.28), (0, 124.66), (0.125, 59.30), (0.25, 36.71),
                (0.5, 20.37), (0.75, 14.06), (1, 10.75),
            ]
        ],
        (0.25, 8, 2.5, False, 4.1500836225, 8),  # SAS/QC 1999
        (0.5, 3, 0, False, 117.59, 5),  # Brook and Evans 1972, section 4.3
        (0.5, 3, 1.5, False, 3.75, 3),
        (0.5, 3, 0.5, False, 17.35, 4),  # Waldmann 1986, tables 5 and 6
        (0.6, 3, -0.2, True, 65.4, 3),
    ],
)  # fmt: skip
def test_published_tables(k, h, shift, two_sided, published, digits):
    found = average_run_length(h, slack=k, shift=shift, two_sided=two_sided)
    assert found == pytest.approx(published, rel=1.01 * 10 ** (1 - digits))


@pytest.mark.parametrize(
    ("h", "k", "shift", "scale"), [(3, 0.5, 0, 1), (5, 0.5, 1, 1), (4, 0.2, -0.3, 0.6)]
)
def test_a_chain_of_ever_more_states_comes_to_the_same(h, k, shift, scale):
    exact = average_run_length(h, slack=k, shift=shift, scale=scale, two_sided=False)
    errors = [brook_evans(h, k, shift, n, scale) / exact - 1 for n in (50, 100, 400)]
    assert abs(errors[2]) < 2e-4
    # The chain's error falls with the square of its number of states.
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)


def test_small_thresholds_have_closed_forms():
    """At h near 0 each step alarms independently, with P(|z| > k)."""
    p = 2 * stats.norm.sf(0.5)
    assert average_run_length(1e-9) == pytest.approx(1 / p, rel=1e-6)
    found = run_length_distribution(1e-9, 6)
    np.testing.assert_allclose(found, 1 - (1 - p) ** np.arange(1, 7), rtol=1e-6)


def test_first_step_has_a_closed_form_with_an_estimated_baseline():
    """The first alarm is |x - mean| > (h + k) s: Student's t, with a new value's spread."""
    for m in (10, 30, 200):
        t = 3.5 / np.sqrt(1 + 1 / m)
        found = run_length_distribution(3.0, 1, n_baseline=m)[0]
        assert found == pytest.approx(2 * stats.t.sf(t, m - 1), abs=2e-5)


@pytest.mark.parametrize(
    ("h", "k", "shift", "scale"), [(4, 0.5, 0, 1), (3, 0.3, 0.7, 1.3), (2, 0, -1, 0.5)]
)
def test_distribution_adds_up_to_the_mean(h, k, shift, scale):
    n = 4000
    alarmed = run_length_distribution(h, n, slack=k, shift=shift, scale=scale)
    assert (np.diff(alarmed) >= -1e-12).all() and alarmed[0] >= 0 and alarmed[-1] < 1 + 1e-9
    mean = 1 + np.sum(1 - alarmed[:-1])
    wanted = average_run_length(h, slack=k, shift=shift, scale=scale)
    assert mean == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    ("h", "m", "shift", "k"),
    [(5, None, 0, 0.5), (3, None, 0.8, 0.3), (2, None, 0, 0), (8, 50, 0, 0.5), (6, 10, 1, 0.5)],
)
def test_simulated_streams_alarm_as_often(h, m, shift, k):
    n, steps = 20_000, 60
    rng = np.random.default_rng(3)
    mean, std = 0.0, 1.0
    if m:
        baseline = rng.normal(size=(n, m))
        mean, std = baseline.mean(axis=1), baseline.std(axis=1, ddof=1)
    x = rng.normal(shift, size=(n, steps))
    at = first_alarm(cusum(x, mean=mean, std=std, slack=k), h)
    wanted = run_length_distribution(h, steps, slack=k, shift=shift, n_baseline=m)
    for t in (5, 20, 60):
        found = np.mean((at >= 0) & (at < t))
        p = wanted[t - 1]
        # 4.5 standard errors: fifteen comparisons.
        assert abs(found - p) < 4.5 * np.sqrt(p * (1 - p) / n) + 1e-4


def test_short_baselines_alarm_more_and_long_ones_as_if_known():
    found = [run_length_distribution(8, 150, n_baseline=m)[-1] for m in (10, 50, 200)]
    known = run_length_distribution(8, 150)[-1]
    assert found == sorted(found, reverse=True) and found[1] > 6 * known
    assert run_length_distribution(8, 150, n_baseline=10**6)[-1] == pytest.approx(known, rel=1e-3)


@pytest.mark.parametrize(("rate", "n", "m"), [(0.01, 150, None), (0.3, 20, None), (0.05, 30, 50)])
def test_thresholds_have_their_false_alarms(rate, n, m):
    h = alarm_threshold(rate, n, n_baseline=m)
    assert run_length_distribution(h, n, n_baseline=m)[-1] == pytest.approx(rate, rel=1e-3)
    # A short baseline needs a higher threshold.
    assert run_length_distribution(h, n)[-1] < (0.8 if m else 1.001) * rate


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: average_run_length(0), ValueError, "threshold must be a finite number above 0"),
        (lambda: average_run_length(5, scale=0), ValueError, "scale"),
        (lambda: average_run_length(5, slack=-1), ValueError, "slack"),
        (lambda: average_run_length(5, shift=np.nan), ValueError, "shift"),
        (lambda: average_run_length(5, two_sided=1), TypeError, "two_sided"),
        (lambda: average_run_length(40), ValueError, "mean run is below 1e10"),
        (lambda: average_run_length(5, shift=-9, two_sided=False), ValueError, "below 1e10"),
        (lambda: run_length_distribution(5, 0), ValueError, "n_steps"),
        (lambda: run_length_distribution(5, 10, n_baseline=9), ValueError, "n_baseline"),
        (lambda: run_length_distribution(1e7, 10), ValueError, "GiB of memory"),
        (lambda: alarm_threshold(0, 10), ValueError, "false_alarms"),
        (lambda: alarm_threshold(1, 10), ValueError, "false_alarms"),
        (lambda: alarm_threshold(0.999, 2), ValueError, "a chance that 2 steps can reach"),
        (lambda: alarm_threshold(0.01, 10, n_baseline=2), ValueError, "n_baseline"),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_a_side_that_never_alarms_leaves_the_other():
    """A shift of three deviations: the other side's mean run is beyond any number."""
    both = average_run_length(8, shift=3)
    assert both == pytest.approx(average_run_length(8, shift=3, two_sided=False), rel=1e-9)


def test_memory_is_asked_for_before_it_is_taken(monkeypatch):
    def refuse(n_bytes, what):
        raise ValueError(f"{what}: {n_bytes}")

    monkeypatch.setattr(_checks, "memory", refuse)
    with pytest.raises(ValueError, match="a threshold of 5 deviations"):
        average_run_length(5)
