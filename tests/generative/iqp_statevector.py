"""What these tests share: the circuit as a statevector, by its definition."""

import itertools

import numpy as np
from scipy.linalg import expm

X = np.array([[0.0, 1.0], [1.0, 0.0]])


def distribution(gates, theta, n):
    """Return the probabilities of all strings, from matrix exponentials; qubit 0 comes first."""
    state = np.zeros(2**n, dtype=complex)
    state[0] = 1
    for gate, angle in zip(gates, theta, strict=True):
        word = np.ones((1, 1))
        for qubit in range(n):
            word = np.kron(word, X if qubit in gate else np.eye(2))
        state = expm(1j * angle * word) @ state
    return np.abs(state) ** 2


def strings(n):
    """Return all bit strings, a row each, in the order of the distribution."""
    return np.array(list(itertools.product((0, 1), repeat=n)), dtype=np.uint8)


def mean(probabilities, word):
    """Return the mean of a word of I and Z."""
    n = len(word)
    letters = np.array([c == "Z" for c in word])
    return float(probabilities @ (1.0 - 2.0 * (strings(n)[:, letters].sum(axis=1) % 2)))


def all_words(n):
    return ["".join(w) for w in itertools.product("IZ", repeat=n)]


def up_to_pairs(n):
    return [g for k in (1, 2) for g in itertools.combinations(range(n), k)]
