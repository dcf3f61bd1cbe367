"""Which circuits the course runs: one place for noise, mitigation, hardware and translation.

Of all that PennyLane can write, it runs qubit circuits with one number for each parameter and
nothing measured on the way. What can be expanded is expanded; the rest gets one sentence.
"""

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np


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
            _check_parameters(measurement.obs, name, bound)
    for op in tape.operations:
        _check_parameters(op, name, bound)
        _check_operation(op, name)
    if bound:
        _check_batch(tape, name)
    return tape


def brief(op: Any) -> str:
    """Return how an operator is written, or its name where that takes matrices."""
    text = str(op)
    return text if len(text) <= 100 and "\n" not in text else getattr(op, "name", type(op).__name__)


def is_gate(op: Any) -> bool:
    """Return whether an operation is a gate: one that is counted, folded and followed by noise.

    Not so preparations, channels and what does nothing to a state: barriers, snapshots, wire
    cuts, global phases, and whatever acts on no wire. An identity on wires is a gate: it waits.
    """
    import pennylane as qml

    while isinstance(op, (qml.ops.op_math.Adjoint, qml.ops.op_math.Pow)):
        op = op.base
    nothing = (qml.Barrier, qml.Snapshot, qml.WireCut, qml.GlobalPhase)
    return len(op.wires) > 0 and not isinstance(op, (*nothing, *_preparations(), _channel()))


def native(op: Any) -> list[Any]:
    """Return the gates that default.mixed runs for one: itself, or its decomposition.

    An operator that no decomposition brings there, as the root of a matrix, stays whole.
    """
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    if is_native(op):
        return [op]
    try:
        with qml.QueuingManager.stop_recording():
            [expanded], _ = decompose(
                qml.tape.QuantumScript([op]),
                target_gates=qml.decomposition.gate_sets.ALL_OPS,
                stopping_condition=is_native,
                skip_initial_state_prep=False,
                name="qmlcourse",
            )
    except (qml.exceptions.DeviceError, qml.exceptions.DecompositionUndefinedError):
        return [op]
    return list(expanded.operations)


def is_native(op: Any) -> bool:
    """Return whether default.mixed runs an operation as it is; templates never count as that."""
    import pennylane as qml
    from pennylane.devices.default_mixed import stopping_condition

    return stopping_condition(op) and not hasattr(qml.templates, op.name)


def gates(tape: Any) -> tuple[list[Any], list[Any]]:
    """Return state preparations, and what follows in gates that default.mixed runs."""
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    # As qml.add_noise does: so what is folded is what the noise follows.
    [expanded], _ = decompose(
        tape,
        target_gates=qml.decomposition.gate_sets.ALL_OPS,
        stopping_condition=_is_whole,
        name="qmlcourse",
    )
    start, rest = prepared(expanded.operations)
    return start, [part for op in rest for part in (native(op) if is_gate(op) else [op])]


def prepared(operations: list[Any]) -> tuple[list[Any], list[Any]]:
    """Split off the preparations of the initial state; none may come later."""
    acts = [i for i, op in enumerate(operations) if is_gate(op) or isinstance(op, _channel())]
    first = acts[0] if acts else len(operations)
    start = [op for op in operations[:first] if isinstance(op, _preparations())]
    rest = [op for op in operations[:first] if not isinstance(op, _preparations())]
    for op in operations[first:]:
        if isinstance(op, _preparations()):
            raise ValueError(f"circuit must prepare its state at the start; got {op.name}.")
    return start, rest + list(operations[first:])


def _check_operation(op: Any, name: str) -> None:
    import pennylane as qml

    if isinstance(op, (qml.ops.MidMeasure, qml.ops.PauliMeasure, qml.ops.Conditional)):
        raise ValueError(f"{name} must measure at its end only; got {brief(op)}.")
    if isinstance(op, qml.operation.CVOperation) or ".qutrit" in type(op).__module__:
        raise ValueError(f"{name} must act on qubits; got {op.name}.")
    if not is_gate(op):
        return
    if not op.has_matrix and not op.has_decomposition:
        raise ValueError(f"{name} must hold gates with a matrix; {op.name} has none.")
    if not _unitary(op):
        raise ValueError(f"{name} must hold unitary gates and channels; got {brief(op)}.")


def _unitary(op: Any) -> bool:
    """Return whether an operator is a gate rather than an observable or a sum."""
    import pennylane as qml

    math = qml.ops.op_math
    if isinstance(op, (math.Adjoint, math.Pow, math.Controlled)):
        return _unitary(op.base)
    if isinstance(op, math.Prod):
        return all(map(_unitary, op.operands))
    observables = (qml.Hermitian, qml.Projector, qml.SparseHamiltonian)
    doubtful = (*observables, math.SymbolicOp, qml.QubitUnitary, qml.DiagonalQubitUnitary)
    if isinstance(op, qml.operation.Operation) and not isinstance(op, doubtful):
        return True
    if any(map(qml.math.is_abstract, op.data)):
        return True
    if not op.has_matrix:
        return op.has_decomposition
    matrix = np.asarray(qml.math.unwrap(op.matrix()))
    return bool(
        np.allclose(matrix @ matrix.conj().swapaxes(-1, -2), np.eye(matrix.shape[-1]), atol=1e-6)
    )


def _check_parameters(op: Any, name: str, bound: bool) -> None:
    import pennylane as qml

    for value in op.data:
        if qml.math.is_abstract(value):
            if bound:
                raise ValueError(f"{name} must have numbers for its parameters; got {brief(op)}.")
            continue
        array = np.asarray(value.toarray() if hasattr(value, "toarray") else _plain(value))
        if array.dtype.kind not in "biufc":
            if bound:
                raise TypeError(f"{name} must have numbers for its parameters; got {brief(op)}.")
        elif not np.isfinite(array).all():
            raise ValueError(f"{name} must have finite parameters; got {brief(op)}.")


def _plain(value: Any) -> Any:
    import pennylane as qml

    return qml.math.to_numpy(value) if qml.math.get_interface(value) != "autograd" else value


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


def _preparations() -> tuple[Any, ...]:
    import pennylane as qml

    return (qml.operation.StatePrepBase, qml.QubitDensityMatrix)


def _channel() -> Any:
    import pennylane as qml

    return qml.operation.Channel
