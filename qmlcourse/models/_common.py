"""What all classifiers share: their labels, the limit of their qubits, the default bandwidth."""

import inspect
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from .. import _checks
from .._typing import Array


def labels(y: ArrayLike) -> tuple[Array, Array]:
    """Return the classes and each sample's index into them; one class can't be learned."""
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


def checked(model: Any, X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return samples and labels as scikit-learn checks them; it would drop a mask."""
    _checks.unmasked(X, "X")
    _checks.unmasked(y, "y")
    _checks.labels(y, "y")
    samples, targets = validate_data(model, X, y, dtype=np.float64)
    return samples, targets


def weighted(
    model: Any, samples: Array, targets: Array, sample_weight: ArrayLike | None
) -> tuple[Array, Array, Array | None, Array | None]:
    """Apply ``sample_weight`` and the model's ``class_weight``; set ``classes_``.

    Returns the samples that weigh something, their indices into the classes, the weights of
    the samples and those of the loss, which count the classes' too. None: all weigh the same.
    """
    check_classification_targets(targets)
    each = None
    if sample_weight is not None:
        _checks.unmasked(sample_weight, "sample_weight")
        each = _check_sample_weight(
            sample_weight, samples, dtype=np.float64, ensure_non_negative=True
        )
        if not each.any():
            raise ValueError("sample_weight must contain at least one non-zero number.")
        # A sample without weight is as good as absent.
        samples, targets, each = (a[each > 0] for a in (samples, targets, each))
    model.classes_, indices = labels(targets)
    if model.class_weight is None:
        return samples, indices, each, each
    if model.class_weight == "balanced":
        total = np.bincount(indices, weights=each)
        factors = total.sum() / len(total) / total
    else:
        numeric = all(isinstance(w, Real) for w in model.class_weight.values())
        factors = (
            compute_class_weight(model.class_weight, classes=model.classes_, y=targets)
            if numeric
            else np.nan
        )
        if not (np.isfinite(factors) & (factors > 0)).all():
            raise ValueError(
                f"class_weight must hold finite numbers above 0; got {model.class_weight}."
            )
    return samples, indices, each, factors[indices] * (1.0 if each is None else each)


def filled(model: Any, state: dict[str, Any]) -> dict[str, Any]:
    """Return a pickled state with defaults for the settings that were not known when it was."""
    known = inspect.signature(type(model).__init__).parameters.values()
    return {p.name: p.default for p in known if p.name != "self"} | state


def bandwidth(
    setting: float | str, X: Array, weights: Array | None = None, *, of_one: float = 1.0
) -> float:
    """Return a bandwidth: the number given, or for "scale" ``of_one`` over the features' spread."""
    if setting != "scale":
        return _checks.real(setting, "bandwidth", above=0)
    # Powers of two change no digit: squares of huge or tiny features stay in range.
    exponent = np.frexp(np.abs(X).max())[1]
    X = np.ldexp(X, -exponent)
    # A feature's mean only turns every sample by the same angle, so it does not count.
    if weights is None:
        spread = np.sqrt(X.var(axis=0).mean())
    else:
        mean = np.average(X, axis=0, weights=weights)
        spread = np.sqrt(np.average((X - mean) ** 2, axis=0, weights=weights).mean())
    if not spread > 0:
        return 1.0
    with np.errstate(over="ignore"):
        result = np.ldexp(of_one / spread, -exponent)
    if not np.isfinite(result):
        raise ValueError('X must spread by more than 1e-308 for bandwidth="scale"; it does not.')
    return float(result)
