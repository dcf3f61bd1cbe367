"""Gram matrix beside its limit, one bare matrix product; and the memory of a large one."""

import numpy as np

from benchmarks import _timing
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import kernel_matrix

LARGE = """
import numpy as np
from qmlcourse.kernels import kernel_matrix
X = np.random.default_rng(0).normal(size=({samples}, {qubits}))
kernel_matrix(X, kind="{kind}", {more})
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ or memory is above its limit."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=10)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--large-qubits", type=int, default=8)
    parser.add_argument("--large-samples", type=int, default=10_000)
    a = parser.parse_args(arguments)
    X = np.random.default_rng(0).normal(size=(a.samples, a.qubits))
    states = encoded_states(X, "iqp")
    rows = _timing.race(
        lambda: kernel_matrix(X),
        {"one complex128 product of the ready states": lambda: states @ states.conj().T},
        rounds=a.rounds,
        same=lambda K, product: _timing.difference(K, np.abs(product) ** 2),
        budget=a.budget,
    )
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
    work = f"Gram matrix beside one matrix product, {a.qubits} qubits, {a.samples:,} samples"
    return _timing.finish(
        "gram_limit", work, rows, a.out, ["scipy"], memory=memory, qubits=a.qubits,
        samples=a.samples, large_qubits=a.large_qubits, large_samples=a.large_samples,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
