"""Classifiers and data that make the protocol of a comparison visible."""

import contextlib
import os
import signal
import time
from typing import ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Salted(ClassifierMixin, BaseEstimator):
    """Labels of pure chance, fixed by the features and a salt; 10 circuits a training sample."""

    def __init__(self, salt=0, random_state=None):
        self.salt = salt
        self.random_state = random_state

    def fit(self, X, y):
        time.sleep(float(os.environ.get("PAUSE", "0")))
        self.classes_ = np.unique(y)
        self.n_circuits_ = 10 * len(X)
        self.n_circuits_per_prediction_ = 2
        return self

    def predict(self, X):
        chance = np.sin(1e4 * X.sum(axis=1) + 37 * self.salt + (self.random_state or 0) % 1000)
        return self.classes_[(chance > 0).astype(int)]


class Recorder(Salted):
    """Keeps what it was given to fit and to predict, under its name."""

    log: ClassVar[list[tuple[str, str, frozenset]]] = []

    def __init__(self, name="", salt=0, random_state=None):
        super().__init__(salt, random_state)
        self.name = name

    def fit(self, X, y):
        self.log.append((self.name, "fit", frozenset(map(tuple, X))))
        return super().fit(X, y)

    def predict(self, X):
        self.log.append((self.name, "predict", frozenset(map(tuple, X))))
        return super().predict(X)


class Failing(Salted):
    """Fails where the seed says so."""

    def __init__(self, on=(), salt=0, random_state=None):
        super().__init__(salt, random_state)
        self.on = on

    def fit(self, X, y):
        if self.random_state in self.on:
            raise ArithmeticError("no convergence in the fake")
        return super().fit(X, y)


class Deaf(Salted):
    """Gets a Ctrl-C while it trains and returns half trained, as neural networks do."""

    def fit(self, X, y):
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return super().fit(X, y)


class Wanderer(Salted):
    """Leaves the working directory for another."""

    def fit(self, X, y):
        os.chdir("/")
        return super().fit(X, y)


class Mortal(Salted):
    """Ends its process, or raises what is no Exception, where the seed says so."""

    def __init__(self, on=(), how="exit", salt=0, random_state=None):
        super().__init__(salt, random_state)
        self.on = on
        self.how = how

    def fit(self, X, y):
        if self.random_state in self.on:
            if self.how == "exit":
                os._exit(3)
            if isinstance(self.how, int):
                os.kill(os.getpid(), self.how)
            raise self.how
        return super().fit(X, y)


SALTS = {"salt": list(range(20))}


def noise(n=60, *, rng):
    """Draw labels that nothing predicts."""
    return rng.normal(size=(n, 2)), rng.permutation(np.arange(n) % 2)


def fixed(n=60):
    """Return the same labels of chance each time."""
    return noise(n, rng=np.random.default_rng(1))


# 24 cells: what a run that is killed, or that loses a worker, was to do.
PLAN = {
    "models": {"a": (Salted(), SALTS), "b": Salted()},
    "datasets": {"new": noise, "old": fixed()},
    "seeds": 6, "budget": 2, "cv": 2,
}  # fmt: skip
