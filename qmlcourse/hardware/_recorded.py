"""A file of records in place of a backend."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._backend import Result
from ._records import Record, load
from ._tapes import Prepared, prepare

_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


class Recorded:
    """Records of a file in place of a backend: each circuit gets the one that it gave."""

    def __init__(self, file: str) -> None:
        self.name, self.device = f"record/{file}", file
        self.kind = self.provider = "as recorded"

    def missing(self) -> str | None:
        """Return what keeps it from being used here."""
        return None if Path(self.device).is_file() else f"There is no file {self.device}."

    def execute(self, tapes: list[Any], shots: int, seed: int | None) -> list[Result]:
        """Return the recorded results of the circuits."""
        return [
            Result(
                r.counts, r.exact_probabilities, r.compiled["text"], r.compiled["language"],
                r.qubits, r.calibration, r.started or "", r.ended or "", r.job_id,
            )
            for r in self.find([prepare(tape) for tape in tapes], shots, seed)
        ]  # fmt: skip

    def find(self, ready: Sequence[Prepared], shots: int, seed: int | None) -> list[Record]:
        """Return a record of each circuit, none twice, as it was made with these shots."""
        if missing := self.missing():
            raise RuntimeError(missing)
        loaded = load(self.device)
        left = loaded if isinstance(loaded, list) else [loaded]
        found = []
        for k, circuit in enumerate(ready):
            same = [r for r in left if _same_circuit(r.source["text"], circuit.source)]
            same = [r for r in same if r.wires == circuit.wires]
            if not same:
                raise ValueError(f"circuit must be one of {self.name}; number {k} is not in it.")
            fitting = [r for r in same if r.shots in (None, shots) and seed in (None, r.seed)]
            if not fitting:
                raise ValueError(
                    f"shots and seed must be as recorded, {same[0].shots} and {same[0].seed}; "
                    f"got {shots} and {seed}."
                )
            found.append(fitting[0])
            left = [r for r in left if r is not fitting[0]]
        return found


def _same_circuit(a: str, b: str) -> bool:
    """Compare two texts of circuits; angles may differ by rounding."""
    if _NUMBER.sub("#", a) != _NUMBER.sub("#", b):
        return False
    x, y = ([float(number) for number in _NUMBER.findall(text)] for text in (a, b))
    return bool(np.allclose(x, y, rtol=0, atol=1e-9))
