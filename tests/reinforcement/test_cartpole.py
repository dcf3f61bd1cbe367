"""The cart against Gymnasium, and against what can be worked out by hand."""

import numpy as np
import pytest

from qmlcourse.reinforcement import _cartpole, cartpole_start, cartpole_step


@pytest.mark.extra("gymnasium")
def test_steps_are_those_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make("CartPole-v1").unwrapped
    rng = np.random.default_rng(0)
    for k in range(20):
        env.reset(seed=k)
        state = cartpole_start(1, rng=rng)[0]
        env.state = tuple(state)
        lost = False
        while not lost:
            action = int(rng.integers(2))
            shown, reward, theirs, truncated, _ = env.step(action)
            state, lost = cartpole_step(state, action)
            assert np.allclose(state, env.state, rtol=1e-13, atol=1e-15)
            assert np.allclose(state, shown, atol=1e-6)
            assert lost == theirs
            assert reward == 1
            assert not truncated
    env.close()


@pytest.mark.extra("gymnasium")
def test_large_states_and_ends_are_those_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make("CartPole-v1").unwrapped
    rng = np.random.default_rng(1)
    states = rng.uniform(-1, 1, (200, 4)) * [2.5, 6, 0.22, 6]
    actions = rng.integers(0, 2, 200)
    after, lost = cartpole_step(states, actions)
    assert 20 < lost.sum() < 180
    for k in range(200):
        env.reset(seed=0)
        env.state = tuple(states[k])
        _, _, theirs, _, _ = env.step(int(actions[k]))
        assert np.allclose(after[k], env.state, rtol=1e-13, atol=1e-15)
        assert lost[k] == theirs
    env.close()


def test_the_equations_solve_the_equations_of_motion():
    # Two balances, of forces along the track and of torques about the hinge, at random states.
    rng = np.random.default_rng(2)
    states = rng.normal(size=(50, 4))
    actions = rng.integers(0, 2, 50)
    after, _ = cartpole_step(states, actions)
    gain, bend = ((after - states)[:, [1, 3]] / 0.02).T
    angle, turning, force = states[:, 2], states[:, 3], np.where(actions, 10.0, -10.0)
    total, moment = 1.1, 0.1 * 0.5
    along = total * gain + moment * (bend * np.cos(angle) - turning**2 * np.sin(angle))
    assert np.allclose(along, force)
    about = moment * gain * np.cos(angle) + 4 / 3 * moment * 0.5 * bend
    assert np.allclose(about, moment * 9.8 * np.sin(angle))
    assert np.allclose(after[:, [0, 2]], states[:, [0, 2]] + 0.02 * states[:, [1, 3]])


def test_sines_are_sines():
    x = np.concatenate([np.linspace(-0.3, 0.3, 1001), [0, 1e-300, 1, -4, 1e5]])
    sin, cos = _cartpole._sin_cos(x)
    assert np.allclose(sin, np.sin(x), rtol=3e-16, atol=0)
    assert np.allclose(cos, np.cos(x), rtol=3e-16, atol=0)


def test_mirror_images_stay_mirror_images():
    states = np.random.default_rng(3).normal(size=(5, 7, 4))
    actions = np.random.default_rng(4).integers(0, 2, (5, 7))
    after, lost = cartpole_step(states, actions)
    mirrored, also = cartpole_step(-states, 1 - actions)
    assert np.array_equal(mirrored, -after)
    assert np.array_equal(lost, also)


@pytest.mark.parametrize(("entry", "border"), [(0, 2.4), (2, 12 * 2 * np.pi / 360)])
def test_an_episode_ends_beyond_the_border(entry, border):
    for sign in (-1, 1):
        state = np.zeros(4)
        state[entry] = sign * border * (1 - 1e-9)
        assert not cartpole_step(state, 1)[1]
        state[entry] = sign * border * (1 + 1e-9)
        assert cartpole_step(state, 1)[1]


def test_starts_fill_their_box_and_come_from_the_generator():
    made = cartpole_start((200, 50), rng=np.random.default_rng(0))
    assert made.shape == (200, 50, 4)
    assert np.abs(made).max() <= 0.05
    assert np.allclose(made.std(axis=(0, 1)), 0.1 / np.sqrt(12), rtol=0.03)
    assert np.array_equal(made[0, 0], cartpole_start(1, rng=np.random.default_rng(0))[0])


def test_arguments_are_left_as_they_are_and_kinds_of_numbers_agree():
    states = np.full((3, 4), 0.25, dtype=np.float32)
    states.flags.writeable = False
    expected = cartpole_step(np.full((3, 4), 0.25), [1, 0, 1])[0]
    for actions in ([1, 0, 1], [True, False, True], np.array([1, 0, 1], np.uint8), (1.0, 0, 1)):
        assert np.array_equal(cartpole_step(states, actions)[0], expected)
    assert (states == 0.25).all()
    empty, lost = cartpole_step(np.zeros((0, 4)), np.zeros(0))
    assert empty.shape == (0, 4)
    assert lost.shape == (0,)


@pytest.mark.parametrize(
    ("states", "actions", "message"),
    [
        (np.zeros((2, 3)), [0, 1], r"states must have the shape \(\.\.\., 4\); got \(2, 3\)"),
        (1.0, 0, r"states must have the shape \(\.\.\., 4\); got \(\)"),
        (np.zeros((2, 4)), 1, r"actions must have the shape \(2,\).*got \(\)"),
        (np.zeros((2, 4)), [0, 2], r"actions must be 0 or 1; got 2"),
        (np.zeros(4), -1, r"actions must be 0 or 1; got -1"),
        (np.full(4, np.nan), 0, r"states must hold finite numbers; got NaN"),
        (np.zeros(4), np.nan, r"actions must hold finite numbers; got NaN"),
    ],
)
def test_a_wrong_step_is_named(states, actions, message):
    with pytest.raises(ValueError, match=message):
        cartpole_step(states, actions)


@pytest.mark.parametrize("shape", [0, -1, (2, 0), 2.5, "3", True])
def test_a_wrong_shape_is_named(shape):
    with pytest.raises((ValueError, TypeError), match="shape must be an integer at least 1"):
        cartpole_start(shape, rng=np.random.default_rng(0))


def test_too_many_starts_are_refused():
    with pytest.raises(ValueError, match="GiB"):
        cartpole_start((10**9, 10**9), rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match="rng must be a numpy"):
        cartpole_start(3, rng=0)
