"""Sums of Pauli words against dense matrices and PennyLane."""

import copy
import pickle

import dense
import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmlcourse.paulis import PauliSum, anticommute, commutator, power_of_i

LETTERS = "IXYZ"


def matrix(a):
    total = np.zeros((2**a.n_qubits,) * 2, dtype=complex)
    for word, c in a.terms.items():
        total += c * dense.on(
            {k: dense.PAULI[p] for k, p in enumerate(word) if p != "I"}, len(word)
        )
    return total


@st.composite
def pairs(draw):
    n = draw(st.integers(1, 3))
    word = st.text(LETTERS, min_size=n, max_size=n)
    part = st.integers(-3, 3)
    number = st.builds(complex, part, part)
    terms = st.dictionaries(word, number, max_size=6)
    return PauliSum(draw(terms), n), PauliSum(draw(terms), n)


@given(pairs())
def test_arithmetic_is_that_of_matrices(sums):
    """Integers as coefficients: exact."""
    a, b = sums
    for ours, exact in [
        (a + b, matrix(a) + matrix(b)),
        (a - b, matrix(a) - matrix(b)),
        (-a, -matrix(a)),
        ((2 - 1j) * a, (2 - 1j) * matrix(a)),
        (a * 3, 3 * matrix(a)),
        (a / 2, matrix(a) / 2),
        (a @ b, matrix(a) @ matrix(b)),
        (commutator(a, b), matrix(a) @ matrix(b) - matrix(b) @ matrix(a)),
    ]:
        np.testing.assert_array_equal(matrix(ours), exact)
        assert all(c != 0 for c in ours.terms.values())
        assert ours == PauliSum(ours.terms, a.n_qubits)
    assert commutator(a, b) == a @ b - b @ a
    assert (a == b) == np.array_equal(matrix(a), matrix(b))


def test_the_sixteen_products():
    for p in LETTERS:
        for q in LETTERS:
            ours = PauliSum({p: 1}) @ PauliSum({q: 1})
            exact = dense.PAULI.get(p, dense.I2) @ dense.PAULI.get(q, dense.I2)
            np.testing.assert_array_equal(matrix(ours), exact)


@given(pairs())
def test_it_agrees_with_pennylane(sums):
    a, b = sums
    theirs = a.to_pennylane().pauli_rep @ b.to_pennylane().pauli_rep
    assert PauliSum.from_pennylane(qml.pauli.PauliSentence(theirs).operation(range(a.n_qubits)),
                                   a.n_qubits) == a @ b  # fmt: skip


def test_from_pennylane():
    hamiltonian = qml.Hamiltonian([0.5, 2.0, 1.0], [qml.X(2) @ qml.Z(0), qml.Y(1), qml.I(0)])
    assert PauliSum.from_pennylane(hamiltonian) == PauliSum({"ZIX": 0.5, "IYI": 2, "III": 1})
    assert PauliSum.from_pennylane(qml.Z(0), 3) == PauliSum({"ZII": 1})
    with pytest.raises(ValueError, match="products of Paulis"):
        PauliSum.from_pennylane(qml.RX(0.1, 0))
    with pytest.raises(ValueError, match=r"wires 0, 1, 2, ...; got \['a'\]"):
        PauliSum.from_pennylane(qml.Z("a"))
    with pytest.raises(ValueError, match="n_qubits must be an integer at least 3; got 2"):
        PauliSum.from_pennylane(qml.Z(2), 2)


@pytest.mark.parametrize("n_qubits", [1, 7, 63, 64, 65, 128, 200])
def test_words_of_any_length(n_qubits, rng):
    """Letter by letter, by the table of Pauli products."""
    table = {(p, q): next(iter((PauliSum({p: 1}) @ PauliSum({q: 1})).terms.items()))
             for p in LETTERS for q in LETTERS}  # fmt: skip
    for _ in range(20):
        a, b = ("".join(rng.choice(list(LETTERS), n_qubits)) for _ in range(2))
        letters, factors = zip(*(table[pair] for pair in zip(a, b, strict=True)), strict=True)
        product = PauliSum({a: 1.0}) @ PauliSum({b: 1.0})
        assert product.terms == {"".join(letters): np.prod(factors)}
        assert PauliSum({a: 1.0}).terms == {a: 1.0}
        pa, pb = PauliSum({a: 1.0}), PauliSum({b: 1.0})
        assert (len(commutator(pa, pb)) == 1) == anticommute(pa.x, pa.z, pb.x, pb.z)[0]
        assert 1j ** power_of_i(pa.x, pa.z, pb.x, pb.z)[0] == pytest.approx(np.prod(factors))


