"""Benchmarks at tiny sizes: they check what they time, and never pass with a wrong result."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import (
    _timing,
    gradient_variance,
    gram,
    gram_limit,
    import_time,
    iqp,
    lie_closure,
    molecules,
    monitoring,
    policy_gradient,
    propagation,
    qaoa,
    scaling,
    shadows,
    standins,
    training,
)

pytestmark = [
    pytest.mark.extra("cirq", "jax", "qiskit", "tfq", "pauli-prop", "drift"),
    pytest.mark.slow,
]
ROOT = Path(__file__).parents[1]
TINY = {
    gram: "--qubits 3 --samples 4 --sampler-samples 3",
    gram_limit: "--qubits 3 --samples 5 --wide-qubits 4 --wide-samples 3 --large-qubits 2 "
    "--large-samples 4",
    gradient_variance: "--qubits 3 --depth 2 --circuits 2 --large-qubits 3",
    training: "--qubits 2 --layers 1 --samples 6 --epochs 3 --loop-epochs 2",
    import_time: "",
    iqp: "--qubits 5 --words 6 --samples 200 --small-qubits 4",
    lie_closure: "--qubits 2 --shared-qubits 3",
    molecules: "--molecule H2",
    monitoring: "--streams 3 --steps 60 --states 50",
    policy_gradient: "--states 3 --uploads 1",
    propagation: "--rows 2 --columns 3 --layers 1 --large-layers 2",
    qaoa: "--qubits 6 --layers 2",
    scaling: "--qubits 2,3 --samples 5,9 --depth 2 --circuits 5 --rows 4 --fixed-qubits 2",
    shadows: "--qubits 3 --shots 200",
}
# Where our result comes from, and how many contenders are in the table.
OURS = {
    gram: ("kernel_matrix", 5),
    gram_limit: ("kernel_matrix", 6),
    gradient_variance: ("first_derivatives", 4),
    training: ("ours", 3),
    import_time: (None, 3),
    iqp: ("ours", 4),
    lie_closure: ("lie_closure", 4),
    molecules: ("ours", 3),
    monitoring: ("ours", 4),
    policy_gradient: ("ours", 3),
    propagation: ("loss", 6),
    qaoa: ("ours", 4),
    scaling: ("kernel_matrix", 8),
    shadows: ("expectation", 4),
}
by_name = pytest.mark.parametrize("script", TINY, ids=lambda s: s.__name__.split(".")[-1])


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(_timing, "_SHORT", 0)
    monkeypatch.setitem(import_time.COMMANDS, "PennyLane", "import decimal")


def run(script, out):
    return script.main([*TINY[script].split(), "--rounds", "1", "--out", str(out)])


@by_name
def test_results_agree_and_are_written(script, tmp_path, capsys):
    assert run(script, tmp_path) == 0
    name = script.__name__.split(".")[-1]
    result = json.loads((tmp_path / f"{name}.json").read_text())
    assert result["benchmark"] == name
    assert result["agree"] is True
    assert result["machine"].keys() == {"system", "cpus", "python", "packages"}
    assert len(result["rows"]) == OURS[script][1]
    assert all(row["seconds"] > 0 for row in result["rows"])
    if script is not scaling:
        ours, *peers = result["rows"]
        assert ours["ratio"] == 1
        assert ours["name"] == "qmlcourse"
        assert all(row["ratio"] > 0 and row["runs"] == 1 for row in peers)
        assert all(row["difference"] <= row["tolerance"] <= 1e-4 for row in peers)
    assert "WRONG" not in capsys.readouterr().err


@by_name
def test_a_wrong_result_fails(script, tmp_path, monkeypatch, capsys):
    if script is import_time:
        monkeypatch.setattr(import_time, "HEAVY", ("jax", "numpy"))
    elif script is lie_closure:
        right = lie_closure.lie_closure
        monkeypatch.setattr(lie_closure, "lie_closure", lambda made: [*right(made)[1:], made[1]])
    else:
        right = getattr(script, OURS[script][0])
        # Less than TensorFlow Quantum may be off, more than any other peer.
        monkeypatch.setattr(script, OURS[script][0], lambda *a, **k: right(*a, **k) + 3e-6)
    assert run(script, tmp_path) == 1
    assert "WRONG" in capsys.readouterr().err
    name = script.__name__.split(".")[-1]
    assert json.loads((tmp_path / f"{name}.json").read_text())["agree"] is False


@pytest.mark.parametrize("seeded", [True, False])
def test_standins_must_repeat_their_counts(seeded, tmp_path, monkeypatch):
    right = standins.hardware.run
    if not seeded:
        monkeypatch.setattr(standins.hardware, "run", lambda *a, seed: right(*a))
    options = "--qubits 2 --layers 1 --rounds 1 --backends shots,ibm/fake_manila"
    assert standins.main([*options.split(), "--out", str(tmp_path)]) == (0 if seeded else 1)
    result = json.loads((tmp_path / "standins.json").read_text())
    assert [row["name"] for row in result["rows"]] == ["shots", "ibm/fake_manila"]
    assert result["agree"] is seeded


@pytest.mark.parametrize("script", [gram_limit, gradient_variance])
def test_memory_above_its_limit_fails(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_timing, "peak_memory", lambda code: 5.0)
    assert run(script, tmp_path) == 1
    assert "took 5.00 GiB" in capsys.readouterr().err


def test_peak_memory_is_that_of_the_child_alone():
    held = np.ones(2**26)  # half a GiB
    small = _timing.peak_memory("")
    large = _timing.peak_memory("import numpy as np; np.ones(2**26)")
    assert held.nbytes / 2**30 == 0.5
    assert small < 0.1
    assert 0.5 < large < 0.7


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.5], 0.5),
        ([1.0, 2.0], [1.0, np.nan], np.inf),
        ([1.0, 2.0], [[1.0, 2.0]], np.inf),
        ([1.0, np.inf], [1.0, np.inf], np.inf),
    ],
)
def test_difference_is_never_hidden(a, b, expected):
    assert _timing.difference(a, b) == expected


def test_ratios_are_of_the_same_round():
    # The machine became ten times slower after the first round.
    ours, peer = _timing.rows({"qmlcourse": [1.0, 10.0, 10.0], "peer": [3.0, 30.0, 30.0]})
    assert (ours.ratio, peer.ratio, peer.seconds, peer.runs) == (1, 3, 30, 3)


def test_growth_is_the_factor_per_qubit_and_the_power_of_samples():
    table = [
        {"work": "w", "axis": "n_qubits", "n_qubits": q, "n_samples": 9, "seconds": 3 * 2.1**q}
        for q in range(2, 9)
    ]
    table += [
        {"work": "w", "axis": "n_samples", "n_qubits": 4, "n_samples": n, "seconds": 0.1 * n**1.5}
        for n in (10, 20, 40)
    ]
    assert scaling.growth(table, "w", "n_qubits", "seconds") == pytest.approx(2.1)
    assert scaling.growth(table, "w", "n_samples", "seconds") == pytest.approx(1.5)


def test_command_runs_the_named_ones_and_passes_options(tmp_path):
    command = [sys.executable, "-m", "benchmarks"]
    how = {"cwd": ROOT, "capture_output": True, "text": True, "check": False}
    unknown = subprocess.run([*command, "nope"], **how)
    assert unknown.returncode == 2
    assert "no benchmark nope" in unknown.stderr
    options = ["scaling", "--", *TINY[scaling].split(), "--rounds", "1", "--out", str(tmp_path)]
    done = subprocess.run([*command, *options], **how)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in sorted(tmp_path.iterdir())] == ["scaling.csv", "scaling.json"]
