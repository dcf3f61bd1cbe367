r"""Ansätze: layered circuits of one-qubit rotations and CZ gates, and what they can reach.

A layer rotates every qubit about its own axis and may end with CZ gates between neighbours.
"""

from ._circuits import Ansatz, hardware_efficient, identity_blocks, random_pauli

# For those who build a gradient of their own: the angles of identity_blocks, a layer's matrices.
from ._circuits import mirrored as mirrored
from ._circuits import rotations as rotations
from ._expressibility import entangling_capability, expressibility

__all__ = [
    "Ansatz",
    "entangling_capability",
    "expressibility",
    "hardware_efficient",
    "identity_blocks",
    "random_pauli",
]
