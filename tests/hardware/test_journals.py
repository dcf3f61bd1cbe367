"""Journals: one file a run, whole or refused, and those of the last version still open."""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest
from fake_providers import QUICK, IBMServer, IonQServer, account
from fault_table import make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qmlcourse import hardware
from qmlcourse.hardware import _jobs, _journal, _registry
from qmlcourse.hardware._ibm import IBMDevice
from qmlcourse.hardware._ionq import IonQDevice

pytestmark = pytest.mark.extra("cirq", "ionq", "qiskit")

OLD = Path(__file__).with_name("data") / "journals"
SERVERS = {"simulator": IonQServer, "aria": IonQServer, "ibm": IBMServer}
TURN = qml.tape.QuantumScript([qml.RY(1.2, 0)], [qml.counts(wires=[0])])
NAMED = qml.tape.QuantumScript(
    [qml.RY(0.9, "b"), qml.CNOT(["b", "a"]), qml.RX(0.4, "c")],
    [qml.counts(wires=["b", "a", "c"])],
)


@pytest.fixture
def quick(monkeypatch):
    """Let the devices that resume makes wait no longer than tests do."""
    monkeypatch.setattr(_registry, "IonQDevice", partial(IonQDevice, patience=QUICK))
    monkeypatch.setattr(_registry, "IBMDevice", partial(IBMDevice, patience=QUICK))


@pytest.fixture(params=[IonQServer, IBMServer], ids=["ionq", "ibm"])
def server(request):
    with request.param() as server, account(server):
        yield server


def copied(case, folder, beside=True):
    """Copy a journal of the last version, and what lay beside it, to where a reader has it."""
    path = folder / "old.job.json"
    shutil.copy(OLD / f"{case}.json", path)
    if beside and (OLD / f"{case}.circuits.json").is_file():
        shutil.copy(OLD / f"{case}.circuits.json", folder / "old.job.circuits.json")
    return path


def accept(server, journal):
    """Let the provider know the jobs of which the journal says that it may."""
    device = hardware.get_backend(journal["backend"])
    for job in journal["jobs"]:
        if job["state"] in ("sending", "waiting"):
            new = device.send(job["circuits"], journal["shots"], job["tag"])
            known = job["id"] or new
            server.jobs[known] = server.jobs.pop(new) | {"id": known}


# ---------------------------------------------------------------- of the last version


@pytest.mark.parametrize("beside", [True, False], ids=["whole", "alone"])
@pytest.mark.parametrize("state", ["planned", "sending", "waiting", "done"])
@pytest.mark.parametrize("name", ["simulator", "ibm"])
def test_journals_of_the_last_version_give_its_records(name, state, beside, tmp_path, quick):
    """The expected records are those that the last version itself gave in the end."""
    path = copied(f"{name}-{state}", tmp_path, beside)
    old = json.loads(path.read_text())
    assert (old["schema"], old["seed"]) == (1, 5)
    expected = hardware.replay(OLD / f"{name}-done.records.json")
    labelled = beside and state in ("waiting", "done")  # it wrote the labels last
    with SERVERS[name]() as server, account(server):
        accept(server, old)
        records = hardware.resume(path)
        requests = len(server.requests)
        assert hardware.resume(path) == records
        assert len(server.requests) == requests
        assert len(server.jobs) == (0 if state == "done" else len(old["jobs"]))
    same = ["backend", "kind", "provider", "device", "qubits", "calibration", "source",
            "compiled", "options", "shots", "seed", "counts"]  # fmt: skip
    if state == "done":
        same += ["job_id", "started", "ended"]
    for record, wanted in zip(records, expected, strict=True):
        for field in same:
            assert getattr(record, field) == getattr(wanted, field), field
        assert record.wires == (wanted.wires if labelled else list(range(len(wanted.wires))))
    if state in ("waiting", "sending"):
        assert {r.job_id for r in records} == set(server.jobs)
    if state != "done":  # from now on it is one file
        (tmp_path / "old.job.circuits.json").unlink(missing_ok=True)
        assert json.loads(path.read_text())["schema"] == 2
        assert hardware.resume(path) == records


@pytest.mark.parametrize("case", ["aria-done", "simulator-unseeded"])
def test_finished_journals_of_the_last_version_give_its_records(case, tmp_path):
    records = hardware.resume(copied(case, tmp_path))
    expected = hardware.replay(OLD / f"{case}.records.json")
    records = records if isinstance(records, list) else [records]
    versions = {"versions": None}
    assert [vars(r) | versions for r in records] == [vars(r) | versions for r in expected]


