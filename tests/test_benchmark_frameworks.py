"""The times of the frameworks chapter: its own code is timed, and a wrong result fails."""

import csv
import json
import re
from pathlib import Path

import pytest

from benchmarks import _timing, frameworks

pytestmark = [
    pytest.mark.extra("cirq", "jax", "qiskit", "tfq", "braket"),
    pytest.mark.slow,
]
ROOT = Path(__file__).parents[1]


def run(tmp_path, only="NumPy,,Q#"):
    options = ["--only", only, "--processes", "1", "--rounds", "1", "--out", str(tmp_path)]
    return frameworks.main([*options, "--table", str(tmp_path / "table.csv")])


def test_the_code_is_the_chapters():
    code = frameworks.definitions(frameworks.CHAPTER.read_text(encoding="utf-8"))
    defined = set(re.findall(r"^def (\w+)", code, re.M))
    assert {function for function, _, _ in frameworks.FRAMEWORKS.values()} <= defined
    assert "claim(" not in code and "plt." not in code


def test_times_and_agreement_are_written(tmp_path, capsys):
    assert run(tmp_path) == 0
    result = json.loads((tmp_path / "frameworks.json").read_text())
    assert result["agree"] is True
    ours, other = result["rows"]
    assert (ours["name"], other["name"]) == ("qmlcourse", "Q#")
    assert other["difference"] < 1e-12 and other["seconds"] > 0
    with (tmp_path / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["framework"] for row in rows] == ["NumPy", "Q#"]
    assert all(float(row["ms_100"]) > 0 and float(row["megabytes"]) > 1 for row in rows)
    assert "WRONG" not in capsys.readouterr().err


def test_a_wrong_result_fails(tmp_path, monkeypatch, capsys):
    found = {
        "import_s": 0.1, "first_s": 0.1, "ms_1": 1.0, "cpu_ms_1": 1.0, "ms_100": 9.0,
        "cpu_ms_100": 9.0,
    }  # fmt: skip
    results = {"NumPy": [0.5, 0.1], "Q#": [0.5, 0.1 + 2e-6]}
    monkeypatch.setattr(
        frameworks, "fresh", lambda name, rounds: {**found, "result": results[name]}
    )
    assert run(tmp_path) == 1
    assert "WRONG: Q#" in capsys.readouterr().err


def test_the_stored_table_has_all_of_them_and_they_agreed():
    stored = json.loads((_timing.RESULTS / "frameworks.json").read_text())
    assert stored["agree"] is True
    with frameworks.TABLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["framework"] for row in rows] == list(frameworks.FRAMEWORKS)
    assert {row["measured"] for row in rows} == {stored["settings"]["measured"]}


def test_what_is_installed_counts_what_it_requires():
    assert frameworks.sizes("pennylane") > frameworks.sizes("numpy") > 10
    assert frameworks.sizes("numpy numpy") == frameworks.sizes("numpy")
    assert frameworks.sizes("no-such-distribution") == 0


def test_what_brakets_environment_printed_is_what_it_would_check():
    text = (ROOT / "book" / "data" / "frameworks_braket.txt").read_text(encoding="utf-8")
    first, *said = text.splitlines()
    pins = (ROOT / "tests" / "cross" / "requirements-braket.txt").read_text(encoding="utf-8")
    assert f"amazon-braket-sdk=={first.split()[1].rstrip(',')}\n" in pins
    assert [line.endswith("below 1e-12") for line in said[:2]] == [True, True]
    verdicts = [re.search(r": +(right|refuses|wrong)", line)[1] for line in said[2:]]
    assert verdicts == ["right", "right", "right", "refuses", "refuses", "right"]
