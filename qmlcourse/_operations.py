"""Which operations circuits may hold: gates of qubits, channels, states; and what each is."""

from typing import Any

import numpy as np


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
    return len(op.wires) > 0 and not isinstance(op, (*nothing, *preparations(), channel()))


def check_operation(op: Any, name: str) -> None:
    import pennylane as qml

    if isinstance(op, (qml.ops.MidMeasure, qml.ops.PauliMeasure, qml.ops.Conditional)):
        raise ValueError(f"{name} must measure at its end only; got {brief(op)}.")
    if isinstance(op, qml.operation.CVOperation) or ".qutrit" in type(op).__module__:
        raise ValueError(f"{name} must act on qubits; got {op.name}.")
    _check_state(op, name)
    if not is_gate(op):
        return
    if not op.has_matrix and not op.has_decomposition:
        raise ValueError(f"{name} must hold gates with a matrix; {op.name} has none.")
    if not _unitary(op):
        raise ValueError(f"{name} must hold unitary gates and channels; got {brief(op)}.")
    if not _is_own(op) and not op.has_matrix:
        with qml.QueuingManager.stop_recording():
            parts = _base(op).decomposition()
        for part in parts:
            check_operation(part, name)


def _check_state(op: Any, name: str) -> None:
    """Raise unless what is prepared is a state: PennyLane can be told not to look."""
    import pennylane as qml

    if not isinstance(op, (qml.StatePrep, qml.QubitDensityMatrix)) or any(
        map(qml.math.is_abstract, op.data)
    ):
        return
    [given] = op.data
    array = np.asarray(given.toarray() if hasattr(given, "toarray") else _plain(given))
    if array.dtype.kind not in "biufc":  # boxes that autograd follows
        return
    if isinstance(op, qml.StatePrep):
        total = np.sum(np.abs(array) ** 2, axis=-1)
        fine = True
    else:
        total = np.trace(array, axis1=-2, axis2=-1)
        adjoint = array.conj().swapaxes(-1, -2)
        fine = np.allclose(array, adjoint, atol=1e-6) and np.linalg.eigvalsh(array).min() > -1e-6
    if not fine or not np.allclose(total, 1, atol=1e-6):
        raise ValueError(f"{name} must prepare a state, of norm or trace 1; got {brief(op)}.")


def _base(op: Any) -> Any:
    """Return what is controlled, inverted or raised to a power."""
    import pennylane as qml

    math = qml.ops.op_math
    while isinstance(op, (math.Adjoint, math.Pow, math.Controlled)):
        op = op.base
    return op


def _is_own(op: Any) -> bool:
    """Return whether an operator is of PennyLane's own classes, with all that it is made of."""
    base = _base(op)
    return _is_pennylanes(type(base)) and all(map(_is_own, getattr(base, "operands", ())))


