"""The words of an operator while gates act on it: arrays with room to grow."""

from typing import NamedTuple

import numpy as np

from .. import _checks
from .._typing import Array
from ._sum import PauliSum, from_arrays

_ODD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)  # mix the bits of a hash


class Limits(NamedTuple):
    """What is kept: words up to a weight, coefficients from a size on."""

    weight: int | None
    coefficient: float


class Terms:
    """Distinct words, columns of x above those of z; a coefficient of 0 marks a dropped one."""

    def __init__(self, given: PauliSum) -> None:
        """Copy the words of a sum."""
        n, self.columns = given.x.shape
        self.n_qubits, self.n, self.dropped = given.n_qubits, 0, 0
        self.words = np.empty((2 * self.columns, max(64, 2 * n)), dtype=np.uint64)
        self.c = np.empty(self.words.shape[1], dtype=given.coefficients.dtype)
        self.append(np.concatenate([given.x.T, given.z.T]), given.coefficients)

    def sum(self) -> PauliSum:
        """Return what is left."""
        x, z = (w[:, : self.n].T for w in np.split(self.words, 2))
        return from_arrays(x, z, self.c[: self.n], self.n_qubits, distinct=True)

    def append(self, words: Array, c: Array) -> None:
        """Add words that aren't there yet."""
        end = self.n + len(c)
        if end > len(self.c):
            room = max(end, 2 * len(self.c))
            _checks.memory((2 * self.columns + 1) * 16 * room, f"an operator of {end:,} words")
            for name in ("words", "c"):
                old = getattr(self, name)
                new = np.empty((*old.shape[:-1], room), dtype=old.dtype)
                new[..., : self.n] = old[..., : self.n]
                setattr(self, name, new)
        self.words[:, self.n : end], self.c[self.n : end] = words, c
        self.n = end

    def rotate(self, word: Array, cos: float, sin: float, limits: Limits) -> None:
        """Turn each Q that anticommutes with the word P into cos Q - i sin Q P.

        Q and QP are partners: either both are there, or the missing one is new. Those without
        P's first bit are looked up in a table of those with it, all at once.
        """
        odd = self._overlap(word)
        row = int(np.flatnonzero(word)[0])
        first = np.uint64(1 << (int(word[row]).bit_length() - 1))
        with_bit = (self.words[row, : self.n] & first) != 0
        at0, at1 = np.flatnonzero(odd > with_bit), np.flatnonzero(odd & with_bit)
        if not len(at0) + len(at1):
            return
        c0, c1 = self.c[at0], self.c[at1]
        w0, w1 = self.words.take(at0, axis=1), self.words.take(at1, axis=1) ^ word[:, None]
        s0, s1 = sin * self._signs(w0, word), -sin * self._signs(w1, word)
        place = _places(w0, w1)
        found = place >= 0
        p1 = np.flatnonzero(found)
        p0 = place[p1]
        alone0, alone1 = np.ones(len(at0), dtype=bool), ~found
        alone0[p0] = False
        new0, new1 = s0 * c0, s1 * c1  # the coefficients of the partners
        old0, old1 = cos * c0, cos * c1
        old0[p0] += new1[p1]
        old1[p1] += new0[p0]
        self._keep(at0, old0, limits)
        self._keep(at1, old1, limits)
        for w, c, alone in ((w0 ^ word[:, None], new0, alone0), (w1, new1, alone1)):
            kept = np.flatnonzero((np.abs(c) >= limits.coefficient) & (c != 0) & alone)
            self._add(w.take(kept, axis=1), c[kept], limits)
        if self.dropped > 16 + self.n // 4:
            self._compact()

    def permute(self, sites: list[tuple[int, np.uint64]], codes: Array, signs: Array) -> None:
        """Map the letters on some qubits: a Clifford gate.

        ``sites`` holds column and bit of each; a letter's code is 2 for X plus 1 for Z.
        """
        code = np.zeros(self.n, dtype=np.uint8)
        for column, bit in sites:
            for row in (column, self.columns + column):
                code = 2 * code + ((self.words[row, : self.n] & bit) != 0)
        new = codes[code]
        for column, bit in reversed(sites):
            for row in (self.columns + column, column):
                part = self.words[row, : self.n]
                self.words[row, : self.n] = np.where(new & 1, part | bit, part & ~bit)
                new = new >> 1
        self.c[: self.n] *= signs[code]

    def damp(self, sites: list[tuple[int, np.uint64]], factor: float, limits: Limits) -> None:
        """Multiply by a factor for each of the qubits on which a word acts."""
        c = self.c[: self.n]
        for column, bit in sites:
            acts = (
                self.words[column, : self.n] | self.words[self.columns + column, : self.n]
            ) & bit
            c *= np.where(acts != 0, factor, 1.0)
        small = (np.abs(c) < limits.coefficient) & (c != 0)
        self.dropped += int(np.count_nonzero(small))
        c[small] = 0

    def drop(self, limits: Limits) -> None:
        """Drop what the limits don't allow."""
        c = self.c[: self.n]
        over = (np.abs(c) < limits.coefficient) | self._too_heavy(self.words[:, : self.n], limits)
        if over.any():
            c[over] = 0
            self._compact()

    def _overlap(self, word: Array) -> Array:
        """Return which words anticommute with one."""
        swapped = np.concatenate([word[self.columns :], word[: self.columns]])
        parts = [self.words[j, : self.n] & swapped[j] for j in np.flatnonzero(swapped)]
        odd = parts[0]
        for part in parts[1:]:
            odd = odd ^ part
        if sum(int(p).bit_count() for p in swapped) == 1:
            return odd != 0
        return (np.bitwise_count(odd) & 1).view(bool)

    def _signs(self, words: Array, word: Array) -> Array:
        """Return the signs of -i Q P, for words Q that anticommute with P."""
        power = np.zeros(words.shape[1], dtype=np.uint8)  # of i in Q P; 255 + 1 is 0: mod 4 holds
        for x, z, px, pz in zip(*np.split(words, 2), *np.split(word, 2), strict=True):
            if px | pz:
                power += np.bitwise_count(x & z & (px | pz)) + np.uint8(int(px & pz).bit_count())
                power -= np.bitwise_count((x ^ px) & (z ^ pz) & (px | pz))
                power += np.bitwise_count(z & px) * np.uint8(2)
        return 2.0 - (power & np.uint8(3))

    def _keep(self, at: Array, c: Array, limits: Limits) -> None:
        small = np.abs(c) < limits.coefficient
        c[small] = 0
        self.dropped += len(c) - int(np.count_nonzero(c))
        self.c[at] = c

    def _add(self, words: Array, c: Array, limits: Limits) -> None:
        if limits.weight is not None and len(c):
            kept = ~self._too_heavy(words, limits)
            words, c = words[:, kept], c[kept]
        self.append(words, c)

    def _too_heavy(self, words: Array, limits: Limits) -> Array:
        if limits.weight is None:
            return np.zeros(words.shape[1], dtype=bool)
        x, z = np.split(words, 2)
        return np.bitwise_count(x | z).sum(axis=0, dtype=np.int64) > limits.weight

    def _compact(self) -> None:
        kept = np.flatnonzero(self.c[: self.n])
        for row in (*self.words, self.c):
            row[: len(kept)] = row[kept]
        self.n, self.dropped = len(kept), 0


