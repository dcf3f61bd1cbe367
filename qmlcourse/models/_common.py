"""What all classifiers share: their labels, the limit of their qubits, the default bandwidth."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.multiclass import check_classification_targets

from .._typing import Array


def labels(y: ArrayLike) -> tuple[Array, Array]:
    """Return the classes and each sample's index into them; one class can't be learned."""
    check_classification_targets(y)
    classes, indices = np.unique(np.asarray(y), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"The number of classes has to be greater than one; got {len(classes)} class."
        )
    return classes, indices


def check_qubits(model: Any, needed: int, n_features: int) -> int:
    """Raise, before anything is computed, if a model would need too many qubits."""
    if needed > model.max_qubits:
        raise ValueError(
            f"X has {n_features} features, which need {needed} qubits; {type(model).__name__} "
            f"allows at most max_qubits={model.max_qubits}. Reduce the features, by PCA for "
            "example."
        )
    return needed


def bandwidth(setting: float | str, X: Array, *, of_one: float = 1.0) -> float:
    """Return a bandwidth: the number given, or for "scale" ``of_one`` over the features' spread."""
    if setting != "scale":
        return float(setting)
    # A feature's mean only turns every sample by the same angle, so it does not count.
    spread = np.sqrt(X.var(axis=0).mean())
    return of_one / spread if spread > 0 else 1.0
