"""The MMD of samples: closed forms, its definition, its Fourier form."""

import numpy as np
import pytest
from iqp_statevector import all_words, strings

from qmlcourse import _checks
from qmlcourse.generative import _mmd, mmd_squared


def by_definition(p, q, sigma):
    def kernel(a, b):
        return np.mean([[np.exp(-np.sum(x != y) / (2 * sigma**2)) for y in b] for x in a])

    return kernel(p, p) + kernel(q, q) - 2 * kernel(p, q)


@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("n", [1, 3, 10])
def test_even_parity_against_all_strings(n, sigma):
    everything = strings(n)
    even = everything[everything.sum(axis=1) % 2 == 0]
    letter = (1 - np.exp(-1 / (2 * sigma**2))) / 2
    assert mmd_squared(even, everything, sigma=sigma) == pytest.approx(
        letter**n, rel=1e-9, abs=1e-15
    )


@pytest.mark.parametrize("sigma", [0.4, 1.3])
def test_it_is_its_definition_and_its_fourier_form(sigma):
    rng = np.random.default_rng(0)
    n = 4
    p, q = rng.integers(0, 2, (7, n)), rng.integers(0, 2, (9, n))
    value = mmd_squared(p, q, sigma=sigma)
    assert value == pytest.approx(by_definition(p, q, sigma), abs=1e-14)
    letter = (1 - np.exp(-1 / (2 * sigma**2))) / 2
    total = 0.0
    for word in all_words(n):
        z = np.array([c == "Z" for c in word])
        chance = letter ** z.sum() * (1 - letter) ** (n - z.sum())
        gap = np.mean((-1.0) ** p[:, z].sum(axis=1)) - np.mean((-1.0) ** q[:, z].sum(axis=1))
        total += chance * gap**2
    assert value == pytest.approx(total, abs=1e-14)


def test_two_points():
    assert mmd_squared([[0, 0, 0]], [[1, 1, 1]], sigma=1.0) == pytest.approx(2 - 2 * np.exp(-1.5))
    assert mmd_squared([[0, 1]], [[0, 1]], sigma=1.0) == 0


def test_the_estimate_has_no_bias():
    rng = np.random.default_rng(1)
    biased, unbiased = [], []
    for _ in range(400):
        p, q = rng.integers(0, 2, (2, 20, 6))
        biased.append(mmd_squared(p, q, sigma=1.5))
        unbiased.append(mmd_squared(p, q, sigma=1.5, unbiased=True))
    error = np.std(unbiased) / 20
    assert abs(np.mean(unbiased)) < 4 * error
    assert np.mean(biased) > 10 * error
    assert min(unbiased) < 0


def test_it_is_symmetric_and_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(2)
    p, q = rng.integers(0, 2, (31, 12)), rng.integers(0, 2, (17, 12))
    value = mmd_squared(p, q, sigma=2.0)
    assert value == pytest.approx(mmd_squared(q, p, sigma=2.0), abs=1e-15)
    monkeypatch.setattr(_mmd, "_TOGETHER", 40)
    assert mmd_squared(p, q, sigma=2.0) == pytest.approx(value, abs=1e-15)


@pytest.mark.parametrize("sigma", [1e-200, 1e-3, 1e200])
def test_extreme_bandwidths_are_their_limits(sigma):
    p, q = [[0, 1], [1, 1]], [[0, 0]]
    assert mmd_squared(p, q, sigma=sigma) == pytest.approx(1.5 if sigma < 1 else 0, abs=1e-12)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_any_dtype_of_bits(dtype):
    p = np.array([[0, 1], [1, 1]], dtype=dtype)
    p.flags.writeable = False
    assert mmd_squared(p, [[0, 0]], sigma=1.0) == pytest.approx(
        by_definition(np.array([[0, 1], [1, 1]]), np.array([[0, 0]]), 1.0)
    )


@pytest.mark.parametrize(
    ("p", "q", "sigma", "error", "says"),
    [
        ([[0, 2]], [[0, 1]], 1.0, ValueError, "p must hold bits, 0 or 1; got 2"),
        ([[0, 1]], [[0, -1]], 1.0, ValueError, "q must hold bits"),
        ([[0, 1]], [[0, 0.5]], 1.0, ValueError, "q must hold bits"),
        ([[0, np.nan]], [[0, 1]], 1.0, ValueError, "got NaN"),
        ([[0, 1]], [[0, 1, 1]], 1.0, ValueError, "q must have 2 bits"),
        ([0, 1], [[0, 1]], 1.0, ValueError, "p must be a 2-D array"),
        (np.zeros((0, 2)), [[0, 1]], 1.0, ValueError, "p must not be empty"),
        ([[0, 1]], [[0, 1]], 0.0, ValueError, "sigma must be a finite number above 0"),
        ([[0, 1]], [[0, 1]], "1", TypeError, "sigma"),
        (["01"], [[0, 1]], 1.0, TypeError, "p must hold numbers"),
    ],
)
def test_bad_samples_are_named(p, q, sigma, error, says):
    with pytest.raises(error, match=says):
        mmd_squared(p, q, sigma=sigma)


def test_an_estimate_needs_two_samples():
    with pytest.raises(ValueError, match="q must hold two samples"):
        mmd_squared([[0], [1]], [[1]], sigma=1.0, unbiased=True)
    with pytest.raises(TypeError, match="unbiased"):
        mmd_squared([[0], [1]], [[1]], sigma=1.0, unbiased=1)


def test_memory_of_samples_is_asked_for_first(monkeypatch):
    class Little:
        available = 10

    monkeypatch.setattr(_checks.psutil, "virtual_memory", Little)
    with pytest.raises(ValueError, match="GiB"):
        mmd_squared([[0], [1]], [[1]], sigma=1.0)


@pytest.mark.parametrize(("n", "sigma"), [(4, 0.7), (8, 1.0), (12, 1.0)])
def test_an_estimate_between_equal_sources_scatters_as_theory_says(n, sigma):
    # Between sets of m uniform strings, the estimate without bias is a sum over pairs of four
    # uncorrelated values of the centred kernel, whose mean square is v.
    rng = np.random.default_rng(5)
    m, repeats = 100, 2000
    p = (1 - np.exp(-1 / (2 * sigma**2))) / 2
    v = (p**2 + (1 - p) ** 2) ** n - (1 - p) ** (2 * n)
    sets = rng.integers(0, 2, (repeats, 2, m, n))
    found = [mmd_squared(a, b, sigma=sigma, unbiased=True) for a, b in sets]
    # Six times the error that a standard deviation of Gaussian values has.
    np.testing.assert_allclose(np.std(found), np.sqrt(8 * v / (m * (m - 1))), rtol=0.1)
    assert abs(np.mean(found)) < 5 * np.std(found) / np.sqrt(repeats)
