"""Measurements in random bases: closed forms first, and every state that is none refused."""

import copy
import pickle
import tracemalloc
from functools import reduce
from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from qmlcourse import _checks
from qmlcourse.shadows import Shadow, _sample, sample

# Eigenvectors of X, Y, Z, with the eigenvalue 1 and with -1.
EIGEN = np.array([[[1, 1], [1, -1]], [[1, 1j], [1, -1j]], [[2**0.5, 0], [0, 2**0.5]]]) / 2**0.5


def rng(seed=0):
    return np.random.default_rng(seed)


def random_states(m, q, seed=0):
    made = rng(seed).normal(size=(2, m, 2**q))
    made = made[0] + 1j * made[1]
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def vector(bases, bits):
    """Return the product state that the outcomes stand for."""
    return reduce(np.kron, [EIGEN[b, o] for b, o in zip(bases, bits, strict=True)])


def chances(state, q):
    """Return the probability of all bases and outcomes, by the definition."""
    return {
        (bases, bits): abs(np.vdot(vector(bases, bits), state)) ** 2 / 3**q
        for bases in product(range(3), repeat=q)
        for bits in product(range(2), repeat=q)
    }


@pytest.mark.parametrize("q", [1, 2, 3])
def test_every_basis_and_outcome_has_its_chance(q):
    states = random_states(2, q, seed=q)
    shadow = sample(states, 60_000, rng=rng(q))
    for k, state in enumerate(states):
        expected = chances(state, q)
        cells = list(expected)
        seen, counts = np.unique(
            np.hstack([shadow.bases[k], shadow.bits[k]]), axis=0, return_counts=True
        )
        found = {(tuple(r[:q]), tuple(r[q:])): c for r, c in zip(seen.tolist(), counts,
                                                                 strict=True)}  # fmt: skip
        observed = [found.get(c, 0) for c in cells]
        assert chisquare(observed, [60_000 * expected[c] for c in cells]).pvalue > 1e-4


@pytest.mark.parametrize("parts", list(product(range(3), range(2), repeat=2)))
def test_an_eigenstate_is_certain_in_its_own_basis(parts):
    b0, o0, b1, o1 = parts
    shadow = sample(vector((b0, b1), (o0, o1)), 300, rng=rng())
    for qubit, basis, bit in ((0, b0, o0), (1, b1, o1)):
        own = shadow.bases[:, qubit] == basis
        assert (shadow.bits[own, qubit] == bit).all()
        assert 0 < shadow.bits[~own, qubit].mean() < 1


@pytest.mark.parametrize("q", [2, 3, 6])
def test_equal_bases_on_a_ghz_state_have_a_fixed_parity(q):
    state = np.zeros(2**q)
    state[[0, -1]] = 0.5**0.5
    shadow = sample(state, 20_000, rng=rng())
    odd = shadow.bits.sum(axis=1) % 2
    assert not odd[(shadow.bases == 0).all(axis=1)].any()
    z = (shadow.bases == 2).all(axis=1)
    assert set(shadow.bits[z].sum(axis=1).tolist()) <= {0, q}
    if q == 2:
        assert odd[(shadow.bases == 1).all(axis=1)].all()


def test_rows_of_states_keep_their_order():
    # Row k is the basis state k.
    shadow = sample(np.eye(8), 100, rng=rng())
    assert shadow.bits.shape == (8, 100, 3)
    for k in range(8):
        for qubit in range(3):
            seen = shadow.bits[k][shadow.bases[k, :, qubit] == 2, qubit]
            assert set(seen.tolist()) == {k >> (2 - qubit) & 1}


@pytest.mark.parametrize("together", [1, 64, 1000])
def test_work_in_parts_follows_the_same_distribution(together, monkeypatch):
    monkeypatch.setattr(_sample, "_TOGETHER", together)
    states = random_states(3, 2)
    shadow = sample(states, 1500, rng=rng())
    expected = chances(states[1], 2)  # in parts as small as a single measurement
    cells = list(expected)
    place = {c: i for i, c in enumerate(cells)}
    rows = zip(shadow.bases[1].tolist(), shadow.bits[1].tolist(), strict=True)
    observed = np.bincount([place[tuple(b), tuple(o)] for b, o in rows], minlength=36)
    assert chisquare(observed, [1500 * expected[c] for c in cells]).pvalue > 1e-4


def test_bases_are_even_and_independent():
    shadow = sample(random_states(1, 2)[0], 90_000, rng=rng(3))
    counts = np.bincount(3 * shadow.bases[:, 0].astype(int) + shadow.bases[:, 1])
    assert chisquare(counts).pvalue > 1e-3


