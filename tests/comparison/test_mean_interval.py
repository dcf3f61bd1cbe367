"""The interval of a mean over seeds, against SciPy's and by its formula."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from qmlcourse.comparison import MeanInterval, mean_interval


@pytest.mark.parametrize("n", [2, 3, 10, 40])
def test_independent_seeds_give_scipys_interval(n: int) -> None:
    values = np.random.default_rng(n).normal(0.7, 0.1, n)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    mean, low, high = mean_interval(values)
    np.testing.assert_allclose([mean, low, high], [values.mean(), theirs.low, theirs.high])


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_any_confidence_is_scipys(confidence: float) -> None:
    values = np.random.default_rng(4).normal(size=7)
    theirs = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    found = mean_interval(values, confidence=confidence)
    np.testing.assert_allclose([found.low, found.high], [theirs.low, theirs.high])


def test_a_paired_difference_is_scipys_paired_test() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random(12), rng.random(12)
    theirs = stats.ttest_rel(a, b).confidence_interval(0.95)
    found = mean_interval(pd.Series(a) - pd.Series(b))
    np.testing.assert_allclose([found.low, found.high], [theirs.low, theirs.high])


def test_every_entry_of_an_array_has_its_own_interval() -> None:
    values = np.random.default_rng(1).normal(size=(6, 3, 2))
    found = mean_interval(values, overlap=0.25)
    for i in np.ndindex(3, 2):
        alone = mean_interval(values[:, *i], overlap=0.25)
        assert isinstance(alone.low, float)
        np.testing.assert_allclose([part[i] for part in found], alone, rtol=1e-13)


def test_overlap_widens_the_interval_as_nadeau_and_bengio_say() -> None:
    values = np.random.default_rng(2).normal(size=10)
    # Ten splits of which a fifth is tested: 1/10 becomes 1/10 + 1/4.
    ratio = mean_interval(values, overlap=0.25).half / mean_interval(values).half
    assert ratio == pytest.approx(np.sqrt((1 / 10 + 1 / 4) / (1 / 10)))


def test_half_is_the_length_of_an_error_bar() -> None:
    assert MeanInterval(0.5, 0.25, 0.75).half == 0.25
    found = mean_interval([[1, 2], [3, 8]])
    np.testing.assert_allclose(found.half, np.subtract(found.high, found.mean))


def test_a_small_spread_is_one() -> None:
    assert mean_interval([1e-13, 3e-13]).half == pytest.approx(1e-13 * stats.t.ppf(0.975, 1))


def test_without_a_spread_there_is_no_interval() -> None:
    for values in ([0.5], [0.5, 0.5, 0.5], [0.1 + 0.2, 0.3]):
        mean, low, high = mean_interval(values)
        assert mean == pytest.approx(np.mean(values))
        assert np.isnan(low)
        assert np.isnan(high)
    curve = mean_interval([[0.5, 0.6], [0.5, 0.8]])
    assert np.isnan(curve.half).tolist() == [True, False]


@pytest.mark.parametrize(
    ("values", "overlap", "says"),
    [
        ([], 0, "values must hold one value or array a seed; got shape"),
        (0.5, 0, "values must hold one value or array a seed; got shape"),
        ([0.5, np.nan], 0, "values must hold finite numbers; got NaN"),
        ([0.5, 0.6], -0.1, "overlap must be at least 0; got -0.1"),
    ],
)
def test_bad_input_is_named(values: object, overlap: float, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        mean_interval(values, overlap=overlap)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_confidence_is_a_share(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must be a finite number above 0 and below 1"):
        mean_interval([1, 2], confidence=confidence)
