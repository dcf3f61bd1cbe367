"""The template for Slurm, run as Slurm would: by its number, resumed, whole or not at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qmlcourse.trainability import gradient_variance

SCRIPT = Path(__file__).parents[2] / "book" / "data" / "scan.sbatch"
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def run(folder, **variables):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {k: v for k, v in os.environ.items() if not k.startswith("SLURM")}
    env |= {"PATH": path, "SCAN_RESULTS": str(folder)} | variables
    return subprocess.run(["bash", SCRIPT], env=env, capture_output=True, text=True)


def test_a_setting_is_computed_once(tmp_path):
    file = tmp_path / "0.json"
    assert run(tmp_path, SLURM_ARRAY_TASK_ID="0").returncode == 0
    row = json.loads(file.read_text())
    rng = np.random.default_rng([20261201, 0])
    assert row["setting"] == 0
    assert row["value"] == gradient_variance(4, 20, n_samples=60, rng=rng).value
    file.write_text("kept")
    assert run(tmp_path, SLURM_ARRAY_TASK_ID="0").returncode == 0
    assert file.read_text() == "kept"


def test_without_a_number_nothing_is_written(tmp_path):
    done = run(tmp_path)
    assert done.returncode != 0 and "sbatch --array" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_no_result(tmp_path):
    assert run(tmp_path, SLURM_ARRAY_TASK_ID="none").returncode != 0
    assert not (tmp_path / "none.json").exists()
