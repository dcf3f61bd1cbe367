"""Journals as older versions of the course wrote them."""

import json
from pathlib import Path
from typing import Any


def upgraded(journal: Any, path: Path) -> dict[str, Any]:
    """Return a journal of schema 1 as one of schema 2.

    Schema 1 kept one seed for all circuits, and the labels of the wires in a file beside the
    journal, written when the jobs were sent. Without that file the wires are numbered. IonQ's
    simulator was sampled from the seed together with the job's number, not from the seed alone,
    so each circuit gets that pair as its ``stream``: the counts are those of the version that
    sent the job. The records keep the seed as that version wrote it.
    """
    try:
        jobs = journal["jobs"]
        entries = [(k, circuit) for k, job in enumerate(jobs) for circuit in job["circuits"]]
        known = _beside(path, [circuit for _, circuit in entries])
        seed = journal.pop("seed")
        for (k, circuit), labels in zip(entries, known, strict=True):
            stream = None if seed is None else [seed, k]
            circuit.update(labels, seed=seed, stream=stream)
        return journal | {"schema": 2, "options": {}}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"path must be a job journal; got {path}.") from error


def _beside(path: Path, circuits: list[Any]) -> list[dict[str, Any]]:
    """Return wires and source of each circuit, from the file beside the journal if it is there."""
    file = path.with_suffix(".circuits.json")
    if not file.is_file():
        return [
            {"wires": list(range(len(c["qubits"]))), "source": c.get("source")} for c in circuits
        ]
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        labels = [{"wires": k["wires"], "source": k["source"]} for k in known]
    except (ValueError, KeyError, TypeError):
        labels = []
    if [len(k["wires"]) for k in labels] != [len(c["qubits"]) for c in circuits]:
        raise ValueError(
            f"{file} must hold the wires of the circuits of {path.name}; remove it to number them."
        )
    return labels
