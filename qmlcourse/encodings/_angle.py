"""Angle encoding: a rotation of each qubit by a feature."""

import numpy as np

from .. import simulator
from .._typing import Array
from ._encoding import BANDWIDTH, ROTATION, Cost, Encoding, finite_phases, one_a_feature


def states(X: Array, rotation: str, bandwidth: float) -> Array:
    """Return product states of the rotated qubits."""
    columns = simulator.rotations(rotation, bandwidth * X)[..., 0]
    states = columns[:, 0]
    for k in range(1, X.shape[1]):
        states = (states[:, :, None] * columns[:, k, None, :]).reshape(len(X), -1)
    return states


def gates(n_features: int, **options: object) -> Cost:
    """Count a rotation for each feature."""
    return Cost(1, n_features, 0)


def check(X: Array, name: str, bandwidth: float, **options: object) -> None:
    """Raise if an angle overflows."""
    with np.errstate(over="ignore"):
        finite_phases(bandwidth * X, name, "angle")


OPTIONS = {"rotation": ROTATION, "bandwidth": BANDWIDTH}
ANGLE = Encoding("angle", OPTIONS, one_a_feature, states, gates, check)
