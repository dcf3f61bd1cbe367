"""One model in ten frameworks, Qiskit with two engines: import, first call, a step's time.

A step is value and gradient, for 1 and for 100 samples.

The code that is timed is the chapter's own, taken from its source: every cell that only defines
functions. Each framework runs in processes of its own, in turn, so that a machine's drift falls on
all of them. A framework agrees if value and gradient are those of the NumPy model.
"""

import argparse
import ast
import csv
import datetime
import io
import json
import os
import re
import statistics
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from packaging.requirements import Requirement

from benchmarks import _timing
from qmlcourse._typing import Array

CHAPTER = Path(__file__).parents[1] / "book" / "src" / "practice" / "frameworks.md"
TABLE = Path(__file__).parents[1] / "book" / "data" / "frameworks.csv"
# Name in the table: the chapter's function, what is imported, what is installed.
FRAMEWORKS = {
    "NumPy": ("numpy_model", "numpy", "numpy"),
    "PennyLane, default.qubit": ("pennylane_default", "pennylane", "pennylane"),
    "PennyLane, lightning.qubit": ("pennylane_lightning", "pennylane", "pennylane"),
    "PennyLane, JAX": ("pennylane_jax", "pennylane, jax", "pennylane jax jaxlib"),
    "Cirq": ("cirq_model", "cirq", "cirq-core"),
    "TensorFlow Quantum": (
        "tfq_model", "tensorflow_quantum", "tensorflow-quantum tensorflow tf-keras",
    ),
    "Qiskit": ("qiskit_model", "qiskit.primitives", "qiskit"),
    "Qiskit, Aer": ("qiskit_aer_model", "qiskit_aer.primitives", "qiskit-aer"),
    "Qiskit Machine Learning": (
        "qiskit_ml_model", "qiskit_machine_learning.neural_networks", "qiskit-machine-learning",
    ),
    "Q#": ("qsharp_model", "qdk.qsharp", "qdk"),
    "Braket, local simulator": (
        "braket_model", "braket.default_simulator", "amazon-braket-default-simulator",
    ),
}  # fmt: skip
# Single precision and a finite difference inside: see the chapter.
TOLERANCES = {"TensorFlow Quantum": 1e-4}
# A batch that would take longer is timed on a tenth of it, and multiplied.
_LONGEST = 10.0


