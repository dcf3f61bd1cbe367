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


def gates(tape: Any) -> tuple[list[Any], list[Any]]:
    """Return state preparations and gates; templates and their inverses are expanded."""
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    # As qml.add_noise does: so what is folded is what the noise follows.
    [expanded], _ = decompose(
        tape,
        target_gates=qml.decomposition.gate_sets.ALL_OPS,
        stopping_condition=_is_gate,
        name="qmlcourse",
    )
    operations = list(expanded.operations)
    start = 0
    while start < len(operations) and isinstance(operations[start], qml.operation.StatePrepBase):
        start += 1
    return operations[:start], operations[start:]


def _is_gate(operation: Any) -> bool:
    import pennylane as qml

    if not operation.has_decomposition or isinstance(operation, qml.operation.StatePrepBase):
        return True
    return not (
        hasattr(qml.templates, operation.name) or isinstance(operation, qml.ops.op_math.Adjoint)
    )


def measured(tape: Any) -> Any:
    """Return the observable of a tape that measures one expectation value."""
    import pennylane as qml

    if not isinstance(tape, qml.tape.QuantumScript):
        raise TypeError(f"circuit must be a PennyLane tape; got {type(tape).__name__}.")
    kinds = [type(m).__name__ for m in tape.measurements]
    if kinds != ["ExpectationMP"]:
        raise ValueError(f"circuit must measure one expectation value; got {kinds}.")
    return tape.measurements[0].obs
