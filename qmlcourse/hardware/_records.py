"""Records of runs: what a reader needs to believe a number, and checks that it is still there."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from .._estimate import Estimate, standard_error
from ._backend import KINDS

SCHEMA = 2
_TEXT = {"language": str, "text": str}


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one circuit gave on one backend, and how: the same from a formula to a device.

    Attributes
    ----------
    backend, kind, provider, device : str
        The name that :func:`run` takes; one of exact simulation, sampled simulation,
        calibration-based simulation, device; who made it; which.
    wires : list of str or int
        The circuit's wires. Bit k of each bit string is wire k of this list.
    qubits : list of str
        Physical qubit of each wire at the start; empty in a simulation without a chip.
    calibration : dict or None
        ``time``, ISO 8601, and ``values``, those of the qubits and pairs used.
    source, compiled : dict
        ``language`` and ``text`` of the circuit, before and after compiling. In OpenQASM 2,
        qubit k of the compiled circuit is ``qubits[k]``.
    options : dict
        What :func:`run` was told beside the circuit, shots and seed.
    shots, seed : int or None
        None where the probabilities are exact; no seed on a device.
    counts, exact_probabilities : dict or None
        Shots, or probability, of each bit string. One of the two is None.
    versions : dict
        Version of each package that took part.
    job_id : str or None
        The provider's, on a device.
    started, ended : str or None
        ISO 8601, UTC; None if an old record doesn't say.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse import hardware
    >>> bell = qml.tape.QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])], [qml.probs()])
    >>> record = hardware.run(bell, "exact")
    >>> record.probabilities().round(3)
    array([0.5, 0. , 0. , 0.5])
    >>> record.kind
    'exact simulation'
    """

    backend: str
    kind: str
    provider: str
    device: str
    wires: list[Any]
    qubits: list[str]
    calibration: dict[str, Any] | None
    source: dict[str, str]
    compiled: dict[str, str]
    options: dict[str, Any]
    shots: int | None
    seed: int | None
    counts: dict[str, int] | None
    exact_probabilities: dict[str, float] | None
    versions: dict[str, str]
    job_id: str | None
    started: str | None
    ended: str | None

    def probabilities(self) -> np.ndarray:
        """Return the share of each outcome, shape ``(2**n,)``, wire 0 the most significant bit."""
        result = np.zeros(2 ** len(self.wires))
        words, total = self._words()
        for word, value in words.items():
            result[int(word, 2)] = value / total
        return result

    def expectation(self, wires: Sequence[Any] | None = None) -> Estimate:
        """Return the mean of the product of Z on these wires, all by default, and its error."""
        chosen = list(self.wires if wires is None else wires)
        if not chosen or len(set(chosen)) < len(chosen) or set(chosen) - set(self.wires):
            raise ValueError(f"wires must be different ones of {self.wires}; got {wires!r}.")
        places = [self.wires.index(wire) for wire in chosen]
        words, total = self._words()
        signs = np.array([(-1.0) ** sum(word[k] == "1" for k in places) for word in words])
        values = np.array(list(words.values()), dtype=float)
        mean = float(signs @ values / total)
        if self.shots is None:
            return Estimate(mean, 0.0, 0)
        # Both ends of the spectrum, seen or not: the error is not 0 where all shots agree.
        error = standard_error(np.append(signs, [1.0, -1.0]), np.append(values, [0.0, 0.0]))
        return Estimate(mean, error, self.shots)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON's types, with a digest of each field and of the whole."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        record = {"schema": SCHEMA, **content, "digests": {k: _sha256(content[k]) for k in content}}
        return record | {"sha256": _sha256(record)}

    def to_json(self) -> str:
        """Return the record as text, as a file holds it."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record to a file, all of it or nothing."""
        write(path, self.to_json())

    def _words(self) -> tuple[dict[str, Any], float]:
        if self.counts is not None:
            return self.counts, sum(self.counts.values())
        words = self.exact_probabilities or {}
        return words, sum(words.values())


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write a file, all of it or nothing."""
    draft = Path(f"{os.fspath(path)}.part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)


def load(path: str | os.PathLike[str]) -> Record | list[Record]:
    """Read a file of one record or a list of them, of any schema; raise if it was changed."""
    text = Path(path).read_bytes()
    try:
        data = json.loads(text.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_nan)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no complete JSON file: {error}.") from None
    return [from_dict(item) for item in data] if isinstance(data, list) else from_any(data)


def from_any(data: Any) -> Record | list[Record]:
    """Return the record of this schema, or those that a record of schema 1 held."""
    if isinstance(data, dict) and "schema" not in data and "is_hardware" in data:
        from ._schema_1 import from_schema_1

        return from_schema_1(data)
    return from_dict(data)


def from_dict(data: Any) -> Record:
    """Check a record in every way known and return it; raise ValueError naming the field."""
    if not isinstance(data, dict):
        raise ValueError(f"A record must be a JSON object; got {type(data).__name__}.")
    if "schema" not in data:
        raise ValueError("The record lacks the field 'schema'.")
    if type(data["schema"]) is not int or data["schema"] != SCHEMA:
        raise ValueError(f"The record's schema must be {SCHEMA}; got {data['schema']!r}.")
    names = [field.name for field in fields(Record)]
    expected = {"schema", *names, "digests", "sha256"}
    for name in [*names, "digests", "sha256"]:
        if name not in data:
            raise ValueError(f"The record lacks the field {name!r}.")
    if unknown := sorted(set(data) - expected):
        raise ValueError(f"The record has the unknown field {unknown[0]!r}.")
    digests = data["digests"]
    if not isinstance(digests, dict) or set(digests) != set(names):
        raise ValueError("The record's field 'digests' must hold one digest for each field.")
    for name in names:
        if digests[name] != _sha256(data[name]):
            raise ValueError(
                f"The record was changed: its field {name!r} doesn't match its digest."
            )
    record = Record(**{name: data[name] for name in names})
    _check(record)
    if data["sha256"] != _sha256({k: v for k, v in data.items() if k != "sha256"}):
        raise ValueError("The record was changed: its field 'sha256' doesn't match the rest.")
    return record


def _check(record: Record) -> None:
    """Raise ValueError naming the first field that can't be what a run gave."""
    for name in ("backend", "kind", "provider", "device"):
        _expect(isinstance(getattr(record, name), str), record, name, "text")
    _expect(record.kind in KINDS, record, "kind", f"one of {', '.join(KINDS)}")
    wires, n = record.wires, len(record.wires) if isinstance(record.wires, list) else 0
    is_label = isinstance(wires, list) and all(type(w) in (int, str) for w in wires)
    _expect(n > 0 and is_label and len(set(wires)) == n, record, "wires", "different labels")
    is_named = isinstance(record.qubits, list) and all(type(q) is str for q in record.qubits)
    _expect(is_named and len(record.qubits) in (0, n), record, "qubits", "a name for each wire")
    on_chip = record.kind == KINDS[2]
    is_calibrated = isinstance(record.calibration, dict) and set(record.calibration) == {
        "time", "values",
    }  # fmt: skip
    _expect(is_calibrated or (record.calibration is None and not on_chip), record, "calibration",
            "a time and values")  # fmt: skip
    for name in ("source", "compiled"):
        text = getattr(record, name)
        is_text = isinstance(text, dict) and {k: type(v) for k, v in text.items()} == _TEXT
        _expect(is_text, record, name, "a language and a text")
    _expect(isinstance(record.options, dict), record, "options", "an object")
    for name in ("shots", "seed"):
        value, least = getattr(record, name), int(name == "shots")
        is_whole = value is None or (type(value) is int and value >= least)
        _expect(is_whole, record, name, f"a whole number from {least} on, or null")
    _check_outcomes(record, n)
    versions = record.versions
    is_versions = isinstance(versions, dict) and all(type(v) is str for v in versions.values())
    _expect(is_versions, record, "versions", "a version of each package")
    for name in ("job_id", "started", "ended"):
        is_text = isinstance(getattr(record, name), (str, type(None)))
        _expect(is_text, record, name, "text or null")
    times = {name: _time(record, name) for name in ("started", "ended")}
    if times["started"] and times["ended"]:
        _expect(times["ended"] >= times["started"], record, "ended", "no earlier than started")


