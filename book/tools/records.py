"""Make the records of the stand-ins in book/data/records, and their lines in checksums.sha256.

    python book/tools/records.py [--check]

With --check nothing is written: each record is verified, and made again from its own seed.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
import pennylane as qml

from qmlcourse import _files, hardware

DATA = Path(__file__).parents[1] / "data"
CHECKSUMS = DATA / "checksums.sha256"
SHOTS, SEED = 1000, 7


def ghz() -> qml.tape.QuantumScript:
    """Return four qubits, half the time all 0 and half the time all 1."""
    gates = [qml.Hadamard(0), *(qml.CNOT([k, k + 1]) for k in range(3))]
    return qml.tape.QuantumScript(gates, [qml.probs(wires=range(4))])


def kernel() -> qml.tape.QuantumScript:
    """Return a feature map and its inverse: without noise all four qubits read 0."""
    features = np.array([0.3, 0.7, 1.1, 1.5])
    pairs = [[0, 1], [1, 2], [2, 3]]
    embed = qml.IQPEmbedding(features, range(4), pattern=pairs)
    return qml.tape.QuantumScript([embed, qml.adjoint(embed)], [qml.probs(wires=range(4))])


# The inverse must not be compiled away: optimize=0.
RECORDS = {
    "weber_ghz4.json": (ghz, "google/weber", 1),
    "fake_manila_ghz4.json": (ghz, "ibm/fake_manila", 1),
    "fake_torino_kernel4.json": (kernel, "ibm/fake_torino", 0),
}


def make(name: str) -> hardware.Record:
    """Run one of them."""
    circuit, backend, optimize = RECORDS[name]
    made: hardware.Record = hardware.run(circuit(), backend, SHOTS, seed=SEED, optimize=optimize)
    return made


def sums() -> dict[str, str]:
    """Return the checksum that stands beside each file's name."""
    lines = CHECKSUMS.read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems() -> list[str]:
    """Return what is wrong with the committed records, one sentence each."""
    found = []
    for name in RECORDS:
        path = DATA / "records" / name
        if sums().get(f"records/{name}") != sha256(path):
            found.append(f"{name} differs from its line in {CHECKSUMS.name}.")
            continue
        record, again = hardware.replay(path), make(name)
        for field in ("counts", "qubits", "calibration", "source", "compiled"):
            if getattr(record, field) != getattr(again, field):
                found.append(f"{name}: a new run gives another value of {field!r}.")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="verify the records and stop")
    if parser.parse_args(argv).check:
        found = problems()
        print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
        return int(bool(found))
    (DATA / "records").mkdir(exist_ok=True)
    lines = sums()
    for name in RECORDS:
        path = DATA / "records" / name
        make(name).save(path)
        lines[f"records/{name}"] = sha256(path)
    text = "".join(f"{lines[name]}  {name}\n" for name in sorted(lines))
    _files.write(CHECKSUMS, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
