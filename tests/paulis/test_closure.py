"""Lie algebras against exact dimensions, PennyLane, and the definition."""

from math import comb

import dense
import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qmlcourse.paulis import PauliSum, commutator, lie_closure


def words(n, *kinds, ring=False):
    """Words of a chain: of one letter on each qubit, of two on each pair of neighbours."""
    made = []
    for kind in kinds:
        for j in range(n if len(kind) == 1 or (ring and n > 2) else n - 1):
            letters = ["I"] * n
            for k, p in enumerate(kind):
                letters[(j + k) % n] = p
            made.append("".join(letters))
    return made


def each(n, *kinds, ring=False):
    return [PauliSum({w: 1.0}) for w in words(n, *kinds, ring=ring)]


def summed(n, *kinds, ring=False):
    return [PauliSum(dict.fromkeys(words(n, kind, ring=ring), 1.0)) for kind in kinds]


def coefficients(sums):
    """Return sums as rows over all words that occur."""
    columns = {w: k for k, w in enumerate(sorted({w for s in sums for w in s.terms}))}
    rows = np.zeros((len(sums), len(columns)))
    for row, s in zip(rows, sums, strict=True):
        for w, c in s.terms.items():
            row[columns[w]] = c
    return rows


SPLIT = {2: 3, 3: 15, 4: 60, 5: 255, 6: 1020}
EXACT = {
    "free fermions, so(2n)": (lambda n: each(n, "ZZ", "X"), lambda n: n * (2 * n - 1)),
    "a second so(2n) from the ring": (
        lambda n: each(n, "ZZ", "X", ring=True), lambda n: n * (2 * n - 1) * (1 if n == 2 else 2),
    ),
    "two so(n)": (lambda n: each(n, "XX", "YY"), lambda n: n * (n - 1)),
    "so(2n) again": (lambda n: each(n, "XX", "YY", "Z"), lambda n: n * (2 * n - 1)),
    "Heisenberg, su(2^(n-1)) or four of su(2^(n-2))": (
        lambda n: each(n, "XX", "YY", "ZZ"), SPLIT.__getitem__,
    ),
    "everything": (lambda n: each(n, "ZZ", "X", "Z"), lambda n: 4**n - 1),
    "one qubit each": (lambda n: each(n, "X", "Z"), lambda n: 3 * n),
    "commuting": (lambda n: each(n, "ZZ", "Z"), lambda n: 2 * n - 1),
    "shared angles, open": (lambda n: summed(n, "ZZ", "X"), lambda n: n * n),
}  # fmt: skip


