"""Stand-ins of IBM's chips: snapshots of calibrations that qiskit-ibm-runtime ships."""

import datetime
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx

from .. import _checks
from . import _chips, _placement
from ._backend import CALIBRATED, Result, now
from ._tapes import Prepared

_NATIVE = {"CNOT": 1, "CZ": 1, "SWAP": 3}
_GATES = ("cz", "ecr", "cx")  # a chip has one of these on its pairs
# Snapshots without errors of gates or readout, or with invented ones: no calibration to go by.
_UNUSABLE = {
    "fake_almaden", "fake_armonk", "fake_boeblingen", "fake_burlington", "fake_cambridge",
    "fake_essex", "fake_fractional", "fake_johannesburg", "fake_kyoto", "fake_london",
    "fake_nighthawk", "fake_poughkeepsie", "fake_rochester", "fake_singapore",
}  # fmt: skip
_BYTES_A_SHOT = 120  # of Aer, measured
_TRANSPILER_SEED = 7  # fixed, so that a circuit compiles to the same gates whatever the shots' seed


def names() -> list[str]:
    """Return the snapshots that are installed, without importing Qiskit."""
    spec = find_spec("qiskit_ibm_runtime")
    if spec is None or not spec.submodule_search_locations:
        return []
    folder = Path(spec.submodule_search_locations[0]) / "fake_provider" / "backends"
    found = {f"fake_{path.parent.name}" for path in folder.glob("*/props_*.json")}
    return sorted(found - _UNUSABLE)


class _Chip(NamedTuple):
    target: Any
    properties: Any
    gate: str
    one_qubit: list[str]
    readout: dict[int, float]
    pairs: dict[frozenset[Any], float]


@cache
def _chip(name: str) -> _Chip:
    from qiskit_ibm_runtime import fake_provider

    made = (c for c in vars(fake_provider).values() if getattr(c, "backend_name", None) == name)
    backend = next(made)()
    target, properties = backend.target, backend.properties()
    gate = next(g for g in _GATES if g in target.operation_names)
    pairs: dict[frozenset[Any], float] = {}
    for pair, values in target[gate].items():
        error = 1.0 if values is None or values.error is None else values.error
        cost = _placement.log_error(error)
        # The worse direction: there are chips on which one of the two is broken.
        pairs[frozenset(pair)] = max(cost, pairs.get(frozenset(pair), cost))
    readout = {}
    for q in range(target.num_qubits):
        values = target["measure"].get((q,))
        known = values is not None and values.error is not None
        readout[q] = _placement.log_error(values.error if known else 1.0)
    one_qubit = [g for g in ("id", "rz", "sx", "x") if g in target.operation_names]
    return _Chip(target, properties, gate, one_qubit, readout, pairs)


@dataclass
class IBMFake:
    """A snapshot's gate errors, T1, T2 and readout, simulated by Aer with a density matrix.

    Only the qubits used are simulated, so that a chip of 133 takes no longer than one of 5.
    """

    device: str
    optimize: int = 1
    qubits: tuple[str, ...] | None = None
    kind: str = CALIBRATED
    provider: str = "IBM"

    def __post_init__(self) -> None:
        self.name = f"ibm/{self.device}"

    def missing(self) -> str | None:
        """Return what keeps it from being used here."""
        if find_spec("qiskit_ibm_runtime") and find_spec("qiskit_aer"):
            return None
        return "Qiskit is not installed: pip install 'qmlcourse[qiskit]'."

    def check(self, circuit: Prepared, shots: int) -> None:
        """Raise if the circuit, or its number of shots, is too large, or no qubits are its."""
        _checks.memory(_BYTES_A_SHOT * shots, f"{shots:,} shots")
        chip = _chip(self.device)
        asked = _chips.check(circuit, self.qubits, {str(q): q for q in chip.readout}, self.name)
        if asked is not None:
            _check_connected(asked, chip)

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> Iterator[Result]:
        """Compile, run and read each circuit."""
        return (self._one(c, shots, seed) for c, seed in zip(circuits, seeds, strict=True))

    def _one(self, prepared: Prepared, shots: int, seed: int | None) -> Result:
        from qiskit import qasm2, transpile
        from qiskit_aer import AerSimulator

        started = now()
        _checks.memory(_BYTES_A_SHOT * shots, f"{shots:,} shots")
        chip = _chip(self.device)
        qubits = self._choose(prepared, chip)
        target, noise = _part(self.device, tuple(qubits))
        circuit = transpile(
            qasm2.loads(prepared.source, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS),
            target=target,
            initial_layout=list(range(len(qubits))),
            optimization_level=self.optimize,
            seed_transpiler=_TRANSPILER_SEED,
        )
        check_native(circuit, target)
        simulator = AerSimulator(
            noise_model=noise, method="density_matrix", seed_simulator=seed, max_parallel_threads=1
        )
        # Qiskit writes the last bit first.
        raw = simulator.run(circuit, shots=shots).result().get_counts()
        counts = {word[::-1]: int(n) for word, n in sorted(raw.items(), key=lambda i: i[0][::-1])}
        return Result(
            counts, None, qasm2.dumps(circuit), "openqasm2", [str(q) for q in qubits],
            _values(qubits, chip), started, now(),
        )  # fmt: skip

    def _choose(self, circuit: Prepared, chip: _Chip) -> list[int]:
        named = {str(q): q for q in chip.readout}
        chosen = _chips.choose(
            circuit, self.qubits, named, _NATIVE, chip.readout, chip.pairs, self.name
        )
        _check_connected(chosen, chip)
        return chosen