def definitions(source: str) -> str:
    """Return the chapter's cells of nothing but functions, and the imports that they need."""
    found = ["import numpy as np"]
    for code in re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```", source, re.M | re.S):
        code = re.sub(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)+)", "", code, flags=re.M | re.S)
        body = ast.parse(re.sub(r"^%.*", "", code, flags=re.M)).body
        if body and all(isinstance(statement, ast.FunctionDef) for statement in body):
            found.append(code)
    return "\n".join(found)


def sizes(names: str) -> float:
    """Return the megabytes on disk of distributions with all that they require."""
    seen: set[str] = set()
    waiting, total = names.split(), 0
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:  # required elsewhere only
            continue
        paths = [Path(str(found.locate_file(f))) for f in found.files or []]
        total += sum(p.stat().st_size for p in paths if p.is_file())
        for line in found.requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    return total / 1e6


def inputs(n_samples: int) -> tuple[Array, Array]:
    """Return features and weights, the same in every process."""
    rng = np.random.default_rng(0)
    w = rng.uniform(-np.pi, np.pi, 16)
    return rng.uniform(-np.pi, np.pi, (n_samples, 4)), w


def repeated(step: Any, n_samples: int, rounds: int) -> tuple[float, float]:
    """Return medians of wall and processor milliseconds of one step."""
    X, w = inputs(n_samples)
    wall, cpu = [], []
    for _ in range(rounds):
        seconds, processor, _value = _timing.seconds(lambda: step(X, w))
        wall.append(1e3 * seconds)
        cpu.append(1e3 * processor)
    return statistics.median(wall), statistics.median(cpu)


def child(name: str, rounds: int) -> dict[str, Any]:
    """Time one framework in this process: processor time where others may be at work beside it.

    Without rounds only import and first call.
    """
    function, modules, _ = FRAMEWORKS[name]
    space: dict[str, Any] = {}
    exec(definitions(CHAPTER.read_text(encoding="utf-8")), space)
    start = time.process_time()
    if name != "NumPy":
        exec(f"import {modules}", {})
    imported = time.process_time() - start
    step = space[function]()
    X, w = inputs(1)
    start = time.process_time()
    step(X, w)
    first = time.process_time() - start
    if not rounds:
        return {"import_s": imported, "first_s": first}
    X, w = inputs(3)
    value, gradient = (np.asarray(a, dtype=float) for a in step(X, w))
    one = repeated(step, 1, rounds)
    part = 10 if one[0] > _LONGEST * 10 else 100
    # One run where it takes seconds: the processes give the median.
    many = repeated(step, part, rounds if one[0] * part < 1000 else 1)
    return {
        "import_s": imported,
        "first_s": first,
        "ms_1": one[0],
        "cpu_ms_1": one[1],
        "ms_100": many[0] * 100 / part,
        "cpu_ms_100": many[1] * 100 / part,
        "result": [float(value), *gradient.tolist()],
    }


def fresh(name: str, rounds: int) -> dict[str, Any]:
    """Time one framework in a new process."""
    command = [sys.executable, "-m", "benchmarks.frameworks", "--child", name]
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_USE_LEGACY_KERAS": "1",
        "QDK_PYTHON_TELEMETRY": "none",
    }
    done = subprocess.run(
        [*command, "--rounds", str(rounds)], cwd=CHAPTER.parents[3], check=True,
        env={**os.environ, **quiet}, capture_output=True, text=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--only", default=",,".join(FRAMEWORKS), help="names, between two commas")
    parser.add_argument("--processes", type=int, default=3, help="of each framework (default 3)")
    parser.add_argument("--table", type=Path, default=TABLE, help="the chapter's table, CSV")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    a = parser.parse_args(arguments)
    if a.child:
        print(json.dumps(child(a.child, a.rounds)))
        return 0
    names = a.only.split(",,")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(a.processes):
        for name in names:
            runs[name].append(fresh(name, a.rounds))
    columns = ["import_s", "first_s", "ms_1", "cpu_ms_1", "ms_100", "cpu_ms_100"]
    table, rows = [], []
    ours = [run["ms_1"] for run in runs[names[0]]]
    for name in names:
        medians = {c: statistics.median(run[c] for run in runs[name]) for c in columns}
        table.append({
            "framework": name,
            **{c: float(f"{medians[c]:.3g}") for c in columns},
            "megabytes": round(sizes(FRAMEWORKS[name][2])),
            "measured": datetime.datetime.now(datetime.UTC).date().isoformat(),
        })  # fmt: skip
        rows.append(_timing.Row(
            "qmlcourse" if name == "NumPy" else name,
            medians["ms_1"] / 1e3,
            medians["cpu_ms_1"] / 1e3,
            a.processes,
            statistics.median(run["ms_1"] / b for run, b in zip(runs[name], ours, strict=True)),
            _timing.difference(runs[names[0]][0]["result"], runs[name][0]["result"]),
            TOLERANCES.get(name, _timing.TOLERANCE),
            f"100 samples: {medians['ms_100']:.3g} ms; import {medians['import_s']:.2g} s",
        ))  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, table[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    _timing.write(a.table, text.getvalue())
    packages = [FRAMEWORKS[n][2].split()[0] for n in names if n != "NumPy"]
    return _timing.finish(
        "frameworks", "Value and gradient of 16 weights, one sample", rows, a.out,
        sorted(set(packages)), measured=table[0]["measured"], processes=a.processes,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
