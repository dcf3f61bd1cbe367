"""Stand-ins of Google's chips: Cirq's noise models of recorded calibrations."""

import datetime
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np

from .. import _checks
from . import _chips, _placement
from ._backend import CALIBRATED, Result, now
from ._tapes import Prepared

if TYPE_CHECKING:
    import cirq

CHIPS = ("weber", "rainbow")
_NATIVE = {"CNOT": 2, "CZ": 2, "SWAP": 3}  # square roots of iSWAP
# "Parallel": measured while other pairs run too. The noise model takes these.
_PAIR = "two_qubit_parallel_sqrt_iswap_gate_xeb_pauli_error_per_cycle"
_QUBIT = (
    "single_qubit_p00_error", "single_qubit_p11_error", "single_qubit_rb_pauli_error_per_gate",
    "single_qubit_idle_t1_micros",
)  # fmt: skip


class _Chip(NamedTuple):
    noise: Any
    device: Any
    specification: Any
    calibration: Any
    qubits: dict[str, Any]  # "row_column" to cirq.GridQubit
    readout: dict[Any, float]
    pairs: dict[frozenset[Any], float]


@cache
def _chip(name: str) -> _Chip:
    """Build what a virtual engine is made of, once: the noise model takes longest."""
    import cirq_google
    from cirq_google.engine import virtual_engine_factory as factory

    calibration: Any = factory.load_median_device_calibration(name)
    properties = cirq_google.noise_properties_from_calibration(calibration)
    device: Any = factory.create_device_from_processor_id(name)
    graph = device.metadata.nx_graph
    p00, p11 = calibration["single_qubit_p00_error"], calibration["single_qubit_p11_error"]
    errors = {frozenset(pair): values[0] for pair, values in calibration[_PAIR].items()}
    return _Chip(
        cirq_google.NoiseModelFromGoogleNoiseProperties(properties),
        device,
        factory.create_device_spec_from_processor_id(name),
        calibration,
        {f"{q.row}_{q.col}": q for q in sorted(graph.nodes)},
        {q: _placement.log_error((p00[(q,)][0] + p11[(q,)][0]) / 2) for q in graph.nodes},
        {frozenset(e): _placement.log_error(errors[frozenset(e)]) for e in graph.edges},
    )


