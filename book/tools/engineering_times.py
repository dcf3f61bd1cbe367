"""Measure what the chapter "Engineering" says about time: tracking, workers, one tuned function.

Writes book/data/engineering_times.csv, with the day and the machine in each row. Only the named
parts are measured anew (tracking, workers, waiting, tuning; default: all); what MLflow costs is
measured by ``nox -s mlflow -- --write``, in an environment of its own. --check says whether the
committed file is the one its checksum names.
"""

import argparse
import csv
import datetime
import hashlib
import io
import json
import os
import platform
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"
TABLE = DATA / "engineering_times.csv"
CHECKSUMS = DATA / "checksums.sha256"
COLUMNS = ("what", "variant", "n", "workers", "seconds", "bytes", "runs", "date", "machine")
STEPS = 500  # of one tracked run
SIZES, HELD_OUT = (2, 4, 8, 16), 48  # settings of a scan
WORKERS = (1, 2, 4)
WAIT = 0.25  # seconds that a setting waits, as for an answer from elsewhere

Row = dict[str, object]


def machine() -> str:
    """Return what a reader must know of the machine, and nothing that names it."""
    return (
        f"{os.cpu_count()} cores, shared, {platform.machine()}, Python {platform.python_version()}"
    )


def row(what: str, variant: str, n: int, workers: int, seconds: list[float], size: int = 0) -> Row:
    """Return a row of the table: the fastest of the runs, as other work shares the machine."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    fastest = f"{min(seconds):.6f}"
    values = (what, variant, n, workers, fastest, size, len(seconds), today, machine())
    return dict(zip(COLUMNS, values, strict=True))


def update(rows: Iterable[Row]) -> None:
    """Write rows into the table, in place of those of the same what and variant."""
    new = list(rows)
    replaced = {(r["what"], r["variant"]) for r in new}
    old: list[Row] = []
    if TABLE.is_file():
        with TABLE.open(newline="", encoding="utf-8") as file:
            old = [dict(r) for r in csv.DictReader(file)]
    kept = [r for r in old if (r["what"], r["variant"]) not in replaced]
    table = sorted(
        [*kept, *new],
        key=lambda r: (r["what"], r["variant"], int(str(r["workers"])), int(str(r["n"]))),
    )
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    TABLE.write_text(text.getvalue(), encoding="utf-8")
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.endswith(TABLE.name)] + [checksum()]
    CHECKSUMS.write_text(
        "\n".join(sorted(lines, key=lambda x: x.split()[1])) + "\n", encoding="utf-8"
    )


def checksum() -> str:
    """Return the line of checksums.sha256 that the table has now."""
    return f"{hashlib.sha256(TABLE.read_bytes()).hexdigest()}  {TABLE.name}"


def timed(run: Callable[[], object], runs: int) -> list[float]:
    """Return the seconds of each run."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return found


def losses() -> list[float]:
    """Return the curve that every tool is given."""
    return [1 / (step + 1) for step in range(STEPS)]


def json_lines(path: Path) -> None:
    """Log one run as lines of JSON, each flushed."""
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"rate": 0.1, "layers": 3}) + "\n")
        for step, loss in enumerate(losses()):
            file.write(json.dumps({"step": step, "loss": loss}) + "\n")
            file.flush()


def tensorboard(folder: Path) -> None:
    """Log one run for TensorBoard, with its hyperparameters."""
    # Where this module is found, TensorBoard writes without TensorFlow.
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("notf"))
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    start = hparams_pb({"rate": 0.1, "layers": 3}, trial_id="one", start_time_secs=0)
    writer.add_event(Event(wall_time=0, summary=start))
    for step, loss in enumerate(losses()):
        value = Summary(value=[Summary.Value(tag="loss", simple_value=loss)])
        writer.add_event(Event(wall_time=step, step=step, summary=value))
    writer.close()


