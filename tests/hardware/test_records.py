"""Records: whole ones come back, and no damaged or edited one does."""

import copy
import dataclasses
import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmlcourse import hardware
from qmlcourse.hardware import _record_checks, _records, _replay

pytestmark = pytest.mark.extra("cirq", "qiskit")
ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "book" / "data" / "records"
WEBER = RECORDS / "weber_ghz4.json"
SCHEMA_1 = Path(__file__).with_name("data") / "record_schema1.json"
DATA = json.loads(WEBER.read_text())


def resealed(**changes):
    """Return a record whose digests agree with its changed fields."""
    old = hardware.replay(WEBER)
    return dataclasses.replace(old, **changes).to_dict()


def places(value, path=()):
    """Yield the path of every entry of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*path, key)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, key))


PLACES = list(places(DATA))
other = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5), st.just([]), st.just({}),
)  # fmt: skip


def at(data, path):
    for key in path[:-1]:
        data = data[key]
    return data


@given(st.sampled_from(PLACES), other)
def test_any_edit_of_one_entry_is_refused_and_its_field_named(path, value):
    edited = copy.deepcopy(DATA)
    holder = at(edited, path)
    same = type(holder[path[-1]]) is type(value) and holder[path[-1]] == value
    holder[path[-1]] = value
    if same:
        _record_checks.from_dict(edited)
        return
    with pytest.raises(ValueError, match="record") as caught:
        _record_checks.from_dict(edited)
    # A digest that was edited shows as a field that doesn't match it.
    named = path[1] if path[0] == "digests" and len(path) > 1 else path[0]
    assert named in str(caught.value)


@given(st.sampled_from(PLACES))
def test_any_missing_entry_is_refused_and_its_field_named(path):
    edited = copy.deepcopy(DATA)
    del at(edited, path)[path[-1]]
    with pytest.raises(ValueError, match=path[0]):
        _record_checks.from_dict(edited)


@given(st.integers(0, len(WEBER.read_bytes()) - 1), st.integers(0, 255))
def test_a_changed_byte_never_changes_a_record_unseen(tmp_path_factory, place, byte):
    text = bytearray(WEBER.read_bytes())
    text[place] = byte
    path = tmp_path_factory.mktemp("byte") / "r.json"
    path.write_bytes(text)
    try:
        found = hardware.replay(path)
    except ValueError:
        return
    assert found == hardware.replay(WEBER)


@given(st.integers(0, len(WEBER.read_bytes()) - 3))
def test_a_truncated_file_is_refused(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("short") / "r.json"
    path.write_bytes(WEBER.read_bytes()[:length])
    with pytest.raises(ValueError, match=r"no complete JSON file"):
        hardware.replay(path)


def test_counts_that_do_not_sum_to_the_shots_are_named():
    counts = DATA["counts"] | {"0000": DATA["counts"]["0000"] - 1}
    with pytest.raises(ValueError, match="counts must sum to its 1000 shots; they sum to 999"):
        _record_checks.from_dict(resealed(counts=counts))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "real device"),
        ("wires", [0, 1, 2, 2]),
        ("wires", []),
        ("qubits", ["1_4"]),
        ("calibration", None),
        ("source", {"language": "openqasm2"}),
        ("options", []),
        ("shots", 1000.0),
        ("shots", 0),
        ("shots", True),
        ("seed", -1),
        ("counts", {"0000": 1000, "000": 0}),
        ("counts", {"0002": 1000}),
        ("counts", {"0000": 1001, "0001": -1}),
        ("counts", None),
        ("exact_probabilities", {"0000": 1.0}),
        ("versions", {"numpy": 2}),
        ("job_id", 7),
        ("started", "yesterday"),
        ("started", "2024-01-01T00:00:00"),
        ("ended", "2001-01-01T00:00:00+00:00"),
    ],
)
def test_a_field_that_no_run_gives_is_refused_though_the_digests_agree(field, value):
    with pytest.raises(ValueError, match=field):
        _record_checks.from_dict(resealed(**{field: value}))


def test_exact_probabilities_must_sum_to_one():
    exact = {"counts": None, "shots": None, "seed": None}
    with pytest.raises(ValueError, match="exact_probabilities"):
        _record_checks.from_dict(resealed(exact_probabilities={"0000": 0.9}, **exact))
    with pytest.raises(ValueError, match="exact_probabilities"):
        _record_checks.from_dict(resealed(exact_probabilities={"0000": 1 + 1e-8}, **exact))
    for one in (1.0, 1 - 1e-10, 1 + 1e-10):  # rounding
        whole = _record_checks.from_dict(resealed(exact_probabilities={"0000": one}, **exact))
        assert whole.expectation() == (1.0, 0.0, 0)


def test_the_least_that_a_run_can_give_is_a_record():
    started = DATA["started"]
    data = resealed(shots=1, counts={"0000": 1}, seed=0, ended=started, qubits=[], options={})
    least = _record_checks.from_dict(data)
    assert (least.shots, least.seed, least.ended) == (1, 0, started)


def test_a_field_changed_together_with_its_digest_is_refused():
    edited = copy.deepcopy(DATA)
    edited["seed"] = 8
    edited["digests"]["seed"] = _records.sha256(8)
    with pytest.raises(ValueError, match="sha256"):
        _record_checks.from_dict(edited)


@pytest.mark.parametrize("schema", [0, 1, 3, "2", 2.0, None, True])
def test_an_unknown_schema_is_refused(schema):
    with pytest.raises(ValueError, match="schema"):
        _record_checks.from_dict({**DATA, "schema": schema})


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no complete JSON"),
        ("3", "JSON object"),
        ('"text"', "JSON object"),
        ("[3]", "JSON object"),
        ("{}", "schema"),
        ("[NaN]", "NaN is no number"),
        ('{"schema": 2}', "lacks the field 'backend'"),
        ('{"schema": 2, "schema": 2}', "'schema' stands there twice"),
        (json.dumps({**DATA, "note": 1}), "unknown field 'note'"),
    ],
)
def test_what_is_no_record_is_refused_in_one_sentence(tmp_path, text, match):
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=match) as caught:
        hardware.replay(path)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_reported_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        hardware.replay(tmp_path / "none.json")


def test_probabilities_and_expectations_are_those_of_the_counts():
    counts = {"00": 10, "01": 20, "10": 30, "11": 40}
    record = dataclasses.replace(
        hardware.replay(WEBER), wires=["a", "b"], qubits=["1", "2"], counts=counts, shots=100
    )
    np.testing.assert_allclose(record.probabilities(), [0.1, 0.2, 0.3, 0.4], atol=1e-15)
    assert record.expectation(["a"]).value == pytest.approx(-0.4)
    assert record.expectation(["b"]).value == pytest.approx(-0.2)
    assert record.expectation().value == pytest.approx(0.0)
    # Laplace's rule: (70 + 1) of 102 read 1.
    p = 71 / 102
    assert record.expectation(["a"]).error == pytest.approx(2 * np.sqrt(p * (1 - p) / 100))
    for wires in ([], ["c"], ["a", "a"]):
        with pytest.raises(ValueError, match="wires must be different ones"):
            record.expectation(wires)


def test_saving_replaces_a_file_as_a_whole(tmp_path):
    record, path = hardware.replay(WEBER), tmp_path / "r.json"
    path.write_text("old")
    record.save(path)
    assert path.read_bytes() == WEBER.read_bytes()
    hardware.save([record, record], path)
    assert hardware.replay(path) == [record, record]
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]


def test_one_record_or_many_are_saved_and_come_back_as_they_were(tmp_path):
    record, path = hardware.replay(WEBER), tmp_path / "r.json"
    hardware.save(record, path)
    assert path.read_bytes() == WEBER.read_bytes()
    assert hardware.replay(path) == record
    for several in ([record], [record, record]):
        hardware.save(several, path)
        assert hardware.replay(path) == several
    hardware.save((r for r in several), path)
    assert hardware.replay(path) == several


@pytest.mark.parametrize("records", [None, 3, "text", [1], [[]], DATA, [DATA]])
def test_what_is_no_record_is_not_saved(records, tmp_path):
    with pytest.raises(TypeError, match="records must be a Record or a list of them; got"):
        hardware.save(records, tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_list_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="at least; got an empty list"):
        hardware.save([], tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_of_records(tmp_path):
    record = hardware.replay(WEBER)
    for action in (
        lambda: hardware.replay(tmp_path),
        lambda: hardware.save(record, tmp_path),
        lambda: hardware.save([record], tmp_path),
        lambda: record.save(tmp_path),
    ):
        with pytest.raises(IsADirectoryError, match="must be a file of records; got the folder"):
            action()
    assert not tmp_path.with_name(f"{tmp_path.name}.part").exists()


def test_schema_1_is_converted():
    old = json.loads(SCHEMA_1.read_text())
    records = hardware.replay(SCHEMA_1)
    assert [r.counts for r in records] == old["counts"]
    assert [r.compiled["text"] for r in records] == old["circuits"]
    for record in records:
        assert record.backend == "google/weber"
        assert record.kind == "calibration-based simulation"
        assert record.shots == old["shots"]
        assert record.qubits == [f"{row}_{column}" for row, column in old["qubits"]]
        assert record.calibration["time"] == old["calibrated_at"]
        readout = record.calibration["values"]["qubits"][record.qubits[0]]
        assert list(readout.values()) == old["readout_errors"][0]
        (pair,) = record.calibration["values"]["pairs"].values()
        assert list(pair.values()) == old["pair_errors"]
        assert record.options["seeds"] == old["seeds"]


def test_records_of_one_old_record_share_nothing():
    first, second = hardware.replay(SCHEMA_1)
    first.calibration["values"].clear()
    assert second.calibration["values"]


def test_schema_1_has_the_calibration_that_a_run_records_today():
    import pennylane as qml

    tape = qml.tape.QuantumScript([qml.RX(0.5, 0), qml.CNOT([0, 1])], [qml.probs(wires=[0, 1])])
    today = hardware.run(tape, "google/weber", 10, seed=0, qubits=["3_4", "2_4"])
    old = hardware.replay(SCHEMA_1)[0]
    assert old.calibration["time"] == today.calibration["time"]
    for qubit, values in old.calibration["values"]["qubits"].items():
        assert values.items() <= today.calibration["values"]["qubits"][qubit].items()
    (pair,) = today.calibration["values"]["pairs"].values()
    assert list(old.calibration["values"]["pairs"].values()) == [pair]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("shots", 201), ("counts", []), ("is_hardware", True), ("seeds", {}), ("job_id", "x"),
        ("sha256", "0" * 64), ("note", 1), ("heads", None),
    ],
)  # fmt: skip
def test_an_edited_record_of_schema_1_is_refused(field, value):
    old = json.loads(SCHEMA_1.read_text()) | {field: value}
    with pytest.raises(ValueError, match="note" if field == "note" else "sha256"):
        _replay.from_any(old)
    if field not in ("sha256", "note", "seeds", "job_id", "heads"):
        content = {key: v for key, v in old.items() if key != "sha256"}
        text = json.dumps(content, sort_keys=True)
        old["sha256"] = hashlib.sha256(text.encode()).hexdigest()
        with pytest.raises(ValueError, match="counts" if field == "shots" else field):
            _replay.from_any(old)


def test_a_missing_field_of_schema_1_is_named():
    old = json.loads(SCHEMA_1.read_text())
    del old["pair_errors"]
    with pytest.raises(ValueError, match="lacks the field 'pair_errors'"):
        _replay.from_any(old)


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("records", ROOT / "book/tools/records.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_records_are_whole_and_are_what_a_run_gives_today(tool):
    assert sorted(path.name for path in RECORDS.iterdir()) == sorted(tool.RECORDS)
    assert tool.problems() == []
    for name in tool.RECORDS:
        record = hardware.replay(RECORDS / name)
        assert record.kind == "calibration-based simulation"
        assert record.shots == 1000


def test_a_committed_record_that_changes_is_noticed(tool, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tool, "DATA", tmp_path)
    (tmp_path / "records").mkdir()
    for name in tool.RECORDS:
        (tmp_path / "records" / name).write_bytes((RECORDS / name).read_bytes())
    record = hardware.replay(WEBER)
    dataclasses.replace(record, job_id="x").save(tmp_path / "records" / WEBER.name)
    assert tool.main(["--check"]) == 1
    assert "weber_ghz4.json differs" in capsys.readouterr().err
    # With its line corrected, the run itself tells.
    dataclasses.replace(record, counts={"0000": 1000}).save(tmp_path / "records" / WEBER.name)
    digest = tool.sha256(tmp_path / "records" / WEBER.name)
    lines = tool.CHECKSUMS.read_text().replace(tool.sha256(WEBER), digest)
    monkeypatch.setattr(tool, "CHECKSUMS", tmp_path / "checksums.sha256")
    tool.CHECKSUMS.write_text(lines)
    assert tool.problems() == ["weber_ghz4.json: a new run gives another value of 'counts'."]
