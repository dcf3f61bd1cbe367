"""What comes in: wires, arguments, paths and results of odd kinds."""

import os
import sys
from pathlib import Path

import numpy as np
import pennylane as qml
import pytest

from qmlcourse import _files, hardware
from qmlcourse.hardware._backend import Result
from qmlcourse.hardware._run import BadResult

Tape = qml.tape.QuantumScript
FLIP = Tape([qml.X(0), qml.I(1)], [qml.probs(wires=[0, 1])])
NOW = "2026-01-01T00:00:00+00:00"


# Wires.


@pytest.mark.parametrize("wires", [3, ["c", "a", "b"], [2, 1, 0], [0, "x", 1.5]], ids=str)
@pytest.mark.parametrize("shots", [None, 50])
def test_a_qnode_that_measures_all_wires_keeps_its_devices(wires, shots):
    device = qml.device("default.qubit", wires=wires)
    one, other = device.wires[1], device.wires[2]

    def circuit():
        qml.RX(0.7, [other])
        qml.CNOT([other, one])
        return qml.probs()

    right = qml.QNode(circuit, device)()
    record = hardware.run(qml.QNode(circuit, device, shots=shots), "exact")
    np.testing.assert_allclose(record.probabilities(), right, atol=1e-12)
    assert len(record.wires) == 3


def test_a_qnode_that_names_its_wires_keeps_those():
    @qml.qnode(qml.device("default.qubit", wires=3))
    def circuit():
        qml.X(1)
        return qml.probs(wires=[1])

    assert hardware.run(circuit, "exact").wires == [1]


def test_labels_are_text_or_integers_and_differ():
    tape = Tape([qml.U3(0.1, 0.2, 0.3, [(0, 1)]), qml.X([1.5])], [qml.counts()])
    record = hardware.run(tape, "exact")
    assert record.wires == ["(0, 1)", "1.5"]
    assert record.expectation([1.5]).value == record.expectation("1.5").value == -1
    assert hardware.run(Tape([qml.X(1), qml.I("1")], [qml.counts()]), "exact").wires == [1, "1"]
    with pytest.raises(ValueError, match="differ as text"):
        hardware.run(Tape([qml.X([1.5]), qml.X("1.5")], [qml.counts()]), "exact")


def test_one_wire_is_a_wire():
    record = hardware.run(FLIP, "exact")
    for wire in (0, np.int64(0), [0], (0,), np.array([0]), {0}):
        assert record.expectation(wire).value == -1
    for wires in ("0", 5, 3.5, None):
        if wires is not None:
            with pytest.raises(ValueError, match=r"different ones of \[0, 1\]; got"):
                record.expectation(wires)
    for wires in ((), [0, 0], [0, 7], b"0"):
        with pytest.raises(ValueError, match=r"different ones of \[0, 1\]; got"):
            record.expectation(wires)


def test_a_diagonal_observable_is_read_and_another_is_told_where_to_go():
    one = Tape([qml.X(0)], [qml.expval(qml.Projector([1], [0]))])
    assert hardware.run(one, "shots", 3, seed=0).counts == {"1": 3}
    with pytest.raises(ValueError, match=r"hardware\.executor measures other observables"):
        hardware.run(Tape([qml.X(0)], [qml.expval(qml.X(0))]), "exact")


# Arguments.


