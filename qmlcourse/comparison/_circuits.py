"""How many circuits a device would have run for a fitted model, also within others."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline


def circuits(model: Any, n_predicted: int) -> float:
    """Return what a device would have run to fit and predict; 0: classical; NaN: unknown."""
    if hasattr(model, "n_circuits_"):
        each = getattr(model, "n_circuits_per_prediction_", 0)
        return float(model.n_circuits_ + n_predicted * each)
    # These fit each of their models once, and ask each once a sample.
    if isinstance(model, Pipeline):
        parts = [step for _, step in model.steps]
    elif isinstance(model, (OneVsRestClassifier, VotingClassifier)):
        parts = model.estimators_
    else:
        return np.nan if any(map(_quantum, _within(model, set()))) else 0.0
    return float(sum(circuits(part, n_predicted) for part in parts))


def _quantum(part: Any) -> bool:
    function = part.func if isinstance(part, partial) else part
    named = callable(function) and not isinstance(function, type)
    module = str(getattr(function, "__module__", ""))
    return hasattr(part, "n_circuits_") or (named and module.startswith("qmlcourse."))


def _within(value: Any, seen: set[int]) -> Iterator[Any]:
    """Yield the models and functions that a value holds, at any depth."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        held = list(value.values())
    elif isinstance(value, (list, tuple, set)):
        held = list(value)
    elif isinstance(value, np.ndarray):
        held = value.ravel().tolist() if value.dtype == object else []
    elif callable(value) or (hasattr(value, "__dict__") and not isinstance(value, type)):
        yield value
        held = list(getattr(value, "__dict__", {}).values())
    else:
        return
    for part in held:
        yield from _within(part, seen)
