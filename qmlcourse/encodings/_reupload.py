"""Data re-uploading: the features enter before every layer of rotations and a ring of CZ."""

import numpy as np

from .. import _checks
from .._typing import Array
from ..simulator import applied, cz_signs, ring_pairs, zero_states
from ..simulator import rotations as matrices
from ._encoding import (
    BANDWIDTH,
    ENTANGLE,
    ROTATION,
    Cost,
    Encoding,
    Option,
    finite_phases,
    one_a_feature,
)


def states(
    X: Array,
    rotation: str,
    bandwidth: float,
    n_layers: int,
    weights: Array | None,
    entangle: bool,
) -> Array:
    """Return the states after all layers; without weights their Euler angles are zero."""
    d = X.shape[1]
    data = matrices(rotation, bandwidth * X)
    ring = cz_signs(d, ring_pairs(d))
    result = zero_states(len(X), d)
    for layer in np.zeros((n_layers, d, 3)) if weights is None else weights:
        for k, (a, b, c) in enumerate(layer):
            rot = matrices("Z", c) @ matrices("Y", b) @ matrices("Z", a)
            result = applied(result, rot @ data[:, k], [k])
        if entangle:
            result *= ring
    return result


def gates(n_features: int, n_layers: int, entangle: bool, **options: object) -> Cost:
    """Count a layer's data gates, the three rotations of each Rot, and its ring, for each layer."""
    pairs = {1: 0, 2: 1}.get(n_features, n_features) if entangle else 0
    # Each CZ of the ring waits for the one before it.
    return Cost((4 + pairs) * n_layers, (4 * n_features + pairs) * n_layers, pairs * n_layers)


def check(
    X: Array,
    name: str,
    bandwidth: float,
    n_layers: int,
    weights: Array | None,
    **options: object,
) -> None:
    """Raise if the weights don't fit or an angle overflows."""
    shape = (n_layers, X.shape[1], 3)
    if weights is not None and weights.shape != shape:
        raise ValueError(f"weights must have shape {shape}; got {weights.shape}.")
    with np.errstate(over="ignore"):
        finite_phases(bandwidth * X, name, "reupload")


def _angles(weights: object, name: str) -> Array | None:
    return None if weights is None else _checks.array(weights, name, ndim=3)  # type: ignore[arg-type]


OPTIONS = {
    "rotation": ROTATION,
    "bandwidth": BANDWIDTH,
    "n_layers": Option(2, _checks.integer),
    "weights": Option(None, _angles),
    "entangle": ENTANGLE,
}
REUPLOAD = Encoding("reupload", OPTIONS, one_a_feature, states, gates, check)
