"""What every backend gives: a label, what is missing here, and raw results of circuits."""

import datetime
from collections.abc import Iterable
from numbers import Integral
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from ._tapes import Prepared

KINDS = EXACT, SAMPLED, CALIBRATED, DEVICE = (
    "exact simulation", "sampled simulation", "calibration-based simulation", "device",
)  # fmt: skip


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


@runtime_checkable
class Backend(Protocol):
    """Runs circuits of few kinds of gates and reads all their wires in the Z basis.

    ``run`` takes any object like this one. It prepares each circuit before, and draws the seeds:
    a backend gets :class:`Prepared` circuits and has nothing to expand or to check in them.

    A backend that also has ``submit(circuits, shots, seeds, *, folder, confirm)`` sends jobs
    that outlive the process; ``run`` calls that instead, and it returns the path of a journal.
    One that also has ``check(circuit, shots)`` says, before any of several circuits runs, what it
    can't run: it raises ValueError.
    """

    name: str  # as in get_backend: "google/weber"
    kind: str  # one of KINDS: nothing simulated is ever a "device"
    provider: str  # "PennyLane", "Google", "IBM", "IonQ"
    device: str

    def missing(self) -> str | None:
        """Return, in one sentence, what keeps it from being used here; None if nothing does."""
        ...

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> Iterable[Result]:
        """Run each circuit with its own seed and return a result for each, in order.

        A generator that gives each as soon as it has it loses none if a later circuit fails.

        The seed is None in an exact simulation, and on a device unless somebody gave one.
        """
        ...


def whole_counts(counts: Any, n: int) -> dict[str, int]:
    """Return counts with Python's integers and without zeros; raise ValueError if they are none."""
    if not isinstance(counts, dict):
        raise ValueError(f"a result whose counts are {counts!r:.60}")
    if any(not isinstance(b, str) or len(b) != n or set(b) - {"0", "1"} for b in counts):
        raise ValueError(f"a result with bit strings that are not of {n} bits")
    for value in counts.values():
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value < 0:
            raise ValueError(f"a result with the count {value!r:.60}")
    return {str(bits): int(value) for bits, value in counts.items() if value}


def options(backend: object) -> dict[str, Any]:
    """Return what a backend was told beside circuits, shots and seeds, as JSON's types."""
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key in ("optimize", "qubits")
        if (value := getattr(backend, key, None)) is not None
    }


def now() -> str:
    """Return the time, UTC, as ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
