"""Circuits as backends take them: few kinds of gates, wires 0 to n - 1, read in the Z basis."""

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

from .._circuits import circuit as checked
from .._observables import settings

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

    if not isinstance(circuit, (qml.QNode, qml.tape.QuantumScript)):
        raise TypeError(
            f"circuit must be a PennyLane tape or QNode, or a list of them; got {circuit!r}."
        )
    device = circuit.device if isinstance(circuit, qml.QNode) else None
    circuit = checked(circuit, args)
    for measurement in circuit.measurements:
        _check_measurement(measurement, circuit)
    wires = _labels(circuit, device)
    order = {wire: k for k, wire in enumerate(wires)}
    # Numbered first: PennyLane's decompositions take a label that is a tuple for several wires.
    operations = [op.map_wires(order) for op in circuit.operations]
    if any(op.name not in ONE_QUBIT | TWO_QUBIT for op in operations):
        operations = _expand(operations)
    operations = [_plain(op) for op in operations]
    tape = qml.tape.QuantumScript(operations, [qml.counts(wires=range(len(wires)))])
    source = qml.to_openqasm(tape, wires=tape.wires.__class__(range(len(wires))), rotations=False)
    names = [label(wire) for wire in wires]
    if len(set(names)) < len(names):
        raise ValueError(f"circuit must have wires that differ as text; got {wires}.")
    return Prepared(tape, names, source)


def label(wire: Any) -> int | str:
    """Return a wire as a record names it: NumPy's integers are wires like Python's."""
    return int(wire) if isinstance(wire, Integral) else str(wire)


def check_wires(n_wires: int, most: int, name: str) -> None:
    """Raise if a circuit is too large for a backend."""
    if n_wires > most:
        raise ValueError(f"circuit must have at most {most} wires on {name}; got {n_wires}.")


def _labels(circuit: "qml.tape.QuantumScript", device: Any) -> list[Any]:
    labels = [int(w) if isinstance(w, Integral) else w for w in circuit.wires.tolist()]
    if not labels:
        raise ValueError("circuit must have at least one wire; got none.")
    if device is not None and device.wires is not None:
        whole = device.wires.tolist()
        # A QNode that measures all wires of its device gives them in the device's order.
        if any(m.obs is None and m.wires.tolist() == whole for m in circuit.measurements):
            return [int(w) if isinstance(w, Integral) else w for w in whole]
    # Integers in their own order: then wire 0 comes first, whichever gate came first.
    return sorted(labels) if all(isinstance(label, int) for label in labels) else labels


def _check_measurement(measurement: Any, circuit: Any) -> None:
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
        if not words and not any(s.rotations for s in settings(obs, circuit.wires)):
            return  # diagonal, such as the projector on a bit string
    raise ValueError(
        "circuit must end in measurements of the Z basis (counts, probs, sample, or expval of "
        f"products of Z); got {measurement}: hardware.executor measures other observables, or "
        "append their diagonalizing_gates() to the circuit."
    )


def _expand(operations: list[Any]) -> list[Any]:
    import pennylane as qml

    common = ONE_QUBIT | TWO_QUBIT | _NOTHING

    def bare(op: Any) -> bool:
        return op.name not in common and op.has_matrix and not op.has_decomposition

    # A gate of a matrix alone goes on as that: PennyLane takes unitaries of any size apart.
    parts = [
        qml.QubitUnitary(qml.matrix(op, wire_order=op.wires), op.wires) if bare(op) else op
        for op in _decomposed(operations, bare)
    ]
    return [op for op in _decomposed(parts, lambda op: False) if op.name not in _NOTHING]


def _decomposed(operations: list[Any], also: Callable[[Any], bool]) -> list[Any]:
    """Return the common gates, and what stands in the way of them if ``also`` says so."""
    import pennylane as qml

    known = ONE_QUBIT | TWO_QUBIT | _NOTHING
    try:
        (script,), _ = qml.devices.preprocess.decompose(
            qml.tape.QuantumScript(operations),
            stopping_condition=lambda op: op.name in known or also(op),
            skip_initial_state_prep=False,
            name="the backend",
        )
    except qml.exceptions.DeviceError as error:
        reason = " ".join(str(error).split())  # matrices take several lines
        raise ValueError(f"circuit holds a gate that no backend runs: {reason}") from error
    return list(script.operations)


def _plain(op: Any) -> Any:
    """Return the gate with Python floats, whatever library its angles came from."""
    import pennylane as qml

    angles = [float(parameter) for parameter in op.parameters]
    return qml.ops.functions.bind_new_parameters(op, angles) if angles else op