@pytest.mark.parametrize(
    ("change", "error", "match"),
    [
        ({"shots": 2**63}, ValueError, r"at most 2\*\*53"),
        ({"shots": 10**400}, ValueError, r"at most 2\*\*53"),
        ({"shots": True}, TypeError, "shots must be an integer"),
        ({"shots": 1.0}, TypeError, "shots must be an integer"),
        ({"shots": "10"}, TypeError, "shots must be an integer"),
        ({"args": 0.3}, TypeError, "args must be a sequence"),
        ({"args": "x"}, TypeError, "args must be a sequence"),
        ({"args": {"x": 1}}, TypeError, "args must be a sequence"),
        ({"args": (1,)}, TypeError, "a tape has its numbers already"),
        ({"backend": "google/weber", "qubits": "44"}, TypeError, "qubits must be a sequence"),
        ({"backend": "google/weber", "qubits": 4}, TypeError, "qubits must be a sequence"),
        ({"folder": 5}, TypeError, "folder must be a path"),
        ({"folder": ""}, ValueError, "folder must be a path"),
        ({"backend": " exact"}, ValueError, r"Did you mean exact\?"),
        ({"backend": "SHOTS"}, ValueError, r"Did you mean shots\?"),
        ({"backend": "Google / Weber"}, ValueError, r"Did you mean google/weber\?"),
    ],
    ids=str,
)
def test_odd_arguments_are_named(change, error, match):
    with pytest.raises(error, match=match):
        hardware.run(FLIP, **{"backend": "shots", "shots": 10} | change)


def test_numpys_integers_are_shots():
    assert hardware.run(FLIP, "shots", np.int64(7), seed=0).counts == {"10": 7}


@pytest.mark.extra("cirq")
def test_shots_beyond_memory_are_named():
    with pytest.raises(ValueError, match="1,000,000,000,000 shots would need"):
        hardware.run(FLIP, "google/weber", 10**12)


