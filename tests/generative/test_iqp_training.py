"""Training of IQP circuits: slopes, closed forms, what can't be learnt."""

import numpy as np
import pytest
from iqp_statevector import distribution, strings, up_to_pairs

from qmlcourse import _checks
from qmlcourse.generative import _pairs, _training, covariance_start, iqp_expectation, train_iqp


def models(gates, n, n_samples=20_000):
    rng = np.random.default_rng(0)
    return _training._Exact(gates, n), _training._Sampled(gates, n, n_samples, rng)


def all_of(n):
    return strings(n)


@pytest.mark.parametrize("small", [1e-3, 2.0], ids=["divided", "multiplied"])
@pytest.mark.parametrize("n", [1, 2, 4, 6])
def test_exact_slopes_are_slopes(n, small, monkeypatch):
    monkeypatch.setattr(_pairs, "_SMALL", small)
    rng = np.random.default_rng(n)
    gates, words = [*up_to_pairs(n), (0,)], all_of(n)
    theta, wanted = rng.normal(size=len(gates)), rng.uniform(-1, 1, 2**n)
    model, _ = models(gates, n, 2)
    value, slope = model.loss(theta, words, wanted)
    exact = iqp_expectation(gates, theta, ["".join("IZ"[b] for b in w) for w in words])
    assert value == pytest.approx(np.mean((exact - wanted) ** 2), abs=1e-13)
    for j in range(len(gates)):
        step = np.zeros(len(gates))
        step[j] = 1e-5
        up, down = (model.loss(theta + s * step, words, wanted)[0] for s in (1, -1))
        assert slope[j] == pytest.approx((up - down) / 2e-5, abs=1e-8)


def test_a_factor_of_zero_is_not_divided_by():
    model, _ = models([(0, 1), (0, 2)], 3, 2)
    words = np.array([[1, 0, 0]], dtype=np.uint8)
    value, slope = model.loss(np.array([np.pi / 4, 0.3]), words, np.array([0.5]))
    assert value == pytest.approx(0.25)
    # d/dt (cos 2t cos 0.6 - 0.5)^2 = 2 (-0.5) (-2 sin 2t) cos 0.6
    np.testing.assert_allclose(slope, [2 * np.cos(0.6), 0], atol=1e-12)


def test_sampled_slopes_are_the_exact_ones_on_average():
    n, rng = 5, np.random.default_rng(1)
    gates, words = up_to_pairs(n), all_of(n)
    theta, wanted = rng.normal(size=len(gates)) * 0.5, rng.uniform(-1, 1, 2**n)
    exact, sampled = models(gates, n, 8)
    runs = [sampled.loss(theta, words, wanted) for _ in range(3000)]
    value, slope = exact.loss(theta, words, wanted)
    values, slopes = np.array([r[0] for r in runs]), np.array([r[1] for r in runs])
    # With 8 strings, squares of estimates would be too large by a tenth.
    assert abs(values.mean() - value) < 4 * values.std() / np.sqrt(3000)
    off = np.abs(slopes.mean(axis=0) - slope) / (slopes.std(axis=0) / np.sqrt(3000))
    assert off.max() < 4.5


def test_means_of_packed_data(monkeypatch):
    rng = np.random.default_rng(2)
    bits = rng.integers(0, 2, (13, 5)).astype(np.uint8)
    words = all_of(5)
    packed = np.packbits(bits.T, axis=1)
    expected = [np.mean((-1.0) ** (bits[:, w == 1].sum(axis=1))) for w in words]
    np.testing.assert_allclose(_training._means(packed, words, 13), expected, atol=1e-14)
    monkeypatch.setattr(_training, "_TOGETHER", 5)
    np.testing.assert_allclose(_training._means(packed, words, 13), expected, atol=1e-14)


@pytest.mark.parametrize("n_samples", [None, 400])
def test_a_circuit_learns_what_a_circuit_made(n_samples):
    n, rng = 4, np.random.default_rng(3)
    gates = up_to_pairs(n)
    target = distribution(gates, rng.normal(size=len(gates)) * 0.4, n)
    data = strings(n)[rng.choice(2**n, 4000, p=target)]
    theta, losses = train_iqp(
        gates, data, sigma=0.7, rng=rng, n_steps=400, learning_rate=0.02, n_words=50,
        n_samples=n_samples,
    )  # fmt: skip
    assert losses.shape == (400,)
    learnt = distribution(gates, theta, n)
    start = distribution(gates, covariance_start(gates, data), n)
    assert np.abs(learnt - target).sum() / 2 < 0.08 < np.abs(start - target).sum() / 2


def test_large_gates_are_trained_by_samples():
    # Parity of three bits: one gate on all of them, at pi / 4.
    data = [[0, 0, 0], [1, 1, 1]]
    theta, _ = train_iqp(
        [(0, 1, 2)], data, sigma=0.5, rng=np.random.default_rng(0), theta=[0.3], n_samples=20,
        learning_rate=0.02,
    )  # fmt: skip
    assert theta[0] == pytest.approx(np.pi / 4, abs=0.02)


