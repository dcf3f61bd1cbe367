"""PennyLane's circuits in Cirq."""

import copy
import inspect
from collections.abc import Callable
from functools import partial
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from .._circuits import circuit as checked
from .._operations import is_gate

if TYPE_CHECKING:
    import cirq
    import pennylane as qml


def to_cirq(
    circuit: "qml.tape.QuantumScript | Callable[..., Any]", *args: object, **kwargs: object
) -> "cirq.Circuit":
    r"""Translate a PennyLane circuit to Cirq.

    Wire k becomes ``cirq.LineQubit(k)``, so that qubit 0 stays the most significant bit of
    the state, and every wire stands in the circuit. Wires that are not all integers are numbered
    in the circuit's order, for a QNode that measures all wires its device's. The state is
    PennyLane's up to a global phase. Measurements are left out.

    Parameters
    ----------
    circuit : QuantumScript, QNode or quantum function
        Gates that Cirq lacks are decomposed, and so are prepared states; a gate without a
        decomposition becomes a ``cirq.MatrixGate``, a channel a ``cirq.KrausChannel``.
    *args, **kwargs
        Arguments of the QNode or function.

    Returns
    -------
    cirq.Circuit

    Raises
    ------
    TypeError
        If ``circuit`` is neither a script nor callable.
    ValueError
        If it holds batches of parameters, measures before its end or has no counterpart.
    ImportError
        If pennylane-cirq is not installed (extra ``cirq``).

    Notes
    -----
    Used in the chapters *Circuits* and *Parameter shift*.

    Examples
    --------
    >>> import pennylane as qml
    >>> script = qml.tape.QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])])
    >>> print(to_cirq(script))
    0: ───H───@───
              │
    1: ───────X───
    """
    import pennylane as qml

    try:
        import cirq
        from pennylane_cirq import SimulatorDevice
    except ImportError as error:
        raise ImportError("Cirq is needed here: pip install 'qmlcourse[cirq]'.") from error

    script, order = _script(circuit, args, kwargs)
    # Cirq's own conversions live in the plugin's device; only its map is wanted.
    gates = SimulatorDevice(wires=1)._operation_map
    known = {name for name, gate in gates.items() if gate is not None}
    qubits = {wire: cirq.LineQubit(k) for wire, k in order.items()}
    translated = cirq.Circuit()
    for op in _expanded(script, known):
        on = [qubits[wire] for wire in op.wires]
        if op.name in known:
            gates[op.name].parametrize(*map(qml.math.to_numpy, op.parameters))
            translated.append(gates[op.name].apply(*on))
        elif isinstance(op, qml.operation.Channel):
            kraus = [np.asarray(k, dtype=complex) for k in op.kraus_matrices()]
            if not np.allclose(sum(k.conj().T @ k for k in kraus), np.eye(2 ** len(on))):
                raise ValueError(f"circuit must hold channels that keep probability; got {op}.")
            translated.append(cirq.KrausChannel(kraus).on(*on))
        else:
            matrix = np.asarray(qml.matrix(op, wire_order=op.wires))
            translated.append(cirq.MatrixGate(matrix).on(*on))
    idle = set(qubits.values()) - set(translated.all_qubits())
    translated.append(cirq.I(qubit) for qubit in sorted(idle))
    return translated


def _script(
    given: Any, args: tuple[object, ...], kwargs: dict[str, object]
) -> tuple[Any, dict[Any, int]]:
    """Return the tape, checked, and the number of each wire's qubit."""
    import pennylane as qml

    device = None
    if isinstance(given, qml.QNode):
        device, qnode = given.device, copy.copy(given)
        try:
            inspect.signature(given.func).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"circuit must be called with its arguments: {error}.") from error
        qnode.func = partial(given.func, **kwargs)
        script = checked(qnode, args)
    elif isinstance(given, qml.tape.QuantumScript):
        if kwargs:
            raise TypeError("Arguments go with a QNode or function; a script has its numbers.")
        script = checked(given, args)
    elif callable(given):
        script = checked(qml.tape.make_qscript(given)(*args, **kwargs))
    else:
        raise TypeError(f"circuit must be a QuantumScript, QNode or function; got {given!r}.")
    wires = script.wires.tolist()
    if any(isinstance(wire, tuple) for wire in wires):
        # PennyLane's decompositions take a label that is a tuple for several wires.
        numbers = {wire: k for k, wire in enumerate(_in_order(wires, device))}
        [script], _ = qml.map_wires(script, numbers)
        return script, {k: k for k in numbers.values()}
    if all(isinstance(wire, Integral) and int(wire) >= 0 for wire in wires):
        return script, {wire: int(wire) for wire in wires}
    return script, {wire: k for k, wire in enumerate(_in_order(wires, device))}


def _in_order(wires: list[Any], device: Any) -> list[Any]:
    """Return the wires in the order of the device if they are its, as they came otherwise."""
    if device is not None and device.wires is not None and set(device.wires) <= set(wires):
        return list(device.wires.tolist())
    return wires


def _expanded(script: Any, known: set[str]) -> list[Any]:
    """Return operations that are known, have a matrix or are channels."""
    import pennylane as qml

    def stops(op: Any) -> bool:
        if op.name in known or isinstance(op, qml.operation.Channel):
            return True
        return op.has_matrix and not op.has_decomposition

    kept = (qml.operation.Channel, qml.operation.StatePrepBase)
    operations = [op for op in script.operations if is_gate(op) or isinstance(op, kept)]
    lost = [op for op in script.operations if isinstance(op, qml.QubitDensityMatrix)]
    if lost:
        raise ValueError(f"circuit must prepare pure states for Cirq; got {lost[0].name}.")
    try:
        [expanded], _ = qml.devices.preprocess.decompose(
            qml.tape.QuantumScript(operations),
            stopping_condition=stops,
            skip_initial_state_prep=False,
            name="Cirq",
        )
    except qml.exceptions.DeviceError as error:
        raise ValueError(f"circuit holds a gate that Cirq lacks: {error}") from error
    # What acts on no wire, or does nothing, has no counterpart.
    return [op for op in expanded.operations if is_gate(op) or isinstance(op, kept)]
