"""Episodes against a plain loop, the policy gradient against exact sums, and what is refused."""

import tracemalloc

import numpy as np
import pytest

from qmlcourse import _checks
from qmlcourse.reinforcement import (
    CircuitPolicy,
    LinearPolicy,
    NetworkPolicy,
    _reinforce,
    cartpole_start,
    cartpole_step,
    reinforce,
    rollout,
)
from qmlcourse.reinforcement._cartpole import SCALE

GOOD = [0.0, 0, 50, 50, 0]


def by_hand(policy, row, stream, n_episodes, limit):
    """Play one episode after the other, from the same random numbers."""
    starts = cartpole_start(n_episodes, rng=stream)
    coins = stream.random((limit, n_episodes))
    lasted = []
    for e in range(n_episodes):
        state, t, lost = starts[e], 0, False
        while t < limit and not lost:
            z = policy.logits(policy.prepare(row[None]), (state / SCALE)[None, None])[0, 0]
            state, lost = cartpole_step(state, int(coins[t, e] < 1 / (1 + np.exp(-z))))
            t += 1
        lasted.append(t)
    return lasted


@pytest.mark.parametrize("policy", [LinearPolicy(), NetworkPolicy(4), CircuitPolicy(2)])
def test_rollouts_are_those_of_a_plain_loop(policy):
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 2, (4, policy.n_parameters))
    lasted = rollout(policy, rows, n_episodes=6, limit=60, rng=np.random.default_rng(1))
    streams = np.random.default_rng(1).spawn(4)
    for r in range(4):
        assert list(lasted[r]) == by_hand(policy, rows[r], streams[r], 6, 60)


def test_a_coin_lasts_about_22_steps_and_a_good_policy_to_the_limit():
    coin = rollout(LinearPolicy(), np.zeros((1, 5)), n_episodes=4000, rng=np.random.default_rng(0))
    assert abs(coin.mean() - 22.2) < 4 * coin.std() / np.sqrt(4000)
    for limit in (1, 7, 500):
        good = rollout(
            LinearPolicy(), [GOOD], n_episodes=5, limit=limit, rng=np.random.default_rng(0)
        )
        assert (good == limit).all()


def test_huge_parameters_neither_overflow_nor_warn():
    rng = np.random.default_rng(0)
    rows = 1e300 * np.array([GOOD, np.negative(GOOD)])
    good, bad = rollout(LinearPolicy(), rows, n_episodes=3, rng=rng)
    assert (good == 200).all()
    assert (bad < 15).all()


@pytest.mark.parametrize("discount", [1, 0.9])
def test_an_update_is_a_plain_sum_over_steps(discount):
    policy, rng = NetworkPolicy(3), np.random.default_rng(2)
    start = policy.start(1, rng=rng)
    done = reinforce(policy, start, learning_rates=[0.01], n_updates=1, n_episodes=3, limit=40,
                     discount=discount, rng=np.random.default_rng(3))  # fmt: skip
    [stream] = np.random.default_rng(3).spawn(1)
    states, coins = cartpole_start(3, rng=stream), stream.random((40, 3))
    seen, returns, errors = [], [], []
    for e in range(3):
        state, t, lost = states[e], 0, False
        while t < 40 and not lost:
            z = policy.logits(policy.prepare(start), (state / SCALE)[None, None])[0, 0]
            right = 1 / (1 + np.exp(-z))
            action = int(coins[t, e] < right)
            seen.append(state / SCALE)
            errors.append(action - right)
            state, lost = cartpole_step(state, action)
            t += 1
        returns += [sum(discount**u for u in range(t - k)) for k in range(t)]
    advantage = (np.array(returns) - np.mean(returns)) / np.std(returns)
    slope = sum(
        a * e * policy.gradient(start[0], s[None], np.ones(1)) / 3
        for a, e, s in zip(advantage, errors, seen, strict=True)
    )
    # Adam's first step has the size of the rate, with the sign of the derivative.
    expected = start[0] + 0.01 * slope / (np.abs(slope) + 1e-8)
    assert np.allclose(done.parameters[0, 0], expected, atol=1e-6)
    assert done.returns.shape == (1, 1, 1, 3)


def test_the_gradient_points_where_the_mean_return_grows():
    # Against differences of mean returns on many common random numbers.
    policy = LinearPolicy()
    row, step = np.array([0.0, 0, 1, 1, 0]), 0.5
    rng = lambda: np.random.default_rng(7)  # noqa: E731
    n = 3000
    [stream] = rng().spawn(1)
    lasted, states, actions, right = _reinforce._play(
        policy, policy.prepare(row[None]), [stream], n, 50, None
    )
    seen = np.arange(50) < lasted[0, :, None]
    left = (lasted[0, :, None] - np.arange(50))[seen]
    weights = (left - left.mean()) * (actions - right)[0][seen] / n
    slope = policy.gradient(row, states[0][seen], weights)
    for i in (2, 3):
        move = step * np.eye(5)[i]
        up, down = (
            rollout(policy, [row + s * move], n_episodes=n, limit=50, rng=rng()).mean()
            for s in (1, -1)
        )
        assert np.isclose(slope[i], (up - down) / (2 * step), rtol=0.25)


