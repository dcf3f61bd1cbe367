r"""Classical shadows: many expectation values from one set of random measurements.

Each copy of a state is measured once, every qubit in X, Y or Z by chance. What was seen is kept,
and the mean of any Pauli word can be asked for later, at the price of :math:`3^w` measurements for
a word of w letters.
"""

from ._expectation import expectation
from ._sample import sample
from ._shadow import Shadow

__all__ = ["Shadow", "expectation", "sample"]