def _check_connected(chosen: list[int], chip: _Chip) -> None:
    if not nx.is_connected(_placement.connections(chosen, chip.pairs)):
        raise ValueError(f"qubits must be connected; got {[str(q) for q in chosen]}.")


@cache
def _part(name: str, qubits: tuple[int, ...]) -> tuple[Any, Any]:
    """Return the chip cut down to these qubits, numbered from 0, and its noise model."""
    from qiskit.transpiler import Target
    from qiskit_aer.noise import NoiseModel, ReadoutError
    from qiskit_aer.noise.device import basic_device_gate_errors

    chip = _chip(name)
    place = {q: k for k, q in enumerate(qubits)}
    target = Target(
        num_qubits=len(qubits),
        dt=chip.target.dt,
        qubit_properties=[chip.target.qubit_properties[q] for q in qubits],
    )
    for operation in (*chip.one_qubit, chip.gate, "measure"):
        kept = {
            tuple(place[q] for q in where): values
            for where, values in chip.target[operation].items()
            if set(where) <= set(qubits)
        }
        if kept:
            target.add_instruction(chip.target.operation_from_name(operation), kept)
    noise = NoiseModel(basis_gates=[*chip.one_qubit, chip.gate])
    with warnings.catch_warnings():
        # T2 above its bound 2 T1 is cut to it; the module says so for each.
        warnings.filterwarnings("ignore", module=r"qiskit_aer\.noise.*")
        errors = basic_device_gate_errors(target=target)
    for operation, where, error in errors:
        noise.add_quantum_error(error, operation, where)
    for q, k in place.items():
        e10, e01 = readout_errors(q, chip.properties, chip.target)
        noise.add_readout_error(ReadoutError([[1 - e10, e10], [e01, 1 - e01]]), [k])
    return target, noise


def readout_errors(qubit: int, properties: Any, target: Any) -> tuple[float, float]:
    """Return how often the qubit reads 1 for 0, and 0 for 1."""
    known = properties.qubit_property(qubit) if properties is not None else {}
    if "prob_meas1_prep0" in known and "prob_meas0_prep1" in known:
        return known["prob_meas1_prep0"][0], known["prob_meas0_prep1"][0]
    return (target["measure"][(qubit,)].error,) * 2


def _values(qubits: list[int], chip: _Chip) -> dict[str, Any]:
    """Return the calibration of the qubits used, and of the pairs among them."""
    stamp = chip.properties.last_update_date.astimezone(datetime.UTC)
    values: dict[str, Any] = {"qubits": {}, "pairs": {}}
    for q in qubits:
        relaxation, sx = chip.target.qubit_properties[q], chip.target["sx"][(q,)]
        e10, e01 = readout_errors(q, chip.properties, chip.target)
        values["qubits"][str(q)] = {
            "t1_s": relaxation.t1, "t2_s": relaxation.t2, "sx_error": sx.error,
            "sx_s": sx.duration, "reads_1_for_0": e10, "reads_0_for_1": e01,
        }  # fmt: skip
    for pair in combinations(sorted(qubits), 2):
        for a, b in (pair, pair[::-1]):
            gate = chip.target[chip.gate].get((a, b))
            if gate is not None:
                values["pairs"][f"{a}-{b}"] = {
                    f"{chip.gate}_error": gate.error, f"{chip.gate}_s": gate.duration,
                }  # fmt: skip
    return {"time": stamp.isoformat(timespec="seconds"), "values": values}


def check_native(circuit: Any, target: Any) -> None:
    """Raise unless every instruction is one of the chip's, on qubits that have it."""
    for instruction in circuit.data:
        name = instruction.operation.name
        where = tuple(circuit.find_bit(q).index for q in instruction.qubits)
        if name != "barrier" and not target.instruction_supported(name, where):
            raise RuntimeError(
                f"Compiling left a gate that is not native to the chip: {name} on {where}."
            )
