"""The journal of the jobs of one run: a file that is there before anything is sent.

An entry goes through these states, each written before the next step is taken, so that a process
may die anywhere:

planned
    Compiled and confirmed; nothing was sent.
sending
    A job with this entry's tag may be on its way. Only its tag can tell, so the provider is
    asked for it before anything is sent again.
waiting
    The provider's job id is on disk.
done, ended
    The counts are on disk; or the job was cancelled or failed, and none were.

All that a record needs stands there too: of each circuit its wires, its source and its seed.
"""

import json
import os
import uuid
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import _files
from . import _journal_schema_1
from ._backend import Result, now, options
from ._network import Provider

SCHEMA = 2
_CIRCUIT = {"compiled", "language", "qubits", "calibration", "wires", "source", "seed"}
_JOB = {"tag", "sends", "circuits"}
_OF_STATE = {
    "planned": set(),
    "sending": set(),
    "waiting": {"id", "submitted"},
    "done": {"id", "counts", "started", "ended"},
    "ended": {"reason"},
}


def new(
    provider: Provider,
    groups: list[list[dict[str, Any]]],
    shots: int,
    folder: str | os.PathLike[str],
) -> Path:
    """Write a journal with a job for each group of circuits and return its path."""
    tags = [f"qmlcourse-{uuid.uuid4().hex}" for _ in groups]
    journal = {
        "schema": SCHEMA,
        "backend": provider.name,
        "options": options(provider),
        "shots": shots,
        "created": now(),
        "jobs": [
            {"tag": tag, "state": "planned", "id": None, "sends": 0, "circuits": group}
            for tag, group in zip(tags, groups, strict=True)
        ],
    }
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    place = _files.path(folder, "folder")
    place.mkdir(parents=True, exist_ok=True)
    name = provider.name.replace("/", "-")
    path = place / f"{name}-{stamp}-{tags[0][-8:]}.job.json"
    write(path, journal)
    return path


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a journal of any schema; raise ValueError if the file is none."""
    path = _file(path)
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
        schema = journal["schema"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"path must be a job journal; got {path}.") from error
    if schema == 1:
        journal = _journal_schema_1.upgraded(journal, path)
    elif schema != SCHEMA:
        raise ValueError(f"path must be a job journal of schema 1 or {SCHEMA}; got {path}.")
    try:
        whole = _is_whole(journal)
    except (TypeError, KeyError, AttributeError):
        whole = False
    if not whole:
        raise ValueError(f"path must be a job journal; parts of {path} are missing or damaged.")
    return journal


def _is_whole(journal: dict[str, Any]) -> bool:
    """Return whether all is there that sending, fetching and recording need."""
    jobs = journal["jobs"]
    return (
        bool(jobs)
        and all(job["circuits"] for job in jobs)
        and {"backend", "options", "shots", "created"} <= journal.keys()
        and all(_JOB | _OF_STATE[job["state"]] <= job.keys() for job in jobs)
        and all(c.keys() >= _CIRCUIT for c in circuits(journal))
        and all(len(c["wires"]) == len(c["qubits"]) for c in circuits(journal))
        and all(len(j["counts"]) == len(j["circuits"]) for j in jobs if j["state"] == "done")
    )


def circuits(journal: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of all circuits, in the order of the run."""
    return [circuit for job in journal["jobs"] for circuit in job["circuits"]]


def results(journal: dict[str, Any]) -> list[Result]:
    """Return what the circuits of finished jobs gave, in the order of the run."""
    return [
        Result(
            counts=counts,
            probabilities=None,
            compiled=circuit["compiled"],
            language=circuit["language"],
            qubits=circuit["qubits"],
            calibration=circuit["calibration"],
            started=job["started"],
            ended=job["ended"],
            job_id=job["id"],
        )
        for job in journal["jobs"]
        for circuit, counts in zip(job["circuits"], job["counts"], strict=True)
    ]


def unfinished(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the journals in a folder that ``resume`` has still to finish, oldest first."""
    found = [(read(path), path) for path in Path(folder).glob("*.job.json")]
    left = [
        (journal["created"], path)
        for journal, path in found
        if any(job["state"] not in ("done", "ended") for job in journal["jobs"])
    ]
    return [path for _, path in sorted(left)]


def write(path: Path, journal: dict[str, Any]) -> None:
    """Replace the journal as a whole: a reader finds the old one or the new one."""
    _files.write(path, json.dumps(journal, indent=1))


def locked(path: Path) -> AbstractContextManager[None]:
    """Keep other processes off a journal. The system drops the lock of a process that dies."""
    return _files.locked(_file(path))


def _file(path: str | os.PathLike[str]) -> Path:
    file = _files.path(path)
    if not file.is_file():
        raise ValueError(f"path must be a job journal; there is no file {os.fsdecode(path)}.")
    return file
