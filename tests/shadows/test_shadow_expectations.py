"""Estimates against sums over all bases and outcomes, then against PennyLane's."""

import tracemalloc
from functools import reduce
from itertools import pairwise, product

import numpy as np
import pennylane as qml
import pytest
from test_shadow_samples import chances, random_states, rng, vector

from qmlcourse import _checks
from qmlcourse.shadows import Shadow, expectation, sample

PAULI = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
WORDS = ["".join(w) for w in product("IXYZ", repeat=2)]


def exact(word, state):
    return np.vdot(state, reduce(np.kron, [PAULI[p] for p in word]) @ state).real


def single(bases, bits, word):
    """Return the estimate from one measurement."""
    return expectation(Shadow([bits], [bases]), word)


@pytest.mark.parametrize("q", [1, 2])
def test_the_channel_and_its_inverse(q):
    """What a measurement says, averaged over all of them, is the state itself."""
    state = random_states(1, q)[0]
    total = 0
    for (bases, bits), p in chances(state, q).items():
        v = [vector([b], [o]) for b, o in zip(bases, bits, strict=True)]
        snapshot = reduce(np.kron, [3 * np.outer(u, u.conj()) - np.eye(2) for u in v])
        total = total + p * snapshot
        for word in WORDS if q == 2 else "IXYZ":
            # The estimate is the snapshot's expectation value.
            value = np.trace(reduce(np.kron, [PAULI[c] for c in word]) @ snapshot).real
            assert single(bases, bits, word) == pytest.approx(value, abs=1e-12)
    np.testing.assert_allclose(total, np.outer(state, state.conj()), atol=1e-12)


@pytest.mark.parametrize("word", WORDS)
def test_mean_and_variance_are_the_theorys(word):
    state = random_states(1, 2, seed=5)[0]
    values = [(p, single(*cell, word)) for cell, p in chances(state, 2).items()]
    mean = sum(p * v for p, v in values)
    square = sum(p * v**2 for p, v in values)
    weight = 2 - word.count("I")
    assert mean == pytest.approx(exact(word, state), abs=1e-12)
    assert square - mean**2 == pytest.approx(3**weight - exact(word, state) ** 2, abs=1e-12)


@pytest.mark.parametrize("word", ["ZIIII", "IIIIZ", "IXYII", "YIXIZ", "XYZXY"])
def test_estimates_of_rows_are_within_their_errors(word):
    states = random_states(20, 5, seed=1)
    n = 2000
    shadow = sample(states, n, rng=rng(1))
    true = np.array([exact(word, s) for s in states])
    z = (expectation(shadow, word) - true) / np.sqrt((3 ** (5 - word.count("I")) - true**2) / n)
    assert np.abs(z).max() < 4.5
    assert 0.4 < z.std() < 1.8


@pytest.mark.parametrize("groups", [1, 2, 3, 10, 100])
def test_the_same_as_pennylane(groups):
    state = random_states(1, 4, seed=2)[0]
    shadow = sample(state, 300, rng=rng())
    theirs = qml.ClassicalShadow(shadow.bits, shadow.bases)
    for word in ("XIII", "IYZI", "ZZIX", "XYZX", "IIIY"):
        operator = qml.prod(*[getattr(qml, p)(k) for k, p in enumerate(word) if p != "I"])
        found = expectation(shadow, word, groups=groups)
        assert isinstance(found, float)
        assert found == pytest.approx(float(theirs.expval(operator, k=groups)), abs=1e-12)


def test_pennylanes_measurements_are_a_shadow():
    @qml.qnode(qml.device("default.qubit", seed=3), shots=4000)
    def measured():
        qml.RY(0.7, 0)
        qml.CNOT([0, 1])
        qml.RX(0.4, 1)
        return qml.classical_shadow(wires=[0, 1])

    state = qml.matrix(qml.prod(qml.RX(0.4, 1), qml.CNOT([0, 1]), qml.RY(0.7, 0)), [0, 1])[:, 0]
    shadow = Shadow(*measured())
    for word in WORDS:
        assert expectation(shadow, word) == pytest.approx(exact(word, state), abs=0.2)


def test_identity_is_certain():
    shadow = sample(random_states(2, 3), 7, rng=rng())
    for groups in (1, 3, 7):
        assert expectation(shadow, "III", groups=groups).tolist() == [1.0, 1.0]


def test_one_row_is_one_state():
    rows = sample(random_states(1, 2), 50, rng=rng())
    line = sample(random_states(1, 2)[0], 50, rng=rng())
    assert isinstance(expectation(rows, "XZ"), float)
    assert expectation(rows, "XZ") == expectation(line, "XZ")


def test_the_mean_may_leave_the_interval():
    assert single([0, 1], [0, 0], "XY") == 9
    assert single([0, 1], [0, 1], "XY") == -9
    assert single([0, 2], [0, 1], "XY") == 0


def test_groups_are_cut_one_after_another():
    # Seven values 3, -3, 0, 0, 0, 3, 3 in three groups of 2, 2 and 3.
    shadow = Shadow([[0], [1], [0], [0], [0], [0], [0]], [[2], [2], [0], [1], [0], [2], [2]])
    assert expectation(shadow, "Z", groups=3) == 0
    assert expectation(shadow, "Z") == pytest.approx(6 / 7)
    values = np.array([3, -3, 0, 0, 0, 3, 3.0])
    for groups in (2, 4, 5, 7):
        edges = np.arange(groups + 1) * 7 // groups
        means = [values[a:b].mean() for a, b in pairwise(edges)]
        assert expectation(shadow, "Z", groups=groups) == pytest.approx(np.median(means))


def test_wide_shadows_are_read_and_their_heavy_words_refused():
    bits = np.zeros((10, 1000), dtype=int)
    shadow = Shadow(bits, bits + 2)
    assert expectation(shadow, "I" * 999 + "Z") == 3
    assert expectation(shadow, "I" * 999 + "X") == 0
    assert expectation(shadow, "Z" * 600 + "I" * 400) == 3.0**600
    with pytest.raises(ValueError, match="at most 600 letters other than I; got 1000"):
        expectation(shadow, "Z" * 1000)


@pytest.mark.parametrize("word", ["", "X", "XYZ", "xy", "X ", "AB", 3, None, ["X", "Y"], b"XY"])
def test_another_word_is_refused(word):
    with pytest.raises(ValueError, match="word must be a text of 2 letters I, X, Y, Z"):
        expectation(sample([1, 0, 0, 0], 3, rng=rng()), word)


@pytest.mark.parametrize("groups", [0, -1, 4, 1.0, True, "2", None])
def test_groups_are_from_one_to_all(groups):
    with pytest.raises((TypeError, ValueError), match="groups must be an integer from 1 to 3"):
        expectation(sample([1, 0], 3, rng=rng()), "X", groups=groups)


@pytest.mark.parametrize("shadow", [None, [[0]], (np.array([[0]]), np.array([[0]]))])
def test_another_shadow_is_refused(shadow):
    with pytest.raises(TypeError, match="shadow must be a Shadow"):
        expectation(shadow, "X")


@pytest.mark.parametrize("groups", [1, 2, 100, 20_000])
def test_memory_is_asked_for_first(groups, monkeypatch):
    shadow, asked = sample(random_states(20, 2), 20_000, rng=rng()), []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: asked.append(n_bytes))
    tracemalloc.start()
    try:
        expectation(shadow, "XY", groups=groups)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= max(asked) <= 2 * peak, max(asked) / peak
