"""A file of records in place of a backend."""

import re
from collections.abc import Collection, Sequence

import numpy as np

from .. import _files
from . import _seeds
from ._backend import SAMPLED, Result
from ._records import Record
from ._replay import replay
from ._tapes import Prepared

_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


class Recorded:
    """Records of a file in place of a backend: each circuit gets the one that it gave."""

    def __init__(self, file: str) -> None:
        self.name, self.device = f"record/{file}", file
        self.kind = self.provider = "as recorded"
        self._path = _files.path(file)

    def missing(self) -> str | None:
        """Return what keeps it from being used here."""
        if self._path.is_file():
            return None
        what = "is a folder" if self._path.is_dir() else "does not exist"
        return f"{self.name} needs a file of records; {self.device} {what}."

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> list[Result]:
        """Return the recorded results of the circuits."""
        records = self._pick(circuits, shots, [() if s is None else (s,) for s in seeds])
        return [
            Result(
                r.counts, r.exact_probabilities, r.compiled["text"], r.compiled["language"],
                r.qubits, r.calibration, r.started or "", r.ended or "", r.job_id,
            )
            for r in records
        ]  # fmt: skip

    def find(self, circuits: list[Prepared], shots: int, seed: int | None) -> list[Record]:
        """Return the records that a run with these arguments made, none twice."""
        if seed is None:
            return self._pick(circuits, shots, [()] * len(circuits))
        # Each circuit of a list has a seed of its own; one circuit and a device's have this one.
        own = _seeds.for_circuits(seed, len(circuits), SAMPLED)
        return self._pick(circuits, shots, [(s, seed) for s in own])

    def _pick(
        self, circuits: list[Prepared], shots: int, seeds: Sequence[Collection[int | None]]
    ) -> list[Record]:
        """Return a record of each circuit, with one of its seeds if there are any."""
        loaded = replay(self._path)
        left = loaded if isinstance(loaded, list) else [loaded]
        found = []
        for k, (circuit, allowed) in enumerate(zip(circuits, seeds, strict=True)):
            same = [r for r in left if _same_circuit(r.source["text"], circuit.source)]
            same = [r for r in same if r.wires == circuit.wires]
            if not same:
                raise ValueError(f"circuit must be one of {self.name}; number {k} is not in it.")
            fitting = [r for r in same if _made_with(r, shots, allowed)]
            if not fitting:
                got = " or ".join(str(s) for s in dict.fromkeys(allowed)) or None
                raise ValueError(
                    f"shots and seed must be as recorded, {same[0].shots} and {same[0].seed} for "
                    f"circuit number {k}; this call gives it {shots} and {got}."
                )
            found.append(fitting[0])
            left = [r for r in left if r is not fitting[0]]
        return found


def _made_with(record: Record, shots: int, seeds: Collection[int | None]) -> bool:
    if record.shots is None:  # exact, whatever the call said
        return True
    return record.shots == shots and (not seeds or record.seed in seeds)


def _same_circuit(a: str, b: str) -> bool:
    """Compare two texts of circuits; angles may differ by rounding."""
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b):
        return False
    x, y = ([float(number) for number in _NUMBER.findall(text)] for text in (a, b))
    return bool(np.allclose(x, y, rtol=0, atol=1e-9))
