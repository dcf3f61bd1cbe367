"""Policies without a circuit. Public through reinforcement."""

from typing import Protocol

import numpy as np

from .. import _checks
from .._typing import Array

Tables = tuple[Array, ...]


class Policy(Protocol):
    """What :func:`rollout` and :func:`reinforce` ask of a policy; states come divided by a scale.

    ``prepare`` makes, of the parameters of many runs, whatever does not depend on the states:
    arrays whose first axis is the runs.
    """

    @property
    def n_parameters(self) -> int: ...
    def start(self, n_runs: int, *, rng: np.random.Generator) -> Array: ...
    def prepare(self, parameters: Array) -> Tables: ...
    def logits(self, tables: Tables, states: Array) -> Array: ...
    def gradient(self, parameters: Array, states: Array, weights: Array) -> Array: ...


class LinearPolicy:
    r"""A logistic regression: :math:`\pi(1\mid s) = 1/(1+e^{-z})` with :math:`z = w\cdot s + b`.

    Parameters
    ----------
    n_features : int
        Entries of a state, at least 1.

    Notes
    -----
    The order of the parameters is w, b. The baseline to beat in the chapter *Reinforcement
    learning*, ``applications/reinforcement_learning``.

    Examples
    --------
    >>> policy = LinearPolicy()
    >>> policy.n_parameters
    5
    >>> policy.logits(policy.prepare(np.array([[1.0, 0, 0, 2, 3]])), np.ones((1, 1, 4)))
    array([[6.]])
    """

    def __init__(self, n_features: int = 4) -> None:
        self.n_features = _checks.integer(n_features, "n_features")

    @property
    def n_parameters(self) -> int:
        """Length of a run's row of parameters."""
        return self.n_features + 1

    def start(self, n_runs: int, *, rng: np.random.Generator) -> Array:
        """Return parameters of zero, shape (n_runs, n_parameters): a coin for every state."""
        n_runs = _checks.integer(n_runs, "n_runs")
        _checks.generator(rng)
        return np.zeros((n_runs, self.n_parameters))

    def prepare(self, parameters: Array) -> Tables:
        """Return what does not depend on the states, runs first."""
        return (parameters[:, :-1, None], parameters[:, -1:])

    def logits(self, tables: Tables, states: Array) -> Array:
        """Return z of states of shape (runs, n, features), as (runs, n)."""
        weight, bias = tables
        return (states @ weight)[..., 0] + bias

    def gradient(self, parameters: Array, states: Array, weights: Array) -> Array:
        """Return the derivative of sum_n weights_n z_n for one run, states (n, features)."""
        return np.append(weights @ states, weights.sum())


class NetworkPolicy:
    r"""A network with one hidden layer: :math:`z = v\cdot\tanh(W s + a) + b`.

    Parameters
    ----------
    n_hidden : int
        Hidden units, at least 1: 7 have 43 parameters for 4 features.
    n_features : int
        Entries of a state, at least 1.

    Notes
    -----
    The order of the parameters is W by rows, a, v, b. Used in the chapter *Reinforcement learning*,
    ``applications/reinforcement_learning``.

    Examples
    --------
    >>> NetworkPolicy(7).n_parameters
    43
    """

    def __init__(self, n_hidden: int = 7, n_features: int = 4) -> None:
        self.n_hidden = _checks.integer(n_hidden, "n_hidden")
        self.n_features = _checks.integer(n_features, "n_features")

    @property
    def n_parameters(self) -> int:
        """Length of a run's row of parameters."""
        return self.n_hidden * (self.n_features + 2) + 1

    def start(self, n_runs: int, *, rng: np.random.Generator) -> Array:
        r"""Draw parameters, shape (n_runs, n_parameters).

        Entries of W and v are Gaussian with variances 1/n_features and 1/n_hidden, biases zero.
        """
        n_runs = _checks.integer(n_runs, "n_runs")
        rng = _checks.generator(rng)
        h, f = self.n_hidden, self.n_features
        made = np.zeros((n_runs, self.n_parameters))
        made[:, : h * f] = rng.normal(0, f**-0.5, (n_runs, h * f))
        made[:, h * (f + 1) : -1] = rng.normal(0, h**-0.5, (n_runs, h))
        return made

    def prepare(self, parameters: Array) -> Tables:
        """Return what does not depend on the states, runs first."""
        h, f = self.n_hidden, self.n_features
        w = parameters[:, : h * f].reshape(-1, h, f).transpose(0, 2, 1)
        a = parameters[:, None, h * f : h * (f + 1)]
        return (w, a, parameters[:, h * (f + 1) : -1, None], parameters[:, -1:])

    def logits(self, tables: Tables, states: Array) -> Array:
        """Return z of states of shape (runs, n, features), as (runs, n)."""
        w, a, v, b = tables
        return (np.tanh(states @ w + a) @ v)[..., 0] + b

    def gradient(self, parameters: Array, states: Array, weights: Array) -> Array:
        """Return the derivative of sum_n weights_n z_n for one run, states (n, features)."""
        w, a, v, _ = (t[0] for t in self.prepare(parameters[None]))
        hidden = np.tanh(states @ w + a)
        back = weights[:, None] * v[:, 0] * (1 - hidden**2)
        return np.concatenate(
            [(back.T @ states).ravel(), back.sum(0), weights @ hidden, [weights.sum()]]
        )
