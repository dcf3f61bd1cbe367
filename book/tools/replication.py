"""Compute the table of the chapter "Fair benchmarking": every model, dataset and seed.

Writes book/data/better_than_classical.csv and its line in checksums.sha256. Finished cells are kept
in a folder, so a run that was stopped goes on where it was. --check says whether the committed
file is the one its checksum names, without computing anything.
"""

import argparse
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from qmlcourse import _files
from qmlcourse.comparison import baselines, compare, quantum_models
from qmlcourse.datasets import hyperplanes_parity, linearly_separable, two_curves

DATA = Path(__file__).resolve().parents[1] / "data"
TABLE = DATA / "better_than_classical.csv"
CHECKSUMS = DATA / "checksums.sha256"
STORE = Path(__file__).resolve().parents[2] / "_build" / "replication"

# 300 fresh samples for each seed: 100 to train on and 200 to test on. Data made by a formula cost
# nothing, and a larger test set makes smaller differences visible.
DATASETS = {
    "linearly separable, 2 features": partial(linearly_separable, 300, 2),
    "linearly separable, 6 features": partial(linearly_separable, 300, 6),
    "two curves, degree 2": partial(two_curves, 300, 4, degree=2),
    "two curves, degree 8": partial(two_curves, 300, 4, degree=8),
    "hyperplanes parity, 2 planes": partial(hyperplanes_parity, 300, 4, n_hyperplanes=2),
    "hyperplanes parity, 5 planes": partial(hyperplanes_parity, 300, 4, n_hyperplanes=5),
}
SETTINGS: dict[str, Any] = {"cv": 3, "budget": 8, "test_size": 2 / 3}
SEEDS = range(10)
# Wall times are not the same twice, so they can't be part of a file with a checksum.
TIMES = ["search_seconds", "fit_seconds", "predict_seconds"]


def cells(
    models: Mapping[str, Any],
    datasets: Iterable[str] = tuple(DATASETS),
    seeds: Iterable[int] = SEEDS,
    **options: Any,
) -> pd.DataFrame:
    """Compute some of the table's rows, rounded as in the file."""
    chosen = {name: DATASETS[name] for name in datasets}
    table = compare(models, chosen, seeds=seeds, **SETTINGS, **options).drop(columns=TIMES)
    for column in table.select_dtypes("float"):
        table[column] = table[column].map(rounded)
    table["params"] = [
        json.dumps({k: rounded(v) for k, v in json.loads(text).items()}) for text in table["params"]
    ]
    return table


def rounded(value: Any) -> Any:
    """Round a float to six significant digits; leave anything else alone."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def listed(path: Path | None = None) -> str | None:
    """Return the checksum that checksums.sha256 names for a file; by default the table."""
    path = path or TABLE
    lines = CHECKSUMS.read_text().splitlines() if CHECKSUMS.is_file() else []
    return next((line.split()[0] for line in lines if line.split()[1:] == [path.name]), None)


def write(table: pd.DataFrame) -> None:
    """Write the table, and its line among the checksums; other lines stay."""
    _files.write(TABLE, table.to_csv(index=False, lineterminator="\n"))
    lines = CHECKSUMS.read_text().splitlines() if CHECKSUMS.is_file() else []
    lines = [line for line in lines if line.split()[1:] != [TABLE.name]]
    lines = sorted([*lines, f"{sha256(TABLE)}  {TABLE.name}"], key=lambda line: line.split()[1])
    _files.write(CHECKSUMS, "\n".join(lines) + "\n")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, default=STORE, help="folder of finished cells")
    parser.add_argument("--jobs", type=int, default=2, help="cells side by side")
    parser.add_argument("--check", action="store_true", help="verify the checksum and stop")
    arguments = parser.parse_args(argv)
    if arguments.check:
        if not TABLE.is_file() or sha256(TABLE) != listed():
            print(f"{TABLE.name} differs from its line in {CHECKSUMS.name}.", file=sys.stderr)
            return 1
        return 0
    # With JAX 0.5.3 on a CPU, programs loaded from this cache gave other results than fresh ones.
    os.environ.pop("JAX_COMPILATION_CACHE_DIR", None)
    models = baselines() | quantum_models()
    write(cells(models, store=arguments.store, n_jobs=arguments.jobs))
    print(f"{TABLE.name}: {len(models)} models, {len(DATASETS)} datasets, {len(SEEDS)} seeds")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
