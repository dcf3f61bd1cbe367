"""Import time in a fresh process beside PennyLane's, less what Python itself takes to start."""

import subprocess
import sys
import time

from benchmarks import _timing

COMMANDS = {
    "qmlcourse": "import qmlcourse",
    "qmlcourse and its kernels": "import qmlcourse; qmlcourse.kernels.kernel_matrix",
    "PennyLane": "import pennylane",
}
HEAVY = ("pennylane", "jax", "tensorflow", "tensorflow_quantum", "cirq", "qiskit", "torch")


def started(code: str) -> float:
    """Return the wall time of a fresh Python process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if the package loads a framework."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--limit", type=float, default=0.3, help="seconds, said but not enforced")
    a = parser.parse_args(arguments)
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    # Files come from the disk's cache, as they do for the second notebook a reader opens.
    for command in COMMANDS.values():
        started(command)
    for _ in range(a.rounds):
        bare = started("pass")
        for name, command in COMMANDS.items():
            times[name].append(max(started(command) - bare, 1e-3))
    loaded = subprocess.run(
        [sys.executable, "-c",
         f"{COMMANDS['qmlcourse and its kernels']}; import sys; "
         f"print(*[m for m in {HEAVY} if m in sys.modules])"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    rows = _timing.rows(times)
    rows[0].note = f"target {a.limit:g} s"
    if loaded:
        rows[0].difference = float("inf")
        rows[0].note = f"loads {', '.join(loaded)}"
    return _timing.finish(
        "import_time", "Import in a fresh process", rows, a.out, ["pennylane"], limit=a.limit
    )


if __name__ == "__main__":
    raise SystemExit(main())
