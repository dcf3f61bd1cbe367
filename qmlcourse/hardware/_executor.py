"""A backend as error mitigation takes it: tapes in, estimates out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _checks
from .._circuits import circuit, numbered
from .._estimate import Estimate, Executor, TooFewShots, standard_error
from .._observables import Setting, measured, settings
from ._backend import Backend
from ._records import Record
from ._registry import get_backend
from ._run import run


def executor(backend: str | Backend, *, rng: np.random.Generator) -> Executor:
    """Return a function that estimates expectation values on a backend, as mitigation takes it.

    It takes tapes or QNodes that measure one expectation value each, and shots, and returns an
    ``Estimate(value, error, shots)`` of each. Products of Paulis that agree on each wire are
    measured together; each further basis is a circuit of its own, and they share the shots of
    the tape evenly. Their variances add up. Folded circuits need a backend that
    keeps every gate: ``get_backend(name, optimize=0)``. On a stand-in given by name, circuits on
    the same wires run on the same qubits, those chosen for the first of them: an extrapolation
    must not join points of different qubits.

    Parameters
    ----------
    backend : str or Backend
        A simulator or stand-in; a name of a stand-in is taken with ``optimize=0``.
    rng : numpy.random.Generator
        Draws a seed for each call.

    Returns
    -------
    function (tapes, shots) -> list of Estimate

    Notes
    -----
    Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> import pennylane as qml
    >>> tape = qml.tape.QuantumScript([qml.Hadamard(0)], [qml.expval(qml.X(0))])
    >>> estimate = executor("shots", rng=np.random.default_rng(0))([tape], 100)[0]
    >>> estimate.value, estimate.shots
    (1.0, 100)
    """
    import pennylane as qml

    draw = _checks.generator(rng)
    name = backend if isinstance(backend, str) else ""
    stand_in = name.startswith(("google/", "ibm/fake_"))
    chosen = backend
    if isinstance(chosen, str):
        chosen = get_backend(chosen, optimize=0 if stand_in else None)
    placed: dict[tuple[Any, ...], Backend] = {}

    def run_in_place(tape: Any, shots: int) -> Record:
        wires = tuple(tape.wires)
        seed = int(draw.integers(2**32))
        record = run(tape, placed.get(wires, chosen), shots, seed=seed)
        placed.setdefault(wires, get_backend(name, optimize=0, qubits=record.qubits))
        return record

    def execute(tapes: Sequence[Any], shots: int | None) -> list[Estimate]:
        if isinstance(tapes, qml.tape.QuantumScript) or not isinstance(tapes, Sequence):
            raise TypeError(f"circuits must be a list of tapes or QNodes; got {tapes!r}.")
        if shots is None and chosen.name != "exact":
            raise ValueError(f"shots must be a number on {chosen.name}; got None.")
        n = 1 if shots is None else _checks.integer(shots, "shots")
        parts = [_parts(tape) for tape in tapes]
        most = max(map(len, parts), default=0)
        if chosen.name != "exact" and n < most:
            raise TooFewShots(most, n)
        sizes = [n // len(part) + (i < n % len(part)) for part in parts for i in range(len(part))]
        records = run_all([rotated for part in parts for rotated, _ in part], sizes)
        left = iter(records)
        return [_summed([_estimate(next(left), setting) for _, setting in part]) for part in parts]

    def run_all(rotated: list[Any], sizes: list[int]) -> list[Record]:
        if stand_in:
            return [run_in_place(tape, n) for tape, n in zip(rotated, sizes, strict=True)]
        if chosen.name == "exact":
            sizes = [1] * len(rotated)
        found: dict[int, Record] = {}
        for size in dict.fromkeys(sizes):  # one call for all that get as many shots
            which = [k for k, n in enumerate(sizes) if n == size]
            seed = int(draw.integers(2**32))
            found |= zip(
                which, run([rotated[k] for k in which], chosen, size, seed=seed), strict=True
            )
        return [found[k] for k in range(len(rotated))]

    return execute


def _parts(given: Any) -> list[tuple[Any, Setting]]:
    """Return the circuits to run for one expectation value, each with how to read it."""
    import pennylane as qml

    tape, _ = numbered(circuit(given))
    wires = tape.wires
    return [
        (qml.tape.QuantumScript(tape.operations + s.rotations, [qml.probs(wires=wires)]), s)
        for s in settings(measured(tape), wires)
    ]


def _estimate(record: Record, setting: Setting) -> Estimate:
    """Return the mean of a setting's values over what was read."""
    places = record.places(setting.wires)
    words = record.counts if record.counts is not None else record.exact_probabilities or {}
    weights = np.zeros(len(setting.values))
    for word, weight in words.items():
        weights[int("".join(word[k] for k in places), 2)] += weight
    value = float(setting.values @ weights / weights.sum())
    if record.shots is None:
        return Estimate(value, 0.0, 0)
    return Estimate(value, standard_error(setting.values, weights), record.shots)


def _summed(estimates: list[Estimate]) -> Estimate:
    return Estimate(
        sum(e.value for e in estimates),
        float(np.sqrt(sum(e.error**2 for e in estimates))),
        sum(e.shots for e in estimates),
    )
