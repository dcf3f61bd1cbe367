"""What each network fault costs: ``python tests/hardware/fault_table.py`` prints the table."""

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pennylane as qml

sys.path.insert(0, str(Path(__file__).parent))
from fake_providers import FAULTS, QUICK, IBMServer, IonQServer, account

from qmlcourse.hardware import _jobs, _seeds
from qmlcourse.hardware._ibm import IBMDevice
from qmlcourse.hardware._ionq import IonQDevice
from qmlcourse.hardware._tapes import prepare

SHOTS = 200
TAPE = qml.tape.QuantumScript([qml.RY(0.7, 0), qml.CNOT([0, 1])], [qml.counts(wires=[0, 1])])

# A fault or several in a row, by what the client was asking for.
SUBMISSION = [[("submit", fault)] for fault in FAULTS]
READING = [
    *([("list", fault)] for fault in ("500", "cut")),
    *([("job", fault)] for fault in ("drop before", "429", "garbled")),
    *([("results", f)] for f in FAULTS if f not in ("late", "503 after", "twice")),
]
STORM = [
    [("submit", "drop after"), ("list", "500"), ("list", "cut"), ("job", "429"), ("job", "cut")],
    [("submit", "500"), ("submit", "drop before"), ("submit", "503 after"), ("results", "cut")],
]
CASES = SUBMISSION + READING + STORM


class Row(NamedTuple):
    """What came of one case."""

    provider: str
    faults: str
    injected: int
    asked: int  # jobs
    sent: int  # jobs that the provider accepted, cancelled ones with them
    run: int  # jobs that the provider ran, and would bill
    lost: int  # shots
    double: int  # shots counted or billed twice


def make(server, patience=QUICK):
    """Return the device that a server stands for."""
    if isinstance(server, IBMServer):
        return IBMDevice("ibm_manila", patience=patience)
    return IonQDevice("qpu.aria-1", patience=patience)


def submit(device, tapes, shots=SHOTS, seed=1, *, folder, confirm=True):
    """Send tapes as run does, and return the journal without waiting."""
    circuits = [prepare(tape) for tape in tapes]
    seeds = _seeds.for_circuits(seed, len(circuits), device.kind)
    return device.submit(circuits, shots, seeds, folder=folder, confirm=confirm)


def run_case(server, faults, folder):
    """Run one circuit through a server with faults and count what happened."""
    patience = QUICK
    if ("submit", "late") in faults:
        # Sent again before the late request arrives: the worse of the two orders. A second more
        # than the client needs, for a machine with much else to do.
        server.slow, server.polls = 1.5, 9 * server.polls
        patience = QUICK._replace(poll=0.1, most=0.1)
    device = make(server, patience)
    server.faults = list(faults)
    path = submit(device, [TAPE], folder=folder)
    counted = sum(sum(r.counts.values()) for r in _jobs.resume(path, device))
    return Row(
        device.name,
        ", ".join(f"{route}: {fault}" for route, fault in faults),
        len(server.injected),
        1,
        len(server.jobs),
        len(server.ran),
        max(0, SHOTS - counted),
        max(0, counted - SHOTS) + max(0, server.shots_run() - SHOTS),
    )


def rows(kind, cases=CASES):
    """Yield a row for each case of faults."""
    for faults in cases:
        with kind() as server, tempfile.TemporaryDirectory() as folder, account(server):
            yield run_case(server, faults, folder)


if __name__ == "__main__":
    import pandas as pd

    table = pd.DataFrame([row for kind in (IonQServer, IBMServer) for row in rows(kind)])
    print(table.to_string(index=False))
    print(table[["injected", "asked", "sent", "run", "lost", "double"]].sum().to_string())
