"""QAOA against closed forms, its definition by matrix exponentials, and PennyLane."""

from functools import partial

import networkx as nx
import numpy as np
import pennylane as qml
import pytest
from scipy.linalg import expm

from qmlcourse import _checks
from qmlcourse.optimization import cut_values, qaoa_expectation, qaoa_state

X = np.array([[0, 1], [1, 0]])


def by_definition(values, gammas, betas):
    n = len(values).bit_length() - 1
    mixer = sum(np.kron(np.kron(np.eye(2**k), X), np.eye(2 ** (n - 1 - k))) for k in range(n))
    state = np.full(2**n, 2 ** (-n / 2), dtype=complex)
    for gamma, beta in zip(gammas, betas, strict=True):
        state = expm(-1j * beta * mixer) @ (np.exp(-1j * gamma * np.asarray(values)) * state)
    return state


def values_of(kind, n, rng):
    return (
        cut_values(nx.gnp_random_graph(n, 0.6, seed=n)) if kind == "cut" else rng.normal(size=2**n)
    )


@pytest.mark.parametrize("kind", ["cut", "any"])
@pytest.mark.parametrize("n", range(1, 8))
def test_state_is_that_of_the_definition(kind, n):
    rng = np.random.default_rng(n)
    values, gammas, betas = values_of(kind, n, rng), rng.normal(size=3), rng.normal(size=3)
    expected = by_definition(values, gammas, betas)
    state = qaoa_state(values, gammas, betas)
    assert state.dtype == np.complex128
    np.testing.assert_allclose(state, expected, atol=1e-13)
    mean = np.abs(expected) ** 2 @ values
    assert qaoa_expectation(values, gammas, betas) == pytest.approx(mean, abs=1e-12)


@pytest.mark.parametrize("kind", ["cut", "any"])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 10, 11])
def test_derivatives_are_slopes(kind, n):
    rng = np.random.default_rng(n)
    values, angles = values_of(kind, n, rng), rng.normal(size=(2, 3))
    value, *gradient = qaoa_expectation(values, *angles, gradient=True)
    assert value == qaoa_expectation(values, *angles)
    step = 1e-5
    for place in np.ndindex(2, 3):
        moved = np.zeros((2, 3))
        moved[place] = step
        up, down = (qaoa_expectation(values, *(angles + s * moved)) for s in (1, -1))
        assert gradient[place[0]][place[1]] == pytest.approx((up - down) / (2 * step), abs=1e-6)


def p1_edge(gamma, beta, d, e, triangles):
    """The mean of one edge at p = 1, for d and e other neighbours: arXiv:1706.02998, eq. 14."""
    c = np.cos(gamma)
    both = c ** (d + e - 2 * triangles) * (1 - np.cos(2 * gamma) ** triangles)
    return (
        0.5
        + np.sin(4 * beta) * np.sin(gamma) * (c**d + c**e) / 4
        - np.sin(2 * beta) ** 2 * both / 4
    )


@pytest.mark.parametrize(
    "graph", [nx.petersen_graph(), nx.complete_graph(5), nx.wheel_graph(6), nx.star_graph(4)],
    ids=["petersen", "K5", "wheel", "star"],
)  # fmt: skip
def test_one_layer_has_its_closed_form(graph):
    values = cut_values(graph)
    for gamma, beta in np.random.default_rng(0).uniform(-3, 3, (4, 2)):
        expected = 0
        for a, b in graph.edges:
            common = len(set(graph[a]) & set(graph[b]))
            expected += p1_edge(gamma, beta, graph.degree(a) - 1, graph.degree(b) - 1, common)
        assert qaoa_expectation(values, [gamma], [beta]) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("graph", [nx.petersen_graph(), nx.heawood_graph(), nx.cubical_graph()])
def test_one_layer_cuts_the_proven_share_of_a_cubic_graph_without_triangles(graph):
    values = cut_values(graph)
    share = qaoa_expectation(values, [np.arctan(1 / np.sqrt(2))], [np.pi / 8])
    assert share / graph.number_of_edges() == pytest.approx(0.5 + 1 / (3 * np.sqrt(3)), abs=1e-13)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_ring_has_its_known_ratio(layers):
    """A ring longer than 2p + 1 reaches (2p + 1) / (2p + 2): arXiv:1706.02998."""
    from scipy.optimize import minimize

    values = cut_values(nx.cycle_graph(2 * layers + 2 + 2))

    def loss(angles):
        value, *gradient = qaoa_expectation(values, *angles.reshape(2, -1), gradient=True)
        return -value, -np.concatenate(gradient)

    start = np.concatenate([np.linspace(0.4, 0.8, layers), np.linspace(0.6, 0.3, layers)])
    best = -minimize(loss, start, jac=True).fun / (2 * layers + 4)
    assert best == pytest.approx((2 * layers + 1) / (2 * layers + 2), abs=1e-6)


