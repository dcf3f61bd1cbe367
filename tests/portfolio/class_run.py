"""A class of the toy exercise, graded undisturbed and again with kills: is the table the same?

    python tests/portfolio/class_run.py [SIZE] [SEED]

The tests take the submissions from here, and run the same on a class of eight.
"""

import collections
import copy
import importlib.util
import itertools
import json
import os
import random
import resource
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Iterable
from pathlib import Path

import psutil

from qmlcourse.grading.submission import answer_cells

ROOT = Path(__file__).parents[2]
EXERCISES = Path(__file__).parent / "exercises"
TOY = EXERCISES / "toy"
SOLUTION = json.loads((TOY / "solution.ipynb").read_text("utf-8"))


def answered(**answers: str) -> dict:
    """Return the solution with answers replaced: question → source."""
    notebook = copy.deepcopy(SOLUTION)
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", []):
            if tag.removeprefix("question-") in answers:
                cell["source"] = answers[tag.removeprefix("question-")]
    return notebook


def variants_tool() -> types.ModuleType:
    """Return the module that reads the variants of an exercise; it lies beside the book."""
    spec = importlib.util.spec_from_file_location("variants", ROOT / "book/tools/variants.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def variant(name: str) -> dict:
    """Return the solution with the answers of a variant, such as `wrong/degrees`."""
    exercise = runpy.run_path(str(TOY / "checks.py"))["exercise"]
    found = variants_tool().variants(TOY, exercise, answer_cells(SOLUTION, exercise))
    return answered(**{one.name: one.cells for one in found}[name])


def save(notebook: object, path: Path) -> Path:
    path.write_text(json.dumps(notebook), "utf-8")
    return path


# What a class hands in, with the points that each is worth.
KINDS: dict[str, tuple[bytes, int]] = {
    kind: (content if isinstance(content, bytes) else json.dumps(content).encode(), points)
    for kind, content, points in (
        ("reference", SOLUTION, 10),
        ("degrees", variant("wrong/degrees"), 0),
        ("cut", (TOY / "toy.ipynb").read_bytes()[:900], 0),
        ("phase", variant("equivalents/global_phase"), 10),
        ("blank", (TOY / "toy.ipynb").read_bytes(), 0),
        ("sign", answered(expectation="def expectation(x):\n    return -np.cos(x)"), 7),
        ("syntax", answered(amplitudes="def amplitudes(x:"), 0),
        ("raises", answered(expectation="def expectation(x):\n    raise ValueError(x)"), 7),
    )
}


def make_class(folder: Path, size: int) -> list[Path]:
    """Write submissions of all kinds in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, kind in zip(range(size), itertools.cycle(KINDS), strict=False):
        paths.append(folder / f"{number:03d}_{kind}.ipynb")
        paths[-1].write_bytes(KINDS[kind][0])
    return paths


def start(paths: Iterable[Path], out: Path) -> "subprocess.Popen[str]":
    """Start the command that grades them."""
    command = [sys.executable, "-m", "qmlcourse.cli", "grade", "toy", *map(str, paths)]
    return subprocess.Popen(
        [*command, "--out", str(out), "--seed", "1", "--jobs", "1"],
        cwd=ROOT,
        env={**os.environ, "QMLCOURSE_EXERCISES": str(EXERCISES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(paths: Iterable[Path], out: Path) -> bytes:
    """Grade to the end and return the table."""
    process = start(paths, out)
    said, errors = process.communicate(timeout=900)
    # One of a class is no notebook.
    assert process.returncode == 1 and not errors, said + errors
    return (out / "grades.csv").read_bytes()


def journal(out: Path) -> list[str]:
    """Return the submissions in the order in which they were graded."""
    path = out / "journal.jsonl"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [json.loads(line)["graded"] for line in lines]


def kill(paths: Iterable[Path], out: Path, after: int, pause: float) -> int:
    """Grade until `after` more are done and a pause is over; kill the run there.

    Returns how many of the processes it had started outlive it by five seconds.
    """
    before, process = len(journal(out)), start(paths, out)
    deadline = time.monotonic() + 300
    while len(journal(out)) < before + after and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(pause)
    family: list[psutil.Process] = []
    while process.poll() is None and not family:  # between two submissions it has no child
        family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it had ended before it was killed"
    _, alive = psutil.wait_procs(family, timeout=5)
    return len(alive)


def main() -> int:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else None)
    with tempfile.TemporaryDirectory() as scratch:
        paths = make_class(Path(scratch) / "in", size)
        calm, disturbed = Path(scratch) / "calm", Path(scratch) / "disturbed"
        started = time.monotonic()
        table = finish(paths, calm)
        seconds = time.monotonic() - started
        # Three kills between the first submission and the last but a few, each mid-way in one.
        moments = sorted(rng.sample(range(1, size - 4), 3))
        for earlier, later in itertools.pairwise([0, *moments]):
            left = kill(paths, disturbed, max(1, later - earlier), rng.uniform(0, seconds / size))
            done = len(journal(disturbed))
            print(f"killed with {done} of {size} graded; processes left behind: {left}")
        same = finish(paths, disturbed) == table
        often = collections.Counter(journal(disturbed))
        points = [KINDS[path.stem[4:]][1] for path in paths]
        reports = [json.loads(p.read_text("utf-8")) for p in calm.glob("*/report.json")]
        graded = {r["submission"]: r["points"] for r in reports}
        right = [graded[path.name] for path in paths] == points
    # Of the graders and what they started and waited for; reports hold the sandboxes' own.
    mebibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"same grades.csv: {'yes' if same else 'NO'}")
    print(f"points as known beforehand: {'yes' if right else 'NO'}")
    print(f"gradings per submission: at most {max(often.values())}, {len(often)} of {size} graded")
    print(f"seconds per submission: {seconds / size:.2f}")
    peak = max(r["peak_mebibytes"] for r in reports)
    print(f"peak memory: {mebibytes:.0f} MiB a grader, {peak:.0f} MiB a sandbox")
    return 0 if same and right and max(often.values()) == 1 else 1


if __name__ == "__main__":
    raise SystemExit(main())
