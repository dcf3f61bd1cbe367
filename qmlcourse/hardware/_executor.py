"""A backend as error mitigation takes it: tapes in, estimates out."""

from typing import Any

import numpy as np

from .. import _checks
from .._circuits import circuit
from .._estimate import Estimate, Executor
from .._observables import measured
from ._backend import Backend
from ._records import Record
from ._registry import get_backend
from ._run import run


def executor(backend: str | Backend, *, rng: np.random.Generator) -> Executor:
    """Return a function that estimates expectation values on a backend, as mitigation takes it.

    It takes tapes that measure one expectation value of a product of Paulis each, and shots,
    and returns an ``Estimate(value, error, shots)`` of each. Folded circuits need a backend that
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

    def execute(tapes: list[Any], shots: int | None) -> list[Estimate]:
        rotated, wires = [], []
        for tape in tapes:
            observable = measured(circuit(tape))
            words = observable.pauli_rep or {}
            if len(words) != 1 or not np.isclose(next(iter(words.values())), 1):
                raise ValueError(f"circuit must measure a product of Paulis; got {observable}.")
            wires.append(observable.wires.tolist())
            operations = tape.operations + observable.diagonalizing_gates()
            rotated.append(qml.tape.QuantumScript(operations, [qml.probs(wires=tape.wires)]))
        if shots is None and chosen.name != "exact":
            raise ValueError(f"shots must be a number on {chosen.name}; got None.")
        n = 1 if shots is None else shots
        if stand_in:
            records = [run_in_place(tape, n) for tape in rotated]
        else:
            records = run(rotated, chosen, n, seed=int(draw.integers(2**32)))
        return [record.expectation(w) for record, w in zip(records, wires, strict=True)]

    return execute
