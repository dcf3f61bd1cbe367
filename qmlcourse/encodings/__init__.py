r"""Encodings: how features become quantum states, and what each costs in qubits and gates.

States are computed for all samples at once; a test holds each against a dense matrix
product and against PennyLane's templates. A new encoding is one entry in the registry.
"""

from ._registry import ENCODINGS
from ._resources import resources
from ._spectrum import fourier_coefficients, frequency_spectrum
from ._states import encoded_states

__all__ = [
    "ENCODINGS",
    "encoded_states",
    "fourier_coefficients",
    "frequency_spectrum",
    "resources",
]
