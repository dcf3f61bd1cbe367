"""Circuits for a device of IBM's: compiled, and the calibration of what they use."""

import base64
import io
from typing import Any

from ._ibm_fakes import readout_errors
from ._tapes import Prepared


def compile_circuits(
    prepared: list[Prepared], seeds: list[int | None], backend: Any, level: int = 0
) -> list[dict[str, Any]]:
    """Compile circuits to a backend's gates, those as wide on the same qubits, the largest's best.

    Optimization level 0 keeps every gate, folded ones too; 1 merges and cancels gates. The qubits
    come from level 3, which weighs the calibration's errors.
    """
    from qiskit import qasm2, qasm3
    from qiskit.transpiler import generate_preset_pass_manager

    seed = next((s for s in seeds if s is not None), 7)  # a device's circuits share one
    gates = qasm2.LEGACY_CUSTOM_INSTRUCTIONS
    circuits = [qasm2.loads(ready.source, custom_instructions=gates) for ready in prepared]
    compiled: dict[int, Any] = {}
    for width in {circuit.num_qubits for circuit in circuits}:
        group = [c for c in circuits if c.num_qubits == width]
        largest = max(group, key=lambda c: c.num_nonlocal_gates())
        common = {"backend": backend, "seed_transpiler": seed}
        best = generate_preset_pass_manager(optimization_level=3, **common).run(largest)
        layout = best.layout.initial_index_layout(filter_ancillas=True)
        keep = generate_preset_pass_manager(
            optimization_level=level, initial_layout=layout, **common
        )
        compiled.update({id(c): (keep.run(c), layout) for c in group})
    native, result = set(backend.target.operation_names), []
    for circuit, source, own in zip(circuits, prepared, seeds, strict=True):
        ready, layout = compiled[id(circuit)]
        foreign = {gate for gate in ready.count_ops() if gate not in native and gate != "barrier"}
        if foreign:
            raise RuntimeError(f"{backend.name} has no gate {', '.join(sorted(foreign))}.")
        result.append(
            {
                "compiled": qasm3.dumps(ready),
                "language": "openqasm3",
                "qubits": [str(q) for q in layout],
                "calibration": _calibration(backend, ready),
                "wires": source.wires,
                "source": source.source,
                "seed": own,
                "program": packed(ready),
            }
        )
    return result


def _calibration(backend: Any, circuit: Any) -> dict[str, Any]:
    """Return errors and times of the qubits and gates that a compiled circuit uses."""
    target, properties = backend.target, backend.properties()
    gates: dict[str, Any] = {}
    qubits: dict[str, Any] = {}
    for instruction in circuit.data:
        name = instruction.operation.name
        where = tuple(circuit.find_bit(q).index for q in instruction.qubits)
        known = target[name].get(where) if name in target.operation_names else None
        if known is not None:
            label = f"{name} {'-'.join(map(str, where))}"
            gates[label] = {"error": known.error, "s": known.duration}
            for qubit in where:
                times = target.qubit_properties[qubit]
                # By the names that the stand-ins use: what mitigates theirs mitigates these.
                e10, e01 = readout_errors(qubit, properties, target)
                qubits[str(qubit)] = {
                    "t1_s": times.t1, "t2_s": times.t2, "reads_1_for_0": e10, "reads_0_for_1": e01,
                }  # fmt: skip
    measured = properties.last_update_date.isoformat() if properties is not None else None
    return {"time": measured, "values": {"qubits": qubits, "gates": gates}}


def packed(circuit: Any) -> str:
    """Return a compiled circuit as text."""
    from qiskit import qpy

    buffer = io.BytesIO()
    qpy.dump(circuit, buffer)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def unpacked(program: str) -> Any:
    """Return the circuit again."""
    from qiskit import qpy

    return qpy.load(io.BytesIO(base64.b64decode(program)))[0]