def _check_outcomes(record: Record, n: int) -> None:
    for name, kind in (("counts", int), ("exact_probabilities", float)):
        words = getattr(record, name)
        if words is None:
            continue
        is_words = isinstance(words, dict) and all(
            len(w) == n and not set(w) - {"0", "1"} and type(v) is kind and v > 0
            for w, v in words.items()
        )
        _expect(is_words, record, name, f"positive numbers for strings of {n} bits")
    if (record.counts is None) == (record.exact_probabilities is None):
        raise ValueError("The record must hold counts or exact_probabilities, and not both.")
    if record.counts is not None:
        total = sum(record.counts.values())
        if total != record.shots:
            raise ValueError(
                f"The record's counts must sum to its {record.shots} shots; they sum to {total}."
            )
    elif record.exact_probabilities is not None:
        whole = sum(record.exact_probabilities.values())
        _expect(abs(whole - 1) < 1e-9, record, "exact_probabilities", "of sum 1")
        _expect(record.shots is None, record, "shots", "null beside exact_probabilities")


def _time(record: Record, name: str) -> datetime | None:
    value = getattr(record, name)
    try:
        time = datetime.fromisoformat(value) if value is not None else None
    except ValueError:
        time = None
    is_time = value is None or (time is not None and time.tzinfo is not None)
    _expect(is_time, record, name, "a time as ISO 8601 with its zone")
    return time


def _expect(holds: bool, record: Record, name: str, what: str) -> None:
    if not holds:
        shown = repr(getattr(record, name))
        shown = shown if len(shown) < 80 else shown[:77] + "..."
        raise ValueError(f"The record's field {name!r} must be {what}; got {shown}.")


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _no_nan(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"the field {max(names, key=names.count)!r} stands there twice")
    return dict(pairs)
