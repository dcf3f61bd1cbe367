"""Scorers that could score no model, found before any is fitted."""

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from sklearn.base import clone
from sklearn.dummy import DummyClassifier
from sklearn.metrics import check_scoring, get_scorer

from ._protocol import Contestant, Draw


def check(scoring: Any, contestants: Iterable[Contestant]) -> None:
    """Raise for what is no scorer of classifiers, or needs what a model hasn't."""
    message = f"scoring must be the name of a scikit-learn scorer or a scorer; got {scoring!r}."
    if not isinstance(scoring, str) and not callable(scoring):
        raise TypeError(message)
    try:
        check_scoring(DummyClassifier(), scoring)
    except ValueError as error:
        raise ValueError(message) from error
    measure = getattr(get_scorer(scoring), "_score_func", None)
    if getattr(measure, "__module__", "") == "sklearn.metrics._regression":
        raise ValueError(
            f"scoring must be a scorer of classifiers; got {scoring!r}, of regression."
        )
    needed = getattr(get_scorer(scoring), "_response_method", None) or "predict"
    methods = [needed] if isinstance(needed, str) else list(needed)
    for contestant in contestants:
        if not any(_has(model, methods) for model in _variants(contestant)):
            raise ValueError(
                f"scoring must be one that each model can give; {scoring!r} needs "
                f"{' or '.join(methods)}, which models[{contestant.name!r}] hasn't."
            )


def _has(model: Any, methods: list[str]) -> bool:
    # A stack can tell only once it is fitted.
    late = not hasattr(model, "predict")
    return any(hasattr(type(model) if late else model, method) for method in methods)


def _variants(contestant: Contestant) -> Iterator[Any]:
    """Yield a model as it is, and with each listed value of its space by itself."""
    yield contestant.estimator
    for name, values in (contestant.space or {}).items():
        if hasattr(values, "rvs"):
            continue
        for value in values:
            try:
                yield clone(contestant.estimator).set_params(**{name: clone(value, safe=False)})
            except (ValueError, TypeError, AttributeError):
                continue  # a value that goes with another one only


def check_labels(scoring: Any, draw: Draw) -> None:
    """Raise if a scorer of scikit-learn's can't score such labels, tried on a dummy."""
    if getattr(get_scorer(scoring), "_score_func", None) is None:
        return  # a function of one's own may want what a dummy hasn't
    dummy = DummyClassifier().fit(draw.X[draw.train], draw.y[draw.train])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            get_scorer(scoring)(dummy, draw.X[draw.test], draw.y[draw.test])
    except (ValueError, TypeError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        raise ValueError(
            f"scoring must suit the labels of datasets[{draw.dataset!r}]; got {scoring!r}: "
            f"{reason}."
        ) from error
