"""Which samples are the same: exactly, of data handed in; but for last bits, of data drawn."""

import hashlib
from typing import Any

import joblib
import numpy as np

from .._typing import Array

# An entry so many times the median leaves the others less than 6 of the 9 digits of its column.
_OUTLIER = 1e3


def exact(X: Array, y: Array) -> str:
    """Return a hash of every bit of the features, and of the labels."""
    bits = hashlib.sha256(repr(X.shape).encode())
    bits.update(np.ascontiguousarray(X, dtype="<f8").tobytes())
    return f"{bits.hexdigest()} {labels(y)}"


def labels(y: Array) -> str:
    # Its memory layout is no part of an array.
    return str(joblib.hash(np.ascontiguousarray(y)))


def rounded(X: Array, y: Array) -> Any:
    """Return what names samples that were drawn, also where a sum's last bit is another.

    Processors differ in these bits. A column is rounded to 9 digits of its largest entry; where
    that leaves too little of the others, to 9 digits of each entry as well.
    """
    coarse = by_column(X, y)
    return coarse if even(X) else [coarse, _by_entry(X)]


def by_column(X: Array, y: Array) -> str:
    """Return a hash of columns rounded to 9 digits of their largest entries, and of 6 of those.

    So version 0.1.0 had it.
    """
    scale = np.abs(X).max(axis=0)
    shares = X / np.where(scale > 0, scale, 1)
    # A zero has no sign here.
    return str(joblib.hash([np.round(shares, 9) + 0.0, np.char.mod("%.6g", scale), y]))


def even(X: Array) -> bool:
    """Return whether no entry of a column is so large that the rounding swallows the others."""
    return bool((np.abs(X).max(axis=0) <= _OUTLIER * _typical(X)).all())


def _typical(X: Array) -> Array:
    """Return the median size of each column's entries other than 0."""
    return np.array([
        np.median(sizes) if (sizes := np.abs(column[column != 0])).size else 0.0
        for column in X.T
    ])  # fmt: skip


def _by_entry(X: Array) -> str:
    """Return a hash of entries rounded to 9 digits of their own size or of the typical one."""
    size = np.abs(X)
    # What is left where a sum should be 0 is rounding error: of the largest terms, at worst.
    floor = np.maximum(1e-9 * _typical(X), 1e-13 * size.max(axis=0))
    floor = np.where(floor > 0, floor, 1.0)
    # A logarithm beyond the floor's own scale, for steps that grow with the entries.
    steps = 1e9 * np.arcsinh(X / (1e9 * floor))
    return str(joblib.hash(np.round(steps) + 0.0))