@pytest.mark.parametrize(
    ("backend", "module", "extra"),
    [
        ("google/weber", "cirq_google", "cirq"),
        ("google/weber", "pennylane_cirq", "cirq"),
        ("ibm/fake_manila", "qiskit_aer", "qiskit"),
        ("ibm/fake_manila", "qiskit_ibm_runtime", "qiskit"),
        ("ibm/ibm_fez", "qiskit_ibm_runtime", "qiskit"),
        ("ionq/simulator", "cirq_ionq", "ionq"),
    ],
)
def test_a_missing_extra_is_named(backend, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(RuntimeError, match=rf"qmlcourse\[{extra}\]"):
        hardware.run(FLIP, backend, 10)


# Results of a backend of one's own.


def result(counts, probabilities=None, **change):
    whole = Result(counts, probabilities, "", "none", [], None, NOW, NOW)
    return whole._replace(**change)


class Mine:
    name, provider, device, kind = "mine", "me", "coin", "sampled simulation"

    def __init__(self, *results):
        self.results = results

    def missing(self):
        return None

    def execute(self, circuits, shots, seeds):
        return self.results[0] if len(self.results) == 1 else list(self.results)


GOOD = result({"10": 10})


@pytest.mark.parametrize(
    ("odd", "match"),
    [
        (result({"10": float("nan")}), "count nan"),
        (result({"10": 10.0}), r"count 10\.0"),
        (result({"10": -1, "00": 11}), "count -1"),
        (result({"1 0": 10}), "not of 2 bits"),
        (result({2: 10}), "not of 2 bits"),
        (result({"10": 9}), "sum to its 10 shots; they sum to 9"),
        (result(None), "counts or exact_probabilities"),
        (result({"10": 10}, {"10": 1.0}), "counts or exact_probabilities"),
        (result(None, {"10": float("nan")}), "JSON"),
        (result([10]), r"counts are \[10\]"),
        (result({"10": 10}, started="now"), "ISO 8601"),
        (result({"10": 10}, qubits=[1, 2]), "'qubits'"),
        (result({"10": 10}, calibration={"time": NOW, "values": {1}}), "JSON"),
        ({"10": 10}, "a Result is wanted; got {'10': 10}"),
        (None, "a Result is wanted; got None"),
    ],
    ids=str,
)
def test_an_odd_result_is_named_and_the_others_are_kept(odd, match):
    with pytest.raises(BadResult, match=f"mine gave no result of circuit number 1.*{match}") as e:
        hardware.run([FLIP] * 3, Mine(GOOD, odd, GOOD), 10)
    assert [record and record.counts for record in e.value.records] == [
        {"10": 10}, None, {"10": 10}
    ]  # fmt: skip


@pytest.mark.parametrize("given", [None, 5, []])
def test_no_list_of_results_is_named(given):
    with pytest.raises(RuntimeError, match="mine gave 0 results of 2 circuits"):
        hardware.run([FLIP] * 2, Mine(given), 10)


def test_too_few_results_keep_what_there_is():
    with pytest.raises(BadResult, match="1 results of 2 circuits") as e:
        hardware.run([FLIP] * 2, Mine([GOOD]), 10)
    assert e.value.records[0].counts == {"10": 10}
    assert e.value.records[1] is None


class Failing(Mine):
    def execute(self, circuits, shots, seeds):
        for k in range(len(circuits)):
            if k == self.results[0]:
                raise OSError("no coin left.")
            yield GOOD


def test_what_is_finished_is_kept_when_a_later_circuit_fails():
    with pytest.raises(
        BadResult, match=r"mine gave no result from circuit number 2 on \(OSError: no coin left\)"
    ) as e:
        hardware.run([FLIP] * 4, Failing(2), 10)
    assert [r and r.counts for r in e.value.records] == [{"10": 10}, {"10": 10}, None, None]
    assert isinstance(e.value.__cause__, OSError)
    with pytest.raises(OSError, match="no coin left"):  # nothing to keep
        hardware.run([FLIP] * 4, Failing(0), 10)


def wide(n):
    return Tape([qml.X(k) for k in range(n)], [qml.probs(wires=range(n))])


@pytest.mark.parametrize(
    ("backend", "n", "qubits", "sentence"),
    [
        ("exact", 21, None, "at most 20 wires on exact; got 21"),
        ("shots", 21, None, "at most 20 wires on shots; got 21"),
        pytest.param("google/weber", 11, None, "at most 10 wires", marks=pytest.mark.extra("cirq")),
        pytest.param(
            "google/weber", 3, ["0_5", "0_6"], "qubits must be 3", marks=pytest.mark.extra("cirq")
        ),
        pytest.param(
            "ibm/fake_manila", 6, None, "at most 5 wires", marks=pytest.mark.extra("qiskit")
        ),
        pytest.param(
            "ibm/fake_manila", 3, [0, 1], "qubits must be 3", marks=pytest.mark.extra("qiskit")
        ),
    ],
)
def test_all_circuits_are_checked_before_the_first_runs(backend, n, qubits, sentence, monkeypatch):
    made = hardware.get_backend(backend, qubits=qubits)
    monkeypatch.setattr(type(made), "_one", None)  # none may run
    with pytest.raises(ValueError, match=f"circuit number 1 can't run: .*{sentence}"):
        hardware.run([FLIP, wide(n), FLIP], made, 10)


def test_a_backend_of_ones_own_checks_too():
    class Careful(Mine):
        def check(self, circuit, shots):
            if len(circuit.wires) > 2:
                raise ValueError("circuit must be small.")

    with pytest.raises(ValueError, match="circuit number 2 can't run: circuit must be small"):
        hardware.run([FLIP, FLIP, wide(3)], Careful(None), 10)


@pytest.mark.parametrize(
    "backend",
    [
        pytest.param("google/weber", marks=pytest.mark.extra("cirq")),
        pytest.param("ibm/fake_manila", marks=pytest.mark.extra("qiskit")),
    ],
)
@pytest.mark.parametrize("circuits", [FLIP, [FLIP, FLIP]], ids=["one", "two"])
def test_more_shots_than_memory(backend, circuits):
    with pytest.raises(ValueError, match=r"4,503,599,627,370,496 shots would need .* GiB"):
        hardware.run(circuits, backend, 2**52)


def test_numpys_numbers_are_numbers_and_zeros_nothing():
    odd = result({"10": np.int64(10), "01": 0})
    assert hardware.run(FLIP, Mine([odd]), 10).counts == {"10": 10}
    odd = result(None, {"10": np.float32(1), "00": 0.0})
    assert hardware.run(FLIP, Mine([odd]), 10).exact_probabilities == {"10": 1.0}


# Paths.


def test_paths_of_all_kinds(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    record = hardware.run(FLIP, "shots", 10, seed=0)
    for k, path in enumerate(["~/0.json", Path("~/1.json"), os.fsencode(tmp_path / "2.json")]):
        record.save(path)
        assert hardware.replay(path) == record == hardware.replay(tmp_path / f"{k}.json")
        hardware.save([record], path)
        assert hardware.replay(path) == [record]
    assert hardware.run(FLIP, "record/~/1.json", 10) == record


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    record = hardware.run(FLIP, "shots", 10, seed=0)
    record.save("r.json")
    backend = hardware.get_backend("record/r.json")
    monkeypatch.chdir("/")
    assert hardware.run(FLIP, backend, 10) == record


@pytest.mark.parametrize(
    ("path", "error"), [(5, TypeError), (None, TypeError), ("", ValueError), ("a\0b", ValueError)]
)
def test_what_is_no_path_is_named(path, error):
    record = hardware.run(FLIP, "exact")
    for call in (record.save, hardware.replay, hardware.resume, lambda p: hardware.save(record, p)):
        with pytest.raises(error, match="path must be a path; got"):
            call(path)


def test_a_folder_is_no_file_of_records(tmp_path):
    record = hardware.run(FLIP, "exact")
    for call in (record.save, hardware.replay, lambda p: hardware.save(record, p)):
        with pytest.raises(IsADirectoryError, match="got the folder"):
            call(tmp_path)
    with pytest.raises(ValueError, match="path must be a job journal"):
        hardware.resume(tmp_path)


def test_a_path_is_absolute_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _files.path("a/b") == tmp_path / "a" / "b"


def test_a_finished_journal_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    import test_hardware

    backend = test_hardware.Sends()
    record = hardware.run(FLIP, backend, 100, confirm=True, folder=tmp_path)
    [path] = tmp_path.glob("*.job.json")
    (tmp_path / f"{path.name}.lock").unlink(missing_ok=True)

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    # As in a folder mounted read-only; permissions alone don't stop the root of a container.
    monkeypatch.setattr(_files, "locked", refuse)
    monkeypatch.setattr(_files, "write", refuse)
    monkeypatch.chdir(tmp_path)
    assert hardware.resume(path.name) == hardware.resume(os.fsencode(path)) == record


def test_what_a_device_gives_as_numpys_integers_is_kept(tmp_path):
    import test_hardware

    class Other(test_hardware.Sends):
        found = ({"01": np.int64(30), "11": np.int64(70), "00": 0},)

        def fetch(self, job_id, circuits, shots):
            return super().fetch(job_id, circuits, shots)._replace(counts=list(self.found))

    record = hardware.run(FLIP, Other(), 100, confirm=True, folder=tmp_path)
    assert record.counts == {"01": 30, "11": 70}


@pytest.mark.parametrize(
    ("found", "match"),
    [
        (None, "no list of counts"),
        ([], "0 results for 1 circuits"),
        ([None], "whose counts are None"),
        ([{"01": float("nan")}], "count nan"),
        ([{"0 1": 100}], "not of 2 bits"),
        ([{"01": 99}], "a result of 99 shots where 100"),
    ],
    ids=str,
)
def test_an_odd_outcome_of_a_device_keeps_the_journal(found, match, tmp_path):
    import test_hardware

    class Odd(test_hardware.Sends):
        patience = test_hardware._network.Patience(attempts=2, sleep=lambda seconds: None)
        odd = True

        def fetch(self, job_id, circuits, shots):
            outcome = super().fetch(job_id, circuits, shots)
            return outcome._replace(counts=found) if self.odd else outcome

    backend = Odd()
    with pytest.raises(RuntimeError, match=rf"{match}.*the jobs are kept: call resume"):
        hardware.run(FLIP, backend, 100, confirm=True, folder=tmp_path)
    backend.odd = False
    [path] = tmp_path.glob("*.job.json")
    from qmlcourse.hardware import _jobs

    assert _jobs.resume(path, backend)[0].counts == {"01": 30, "11": 70}
