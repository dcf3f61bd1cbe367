"""What every backend gives: a label, what is missing here, and raw results of circuits."""

from typing import Any, NamedTuple, Protocol

KINDS = ("exact simulation", "sampled simulation", "calibration-based simulation", "device")


class Result(NamedTuple):
    """What one circuit gave, as it came: :class:`qmlcourse.hardware.Record` adds the rest."""

    counts: dict[str, int] | None  # bit string, wire 0 first, to number of shots
    probabilities: dict[str, float] | None  # of an exact simulation only
    compiled: str  # the circuit that ran, in native gates
    language: str  # of ``compiled``: "openqasm2", "openqasm3", "cirq-json", ...
    qubits: list[str]  # physical qubit of each wire
    calibration: dict[str, Any] | None  # {"time": ISO 8601, "values": {...}} as used
    started: str  # ISO 8601, UTC
    ended: str
    job_id: str | None = None


class Backend(Protocol):
    """Runs PennyLane tapes that end in measurements of all their wires in the Z basis."""

    name: str  # as in get_backend: "google/weber"
    kind: str  # one of KINDS: nothing simulated is ever a "device"
    provider: str  # "PennyLane", "Google", "IBM", "IonQ"
    device: str

    def missing(self) -> str | None:
        """Return, in one sentence, what keeps it from being used here; None if nothing does."""
        ...

    def execute(self, tapes: list[Any], shots: int, seed: int | None) -> list[Result]:
        """Run each circuit and return a result for each, in order."""
        ...
