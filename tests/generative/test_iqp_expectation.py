"""Mean values after an IQP circuit: closed forms, the definition, PennyLane."""

import jax
import jax.numpy as jnp
import networkx as nx
import numpy as np
import pennylane as qml
import pytest
from iqp_statevector import all_words, distribution, mean, up_to_pairs

from qmlcourse import _checks
from qmlcourse.generative import iqp_expectation


def random_gates(n, rng, count=10, largest=4):
    sizes = rng.integers(1, min(n, largest) + 1, count)
    return [tuple(int(q) for q in rng.choice(n, size, replace=False)) for size in sizes]


def test_one_gate_a_qubit_turns_each():
    theta = np.random.default_rng(0).uniform(-3, 3, 300)
    gates = [(k,) for k in range(300)]
    assert iqp_expectation(gates, theta, "Z" * 300) == pytest.approx(
        np.prod(np.cos(2 * theta)), abs=1e-14
    )
    one = "I" * 7 + "Z" + "I" * 292
    assert iqp_expectation(gates, theta, one) == pytest.approx(np.cos(2 * theta[7]), abs=1e-14)


def test_independent_gates_are_a_product():
    # A star's edges around a qubit have independent signs.
    theta = np.random.default_rng(1).normal(size=199)
    gates = [(0, k) for k in range(1, 200)]
    value = iqp_expectation(gates, theta, "Z" + "I" * 199)
    assert value == pytest.approx(np.prod(np.cos(2 * theta)), abs=1e-14)


@pytest.mark.parametrize("angle", [0.1, 0.7])
def test_two_letters_on_a_complete_graph_have_a_closed_form(angle):
    # With the two signs fixed, each of the other qubits gives one cosine.
    n = 150
    gates = up_to_pairs(n)
    theta = np.array([0.2 if len(g) == 1 else angle for g in gates])
    word = "ZZ" + "I" * (n - 2)
    # Signs alike: the others' phases are 4 angle; signs apart: they cancel.
    expected = (np.cos(0.8) * np.cos(4 * angle) ** (n - 2) + 1) / 2
    assert iqp_expectation(gates, theta, word) == pytest.approx(expected, abs=1e-13)
    assert iqp_expectation(gates, theta, [word, word])[1] == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6])
@pytest.mark.parametrize("kind", ["pairs", "any"])
def test_every_word_is_that_of_the_statevector(kind, n):
    rng = np.random.default_rng(n)
    gates = up_to_pairs(n) if kind == "pairs" else random_gates(n, rng)
    theta = rng.uniform(-3, 3, len(gates))
    exact = distribution(gates, theta, n)
    words = all_words(n)
    expected = [mean(exact, w) for w in words]
    np.testing.assert_allclose([iqp_expectation(gates, theta, w) for w in words], expected,
                               atol=1e-12)  # fmt: skip
    np.testing.assert_allclose(iqp_expectation(gates, theta, words), expected, atol=1e-12)


def test_pennylanes_circuit_gives_the_same():
    n, rng = 5, np.random.default_rng(3)
    gates = random_gates(n, rng, 12)
    theta = rng.normal(size=12)

    @qml.qnode(qml.device("default.qubit", wires=n))
    def circuit():
        # Its weights are minus ours: exp(-i w X); no value can tell.
        qml.IQP(-theta, num_wires=n, pattern=[[list(g)] for g in gates])
        return qml.probs(wires=range(n))

    probabilities = np.asarray(circuit())
    for word in all_words(n):
        assert iqp_expectation(gates, theta, word) == pytest.approx(
            mean(probabilities, word), abs=1e-10
        )


@pytest.mark.extra("jax")
def test_pennylanes_estimate_agrees_at_sixty_qubits():
    n, rng = 60, np.random.default_rng(4)
    gates = [(k,) for k in range(n)] + list(nx.random_regular_graph(3, n, seed=0).edges)
    theta = rng.normal(size=len(gates)) * 0.4
    letters = (rng.random((4, n)) < 0.05).astype(int)
    words = ["".join("IZ"[b] for b in row) for row in letters]
    theirs, _ = qml.qnn.iqp_expval(
        jnp.array(letters), jnp.array(theta), [[list(g)] for g in gates], n, 40_000,
        jax.random.key(0),
    )  # fmt: skip
    exact = [iqp_expectation(gates, theta, w) for w in words]
    np.testing.assert_allclose(theirs, exact, atol=5 / np.sqrt(40_000))


def test_estimates_are_without_bias_and_as_far_off_as_they_say():
    n, rng = 6, np.random.default_rng(5)
    gates, word = random_gates(n, rng), "ZIZZII"
    theta = rng.normal(size=len(gates))
    true = iqp_expectation(gates, theta, word)
    errors = [
        iqp_expectation(gates, theta, word, n_samples=400, rng=rng) - true for _ in range(300)
    ]
    spread = np.std(errors)
    assert 0.3 / 20 < spread < 1 / 20
    assert abs(np.mean(errors)) < 4 * spread / np.sqrt(300)


def test_several_words_share_their_strings():
    gates, theta = [(0,), (1,), (0, 1)], [0.4, 0.4, 0.3]
    both = iqp_expectation(
        gates, theta, ["ZI", "ZI", "II"], n_samples=50, rng=np.random.default_rng(0)
    )
    assert both.shape == (3,)
    assert both[0] == both[1]
    assert both[2] == 1
    one = iqp_expectation(gates, theta, "ZI", n_samples=50, rng=np.random.default_rng(0))
    assert one == pytest.approx(both[0], abs=1e-12)


