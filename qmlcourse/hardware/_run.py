"""One call for every backend. Public through hardware."""

import difflib
import json
import os
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import _checks
from .._estimate import Estimate, Executor
from . import _records
from ._backend import Backend, Result
from ._recorded import Recorded
from ._records import Record

if TYPE_CHECKING:
    import pandas as pd


_DEVICES = {"ibm": "ibm_fez", "ionq": "qpu.forte-1"}  # an example of each, to ask what is missing
_PACKAGES = {
    "PennyLane": ("pennylane", "numpy"),
    "Google": ("pennylane", "numpy", "cirq-core", "cirq-google", "pennylane-cirq"),
    "IBM": ("pennylane", "numpy", "qiskit", "qiskit-aer", "qiskit-ibm-runtime"),
    "IonQ": ("pennylane", "numpy", "cirq-core", "cirq-ionq"),
}


def backends() -> "pd.DataFrame":
    """List the backends, and what keeps those from being used here that can't be.

    Returns
    -------
    pandas.DataFrame
        Columns ``name``, ``kind``, ``provider``, ``usable`` and ``missing``, a sentence or "".
        Nothing is contacted. A name in angle brackets stands for many.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> table = backends().set_index("name")
    >>> table.loc["google/weber", "kind"]
    'calibration-based simulation'
    >>> bool(table.loc["exact", "usable"])
    True
    """
    import pandas as pd

    from . import _ibm_fakes

    names = ["exact", "shots", "google/weber", "google/rainbow"]
    names += [f"ibm/{name}" for name in _ibm_fakes.names() or ["fake_manila"]]
    found = [(name, get_backend(name)) for name in names]
    found += [
        (f"{family}/<{what}>", get_backend(f"{family}/{_DEVICES[family]}"))
        for family, what in (("ibm", "device"), ("ionq", "target"))
    ]
    rows = []
    for name, backend in found:
        missing = backend.missing() or ""
        rows.append((name, backend.kind, backend.provider, not missing, missing))
    rows.append(("record/<file>", "as recorded", "as recorded", True, ""))
    return pd.DataFrame(rows, columns=["name", "kind", "provider", "usable", "missing"])


def get_backend(
    name: str, *, optimize: int | None = None, qubits: Sequence[str | int] | None = None
) -> Backend:
    """Return the backend of this name; nothing is loaded or contacted yet.

    Parameters
    ----------
    name : str
        exact, shots, google/weber, google/rainbow, ibm/fake_manila or another snapshot,
        ibm/<device>, ionq/<target>, record/<file>.
    optimize : 0 or 1, optional
        Of a stand-in: 1, the default, lets the compiler merge gates, and cancel those that undo
        each other, barriers or not; 0 compiles each gate by itself, so that folded gates stay.
    qubits : sequence, optional
        Of a stand-in: the physical qubit of each wire, as records name them. By default those
        whose calibrated errors add up to the least for the circuit.

    Returns
    -------
    Backend
        With ``name``, ``kind``, ``provider``, ``device``, ``missing()``, and ``execute`` as
        :func:`run` calls it.

    Raises
    ------
    ValueError
        If there is no backend of this name, or it takes no such option.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> get_backend("google/weber").kind
    'calibration-based simulation'
    """
    from . import _google, _ibm_fakes

    if not isinstance(name, str):
        raise TypeError(f"name must be the name of a backend; got {name!r}.")
    if optimize is not None:
        optimize = _checks.integer(optimize, "optimize", low=0, high=1)
    chosen = None if qubits is None else tuple(str(q) for q in qubits)
    family, _, device = name.partition("/")
    level = 1 if optimize is None else optimize
    if family == "google" and device in _google.CHIPS:
        return _google.Google(device, level, chosen)
    if family == "ibm" and device.startswith("fake_"):
        known = _ibm_fakes.names()
        if device in known or not known:
            return _ibm_fakes.IBMFake(device, level, chosen)
        near = difflib.get_close_matches(device, known, 3) or known[:3]
        raise ValueError(
            f"backend must be one of {len(known)} snapshots such as "
            f"{', '.join(f'ibm/{n}' for n in near)}; got {name!r}."
        )
    backend = _plain_backend(name)
    if backend is None:
        raise ValueError(
            "backend must be one of exact, shots, google/weber, google/rainbow, "
            f"ibm/fake_<snapshot>, ibm/<device>, ionq/<target>, record/<file>; got {name!r}."
        )
    if optimize is not None or qubits is not None:
        raise ValueError(f"optimize and qubits are options of the stand-ins; got them for {name}.")
    return backend


