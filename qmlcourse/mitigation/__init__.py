r"""Error mitigation: better expectation values from noisy circuits, for more shots.

Every method returns an :class:`Estimate`: the value, its standard error and the shots spent.
The error covers shots only; what the model of the noise gets wrong is a bias on top of it.

An *executor* runs circuits: a function that takes a list of PennyLane tapes, each measuring one
expectation value, and the shots for each, and returns a list of estimates.
:func:`qmlcourse.noise.executor` makes one from a noise model; a device fits as well if it gives
back ``Estimate(value, error, shots)``. It must run the gates it is given: a compiler that cancels
a gate and its inverse undoes the folding.
"""

from .._estimate import Estimate
from ._extrapolation import extrapolate, extrapolation_weights
from ._inversion import invert_readout, readout_expectation
from ._regression import clifford_data_regression
from ._zne import fold_global, zne

__all__ = [
    "Estimate",
    "clifford_data_regression",
    "extrapolate",
    "extrapolation_weights",
    "fold_global",
    "invert_readout",
    "readout_expectation",
    "zne",
]
