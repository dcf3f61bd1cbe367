"""A kernel matrix cut into tiles, which fit into memory or travel to workers."""

from collections.abc import Callable
from itertools import groupby
from operator import itemgetter

import numpy as np

from .. import _checks
from .._typing import Array

Part = Callable[[slice], Array]
_TILE = 512  # rows and columns computed at once: few calls of BLAS, yet half of a matrix spared
HELD = 2**28  # bytes of states kept; where all need more, they are computed again for each tile


def rows_at_once(q: int, batch_size: int | None) -> int:
    """Return the rows and columns of a tile of samples on q qubits."""
    if batch_size is not None:
        return _checks.integer(batch_size, "batch_size")
    # Two tiles of states, those of the rows and those of the columns.
    return max(1, min(_TILE, HELD // (2 * 16 * 2**q)))


def empty(n: int, m: int | None) -> Array:
    """Return room for n by m entries, n by n without m."""
    width = n if m is None else m
    _checks.memory(8 * n * width, f"a kernel matrix of {n} by {width}")
    return np.empty((n, width))


def cut(n: int, m: int | None, size: int) -> list[tuple[slice, slice]]:
    """Return the rows and columns of each tile; with no m those on the diagonal and above it."""
    return [
        (slice(top, min(top + size, n)), slice(left, min(left + size, m or n)))
        for top in range(0, n, size)
        for left in range(top if m is None else 0, m or n, size)
    ]


def fill(K: Array, tiles: list[tuple[slice, slice]], entries: Callable[[slice], Part]) -> Array:
    """Compute the tiles in order: those in the same rows share what is made for these."""
    for rows, beside in groupby(tiles, key=itemgetter(0)):
        tile = entries(rows)
        for _, columns in beside:
            K[rows, columns] = tile(columns)
    return K


def finished(
    K: Array, m: int | None, size: int, sample: Callable[[Array], Array] | None = None
) -> Array:
    """Sample the entries, if they are to be; with no m mirror them below a diagonal of ones."""
    n = len(K)
    if sample is not None:
        # Row by row, so that what rng gives does not depend on the size of the tiles.
        for i in range(n):
            row = K[i, i + 1 :] if m is None else K[i]
            row[:] = sample(row)
    if m is None:
        for start in range(0, n, size):
            rows = slice(start, start + size)
            upper = np.triu(K[rows, rows], 1)
            K[rows, rows] = upper + upper.T
            K[start + size :, rows] = K[rows, start + size :].T
        np.fill_diagonal(K, 1.0)
    return K
