r"""Quantum classifiers as scikit-learn estimators, to stand in one table with classical ones.

They take features as they come: put a scaler before them in a pipeline.
"""

from ._circuits import ReuploadingClassifier, VariationalClassifier
from ._kernel import QuantumKernelClassifier

__all__ = ["QuantumKernelClassifier", "ReuploadingClassifier", "VariationalClassifier"]