def test_no_step_returns_the_start_and_the_start_is_left_alone():
    start = np.array([0.1])
    start.flags.writeable = False
    theta, losses = train_iqp(
        [(0, 1)], [[0, 0], [1, 1]], sigma=1.0, rng=np.random.default_rng(0), theta=start, n_steps=0
    )
    assert theta[0] == 0.1 and losses.shape == (0,)
    assert theta is not start


def test_one_seed_gives_one_result():
    def run():
        rng = np.random.default_rng(7)
        data = rng.integers(0, 2, (50, 6))
        return train_iqp(up_to_pairs(6), data, sigma=1.0, rng=rng, n_steps=5)[0]

    np.testing.assert_array_equal(run(), run())


def test_the_start_has_the_means_and_none_of_the_pairs():
    rng = np.random.default_rng(4)
    data = (rng.random((500, 3)) < [0.1, 0.5, 0.8]).astype(int)
    gates = [(2,), (0,), (1,), (0, 1), (0, 1, 2)]
    theta = covariance_start(gates, data, scale=0)
    np.testing.assert_array_equal(theta[3:], 0)
    for k in range(3):
        word = "I" * k + "Z" + "I" * (2 - k)
        assert iqp_expectation(gates, theta, word) == pytest.approx(1 - 2 * data[:, k].mean())
    z = 1 - 2 * data
    scaled = covariance_start(gates, data, scale=-0.5)
    assert scaled[3] == pytest.approx(-0.5 * np.cov(z[:, 0], z[:, 1], bias=True)[0, 1])
    assert scaled[4] == 0


def test_a_bit_that_never_changes_and_one_sample():
    theta, losses = train_iqp(
        up_to_pairs(3), [[0, 1, 0]], sigma=1.0, rng=np.random.default_rng(0), n_steps=20
    )
    assert np.isfinite(theta).all() and losses.max() < 1e-3


RNG = np.random.default_rng(0)
GOOD = {"sigma": 1.0, "rng": RNG}


@pytest.mark.parametrize(
    ("gates", "data", "options", "error", "says"),
    [
        ([(0,)], [[0, 1]], {"sigma": 0}, ValueError, "sigma must be"),
        ([(0,)], [[0, 1]], {"rng": 1}, TypeError, "rng must be"),
        ([(0,)], [[0, 3]], {}, ValueError, "data must hold bits"),
        ([(2,)], [[0, 1]], {}, ValueError, "a qubit in gates"),
        ([(0,)], [[0, 1]], {"theta": [1, 2]}, ValueError, "theta must have shape"),
        ([(0,)], [[0, 1]], {"n_steps": -1}, ValueError, "n_steps"),
        ([(0,)], [[0, 1]], {"n_steps": 2.0}, TypeError, "n_steps"),
        ([(0,)], [[0, 1]], {"learning_rate": 0}, ValueError, "learning_rate"),
        ([(0,)], [[0, 1]], {"n_words": 0}, ValueError, "n_words"),
        ([(0,)], [[0, 1]], {"n_samples": 1}, ValueError, "n_samples must be an integer at least 2"),
        ([(0, 1, 2)], [[0, 1, 1]], {}, ValueError, "n_samples must be given"),
        ([(0,)], np.zeros((2, 60)), {"sigma": 0.2}, ValueError, "sigma must be larger"),
    ],
)
def test_bad_training_is_named(gates, data, options, error, says):
    with pytest.raises(error, match=says):
        train_iqp(gates, data, **(GOOD | options))


@pytest.mark.parametrize("n_samples", [None, 10])
def test_angles_that_lose_their_digits_are_refused(n_samples):
    with pytest.raises(ValueError, match="learning_rate must be smaller"):
        train_iqp([(0,)], [[0], [1]], theta=[0.1], learning_rate=1e300, n_samples=n_samples, **GOOD)


def test_words_that_fit_no_memory_are_refused():
    with pytest.raises(ValueError, match="the words of a step would need"):
        train_iqp([(0,)], [[0, 1]], n_words=10**14, **GOOD)


def test_bad_starts_are_named():
    with pytest.raises(ValueError, match="scale"):
        covariance_start([(0,)], [[0]], scale=np.inf)
    with pytest.raises(ValueError, match="data must hold bits"):
        covariance_start([(0,)], [[-1]])


def test_memory_of_a_step_is_asked_for_first(monkeypatch):
    class Little:
        available = 1000

    monkeypatch.setattr(_checks.psutil, "virtual_memory", Little)
    with pytest.raises(ValueError, match="GiB"):
        train_iqp([(0,)], [[0, 1]], theta=[0.1], n_samples=50, **GOOD)
    with pytest.raises(ValueError, match="GiB"):
        covariance_start([(0,)], np.zeros((50, 50)))