def test_one_generator_state_gives_one_shadow():
    states = random_states(2, 3)
    a, b, c = (sample(states, 50, rng=rng(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(a.bits, b.bits)
    np.testing.assert_array_equal(a.bases, b.bases)
    assert (a.bases != c.bases).any()


@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda s: s.astype(np.complex64),
        lambda s: s.astype(np.clongdouble),
        lambda s: s.tolist(),
        lambda s: np.repeat(s, 2, axis=0)[::2],
    ],
)
def test_any_form_of_the_same_states_is_read_alike(change):
    states = random_states(2, 2)
    states.flags.writeable = False
    kept = states.copy()
    expected = sample(states, 100, rng=rng())
    found = sample(change(states), 100, rng=rng())
    np.testing.assert_array_equal(found.bits, expected.bits)
    np.testing.assert_array_equal(states, kept)


def test_states_of_integers_and_of_booleans():
    for dtype in (np.int8, np.uint8, bool, object):
        bits = sample(np.eye(4, dtype=dtype)[3], 200, rng=rng())
        assert bits.bits[bits.bases == 2].all()


def test_a_state_may_be_off_by_the_rounding_of_short_floats():
    states = random_states(1, 4) * (1 + 1e-6)
    assert sample(states, 3, rng=rng()).n_states == 1


BAD = [
    (np.eye(2)[0] * 2, ValueError, "norm 1; got a squared norm of 4"),
    (np.zeros(4), ValueError, "norm 1; got a squared norm of 0"),
    ([1e300, 0], ValueError, "norm 1; got a squared norm of inf"),
    ([1.0, 0.0, 0.0], ValueError, "states must have shape"),
    ([1.0], ValueError, "states must have shape"),
    ([], ValueError, "states must have shape"),
    (1.0, ValueError, "states must have shape"),
    (np.ones((1, 1, 2)), ValueError, "states must have shape"),
    (np.ones((0, 4)), ValueError, "states must have shape"),
    ([np.nan, 1.0], ValueError, "finite numbers"),
    ([np.inf, 1.0], ValueError, "finite numbers"),
    ([[1.0, 0.0], [1.0]], ValueError, "ragged"),
    ("00", TypeError, "states must hold numbers"),
    (np.ma.array([1.0, 0.0], mask=[0, 1]), ValueError, "masked"),
    ([10**400, 0], ValueError, "fit a float"),
]


@pytest.mark.parametrize(("states", "error", "words"), BAD)
def test_what_is_no_state_is_refused(states, error, words):
    with pytest.raises(error, match=words):
        sample(states, 1, rng=rng())


@pytest.mark.parametrize("n", [0, -1, 1.0, True, "3", None])
def test_a_number_of_measurements_below_one_is_refused(n):
    with pytest.raises((TypeError, ValueError), match="n must be an integer at least 1"):
        sample([1, 0], n, rng=rng())


@pytest.mark.parametrize("given", [0, None, np.random.RandomState(0)])
def test_randomness_is_a_generator(given):
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        sample([1, 0], 1, rng=given)


def test_memory_is_asked_for_first():
    with pytest.raises(ValueError, match="n=1000000000000000 measurements of 1 states of 1 qubits"):
        sample([1, 0], 10**15, rng=rng())


@pytest.mark.parametrize(
    ("m", "q", "n"),
    [(1, 1, 200_000), (1, 8, 30_000), (200, 8, 50), (1, 14, 500), (50, 10, 20), (1, 20, 1)],
)
def test_what_is_asked_for_is_taken_and_no_more(m, q, n, monkeypatch):
    states, asked = random_states(m, q), []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: asked.append(n_bytes))
    tracemalloc.start()
    try:
        sample(states, n, rng=rng())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= max(asked) <= 2 * peak


def test_a_shadow_is_a_value():
    bits, bases = np.array([[0, 1]]), np.array([[2, 0]])
    shadow = Shadow(bits, bases)
    bits[0, 0] = 1
    assert shadow.bits.tolist() == [[0, 1]]
    assert shadow.bits.dtype == shadow.bases.dtype == np.uint8
    for array in (shadow.bits, shadow.bases):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.flags.writeable = True
    with pytest.raises(AttributeError):
        shadow.bits = bits
    for again in (pickle.loads(pickle.dumps(shadow)), copy.deepcopy(shadow)):
        np.testing.assert_array_equal(again.bits, shadow.bits)
        np.testing.assert_array_equal(again.bases, shadow.bases)


def test_a_shadow_says_what_it_holds():
    shadow = sample(np.eye(4)[:3], 7, rng=rng())
    assert (shadow.n_states, shadow.n_measurements, shadow.n_qubits) == (3, 7, 2)
    assert repr(shadow) == "<Shadow of 7 measurements each of 3 states on 2 qubits>"
    one = Shadow(shadow.bits[0, :4], shadow.bases[0, :4])
    assert (one.n_states, one.n_measurements, one.n_qubits) == (1, 4, 2)


@pytest.mark.parametrize(
    ("bits", "bases", "error", "words"),
    [
        ([[0, 2]], [[0, 1]], ValueError, "bits must hold integers from 0 to 1; got 2"),
        ([[0, -1]], [[0, 1]], ValueError, "bits must hold integers from 0 to 1; got -1"),
        ([[0, 1]], [[0, 3]], ValueError, "bases must hold integers from 0 to 2; got 3"),
        ([[0, 256]], [[0, 1]], ValueError, "bits must hold integers from 0 to 1; got 256"),
        ([[0, 1]], [[0], [1]], ValueError, "same shape"),
        ([0, 1], [0, 1], ValueError, "bits must have shape"),
        (np.zeros((0, 2), int), np.zeros((0, 2), int), ValueError, "bits must have shape"),
        ([[0.0, 1.0]], [[0, 1]], TypeError, "bits must hold integers"),
        ([[0, 1]], [["X", "Y"]], TypeError, "bases must hold numbers"),
        ([[0, 1], [0]], [[0, 1]], ValueError, "ragged"),
    ],
)
def test_what_is_no_measurement_is_refused(bits, bases, error, words):
    with pytest.raises(error, match=words):
        Shadow(bits, bases)