@dataclass
class Google:
    """The virtual engine with a density matrix: its samples are the noise model's, exactly.

    ``optimize=0`` compiles each gate by itself, so that folded gates stay.
    """

    device: str
    optimize: int = 1
    qubits: tuple[str, ...] | None = None
    kind: str = CALIBRATED
    provider: str = "Google"

    def __post_init__(self) -> None:
        self.name = f"google/{self.device}"

    def missing(self) -> str | None:
        """Return what keeps it from being used here."""
        if find_spec("cirq_google") and find_spec("pennylane_cirq"):
            return None
        return "Cirq is not installed: pip install 'qmlcourse[cirq]'."

    def check(self, circuit: Prepared, shots: int) -> None:
        """Raise if the circuit, or its number of shots, is too large, or no qubits are its."""
        _checks.memory(16 * shots * len(circuit.wires), f"{shots:,} shots")
        _chips.check(circuit, self.qubits, _chip(self.device).qubits, self.name)

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> Iterator[Result]:
        """Compile, run and read each circuit."""
        return (self._one(c, shots, seed) for c, seed in zip(circuits, seeds, strict=True))

    def _one(self, prepared: Prepared, shots: int, seed: int | None) -> Result:
        import cirq
        from cirq_google.engine import SimulatedLocalProcessor

        started = now()
        _checks.memory(16 * shots * len(prepared.wires), f"{shots:,} shots")
        chip = _chip(self.device)
        qubits = _chips.choose(
            prepared, self.qubits, chip.qubits, _NATIVE, chip.readout, chip.pairs, self.name
        )
        circuit = compile_circuit(prepared.tape, qubits, chip.pairs, self.optimize)
        check_native(circuit, chip.pairs)
        processor = SimulatedLocalProcessor(
            processor_id=self.device,
            sampler=cirq.DensityMatrixSimulator(noise=chip.noise, seed=seed, dtype=np.complex128),
            device=chip.device,
            calibrations={chip.calibration.timestamp // 1000: chip.calibration},
            device_specification=chip.specification,
        )
        bits = processor.get_sampler().run(circuit, repetitions=shots).measurements["z"]
        words, numbers = np.unique(bits, axis=0, return_counts=True)
        counts = {
            "".join(map(str, w)): int(n) for w, n in zip(words.tolist(), numbers, strict=True)
        }
        return Result(
            counts, None, cirq.to_json(circuit, indent=None), "cirq-json",
            [f"{q.row}_{q.col}" for q in qubits], _values(qubits, chip), started, now(),
        )  # fmt: skip


def _values(qubits: list[Any], chip: _Chip) -> dict[str, Any]:
    """Return the calibration of the qubits used, and of the pairs among them."""
    stamp = datetime.datetime.fromtimestamp(chip.calibration.timestamp / 1000, datetime.UTC)
    pairs = {frozenset(p): values[0] for p, values in chip.calibration[_PAIR].items()}
    names = {q: f"{q.row}_{q.col}" for q in qubits}
    return {
        "time": stamp.isoformat(timespec="seconds"),
        "values": {
            "qubits": {
                names[q]: {key: chip.calibration[key][(q,)][0] for key in _QUBIT} for q in qubits
            },
            "pairs": {
                f"{names[a]}-{names[b]}": {_PAIR: pairs[frozenset((a, b))]}
                for a, b in combinations(sorted(qubits), 2)
                if frozenset((a, b)) in chip.pairs
            },
        },
    }


def compile_circuit(
    tape: Any, qubits: list[Any], pairs: dict[frozenset[Any], float], optimize: int
) -> "cirq.Circuit":
    """Return the circuit on these qubits in native gates, with the measurement of all wires."""
    import cirq

    from ..interop import to_cirq

    graph = _placement.connections(qubits, pairs)
    place: dict[Any, Any] = dict(zip(cirq.LineQubit.range(len(qubits)), qubits, strict=True))
    routed = []
    for op in to_cirq(tape).all_operations():
        if len(op.qubits) == 2:
            a, b = op.qubits
            # From one end: a search from both ends may take another of several shortest ways.
            ways = nx.single_source_shortest_path(graph, place[a])
            if place[b] not in ways:
                raise ValueError(f"qubits must be connected; got no way from {place[a]}.")
            way = ways[place[b]]
            for here, there in pairwise(way[:-1]):
                routed.append(cirq.SWAP(here, there))
                swapped = {here: there, there: here}
                place = {wire: swapped.get(q, q) for wire, q in place.items()}
        if not isinstance(op.gate, cirq.IdentityGate):
            routed.append(op.transform_qubits(place))
    if optimize:
        circuit = _in_native_gates(cirq.Circuit(routed))
    else:
        circuit = cirq.Circuit(_alone(op) for op in routed)
    return circuit + cirq.Circuit(cirq.measure(*place.values(), key="z"))


def _alone(op: "cirq.Operation") -> "list[cirq.Operation]":
    """Return one gate in native ones, which no neighbor can cancel."""
    import cirq

    if len(op.qubits) == 1:
        return [cirq.PhasedXZGate.from_matrix(cirq.unitary(op)).on(*op.qubits)]
    place: dict[Any, Any] = dict(zip(cirq.LineQubit.range(2), op.qubits, strict=True))
    return [part.transform_qubits(place) for part in _pair_in_native_gates(op.gate)]


@cache
def _pair_in_native_gates(gate: "cirq.Gate") -> "tuple[cirq.Operation, ...]":
    import cirq

    pair = cirq.Circuit(gate.on(*cirq.LineQubit.range(2)))
    return tuple(_in_native_gates(pair).all_operations())


def _in_native_gates(circuit: "cirq.Circuit") -> "cirq.Circuit":
    import cirq

    with warnings.catch_warnings():
        # Cirq's own compiler triggers this notice about its next version.
        warnings.filterwarnings("ignore", message="In cirq 1.6", category=FutureWarning)
        return cirq.optimize_for_target_gateset(circuit, gateset=cirq.SqrtIswapTargetGateset())


def check_native(circuit: "cirq.Circuit", pairs: dict[frozenset[Any], float]) -> None:
    """Raise unless the noise model knows an error for every operation.

    It accepts other gates too, among them X, RY and PhasedX, and gives them none.
    """
    import cirq

    for op in circuit.all_operations():
        gate = op.gate
        if isinstance(gate, cirq.ISwapPowGate):
            native = gate.exponent == 0.5 and frozenset(op.qubits) in pairs
        else:
            native = isinstance(gate, (cirq.PhasedXZGate, cirq.MeasurementGate))
        if not native:
            raise RuntimeError(f"Compiling left a gate that is not native to the chip: {op}.")
