"""Tolerances and shots against sums over all counts, in exact fractions."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmlcourse.testing import bounds, shots_needed, tolerance

PROBABILITIES = ["0", "0.01", "0.1", "0.25", "0.5", "0.7", "0.99", "1"]


def chances(p, n):
    """Return the exact chance of each count."""
    return [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


@pytest.mark.parametrize("p", PROBABILITIES)
@pytest.mark.parametrize("n", [1, 2, 7, 20, 61])
@pytest.mark.parametrize("alpha", [0.3, 0.01, 1e-4])
def test_tolerance_is_the_smallest_of_all(p, n, alpha):
    exact, rate = Fraction(p), Fraction(str(alpha))
    chance = chances(exact, n)
    deviations = sorted({abs(k - n * exact) for k in range(n + 1)})

    def alarms(d):
        return sum(c for k, c in enumerate(chance) if abs(k - n * exact) > d)

    d = next(d for d in deviations if alarms(d) <= rate)
    if d == deviations[-1]:
        with pytest.raises(ValueError, match="the test could not fail"):
            tolerance(float(p), n, false_alarm=alpha)
        return
    beyond = deviations[deviations.index(d) + 1]
    assert tolerance(float(p), n, false_alarm=alpha) == pytest.approx(float((d + beyond) / 2 / n))


@pytest.mark.parametrize("p", PROBABILITIES)
@pytest.mark.parametrize("n", [1, 2, 7, 20, 61])
@pytest.mark.parametrize("alpha", [0.3, 0.01, 1e-4])
def test_bounds_give_half_the_rate_to_each_side(p, n, alpha):
    chance, half = chances(Fraction(p), n), Fraction(str(alpha)) / 2
    low = next(k for k in range(n + 1) if sum(chance[: k + 1]) > half)
    high = next(k for k in reversed(range(n + 1)) if sum(chance[k:]) > half)
    if (low, high) == (0, n):
        with pytest.raises(ValueError, match="the test could not fail"):
            bounds(float(p), n, false_alarm=alpha)
        return
    assert bounds(float(p), n, false_alarm=alpha) == (low, high)
    assert sum(chance[:low]) + sum(chance[high + 1 :]) <= 2 * half


@pytest.mark.parametrize(("p", "n"), [(0.02, 150), (0.4, 90), (0.95, 120)])
@pytest.mark.parametrize("alpha", [0.05, 1e-3])
def test_bounds_are_those_of_scipy_s_exact_test(p, n, alpha):
    """Either one-sided test at half the rate fails, or Clopper and Pearson's interval misses p."""
    from scipy.stats import binomtest

    low, high = bounds(p, n, false_alarm=alpha)
    for k in range(n + 1):
        sides = [binomtest(k, n, p, alternative=a).pvalue for a in ("less", "greater")]
        assert (low <= k <= high) == (min(sides) > alpha / 2)
        interval = binomtest(k, n).proportion_ci(1 - alpha, method="exact")
        assert (low <= k <= high) == (interval.low < p < interval.high)


def test_bounds_share_the_rate_and_are_one_sided_at_the_ends():
    assert bounds(0.3, 500, false_alarm=0.2, n_tests=200) == bounds(0.3, 500, false_alarm=0.001)
    assert bounds(1.0, 10, false_alarm=0.01) == (10, 10)
    assert bounds(0.0, 10, false_alarm=0.01) == (0, 0)


def test_a_dead_gate_passes_a_tolerance_and_not_the_bounds():
    rate = {"false_alarm": 0.01, "n_tests": 200}
    assert tolerance(0.01, 1500, **rate) > 0.01
    assert bounds(0.01, 1500, **rate)[0] > 0
    assert shots_needed(0.01, -0.01, **rate) == 1851
    assert shots_needed(0.01, -0.01, **rate, equal_tails=True) == 1055
    # (1 - p)**n falls below half the rate a test
    assert int(np.ceil(np.log(0.01 / 200 / 2) / np.log(0.99))) == 1055