def test_runs_share_random_numbers_across_rates_and_policies():
    policy, rng = LinearPolicy(), np.random.default_rng(0)
    start = policy.start(3, rng=rng)
    options = {"n_updates": 4, "n_episodes": 5, "limit": 50}
    both = reinforce(policy, start, learning_rates=[0.1, 0.5], rng=np.random.default_rng(1),
                     **options)  # fmt: skip
    assert np.array_equal(both.returns[0, :, 0], both.returns[1, :, 0])
    assert not np.array_equal(both.returns[0], both.returns[1])
    for k, rate in enumerate([0.1, 0.5]):
        alone = reinforce(policy, start, learning_rates=[rate], rng=np.random.default_rng(1),
                          **options)  # fmt: skip
        assert np.array_equal(alone.returns[0], both.returns[k])
        assert np.allclose(alone.parameters[0], both.parameters[k])
    flat = NetworkPolicy(2)
    coin = reinforce(flat, np.zeros((3, 13)), learning_rates=[0.1], rng=np.random.default_rng(1),
                     **options)  # fmt: skip
    assert np.array_equal(coin.returns[0, :, 0], both.returns[0, :, 0])


def test_each_parameter_may_have_its_own_rate():
    policy, rng = CircuitPolicy(1), np.random.default_rng(0)
    start, n = policy.start(2, rng=rng), policy.n_parameters
    options = {"n_updates": 3, "n_episodes": 4, "limit": 40}
    own = np.array([np.full(n, 0.1), np.linspace(0.01, 0.3, n)])
    given = reinforce(policy, start, learning_rates=own, rng=np.random.default_rng(1), **options)
    same = reinforce(policy, start, learning_rates=[0.1], rng=np.random.default_rng(1), **options)
    assert np.array_equal(given.returns[0], same.returns[0])
    assert np.array_equal(given.parameters[0], same.parameters[0])
    # Adam's first step has the size of the rate.
    first = reinforce(policy, start, learning_rates=own, rng=rng, n_updates=1, limit=40)
    assert np.allclose(np.abs(first.parameters[1] - start), own[1], atol=1e-5)


def test_a_solved_run_ends_and_the_others_go_on():
    rng = np.random.default_rng(0)
    rows = [GOOD, [0.0] * 5]
    done = reinforce(LinearPolicy(), rows, learning_rates=[1e-6], n_updates=5, n_episodes=2,
                     limit=50, solved=50, window=3, rng=rng)  # fmt: skip
    assert done.episodes[0, 0] == 6
    assert np.isnan(done.episodes[0, 1])
    assert np.isnan(done.returns[0, 0, 3:]).all()
    assert np.isfinite(done.returns[0, 1]).all()
    assert np.allclose(done.parameters[0, 0], GOOD, atol=3.01e-6)  # three updates of a rate each


def test_without_a_spread_of_returns_nothing_moves():
    done = reinforce(LinearPolicy(), [GOOD], learning_rates=[1], n_updates=2, n_episodes=2, limit=1,
                     rng=np.random.default_rng(0))  # fmt: skip
    assert np.array_equal(done.parameters[0, 0], GOOD)


@pytest.mark.parametrize("policy", [LinearPolicy(), NetworkPolicy(5), CircuitPolicy(2)])
def test_each_policy_learns(policy):
    rng = np.random.default_rng(0)
    done = reinforce(policy, policy.start(2, rng=rng), learning_rates=[0.1], n_updates=25, rng=rng)
    assert done.returns[0, :, -5:].mean() > 2.5 * done.returns[0, :, 0].mean()


def test_runs_are_the_same_whatever_the_last_bits(monkeypatch):
    policy, rng = CircuitPolicy(1), np.random.default_rng(0)
    start = policy.start(2, rng=rng)

    def run():
        return reinforce(policy, start, learning_rates=[0.1, 0.3], n_updates=12,
                         rng=np.random.default_rng(1))  # fmt: skip

    one, noise = run(), np.random.default_rng(2)
    gradient, logits = policy.gradient, policy.logits
    monkeypatch.setattr(
        policy, "gradient", lambda *a: gradient(*a) + noise.normal(0, 1e-14, policy.n_parameters)
    )
    monkeypatch.setattr(policy, "logits", lambda *a: logits(*a) * (1 + 1e-15))
    other = run()
    assert np.array_equal(one.returns, other.returns)
    assert np.array_equal(one.parameters, other.parameters)


