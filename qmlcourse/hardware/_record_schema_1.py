"""Records as older versions of the course wrote them."""

import hashlib
import json
from itertools import pairwise
from typing import Any

from ._backend import CALIBRATED, SAMPLED
from ._record_checks import from_dict
from ._records import Record

# Schema 1 had no field for its number: one object for all circuits of the hardware project.
_SCHEMA_1 = (
    "provider", "device", "is_hardware", "calibrated_at", "qubits", "pair_errors",
    "readout_errors", "shots", "seeds", "versions", "job_id", "started", "ended", "heads", "jobs",
    "circuits", "counts", "sha256",
)  # fmt: skip


def from_schema_1(data: dict[str, Any]) -> list[Record]:
    """Check a record of schema 1 and return a record for each of its circuits.

    It had no digest of each field, so a change shows only in the checksum of the whole. Its
    circuits were drawn one after another from one seed, which stands among the options, and it
    kept no circuit from before compiling.
    """
    for name in _SCHEMA_1:
        if name not in data:
            raise ValueError(f"The record of schema 1 lacks the field {name!r}.")
    if unknown := sorted(set(data) - set(_SCHEMA_1)):
        raise ValueError(f"The record of schema 1 has the unknown field {unknown[0]!r}.")
    content = {key: value for key, value in data.items() if key != "sha256"}
    if data["sha256"] != hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest():
        raise ValueError("The record was changed: its field 'sha256' doesn't match the rest.")
    if data["is_hardware"] is not False:
        raise ValueError("The record's field 'is_hardware' must be false in schema 1.")
    if len(data["counts"]) != len(data["circuits"]):
        raise ValueError("The record's field 'counts' must hold a table for each circuit.")
    for counts in data["counts"]:
        if sum(counts.values()) != data["shots"]:
            raise ValueError(f"The record's counts must sum to its {data['shots']} shots.")
    noisy = data["device"] != "noiseless"
    names = [f"{row}_{column}" for row, column in data["qubits"]]
    values = {
        "qubits": {
            name: {"single_qubit_p00_error": e10, "single_qubit_p11_error": e01}
            for name, (e10, e01) in zip(names, data["readout_errors"], strict=True)
        },
        "pairs": {
            f"{a}-{b}": {"two_qubit_parallel_sqrt_iswap_gate_xeb_pauli_error_per_cycle": error}
            for (a, b), error in zip(pairwise(names), data["pair_errors"], strict=True)
        },
    }
    records = [
        Record(
            backend=f"google/{data['device']}" if noisy else "shots",
            kind=CALIBRATED if noisy else SAMPLED,
            provider="Google",
            device=data["device"],
            wires=list(range(len(names))),
            qubits=names,
            calibration={"time": data["calibrated_at"], "values": values} if noisy else None,
            source={"language": "none", "text": ""},
            compiled={"language": "cirq-json", "text": circuit},
            options={"schema": 1, "position": k, "seeds": data["seeds"], "job": data["jobs"][k]},
            shots=data["shots"],
            seed=None,
            counts=counts,
            exact_probabilities=None,
            versions=data["versions"],
            job_id=data["job_id"],
            started=data["started"],
            ended=data["ended"],
        )
        for k, (circuit, counts) in enumerate(zip(data["circuits"], data["counts"], strict=True))
    ]
    return [from_dict(json.loads(record.to_json())) for record in records]
