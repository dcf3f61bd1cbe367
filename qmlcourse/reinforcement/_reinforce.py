"""Episodes, and the policy gradient on many runs at once. Public through reinforcement."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._cartpole import SCALE, cartpole_start, step
from ._policies import Policy, Tables

_ZERO = 1e-12  # a smaller derivative is rounding, which Adam would make large
_GRID = 2.0**-20  # parameters are multiples of this after an update, about a millionth


@dataclass(frozen=True)
class Training:
    """What :func:`reinforce` returns: K learning rates, R runs of each, U updates, E episodes.

    Attributes
    ----------
    returns : ndarray of float64, shape (K, R, U, E)
        Steps that each episode lasted; NaN in the updates after a run was solved.
    parameters : ndarray of float64, shape (K, R, n_parameters)
        Where each run ended.
    episodes : ndarray of float64, shape (K, R)
        Episodes that were played until a run was solved; NaN if it was not.
    """

    returns: Array
    parameters: Array
    episodes: Array


def rollout(
    policy: Policy,
    parameters: ArrayLike,
    *,
    n_episodes: int,
    rng: np.random.Generator,
    limit: int = 200,
    shots: int | None = None,
) -> Array:
    r"""Play episodes of CartPole, and return how long each lasted.

    Parameters
    ----------
    policy : LinearPolicy, NetworkPolicy, CircuitPolicy
        What gives the logit z of a state; the cart is pushed to the right with probability
        :math:`1/(1+e^{-z})`.
    parameters : array_like, shape (R, policy.n_parameters)
        One row for each run.
    n_episodes : int
        Episodes of each run, at least 1.
    rng : numpy.random.Generator
        Split in one stream for each run.
    limit : int
        Steps after which an episode ends: 200 in ``CartPole-v0``, 500 in ``CartPole-v1``.
    shots : int, optional
        Measurements from which a circuit's expectation value is estimated for each step; None for
        the exact one. Only for a :class:`CircuitPolicy`.

    Returns
    -------
    ndarray of float64, shape (R, n_episodes)
        Steps, from 1 to ``limit``: the return, as each step has reward 1.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, or the random numbers don't fit into memory.

    Notes
    -----
    Used in the chapter *Reinforcement learning*, ``applications/reinforcement_learning``.

    Examples
    --------
    A pole that is pushed under its own tilt and turning stays up.

    >>> good = [[0.0, 0.0, 50.0, 50.0, 0.0]]
    >>> from qmlcourse.reinforcement import LinearPolicy
    >>> rollout(LinearPolicy(), good, n_episodes=3, rng=np.random.default_rng(0))
    array([[200., 200., 200.]])
    """
    rows = _rows(policy, parameters)
    n_episodes = _checks.integer(n_episodes, "n_episodes")
    limit = _checks.integer(limit, "limit")
    streams = _checks.generator(rng).spawn(len(rows))
    shots = _shots(policy, shots)
    _memory(len(rows), n_episodes, limit)
    return _play(policy, policy.prepare(rows), streams, n_episodes, limit, shots)[0]


def reinforce(
    policy: Policy,
    parameters: ArrayLike,
    *,
    learning_rates: ArrayLike,
    n_updates: int,
    rng: np.random.Generator,
    n_episodes: int = 10,
    limit: int = 200,
    discount: float = 0.99,
    solved: float | None = None,
    window: int = 10,
    frozen: int = 0,
    shots: int | None = None,
) -> Training:
    r"""Train a policy by REINFORCE, many runs at once, at each of some learning rates.

    In an update each run plays ``n_episodes`` and climbs

    .. math:: g = \frac1E \sum_{e,t} A_{et}\,\nabla\log\pi(a_{et}\mid s_{et}), \qquad
        A = \frac{G - \overline{G}}{\mathrm{std}(G)}, \quad
        G_{et} = \sum_{u\ge t} \gamma^{u-t}

    by Adam (0.9, 0.999, 1e-8). Mean and deviation are over all steps of the run's E episodes. After
    each update parameters are rounded to multiples of :math:`2^{-20}`, so that a run is the same on
    processors that differ in the last bits.

    Parameters
    ----------
    policy, parameters, n_episodes, limit
        As for :func:`rollout`; ``parameters`` is where the R runs of each rate begin.
    learning_rates : array_like, shape (K,) or (K, policy.n_parameters)
        Positive: one for all parameters, or one for each of them. Run r has the same random
        numbers at each of the K, and for every policy.
    n_updates : int
        Updates of a run, at least 1.
    rng : numpy.random.Generator
    discount : float
        :math:`\gamma`, above 0 and at most 1.
    solved : float, optional
        A run ends when the mean return over its last ``window`` updates is at least this.
    window : int
        At least 1.
    frozen : int
        How many of the parameters, the first ones, stay as they are.
    shots : int, optional
        As for :func:`rollout`, when acting. The gradient is the exact derivative even then.

    Returns
    -------
    Training

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, or the episodes don't fit into memory.

    Notes
    -----
    Source: Williams 1992, doi 10.1007/BF00992696. Used in the chapter *Reinforcement learning*,
    ``applications/reinforcement_learning``.

    Examples
    --------
    >>> from qmlcourse.reinforcement import LinearPolicy
    >>> rng, policy = np.random.default_rng(0), LinearPolicy()
    >>> done = reinforce(policy, policy.start(2, rng=rng), learning_rates=[0.3], n_updates=15,
    ...                  rng=rng)
    >>> bool(done.returns[0, :, -1].mean() > 100 > 50 > done.returns[0, :, 0].mean())
    True
    """
    rows = _rows(policy, parameters)
    rates = _checks.array(learning_rates, "learning_rates", ndim=None)
    if not rates.size:
        raise ValueError("learning_rates must not be empty.")
    if rates.ndim != 1 and rates.shape[1:] != (policy.n_parameters,):
        raise ValueError(
            "learning_rates must have one axis, or the shape "
            f"(K, {policy.n_parameters}); got {rates.shape}."
        )
    if not (rates > 0).all():
        raise ValueError(f"learning_rates must be above 0; got {rates.min():g}.")
    n_updates = _checks.integer(n_updates, "n_updates")
    n_episodes = _checks.integer(n_episodes, "n_episodes")
    limit = _checks.integer(limit, "limit")
    discount = _discount(discount)
    target = np.inf if solved is None else _checks.real(solved, "solved")
    window = _checks.integer(window, "window")
    frozen = _checks.integer(frozen, "frozen", low=0, high=policy.n_parameters)
    shots = _shots(policy, shots)
    (k, r), rng = (len(rates), len(rows)), _checks.generator(rng)
    _memory(k * r, n_episodes, limit, 8 * n_updates * n_episodes)
    # Copies of a stream, so that a run has its own at each rate.
    states = [s.bit_generator.state for s in rng.spawn(r)] * k
    streams = [np.random.Generator(type(rng.bit_generator)()) for _ in states]
    for stream, state in zip(streams, states, strict=True):
        stream.bit_generator.state = state
    theta, rate = np.tile(rows, (k, 1)), np.repeat(rates.reshape(k, -1), r, axis=0)
    mean, square = np.zeros_like(theta), np.zeros_like(theta)
    returns = np.full((k * r, n_updates, n_episodes), np.nan)
    episodes = np.full(k * r, np.nan)
    running = np.arange(k * r)
    for u in range(n_updates):
        tables = policy.prepare(theta[running])
        own = [streams[i] for i in running]
        lasted, visited, actions, pull = _play(policy, tables, own, n_episodes, limit, shots)
        returns[running, u] = lasted
        slope = np.zeros((len(running), policy.n_parameters))
        for j, i in enumerate(running):
            seen = np.arange(limit) < lasted[j, :, None]
            weight = _advantages(lasted[j], seen, discount) * (actions[j] - pull[j])[seen]
            slope[j] = policy.gradient(theta[i], visited[j][seen], weight / n_episodes)
        slope[:, :frozen] = 0
        slope[np.abs(slope) < _ZERO] = 0
        mean[running] = 0.9 * mean[running] + 0.1 * slope
        square[running] = 0.999 * square[running] + 0.001 * slope**2
        size = np.sqrt(square[running] / (1 - 0.999 ** (u + 1))) + 1e-8
        theta[running] += rate[running] * mean[running] / (1 - 0.9 ** (u + 1)) / size
        # What processors round differently must not grow from update to update.
        theta[running, frozen:] = np.round(theta[running, frozen:] / _GRID) * _GRID
        if u + 1 >= window:
            done = returns[running, u + 1 - window : u + 1].mean(axis=(1, 2)) >= target
            episodes[running[done]] = (u + 1) * n_episodes
            running = running[~done]
        if not running.size:
            break
    return Training(
        returns.reshape(k, r, n_updates, n_episodes),
        theta.reshape(k, r, -1),
        episodes.reshape(k, r),
    )


def _discount(value: float) -> float:
    try:
        return _checks.real(value, "discount", above=0, below=np.nextafter(1, 2))
    except (ValueError, TypeError) as error:
        raise type(error)(str(error).replace("below 1;", "at most 1;")) from None


def _advantages(lasted: Array, seen: Array, discount: float) -> Array:
    """Return the normalised returns from each step on, of the steps that were seen."""
    left = (lasted[:, None] - np.arange(seen.shape[1]))[seen]
    total = left if discount == 1 else (1 - discount**left) / (1 - discount)
    spread = total.std()
    return (total - total.mean()) / spread if spread > 0 else np.zeros_like(total)


def _play(
    policy: Policy, tables: Tables, streams: list[np.random.Generator], n_episodes: int, limit: int,
    shots: int | None,
) -> tuple[Array, Array, Array, Array]:  # fmt: skip
    """Return lengths (R, E); states, actions and probabilities of a push to the right (R, E, T)."""
    runs = len(streams)
    now = np.stack([cartpole_start(n_episodes, rng=s) for s in streams])
    coins = np.stack([s.random((limit, n_episodes)) for s in streams])
    lasted = np.zeros((runs, n_episodes))
    visited = np.zeros((runs, n_episodes, limit, 4))
    actions, pull = np.zeros((2, runs, n_episodes, limit))
    alive, active = np.ones((runs, n_episodes), dtype=bool), np.arange(runs)
    for t in range(limit):
        left = alive.any(axis=1)
        if not left.all():
            active, now, alive = active[left], now[left], alive[left]
            tables = tuple(table[left] for table in tables)
        if not active.size:
            break
        scaled = now / SCALE
        if shots is None:
            z = policy.logits(tables, scaled)
        else:
            chance = (1 + policy.expectations(tables, scaled)) / 2  # type: ignore[attr-defined]
            drawn = [streams[i].binomial(shots, p) for i, p in zip(active, chance, strict=True)]
            z = tables[-1] * (2 * np.array(drawn) / shots - 1)
        # No overflow for logits of any size.
        right = 0.5 * (1 + np.tanh(z / 2))
        action = coins[active, t] < right
        visited[active, :, t], actions[active, :, t], pull[active, :, t] = scaled, action, right
        lasted[active] += alive
        now, lost = step(now, action)
        # Those that are over stay where they fell, so that nothing overflows.
        now[~alive | lost] = 0
        alive &= ~lost
    return lasted, visited, actions, pull


def _rows(policy: Policy, parameters: ArrayLike) -> Array:
    rows = _checks.array(parameters, "parameters", ndim=2)
    if rows.shape[1] != policy.n_parameters:
        raise ValueError(
            f"parameters must have {policy.n_parameters} columns; got shape {rows.shape}."
        )
    if getattr(policy, "n_features", 4) != 4:
        raise ValueError(f"policy must have 4 features for a cart; got {policy.n_features}.")  # type: ignore[attr-defined]
    return rows


def _shots(policy: Policy, shots: int | None) -> int | None:
    if shots is None:
        return None
    if not hasattr(policy, "expectations"):
        raise ValueError(f"shots must be None for a {type(policy).__name__}, which has no circuit.")
    return _checks.integer(shots, "shots", high=2**31)


def _memory(runs: int, n_episodes: int, limit: int, more: int = 0) -> None:
    what = f"{runs} runs of n_episodes={n_episodes} with limit={limit}"
    _checks.memory(runs * (n_episodes * (100 * limit + 8000) + more), what)
