"""The public call on devices: run, records and resume, over HTTP to local servers."""

import json

import numpy as np
import pennylane as qml
import pytest
from fake_providers import QUICK, TOKEN, IBMServer, IonQServer, account
from fault_table import make

from qmlcourse import hardware

pytestmark = pytest.mark.extra("ionq", "qiskit")
SHOTS = 300
# Wires with names of their own, in an order that is not alphabetical.
FLIP = qml.tape.QuantumScript(
    [qml.X("b"), qml.RY(0.0, "a"), qml.CNOT(["b", "c"])], [qml.counts(wires=["b", "a", "c"])]
)
TURN = qml.tape.QuantumScript([qml.RY(1.2, 0)], [qml.expval(qml.Z(0))])


@pytest.fixture(params=[IonQServer, IBMServer], ids=["ionq", "ibm"])
def server(request):
    with request.param() as server, account(server):
        yield server


def test_run_gives_records_like_a_stand_ins(server, tmp_path):
    device = make(server, QUICK)
    flip, turn = hardware.run([FLIP, TURN], device, SHOTS, seed=1, confirm=True, folder=tmp_path)
    assert flip.wires == ["b", "a", "c"]
    assert flip.counts == {"101": SHOTS}
    assert sum(turn.counts.values()) == SHOTS
    value, error, _ = turn.expectation()
    assert abs(value - np.cos(1.2)) < 5 * error
    for record in (flip, turn):
        assert (record.kind, record.provider, record.shots) == (device.kind, device.provider, SHOTS)
        assert record.job_id
        assert record.versions["pennylane"]
        record.save(tmp_path / "record.json")
        assert hardware.replay(tmp_path / "record.json") == record
        assert TOKEN not in (tmp_path / "record.json").read_text()


def test_resume_after_the_process_gives_the_same_records_and_no_new_job(server, tmp_path):
    before = hardware.run(
        [FLIP, TURN], make(server, QUICK), SHOTS, seed=1, confirm=True, folder=tmp_path
    )
    jobs = len(server.jobs)
    (journal,) = tmp_path.glob("*.job.json")
    assert hardware.resume(journal) == before
    assert len(server.jobs) == jobs


def test_one_circuit_gives_one_record(server, tmp_path):
    record = hardware.run(FLIP, make(server, QUICK), 10, confirm=True, folder=tmp_path)
    (journal,) = tmp_path.glob("*.job.json")
    assert isinstance(record, hardware.Record)
    assert hardware.resume(journal) == record
    assert json.loads(journal.read_text())["shots"] == 10


def test_nothing_is_sent_unconfirmed(server, tmp_path):
    with pytest.raises(RuntimeError, match="Nothing was sent"):
        hardware.run(FLIP, make(server, QUICK), 10, confirm=lambda text: False, folder=tmp_path)
    assert not server.jobs
