r"""Quantum kernels: Gram matrices from states that are computed once per sample.

A fidelity kernel between n samples is one matrix product of their states, not
:math:`n^2` circuits; a device would estimate each entry from shots, which ``shots`` imitates.
The product is done tile by tile, and only once a pair: beside the result little memory is used.
"""

from ._gram import Concentration, concentration, geometric_difference, nearest_psd, target_alignment
from ._matrix import kernel_matrix, projected_kernel

__all__ = [
    "Concentration",
    "concentration",
    "geometric_difference",
    "kernel_matrix",
    "nearest_psd",
    "projected_kernel",
    "target_alignment",
]
