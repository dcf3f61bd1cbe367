"""An ansatz's operators are differentiable, and its fields are checked."""

import numpy as np
import pennylane as qml
import pytest

from qmlcourse import ansatz
from qmlcourse.ansatz import Ansatz
from qmlcourse.trainability import first_derivatives

MAKERS = {
    "random_pauli": lambda rng: ansatz.random_pauli(3, 2, rng=rng),
    "hardware_efficient": lambda rng: ansatz.hardware_efficient(2, 2),
    "identity_blocks": lambda rng: ansatz.identity_blocks(2, 4, n_blocks=2, rng=rng),
    "one qubit": lambda rng: ansatz.random_pauli(1, 3, rng=rng),
    "own": lambda rng: Ansatz([[1, 3], [2, 1]], [True, False], start=0.4),
}


def cost_of(circuit, **options):
    @qml.qnode(qml.device("default.qubit", wires=circuit.n_qubits), **options)
    def cost(theta):
        circuit.ops(theta)
        return qml.expval(qml.Projector([0] * circuit.n_qubits, range(circuit.n_qubits)))

    return cost


def shifted(circuit, theta):
    """Return the gradient by the parameter-shift rule on the package's own simulator."""
    steps = np.eye(len(theta)) * np.pi / 2
    up, down = (np.abs(circuit.states(theta + s)[:, 0]) ** 2 for s in (steps, -steps))
    return (up - down) / 2


@pytest.mark.parametrize("method", ["backprop", "parameter-shift", "adjoint", "finite-diff"])
@pytest.mark.parametrize("kind", MAKERS)
def test_autograd_gradient_is_the_parameter_shift_rules(kind, method, rng):
    circuit = MAKERS[kind](rng)
    theta = rng.uniform(0, 2 * np.pi, circuit.n_parameters)
    exact = shifted(circuit, theta)
    cost = cost_of(circuit, diff_method=method)
    gradient = qml.grad(cost)(qml.numpy.array(theta, requires_grad=True))
    atol = 1e-6 if method == "finite-diff" else 1e-12
    np.testing.assert_allclose(gradient, exact, atol=atol)
    first = first_derivatives([circuit], theta[None], "global")
    np.testing.assert_allclose(gradient[0], first[0], atol=1e-6)


@pytest.mark.parametrize("how", ["list", "scaled", "nested"])
def test_gradients_pass_through_what_makes_the_angles(how, rng):
    circuit = MAKERS["random_pauli"](rng)
    cost = cost_of(circuit)
    build = {
        "list": lambda t: cost([t[i] for i in range(6)]),
        "scaled": lambda t: cost(2 * t - 1),
        "nested": lambda t: cost(qml.math.concatenate([t[:3], t[3:] ** 2])),
    }[how]
    theta = qml.numpy.array(rng.uniform(0, 2, 6), requires_grad=True)
    step = 1e-6 * np.eye(6)
    numeric = [(build(theta + s) - build(theta - s)) / 2e-6 for s in step]
    np.testing.assert_allclose(qml.grad(build)(theta), numeric, atol=1e-8)


@pytest.mark.extra("jax")
@pytest.mark.parametrize("kind", ["one qubit", "own"])  # compiling takes half a second a gate
def test_jax_gradient_and_transforms(kind, rng):
    import jax

    circuit = MAKERS[kind](rng)
    thetas = rng.uniform(0, 2 * np.pi, (3, circuit.n_parameters))
    exact = [shifted(circuit, t) for t in thetas]
    gradient = jax.grad(cost_of(circuit))
    with jax.experimental.enable_x64():
        found = [gradient(jax.numpy.asarray(thetas[0])), jax.jit(gradient)(thetas[1])]
        np.testing.assert_allclose(found, exact[:2], atol=1e-12)
        np.testing.assert_allclose(jax.vmap(gradient)(thetas), exact, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_rows_are_a_batch(n, rng):
    # As many rows as layers once gave the rows to the layers.
    circuit = MAKERS["random_pauli"](rng)
    thetas = rng.uniform(0, 2 * np.pi, (n, circuit.n_parameters))
    alone = np.abs(circuit.states(thetas)[:, 0]) ** 2
    np.testing.assert_allclose(cost_of(circuit)(thetas), alone, atol=1e-12)


@pytest.mark.parametrize(
    ("theta", "error", "message"),
    [
        (np.zeros(5), ValueError, r"theta must hold 4 angles; got shape \(5,\)"),
        (np.zeros((2, 2)), ValueError, r"theta must hold 4 angles; got shape \(2, 2\)"),
        (np.zeros((0, 4)), ValueError, "theta must hold 4 angles"),
        (0.3, ValueError, r"theta must hold 4 angles; got shape \(\)"),
        ([], ValueError, "theta must hold 4 angles"),
        ([0, 1, np.nan, 2], ValueError, "theta must hold finite numbers; got NaN"),
        (np.array([1j, 0, 0, 0]), TypeError, "theta must hold real numbers"),
    ],
)
def test_bad_angles_are_named(theta, error, message):
    with pytest.raises(error, match=message):
        ansatz.hardware_efficient(2, 1).ops(theta)


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (([[0]], [False]), ValueError, "axes must be 1, 2 or 3"),
        (([[1.5]], [False]), ValueError, "axes must be 1, 2 or 3"),
        (([1, 2], [False]), ValueError, "axes must be a 2-D array"),
        ((np.ones((0, 2)), []), ValueError, "axes must not be empty"),
        (([[1]], ["no"]), ValueError, "entangle must be 1 of True or False"),
        (([[1]], [False, True]), ValueError, "entangle must be 1 of True or False"),
        (([[1]], [False], np.nan), ValueError, "start must be a finite number"),
        (([[1]] * 4, [False] * 4, 0.0, 3), ValueError, "mirror must be even"),
        (([[1]] * 6, [False] * 6, 0.0, 4), ValueError, "mirror must be even and divide 6"),
    ],
)
def test_bad_fields_are_named(fields, error, message):
    with pytest.raises(error, match=message):
        Ansatz(*fields)


def test_defaults_of_expressibility_and_entanglement(rng):
    circuit = ansatz.random_pauli(2, 2, rng=rng)
    seeds = [np.random.default_rng(1) for _ in range(4)]
    assert ansatz.expressibility(circuit, rng=seeds[0]) == ansatz.expressibility(
        circuit, n_pairs=2000, n_bins=75, rng=seeds[1]
    )
    assert ansatz.entangling_capability(circuit, rng=seeds[2]) == ansatz.entangling_capability(
        circuit, n_samples=1000, rng=seeds[3]
    )