@pytest.mark.parametrize("text", ["", "{}", "[]", "[{}, {}]", '[{"wires": [0], "source": ""}]'])
def test_a_damaged_file_beside_an_old_journal_is_one_sentence(text, tmp_path):
    path = copied("simulator-done", tmp_path)
    path.with_suffix(".circuits.json").write_text(text)
    with pytest.raises(ValueError, match=r"must hold the wires of the circuits of old\.job\.json"):
        hardware.resume(path)


# ---------------------------------------------------------------- of this version


def test_a_job_leaves_one_file(server, tmp_path):
    hardware.run([NAMED, TURN], make(server), 20, seed=1, confirm=True, folder=tmp_path)
    (path,) = tmp_path.glob("*.json")
    assert {p.name for p in tmp_path.iterdir()} <= {path.name, f"{path.name}.lock"}
    journal = json.loads(path.read_text())
    assert (journal["schema"], journal["options"]) == (2, {})
    assert [c["wires"] for c in _journal.circuits(journal)] == [["b", "a", "c"], [0]]


class Died(BaseException):
    """What kills a process."""


def test_a_process_that_dies_before_it_sends_leaves_all_that_records_need(
    server, tmp_path, monkeypatch, quick
):
    def die(*args):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(_jobs, "_deliver", die)
        with pytest.raises(Died):
            hardware.run([NAMED, TURN], make(server), 20, seed=1, confirm=True, folder=tmp_path)
    assert server.jobs == {}
    (path,) = _journal.unfinished(tmp_path)
    named, turn = hardware.resume(path)
    assert (named.wires, turn.wires) == (["b", "a", "c"], [0])
    assert "ry(0.9) q[0]" in named.source["text"] and "ry(1.2)" in turn.source["text"]
    assert sum(named.counts.values()) == sum(turn.counts.values()) == 20


@pytest.mark.parametrize("seed", [None, 0, 7, np.int64(7)], ids=repr)
def test_a_record_of_ionqs_simulator_is_repeated_by_its_own_seed(seed, tmp_path, quick):
    with IonQServer() as server, account(server):
        run = partial(hardware.run, backend="ionq/simulator", shots=500, confirm=True)
        records = run([NAMED, NAMED, TURN], seed=seed, folder=tmp_path / "list")
        assert len({record.seed for record in records}) == 3
        assert records[0].counts != records[1].counts
        (path,) = (tmp_path / "list").glob("*.job.json")
        assert hardware.resume(path) == records
        for circuit, record in zip([NAMED, NAMED, TURN], records, strict=True):
            again = run(circuit, seed=record.seed, folder=tmp_path / "one")
            assert (again.counts, again.seed) == (record.counts, record.seed)
    if seed is not None:
        on_shots = hardware.run([NAMED, NAMED, TURN], "shots", 500, seed=seed)
        assert [r.seed for r in on_shots] == [r.seed for r in records]
        # And the list is replayed by the call that made it.
        hardware.save(records, tmp_path / "r.json")
        name = f"record/{tmp_path}/r.json"
        assert hardware.run([NAMED, NAMED, TURN], name, 500, seed=seed) == records


def test_a_process_that_dies_while_it_waits_gets_the_counts_of_its_seeds(tmp_path, quick):
    with IonQServer() as server, account(server):
        server.polls, polls = 10**9, server.polls
        device = IonQDevice("simulator", patience=QUICK._replace(limit=0.0))
        with pytest.raises(RuntimeError, match="still waits"):
            hardware.run([NAMED, TURN], device, 500, confirm=True, folder=tmp_path)
        server.polls = polls
        (path,) = _journal.unfinished(tmp_path)
        for circuit, record in zip([NAMED, TURN], hardware.resume(path), strict=True):
            again = hardware.run(
                circuit, "ionq/simulator", 500, seed=record.seed, confirm=True, folder=tmp_path
            )
            assert again.counts == record.counts