def test_frozen_parameters_stay():
    policy, rng = CircuitPolicy(1), np.random.default_rng(0)
    start = policy.start(2, rng=rng)
    n = policy.n_angles
    done = reinforce(policy, start, learning_rates=[0.1], n_updates=2, frozen=n, rng=rng)
    assert np.array_equal(done.parameters[0, :, :n], start[:, :n])
    assert (done.parameters[0, :, n:] != start[:, n:]).all()


def test_many_shots_are_the_exact_policy_and_one_is_not():
    policy, rng = CircuitPolicy(2), np.random.default_rng(0)
    row = policy.start(1, rng=rng)
    mean = {}
    for shots in (None, 10**9, 1):
        lasted = rollout(policy, row, n_episodes=400, rng=np.random.default_rng(1), shots=shots)
        mean[shots] = lasted.mean()
    assert abs(mean[10**9] - mean[None]) < 0.1 * mean[None]
    # One shot gives a logit of -w or w: an action by the sign of Z, wrong with its probability.
    one = CircuitPolicy(1, 4, weight=1e6)
    flat = one.start(1, rng=rng)
    flat[:, : one.n_angles] = 0
    flat[:, 0] = np.pi / 2  # the first qubit on the equator: Z is a coin for every state
    flat[:, one.n_angles : -1] = 0
    coin = rollout(one, flat, n_episodes=2000, rng=rng, shots=1)
    assert abs(coin.mean() - 22.2) < 4 * coin.std() / np.sqrt(2000)
    trained = reinforce(policy, row, learning_rates=[0.1], n_updates=2, shots=5, rng=rng)
    assert np.isfinite(trained.parameters).all()


def test_memory_is_asked_for_before_it_is_taken(monkeypatch):
    asked = []
    monkeypatch.setattr(_checks, "memory", lambda n, what: asked.append((n, what)))
    monkeypatch.setattr(_reinforce, "cartpole_start", cartpole_start)
    for options in ({"n_episodes": 200, "limit": 300}, {"n_episodes": 5, "limit": 2000}):
        asked.clear()
        tracemalloc.start()
        rollout(LinearPolicy(), np.zeros((10, 5)), rng=np.random.default_rng(0), **options)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= max(n for n, _ in asked) <= 4 * peak
    monkeypatch.undo()
    with pytest.raises(ValueError, match="GiB"):
        rollout(LinearPolicy(), [GOOD], n_episodes=10**9, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="GiB"):
        reinforce(LinearPolicy(), [GOOD], learning_rates=[1], n_updates=10**12,
                  rng=np.random.default_rng(0))  # fmt: skip


RIGHT = {"policy": LinearPolicy(), "parameters": [GOOD], "learning_rates": [0.1], "n_updates": 1}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"parameters": GOOD}, "parameters must be a 2-D array"),
        ({"parameters": [GOOD[:4]]}, r"parameters must have 5 columns; got shape \(1, 4\)"),
        ({"parameters": [[np.nan] * 5]}, "parameters must hold finite numbers; got NaN"),
        (
            {"policy": LinearPolicy(3), "parameters": [GOOD[:4]]},
            "4 features.*got 3",
        ),
        ({"learning_rates": 0.1}, r"one axis, or the shape \(K, 5\); got \(\)"),
        ({"learning_rates": [[0.1] * 4]}, r"the shape \(K, 5\); got \(1, 4\)"),
        ({"learning_rates": [[[0.1] * 5]]}, r"the shape \(K, 5\); got \(1, 1, 5\)"),
        ({"learning_rates": [[0.1] * 4 + [-1]]}, "learning_rates must be above 0; got -1"),
        ({"learning_rates": []}, "learning_rates must not be empty"),
        ({"learning_rates": [0.1, 0]}, "learning_rates must be above 0; got 0"),
        ({"n_updates": 0}, "n_updates must be an integer at least 1; got 0"),
        ({"n_episodes": 1.5}, "n_episodes must be an integer at least 1; got 1.5"),
        ({"limit": 0}, "limit must be an integer at least 1; got 0"),
        ({"discount": 0}, "discount must be a finite number above 0 and at most 1; got 0"),
        ({"discount": 1.1}, "discount must be a finite number above 0 and at most 1; got 1.1"),
        ({"solved": "195"}, "solved must be a finite number; got '195'"),
        ({"window": 0}, "window must be an integer at least 1; got 0"),
        ({"frozen": 6}, "frozen must be an integer from 0 to 5; got 6"),
        ({"shots": 10}, "shots must be None for a LinearPolicy"),
        (
            {"policy": CircuitPolicy(1), "parameters": np.zeros((1, 17)), "shots": 0},
            "shots must be an",
        ),
        ({"rng": 0}, "rng must be a numpy"),
    ],
)
def test_wrong_arguments_of_training_are_named(wrong, message):
    given = {**RIGHT, "rng": np.random.default_rng(0), **wrong}
    with pytest.raises((ValueError, TypeError), match=message):
        reinforce(given.pop("policy"), given.pop("parameters"), **given)
