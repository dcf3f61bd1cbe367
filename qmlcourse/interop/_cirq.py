"""PennyLane's circuits in Cirq."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import cirq
    import pennylane as qml


def to_cirq(
    circuit: "qml.tape.QuantumScript | Callable[..., Any]", *args: object, **kwargs: object
) -> "cirq.Circuit":
    r"""Translate a PennyLane circuit to Cirq.

    Wire k becomes ``cirq.LineQubit(k)``, so that qubit 0 stays the most significant bit of
    the state, and every wire stands in the circuit. Measurements are left out.

    Parameters
    ----------
    circuit : QuantumScript, QNode or quantum function
        With wires 0 to n − 1. Gates that Cirq lacks are decomposed.
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
        If the wires are not the integers from 0 on.
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
    import cirq
    import pennylane as qml
    from pennylane_cirq import SimulatorDevice

    if isinstance(circuit, qml.QNode):
        circuit = circuit.func
    if callable(circuit):
        circuit = qml.tape.make_qscript(circuit)(*args, **kwargs)
    elif not isinstance(circuit, qml.tape.QuantumScript):
        raise TypeError(f"circuit must be a QuantumScript, QNode or function; got {circuit!r}.")
    wires = sorted(circuit.wires.tolist())
    if wires != list(range(len(wires))):
        raise ValueError(f"circuit must use the wires 0 to n - 1; got {wires}.")
    device = SimulatorDevice(wires=len(wires))
    known = device.operations
    (script,), _ = qml.devices.preprocess.decompose(
        qml.tape.QuantumScript(circuit.operations),
        stopping_condition=lambda op: op.name in known,
        skip_initial_state_prep=False,
        name="Cirq",
    )
    # Cirq's own conversions live in the plugin's device; only its circuit is wanted.
    device.reset()
    translated = cirq.Circuit()
    for op in script.operations:
        gate = device._operation_map[op.name]
        gate.parametrize(*op.parameters)
        translated.append(gate.apply(*(cirq.LineQubit(w) for w in op.wires)))
    idle = set(cirq.LineQubit.range(len(wires))) - set(translated.all_qubits())
    translated.append(cirq.I(qubit) for qubit in sorted(idle))
    return translated
