"""Sums of noise models in which each term acts. Public through noise."""

import copy
from functools import cache
from typing import Any


def model(model_map: dict[Any, Any], meas_map: dict[Any, Any], **metadata: Any) -> Any:
    """Return a ``pennylane.NoiseModel`` that keeps every term of a sum, also equal ones."""
    return _kind()(model_map, meas_map, **metadata)


@cache
def _kind() -> Any:
    import pennylane as qml

    class Model(qml.NoiseModel):
        """PennyLane merges what stands under one key: here the second gets a key of its own."""

        def __add__(self, other: Any) -> Any:
            return _sum(self, other)

        def __radd__(self, other: Any) -> Any:  # Python asks a subclass on the right first
            return self if isinstance(other, int) and other == 0 else _sum(other, self)

        def __sub__(self, other: Any) -> Any:
            gone = _terms(other)
            return model(
                {key: v for key, v in self.model_map.items() if key not in gone.model_map},
                {key: v for key, v in self.meas_map.items() if key not in gone.meas_map},
                **{key: v for key, v in self.metadata.items() if key not in gone.metadata},
            )

    return Model


def _terms(given: Any) -> Any:
    import pennylane as qml

    if isinstance(given, qml.NoiseModel):
        return given
    if not isinstance(given, dict):
        raise TypeError(f"A noise model adds to another, or to a dictionary; got {given!r}.")
    return qml.NoiseModel({}) + dict(given)  # PennyLane empties the dictionary


def _sum(left: Any, right: Any) -> Any:
    left, right = _terms(left), _terms(right)
    after: dict[Any, Any] = {}
    labels: dict[str, dict[str, Any]] = {}
    for key, noise in right.model_map.items():
        label = getattr(noise, "label", None)
        if key not in left.model_map and label not in left.metadata:
            after[key] = noise
        elif label is None:
            after[copy.copy(key)] = noise
        else:
            again = noise.again()
            after |= again.model_map
            labels[label] = again.metadata
    before = {copy.copy(k) if k in left.meas_map else k: v for k, v in right.meas_map.items()}
    metadata = dict(left.metadata)
    for label, value in right.metadata.items():
        metadata |= labels.get(label, {label: value})
    return model(left.model_map | after, left.meas_map | before, **metadata)
