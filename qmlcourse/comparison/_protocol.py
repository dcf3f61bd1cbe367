"""Who is compared on what: arguments checked, data drawn and split before any model is fitted."""

import copy
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone, is_classifier
from sklearn.model_selection import ParameterGrid, StratifiedKFold, StratifiedShuffleSplit

from .. import _checks, _extras
from .._typing import Array
from ._identity import by_column, even, exact, rounded
from ._store import digest


@dataclass(frozen=True, slots=True)
class Draw:
    """One dataset for one seed, split the same way for every model."""

    dataset: str
    drawn: str
    seed: int
    X: Array
    y: Array
    train: Array
    test: Array
    folds: list[tuple[Array, Array]]  # positions within train
    split: str  # hash of the samples, the test set and the folds
    former: str | None = None  # what version 0.1.0 called it, where that is safe to look up


@dataclass(frozen=True, slots=True)
class Contestant:
    """A model, what may be tuned, and how many settings are tried."""

    name: str
    estimator: Any
    space: dict[str, Any] | None
    tried: int


def states(seed: int) -> dict[str, int]:
    """Return one random state per purpose; they depend on nothing but the seed."""
    words = np.random.SeedSequence(seed, spawn_key=(0,)).generate_state(4)
    return dict(zip(("split", "folds", "candidates", "model"), map(int, words), strict=True))


def seeded(value: Any, state: int) -> Any:
    """Return a copy of a value with every ``random_state`` set of the estimators in it."""
    if type(value) in (list, tuple):
        return type(value)(seeded(v, state) for v in value)
    if type(value) is dict:
        return {k: seeded(v, state) for k, v in value.items()}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return np.frompyfunc(lambda v: seeded(v, state), 1, 1)(value)
    methods = ("fit", "get_params", "set_params")
    if isinstance(value, type) or not all(hasattr(value, m) for m in methods):
        return value
    estimator = clone(value)
    names = [n for n in estimator.get_params() if n.split("__")[-1] == "random_state"]
    estimator.set_params(**dict.fromkeys(names, state))
    for part in estimator.get_params().values():
        splits = hasattr(part, "split") and hasattr(part, "random_state")
        if splits and getattr(part, "shuffle", True):
            part.random_state = state  # the clone has a copy of its own
    return estimator


def check_seeds(seeds: int | Iterable[int]) -> list[int]:
    if not isinstance(seeds, Iterable) or isinstance(seeds, str):
        return list(range(_checks.integer(seeds, "seeds")))
    listed = [_checks.integer(seed, "each of seeds", low=0) for seed in seeds]
    if not listed or len(set(listed)) < len(listed):
        raise ValueError(f"seeds must be a number or distinct integers; got {listed}.")
    return listed


def check_models(models: Mapping[str, Any], budget: int) -> list[Contestant]:
    _mapping(models, "models")
    return [_contestant(name, model, budget) for name, model in models.items()]


def _contestant(name: str, model: Any, budget: int) -> Contestant:
    where = f"models[{name!r}]"
    pair = isinstance(model, tuple) and len(model) == 2
    estimator, space = model if pair else (model, None)
    methods = ("fit", "predict", "get_params")

    def has(method: str) -> bool:
        # Of the class: a stack can predict only once it is fitted.
        return hasattr(estimator, method) or hasattr(type(estimator), method)

    usable = not isinstance(estimator, type) and all(map(has, methods))
    if not usable or not is_classifier(estimator):
        raise TypeError(
            f"{where} must be a classifier or a pair (classifier, search space); got {model!r}."
        )
    if not pair:
        return Contestant(name, estimator, None, 1)
    if not isinstance(space, Mapping) or not space:
        raise TypeError(f"the search space of {where} must be a non-empty dict; got {space!r}.")
    for parameter, values in space.items():
        if parameter not in estimator.get_params():
            raise ValueError(
                f"the search space of {where} must name its parameters; it has no {parameter!r}."
            )
        listed = isinstance(values, (list, tuple, np.ndarray)) and len(values) > 0
        if not listed and not hasattr(values, "rvs"):
            raise TypeError(
                f"{parameter!r} in the search space of {where} must be a list of values or a "
                f"SciPy distribution; got {values!r}."
            )
    discrete = not any(hasattr(values, "rvs") for values in space.values())
    tried = min(budget, len(ParameterGrid(dict(space)))) if discrete else budget
    return Contestant(name, estimator, dict(space), tried)


def check_extras(contestants: Iterable[Contestant]) -> None:
    """Raise ImportError if a model needs an extra that isn't installed."""
    lacking: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for contestant in contestants:
        listed = [v for v in (contestant.space or {}).values() if not hasattr(v, "rvs")]
        given = [*chain.from_iterable(listed), contestant.estimator]
        for model in chain.from_iterable(map(_parts, given)):
            extra, *modules = getattr(type(model), "needs", None) or [""]
            if _extras.absent(*modules):
                lacking.setdefault((extra, tuple(modules)), {})[contestant.name] = None
    for (extra, modules), names in lacking.items():
        raise ModuleNotFoundError(
            f"models must find what they import; {', '.join(map(repr, names))} need "
            f"{' and '.join(_extras.absent(*modules))} of the extra {extra!r}: "
            f"{_extras.advice(extra)}."
        )


