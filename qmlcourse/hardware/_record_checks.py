"""Checks that a record is whole, unchanged and can be what a run gave."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from ._backend import CALIBRATED, KINDS
from ._records import SCHEMA, Record, sha256

_TEXT = {"language": str, "text": str}


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
        if digests[name] != sha256(data[name]):
            raise ValueError(
                f"The record was changed: its field {name!r} doesn't match its digest."
            )
    record = Record(**{name: data[name] for name in names})
    _check(record)
    if data["sha256"] != sha256({k: v for k, v in data.items() if k != "sha256"}):
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
    on_chip = record.kind == CALIBRATED
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