@given(pairs(), st.integers(0, 7))
def test_expectation_is_the_diagonal_entry(sums, index):
    a, _ = sums
    bits = format(index % 2**a.n_qubits, f"0{a.n_qubits}b")
    assert a.expectation(bits) == matrix(a)[int(bits, 2), int(bits, 2)]


def test_expectation_beyond_64_qubits():
    word = "I" * 70 + "Z"
    assert PauliSum({word: 2.0}).expectation("0" * 70 + "1") == -2.0
    assert PauliSum({word: 2.0}).expectation("1" * 70 + "0") == 2.0
    assert isinstance(PauliSum({word: 2}).expectation("0" * 71), float)
    assert PauliSum({word: 2j}).expectation("0" * 71) == 2j


def test_a_sum_is_a_value():
    a = PauliSum({"XZ": 1.0, "II": -2})
    assert a.terms == {"II": -2.0, "XZ": 1.0} and len(a) == 2
    assert pickle.loads(pickle.dumps(a)) == copy.deepcopy(a) == a != PauliSum({"XZ": 1.0})
    assert a != "XZ"
    assert eval(repr(a)) == a and eval(repr(0 * a)) == a - a
    assert repr(PauliSum({f"{i:09b}".translate({48: "I", 49: "X"}): 1 for i in range(9)})) == (
        "<PauliSum of 9 terms on 9 qubits>"
    )
    assert np.float64(2) * a == a * np.int64(2) == a + a
    assert PauliSum(n_qubits=2) == a - a
    with pytest.raises(AttributeError, match="can't be changed"):
        a.x = a.z
    with pytest.raises(ValueError, match="read-only"):
        a.coefficients[0] = 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)


def test_order_does_not_depend_on_how_it_was_made(rng):
    words = ["".join(rng.choice(list(LETTERS), 70)) for _ in range(50)]
    a = PauliSum(dict.fromkeys(words, 1.0))
    b = sum((PauliSum({w: 1.0}) for w in words[::-1]), PauliSum(n_qubits=70))
    assert a == b and list(a.terms) == list(b.terms)


@pytest.mark.parametrize(
    ("terms", "error", "message"),
    [
        ({"ZA": 1}, ValueError, "letters I, X, Y, Z, one a qubit; got 'ZA'"),
        ({"": 1}, ValueError, "got ''"),
        ({3: 1}, ValueError, "got 3"),
        ({"Z": 1, "ZZ": 1}, ValueError, "one letter a qubit; got 1 and 2"),
        ({}, ValueError, "terms must hold a word"),
        (["Z"], TypeError, "terms must map words"),
        ({"Z": np.nan}, ValueError, "must be finite; got nan"),
        ({"Z": "1"}, TypeError, "must be a number; got '1'"),
        ({"Z": [1, 2]}, TypeError, "must be a number"),
        ({"Z": True}, TypeError, "must be a number; got True"),
    ],
)
def test_bad_terms_are_named(terms, error, message):
    with pytest.raises(error, match=message):
        PauliSum(terms)


def test_bad_partners_are_named():
    a = PauliSum({"Z": 1})
    with pytest.raises(ValueError, match="the same qubits; got 1 and 2"):
        a + PauliSum({"ZZ": 1})
    with pytest.raises(ValueError, match="the same qubits; got 1 and 2"):
        a @ PauliSum({"ZZ": 1})
    for wrong in (lambda: a + 1, lambda: a * None, lambda: a * a, lambda: a @ 2, lambda: a - 1):
        with pytest.raises(TypeError, match="unsupported operand"):
            wrong()
    with pytest.raises(ZeroDivisionError, match="divided by 0"):
        a / 0
    with pytest.raises(TypeError, match="b must be a PauliSum; got 'Z'"):
        commutator(a, "Z")
    for bits in ("00", "2", 0):
        with pytest.raises(ValueError, match="bits must be a text of 1 characters"):
            a.expectation(bits)
    with pytest.raises(ValueError, match="one letter a qubit; got 1 and 2"):
        PauliSum({"Z": 1}, 2)


