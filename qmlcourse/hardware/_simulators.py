"""Simulators without noise: exact probabilities, or counts drawn from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ._backend import EXACT, SAMPLED, Result, now
from ._tapes import Prepared, check_wires

_MOST_WIRES = 20  # of a state vector


@dataclass
class Exact:
    """Probabilities from the state, by PennyLane's ``default.qubit``."""

    name: str = "exact"
    kind: str = EXACT
    provider: str = "PennyLane"
    device: str = "default.qubit"

    def missing(self) -> None:
        """Nothing is."""

    def check(self, circuit: Prepared, shots: int) -> None:
        """Raise if the circuit is too large."""
        check_wires(len(circuit.wires), _MOST_WIRES, self.name)

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> Iterator[Result]:
        """Return probabilities; shots and seeds are not used."""
        return map(self._one, circuits)

    def _one(self, circuit: Prepared) -> Result:
        started = now()
        words = probabilities(circuit, self.name)
        kept = {word: float(p) for word, p in words.items() if p > 0}
        return Result(None, kept, circuit.source, "openqasm2", [], None, started, now())


@dataclass
class Shots:
    """Counts drawn from the exact probabilities."""

    name: str = "shots"
    kind: str = SAMPLED
    provider: str = "PennyLane"
    device: str = "default.qubit"

    def missing(self) -> None:
        """Nothing is."""

    def check(self, circuit: Prepared, shots: int) -> None:
        """Raise if the circuit is too large."""
        check_wires(len(circuit.wires), _MOST_WIRES, self.name)

    def execute(
        self, circuits: list[Prepared], shots: int, seeds: list[int | None]
    ) -> Iterator[Result]:
        """Return counts of each circuit."""
        return (self._one(c, shots, seed) for c, seed in zip(circuits, seeds, strict=True))

    def _one(self, circuit: Prepared, shots: int, seed: int | None) -> Result:
        started = now()
        words = probabilities(circuit, self.name)
        drawn = np.random.default_rng(seed).multinomial(shots, list(words.values()))
        counts = {word: int(n) for word, n in zip(words, drawn, strict=True) if n}
        return Result(counts, None, circuit.source, "openqasm2", [], None, started, now())


def probabilities(circuit: Prepared, name: str) -> dict[str, float]:
    """Return the probability of each bit string, wire 0 first."""
    import pennylane as qml

    n = len(circuit.wires)
    check_wires(n, _MOST_WIRES, name)
    script = qml.tape.QuantumScript(circuit.tape.operations, [qml.probs(wires=range(n))])
    p = np.clip(qml.execute([script], qml.device("default.qubit"), None)[0], 0, None)
    p = np.where(p < 1e-15, 0, p)  # rounding of the state, not an outcome
    return {f"{k:0{n}b}": float(v) for k, v in enumerate(p / p.sum())}
