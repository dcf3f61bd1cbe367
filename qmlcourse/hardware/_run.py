"""One call for every backend, and the records it makes."""

import inspect
import json
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from .. import _checks, _files
from . import _jobs, _journal, _seeds
from ._backend import Backend, Result, options, whole_counts
from ._record_checks import from_dict
from ._recorded import Recorded
from ._records import Record
from ._registry import get_backend
from ._tapes import Prepared, prepare

_MOST_SHOTS = 2**53  # beyond, not every number is a float64

_PACKAGES = {
    "PennyLane": ("pennylane", "numpy"),
    "Google": ("pennylane", "numpy", "cirq-core", "cirq-google", "pennylane-cirq"),
    "IBM": ("pennylane", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime"),
    "IonQ": ("pennylane", "numpy", "cirq-core", "cirq-ionq"),
}


class BadResult(RuntimeError):
    """A backend gave what can't be recorded; ``records`` are those of the other circuits."""

    def __init__(self, message: str, records: list[Record | None]) -> None:
        super().__init__(message)
        self.records = records


def run(
    circuit: Any,
    backend: str | Backend = "shots",
    shots: int = 1000,
    *,
    seed: int | None = None,
    args: Sequence[Any] = (),
    optimize: int | None = None,
    qubits: Sequence[str | int] | None = None,
    confirm: Callable[[str], bool] | bool | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Any:
    """Run a circuit, or several, on a backend and return a record of each.

    Every wire of the circuit is read in the Z basis, whatever it measures; what is measured in
    another basis is refused, for :func:`executor` to measure. Integer wires come in their own
    order, others in that of their use, and those of a QNode that measures all of its device in
    the device's. A QNode's own shots are not looked at. Templates are expanded.

    A stand-in compiles to the native gates of its chip, on the qubits with the least calibrated
    errors; where a circuit doesn't fit, swaps bring its wires together.

    Parameters
    ----------
    circuit : PennyLane tape, QNode, or list of them
        All of a list are checked before the first runs.
    backend : str or Backend
        See :func:`get_backend`. "exact" uses neither shots nor seed. One of your own has what
        that returns; ``execute(circuits, shots, seeds)`` gets each circuit with its gates
        expanded, as ``tape`` on the wires 0 to n - 1 beside its ``wires`` and its ``source``.
    shots : int
        Of each circuit.
    seed : int, optional
        From 0 to 2**32 - 1. The same one gives the same counts again on everything simulated. By
        default one is drawn, and recorded. The circuits of a list get seeds of their own from it.
    args : sequence
        What to call a QNode with.
    optimize, qubits
        See :func:`get_backend`; for a backend given by name.
    confirm : function or bool, optional
        Of a device: gets the cost as text and returns whether to send; True agrees, and by
        default the question is asked on the terminal.
    folder : path, optional
        Of a device: where the job's journal stays, for :func:`resume`; by default ``jobs``.

    Returns
    -------
    Record, or a list of them if ``circuit`` is a list

    Raises
    ------
    ValueError, TypeError
        If the circuit or an argument is not as above.
    RuntimeError
        If something that the backend needs is missing here, or it gives what is no result, in
        one sentence. In that case the error's ``records`` are those of the circuits before and
        after, None for those at fault.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml
    >>> flip = qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0, 1])])
    >>> run(flip, "shots", 100, seed=1).counts
    {'10': 100}
    """
    several = isinstance(circuit, (list, tuple))
    given = list(circuit) if several else [circuit]
    if not given:
        raise ValueError("circuit must be one or more circuits; got an empty list.")
    if isinstance(args, (str, bytes, dict)) or not isinstance(args, (Sequence, np.ndarray)):
        raise TypeError(f"args must be a sequence of a QNode's arguments; got {args!r}.")
    shots = _checks.integer(shots, "shots")
    if shots > _MOST_SHOTS:
        raise ValueError("shots must be at most 2**53; got more.")
    if seed is not None:
        seed = _checks.integer(seed, "seed", low=0, high=2**32 - 1)
    if isinstance(backend, str):
        backend = get_backend(backend, optimize=optimize, qubits=qubits)
    elif isinstance(backend, type) or not isinstance(backend, Backend):
        raise TypeError(f"backend must be the name of a backend, or a backend; got {backend!r}.")
    elif optimize is not None or qubits is not None:
        raise ValueError("optimize and qubits go with a backend's name; got a backend.")
    elif "seed" in inspect.signature(backend.execute).parameters:
        raise TypeError(
            "backend must have execute(circuits, shots, seeds), with a seed for each prepared "
            "circuit; got one for tapes and a single seed, as earlier versions took."
        )
    place = None if folder is None else _files.path(folder, "folder")
    circuits = [prepare(c, tuple(args)) for c in given]
    if missing := backend.missing():
        raise RuntimeError(missing)
    if isinstance(backend, Recorded):  # nothing is drawn, run or recorded anew
        records = backend.find(circuits, shots, seed)
    else:
        seeds = _seeds.for_circuits(seed, len(circuits), backend.kind)
        if hasattr(backend, "submit"):
            path = backend.submit(
                circuits, shots, seeds, folder=place or Path("jobs").absolute(), confirm=confirm
            )
            records = _finished(path, backend)
        else:
            if several:
                _check_all(backend, circuits, shots)
            records = _executed(backend, circuits, shots, seeds)
    return records if several else records[0]


def resume(path: str | os.PathLike[str]) -> Any:
    """Fetch what was sent to a device, after the process that sent it has ended.

    Parameters
    ----------
    path : path
        The journal that :func:`run` left in its folder.

    Returns
    -------
    Record, or a list of them if several circuits were sent

    Raises
    ------
    ValueError
        If the file is no journal.
    RuntimeError
        If a job was cancelled, failed or expired, or the provider can't be reached: in one
        sentence, and no shot is counted.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> resume("no-such-file.json")
    Traceback (most recent call last):
      ...
    ValueError: path must be a job journal; there is no file no-such-file.json.
    """
    name = _journal.read(path)["backend"]
    backend = get_backend(name)
    if not hasattr(backend, "submit"):
        raise ValueError(f"backend in the journal must be ibm/... or ionq/...; got {name!r}.")
    records = _finished(path, backend)
    return records if len(records) > 1 else records[0]


def _check_all(backend: Backend, circuits: list[Prepared], shots: int) -> None:
    """Raise before the first of several circuits runs if a later one can't."""
    for k, circuit in enumerate(circuits):
        try:
            if check := getattr(backend, "check", None):
                check(circuit, shots)
        except ValueError as error:
            if len(circuits) == 1:
                raise
            raise ValueError(f"circuit number {k} can't run: {error}") from error


def _executed(
    backend: Backend, circuits: list[Prepared], shots: int, seeds: list[int | None]
) -> list[Record]:
    """Run circuits here and return a record of each."""
    given = backend.execute(circuits, shots, seeds)
    results, failure = [], None
    try:
        for result in given if isinstance(given, Iterable) else []:
            results.append(result)
    except Exception as error:
        if not results:
            raise
        failure = error
    records: list[Record | None] = [None] * len(circuits)
    faults = []
    for k, (result, seed, circuit) in enumerate(zip(results, seeds, circuits, strict=False)):
        try:
            records[k] = _record(
                backend, result, shots, seed, circuit.wires, circuit.source, options(backend)
            )
        except (ValueError, TypeError, AttributeError) as error:
            faults.append(f"no result of circuit number {k} ({str(error).rstrip('.')})")
    if failure is not None:
        reason = f"{type(failure).__name__}: {str(failure).rstrip('.')}"
        faults.append(f"no result from circuit number {len(results)} on ({reason})")
    elif len(results) != len(circuits):
        faults.insert(0, f"{len(results)} results of {len(circuits)} circuits")
    if faults:
        raise BadResult(f"{backend.name} gave {'; '.join(faults)}.", records) from failure
    return [record for record in records if record is not None]


def _finished(path: str | os.PathLike[str], backend: Any) -> list[Record]:
    """Wait for the jobs of a journal and return the records of its circuits."""
    results, journal = _jobs.resume(path, backend), _journal.read(path)
    return [
        _record(
            backend, result, journal["shots"], circuit["seed"], circuit["wires"],
            circuit["source"], journal["options"],
        )
        for result, circuit in zip(results, _journal.circuits(journal), strict=True)
    ]  # fmt: skip


def _record(
    backend: Backend,
    result: Result,
    shots: int,
    seed: int | None,
    wires: list[Any],
    source: str | None,
    options: dict[str, Any],
) -> Record:
    if not isinstance(result, Result):
        raise ValueError(f"a Result is wanted; got {result!r:.60}")
    result = _plain(result, len(wires))
    exact = result.probabilities is not None
    record = Record(
        backend=backend.name,
        kind=backend.kind,
        provider=backend.provider,
        device=backend.device,
        wires=list(wires),
        qubits=result.qubits,
        calibration=result.calibration,
        source={"language": "openqasm2" if source else "none", "text": source or ""},
        compiled={"language": result.language, "text": result.compiled},
        options=options,
        shots=None if exact else shots,
        seed=seed,
        counts=result.counts,
        exact_probabilities=result.probabilities,
        versions=_versions(backend.provider),
        job_id=result.job_id,
        started=result.started,
        ended=result.ended,
    )
    # A record that couldn't be read again must not be made.
    return from_dict(json.loads(record.to_json()))


def _plain(result: Result, n: int) -> Result:
    """Return a result with Python's own numbers, as JSON takes them."""
    if result.counts is not None:
        return result._replace(counts=whole_counts(result.counts, n))
    if isinstance(result.probabilities, dict):
        words = {word: float(p) for word, p in result.probabilities.items() if p != 0}
        return result._replace(probabilities=words)
    return result


def _versions(provider: str) -> dict[str, str]:
    names = ("qmlcourse", *_PACKAGES.get(provider, ()))
    return {name: found for name in names if (found := _version(name)) is not None}


@cache
def _version(name: str) -> str | None:
    """Return a package's version, if it is installed: read once, as a file is parsed for it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None
