"""Interop: the same circuit in PennyLane, Cirq and TensorFlow Quantum.

TensorFlow and TensorFlow Quantum load only when a function here needs them.
"""

from ._cirq import to_cirq
from ._tfq import tensorflow_quantum, tfq_expectation, tfq_gradient

__all__ = ["tensorflow_quantum", "tfq_expectation", "tfq_gradient", "to_cirq"]
