"""Training: a PennyLane circuit of rotations and CZ, jitted and batched by JAX.

The engine of the variational models. Programs are cached by circuit, and compiled once for
each shape of the data: sample counts are padded to powers of two to keep the shapes few.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .._typing import Array
from ..simulator import ring_pairs

Array = Array


class Circuit(NamedTuple):
    """What decides the compiled program, beside the shape of the data."""

    n_qubits: int
    n_layers: int
    n_logits: int  # 1 for two classes, otherwise one a class
    reupload: bool
    entangle: bool
    shots: int | None

    @property
    def n_angles(self) -> int:
        """Rotation angles: each costs two circuits in the parameter-shift rule."""
        return self.n_layers * self.n_qubits * (4 if self.reupload else 3)

    def parameters(self, rng: np.random.Generator) -> dict[str, Array]:
        """Draw initial parameters: angles, and the linear layer from every <Z_k> to the logits."""
        n, shape = self.n_qubits, (self.n_layers, self.n_qubits)
        parameters = {
            "weights": rng.uniform(0, 2 * np.pi, (*shape, 3)),
            "coef": rng.normal(0, 3 / np.sqrt(n), (self.n_logits, n)),
            "intercept": np.zeros(self.n_logits),
        }
        if self.reupload:
            parameters["inputs"] = np.ones(shape)
        return parameters


class Programs(NamedTuple):
    """The compiled programs of a circuit."""

    start: Callable[..., Any]
    train: Callable[..., Any]
    logits: Callable[..., Any]


def probabilities(circuit: Circuit) -> Callable[..., Any]:
    """Return the QNode from one sample and its rotation angles to outcome probabilities.

    The sample is the state to start from; when uploading it is angles too, (layers, qubits).
    """
    import pennylane as qml

    wires = range(circuit.n_qubits)

    @qml.qnode(qml.device("default.qubit", wires=circuit.n_qubits), interface="jax")
    def qnode(weights: Any, sample: Any) -> Any:
        if not circuit.reupload:
            qml.StatePrep(sample, wires=wires)
        for layer in range(circuit.n_layers):
            for k in wires if circuit.reupload else []:
                qml.RX(sample[layer, k], wires=k)
            # Before the trained rotations: CZ commutes with Z, so after the last it is lost.
            for pair in ring_pairs(circuit.n_qubits) if circuit.entangle else []:
                qml.CZ(wires=pair)
            for k in wires:
                qml.Rot(weights[layer, k, 0], weights[layer, k, 1], weights[layer, k, 2], wires=k)
        return qml.probs(wires=wires)

    return qnode


def expectations(circuit: Circuit) -> Callable[..., Any]:
    """Return the function (weights, sample, key) -> <Z> of each qubit.

    With shots, a value is the mean of that many sampled measurements, and its gradient the
    parameter-shift rule on samples of its own, as on a device.
    """
    import jax
    import jax.numpy as jnp
    from jax.flatten_util import ravel_pytree

    probs = probabilities(circuit)
    bits = (np.arange(2**circuit.n_qubits)[:, None] >> np.arange(circuit.n_qubits)[::-1]) & 1
    signs = 1.0 - 2.0 * bits
    if circuit.shots is None:
        return lambda weights, sample, key: probs(weights, sample) @ signs
    shots = float(circuit.shots)

    def sampled(weights: Any, sample: Any, key: Any) -> Any:
        counts = jax.random.multinomial(key, shots, probs(weights, sample))
        return counts @ signs / shots

    def forward(weights: Any, sample: Any, key: Any) -> Any:
        return sampled(weights, sample, key), (weights, sample, key)

    def backward(saved: Any, slope: Any) -> Any:
        weights, sample, key = saved
        # A state is data: only rotation angles have a gradient.
        moving = (weights, sample) if circuit.reupload else (weights,)
        angles, unravel = ravel_pytree(moving)

        def shifted(shift: Any, key: Any) -> Any:
            weights, start = (*unravel(angles + shift), sample)[:2]
            return sampled(weights, start, key)

        shifts = np.pi / 2 * np.eye(angles.size)
        keys = jax.random.split(jax.random.fold_in(key, 1), 2 * angles.size)
        f = jax.vmap(shifted)(jnp.concatenate([shifts, -shifts]), keys)
        rule = (f[: angles.size] - f[angles.size :]) / 2
        return (*unravel(rule @ slope), None, None)[:3]

    measured = jax.custom_vjp(sampled)
    measured.defvjp(forward, backward)
    return measured


def compiled(circuit: Circuit) -> Programs:
    """Return the jitted programs: start of Adam, some epochs of it, and the logits.

    Raises
    ------
    RuntimeError
        Where JAX keeps compiled programs in a folder: read back on a CPU, a loop inside a loop
        does nothing (jax 0.5.3; `tests/upstream`), and training would end where it began.
    """
    import jax

    kept = jax.config.jax_compilation_cache_dir and jax.config.jax_enable_compilation_cache
    if kept and jax.default_backend() == "cpu":
        raise RuntimeError(
            f"jax {jax.__version__} reads compiled training back wrongly from its cache on a CPU "
            f"({jax.config.jax_compilation_cache_dir}): set JAX_ENABLE_COMPILATION_CACHE=0."
        )
    return _compiled(circuit)


@lru_cache(maxsize=32)
def _compiled(circuit: Circuit) -> Programs:
    import jax
    import jax.numpy as jnp
    import optax

    expectation = expectations(circuit)
    adam = optax.scale_by_adam()

    def logits(p: Any, data: Any, key: Any) -> Any:
        def one(sample: Any, key: Any) -> Any:
            start = p["inputs"] * sample if circuit.reupload else sample
            return expectation(p["weights"], start, key)

        f = jax.vmap(one)(data, jax.random.split(key, len(data)))
        return f @ p["coef"].T + p["intercept"]

    def loss(p: Any, batch: Any, key: Any) -> Any:
        data, y, weight, real = batch
        z = logits(p, data, key)
        if circuit.n_logits == 1:
            each = optax.sigmoid_binary_cross_entropy(z[:, 0], y)
        else:
            each = optax.softmax_cross_entropy_with_integer_labels(z, y)
        return weight @ each / real.sum()

    def train(
        state: Any, batches: Any, held_out: Any, key: Any, rate: Any, n_epochs: Any, curve: Any
    ) -> Any:
        n_batches, size = batches[2].shape

        def step(carry: Any, batch_and_key: Any) -> Any:
            p, moments = carry
            value, slope = jax.value_and_grad(loss)(p, *batch_and_key)
            update, moments = adam.update(slope, moments)
            return (jax.tree.map(lambda a, u: a - rate * u, p, update), moments), value

        def epoch(i: Any, state: Any) -> Any:
            p, moments, best, curve = state
            order_key, step_key, held_key = jax.random.split(jax.random.fold_in(key, i), 3)
            order = jnp.arange(n_batches * size)
            if n_batches > 1:
                order = jax.random.permutation(order_key, order)
            order = order.reshape(n_batches, size)
            shuffled = jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:])[order], batches)
            keys = jax.random.split(step_key, n_batches)
            (p, moments), values = jax.lax.scan(step, (p, moments), (shuffled, keys))
            losses = [values.mean()]
            if held_out is not None:
                losses.append(loss(p, held_out, held_key))
                better = losses[1] < best[0]
                best = jax.tree.map(lambda new, old: jnp.where(better, new, old),
                                    (losses[1], p), best)  # fmt: skip
            return p, moments, best, curve.at[i].set(jnp.stack(losses))

        return jax.lax.fori_loop(0, n_epochs, epoch, (*state, curve))

    return Programs(adam.init, jax.jit(train), jax.jit(logits))


def padded(n: int, floor: int = 16) -> int:
    """Return the next power of two: few shapes, so few compilations."""
    return max(floor, 1 << (n - 1).bit_length())


def pad(a: Array, n: int) -> Array:
    """Repeat the first row until there are n: padding must be a valid sample."""
    return np.concatenate([a, np.repeat(a[:1], n - len(a), axis=0)])
