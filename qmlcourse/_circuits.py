"""Which circuits the course runs: one place for noise, mitigation, hardware and translation.

Of all that PennyLane can write, it runs qubit circuits with one number for each parameter and
nothing measured on the way. What can be expanded is expanded; the rest gets one sentence.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

from ._operations import (
    brief,
    channel,
    check_operation,
    check_parameters,
    is_gate,
    preparations,
    under_no_others_name,
    with_real_angles,
)


def circuit(
    given: Any, args: Sequence[Any] = (), *, name: str = "circuit", bound: bool = True
) -> Any:
    """Return the tape of a tape or of a QNode called with ``args``, checked.

    A QNode keeps its transforms, and its device's wires where all wires are measured. With
    ``bound``, each parameter must be one number; otherwise batches and traced values pass.
    """
    import pennylane as qml
    from pennylane.exceptions import WireError

    if isinstance(given, qml.QNode):
        try:
            inspect.signature(given.func).bind(*args)
        except TypeError as error:
            raise TypeError(
                f"{name} must come with its numbers, as qml.workflow.construct_tape({name})(...); "
                f"got a QNode: {error}."
            ) from error
        for value in (*args, *getattr(given.func, "keywords", {}).values()):
            if type(value).__module__.startswith("sympy"):
                raise TypeError(f"{name} must be called with numbers; got the symbol {value}.")
        batch, _ = qml.workflow.construct_batch(given, level="user")(*args)
        if len(batch) != 1:
            raise ValueError(f"{name} must be one circuit; got a QNode that runs {len(batch)}.")
        [tape], device = batch, given.device
        if device.wires is not None:
            try:
                [tape], _ = qml.devices.preprocess.validate_device_wires(
                    tape, wires=device.wires, name=device.name
                )
            except WireError as error:
                raise ValueError(f"{name} must use its device's wires: {error}") from error
    elif isinstance(given, qml.tape.QuantumScript):
        if args:
            raise TypeError("args go with a QNode; a tape has its numbers already.")
        tape = given
    else:
        raise TypeError(f"{name} must be a PennyLane tape or QNode; got {given!r}.")
    # NumPy's integers are wires like Python's, but PennyLane may add them up when it decomposes.
    plain = {w: int(w) for w in tape.wires if isinstance(w, np.integer)}
    if plain:
        [tape], _ = qml.map_wires(tape, plain)
    for measurement in tape.measurements:
        if measurement.mv is not None:
            raise ValueError(f"{name} must measure at its end only; got {brief(measurement)}.")
        if measurement.obs is not None:
            check_parameters(measurement.obs, name, bound)
    operations = []
    for op in tape.operations:
        check_parameters(op, name, bound)
        real = with_real_angles(op, name)
        check_operation(real, name)
        operations += under_no_others_name(real)
    if list(map(id, operations)) != list(map(id, tape.operations)):
        tape = tape.copy(operations=operations)
    if bound:
        _check_batch(tape, name)
    return tape


def native(op: Any) -> list[Any]:
    """Return the gates that default.mixed runs for one: itself, or its decomposition.

    An operator that no decomposition brings there, as the root of a matrix, stays whole.
    """
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    def is_last(part: Any) -> bool:
        return is_native(part) or (part.has_matrix and not part.has_decomposition)

    if is_last(op):
        return [op]
    try:
        with qml.QueuingManager.stop_recording():
            given, back = numbered(qml.tape.QuantumScript([op]))
            [expanded], _ = decompose(
                given,
                target_gates=qml.decomposition.gate_sets.ALL_OPS,
                stopping_condition=is_last,
            )
    except (qml.exceptions.DeviceError, qml.exceptions.DecompositionUndefinedError):
        return [op]
    return [part.map_wires(back) if back else part for part in expanded.operations]


def is_native(op: Any) -> bool:
    """Return whether default.mixed runs an operation as it is; templates never count as that."""
    import pennylane as qml
    from pennylane.devices.default_mixed import stopping_condition

    return stopping_condition(op) and not hasattr(qml.templates, op.name)


def gates(tape: Any, name: str = "circuit") -> tuple[list[Any], list[Any]]:
    """Return state preparations, and what follows in gates that default.mixed runs."""
    start, rest = prepared(expanded(tape).operations, name)
    parts = [part for op in rest for part in (native(op) if is_gate(op) else [op])]
    for part in parts:
        check_operation(part, name)
        if isinstance(part, channel()):
            raise ValueError(f"{name} must have unitary gates only; got {part.name}.")
    return start, parts


def expanded(tape: Any) -> Any:
    """Return a tape without templates and inverses, as qml.add_noise expands it.

    So what is folded is what the noise follows.
    """
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    given, back = numbered(tape)
    [result], _ = decompose(
        given,
        target_gates=qml.decomposition.gate_sets.ALL_OPS,
        stopping_condition=_is_whole,
    )
    if not back:
        return result
    return tape.copy(operations=[op.map_wires(back) for op in result.operations])


def numbered(tape: Any) -> tuple[Any, dict[int, Any]]:
    """Return a tape on wires that are no tuples, and their labels; without those, as it is.

    PennyLane's decompositions take a label that is a tuple for several wires.
    """
    import pennylane as qml

    if not any(isinstance(wire, tuple) for wire in tape.wires):
        return tape, {}
    back = dict(enumerate(tape.wires))
    [numbered], _ = qml.map_wires(tape, {wire: k for k, wire in back.items()})
    return numbered, back


def prepared(operations: list[Any], name: str = "circuit") -> tuple[list[Any], list[Any]]:
    """Split off the preparations of the initial state; none may come later."""
    acts = [i for i, op in enumerate(operations) if is_gate(op) or isinstance(op, channel())]
    first = acts[0] if acts else len(operations)
    start = [op for op in operations[:first] if isinstance(op, preparations())]
    rest = [op for op in operations[:first] if not isinstance(op, preparations())]
    for op in operations[first:]:
        if isinstance(op, preparations()):
            raise ValueError(f"{name} must prepare its state at the start; got {op.name}.")
    return start, rest + list(operations[first:])


def _check_batch(tape: Any, name: str) -> None:
    try:
        size = tape.batch_size
    except ValueError as error:
        raise ValueError(
            f"{name} must have one number for each parameter; got batches of several sizes."
        ) from error
    if size is not None:
        raise ValueError(f"{name} must have one number for each parameter; got batches of {size}.")


def _is_whole(operation: Any) -> bool:
    import pennylane as qml

    if not operation.has_decomposition or isinstance(operation, qml.operation.StatePrepBase):
        return True
    return not (
        hasattr(qml.templates, operation.name) or isinstance(operation, qml.ops.op_math.Adjoint)
    )
