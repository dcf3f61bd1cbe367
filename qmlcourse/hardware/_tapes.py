"""Circuits as backends take them: few kinds of gates, wires 0 to n - 1, read in the Z basis."""

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pennylane as qml

# Each stands in OpenQASM 2's standard library, in Cirq and in Qiskit.
ONE_QUBIT = {
    "RX", "RY", "RZ", "PhaseShift", "Hadamard", "PauliX", "PauliY", "PauliZ", "S", "T",
    "Adjoint(S)", "Adjoint(T)",
}  # fmt: skip
TWO_QUBIT = {"CNOT", "CZ", "SWAP"}
_NOTHING = {"GlobalPhase", "Barrier", "Identity", "Snapshot"}  # changes no count


class Prepared(NamedTuple):
    """A circuit in the common gates, and what its wires were called."""

    tape: "qml.tape.QuantumScript"  # wires 0 to n - 1
    wires: list[int | str]  # label of each
    source: str  # OpenQASM 2


def prepare(circuit: Any, args: Sequence[Any] = ()) -> Prepared:
    """Expand a tape, or a QNode called with ``args``, and check that a backend can run it."""
    import pennylane as qml

    if isinstance(circuit, qml.QNode):
        circuit = qml.workflow.construct_tape(circuit)(*args)
    elif not isinstance(circuit, qml.tape.QuantumScript):
        raise TypeError(
            f"circuit must be a PennyLane tape or QNode, or a list of them; got {circuit!r}."
        )
    elif args:
        raise TypeError("args go with a QNode; a tape has its numbers already.")
    if circuit.batch_size is not None:
        raise ValueError(
            f"circuit must have one number for each parameter; got batches of {circuit.batch_size}."
        )
    for measurement in circuit.measurements:
        _check_measurement(measurement)
    wires = _labels(circuit)
    operations = circuit.operations
    if any(op.name not in ONE_QUBIT | TWO_QUBIT for op in operations):
        operations = _expand(operations)
    order = {wire: k for k, wire in enumerate(wires)}
    operations = [_plain(op).map_wires(order) for op in operations]
    tape = qml.tape.QuantumScript(operations, [qml.counts(wires=range(len(wires)))])
    source = qml.to_openqasm(tape, wires=tape.wires.__class__(range(len(wires))), rotations=False)
    return Prepared(tape, [w if isinstance(w, int) else str(w) for w in wires], source)


def check_wires(n_wires: int, most: int, name: str) -> None:
    """Raise if a circuit is too large for a backend."""
    if n_wires > most:
        raise ValueError(f"circuit must have at most {most} wires on {name}; got {n_wires}.")


def _labels(circuit: "qml.tape.QuantumScript") -> list[Any]:
    # NumPy's integers are wires like Python's.
    labels = [int(w) if isinstance(w, Integral) else w for w in circuit.wires.tolist()]
    if not labels:
        raise ValueError("circuit must have at least one wire; got none.")
    # Integers in their own order: then wire 0 comes first, whichever gate came first.
    return sorted(labels) if all(isinstance(label, int) for label in labels) else labels


def _check_measurement(measurement: Any) -> None:
    import pennylane as qml

    allowed = (qml.measurements.ProbabilityMP, qml.measurements.CountsMP, qml.measurements.SampleMP)
    averages = (qml.measurements.ExpectationMP, qml.measurements.VarianceMP)
    obs = measurement.obs
    if isinstance(measurement, allowed) and obs is None and measurement.mv is None:
        return
    if isinstance(measurement, allowed + averages) and obs is not None:
        words = obs.pauli_rep or {}
        if words and all(letter == "Z" for word in words for letter in word.values()):
            return
    raise ValueError(
        "circuit must end in measurements of the Z basis (counts, probs, sample, or expval of "
        f"products of Z), so rotate first; got {measurement}."
    )


def _expand(operations: list[Any]) -> list[Any]:
    import pennylane as qml

    try:
        (script,), _ = qml.devices.preprocess.decompose(
            qml.tape.QuantumScript(operations),
            stopping_condition=lambda op: op.name in ONE_QUBIT | TWO_QUBIT | _NOTHING,
            skip_initial_state_prep=False,
            name="the backend",
        )
    except qml.exceptions.DeviceError as error:
        raise ValueError(f"circuit holds a gate that no backend runs: {error}") from error
    return [op for op in script.operations if op.name not in _NOTHING]


def _plain(op: Any) -> Any:
    """Return the gate with Python floats, whatever library its angles came from."""
    import pennylane as qml

    angles = [float(parameter) for parameter in op.parameters]
    if not np.isfinite(angles).all():
        raise ValueError(f"circuit must have finite angles; got {op}.")
    return qml.ops.functions.bind_new_parameters(op, angles) if angles else op