def _is_pennylanes(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "pennylane"


def under_no_others_name(op: Any) -> list[Any]:
    """Return an operation in gates that are what their names say.

    PennyLane, Cirq and OpenQASM go by names: a class of the reader's own that is called RX would
    be taken for theirs, and one derived from RX, with another matrix, decomposes as RX does.
    """
    import pennylane as qml

    if not _borrows(op):
        return [op]
    with qml.QueuingManager.stop_recording():
        if isinstance(op, channel()):
            return [qml.QubitChannel(op.kraus_matrices(), wires=op.wires)]
        product = isinstance(_base(op), qml.ops.op_math.Prod) and op.has_decomposition
        if op.has_matrix and not product:
            return [qml.QubitUnitary(qml.matrix(op, wire_order=op.wires), wires=op.wires)]
        return [part for each in op.decomposition() for part in under_no_others_name(each)]


def _borrows(op: Any) -> bool:
    """Return whether a name, or a decomposition, is that of another operation of PennyLane's."""
    import pennylane as qml

    base = _base(op)
    if _is_own(base) or not (is_gate(base) or isinstance(base, channel())):
        return False
    if hasattr(qml, base.name):
        return True
    if not base.has_matrix:
        if isinstance(base, channel()):
            return False
        with qml.QueuingManager.stop_recording():
            return any(map(_borrows, base.decomposition()))
    given = {"compute_decomposition", "decomposition"}
    kinds = [kind for kind in type(base).__mro__ if given & set(vars(kind))]
    return base.has_decomposition and _is_pennylanes(kinds[0])


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
    if _is_own(op) and isinstance(op, qml.operation.Operation) and not isinstance(op, doubtful):
        return True
    if any(map(qml.math.is_abstract, op.data)):
        return True
    if not op.has_matrix:
        return op.has_decomposition
    matrix = np.asarray(qml.math.unwrap(op.matrix()))
    return bool(
        np.allclose(matrix @ matrix.conj().swapaxes(-1, -2), np.eye(matrix.shape[-1]), atol=1e-6)
    )


def with_real_angles(op: Any, name: str) -> Any:
    """Return an operation whose angles are real: PennyLane takes complex ones for what they say."""
    import pennylane as qml

    values = list(op.data)
    for k, is_angle in enumerate(_angles(op)):
        if not is_angle or qml.math.is_abstract(values[k]):
            continue
        array = np.asarray(_plain(values[k]))
        if array.dtype.kind != "c":
            continue
        if (array.imag != 0).any():
            raise ValueError(f"{name} must have real angles and probabilities; got {brief(op)}.")
        values[k] = qml.math.real(values[k])
    if all(new is old for new, old in zip(values, op.data, strict=True)):
        return op
    return qml.ops.functions.bind_new_parameters(op, values)


def _angles(op: Any) -> list[bool]:
    """Return which parameters are angles or probabilities, rather than matrices and states."""
    import pennylane as qml

    base = _base(op)
    none = [False] * len(op.data)
    if isinstance(base, qml.ops.op_math.Prod):
        found = [angle for part in base.operands for angle in _angles(part)]
        return found if len(found) == len(none) else none
    numbers = (qml.operation.Operation, qml.operation.Channel)
    if not _is_own(base) or not isinstance(base, numbers) or len(base.data) != len(none):
        return none
    if isinstance(base, (qml.ops.op_math.SymbolicOp, *preparations())):
        return none
    folders = ("pennylane.templates.layers", "pennylane.templates.embeddings")
    if type(base).__module__.startswith(folders):  # arrays of angles
        return [True] * len(none)
    ndims = base.ndim_params
    return [n == 0 for n in ndims] if len(ndims) == len(none) else none


def check_parameters(op: Any, name: str, bound: bool) -> None:
    import pennylane as qml

    for value in op.data:
        if qml.math.is_abstract(value):
            if bound:
                raise ValueError(f"{name} must have numbers for its parameters; got {brief(op)}.")
            continue
        if isinstance(value, np.ma.MaskedArray) and np.any(value.mask):
            raise ValueError(f"{name} must have no masked parameters; got {brief(op)}.")
        array = np.asarray(value.toarray() if hasattr(value, "toarray") else _plain(value))
        if array.dtype.kind not in "biufc":
            if bound:
                raise TypeError(f"{name} must have numbers for its parameters; got {brief(op)}.")
        elif not np.isfinite(array).all():
            raise ValueError(f"{name} must have finite parameters; got {brief(op)}.")


def _plain(value: Any) -> Any:
    import pennylane as qml

    if qml.math.get_interface(value) == "autograd":
        return value
    try:
        return qml.math.to_numpy(value)
    except ImportError:  # what it calls a symbol of SymPy
        return np.asarray(value, dtype=object)


def preparations() -> tuple[Any, ...]:
    import pennylane as qml

    return (qml.operation.StatePrepBase, qml.QubitDensityMatrix)


def channel() -> Any:
    import pennylane as qml

    return qml.operation.Channel
