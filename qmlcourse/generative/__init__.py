r"""Generative models: IQP circuits that are trained classically, and a distance of samples.

A generative model learns to draw new samples like those it has seen. A circuit does so by being
measured: the bits it returns are its samples.
"""

from ._expectation import iqp_expectation
from ._mmd import mmd_squared
from ._starts import covariance_start
from ._training import train_iqp

__all__ = ["covariance_start", "iqp_expectation", "mmd_squared", "train_iqp"]
