"""Derivatives of a circuit's logits, summed over states, beside PennyLane's backpropagation.

An update of the policy gradient asks for that once, with the states of its episodes. The peers run
one QNode on the batch of states: as most users would, and compiled by JAX.
"""

from typing import Any

import numpy as np

from benchmarks import _timing
from qmlcourse.reinforcement import CircuitPolicy


def ours(policy: CircuitPolicy, row: Any, states: Any, weights: Any) -> Any:
    """Return the derivatives of the weighted sum of logits."""
    return policy.gradient(row, states, weights)


def pennylane(policy: CircuitPolicy, weights: Any, states: Any, *, jax: bool) -> Any:
    """Return a function of the parameters that computes the same."""
    import pennylane as qml

    uploads, q = policy.n_uploads, policy.n_features
    interface = "jax" if jax else "autograd"

    @qml.qnode(qml.device("default.qubit", wires=q), interface=interface, diff_method="backprop")
    def mean(row: Any) -> Any:
        angles = row[: 2 * q * uploads].reshape(uploads, q, 2)
        last = row[2 * q * uploads : policy.n_angles]
        scale = row[policy.n_angles : -1].reshape(uploads, q)
        for layer in range(uploads):
            for k in range(q):
                qml.RY(angles[layer, k, 0], k)
                qml.RZ(angles[layer, k, 1], k)
            for k in range(q):
                qml.CZ([k, (k + 1) % q])
            for k in range(q):
                qml.RX(scale[layer, k] * states[:, k], k)
        for k in range(q):
            qml.RY(last[k], k)
        return qml.expval(qml.prod(*(qml.Z(k) for k in range(q))))

    if not jax:
        slope = qml.grad(lambda row: row[-1] * (weights * mean(row)).sum())
        return lambda row: slope(qml.numpy.array(row, requires_grad=True))
    import jax as framework

    framework.config.update("jax_enable_x64", True)
    compiled = framework.jit(framework.grad(lambda row: row[-1] * (weights * mean(row)).sum()))
    return lambda row: np.asarray(compiled(row))


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 1 if results differ."""
    parser = _timing.parser(__doc__)
    parser.add_argument("--states", type=int, default=1000, help="steps of an update's episodes")
    parser.add_argument("--uploads", type=int, default=3)
    a = parser.parse_args(arguments)
    policy, rng = CircuitPolicy(a.uploads), np.random.default_rng(0)
    [row] = policy.start(1, rng=rng)
    states, weights = rng.normal(size=(a.states, 4)), rng.normal(size=a.states)
    by_autograd = pennylane(policy, weights, states, jax=False)
    by_jax = pennylane(policy, weights, states, jax=True)
    rows = _timing.race(
        lambda: ours(policy, row, states, weights),
        {
            "PennyLane QNode, default.qubit": lambda: by_autograd(row),
            "PennyLane QNode, jax.jit": lambda: by_jax(row),
        },
        rounds=a.rounds,
        budget=a.budget,
    )
    work = f"{policy.n_parameters} derivatives of a policy's logits, summed over {a.states} states"
    return _timing.finish(
        "policy_gradient", work, rows, a.out, ["pennylane", "jax"], states=a.states,
        uploads=a.uploads,
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
