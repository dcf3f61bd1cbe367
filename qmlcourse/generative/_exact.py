"""The exact mean over all strings, split into independent parts."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .. import _checks
from .._typing import Array

_MOST = 26  # binary logarithm of the terms that are summed
_TOGETHER = 2**21  # terms that are held at a time


def exact(rows: Array, angles: Array, letters: Array) -> float:
    """Return the mean of cos(2 sum theta s) over the signs s of the gates, all of them odd.

    Its imaginary part, the mean of the sine, is 0: Z_a turns all angles around and leaves |0...0>.
    """
    if not len(rows):
        return 1.0
    rows, back = np.unique(rows, axis=0, return_inverse=True)  # equal gates add up
    angles = np.bincount(back.ravel(), weights=angles, minlength=len(rows))
    fixed = letters.astype(bool)
    ways = [_Parts(rows, np.zeros_like(fixed)), _Parts(rows, fixed)]
    way = min(ways, key=lambda w: w.log_terms)
    if way.log_terms > _MOST:
        raise ValueError(
            f"the exact mean would sum 2**{way.log_terms:.0f} terms, of at most 2**{_MOST}: give "
            "n_samples and rng for an estimate."
        )
    return way.mean(angles)


class _Parts:
    """Gates in groups that are independent once the signs of some qubits are fixed."""

    def __init__(self, rows: Array, fixed: Array) -> None:
        self.inner = rows[:, fixed][:, pivots(rows[:, fixed])]
        outer = rows[:, ~fixed]
        self.constant = ~outer.any(axis=1)
        gate, qubit = np.nonzero(outer)
        m, k = outer.shape
        graph = coo_array((np.ones(len(gate)), (gate, m + qubit)), shape=(m + k, m + k))
        label = connected_components(graph, directed=False)[1]
        counts = np.bincount(label[m:], minlength=label.max() + 1)
        lonely = (counts[label[:m]] == 1) & ~self.constant
        self.alone = np.nonzero(lonely)[0]
        # Gates that share one qubit and no other: one sign for all of them.
        names, place = np.unique(label[self.alone], return_inverse=True)
        self.of = np.zeros((len(self.alone), len(names)))
        self.of[np.arange(len(self.alone)), place] = 1
        self.groups = []
        for name in np.unique(label[:m][~self.constant & ~lonely]):
            members = np.nonzero(label[:m] == name)[0]
            own = outer[members]
            self.groups.append((members, own[:, pivots(own)]))
        sizes = [members.size * 2.0 ** min(own.shape[1], 900) for members, own in self.groups]
        self.log_terms = self.inner.shape[1] + np.log2(max(sum(sizes) + m, 1.0))

    def mean(self, angles: Array) -> float:
        width = max([len(angles), *(2 ** own.shape[1] for _, own in self.groups)])
        step = max(1, _TOGETHER // width)
        total = 0.0
        count = 2 ** self.inner.shape[1]
        _checks.memory(64 * min(step, count) * width, "the exact mean")
        for start in range(0, count, step):
            part = np.arange(start, min(start + step, count))
            phases = 2 * angles * signs(part, self.inner)
            value = np.exp(1j * phases[:, self.constant].sum(axis=1))
            value *= np.cos(phases[:, self.alone] @ self.of).prod(axis=1)
            for members, own in self.groups:
                value *= _average(phases[:, members], own)
            total += float(value.real.sum())
        return total / count


def _average(phases: Array, own: Array) -> Array:
    """Return the mean of exp(i phases . signs) over all signs, for each row of phases."""
    rank = own.shape[1]
    if rank == 1:  # all share one sign
        return np.cos(phases.sum(axis=1))
    table = 2**rank
    step = max(1, _TOGETHER // max(len(own), len(phases)))
    total = np.zeros(len(phases), dtype=complex)
    for start in range(0, table, step):
        part = signs(np.arange(start, min(start + step, table)), own)
        total += np.exp(1j * (phases @ part.T)).sum(axis=1)
    return total / table


def signs(numbers: Array, rows: Array) -> Array:
    """Return (-1)^(z.g) for strings z, given as numbers, and gates g, one a row."""
    z = numbers[:, None] >> np.arange(rows.shape[1]) & 1
    return 1.0 - 2.0 * ((z @ rows.T.astype(np.int64)) % 2)


def pivots(rows: Array) -> list[int]:
    """Return qubits whose strings, 0 elsewhere, give all combinations of signs equally often.

    They are the pivot columns of the rows over the field of two elements: 2**rank strings do what
    2**n do.
    """
    left = np.unique(rows, axis=0).astype(bool)
    found: list[int] = []
    for column in range(left.shape[1]):
        at = np.nonzero(left[:, column])[0]
        if not at.size:
            continue
        found.append(column)
        pivot = left[at[0]].copy()
        left[at] ^= pivot  # the pivot's own row becomes 0
    return found
