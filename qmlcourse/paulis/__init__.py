r"""Operators as sums of Pauli words, and what is computed with words instead of states.

A word on n qubits is 2n bits, and two words multiply by a few operations on bits. So an operator of
few words is cheap on any number of qubits, where its matrix would have :math:`4^n` entries.
"""

from ._closure import lie_closure
from ._propagation import propagate
from ._sum import PauliSum, commutator

# For those who work on packed words: see PauliSum's attributes x, z and coefficients.
from ._sum import from_arrays as from_arrays
from ._words import anticommute as anticommute
from ._words import power_of_i as power_of_i

__all__ = ["PauliSum", "commutator", "lie_closure", "propagate"]