def _parts(model: Any) -> list[Any]:
    return [model, *(model.get_params().values() if hasattr(model, "fit") else [])]


def check_cv(cv: Any) -> Any:
    if hasattr(cv, "split") and not isinstance(cv, (str, type)):
        return cv
    if isinstance(cv, numbers.Integral):
        return _checks.integer(cv, "cv", low=2)
    raise TypeError(f"cv must be an integer at least 2 or a scikit-learn splitter; got {cv!r}.")


def draws(
    datasets: Mapping[str, Any], seeds: list[int], *, cv: Any, test_size: float
) -> list[Draw]:
    """Draw and split every dataset for every seed."""
    _mapping(datasets, "datasets")
    result = []
    for name, data in datasets.items():
        fresh = callable(data)
        if fresh:
            _checks.accepts(data, f"datasets[{name!r}]", "of the keyword rng", rng=None)
        seen: dict[str, int] = {}
        for seed in seeds:
            made = data(rng=np.random.default_rng(seed)) if fresh else data
            X, y = _samples(made, f"datasets[{name!r}]")
            samples = joblib.hash([X, y])
            if fresh and samples in seen:
                raise ValueError(
                    f"datasets[{name!r}] must draw new samples from rng; seeds {seen[samples]} "
                    f"and {seed} gave the same: pass a fixed set as a pair (X, y)."
                )
            seen[samples] = seed
            train, test, folds = _split(X, y, seed, cv, test_size, f"datasets[{name!r}]")
            roles = [test.tolist(), [[a.tolist() for a in fold] for fold in folds]]
            name_of = rounded if fresh else exact
            split = digest([name_of(X, y), *roles])[:16]
            # It knew data handed in by rounded values too.
            known = digest([by_column(X, y), *roles])[:16] if not fresh and even(X) else None
            drawn = "fresh" if fresh else "resampled"
            result.append(Draw(name, drawn, seed, X, y, train, test, folds, split, known))
    return result


def _mapping(value: object, name: str) -> None:
    if not isinstance(value, Mapping) or not value:
        raise TypeError(f"{name} must be a dict with at least one entry; got {value!r}.")
    for key in value:
        if not isinstance(key, str) or not key:
            raise TypeError(f"{name} must have names as keys; got {key!r}.")


def _samples(made: Any, where: str) -> tuple[Array, Array]:
    if not isinstance(made, (tuple, list)) or len(made) != 2:
        raise TypeError(
            f"{where} must be a pair (X, y) or a function of rng that returns one; "
            f"got {type(made).__name__}."
        )
    X = _checks.features(made[0], f"X of {where}")
    _checks.labels(made[1], f"y of {where}")
    try:
        y = np.asanyarray(made[1])
    except ValueError as error:
        raise ValueError(f"y of {where} must hold {len(X)} labels; got ragged rows.") from error
    if y.shape != (len(X),):
        raise ValueError(f"y of {where} must hold {len(X)} labels; got shape {y.shape}.")
    return X, _labels(y, f"y of {where}")


def _labels(y: Array, name: str) -> Array:
    """Return labels that can be told apart and put in order, none of them missing."""
    if np.any(getattr(y, "mask", False)):
        raise ValueError(f"{name} must have a label for every sample; got masked ones.")
    if pd.isna(y).any():
        raise ValueError(f"{name} must have a label for every sample; got missing ones.")
    if y.dtype.kind == "c":
        raise TypeError(f"{name} must hold labels; got complex numbers.")
    if y.dtype == object and not all(isinstance(v, str) for v in y):
        # Numbers in boxes are no labels to scikit-learn; what else is boxed has no order.
        if not all(isinstance(v, numbers.Real) for v in y):
            kinds = " and ".join(sorted({type(v).__name__ for v in y}))
            raise TypeError(f"{name} must hold numbers or texts as labels; got {kinds}.")
        y = np.array(y.tolist())
    if len(np.unique(y)) < 2:
        raise ValueError(f"{name} must hold at least 2 classes; got 1.")
    return np.asarray(y)


def _split(
    X: Array, y: Array, seed: int, cv: Any, test_size: float, where: str
) -> tuple[Array, Array, list[tuple[Array, Array]]]:
    state = states(seed)
    outer = StratifiedShuffleSplit(1, test_size=test_size, random_state=state["split"])
    if isinstance(cv, int):
        inner = StratifiedKFold(cv, shuffle=True, random_state=state["folds"])
    else:
        inner = copy.deepcopy(cv)
        if hasattr(inner, "random_state"):
            inner.random_state = state["folds"]
    try:
        train, test = next(outer.split(X, y))
        smallest = np.unique(y[train], return_counts=True)[1].min()
        if isinstance(cv, int) and smallest < cv:
            raise ValueError(f"{cv} folds need {cv} training samples of each class; got {smallest}")
        folds = list(inner.split(X[train], y[train]))
    except ValueError as error:
        raise ValueError(
            f"{where} must have enough samples of each class for cv={cv} and "
            f"test_size={test_size:g}; with seed {seed}: {str(error).rstrip('.')}."
        ) from error
    return train, test, folds
