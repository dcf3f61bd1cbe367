"""The table of times behind the chapter "Engineering", and the command that writes it."""

import json

import pytest

import engineering_times as tool  # isort: skip  (book/tools)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "TABLE", tmp_path / "engineering_times.csv")
    monkeypatch.setattr(tool, "CHECKSUMS", tmp_path / "checksums.sha256")
    (tmp_path / "checksums.sha256").write_text("0" * 64 + "  another.csv\n")
    return tmp_path


def test_the_committed_table_is_whole_and_the_one_of_its_checksum():
    assert tool.checksum() in tool.CHECKSUMS.read_text().splitlines()
    rows = tool.TABLE.read_text().splitlines()
    assert rows[0] == ",".join(tool.COLUMNS)
    for what in ("tracking", "workers", "waiting", "tuning", "start"):
        assert any(line.startswith(f"{what},") for line in rows)
    assert all("2026-" in line for line in rows[1:])


def test_rows_replace_those_of_the_same_kind_and_no_others(elsewhere):
    tool.update([tool.row("a", "x", 2, 1, [0.5, 0.25]), tool.row("a", "y", 2, 1, [1.0])])
    tool.update([tool.row("a", "x", 3, 1, [2.0])])
    lines = tool.TABLE.read_text().splitlines()[1:]
    assert [line.split(",")[:5] for line in lines] == [
        ["a", "x", "3", "1", "2.000000"], ["a", "y", "2", "1", "1.000000"],
    ]  # fmt: skip
    assert tool.checksum() in tool.CHECKSUMS.read_text().splitlines()
    assert "another.csv" in tool.CHECKSUMS.read_text()


def test_a_row_is_the_fastest_of_its_runs():
    assert tool.row("a", "x", 2, 1, [0.5, 0.25])["seconds"] == "0.250000"


def test_what_is_logged_can_be_read(tmp_path):
    tool.json_lines(tmp_path / "run.jsonl")
    lines = list(map(json.loads, (tmp_path / "run.jsonl").read_text().splitlines()))
    assert [line["loss"] for line in lines[1:]] == tool.losses()
