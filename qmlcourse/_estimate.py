"""What an experiment says about an expectation value, and what runs experiments."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from . import _checks
from ._typing import Array


class Estimate(NamedTuple):
    """An expectation value, its standard error and the shots spent on it.

    Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> value, error, shots = Estimate(0.5, 0.01, 1000)
    """

    value: float
    error: float  # 0 where shots is 0: the exact value of the noisy circuit
    shots: int


#: Runs each PennyLane tape, which measures one expectation value, with that many shots each.
#: No shots means the limit of infinitely many.
Executor = Callable[[list[Any], int | None], list[Estimate]]


class TooFewShots(ValueError):
    """A circuit needs more shots than it gets: one for each of the bases it is measured in."""

    def __init__(self, least: int, shots: int) -> None:
        super().__init__(
            f"shots must be at least {least}, one for each basis to measure; got {shots}."
        )
        self.least = least


def estimates(given: Any, n: int, name: str, verb: str, each: str = "") -> list[Estimate]:
    """Return ``n`` checked estimates."""
    if isinstance(given, (str, dict)) or not isinstance(given, Iterable):
        raise TypeError(
            f"{name} must {verb} {n} of Estimate(value, error, shots); got {_checks.shown(given)}."
        )
    found = list(given)
    if len(found) != n:
        raise ValueError(f"{name} must {verb} {n}{each}; got {len(found)}.")
    return [_estimate(one, f"{name} must {verb} Estimate(value, error, shots)") for one in found]


def _estimate(given: Any, wanted: str) -> Estimate:
    odd = f"{wanted}, of finite numbers; got {_checks.shown(given)}."
    try:
        value, error, spent = (_checks.real(number, wanted) for number in given)
    except (TypeError, ValueError) as reason:
        raise (type(reason) if isinstance(reason, TypeError) else ValueError)(odd) from None
    if error < 0 or spent < 0:
        raise ValueError(f"{wanted}, an error and shots of at least 0; got {given!r}.")
    # A share of shots, as in a formula, need not be whole.
    return Estimate(value, error, int(spent) if spent.is_integer() else spent)  # type: ignore[arg-type]


def standard_error(values: Array, counts: Array) -> float:
    """Return the standard error of the mean of values that came up that many times.

    Laplace's rule: one more shot at either end, or the agreement of all would be certainty.
    The mean ± 1.96 errors contains the truth, for two outcomes, with 94% to 95% averaged over their
    probabilities; at the worst of them with 83% (10 shots), 87% (100) or 93% (1,000).
    """
    shots = counts.sum()
    weights = np.append(counts, [1, 1]) / (shots + 2)
    outcomes = np.append(values, [values.min(), values.max()])
    return float(np.sqrt(weights @ (outcomes - weights @ outcomes) ** 2 / shots))