def test_large_gates_need_as_few_terms_as_they_have_independent_signs():
    n = 80
    gates = [tuple(range(n)), tuple(range(1, n)), (0,)]
    theta = np.array([0.3, 0.4, 0.5])
    # The first, on 80 qubits, is even; the other two have independent signs.
    word = "Z" * n
    assert iqp_expectation(gates, theta, word) == pytest.approx(np.cos(0.8) * np.cos(1.0))
    # Odd are the first, and the last: its sign is the product of the others'.
    assert iqp_expectation(gates, theta, "Z" + "I" * 79) == pytest.approx(np.cos(0.6) * np.cos(1.0))


@pytest.mark.parametrize("order", [1, -1])
def test_order_of_gates_and_of_their_qubits_changes_nothing(order):
    rng = np.random.default_rng(6)
    gates = random_gates(6, rng)
    theta = rng.normal(size=len(gates))
    value = iqp_expectation(gates, theta, "ZZIZII")
    other = iqp_expectation([g[::-1] for g in gates[::order]], theta[::order], "ZZIZII")
    assert value == pytest.approx(other, abs=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, int, object])
def test_any_real_dtype_and_read_only_arrays(dtype):
    theta = np.array([1, 2], dtype=dtype)
    theta.flags.writeable = False
    qubits = [(np.int64(0),), np.array([0, 1])]
    expected = np.cos(2) * np.cos(4)
    assert iqp_expectation(qubits, theta, "ZI") == pytest.approx(expected, abs=1e-12)


def test_no_gates_and_gates_twice():
    assert iqp_expectation([], [], "ZZI") == 1.0
    assert iqp_expectation([], [], "Z", n_samples=3, rng=np.random.default_rng(0)) == 1.0
    assert iqp_expectation([(0,), (0,)], [0.1, 0.2], "Z") == pytest.approx(np.cos(0.6))
    assert iqp_expectation([(0,), (0,)], [0.1, 0.2], ["Z", "I"])[0] == pytest.approx(np.cos(0.6))


BAD = [
    (([(0,)], [0.1], "X"), {}, ValueError, "letter I or Z"),
    (([(0,)], [0.1], ""), {}, ValueError, "letter I or Z"),
    (([(0,)], [0.1], []), {}, ValueError, "got none"),
    (([(0,)], [0.1], ["Z", "ZZ"]), {}, ValueError, "one length"),
    (([(0,)], [0.1], 3), {}, TypeError, "word must be a text"),
    (([(1,)], [0.1], "Z"), {}, ValueError, "a qubit in gates must be an integer from 0 to 0"),
    (([(-1,)], [0.1], "Z"), {}, ValueError, "a qubit in gates"),
    (([(0.0,)], [0.1], "Z"), {}, TypeError, "a qubit in gates"),
    (([(True,)], [0.1], "ZZ"), {}, TypeError, "a qubit in gates"),
    (([()], [0.1], "Z"), {}, ValueError, "one or more different qubits"),
    (([(0, 0)], [0.1], "Z"), {}, ValueError, "one or more different qubits"),
    (([0], [0.1], "Z"), {}, TypeError, "tuples of qubits"),
    (("01", [0.1], "Z"), {}, TypeError, "gates must be a list"),
    ((5, [0.1], "Z"), {}, TypeError, "gates must be a list"),
    (([(0,)], [0.1, 0.2], "Z"), {}, ValueError, r"theta must have shape \(1,\)"),
    (([(0,)], [[0.1]], "Z"), {}, ValueError, r"theta must have shape \(1,\)"),
    (([(0,)], [np.nan], "Z"), {}, ValueError, "got NaN"),
    (([(0,)], [1j], "Z"), {}, TypeError, "complex"),
    (([(0,)], [1e9], "Z"), {}, ValueError, "lose their digits"),
    (([(0,)], [0.1], "Z"), {"n_samples": 5}, ValueError, "together"),
    (([(0,)], [0.1], "Z"), {"rng": np.random.default_rng(0)}, ValueError, "together"),
    (([(0,)], [0.1], "Z"), {"n_samples": 5, "rng": 0}, TypeError, "rng must be"),
    (([(0,)], [0.1], "Z"), {"n_samples": 0, "rng": np.random.default_rng(0)}, ValueError,
     "n_samples must be an integer"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "options", "error", "says"), BAD)
def test_bad_input_is_named(given, options, error, says):
    with pytest.raises(error, match=says):
        iqp_expectation(*given, **options)


def test_too_many_terms_are_refused_before_they_are_summed():
    n, rng = 40, np.random.default_rng(0)
    gates = random_gates(n, rng, 200)
    with pytest.raises(ValueError, match="give n_samples"):
        iqp_expectation(gates, rng.normal(size=200), "Z" * n)


def test_memory_is_asked_for_first(monkeypatch):
    class Little:
        available = 1000

    monkeypatch.setattr(_checks.psutil, "virtual_memory", Little)
    gates, theta = up_to_pairs(5), np.ones(15)
    for word, options in (
        ("ZZIII", {}),
        (["ZZIII", "IZIII"], {}),
        ("ZZIII", {"n_samples": 100, "rng": np.random.default_rng(0)}),
    ):
        with pytest.raises(ValueError, match="GiB"):
            iqp_expectation(gates, theta, word, **options)
