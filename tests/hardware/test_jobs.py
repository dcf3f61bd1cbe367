"""Jobs on devices: sent once, found again, counted once, and no token left anywhere."""

import contextlib
import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import traceback

import fault_table
import numpy as np
import pennylane as qml
import pytest
from fake_providers import QUICK, TOKEN, IBMServer, IonQServer, account
from fault_table import CASES, SHOTS, STORM, SUBMISSION, TAPE, make, submit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qmlcourse.hardware import _jobs, _journal, _network
from qmlcourse.hardware._confirm import ask
from qmlcourse.hardware._ibm import IBMDevice
from qmlcourse.hardware._ibm_compile import compile_circuits
from qmlcourse.hardware._ionq import IonQDevice
from qmlcourse.hardware._registry import get_backend
from qmlcourse.hardware._tapes import prepare

pytestmark = pytest.mark.extra("ionq", "qiskit")
KINDS = [IonQServer, IBMServer]
WIDE = qml.tape.QuantumScript(
    [
        qml.RY(0.3, 0), qml.CNOT([0, 1]), qml.RX(1.1, 2), qml.CRZ(0.4, [1, 2]), qml.Hadamard(2),
        qml.CRY(0.9, [2, 0]),
    ],
    [qml.counts(wires=[0, 1, 2])],
)  # fmt: skip


@pytest.fixture(params=KINDS, ids=["ionq", "ibm"])
def server(request):
    with request.param() as server, account(server):
        yield server


def exact(tape):
    device = qml.device("default.qubit", wires=len(tape.wires))
    script = qml.tape.QuantumScript(tape.operations, [qml.probs(wires=range(len(tape.wires)))])
    return qml.execute([script], device)[0]


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("kind", "cases"),
    [(IonQServer, CASES), (IBMServer, SUBMISSION + STORM)],
    ids=["ionq", "ibm"],
)
def test_no_fault_loses_or_doubles_a_shot(kind, cases):
    rows = list(fault_table.rows(kind, cases))
    assert [row.injected for row in rows] == [len(faults) for faults in cases]
    assert [row for row in rows if (row.run, row.lost, row.double) != (1, 0, 0)] == []
    # Both orders were met: the network's copy and the late request were there, and were stopped.
    assert [row.faults for row in rows if row.sent > 1] == ["submit: late", "submit: twice"]


def test_a_provider_that_asks_for_a_pause_gets_it(server, tmp_path):
    pauses = []
    device = make(server, QUICK._replace(sleep=pauses.append))
    server.faults = [("submit", "429")]
    submit(device, [TAPE], folder=tmp_path)
    assert pauses[0] == 0.35  # and not the 0.01 of the patience


def test_a_status_says_whether_an_answer_is_lost():
    lost = (408, 409, 425, 429, 500, 502, 503, 504, 599)
    told = (200, 400, 401, 403, 404, 407, 410, 422, 424, 426, 428, 499)
    assert [code for code in (*lost, *told) if _network.lost(code)] == list(lost)


def test_a_pause_is_asked_for_in_seconds_or_not_at_all():
    asked = {"5": 5, "0.35": 0.35, "0.5 s": 0, "-3": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0, "": 0}
    assert {text: _network.seconds(text) for text in asked} == asked
    assert _network.seconds(None) == 0


def test_what_is_quoted_is_one_short_line_without_secrets():
    said = "bad\n\trequest of ab, of abc and of x."
    assert _network.scrub(said, "ab", None, "", "x") == "bad request of ***, of ***c and of ***"
    assert _network.scrub("yz" * 300) == "yz" * 150


def test_pauses_double_up_to_the_longest():
    pauses = []

    def fail():
        raise _network.NetworkError("gone")

    patience = _network.Patience(attempts=6, first=1, most=5, sleep=pauses.append)
    with pytest.raises(_network.NetworkError):
        _network.patiently(patience, fail)
    assert pauses == [1, 2, 4, 5, 5]