def test_pennylane_agrees_with_the_sign_turned():
    graph = nx.random_regular_graph(3, 8, seed=0)
    cost, mixer = qml.qaoa.maxcut(graph)  # minus the cut
    gammas, betas = np.random.default_rng(0).normal(size=(2, 2))

    @qml.qnode(qml.device("default.qubit", wires=8))
    def circuit():
        for k in range(8):
            qml.Hadamard(k)
        for gamma, beta in zip(gammas, betas, strict=True):
            qml.qaoa.cost_layer(-gamma, cost)
            qml.qaoa.mixer_layer(beta, mixer)
        return qml.expval(cost), qml.probs(range(8))

    mean, probabilities = circuit()
    values = cut_values(graph)
    assert qaoa_expectation(values, gammas, betas) == pytest.approx(-mean, abs=1e-10)
    np.testing.assert_allclose(
        np.abs(qaoa_state(values, gammas, betas)) ** 2, probabilities, atol=1e-12
    )


def test_no_layer_is_the_uniform_state():
    np.testing.assert_allclose(qaoa_state([1, 2, 3, 5], [], []), np.full(4, 0.5))
    value, by_gamma, by_beta = qaoa_expectation([1, 2, 3, 5], [], [], gradient=True)
    assert (value, by_gamma.shape, by_beta.shape) == (pytest.approx(2.75), (0,), (0,))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.float32, bool, object])
def test_other_kinds_of_numbers_are_the_same_values(dtype):
    given = np.array([0, 1, 1, 0], dtype=dtype)
    given.flags.writeable = False
    assert qaoa_expectation(given, [0.3], [0.4]) == qaoa_expectation([0, 1, 1, 0], [0.3], [0.4])


def test_a_constant_changes_only_a_phase():
    values, angles = np.random.default_rng(0).normal(size=16), ([0.3, 1.1], [0.4, -0.2])
    moved = qaoa_expectation(values + 1000, *angles) - 1000
    assert moved == pytest.approx(qaoa_expectation(values, *angles), abs=1e-9)


BAD = {
    "three values": (([1, 2, 3], [0.1], [0.1]), ValueError, r"shape \(2\*\*n,\)"),
    "one value": (([1], [0.1], [0.1]), ValueError, r"shape \(2\*\*n,\)"),
    "no value": (([], [0.1], [0.1]), ValueError, "values must not be empty"),
    "a matrix": ((np.eye(2), [0.1], [0.1]), ValueError, "values must be a 1-D array"),
    "NaN": (([1, np.nan], [0.1], [0.1]), ValueError, "values must hold finite numbers; got NaN"),
    "complex": (([1, 1j], [0.1], [0.1]), TypeError, "values must hold real numbers"),
    "huge values": (([0, 1e200], [0], [0]), ValueError, "values must be at most 1e"),
    "huge phases": (([0, 1], [1e9], [0]), ValueError, "gammas times values"),
    "infinite phases": (([0, 1e149], [1e300], [0]), ValueError, "gammas times values"),
    "a number": (([1, 2], 0.1, 0.1), ValueError, "gammas must be a 1-D array"),
    "angles by angles": (([1, 2], [0.1], [[0.1]]), ValueError, "betas must be a 1-D array"),
    "more betas": (([1, 2], [0.1], [0.1, 0.2]), ValueError, "equally many.*got 1 and 2"),
    "ragged angles": (([0, 1, 1, 0], [[1], [1, 2]], [1.0]), ValueError, "gammas must .*ragged"),
    "values hardly too large": (([0, 1.0000001e150], [0], [0]), ValueError, "got 1.0000001e"),
    "phases hardly too large": (([0, 1], [1e8 + 1], [0]), ValueError, "got 100000001"),
    "an infinite angle": (([1, 2], [0.1], [np.inf]), ValueError, "betas must hold finite"),
}


@pytest.mark.parametrize(
    "function", [qaoa_state, qaoa_expectation, partial(qaoa_expectation, gradient=True)]
)
@pytest.mark.parametrize(("arguments", "error", "message"), BAD.values(), ids=BAD)
def test_other_arguments_are_refused(function, arguments, error, message):
    with pytest.raises(error, match=message):
        function(*arguments)


def test_gradient_is_yes_or_no():
    with pytest.raises(TypeError, match="gradient must be True or False"):
        qaoa_expectation([0, 1], [0.1], [0.1], gradient="yes")


def test_memory_grows_with_the_layers_that_are_kept(monkeypatch):
    asked = []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: asked.append(n_bytes))
    for gradient in (False, True):
        qaoa_expectation(np.zeros(16), np.zeros(9), np.zeros(9), gradient=gradient)
    assert asked[1] - asked[0] == 8 * 8 * 36  # two parts, a cosine and a sine a layer, folded
