r"""Trainability: how large a variational circuit's gradient is, and how it decays.

The variance is taken over random circuits and angles of the derivative by the first
parameter. The circuits run in batches: the one-qubit gates of a layer are fused into blocks
of three qubits, so a layer is a few small matrix products.
"""

from ._decay import Decay, fit_decay
from ._derivatives import first_derivatives
from ._interval import variance_interval
from ._variance import Variance, gradient_variance, variance_scan

__all__ = [
    "Decay",
    "Variance",
    "first_derivatives",
    "fit_decay",
    "gradient_variance",
    "variance_interval",
    "variance_scan",
]
