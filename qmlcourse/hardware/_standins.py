"""Simulators behind the one call: exact, sampled, and what all stand-ins of chips share."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._backend import Result
from ._tapes import TWO_QUBIT, prepare

_MOST_WIRES = 20  # of a state vector
MOST_NOISY_WIRES = 10  # of a density matrix: 16 MiB, and minutes beyond


def seeds_of(seed: int | None, n_circuits: int) -> list[int | None]:
    """Return a seed for each circuit; one circuit gets the seed itself."""
    if seed is None or n_circuits == 1:
        return [seed] * n_circuits
    return [int(s) for s in np.random.SeedSequence(seed).generate_state(n_circuits)]


def now() -> str:
    """Return the time, UTC, as ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def two_qubit_gates(tape: Any, native: dict[str, int]) -> Counter:
    """Count the native two-qubit gates that each pair of wires needs."""
    result: Counter = Counter()
    for op in tape.operations:
        if op.name in TWO_QUBIT:
            result[tuple(sorted(op.wires.tolist()))] += native[op.name]
    return result


def check_wires(n_wires: int, most: int, name: str) -> None:
    """Raise if a circuit is too large to simulate."""
    if n_wires > most:
        raise ValueError(f"circuit must have at most {most} wires on {name}; got {n_wires}.")


def check_qubits(qubits: list[str], n_wires: int, known: list[str], name: str) -> None:
    """Raise unless the qubits that somebody asked for are n different ones of the device."""
    if len(qubits) != n_wires or len(set(qubits)) != n_wires:
        raise ValueError(f"qubits must be {n_wires} different ones, one a wire; got {qubits}.")
    if unknown := [q for q in qubits if q not in known]:
        raise ValueError(
            f"qubits must be of {name}, such as {', '.join(map(repr, known[:3]))}; got {unknown}."
        )


@dataclass
class Exact:
    """Probabilities from the state, by PennyLane's ``default.qubit``."""

    name: str = "exact"
    kind: str = "exact simulation"
    provider: str = "PennyLane"
    device: str = "default.qubit"

    def missing(self) -> None:
        """Nothing is."""

    def execute(self, tapes: list[Any], shots: int, seed: int | None) -> list[Result]:
        """Return probabilities; shots and seed are not used."""
        return [self._one(tape) for tape in tapes]

    def _one(self, tape: Any) -> Result:
        started = now()
        words = probabilities(tape, self.name)
        kept = {word: float(p) for word, p in words.items() if p > 0}
        return Result(None, kept, prepare(tape).source, "openqasm2", [], None, started, now())


@dataclass
class Shots:
    """Counts drawn from the exact probabilities."""

    name: str = "shots"
    kind: str = "sampled simulation"
    provider: str = "PennyLane"
    device: str = "default.qubit"

    def missing(self) -> None:
        """Nothing is."""

    def execute(self, tapes: list[Any], shots: int, seed: int | None) -> list[Result]:
        """Return counts of each circuit."""
        seeds = seeds_of(seed, len(tapes))
        return [self._one(tape, shots, s) for tape, s in zip(tapes, seeds, strict=True)]

    def _one(self, tape: Any, shots: int, seed: int | None) -> Result:
        started = now()
        words = probabilities(tape, self.name)
        drawn = np.random.default_rng(seed).multinomial(shots, list(words.values()))
        counts = {word: int(n) for word, n in zip(words, drawn, strict=True) if n}
        return Result(counts, None, prepare(tape).source, "openqasm2", [], None, started, now())


def probabilities(tape: Any, name: str) -> dict[str, float]:
    """Return the probability of each bit string, wire 0 first."""
    import pennylane as qml

    tape = prepare(tape).tape
    n = len(tape.wires)
    check_wires(n, _MOST_WIRES, name)
    script = qml.tape.QuantumScript(tape.operations, [qml.probs(wires=range(n))])
    p = np.clip(qml.execute([script], qml.device("default.qubit"), None)[0], 0, None)
    p = np.where(p < 1e-15, 0, p)  # rounding of the state, not an outcome
    return {f"{k:0{n}b}": float(v) for k, v in enumerate(p / p.sum())}