@given(
    st.floats(1e-6, 1 - 1e-6),
    st.integers(30, 1000),
    st.sampled_from([0.05, 1e-3, 1e-6]),
)
def test_false_alarms_are_as_rare_as_stated(p, n, alpha):
    from scipy.stats import binom

    try:
        allowed = tolerance(p, n, false_alarm=alpha)
    except ValueError:
        return
    k = np.arange(n + 1)
    assert binom.pmf(k, n, p)[abs(k / n - p) > allowed].sum() <= alpha * (1 + 1e-9)


def test_known_values():
    """The normal rule's 4.89 standard errors, for comparison: .2446, .0773, .0245."""
    found = [tolerance(0.5, n, false_alarm=1e-6) for n in (100, 1000, 10_000)]
    assert found == pytest.approx([0.245, 0.0775, 0.02455])


def test_many_tests_share_the_rate():
    assert tolerance(0.3, 500, false_alarm=0.2, n_tests=200) == tolerance(
        0.3, 500, false_alarm=0.001
    )


@pytest.mark.parametrize(("p", "shift"), [(0.5, 0.1), (0.01, 0.02), (0.9, -0.05), (0.0, 0.01)])
def test_so_many_shots_see_the_fault_and_fewer_do_not(p, shift):
    from scipy.stats import binom

    options = {"false_alarm": 1e-4}

    def missed(n):
        k = np.arange(n + 1)
        kept = abs(k / n - p) <= tolerance(p, n, **options)
        return binom.pmf(k, n, p + shift)[kept].sum()

    n = shots_needed(p, shift, missed=0.02, **options)
    assert missed(n) <= 0.02
    assert missed(int(0.9 * n)) > 0.02


def test_rarer_alarms_and_smaller_faults_take_more_shots():
    base = shots_needed(0.5, 0.1, false_alarm=0.01)
    assert shots_needed(0.5, 0.1, false_alarm=1e-6) > base
    assert shots_needed(0.5, 0.05, false_alarm=0.01) > 3 * base
    assert shots_needed(0.5, 0.1, false_alarm=0.01, n_tests=100) > base


def test_large_numbers_of_shots_take_no_memory():
    assert tolerance(0.5, 10**9, false_alarm=1e-6) == pytest.approx(4.8916e-4 * 0.1581, rel=1e-3)


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: tolerance(1.2, 10, false_alarm=0.1), ValueError, "^probability must be"),
        (lambda: tolerance("a", 10, false_alarm=0.1), TypeError, "^probability must be"),
        (lambda: tolerance(np.nan, 10, false_alarm=0.1), ValueError, "^probability must be"),
        (lambda: tolerance(0.5, 0, false_alarm=0.1), ValueError, "^shots must be"),
        (lambda: tolerance(0.5, 10.0, false_alarm=0.1), TypeError, "^shots must be"),
        (lambda: tolerance(0.5, 10**10, false_alarm=0.1), ValueError, "^shots must be"),
        (lambda: tolerance(0.5, 10, false_alarm=0), ValueError, "^false_alarm must be"),
        (lambda: tolerance(0.5, 10, false_alarm=1), ValueError, "^false_alarm must be"),
        (lambda: tolerance(0.5, 10, false_alarm=0.1, n_tests=0), ValueError, "^n_tests must be"),
        (lambda: tolerance(0.5, 10, false_alarm=1e-4), ValueError, "^shots must be more than 10"),
        (lambda: bounds(1.2, 10, false_alarm=0.1), ValueError, "^probability must be"),
        (lambda: bounds(0.5, 10, false_alarm=1e-4), ValueError, "^shots must be more than 10"),
        (lambda: shots_needed(0.5, 0.0, false_alarm=0.1), ValueError, "^shift must not be 0"),
        (lambda: shots_needed(0.5, 0.6, false_alarm=0.1), ValueError, "^shift must not be 0"),
        (lambda: shots_needed(0.5, 1e-9, false_alarm=0.1), ValueError, "^shift must be larger"),
        (lambda: shots_needed(0.5, 0.1, false_alarm=0.1, missed=2), ValueError, "^missed must"),
    ],
)
def test_what_is_not_allowed_is_told(call, error, match):
    with pytest.raises(error, match=match):
        call()