def _places(stored: Array, sought: Array) -> Array:
    """Return where each sought word stands among the stored ones, or -1.

    A hash table that is filled at once: where two words want one slot, the last has it, and the
    others go to another table in the next round.
    """
    result = np.full(sought.shape[1], -1, dtype=np.int64)
    if not stored.shape[1] or not sought.shape[1]:
        return result
    hash_stored, hash_sought = _hashes(stored), _hashes(sought)
    left, open_ = np.arange(stored.shape[1]), np.arange(sought.shape[1])
    while len(left) and len(open_):
        bits = (2 * len(left)).bit_length()
        table = np.full(1 << bits, -1, dtype=np.int32)
        shift = np.uint64(64 - bits)
        slots = (hash_stored >> shift).astype(np.int64)
        table[slots] = left
        there = table[(hash_sought >> shift).astype(np.int64)]
        taken = np.flatnonzero(there >= 0)  # an empty slot: the word is nowhere
        place, word = there[taken], open_[taken]
        same = stored[0][place] == sought[0][word]
        for a, b in zip(stored[1:], sought[1:], strict=True):
            same &= a[place] == b[word]
        result[word[same]] = place[same]
        lost = np.flatnonzero(table[slots] != left)
        open_, hash_sought = word[~same], hash_sought[taken[~same]] * _ODD[1]
        left, hash_stored = left[lost], hash_stored[lost] * _ODD[1]
    return result


def _hashes(words: Array) -> Array:
    result = words[0] * _ODD[0]
    for row in words[1:]:
        result = ((result ^ (result >> np.uint64(29))) ^ row) * _ODD[1]
    return result
