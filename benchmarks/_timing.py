"""What every benchmark shares: runs in turn, a table of ratios, a check, a JSON file."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from joblib import cpu_count

from qmlcourse import _files

RESULTS = Path(__file__).with_name("results")
TOLERANCE = 1e-6  # a fast wrong number is worth nothing
_SHORT = 0.1  # seconds; shorter calls are repeated for that long


@dataclass
class Row:
    """One contender: medians of its runs, and of the ratios to ours in the same rounds.

    On a busy machine the processor time, of all threads, says more than the time that passed.
    """

    name: str
    seconds: float
    cpu_seconds: float | None
    runs: int
    ratio: float
    difference: float = 0.0
    tolerance: float = TOLERANCE
    note: str = ""


def parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every benchmark has."""
    result = argparse.ArgumentParser(description=description.splitlines()[0])
    result.add_argument("--rounds", type=int, default=5, help="most runs of each (default 5)")
    result.add_argument(
        "--budget", type=float, default=40, help="seconds after which no round starts (default 40)"
    )
    result.add_argument("--out", type=Path, default=RESULTS, help="folder for the JSON file")
    return result


def seconds(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return one call's time, processor time and value; a short call is repeated and averaged."""
    start, cpu = time.perf_counter(), time.process_time()
    value, calls = run(), 1
    while (elapsed := time.perf_counter() - start) < _SHORT:
        run()
        calls += 1
    return elapsed / calls, (time.process_time() - cpu) / calls, value


def race(
    ours: Callable[[], Any],
    peers: dict[str, Callable[[], Any]],
    *,
    rounds: int,
    budget: float,
    same: Callable[[Any, Any], float] | None = None,
    scale: dict[str, float] | None = None,
    tolerance: dict[str, float] | None = None,
    notes: dict[str, str] | None = None,
) -> list[Row]:
    """Run ours and the peers in turn, so that a machine's drift cancels in the ratios.

    ``same`` compares our result with a peer's, by default entry by entry; ``scale`` says by how
    much to multiply the time of a peer that does only part of the work, ``tolerance`` how far
    a peer may be off that computes with less precision.
    """
    same, scale, tolerance, notes = same or difference, scale or {}, tolerance or {}, notes or {}
    contenders = {"qmlcourse": ours, **peers}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    cpu_times: dict[str, list[float]] = {name: [] for name in contenders}
    values: dict[str, Any] = {}
    # First calls load libraries, fill caches and compile.
    for name, run in contenders.items():
        elapsed, _, values[name] = seconds(run)
        notes[name] = ", ".join(filter(None, [notes.get(name), f"first call {elapsed:.3g} s"]))
    deadline = time.perf_counter() + budget
    while len(times["qmlcourse"]) < rounds:
        for name, run in contenders.items():
            wall, cpu, _ = seconds(run)
            times[name].append(wall * scale.get(name, 1))
            cpu_times[name].append(cpu * scale.get(name, 1))
        if time.perf_counter() > deadline:
            break
    result = rows(times)
    for row in result:
        row.cpu_seconds = statistics.median(cpu_times[row.name])
        row.note = notes[row.name]
        row.tolerance = tolerance.get(row.name, TOLERANCE)
        if row.name != "qmlcourse":
            row.difference = same(values["qmlcourse"], values[row.name])
    return result


def rows(times: dict[str, list[float]]) -> list[Row]:
    """Return medians and, round by round, ratios to ours, which stands first."""
    ours = next(iter(times.values()))
    return [
        Row(
            name,
            statistics.median(t),
            None,
            len(t),
            statistics.median(a / b for a, b in zip(t, ours, strict=True)),
        )
        for name, t in times.items()
    ]


def difference(a: Any, b: Any) -> float:
    """Return the largest difference of two results; NaN or another shape is infinitely far."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return float("inf")
    return float(np.abs(a - b).max())


def peak_memory(code: str) -> float:
    """Return the peak memory, in GiB, of a fresh process that runs the code."""
    # Not ru_maxrss on Linux: a child's begins at what its parent held when it was forked.
    report = """
import resource, sys
try:
    peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1]
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
print("peak", int(peak) / 2**20)
"""  # noqa: E501
    run = subprocess.run(
        [sys.executable, "-c", code + report], capture_output=True, text=True, check=True
    )
    return float(run.stdout.split("peak ")[-1])


def machine(packages: Sequence[str]) -> dict[str, Any]:
    """Say on what the numbers were measured, without naming the machine."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": cpu_count(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in ("numpy", *packages)},
    }


def finish(
    name: str,
    work: str,
    rows: list[Row],
    out: Path,
    packages: Sequence[str],
    *,
    memory: dict[str, tuple[float, float]] | None = None,
    **settings: Any,
) -> int:
    """Print the table, write the JSON file; return 1 if a result or a memory limit is missed.

    ``memory`` maps a description to the peak and the limit, both in GiB.
    """
    memory = memory or {}
    wrong = [f"{row.name}: off by {row.difference:.3g}" for row in rows
             if not row.difference <= row.tolerance]  # fmt: skip
    wrong += [f"{what} took {peak:.2f} GiB" for what, (peak, limit) in memory.items()
              if peak > limit]  # fmt: skip
    where = machine(packages)
    print(f"\n{work}")
    versions = ", ".join(f"{k} {v}" for k, v in where["packages"].items())
    print(f"{where['system']}, {where['cpus']} CPUs, Python {where['python']}, {versions}")
    width = max(len(row.name) for row in rows)
    print(f"{'':{width}}  {'seconds':>9}  {'cpu s':>8}  runs  {'times ours':>10}  difference")
    for row in rows:
        cpu = "" if row.cpu_seconds is None else f"{row.cpu_seconds:.3g}"
        print(
            f"{row.name:{width}}  {row.seconds:9.3g}  {cpu:>8}  {row.runs:4}  {row.ratio:10.3g}  "
            f"{row.difference:10.1e}  {row.note}"
        )
    for what, (peak, limit) in memory.items():
        print(f"{what}: peak {peak:.2f} GiB (limit {limit:g})")
    for line in wrong:
        print(f"WRONG: {line}", file=sys.stderr)
    result = {
        "benchmark": name,
        "work": work,
        "settings": settings,
        "machine": where,
        "rows": [asdict(row) for row in rows],
        "memory_gib": {what: peak for what, (peak, _) in memory.items()},
        "agree": not wrong,
    }
    write(out / f"{name}.json", json.dumps(result, indent=1) + "\n")
    return int(bool(wrong))


def write(path: Path, text: str) -> None:
    """Write a result and say where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _files.write(path, text)
    print(f"wrote {os.path.relpath(path)}")
