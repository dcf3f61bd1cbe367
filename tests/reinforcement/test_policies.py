"""Policies: the circuit against PennyLane, derivatives against differences and PennyLane's own."""

import numpy as np
import pennylane as qml
import pytest
from pennylane import numpy as pnp

from qmlcourse.reinforcement import CircuitPolicy, LinearPolicy, NetworkPolicy

ALL = [LinearPolicy(), NetworkPolicy(3), CircuitPolicy(2), LinearPolicy(2), NetworkPolicy(2, 3),
       CircuitPolicy(1, 1), CircuitPolicy(3, 2), CircuitPolicy(1, 3)]  # fmt: skip
SHAPES = [(3, 4), (1, 1), (2, 2), (1, 3), (1, 5)]


def drawn(policy, rng, runs=2, n=5):
    parameters = rng.normal(0, 1.5, (runs, policy.n_parameters))
    return parameters, rng.normal(size=(runs, n, policy.n_features))


def node(policy, diff_method=None):
    """Return the circuit as a QNode of a row of parameters and a state."""
    uploads, q = policy.n_uploads, policy.n_features
    pairs = {1: [], 2: [(0, 1)]}.get(q, [(k, (k + 1) % q) for k in range(q)])

    @qml.qnode(qml.device("default.qubit", wires=q), diff_method=diff_method)
    def mean(row, state):
        split = q * (2 * uploads + 1)
        scale = row[split:-1].reshape(uploads, q)
        for layer in range(uploads + 1):
            for k in range(q):
                if layer:
                    qml.RX(scale[layer - 1, k] * state[k], k)
            for k in range(q):
                if layer == uploads:
                    qml.RY(row[split - q + k], k)
                else:
                    qml.RY(row[2 * (layer * q + k)], k)
                    qml.RZ(row[2 * (layer * q + k) + 1], k)
            # Behind the last layer they change nothing: the policy leaves them out.
            for pair in pairs:
                qml.CZ(pair)
        return qml.expval(qml.prod(*(qml.Z(k) for k in range(q))))

    return lambda row, state: row[-1] * mean(row, state)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_circuit_is_that_of_pennylane(shape):
    policy = CircuitPolicy(*shape)
    parameters, states = drawn(policy, np.random.default_rng(0))
    theirs = [[node(policy)(p, s) for s in row] for p, row in zip(parameters, states, strict=True)]
    ours = policy.logits(policy.prepare(parameters), states)
    assert np.allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES[:3])
def test_the_circuits_gradient_is_that_of_pennylane(shape):
    policy = CircuitPolicy(*shape)
    parameters, states = drawn(policy, np.random.default_rng(1), n=3)
    weights = np.array([0.5, -2.0, 1.0])
    mean, row = node(policy, "backprop"), pnp.array(parameters[0], requires_grad=True)
    slope = qml.grad(lambda r: sum(w * mean(r, s) for w, s in zip(weights, states[0], strict=True)))
    assert np.allclose(policy.gradient(parameters[0], states[0], weights), slope(row), atol=1e-12)


@pytest.mark.parametrize("policy", ALL)
def test_gradients_are_differences_of_logits(policy):
    parameters, states = drawn(policy, np.random.default_rng(2))
    weights, step = np.random.default_rng(3).normal(size=5), 1e-6

    def total(row):
        return (policy.logits(policy.prepare(row[None]), states[:1])[0] * weights).sum()

    moves = step * np.eye(policy.n_parameters)
    slopes = [(total(parameters[0] + m) - total(parameters[0] - m)) / (2 * step) for m in moves]
    assert np.allclose(policy.gradient(parameters[0], states[0], weights), slopes, atol=1e-7)


@pytest.mark.parametrize("policy", ALL)
def test_runs_do_not_mix(policy):
    parameters, states = drawn(policy, np.random.default_rng(4), runs=3)
    together = policy.logits(policy.prepare(parameters), states)
    assert together.shape == (3, 5)
    for r in range(3):
        alone = policy.logits(policy.prepare(parameters[r : r + 1]), states[r : r + 1])
        assert np.allclose(together[r], alone[0], atol=1e-13)
    none = policy.gradient(parameters[0], states[0, :0], np.zeros(0))
    assert np.array_equal(none, np.zeros(policy.n_parameters))


def test_the_network_by_hand():
    policy = NetworkPolicy(2, 1)
    row = np.array([[2.0, -1, 0.5, 0, 3, 4, 7]])
    x = 0.3
    expected = 3 * np.tanh(2 * x + 0.5) + 4 * np.tanh(-x) + 7
    assert np.isclose(policy.logits(policy.prepare(row), np.array([[[x]]]))[0, 0], expected)


def test_counts_of_parameters():
    assert [p.n_parameters for p in (LinearPolicy(), NetworkPolicy(), CircuitPolicy())] == [
        5, 43, 41,
    ]  # fmt: skip
    assert CircuitPolicy(3).n_angles == 28
    assert CircuitPolicy(1).n_parameters == 17


@pytest.mark.parametrize("shape", SHAPES)
def test_no_parameter_is_idle(shape):
    policy = CircuitPolicy(*shape)
    parameters, states = drawn(policy, np.random.default_rng(6), runs=1, n=50)
    slopes = [policy.gradient(parameters[0], s[None], np.ones(1)) for s in states[0]]
    assert (np.abs(slopes).max(axis=0) > 1e-3).all()
    if shape == (3, 4):  # nor together: the logits of 50 states turn in every direction
        assert np.linalg.svd(slopes, compute_uv=False)[-1] > 1e-4


def test_starts():
    rng = np.random.default_rng(5)
    assert not LinearPolicy().start(3, rng=rng).any()
    network = NetworkPolicy(100).start(50, rng=rng)
    assert np.isclose(network[:, :400].std(), 0.5, rtol=0.02)
    assert not network[:, 400:500].any()
    assert np.isclose(network[:, 500:600].std(), 0.1, rtol=0.05)
    assert not network[:, 600:].any()
    circuit = CircuitPolicy(3, weight=7).start(200, rng=rng)
    assert np.isclose(circuit[:, :28].std(), 2 * np.pi / np.sqrt(12), rtol=0.03)
    assert (circuit[:, 28:40] == 1).all()
    assert (circuit[:, 40] == 7).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LinearPolicy(0), "n_features must be an integer at least 1; got 0"),
        (lambda: NetworkPolicy(2.5), "n_hidden must be an integer at least 1; got 2.5"),
        (lambda: CircuitPolicy(0), "n_uploads must be an integer at least 1; got 0"),
        (lambda: CircuitPolicy(1, 9), "n_features must be an integer from 1 to 8; got 9"),
        (lambda: CircuitPolicy(1, weight=np.nan), "weight must be a finite number; got nan"),
        (lambda: CircuitPolicy().start(0, rng=np.random.default_rng(0)), "n_runs must be"),
        (lambda: NetworkPolicy().start(1, rng=3), "rng must be a numpy"),
        (lambda: LinearPolicy().start(1, rng=None), "rng must be a numpy"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