def test_a_provider_that_stays_away_leaves_a_journal_to_resume(server, tmp_path):
    device = make(server, QUICK._replace(attempts=2))
    server.faults = [("submit", "500")] * 2
    with pytest.raises(RuntimeError, match=r"did not answer in 2 tries \(status 500\)") as caught:
        submit(device, [TAPE], folder=tmp_path)
    (path,) = _journal.unfinished(tmp_path)
    assert str(path) in str(caught.value)
    (result,) = _jobs.resume(path, make(server))
    assert (sum(result.counts.values()), len(server.jobs)) == (SHOTS, 1)
    assert _journal.unfinished(tmp_path) == []


def test_a_result_with_every_shot_twice_is_refused(server, tmp_path):
    device = make(server, QUICK._replace(attempts=2))
    path = submit(device, [TAPE], folder=tmp_path)
    (job,) = server.jobs.values()
    job["doubled"] = 2
    with pytest.raises(RuntimeError, match=f"{2 * SHOTS} shots where {SHOTS} were run"):
        _jobs.resume(path, device)
    del job["doubled"]
    (result,) = _jobs.resume(path, device)
    assert sum(result.counts.values()) == SHOTS


def test_a_second_resume_reads_the_disk_and_counts_nothing_again(server, tmp_path):
    device = make(server)
    path = submit(device, [TAPE, TAPE], folder=tmp_path)
    ids = [job["id"] for job in json.loads(path.read_text())["jobs"]]
    assert ids == list(server.jobs)  # on disk before anything waits
    first, before = _jobs.resume(path, device), len(server.requests)
    assert _jobs.resume(path, make(server)) == first
    assert len(server.requests) == before
    assert server.shots_run() == 2 * SHOTS


# ---------------------------------------------------------------- the process dies

CHILD = """
import contextlib, sys
sys.path[:0] = {paths!r}
import fake_providers
from qmlcourse.hardware import _ibm, _ionq, _jobs
ibm = {kind!r} == "IBMServer"
device = _ibm.IBMDevice("ibm_manila") if ibm else _ionq.IonQDevice("qpu.aria-1")
device.patience = fake_providers.QUICK._replace(timeout=60)
with fake_providers.exchange_keys_here() if ibm else contextlib.nullcontext():
    _jobs.resume({path!r}, device)
"""


@pytest.mark.parametrize(("kind", "when"), [(IonQServer, "waiting"), (IBMServer, "sent")])
def test_a_killed_process_neither_loses_nor_repeats_a_job(kind, when, tmp_path, monkeypatch):
    with kind() as server, account(server):
        device = make(server)
        with monkeypatch.context() as patch:
            patch.setattr(_jobs, "begin", _journal.new)  # all but sending
            path = submit(device, [TAPE], folder=tmp_path)
        assert server.jobs == {}
        server.polls, done = 10**9, server.polls
        if when == "sent":
            server.slow, server.faults = 30, [("submit", "silent")]
        code = CHILD.format(paths=sys.path, kind=kind.__name__, path=str(path))
        child = subprocess.Popen([sys.executable, "-c", code])
        event = server.arrived if when == "sent" else server.looked
        assert event.wait(60)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        (entry,) = json.loads(path.read_text())["jobs"]
        assert (entry["state"], entry["id"] is None) == (
            ("sending", True) if when == "sent" else ("waiting", False)
        )
        server.polls = done
        (result,) = _jobs.resume(path, make(server))
        assert sum(result.counts.values()) == SHOTS
        assert (len(server.jobs), server.shots_run()) == (1, SHOTS)


class Died(BaseException):
    """What kills a process at one of its steps."""


