"""Pauli words as bits: one for X and one for Z a qubit, in columns of 64."""

from functools import lru_cache

import numpy as np

from .. import _checks
from .._typing import Array

_WORD = 64  # bits in a column


@lru_cache(maxsize=4096)
def site(wire: int) -> tuple[int, np.uint64]:
    """Return column and bit of a qubit."""
    return wire // _WORD, np.uint64(1 << (_WORD - 1 - wire % _WORD))


def check_size(n_words: int, n_qubits: int) -> None:
    """Raise before packed words that this machine can't hold."""
    what = f"an operator of {n_words} words on {n_qubits} qubits"
    _checks.memory(32 * -(-n_qubits // _WORD) * max(1, n_words), what)


def merged(x: Array, z: Array, coefficients: Array) -> tuple[Array, Array, Array]:
    """Return words sorted, each once, with the sums of their coefficients where they aren't 0."""
    if len(x) > 1:
        order = order_of(x, z)
        x, z, coefficients = x[order], z[order], coefficients[order]
        new = np.ones(len(x), dtype=bool)
        new[1:] = (x[1:] != x[:-1]).any(axis=1) | (z[1:] != z[:-1]).any(axis=1)
        if not new.all():
            x, z = x[new], z[new]
            coefficients = np.add.reduceat(coefficients, np.flatnonzero(new))
    kept = coefficients != 0
    return x[kept], z[kept], coefficients[kept]


def order_of(x: Array, z: Array, *, distinct: bool = False) -> Array:
    """Return where sorted words stand. Distinct ones of up to 32 qubits are one key each."""
    if distinct and x.shape[1] == 1 and not ((x | z) & np.uint64(2**32 - 1)).any():
        return np.argsort(z[:, 0] | (x[:, 0] >> np.uint64(32)))
    return np.lexsort((*x.T[::-1], *z.T[::-1]))


def power_of_i(xa: Array, za: Array, xb: Array, zb: Array) -> Array:
    """Return k, 0 to 3, of P_a P_b = i^k P_ab, for packed words that broadcast.

    A word is i^(number of Ys) X^x Z^z, and Z^z X^x = (-1)^(z . x) X^x Z^z.
    """
    ya, yb, yc = (np.bitwise_count(x & z).sum(axis=-1, dtype=np.int64)
                  for x, z in ((xa, za), (xb, zb), (xa ^ xb, za ^ zb)))  # fmt: skip
    swaps = np.bitwise_count(za & xb).sum(axis=-1, dtype=np.int64)
    return (ya + yb - yc + 2 * swaps) & 3


def anticommute(xa: Array, za: Array, xb: Array, zb: Array) -> Array:
    """Return whether packed words anticommute, as bools of the broadcast shape."""
    odd = np.bitwise_count((xa & zb) ^ (za & xb)).sum(axis=-1, dtype=np.int64) & 1
    return odd.astype(bool)


def words(x: Array, z: Array, n_qubits: int) -> list[str]:
    """Return packed words as texts."""
    bits = _unpacked(x, n_qubits) + 2 * _unpacked(z, n_qubits)
    letters = np.frombuffer(b"IXZY", dtype=np.uint8)[bits]
    text = letters.tobytes().decode()
    return [text[i : i + n_qubits] for i in range(0, len(text), n_qubits)]


def letters_of(given: list[str], n_qubits: int | None) -> Array:
    """Return words as codes of their letters, shape (n_terms, n_qubits)."""
    for word in given:
        if not isinstance(word, str) or not word or not set(word) <= set("IXYZ"):
            raise ValueError(
                "a word must be a text of the letters I, X, Y, Z, one a qubit; got "
                f"{_checks.shown(word)}."
            )
    lengths = {len(word) for word in given} | ({n_qubits} if n_qubits else set())
    if len(lengths) > 1:
        raise ValueError(
            f"words must have one letter a qubit; got {' and '.join(map(str, sorted(lengths)))}."
        )
    [n] = lengths
    check_size(len(given), n)
    return np.frombuffer("".join(given).encode(), dtype=np.uint8).reshape(-1, n)


def packed(letters: Array) -> tuple[Array, Array]:
    y = letters == ord("Y")
    return columns((letters == ord("X")) | y), columns((letters == ord("Z")) | y)


def columns(bits: Array) -> Array:
    """Return bools of shape (n_terms, n_qubits) in columns of 64 bits, qubit 0 first."""
    n_terms, n_qubits = bits.shape
    n_columns = -(-n_qubits // _WORD)
    room = np.zeros((n_terms, n_columns * 8), dtype=np.uint8)
    filled = np.packbits(bits, axis=1)
    room[:, : filled.shape[1]] = filled
    return room.view(">u8").astype(np.uint64)


def _unpacked(columns: Array, n_qubits: int) -> Array:
    return np.unpackbits(columns.astype(">u8").view(np.uint8), axis=1, count=n_qubits)