@pytest.mark.parametrize("model", EXACT)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_dimensions_are_the_exact_ones(model, n):
    made, exact = EXACT[model]
    assert len(lie_closure(made(n))) == exact(n)


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_a_ring_with_shared_angles(n):
    """arXiv:2405.00898 proves 3n - 1."""
    assert len(lie_closure(summed(n, "ZZ", "X", ring=True))) == 3 * n - 1


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_exchange_generates_what_schur_and_weyl_allow(n):
    """Sums of d^2 - 1 over the irreducible blocks of the permutations, and one for the trace."""
    bonds = [
        sum((PauliSum({w: 1.0}) for w in trio[1:]), PauliSum({trio[0]: 1.0}))
        for trio in zip(words(n, "XX"), words(n, "YY"), words(n, "ZZ"), strict=True)
    ]
    blocks = [comb(n, k) - (comb(n, k - 1) if k else 0) for k in range(n // 2 + 1)]
    assert len(lie_closure(bonds)) == sum(d * d - 1 for d in blocks) + 1


def test_more_than_one_column_of_bits():
    assert len(lie_closure(each(40, "ZZ", "X"))) == 40 * 79
    basis = lie_closure(each(70, "ZZ", "X"))
    assert len({next(iter(w.terms)) for w in basis}) == len(basis) == 70 * 139
    shared = [PauliSum({"X" + "I" * 69: 1.0, "I" * 69 + "X": 1.0}), PauliSum({"Z" * 70: 1.0})]
    assert len(lie_closure(shared)) == len(qml.lie_closure([s.to_pennylane() for s in shared]))


@pytest.mark.parametrize("n", [32, 33])
def test_either_way_to_sort_words(n):
    assert len(lie_closure(each(n, "XX", "YY"))) == n * (n - 1)


def test_few_commutators_at_a_time(monkeypatch):
    whole = lie_closure(each(3, "ZZ", "X", "Z"))
    monkeypatch.setattr("qmlcourse.paulis._closure._CANDIDATES", 1)
    assert lie_closure(each(3, "ZZ", "X", "Z")) == whole


def test_one_and_two_qubits_by_hand():
    assert [w.terms for w in lie_closure(each(1, "Z"))] == [{"Z": 1.0}]
    assert [w.terms for w in lie_closure(each(1, "X", "Z"))] == [{"X": 1}, {"Z": 1}, {"Y": 1}]
    ising = {"ZZ", "XI", "IX", "YZ", "ZY", "YY"}
    assert {next(iter(w.terms)) for w in lie_closure(each(2, "ZZ", "X"))} == ising


@st.composite
def generators(draw):
    n = draw(st.integers(1, 3))
    word = st.text("IXYZ", min_size=n, max_size=n)
    sums = st.dictionaries(word, st.integers(-2, 2), min_size=1, max_size=3)
    return [PauliSum(terms, n) for terms in draw(st.lists(sums, min_size=1, max_size=3))]


@settings(max_examples=60)
@given(generators())
def test_it_is_the_smallest_closed_span(given_):
    basis = lie_closure(given_)
    kept = [g for g in given_ if len(g)]
    theirs = len(qml.lie_closure([g.to_pennylane() for g in kept])) if kept else 0
    assert len(basis) == theirs
    if not kept:
        return
    brackets = [1j * commutator(a, b) for a in basis for b in basis]
    rows = coefficients(basis + kept + [b for b in brackets if len(b)])
    np.testing.assert_allclose(rows[: len(basis)] @ rows[: len(basis)].T, np.eye(len(basis)),
                               atol=1e-10)  # fmt: skip
    assert np.linalg.matrix_rank(rows, tol=1e-8) == len(basis)
    if all(len(g) == 1 for g in kept):
        assert all(list(b.terms.values()) == [1.0] for b in basis)


def test_what_real_coefficients_leave_the_same():
    rng = np.random.default_rng(0)
    a, b = (PauliSum({w: rng.normal() for w in ws}) for ws in (("XIZ", "ZZI"), ("IYX", "ZIZ")))
    d = len(lie_closure([a, b]))
    assert d == len(lie_closure([b, 1e-6 * a])) == len(lie_closure([a + b, a - b, b]))
    assert d == len(qml.lie_closure([a.to_pennylane(), b.to_pennylane()]))
    assert len(lie_closure([a, 3 * a, PauliSum({}, 3)])) == 1


def test_rotations_stay_within_the_algebra():
    """The definition of use: e^{iA} B e^{-iA} is in the span, by dense matrices."""
    from scipy.linalg import expm

    basis = [matrix(b) for b in lie_closure(summed(3, "ZZ", "X"))]
    a, b = (matrix(g) for g in summed(3, "ZZ", "X"))
    turned = expm(0.7j * a) @ expm(0.3j * b) @ a @ expm(-0.3j * b) @ expm(-0.7j * a)
    shares = [np.trace(m @ turned).real / 8 for m in basis]
    inside = sum(s * m for s, m in zip(shares, basis, strict=True))
    np.testing.assert_allclose(inside, turned, atol=1e-12)


def matrix(a):
    return sum(
        c * dense.on({k: dense.PAULI[p] for k, p in enumerate(w) if p != "I"}, len(w))
        for w, c in a.terms.items()
    )


def test_max_dim_is_a_limit_and_not_a_cut():
    for made, dim in ((each(3, "ZZ", "X"), 15), (summed(3, "ZZ", "X"), 9)):
        assert len(lie_closure(made, max_dim=dim)) == dim
        for less in (1, dim - 1):
            with pytest.raises(ValueError, match=f"dimension, which is above {less}"):
                lie_closure(made, max_dim=less)
    # Without going through all of 4^30 words.
    with pytest.raises(ValueError, match="above 1000"):
        lie_closure(each(30, "ZZ", "X", "Z"), max_dim=1000)


def test_the_same_call_gives_the_same_basis():
    made = summed(4, "ZZ", "X")
    assert lie_closure(made) == lie_closure(list(made))
    assert lie_closure([PauliSum({}, 2)]) == []


@pytest.mark.parametrize("scale", [1e200, 1e-200, 1e-310, 1.0])
def test_scale_does_not_matter(scale):
    """X + Z and Y generate su(2); X + Z alone only itself."""
    both, y = PauliSum({"X": scale, "Z": scale}), PauliSum({"Y": scale})
    assert len(lie_closure([both, y])) == 3
    [found] = lie_closure([both])
    assert found.terms == {"X": pytest.approx(np.sqrt(0.5)), "Z": pytest.approx(np.sqrt(0.5))}


def test_a_small_term_stays():
    [found] = lie_closure([PauliSum({"X": 1.0, "Z": 1e-10})])
    assert found.terms == {"X": 1.0, "Z": pytest.approx(1e-10)}


def test_a_limit_is_met_without_all_words(monkeypatch):
    """Of the 4^12 words that can occur, few are looked at."""
    from qmlcourse.paulis import _closure

    looked, whole = [], _closure._words

    def counted(*args):
        looked.append(len((made := whole(*args))[0]))
        return made

    monkeypatch.setattr(_closure, "_words", counted)
    with pytest.raises(ValueError, match="above 5"):
        lie_closure(summed(12, "ZZ", "X", "Z"), max_dim=5)
    assert max(looked) < 1000
    for dim in (36, 100):  # to its end, by as many rounds as it takes
        found = lie_closure(summed(6, "ZZ", "X"), max_dim=dim)
        assert found == lie_closure(summed(6, "ZZ", "X"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([], "at least one PauliSum"),
        ("ZZ", "at least one PauliSum"),
        (PauliSum({"Z": 1.0}), "at least one PauliSum"),
        ([qml.Z(0)], "must hold PauliSums"),
        ([PauliSum({"Z": 1.0}), PauliSum({"ZZ": 1.0})], r"the same qubits; got \[1, 2\]"),
        ([PauliSum({"Z": 1.0j})], "real coefficients"),
        ([PauliSum({"ZZ": 1.0, "XI": 1 + 1j})], "real coefficients"),
    ],
)
def test_bad_generators_are_named(wrong, message):
    with pytest.raises((TypeError, ValueError), match=message):
        lie_closure(wrong)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, True, "3"])
def test_bad_limits_are_named(wrong):
    with pytest.raises((TypeError, ValueError), match="max_dim must be an integer at least 1"):
        lie_closure(each(2, "ZZ"), max_dim=wrong)