class Memory:
    """A provider without a network, whose every call may fail before or after it took effect."""

    name, patience = "ionq/qpu.aria-1", _network.Patience(attempts=60, sleep=lambda seconds: None)

    def __init__(self, faults=(), die_at=None):
        self.jobs, self.faults, self.die_at, self.step = {}, list(faults), die_at, 0

    def call(self, action):
        fault = self.faults.pop(0) if self.faults else "none"
        self.tick()
        if fault == "before":
            raise _network.NetworkError("lost")
        answer = action()
        self.tick()
        if fault == "after":
            raise _network.NetworkError("lost")
        return answer

    def tick(self):
        self.step += 1
        if self.step == self.die_at:
            raise Died

    def send(self, circuits, shots, tag):
        def action():
            job_id = f"job {len(self.jobs)}"
            self.jobs[job_id] = {"tag": tag, "state": "waiting", "looks": 0, "shots": shots}
            return job_id

        return self.call(action)

    def find(self, tag):
        def action():
            found = [j for j, job in self.jobs.items() if job["tag"] == tag]
            return sorted(found, key=lambda j: self.jobs[j]["state"] == "cancelled")

        return self.call(action)

    def look(self, job_id):
        def action():
            job = self.jobs[job_id]
            job["looks"] += 1
            if job["looks"] > 1 and job["state"] == "waiting":
                job["state"] = "done"
            return _network.Status(job["state"])

        return self.call(action)

    def fetch(self, job_id, circuits, shots):
        return self.call(lambda: _network.Outcome([{"0": shots}] * len(circuits)))

    def cancel(self, job_id):
        self.call(lambda: self.jobs[job_id].update(state="cancelled"))

    def ran(self):
        return sum(job["state"] == "done" for job in self.jobs.values())


GROUP = [
    {
        "compiled": "", "language": "none", "qubits": ["0"], "calibration": None,
        "wires": [0], "source": "", "seed": 0,
    }
]  # fmt: skip


@pytest.mark.parametrize("faults", [[], ["after"], ["before", "after"]])
def test_death_at_any_step_of_two_jobs_leaves_two_jobs(faults, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda file: None)
    write, deaths = _journal.write, 0
    for die_at in range(1, 200):
        provider = Memory(faults, die_at)

        def stepped(path, journal, provider=provider):
            provider.tick()
            write(path, journal)
            provider.tick()

        path = _journal.new(provider, [GROUP, GROUP], 10, tmp_path / str(die_at))
        with monkeypatch.context() as patch:
            patch.setattr(_journal, "write", stepped)
            try:
                _jobs.resume(path, provider)
            except Died:
                deaths += 1
        results = _jobs.resume(path, provider)
        assert [r.counts for r in results] == [{"0": 10}] * 2
        assert (len(provider.jobs), provider.ran()) == (2, 2)
        if provider.step < die_at:
            break
    assert deaths > 20  # it ended because there was no further step


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(["none", "before", "after"]), max_size=40))
def test_any_order_of_lost_answers_runs_each_job_once(tmp_path, monkeypatch, faults):
    monkeypatch.setattr(os, "fsync", lambda file: None)
    provider = Memory(faults)
    path = _jobs.begin(provider, [GROUP, GROUP], 10, tmp_path)
    assert [r.counts for r in _jobs.resume(path, provider)] == [{"0": 10}] * 2
    assert (len(provider.jobs), provider.ran()) == (2, 2)


def test_a_list_that_lags_behind_is_asked_again_before_sending(tmp_path):
    class Lagging(Memory):
        lists = 0

        def find(self, tag):
            self.lists += 1
            return super().find(tag) if self.lists > 1 else []

    provider = Lagging(["after"])
    _jobs.begin(provider, [GROUP], 10, tmp_path)
    assert len(provider.jobs) == 1


def test_a_list_that_shows_no_job_is_given_time(tmp_path):
    class Lagging(Memory):
        lists = 0

        def find(self, tag):
            self.lists += 1
            return super().find(tag) if self.lists > 1 else []

    provider, pauses = Lagging(["after"]), []
    provider.patience = _network.Patience(first=1, settle=7, sleep=pauses.append)
    _jobs.begin(provider, [GROUP], 10, tmp_path)
    assert pauses == [1, 7]


def test_a_waiting_job_is_looked_at_ever_less_often_until_the_limit(tmp_path):
    class Queued(Memory):
        def look(self, job_id):
            return _network.Status("waiting")

    provider, pauses = Queued(), []
    provider.patience = _network.Patience(poll=2, most=5, limit=19.5, sleep=pauses.append)
    path = _jobs.begin(provider, [GROUP], 10, tmp_path)
    with pytest.raises(RuntimeError, match="still waits after 20 s"):
        _jobs.resume(path, provider)
    assert pauses == [2, 3, 4.5, 5, 5]


