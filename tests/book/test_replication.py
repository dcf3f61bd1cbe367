"""The committed table of the replication is whole, unchanged, and what the code computes today."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest
from chapters import BOOK

from qmlcourse.comparison import baselines, quantum_models


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("replication", BOOK / "tools" / "replication.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def committed(tool):
    return pd.read_csv(tool.TABLE, float_precision="round_trip")


def test_the_file_has_the_checksum_that_is_written_beside_it(tool):
    assert tool.main(["--check"]) == 0


def test_a_changed_digit_is_noticed(tool, tmp_path, monkeypatch, capsys):
    changed = tmp_path / tool.TABLE.name
    changed.write_bytes(tool.TABLE.read_bytes().replace(b",0.5,", b",0.6,", 1))
    assert changed.read_bytes() != tool.TABLE.read_bytes()
    monkeypatch.setattr(tool, "TABLE", changed)
    assert tool.main(["--check"]) == 1
    assert "better_than_classical.csv differs" in capsys.readouterr().err


def test_writing_keeps_the_checksums_of_other_files(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(tool, "TABLE", tmp_path / "table.csv")
    monkeypatch.setattr(tool, "CHECKSUMS", tmp_path / "checksums.sha256")
    tool.CHECKSUMS.write_text(f"{'0' * 64}  other.csv\n{'1' * 64}  table.csv\n")
    tool.write(pd.DataFrame({"score": [0.5]}))
    assert tool.TABLE.read_bytes() == b"score\n0.5\n"
    assert tool.listed() == tool.sha256(tool.TABLE)
    assert tool.listed(Path("other.csv")) == "0" * 64
    assert len(tool.CHECKSUMS.read_text().splitlines()) == 2


def test_every_model_stands_on_every_dataset_and_seed(tool, committed):
    models = [*baselines(), *quantum_models()]
    wanted = pd.MultiIndex.from_product([tool.DATASETS, models, tool.SEEDS])
    found = pd.MultiIndex.from_frame(committed[["dataset", "model", "seed"]])
    assert not found.duplicated().any()
    assert set(found) == set(wanted)
    # Pairs: all models met the same samples, test set and folds.
    assert (committed.groupby(["dataset", "seed"])["split"].nunique() == 1).all()
    assert set(committed["n_train"]) == {100}
    assert set(committed["n_test"]) == {200}
    tuned = committed[committed["model"] != "dummy"]
    assert set(tuned["tried"]) == {tool.SETTINGS["budget"]}


@pytest.mark.parametrize("dataset", ["linearly separable, 6 features", "two curves, degree 8"])
def test_cells_computed_today_equal_the_committed_ones(tool, committed, dataset):
    every = baselines() | quantum_models()
    names = ["dummy", "logistic regression", "RBF-SVM", "quantum kernel", "projected kernel"]
    today = tool.cells({name: every[name] for name in names}, [dataset], [3], verbose=False)
    rows = committed[(committed["dataset"] == dataset) & (committed["seed"] == 3)]
    rows = rows.set_index("model").loc[names].reset_index()[today.columns]
    pd.testing.assert_frame_equal(today, rows, check_exact=True)
