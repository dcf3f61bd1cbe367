"""Many light words at once, exactly with their derivatives, for gates on one and two qubits."""

from collections.abc import Iterator

import numpy as np

from .._typing import Array

HEAVIEST = 16  # letters of a word for which this is meant: each doubles the terms
_TOGETHER = 2**19  # factors that are held at a time
_SMALL = 1e-3  # a factor that is not divided by


def by_weight(words: Array) -> Iterator[tuple[Array, Array]]:
    """Yield, for each weight, the numbers of its words and their qubits, a word a row."""
    weights = words.sum(axis=1)
    for weight in np.unique(weights):
        numbers = np.nonzero(weights == weight)[0]
        qubits = np.nonzero(words[numbers])[1].reshape(len(numbers), weight)
        width = max(1, 2 ** max(int(weight) - 1, 0) * words.shape[1])
        step = max(1, _TOGETHER // width)
        for start in range(0, len(numbers), step):
            yield numbers[start : start + step], qubits[start : start + step]


class Pairs:
    """The angles as a vector, one a qubit, and a symmetric matrix, one a pair."""

    def __init__(self, gates: list[tuple[int, ...]], n_qubits: int) -> None:
        self.n = n_qubits
        self.single = np.array([len(g) == 1 for g in gates], dtype=bool)
        self.ones = np.array([g[0] for g in gates if len(g) == 1], dtype=int)
        self.twos = np.array([g for g in gates if len(g) == 2], dtype=int).reshape(-1, 2).T

    def spread(self, theta: Array) -> tuple[Array, Array]:
        """Return vector and matrix; gates that stand twice add up."""
        vector, matrix = np.zeros(self.n), np.zeros((self.n, self.n))
        np.add.at(vector, self.ones, theta[self.single])
        np.add.at(matrix, tuple(self.twos), theta[~self.single])
        return vector, matrix + matrix.T

    def gather(self, vector: Array, matrix: Array) -> Array:
        """Return the slopes by the angles from those by vector and by the matrix's rows."""
        theta = np.zeros(len(self.single))
        theta[self.single] = vector[self.ones]
        i, k = self.twos
        theta[~self.single] = matrix[i, k] + matrix[k, i]
        return theta


def means(vector: Array, matrix: Array, words: Array) -> Array:
    """Return the exact mean of each word."""
    result = np.ones(len(words))
    for numbers, qubits in by_weight(words):
        if qubits.shape[1]:
            _, _, own, factors = _terms(vector, matrix, qubits)
            result[numbers] = (np.cos(own) * np.cos(factors).prod(axis=2)).mean(axis=1)
    return result


def off_target(
    vector: Array, matrix: Array, words: Array, wanted: Array
) -> tuple[Array, Array, Array]:
    """Return how far each mean is from what is wanted, and the slopes of the sum of its squares.

    The slopes are by the vector and by the matrix's rows. A row takes what its qubit gives as one
    of a word's own, so a pair's slope is the sum of both of its places.
    """
    off = 1 - wanted
    by_vector, by_matrix = np.zeros(len(vector)), np.zeros_like(matrix)
    for numbers, qubits in by_weight(words):
        if not qubits.shape[1]:
            continue
        table, places, own, factors = _terms(vector, matrix, qubits)
        cosines = np.cos(factors)
        product = cosines.prod(axis=2)
        off[numbers] = (np.cos(own) * product).mean(axis=1) - wanted[numbers]
        scale = 2 * off[numbers][:, None] / len(table)
        first = (-2 * np.sin(own) * product * scale) @ table
        by_vector += np.bincount(qubits.ravel(), first.ravel(), minlength=len(vector))
        slope = np.sin(factors) * _products_of_others(cosines, product)
        slope *= (-2 * np.cos(own) * scale)[:, :, None]
        rows = table.T @ slope
        rows[places] = 0
        # Rows of one qubit stand together after sorting, and are summed at once.
        order = np.argsort(qubits, axis=None, kind="stable")
        qubit = qubits.ravel()[order]
        starts = np.flatnonzero(np.diff(qubit, prepend=-1))
        together = rows.reshape(qubits.size, -1)[order]
        by_matrix[qubit[starts]] += np.add.reduceat(together, starts, axis=0)
    return off, by_vector, by_matrix


def _terms(
    vector: Array, matrix: Array, qubits: Array
) -> tuple[Array, tuple[Array, ...], Array, Array]:
    """Return signs of the words' qubits, the places of these, and the phases in both parts.

    With these signs fixed, each other qubit gives one cosine. All signs turned give the same, so
    the first one stays.
    """
    weight = qubits.shape[1]
    table = 1.0 - 2.0 * (np.arange(2 ** (weight - 1))[:, None] >> np.arange(weight) & 1)
    rows = matrix[qubits]
    places = np.ix_(np.arange(len(qubits)), np.arange(weight))
    places = (places[0][:, :, None], places[1][:, :, None], qubits[:, None, :])
    rows[places] = 0  # gates within the word commute with it
    own = 2 * vector[qubits] @ table.T
    return table, places, own, 2 * (table @ rows)


def _products_of_others(factors: Array, product: Array) -> Array:
    """Return along the last axis the product of all other factors, which may be 0."""
    if np.abs(factors).min() > _SMALL:
        return product[..., None] / factors
    ones = np.ones_like(factors[..., :1])
    before = np.cumprod(np.concatenate([ones, factors[..., :-1]], axis=-1), axis=-1)
    after = np.cumprod(np.concatenate([ones, factors[..., :0:-1]], axis=-1), axis=-1)
    return before * after[..., ::-1]
