"""Gram matrix beside bare matrix products of ready states; and the memory of a large one.

A Gram matrix is Hermitian, so a product that knows it is its limit: half of a full one.
"""

import numpy as np
from scipy.linalg.blas import zherk

from benchmarks import _timing
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import kernel_matrix

LARGE = """
import numpy as np
from qmlcourse.kernels import kernel_matrix
X = np.random.default_rng(0).normal(size=({samples}, {qubits}))
kernel_matrix(X, kind="{kind}", {more})
"""


def whole(upper: np.ndarray) -> np.ndarray:
    """Return a symmetric matrix of its upper triangle."""
    return np.triu(upper) + np.triu(upper, 1).T


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ or memory is above its limit."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=10)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--wide-qubits", type=int, default=14)
    parser.add_argument("--wide-samples", type=int, default=200)
    parser.add_argument("--large-qubits", type=int, default=8)
    parser.add_argument("--large-samples", type=int, default=10_000)
    a = parser.parse_args(arguments)
    rows: list[_timing.Row] = []
    for samples, qubits in ((a.samples, a.qubits), (a.wide_samples, a.wide_qubits)):
        X = np.random.default_rng(0).normal(size=(samples, qubits))
        states = encoded_states(X, "iqp")
        found = _timing.race(
            lambda X=X: kernel_matrix(X),
            {
                "one complex128 product of the ready states": (
                    lambda states=states: np.abs(states @ states.conj().T) ** 2
                ),
                "its upper triangle by zherk": (
                    lambda states=states: whole(np.abs(zherk(1.0, states.T, trans=2)) ** 2)
                ),
            },
            rounds=a.rounds,
            budget=a.budget / 2,
        )
        for row in found:
            row.note = f"{samples:,} samples, {qubits} qubits, {row.note}"
        rows += found
    large = {"samples": a.large_samples, "qubits": a.large_qubits}
    kinds = {
        "fidelity": ("fidelity", ""),
        "projected": ("projected", ""),
        "fidelity with shots": ("fidelity", "shots=100, rng=np.random.default_rng(0)"),
    }
    memory = {
        f"{a.large_samples:,} samples, {a.large_qubits} qubits, {name}": (
            _timing.peak_memory(LARGE.format(kind=kind, more=more, **large)),
            3.0,
        )
        for name, (kind, more) in kinds.items()
    }
    work = "Gram matrix beside one matrix product of the states"
    return _timing.finish(
        "gram_limit", work, rows, a.out, ["scipy"], memory=memory, qubits=a.qubits,
        samples=a.samples, wide_qubits=a.wide_qubits, wide_samples=a.wide_samples,
        large_qubits=a.large_qubits, large_samples=a.large_samples,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
