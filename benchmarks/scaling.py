"""How time and memory of Gram matrices and gradient variances grow with qubits and samples.

Writes the table that the book draws, and a JSON file. Memory is the peak of what NumPy allocates,
without the interpreter and its libraries, which would hide the growth.
"""

import csv
import io
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import _timing
from qmlcourse.ansatz import random_pauli
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import kernel_matrix
from qmlcourse.trainability import first_derivatives, gradient_variance
from qmlcourse.trainability._derivatives import cost_diagonal

COLUMNS = ("work", "axis", "n_qubits", "n_samples", "seconds", "mebibytes")
BOOK = Path(__file__).parents[1] / "book" / "data"
GRAM, GRADIENT = "Gram matrix", "gradient variance"


def gram(n_qubits: int, n_samples: int) -> Any:
    """Compute one Gram matrix."""
    X = np.random.default_rng(0).normal(size=(n_samples, n_qubits))
    return kernel_matrix(X)


def variance(depth: int) -> Callable[[int, int], Any]:
    """Return a function that computes one gradient variance at a depth."""
    return lambda n_qubits, n_samples: gradient_variance(
        n_qubits, depth, cost="zz", n_samples=n_samples, rng=np.random.default_rng(0)
    )


def measured(run: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Return the median time, in seconds, and the peak of allocated memory, in MiB."""
    run()
    times = [_timing.seconds(run)[0] for _ in range(rounds)]
    tracemalloc.start()
    try:
        run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return statistics.median(times), peak / 2**20


def largest_error() -> float:
    """Return how far small results are from direct computations in double precision."""
    X = np.random.default_rng(0).normal(size=(20, 4))
    states = encoded_states(X, "iqp")
    gram_error = _timing.difference(kernel_matrix(X), np.abs(states @ states.conj().T) ** 2)
    rng = np.random.default_rng(0)
    circuit, theta = random_pauli(4, 10, rng=rng), rng.uniform(0, 2 * np.pi, (1, 40))
    shift = np.pi / 2 * np.eye(40)[:1]
    z = cost_diagonal("zz", 4)
    plus, minus = (np.abs(circuit.states(theta + s)) ** 2 @ z for s in (shift, -shift))
    derivative = first_derivatives([circuit], theta, "zz")
    return max(gram_error, _timing.difference(derivative, (plus - minus) / 2))


def growth(table: list[dict[str, Any]], work: str, axis: str, column: str) -> float:
    """Return the factor per added qubit, or the power of n_samples, over the largest sizes."""
    points = [row for row in table if row["work"] == work and row["axis"] == axis][-5:]
    x = np.array([row[axis] for row in points], dtype=float)
    y = np.log2([row[column] for row in points])
    slope = np.polyfit(x if axis == "n_qubits" else np.log2(x), y, 1)[0]
    return float(2**slope if axis == "n_qubits" else slope)


def figure(table: list[dict[str, Any]], path: Path) -> None:
    """Draw time against qubits and against samples."""
    import matplotlib.pyplot as plt

    from qmlcourse import plotting

    plotting.style()
    _, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for ax, axis in zip(axes, ("n_qubits", "n_samples"), strict=True):
        for work, marker in ((GRAM, "o"), (GRADIENT, "s")):
            rows = [row for row in table if row["work"] == work and row["axis"] == axis]
            label = work if axis == "n_samples" else None
            ax.plot([r[axis] for r in rows], [r["seconds"] for r in rows], marker, ls="-",
                    label=label)  # fmt: skip
        ax.set(yscale="log", ylabel="time (s)")
    axes[0].set_xlabel("qubits (count)")
    axes[1].set(xscale="log", xlabel="samples or circuits (count)")
    axes[1].legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    plt.savefig(path)
    plt.close()


def sizes(text: str) -> list[int]:
    """Read a list such as 4,6,8."""
    return [int(part) for part in text.split(",")]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results are wrong."""
    parser = _timing.parser(__doc__)
    parser.set_defaults(rounds=3)
    parser.add_argument("--qubits", type=sizes, default=list(range(4, 15)))
    parser.add_argument("--samples", type=sizes, default=[50, 100, 200, 400, 800, 1600, 3200])
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--circuits", type=int, default=20, help="where the qubits grow")
    parser.add_argument("--rows", type=int, default=200, help="samples where the qubits grow")
    parser.add_argument("--fixed-qubits", type=int, default=8, help="where the samples grow")
    parser.add_argument("--figure", type=Path, help="a PNG file to draw")
    a = parser.parse_args(arguments)
    begun, table = time.monotonic(), []
    for work, run, n in ((GRAM, gram, a.rows), (GRADIENT, variance(a.depth), a.circuits)):
        cells = [("n_qubits", q, n) for q in a.qubits]
        cells += [("n_samples", a.fixed_qubits, s) for s in a.samples]
        for axis, q, s in cells:
            took, peak = measured(lambda run=run, q=q, s=s: run(q, s), a.rounds)
            row = (work, axis, q, s, float(f"{took:.3g}"), float(f"{peak:.3g}"))
            table.append(dict(zip(COLUMNS, row, strict=True)))
            print(f"{work:18} {q:2} qubits {s:5} samples  {took:9.3g} s  {peak:9.3g} MiB")
    factors = {
        f"{work}, {column} {'per qubit' if axis == 'n_qubits' else 'power of samples'}": round(
            growth(table, work, axis, column), 2
        )
        for work in (GRAM, GRADIENT)
        for axis in ("n_qubits", "n_samples")
        for column in ("seconds", "mebibytes")
    }
    for name, factor in factors.items():
        print(f"{name}: {factor}")
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    # A trial with another folder leaves the book alone.
    folder = BOOK if a.out == _timing.RESULTS else a.out
    _timing.write(folder / "scaling.csv", text.getvalue())
    result = {
        "benchmark": "scaling",
        "work": "Growth with qubits and samples",
        "settings": {"depth": a.depth, "rounds": a.rounds},
        "machine": _timing.machine(["scipy"]),
        "rows": table,
        "growth": factors,
        "agree": largest_error() <= _timing.TOLERANCE,
        "minutes": round((time.monotonic() - begun) / 60, 2),
    }
    _timing.write(a.out / "scaling.json", json.dumps(result, indent=1) + "\n")
    if a.figure:
        figure(table, a.figure)
    if not result["agree"]:
        print("WRONG: results differ from direct computations", file=sys.stderr)
    return int(not result["agree"])


if __name__ == "__main__":
    raise SystemExit(main())