def _plain_backend(name: str) -> Backend | None:
    """Return a backend without options, None if there is none."""
    from . import _standins

    family, _, device = name.partition("/")
    if not device:
        simple: dict[str, Backend] = {"exact": _standins.Exact(), "shots": _standins.Shots()}
        return simple.get(name)
    if family == "record":
        return Recorded(device)
    if family == "ibm":
        from ._ibm import IBMDevice

        return IBMDevice(device)
    if family == "ionq":
        from ._ionq import IonQDevice

        return IonQDevice(device)
    return None


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

    Every wire of the circuit is read in the Z basis, whatever it measures. Templates are
    expanded. A stand-in compiles to the native gates of its chip, on the qubits with the least
    calibrated errors; where a circuit doesn't fit, swaps bring its wires together.

    Parameters
    ----------
    circuit : PennyLane tape, QNode, or list of them
    backend : str or Backend
        See :func:`get_backend`. "exact" uses neither shots nor seed.
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
        If something that the backend needs is missing here, in one sentence.

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
    from . import _standins, _tapes

    several = isinstance(circuit, (list, tuple))
    circuits = list(circuit) if several else [circuit]
    if not circuits:
        raise ValueError("circuit must be one or more circuits; got an empty list.")
    shots = _checks.integer(shots, "shots")
    if seed is not None:
        seed = _checks.integer(seed, "seed", low=0, high=2**32 - 1)
    if isinstance(backend, str):
        backend = get_backend(backend, optimize=optimize, qubits=qubits)
    elif optimize is not None or qubits is not None:
        raise ValueError("optimize and qubits go with a backend's name; got a backend.")
    ready = [_tapes.prepare(c, args) for c in circuits]
    if isinstance(backend, Recorded):
        records = backend.find(ready, shots, seed)
        return records if several else records[0]
    if missing := backend.missing():
        raise RuntimeError(missing)
    tapes = [r.tape for r in ready]
    if hasattr(backend, "submit"):
        path = backend.submit(tapes, shots, seed, folder=folder or "jobs", confirm=confirm)
        # The journal knows compiled circuits only; what they came from lies beside it.
        kept = [{"wires": r.wires, "source": r.source} for r in ready]
        _records.write(_beside(path), json.dumps(kept) + "\n")
        records = _finish(path, backend)
        return records if several else records[0]
    if seed is None and backend.name != "exact":
        seed = int(np.random.default_rng().integers(2**32))
    results = backend.execute(tapes, shots, seed)
    seeds = _standins.seeds_of(None if backend.name == "exact" else seed, len(tapes))
    records = [
        _record(backend, result, shots, s, r.wires, r.source)
        for result, s, r in zip(results, seeds, ready, strict=True)
    ]
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
    ValueError: path must be a job journal; got no-such-file.json.
    """
    records = _finish(path)
    return records if len(records) > 1 else records[0]


def _beside(path: str | os.PathLike[str]) -> Path:
    return Path(path).with_suffix(".circuits.json")


def _finish(path: str | os.PathLike[str], backend: Any = None) -> list[Record]:
    """Wait for the jobs of a journal and return the records of its circuits."""
    from . import _jobs

    results = _jobs.resume(path, provider=backend)
    journal = json.loads(Path(path).read_text(encoding="utf-8"))
    backend = get_backend(journal["backend"]) if backend is None else backend
    # A process that died while sending may not have come to write them.
    known: list[dict[str, Any]] = [
        {"wires": list(range(len(r.qubits))), "source": None} for r in results
    ]
    if _beside(path).is_file():
        known = json.loads(_beside(path).read_text(encoding="utf-8"))
    return [
        _record(backend, result, journal["shots"], journal["seed"], it["wires"], it["source"])
        for result, it in zip(results, known, strict=True)
    ]


def _record(
    backend: Any, result: Result, shots: int, seed: int | None, wires: list, source: str | None
) -> Record:
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
        options={
            key: list(value) if isinstance(value, tuple) else value
            for key in ("optimize", "qubits")
            if (value := getattr(backend, key, None)) is not None
        },
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
    return _records.from_dict(json.loads(record.to_json()))


def _versions(provider: str) -> dict[str, str]:
    found = {}
    for name in ("qmlcourse", *_PACKAGES.get(provider, ())):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def replay(path: str | os.PathLike[str]) -> Any:
    """Read a file of records, and check that nothing in it was lost or changed.

    The digests show damage and hasty edits. They are no signature: who rewrites all of them
    can write any record.

    Parameters
    ----------
    path : path
        What :meth:`Record.save` or :func:`save` wrote, or a record of the older schema 1.

    Returns
    -------
    Record, or a list of them if the file holds several

    Raises
    ------
    ValueError
        In one sentence, naming the field that is damaged, missing or changed.
    OSError
        If the file can't be read.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml, tempfile
    >>> flip = qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0])])
    >>> record = run(flip, "shots", 10, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record.save(f"{folder}/flip.json")
    ...     replay(f"{folder}/flip.json") == record
    True
    """
    return _records.load(path)


def save(records: Sequence[Record], path: str | os.PathLike[str]) -> None:
    """Write several records to one file, all of them or nothing.

    Parameters
    ----------
    records : sequence of Record
    path : path
        For :func:`replay`, which returns a list then, or for the backend ``record/<file>``.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml, tempfile
    >>> flip = qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0])])
    >>> records = run([flip, flip], "shots", 10, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(records, f"{folder}/flips.json")
    ...     replay(f"{folder}/flips.json") == records
    True
    """
    items = [record.to_dict() for record in records]
    _records.write(path, json.dumps(items, indent=1, allow_nan=False) + "\n")


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

    from .._estimate import measured

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
            observable = measured(tape)
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