def test_unfinished_journals_are_listed_oldest_first(tmp_path):
    paths = [_journal.new(Memory(), [GROUP], 10, tmp_path) for _ in range(3)]
    for path, day in zip(paths, (2, 3, 1), strict=True):
        journal = json.loads(path.read_text()) | {"created": f"2026-01-0{day}T00:00:00+00:00"}
        _journal.write(path, journal)
    assert _journal.unfinished(tmp_path) == [paths[2], paths[0], paths[1]]


def test_the_job_to_keep_is_found_first(server, tmp_path):
    device = make(server)
    journal = json.loads(submit(device, [TAPE], folder=tmp_path).read_text())
    circuits = journal["jobs"][0]["circuits"]
    ids = [device.send(circuits, SHOTS, "mine") for _ in range(3)]
    device.send(circuits, SHOTS, "another's")
    assert device.find("mine") == ids and device.find("nobody's") == []
    device.cancel(ids[0])
    assert device.find("mine") == [ids[1], ids[2], ids[0]]


def test_one_process_at_a_time_works_on_a_journal(tmp_path):
    provider = Memory()
    path = _journal.new(provider, [GROUP], 10, tmp_path)
    with _journal.locked(path), pytest.raises(RuntimeError, match="Another process is working on"):
        _jobs.resume(path, provider)
    assert provider.jobs == {}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 9}', '{"schema": 1, "jobs": []}'])
def test_other_files_are_no_journals(text, tmp_path):
    path = tmp_path / "x.job.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="path must be a job journal"):
        _jobs.resume(path, Memory())
    with pytest.raises(ValueError, match="path must be a job journal; there is no file"):
        _jobs.resume(tmp_path / "missing.json", Memory())


# ---------------------------------------------------------------- jobs that end badly


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("canceled", "was cancelled"),
        ("failed", r"failed \(.*the ion escaped.*\)"),
        ("gone", "has expired or was deleted"),
    ],
)
def test_a_job_that_ends_badly_is_one_sentence_and_no_counts(server, state, says, tmp_path):
    device = make(server)
    path = submit(device, [TAPE], folder=tmp_path)
    ((job_id, job),) = server.jobs.items()
    job.update(status=state, failure={"error": "the ion escaped"}, reason="the ion escaped")
    if state == "gone":
        server.jobs.clear()
    for _ in range(2):  # the second time from the journal
        with pytest.raises(RuntimeError, match=says) as caught:
            _jobs.resume(path, device)
        assert f"Job {job_id} on {device.name} " in str(caught.value)
        assert str(caught.value).endswith("none of its shots were counted: run the circuits again.")
    assert len(server.jobs) <= 1
    assert "counts" not in json.loads(path.read_text())["jobs"][0]


def test_a_cancelled_job_whose_answer_was_lost_is_not_sent_again(server, tmp_path):
    device = make(server, QUICK._replace(attempts=1))
    server.faults = [("submit", "drop after")]
    with pytest.raises(RuntimeError, match="did not answer"):
        submit(device, [TAPE], folder=tmp_path)
    (job,) = server.jobs.values()
    job["status"] = "canceled"
    with pytest.raises(RuntimeError, match="was cancelled"):
        _jobs.resume(_journal.unfinished(tmp_path)[0], make(server))
    assert len(server.jobs) == 1


def test_a_job_that_waits_too_long_stays_for_later(server, tmp_path):
    server.polls = 10**9
    device = make(server, QUICK._replace(limit=0.05))
    path = submit(device, [TAPE], folder=tmp_path)
    with pytest.raises(RuntimeError, match="still waits after 0 s: resume"):
        _jobs.resume(path, device)
    assert _journal.unfinished(tmp_path) == [path]


def test_a_refused_key_is_one_sentence(server, tmp_path):
    device = make(server)
    server.faults = [("submit", "401")]
    with pytest.raises(RuntimeError, match=f"^{device.name} refused the (key|account)"):
        submit(device, [TAPE], folder=tmp_path)
    assert server.jobs == {}


