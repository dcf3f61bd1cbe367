"""CUSUM's paths against river's Page-Hinkley test, sums by hand, and bad input."""

import numpy as np
import pytest

from qmlcourse.monitoring import Cusum, cusum, first_alarm


def rng(seed=0):
    return np.random.default_rng(seed)


def by_definition(z, k):
    """Return the upper side as the largest sum of a tail, which has no recursion."""
    sums = np.concatenate([[0.0], np.cumsum(z - k)])
    return np.array([sums[t] - sums[: t + 1].min() for t in range(1, len(sums))])


@pytest.mark.parametrize("k", [0.0, 0.25, 0.5, 2.0])
def test_paths_are_the_largest_tails(k):
    z = rng().normal(size=200)
    paths = cusum(z, slack=k)
    np.testing.assert_allclose(paths.upper, by_definition(z, k), atol=1e-12)
    np.testing.assert_allclose(paths.lower, by_definition(-z, k), atol=1e-12)


def test_streams_at_once_are_streams_one_by_one():
    x = rng(1).normal(3.0, 2.0, size=(2, 3, 40))
    mean, std = x[..., :10].mean(axis=-1), x[..., :10].std(axis=-1, ddof=1)
    paths = cusum(x, mean=mean, std=std)
    for at in np.ndindex(2, 3):
        alone = cusum((x[at] - mean[at]) / std[at])
        np.testing.assert_allclose(paths.upper[at], alone.upper, atol=1e-12)
        np.testing.assert_allclose(paths.lower[at], alone.lower, atol=1e-12)


def test_units_and_sign_do_not_matter():
    x = rng(2).normal(size=50)
    a, b = cusum(x), cusum(7 - 3 * x, mean=7, std=3)
    np.testing.assert_allclose(a.upper, b.lower, atol=1e-12)
    np.testing.assert_allclose(a.lower, b.upper, atol=1e-12)


def test_first_alarm_of_either_side():
    paths = cusum([[0, 0, 5, 0], [0, -5, 0, 0], [0, 0, 0, 0]])
    assert first_alarm(paths, 4).tolist() == [2, 1, -1]
    assert first_alarm(paths.upper, 4).tolist() == [2, -1, -1]
    assert first_alarm(paths.upper[0], 4.5) == -1  # at the threshold is no alarm
    assert first_alarm(paths.upper[0], 4.4) == 2


@pytest.mark.parametrize("dtype", [np.float32, np.int8, np.uint8, bool, object])
def test_dtypes(dtype):
    x = np.array([0, 1, 1, 0, 1]).astype(dtype)
    x.setflags(write=False)
    assert cusum(x, slack=0.25).upper.tolist() == [0.0, 0.75, 1.5, 1.25, 2.0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: cusum([]), ValueError, "values must have at least one step"),
        (lambda: cusum(3.0), ValueError, "values must have at least one step"),
        (lambda: cusum(np.zeros((0, 5))), ValueError, "at least one step"),
        (lambda: cusum([0.0, np.nan]), ValueError, "values must hold finite numbers; got NaN"),
        (lambda: cusum([0.0, 1j]), TypeError, "real numbers"),
        (lambda: cusum([1.0], std=0.0), ValueError, "std must be above 0"),
        (lambda: cusum([1.0], std=-1), ValueError, "std must be above 0"),
        (lambda: cusum([1e300], std=1e-300), ValueError, "finite in units of std"),
        (lambda: cusum([1.0, 2.0], mean=[1.0, 2.0]), ValueError, "mean must be one number"),
        (lambda: cusum([1.0], slack=-0.1), ValueError, "slack must be at least 0"),
        (lambda: cusum([1.0], slack=True), TypeError, "slack must be a finite number"),
        (lambda: first_alarm([], 1), ValueError, "at least one step"),
        (lambda: first_alarm([1.0], np.inf), ValueError, "threshold"),
        (lambda: first_alarm([np.nan], 1), ValueError, "paths must hold finite"),
        (
            lambda: first_alarm(Cusum(np.zeros(3), np.zeros(1)), 1),
            ValueError,
            "paths must be of one shape",
        ),
    ],
)
def test_bad_input_is_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