def tracking() -> Iterator[Row]:
    """Measure what one run of 500 steps costs, without imports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = folder / "run.jsonl"
        found = timed(lambda: json_lines(lines), 9)
        yield row("tracking", "JSON lines", STEPS, 1, found, lines.stat().st_size)
        tensorboard(folder / "warm")
        count = iter(range(100))
        found = timed(lambda: tensorboard(folder / f"run{next(count)}"), 9)
        [written] = (folder / "run0").iterdir()
        yield row("tracking", "TensorBoard", STEPS, 1, found, written.stat().st_size)


def setting(seed: int) -> float:
    """Compute one setting of a scan: the gradient variance of a deep circuit."""
    import numpy as np

    from qmlcourse.trainability import gradient_variance

    rng = np.random.default_rng(seed)
    return float(gradient_variance(10, 60, n_samples=60, rng=rng).value)


@contextmanager
def cluster(w: int) -> Iterator[None]:
    """Run joblib's work on a cluster of so many workers on this machine."""
    import distributed
    import joblib

    with (
        distributed.LocalCluster(
            n_workers=w, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as made,
        distributed.Client(made),
        joblib.parallel_config("dask"),
    ):
        yield


def workers() -> Iterator[Row]:
    """Measure scans of several lengths on clusters of several sizes, the last to be predicted."""
    import joblib

    def scan(n: int) -> list[float]:
        return list(joblib.Parallel()(joblib.delayed(setting)(seed) for seed in range(n)))

    def loop(n: int) -> list[float]:
        return [setting(seed) for seed in range(n)]

    setting(0)
    for n in (*SIZES, HELD_OUT):
        found = timed(partial(loop, n), 3)
        yield row("workers", "no cluster", n, 1, found)
    starts: dict[int, list[float]] = {}
    for w in WORKERS:
        begin = time.perf_counter()
        with cluster(w):
            starts[w] = [time.perf_counter() - begin]
            scan(2 * w)  # imports, on each worker
            for n in (*SIZES, HELD_OUT):
                yield row("workers", "cluster", n, w, timed(partial(scan, n), 3))
    for w, seconds in starts.items():
        yield row("start", f"cluster of {w}", 0, w, seconds)


def waiting() -> Iterator[Row]:
    """Measure scans whose settings wait and don't compute, on up to eight workers."""
    import joblib

    def scan(n: int) -> None:
        joblib.Parallel(batch_size=1)(joblib.delayed(time.sleep)(WAIT) for _ in range(n))

    for w in (1, 2, 4, 8):
        with cluster(w):
            scan(2 * w)
            for n in (4, 8, 16, HELD_OUT):
                yield row("waiting", "cluster", n, w, timed(partial(scan, n), 2))


def tuning() -> Iterator[Row]:
    """Measure a kernel matrix entry by entry, with its states kept, and by the package."""
    import numpy as np

    from qmlcourse.encodings import encoded_states
    from qmlcourse.kernels import kernel_matrix

    X = np.random.default_rng(0).normal(size=(60, 8))

    def pairs() -> object:
        def entry(x: object, y: object) -> float:
            a, b = (encoded_states(np.array([v]), "iqp")[0] for v in (x, y))
            return float(abs(a.conj() @ b) ** 2)

        return [[entry(x, y) for y in X] for x in X]

    def states() -> object:
        kept = [encoded_states(np.array([x]), "iqp")[0] for x in X]
        return [[float(abs(a.conj() @ b) ** 2) for b in kept] for a in kept]

    variants: dict[str, Callable[[], object]] = {
        "entry by entry": pairs,
        "states kept": states,
        "package": lambda: kernel_matrix(X, encoding="iqp"),
    }
    right = kernel_matrix(X, encoding="iqp")
    for name, run in variants.items():
        assert np.allclose(np.array(run()), right, atol=1e-10)
        yield row("tuning", name, len(X), 1, timed(run, 5 if name != "package" else 25))


PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "tracking": tracking,
    "workers": workers,
    "waiting": waiting,
    "tuning": tuning,
}


def main() -> int:
    """Measure the parts that were asked for, or check the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--check", action="store_true", help="compare the file with its checksum")
    arguments = parser.parse_args()
    if arguments.check:
        fine = checksum() in CHECKSUMS.read_text(encoding="utf-8").splitlines()
        print(f"{TABLE.name} is {'' if fine else 'not '}the file that its checksum names.")
        return int(not fine)
    if unknown := sorted(set(arguments.part) - set(PARTS)):
        parser.error(f"part must be of {', '.join(PARTS)}; got {', '.join(unknown)}")
    for name in arguments.part or PARTS:
        rows = list(PARTS[name]())
        for found in rows:
            print(*(f"{found[c]}" for c in COLUMNS[:6]), sep="\t")
        update(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