@pytest.mark.parametrize("route", ["backends", "configuration", "properties"])
def test_an_ibm_device_that_cannot_be_read_is_asked_again(route, tmp_path):
    with IBMServer() as server, account(server):
        server.faults = [(route, "garbled")]
        device = make(server)
        submit(device, [TAPE], folder=tmp_path)
        assert len(server.injected) == 1 and len(server.jobs) == 1


def test_an_ibm_device_of_others_is_one_sentence(tmp_path):
    with IBMServer() as server, account(server):
        device = IBMDevice("ibm_elsewhere", patience=QUICK)
        with pytest.raises(RuntimeError, match=r"not open to this account, which has: ibm_manila"):
            submit(device, [TAPE], folder=tmp_path)


# ---------------------------------------------------------------- asking first


def test_cost_and_shots_are_shown_before_anything_is_sent(server, tmp_path):
    texts = []

    def refuse(text):
        texts.append(text)
        assert server.jobs == {}
        return False

    device = make(server)
    with pytest.raises(RuntimeError, match=r"^Nothing was sent"):
        submit(device, [TAPE, TAPE], 1000, 1, folder=tmp_path, confirm=refuse)
    (text,) = texts
    assert "2 circuit(s) of 1,000 shots each, 2,000 in all" in text and device.name in text
    priced = {"ionq": "IonQ bills", "ibm": "540 s remain to this account"}
    assert priced[device.name.split("/")[0]] in text
    assert (server.jobs, list(tmp_path.iterdir())) == ({}, [])


def price(device, tapes, shots, folder, agreed=True):
    texts = []

    def confirm(text):
        texts.append(text)
        return agreed

    with contextlib.nullcontext() if agreed else pytest.raises(RuntimeError, match=r"^Nothing"):
        submit(device, tapes, shots, folder=folder, confirm=confirm)
    return texts[0]


def test_ionqs_price_counts_the_gates_that_are_sent(tmp_path):
    one = qml.tape.QuantumScript([qml.RY(1.2, 0)], [qml.counts(wires=[0])])
    with IonQServer() as server, account(server):
        text = price(make(server), [TAPE, one], 3000, tmp_path)
        bodies = [job["sent"]["body"]["circuit"] for job in server.jobs.values()]
        double = sum(gate["gate"] == "ms" for body in bodies for gate in body)
        single = sum(map(len, bodies)) - double
        assert f"here {3000 * single:,} of one qubit and {3000 * double:,} of two" in text
        assert "as 2 job(s) on ionq/qpu.aria-1" in text
        free = price(IonQDevice("simulator", patience=QUICK), [TAPE], 10, tmp_path)
    assert free.endswith("on ionq/simulator. It runs on IonQ's simulator, not on a device.")


@pytest.mark.parametrize(("shots", "seconds"), [(10, "2"), (10_000, "9"), (6_000_000, "4,202")])
def test_ibms_price_is_ibms_estimate_of_the_time(shots, seconds, tmp_path):
    # "2+0.00035*<num executions>", for a device that waits 250 microseconds, as this one does.
    with IBMServer() as server, account(server):
        text = price(make(server), [TAPE, TAPE], shots, tmp_path, agreed=False)
    assert f"It takes about {seconds} s of the device's time; 540 s remain" in text


@pytest.mark.parametrize("answer", [False, "yes", 1, lambda text: "no"])
def test_only_true_is_a_yes(answer):
    with pytest.raises(RuntimeError, match="not confirmed: the price"):
        ask("the price", answer)
    ask("the price", True)
    ask("the price", lambda text: text == "the price")


@pytest.mark.parametrize(
    ("typed", "agreed"),
    [
        ("y\n", True), ("Y\n", True), (" yes \n", True), ("", False), ("\n", False),
        ("n\n", False), ("yet\n", False),
    ],
)  # fmt: skip
def test_the_question_on_the_terminal(typed, agreed, monkeypatch, capsys):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    if agreed:
        ask("the price", None)
    else:
        with pytest.raises(RuntimeError, match="not confirmed"):
            ask("the price", None)
    assert "the price" in capsys.readouterr().out


