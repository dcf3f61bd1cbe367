"""Means of Z words after an IQP circuit, beside PennyLane's estimate and its statevector.

On few qubits every contender finds all words: ours exactly, PennyLane's QNode exactly, and
PennyLane's estimate by Monte Carlo. On many qubits no statevector fits; our closed form for gates
on one and two qubits runs beside both estimates, each with the same number of strings.
"""

import itertools
from typing import Any

import numpy as np

from benchmarks import _timing
from qmlcourse.generative import iqp_expectation


def ours(*args: Any, **options: Any) -> Any:
    """Return the means of all words."""
    return iqp_expectation(*args, **options)


def estimate(gates: Any, theta: Any, letters: Any, n_samples: int) -> Any:
    """Return a function that computes PennyLane's Monte-Carlo means, compiled."""
    import jax
    import jax.numpy as jnp
    import pennylane as qml

    n = letters.shape[1]
    pattern = [[list(g)] for g in gates]
    key = jax.random.key(0)
    given = jnp.array(letters)
    made = jax.jit(
        lambda weights: qml.qnn.iqp_expval(given, weights, pattern, n, n_samples, key)[0]
    )
    weights = jnp.array(theta)
    return lambda: np.asarray(made(weights))


def statevector(gates: Any, theta: Any, letters: Any) -> Any:
    """Return a function that computes the means from PennyLane's circuit."""
    import pennylane as qml

    n = letters.shape[1]
    words = [
        qml.prod(*(qml.Z(int(k)) for k in np.nonzero(row)[0])) if row.any() else qml.Identity(0)
        for row in letters
    ]

    @qml.qnode(qml.device("lightning.qubit", wires=n))
    def circuit() -> Any:
        for gate, angle in zip(gates, theta, strict=True):
            qml.PauliRot(-2 * angle, "X" * len(gate), wires=list(gate))
        return [qml.expval(w) for w in words]

    return lambda: np.asarray(circuit())


def draw(n: int, n_words: int, rng: Any) -> tuple[Any, Any, Any, list[str]]:
    """Return gates on all qubits and pairs, angles, and light words."""
    gates = [g for k in (1, 2) for g in itertools.combinations(range(n), k)]
    theta = rng.normal(size=len(gates)) / np.sqrt(n)
    letters = np.zeros((n_words, n), dtype=int)
    for row in letters:
        row[rng.choice(n, min(n, int(rng.integers(1, 5))), replace=False)] = 1
    return gates, theta, letters, ["".join("IZ"[b] for b in row) for row in letters]


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--qubits", type=int, default=100)
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--samples", type=int, default=1000, help="strings of an estimate")
    parser.add_argument("--small-qubits", type=int, default=14, help="for the statevector")
    a = parser.parse_args(arguments)
    rng = np.random.default_rng(0)
    gates, theta, letters, words = draw(a.qubits, a.words, rng)
    few, angles, small, short = draw(a.small_qubits, a.words, rng)

    def beyond(exact: Any, estimated: Any) -> float:
        """Return how far an estimate is off beyond six standard errors, at most 1/sqrt(S) each."""
        off = _timing.difference(exact, estimated)
        return max(0.0, off - 6 / np.sqrt(a.samples))

    rows = _timing.race(
        lambda: ours(gates, theta, words),
        {
            "qmlcourse, sampled": lambda: iqp_expectation(
                gates, theta, words, n_samples=a.samples, rng=np.random.default_rng(1)
            ),
            "PennyLane iqp_expval, jit": estimate(gates, theta, letters, a.samples),
        },
        same=beyond,
        notes={"qmlcourse": "exact"},
        rounds=a.rounds,
        budget=a.budget,
    )
    narrow = _timing.race(
        lambda: ours(few, angles, short),
        {"PennyLane lightning.qubit": statevector(few, angles, small)},
        rounds=a.rounds,
        budget=a.budget,
    )
    for row in narrow[1:]:
        row.name += f", {a.small_qubits} qubits"
        row.note = f"times ours at this size; {row.note}"
    work = f"{a.words} words of up to 4 letters after {len(gates)} gates on {a.qubits} qubits"
    return _timing.finish(
        "iqp", work, rows + narrow[1:], a.out, ["pennylane", "pennylane-lightning", "jax"],
        qubits=a.qubits, words=a.words, samples=a.samples, small_qubits=a.small_qubits,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