@pytest.mark.parametrize(("seed", "compiles"), [(None, 7), (0, 0), (5, 5)])
def test_a_seed_on_ibms_devices_is_the_compilers(seed, compiles, tmp_path, monkeypatch):
    from qiskit.transpiler import preset_passmanagers

    seen, right = [], preset_passmanagers.generate_preset_pass_manager

    def watched(**options):
        seen.append(options["seed_transpiler"])
        return right(**options)

    monkeypatch.setattr("qiskit.transpiler.generate_preset_pass_manager", watched)
    with IBMServer() as server, account(server):
        records = hardware.run(
            [NAMED, TURN], make(server), 20, seed=seed, confirm=True, folder=tmp_path
        )
    assert set(seen) == {compiles} and len(seen) >= 2
    assert [record.seed for record in records] == [seed, seed]


@pytest.mark.parametrize("name", ["simulator", "ibm"])
def test_sent_circuits_are_prepared_once(name, monkeypatch, tmp_path, quick):
    calls, right = [], qml.to_openqasm

    def counted(*args, **options):
        calls.append(args)
        return right(*args, **options)

    monkeypatch.setattr(qml, "to_openqasm", counted)  # what preparing ends with
    backend = {"simulator": "ionq/simulator", "ibm": "ibm/ibm_manila"}[name]
    with SERVERS[name]() as server, account(server):
        hardware.run([NAMED, TURN], backend, 20, confirm=True, folder=tmp_path)
    assert len(calls) == 2


# ---------------------------------------------------------------- damaged


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    # Made once: what it lacks is asked for by the first test only.
    pytest.importorskip("cirq_ionq")
    folder = tmp_path_factory.mktemp("finished")
    with IonQServer() as server, account(server):
        device = IonQDevice("simulator", patience=QUICK)
        records = hardware.run([NAMED, TURN], device, 20, seed=1, confirm=True, folder=folder)
    (path,) = folder.glob("*.job.json")
    return path, records


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_truncated_journal_is_refused(finished, tmp_path, data):
    text = finished[0].read_bytes()
    path = tmp_path / "x.job.json"
    path.write_bytes(text[: data.draw(st.integers(0, len(text) - 2))])
    with pytest.raises(ValueError, match="path must be a job journal"):
        hardware.resume(path)


def fields(value, path=()):
    """Yield the path of every named entry of a JSON value."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict):
            yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from fields(item, (*path, key))


@pytest.mark.parametrize("old", [False, True], ids=["schema 2", "schema 1"])
def test_a_journal_that_lacks_a_field_is_refused_or_gives_the_same_records(old, finished, tmp_path):
    path = copied("simulator-done", tmp_path) if old else tmp_path / "x.job.json"
    text = (path if old else finished[0]).read_text()
    path.write_text(text)
    whole, refused = hardware.resume(path), {}
    for place in fields(json.loads(text)):
        edited = json.loads(text)
        holder = edited
        for key in place[:-1]:
            holder = holder[key]
        del holder[place[-1]]
        path.write_text(json.dumps(edited))
        try:
            assert hardware.resume(path) == whole, place
        except ValueError as error:
            refused[place] = str(error)
    assert len(refused) > 20
    assert not any("\n" in sentence for sentence in refused.values())


def test_wires_that_are_not_those_of_the_qubits_are_refused(finished, tmp_path):
    path, journal = tmp_path / "x.job.json", json.loads(finished[0].read_text())
    journal["jobs"][0]["circuits"][0]["wires"].pop()
    path.write_text(json.dumps(journal))
    with pytest.raises(ValueError, match="path must be a job journal; parts of"):
        hardware.resume(path)


@pytest.mark.parametrize("backend", ["exact", "google/weber", "nowhere/x", 3, None])
def test_a_journal_of_no_device_is_refused(backend, finished, tmp_path):
    path = tmp_path / "x.job.json"
    path.write_text(json.dumps(json.loads(finished[0].read_text()) | {"backend": backend}))
    with pytest.raises((ValueError, TypeError), match="backend"):
        hardware.resume(path)


def test_a_job_without_circuits_is_damage(finished, tmp_path):
    path = tmp_path / "x.job.json"
    journal = json.loads(finished[0].read_text())
    journal["jobs"][0] |= {"circuits": [], "counts": []}
    path.write_text(json.dumps(journal))
    with pytest.raises(ValueError, match="are missing or damaged"):
        hardware.resume(path)


def test_a_missing_journal_and_a_folder_are_one_sentence(tmp_path):
    for path in (tmp_path / "none.job.json", tmp_path):
        with pytest.raises(ValueError, match="path must be a job journal; there is no file"):
            hardware.resume(path)
    assert list(tmp_path.iterdir()) == []