def test_without_a_terminal_nobody_is_asked(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    with pytest.raises(RuntimeError, match=r"^Nothing was sent: there is no terminal.*the price"):
        ask("the price", None)


# ---------------------------------------------------------------- circuits


def frequencies(result, n):
    counts = np.zeros(2**n)
    for bits, number in result.counts.items():
        counts[int(bits, 2)] = number
    return counts / counts.sum()


@pytest.mark.parametrize("target", ["simulator", "qpu.aria-1", "qpu.forte-1"])
def test_ionq_runs_the_circuit_that_was_meant(target, tmp_path):
    with IonQServer() as server, account(server):
        device = IonQDevice(target, patience=QUICK)
        path = submit(device, [WIDE], 20_000, 1, folder=tmp_path)
        (result,) = _jobs.resume(path, device)
        (job,) = server.jobs.values()
    # A device's counts come rounded from the server; the simulator's are drawn here.
    bound = 4 / np.sqrt(20_000) / 2 if target == "simulator" else 1 / 20_000
    np.testing.assert_allclose(frequencies(result, 3), exact(WIDE), atol=bound)
    used = {gate["gate"] for gate in job["sent"]["body"]["circuit"]}
    assert (
        used
        <= {
            "simulator": {
                "rx",
                "ry",
                "rz",
                "h",
                "cnot",
                "x",
                "y",
                "z",
                "s",
                "si",
                "t",
                "ti",
                "v",
                "vi",
            },
            "qpu.aria-1": {"gpi", "gpi2", "ms"},
            "qpu.forte-1": {"gpi", "gpi2", "zz"},
        }[target]
    )
    # Debiasing would give back frequencies that are no counts.
    assert job["sent"].get("error_mitigation") == (
        None if target == "simulator" else {"debias": False}
    )
    assert result.qubits == ["0", "1", "2"]
    assert result.started == "2017-03-31T04:00:21+00:00"
    assert result.ended == "2017-03-31T04:00:34+00:00"


@pytest.mark.parametrize(("total", "fine"), [(1.0005, True), (1.01, False), (0.99, False)])
def test_probabilities_of_ionqs_simulator_sum_to_one(total, fine, tmp_path):
    with IonQServer() as server, account(server):
        device = IonQDevice("simulator", patience=QUICK._replace(attempts=2))
        path = submit(device, [TAPE], folder=tmp_path)
        (job,) = server.jobs.values()
        job["doubled"] = total
        if fine:  # but for rounding
            assert sum(_jobs.resume(path, device)[0].counts.values()) == SHOTS
            return
        with pytest.raises(RuntimeError, match=r"a damaged result \(ValueError\)"):
            _jobs.resume(path, device)


def test_ibm_runs_the_circuits_that_were_meant_on_the_same_qubits(tmp_path):
    with IBMServer() as server, account(server):
        device = make(server)
        path = submit(device, [WIDE, TAPE, WIDE], 4000, 1, folder=tmp_path)
        first, _, second = results = _jobs.resume(path, device)
        (job,) = server.jobs.values()
    for tape, result in zip([WIDE, TAPE, WIDE], results, strict=True):
        n = len(tape.wires)
        np.testing.assert_allclose(frequencies(result, n), exact(tape), atol=4 / np.sqrt(4000) / 2)
        assert set(re.findall(r"^(\w+)", result.compiled, re.M)) <= {
            "OPENQASM", "include", "bit", "rz", "sx", "x", "cx", "c",
        }  # fmt: skip
    assert first.qubits == second.qubits and len(set(first.qubits)) == 3
    assert first.compiled == second.compiled
    # A circuit that needs no swaps is read where it started.
    assert f"c[0] = measure ${results[1].qubits[0]};" in results[1].compiled
    assert re.search(r"\$(\d+);", first.compiled)[1] == first.qubits[0]
    assert set(first.qubits) <= set(first.calibration["values"]["qubits"])
    assert first.calibration["time"] and first.job_id == job["id"]
    for qubit in first.qubits:
        errors = first.calibration["values"]["qubits"][qubit]
        assert 0 < errors["reads_1_for_0"] < 0.5
        assert 0 < errors["reads_0_for_1"] < 0.5
    assert (first.started, first.ended) == ("2026-01-02T03:04:05Z", "2026-01-02T03:04:09Z")


def test_folds_survive_compiling():
    from qiskit_ibm_runtime.fake_provider import FakeManilaV2

    folded = qml.tape.QuantumScript([qml.CNOT([0, 1])] * 3, [qml.counts(wires=[0, 1])])
    (circuit,) = compile_circuits([prepare(folded)], [1], FakeManilaV2())
    assert circuit["compiled"].count("cx ") == 3
    compiled = IonQDevice("qpu.aria-1")._compile(folded)
    assert sum(len(op.qubits) == 2 for op in compiled.all_operations()) == 3 + 1  # and the reading


@pytest.mark.parametrize("target", ["qpu.aria-1", "qpu.forte-1", "simulator"])
def test_merged_gates_of_ionq_are_fewer_and_the_same_circuit(target):
    import cirq

    turns = [qml.RX(0.3, 0), qml.RZ(0.4, 0), qml.RY(0.5, 0), qml.RX(0.6, 1), qml.RY(0.7, 1)]
    tape = prepare(qml.tape.QuantumScript([*turns, qml.CZ([0, 1]), *turns], [qml.probs()])).tape
    kept, merged = (IonQDevice(target, optimize=k)._compile(tape) for k in (0, 1))
    sizes = [[len(op.qubits) for op in c.all_operations()][:-1] for c in (kept, merged)]
    assert sizes[0].count(2) == sizes[1].count(2)
    if target != "simulator":  # which has rotations, three for a merged one
        assert sizes[1].count(1) < 0.7 * sizes[0].count(1)
    cirq.testing.assert_allclose_up_to_global_phase(
        cirq.unitary(cirq.drop_terminal_measurements(merged)),
        cirq.unitary(cirq.drop_terminal_measurements(kept)),
        atol=1e-6,
    )


def test_optimize_is_for_devices_too_and_goes_into_the_record(server, tmp_path):
    ibm = isinstance(server, IBMServer)
    name = "ibm/ibm_manila" if ibm else "ionq/qpu.forte-1"
    sizes = {}
    for optimize in (None, 0, 1):
        device = get_backend(name, optimize=optimize)
        device.patience = QUICK
        path = submit(device, [WIDE], 4000, folder=tmp_path)
        (result,) = _jobs.resume(path, device)
        np.testing.assert_allclose(frequencies(result, 3), exact(WIDE), atol=0.05)
        wanted = {} if optimize is None else {"optimize": optimize}
        assert json.loads(path.read_text())["options"] == wanted
        sizes[optimize] = result.compiled.count(";" if ibm else '"gate"')
    assert sizes[1] < sizes[0] == sizes[None]
    with pytest.raises(ValueError, match="qubits of stand-ins; got qubits for"):
        get_backend(name, qubits=["0"])


def test_the_simulator_of_ionq_repeats_and_its_circuits_differ(tmp_path):
    with IonQServer() as server, account(server):
        device = IonQDevice("simulator", patience=QUICK)
        runs = []
        for _ in range(2):
            path = submit(device, [WIDE, WIDE], 1000, 5, folder=tmp_path)
            runs.append([r.counts for r in _jobs.resume(path, device)])
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[0][1]
    assert device.kind == "sampled simulation" and IonQDevice("qpu.aria-1").kind == "device"


# ---------------------------------------------------------------- what is missing, what is secret


def test_missing_says_what_to_do_and_contacts_nobody(monkeypatch, tmp_path):
    for name in ("IONQ_API_KEY", "CIRQ_IONQ_API_KEY", "QISKIT_IBM_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", lambda *args: pytest.fail("contacted"))
    ionq, ibm = IonQDevice("qpu.forte-1"), IBMDevice("ibm_torino")
    assert ionq.missing() == (
        "ionq/qpu.forte-1 needs an API key in the environment variable IONQ_API_KEY."
    )
    assert "set the environment variable QISKIT_IBM_TOKEN, or save one" in ibm.missing()
    for device in (ionq, ibm):
        with pytest.raises(RuntimeError, match=re.escape(device.missing())):
            submit(device, [TAPE], 10, 1, folder=tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'qmlcourse[ionq]'" in ionq.missing()
    assert "pip install 'qmlcourse[qiskit]'" in ibm.missing()
    monkeypatch.undo()
    for name in ("IONQ_API_KEY", "CIRQ_IONQ_API_KEY"):  # the second is its client's own
        with monkeypatch.context() as patch:
            patch.setenv(name, TOKEN)
            assert ionq.missing() is None


@pytest.mark.parametrize(
    ("saved", "enough"),
    [
        ({"mine": {"channel": "ibm_quantum_platform", "token": TOKEN}}, True),
        ({"mine": {"channel": "ibm_cloud", "token": TOKEN}}, True),
        ({"old": {"channel": "ibm_quantum"}, "mine": {"channel": "ibm_cloud", "token": "t"}}, True),
        ({"old": {"channel": "ibm_quantum", "token": TOKEN}}, False),
        ({"mine": {"channel": "ibm_cloud"}}, False),
        ({}, False),
        ([], False),
        ({"mine": 3}, False),
    ],
)
def test_a_saved_ibm_account_is_enough(saved, enough, monkeypatch, tmp_path):
    monkeypatch.delenv("QISKIT_IBM_TOKEN", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".qiskit").mkdir()
    (tmp_path / ".qiskit" / "qiskit-ibm.json").write_text(json.dumps(saved))
    assert (IBMDevice("ibm_torino").missing() is None) == enough


@pytest.mark.parametrize("target", ["", "aria-1", "qpu", "qpu.unknown", "Simulator"])
def test_unknown_ionq_targets(target):
    with pytest.raises(ValueError, match="target must be 'simulator' or a system"):
        IonQDevice(target)


def test_the_token_is_nowhere(server, tmp_path, caplog, capfd, monkeypatch):
    # IBM's client turns this on when it finds the log level DEBUG, and never off.
    monkeypatch.setattr("http.client.HTTPConnection.debuglevel", 0)
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    quiet = logging.getLogger("qiskit_ibm_runtime")  # hands nothing on to the root logger
    level = quiet.level
    quiet.addHandler(handler)
    quiet.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    try:
        faults = [("submit", "drop after"), ("job", "cut"), ("results", "garbled")]
        fault_table.run_case(server, faults, tmp_path)
        for fault in ("401", "500"):
            server.faults = [("submit", fault)]
            device = make(server, QUICK._replace(attempts=1))
            with pytest.raises(RuntimeError) as caught:
                submit(device, [TAPE], folder=tmp_path)
            text.write("".join(traceback.format_exception(caught.value)))
            text.write(repr(caught.value.__cause__) + repr(vars(device)))
    finally:
        quiet.removeHandler(handler)
        quiet.setLevel(level)
    written = [path.read_bytes().decode() for path in tmp_path.rglob("*") if path.is_file()]
    out, err = capfd.readouterr()
    assert len(written) >= 3 and "qmlcourse-" in "".join(written) and len(caplog.text) > 1000
    for place in [text.getvalue(), caplog.text, out, err, *written]:
        assert TOKEN not in place
    if isinstance(server, IonQServer):
        assert server.tokens == {f"apiKey {TOKEN}"}  # it was used


def test_a_provider_that_repeats_the_token_is_not_quoted(server, tmp_path):
    device = make(server)
    path = submit(device, [TAPE], folder=tmp_path)
    (job,) = server.jobs.values()
    job.update(status="failed", failure={"error": f"bad {TOKEN}"}, reason=f"bad {TOKEN}")
    with pytest.raises(RuntimeError, match=r"bad \*\*\*") as caught:
        _jobs.resume(path, device)
    assert TOKEN not in "".join(traceback.format_exception(caught.value)) + path.read_text()
