"""What an experiment says about an expectation value, and what runs experiments."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

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
