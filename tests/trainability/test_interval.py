"""The interval of a variance: how often it covers, and what it does with odd samples."""

import numpy as np
import pytest
from scipy import stats

from qmlcourse import trainability

SAMPLES = {
    "normal": (lambda rng, n: rng.normal(size=n), 1.0),
    "bounded": (lambda rng, n: np.sin(rng.uniform(0, 2 * np.pi, n)) / 2, 1 / 8),
    "Laplace, kurtosis 6": (lambda rng, n: rng.laplace(size=n), 2.0),
    # The gradient of a product circuit under the global cost: kurtosis 1.5 * (35/18)^k.
    "product of 5 qubits, kurtosis 21": (
        lambda rng, n: (
            np.sin(rng.uniform(0, 2 * np.pi, n))
            / 2
            * np.prod(np.cos(rng.uniform(0, np.pi, (4, n))) ** 2, axis=0)
        ),
        1 / 8 * (3 / 8) ** 4,
    ),
}


@pytest.mark.parametrize("n", [20, 50, 200])
@pytest.mark.parametrize("name", SAMPLES)
def test_interval_covers_the_truth_about_as_often_as_it_says(name, n, rng):
    sample, variance = SAMPLES[name]
    hits = 0
    for _ in range(400):
        low, high = trainability.variance_interval(sample(rng, n), rng=rng, n_resamples=399)
        hits += low <= variance <= high
    # 95% of 400 within four standard errors of 1.1%. BCa covered 66% of the last at 20.
    assert 0.906 <= hits / 400 <= 0.994


def test_width_is_that_of_the_best_interval_where_tails_are_light(rng):
    # A chi-square interval of 200 normal values spans a factor of 1.49.
    spans = []
    for _ in range(100):
        low, high = trainability.variance_interval(rng.normal(size=200), rng=rng)
        spans.append(high / low)
    assert 1.4 < np.median(spans) < 1.6


def test_interval_scales_and_shifts_with_the_values():
    values = np.random.default_rng(1).laplace(size=60)
    low, high = trainability.variance_interval(values, rng=np.random.default_rng(0))
    for scale, shift in [(1e-20, 0), (-1e20, 0), (1, 1000)]:
        other = trainability.variance_interval(scale * values + shift, rng=np.random.default_rng(0))
        np.testing.assert_allclose(other, (scale**2 * low, scale**2 * high), rtol=1e-9)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_few_values_have_the_interval_of_a_normal_sample(n, rng):
    hits = 0
    for _ in range(2000):
        low, high = trainability.variance_interval(rng.normal(size=n), rng=rng)
        hits += low <= 1 <= high
    assert hits / 2000 == pytest.approx(0.95, abs=4 * 0.0049)


def test_values_nearly_all_equal_set_no_upper_bound(rng):
    low, high = trainability.variance_interval(np.eye(50)[0], rng=rng)
    assert 0 < low < 1 / 50 < high == np.inf


def test_equal_values_are_their_own_interval():
    low, high = trainability.variance_interval(np.full(9, 0.3), rng=np.random.default_rng(0))
    assert low == high == 0


@pytest.mark.parametrize("n_resamples", [39, 40, 79, 80, 999])
@pytest.mark.parametrize("n", [6, 27, 60])
def test_the_interval_is_the_documented_bootstrap(n, n_resamples, rng):
    """By SciPy's kurtosis, one resample at a time."""
    values = rng.laplace(size=n)

    def log_and_error(x):
        kurtosis = stats.kurtosis(x, fisher=False)
        return np.log(x.var(ddof=1)), np.sqrt((kurtosis - (len(x) - 3) / len(x)) / (len(x) - 1))

    log, error = log_and_error(values)
    draws = np.random.default_rng(5).integers(0, n, (n_resamples, n))[:, : max(6, n // 4)]
    pivots = []
    for resample in values[draws]:
        if np.ptp(resample) == 0:
            pivots.append(-np.inf)
            continue
        own, spread = log_and_error(resample)
        pivots.append((own - log) / spread)
    # One in 40 is cut off at either end.
    cut = (n_resamples + 1) // 40
    ends = np.sort(pivots)[[n_resamples - cut, cut - 1]]
    right = np.exp(log - ends * error)
    right = min(right[0], np.exp(log)), max(right[1], np.exp(log))
    found = trainability.variance_interval(
        values, rng=np.random.default_rng(5), n_resamples=n_resamples
    )
    np.testing.assert_allclose(found, right, rtol=1e-9)
    assert found[0] < np.exp(log) < found[1]


def test_the_default_is_999_resamples(rng):
    values = rng.normal(size=20)
    found = [
        trainability.variance_interval(values, rng=np.random.default_rng(5), **options)
        for options in ({}, {"n_resamples": 999})
    ]
    assert found[0] == found[1]


def test_batches_change_nothing(monkeypatch):
    values = np.random.default_rng(1).normal(size=30)
    whole = trainability.variance_interval(values, rng=np.random.default_rng(0))
    # 30 values: batches of 3 and of 400 resamples, the last of them smaller; and of one.
    for batch in (100, 12000, 10):
        monkeypatch.setattr("qmlcourse.trainability._interval._BATCH", batch)
        assert trainability.variance_interval(values, rng=np.random.default_rng(0)) == whole


@pytest.mark.parametrize(
    ("values", "options", "error", "message"),
    [
        ([1.0], {}, ValueError, "gradients must hold at least 2 values; got 1"),
        ([1.0, np.nan], {}, ValueError, "gradients must hold finite numbers; got NaN"),
        ([[1.0, 2.0]], {}, ValueError, "gradients must be a 1-D array"),
        ([-1e200, 1e200], {}, ValueError, "gradients must differ by less than"),
        ([1.0, 2.0], {"n_resamples": 38}, ValueError, "n_resamples must be .* 39; got 38"),
        ([1.0, 2.0], {"n_resamples": 1e3}, TypeError, "n_resamples must be"),
        ([1.0, 2.0], {"rng": 1}, TypeError, "rng must be a numpy.random.Generator"),
    ],
)
def test_bad_input_is_named(values, options, error, message, rng):
    with pytest.raises(error, match=message):
        trainability.variance_interval(values, **{"rng": rng} | options)