def test_what_is_beyond_floats_is_refused():
    x, z = PauliSum({"X": 1e200}), PauliSum({"Z": 1e200})
    big = PauliSum({"X": 1.7e308, "I": 1.7e308, "Z": 1.7e308})
    for made in (
        lambda: big * 10, lambda: 10j * big, lambda: x @ z, lambda: commutator(x, z),
        lambda: big + big, lambda: z / 1e-320, lambda: big.expectation("0"),
    ):  # fmt: skip
        with pytest.raises(OverflowError, match="beyond the range of floats"):
            made()
    assert (PauliSum({"Z": 1e-300}) / 1e-320).terms == {"Z": pytest.approx(1e20, rel=1e-3)}


@pytest.mark.parametrize("one", [np.array(True), np.True_, np.void(b"12345678"),
                                 True, np.timedelta64(1, "s"), np.array("1")],
                         ids=repr)  # fmt: skip
def test_what_only_becomes_a_number_is_none(one):
    with pytest.raises(TypeError, match="a coefficient must be a number"):
        PauliSum({"X": one})


def test_numbers_are_those_of_frameworks_too():
    a = PauliSum({"X": 1.0})
    numbers = [np.array(2.0), np.float32(2), np.int8(2), 2, qml.numpy.array(2.0)]
    jnp = pytest.importorskip("jax.numpy")
    for two in (*numbers, jnp.array(2.0), jnp.bfloat16(2)):
        assert PauliSum({"X": two}) == two * a == a * two == a + a
        assert (a + a) / two == a
    with pytest.raises(TypeError, match="a coefficient must be a number"):
        PauliSum({"X": jnp.array(True)})
    with pytest.raises(ValueError, match="a coefficient must be finite"):
        PauliSum({"X": 10**400})
    with pytest.raises(TypeError, match="multiplied by a number; got 'a'"):
        a * "a"


def test_sum_adds_up():
    a, b = PauliSum({"X": 1.0}), PauliSum({"Z": 2.0})
    assert sum([a, b]) == a + b
    for wrong in (lambda: 1 + a, lambda: None + a):
        with pytest.raises(TypeError, match="unsupported operand"):
            wrong()


def test_nothing_changes_a_sum():
    a = PauliSum({"X": 1.0})
    with pytest.raises(AttributeError, match="can't be changed"):
        del a.x
    with pytest.raises(AttributeError, match="can't be changed"):
        a.__init__({"Z": 5.0})
    for array in (a.x, a.z, a.coefficients, pickle.loads(pickle.dumps(a)).x):
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.setflags(write=True)
    assert a == PauliSum({"X": 1.0})


def test_qubits_beyond_memory_are_refused_at_once():
    for n in (2**63, 10**30):
        with pytest.raises(ValueError, match=rf"on {n} qubits would need"):
            PauliSum({}, n)
    with pytest.raises(ValueError, match=f"on {2**63 + 1} qubits would need"):
        PauliSum.from_pennylane(qml.Z(2**63))
    assert PauliSum.from_pennylane(qml.Z(3), 10**7).x.shape == (1, 10**7 // 64)


@pytest.mark.parametrize("wrong", [qml.Z, "Z", None], ids=str)
def test_what_is_no_operator_is_named(wrong):
    with pytest.raises(ValueError, match="operator must be a sum of products of Paulis; got"):
        PauliSum.from_pennylane(wrong)


def test_a_symbol_is_no_coefficient():
    sympy = pytest.importorskip("sympy")
    with pytest.raises(TypeError, match="a coefficient must be a number; got t"):
        PauliSum({"Z": sympy.Symbol("t")})
