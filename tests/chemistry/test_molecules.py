"""Stored molecules against closed forms, PennyLane's own chemistry, and the integrals' script."""

import json
import pickle
from dataclasses import FrozenInstanceError, fields
from itertools import combinations

import integrals as script
import numpy as np
import pennylane as qml
import pytest

from qmlcourse import chemistry
from qmlcourse.chemistry import Molecule, bond_lengths, molecule
from qmlcourse.chemistry import _molecule as private
from qmlcourse.chemistry._fermions import hamiltonian, lowest_energy, sector_matrix
from qmlcourse.paulis import PauliSum, commutator

SIZES = {"H2": (4, 2), "H3+": (6, 2), "H4": (8, 4), "LiH": (10, 2)}
ONE = {"H2": 0.74, "H3+": 0.986, "H4": 1.2, "LiH": 1.6}
every = pytest.mark.parametrize("name", SIZES)


def dense(operator):
    return qml.matrix(operator.to_pennylane(), range(operator.n_qubits))


def with_ones(n, k):
    """Return the numbers below 2**n with k bits set: the oracle counts text."""
    return [i for i in range(2**n) if f"{i:b}".count("1") == k]


def number_operator(n):
    terms = {"I" * n: n / 2}
    for k in range(n):
        terms["I" * k + "Z" + "I" * (n - k - 1)] = -0.5
    return PauliSum(terms)


def test_fields_are_the_contract():
    assert [f.name for f in fields(Molecule)] == [
        "hamiltonian", "n_qubits", "hartree_fock", "hartree_fock_energy", "exact_energy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "length", "hartree_fock", "exact"),
    [
        # Szabo and Ostlund, Modern Quantum Chemistry: 1.4 bohr, correlation -0.0206.
        ("H2", 0.7408, -1.1167, -1.1373),
        ("H2", 0.735, -1.116998996754, -1.137306035753),  # widely printed, from PySCF
    ],
)
def test_printed_energies(name, length, hartree_fock, exact):
    found = molecule(name, length)
    digits = len(str(exact).split(".")[1])
    tolerance = max(0.6 * 10**-digits, 2e-8)
    assert found.hartree_fock_energy == pytest.approx(hartree_fock, abs=tolerance)
    assert found.exact_energy == pytest.approx(exact, abs=tolerance)


def test_long_h2_is_two_atoms_and_hartree_fock_does_not_know():
    """Apart, each atom has the energy of hydrogen in STO-3G."""
    atom = -0.466581849557
    last = molecule("H2", bond_lengths("H2")[-1])
    assert last.exact_energy == pytest.approx(2 * atom, abs=1e-3)
    assert last.hartree_fock_energy > 2 * atom + 0.25


@every
def test_every_length_is_what_it_says(name):
    n, electrons = SIZES[name]
    lengths = bond_lengths(name)
    assert list(lengths) == sorted(set(lengths)) and len(lengths) > 15
    for length in lengths:
        m = molecule(name, length)
        assert m.n_qubits == m.hamiltonian.n_qubits == n
        assert m.hartree_fock == "1" * electrons + "0" * (n - electrons)
        assert m.hamiltonian.coefficients.dtype == float
        assert m.hartree_fock_energy == m.hamiltonian.expectation(m.hartree_fock)
        assert m.exact_energy <= m.hartree_fock_energy
        assert np.abs(m.hamiltonian.coefficients).min() > 1e-12


@every
def test_curves_are_smooth_and_have_one_minimum(name):
    """A length at which the iteration found another solution would stick out."""
    lengths = [d for d in bond_lengths(name) if round(d * 10, 6) % 1 == 0]
    found = [molecule(name, d) for d in lengths]
    for energies in ([m.exact_energy for m in found], [m.hartree_fock_energy for m in found]):
        bends = np.diff(energies, n=3)
        assert np.abs(bends[4:]).max() < 0.02
        assert np.count_nonzero(np.diff(np.sign(np.diff(energies)))) <= 1


@every
def test_hamiltonian_keeps_number_and_spin(name):
    h = molecule(name, ONE[name]).hamiltonian
    n = h.n_qubits
    up = PauliSum({"I" * k + "Z" + "I" * (n - k - 1): 1.0 for k in range(0, n, 2)})
    for kept in (number_operator(n), up):
        c = commutator(h, kept)
        assert np.abs(c.coefficients).max(initial=0) < 1e-12


@every
def test_no_single_excitation_mixes_with_hartree_fock(name):
    """Brillouin's theorem holds only where the iteration has converged."""
    m = molecule(name, ONE[name])
    electrons = m.hartree_fock.count("1")
    for length in bond_lengths(name):
        h = molecule(name, length).hamiltonian
        matrix = sector_matrix(h, electrons)
        states = with_ones(m.n_qubits, electrons)
        start = states.index(int(m.hartree_fock, 2))
        single = [j for j, s in enumerate(states) if bin(s ^ states[start]).count("1") == 2]
        assert np.abs(matrix[start, single]).max() < 1e-9


@pytest.mark.parametrize("name", ["H2", "H3+", "H4"])
def test_sector_is_that_of_the_dense_matrix(name):
    m = molecule(name, ONE[name])
    electrons = m.hartree_fock.count("1")
    inside = with_ones(m.n_qubits, electrons)
    full = dense(m.hamiltonian)
    np.testing.assert_allclose(
        sector_matrix(m.hamiltonian, electrons), full[np.ix_(inside, inside)], atol=1e-12
    )
    outside = [i for i in range(2**m.n_qubits) if i not in inside]
    assert np.abs(full[np.ix_(inside, outside)]).max() < 1e-12
    exact = np.linalg.eigvalsh(full[np.ix_(inside, inside)])[0]
    assert m.exact_energy == pytest.approx(exact, abs=1e-10)


def test_lowest_of_all_states_may_be_another_molecule():
    """A third electron lowers H3+ to H3, in any number of electrons the answer would be wrong."""
    m = molecule("H3+", 0.986)
    assert np.linalg.eigvalsh(dense(m.hamiltonian))[0] < m.exact_energy - 0.05


@pytest.mark.parametrize(
    ("name", "length", "charge", "active"),
    [("H2", 0.8, 0, {}), ("H3+", 0.9, 1, {}), ("H4", 1.2, 0, {}),
     ("LiH", 1.6, 0, {"active_electrons": 2, "active_orbitals": 5})],
)  # fmt: skip
def test_agrees_with_pennylane(name, length, charge, active):
    """Where its iteration converges; eigenvalues, since orbitals have no fixed sign."""
    symbols, lie, electrons, frozen, _ = script.MOLECULES[name]
    place = np.array(lie(len(symbols), length)) / script.BOHR
    made = qml.qchem.Molecule(symbols, qml.numpy.array(place, requires_grad=False), charge=charge)
    h, n = qml.qchem.molecular_hamiltonian(made, method="dhf", **active)
    theirs = PauliSum.from_pennylane(qml.simplify(h), n)
    theirs = PauliSum({w: np.real(c) for w, c in theirs.terms.items()})
    m = molecule(name, length)
    assert n == m.n_qubits
    k = electrons - 2 * frozen
    ours = np.linalg.eigvalsh(sector_matrix(m.hamiltonian, k))
    np.testing.assert_allclose(np.linalg.eigvalsh(sector_matrix(theirs, k)), ours, atol=1e-6)
    assert theirs.expectation(m.hartree_fock) == pytest.approx(m.hartree_fock_energy, abs=1e-6)


@pytest.mark.parametrize(("name", "length"), [("H2", 2.5), ("H3+", 1.3), ("H4", 2.6)])
def test_script_makes_what_is_stored(name, length):
    new, _ = script.integrals(name, length, None)
    stored = private._entry(name)["integrals"][f"{length:g}"]
    for a, b in zip(new, stored, strict=True):
        np.testing.assert_allclose(np.abs(a), np.abs(b), atol=1e-7)


def test_hydrogen_molecule_by_hand():
    """The closed form of H2: two determinants, coupled by one exchange integral."""
    [c], one, two = private._entry("H2")["integrals"]["0.74"]
    (h11, _, h22), (j11, _, j12, k12, _, j22) = one, two
    first, second = c + 2 * h11 + j11, c + 2 * h22 + j22
    m = molecule("H2", 0.74)
    assert m.hartree_fock_energy == pytest.approx(first, abs=1e-11)
    exact = (first + second) / 2 - np.hypot((second - first) / 2, k12)
    assert m.exact_energy == pytest.approx(exact, abs=1e-11)
    assert j12 > k12 > 0


def test_packed_integrals_are_unpacked_in_order():
    rng = np.random.default_rng(0)
    one = rng.normal(size=(3, 3))
    one += one.T
    factor = rng.normal(size=(4, 3, 3))
    factor += factor.swapaxes(1, 2)
    two = np.einsum("kpq,krs->pqrs", factor, factor)
    _, a, b = script.packed(0.0, one, two)
    unpacked = private._unpacked(a, b)
    np.testing.assert_allclose(unpacked[0], one, atol=1e-11)
    np.testing.assert_allclose(unpacked[1], two, atol=1e-11)


def test_electrons_obey_the_definition():
    """Random integrals against products of annihilation matrices."""
    rng = np.random.default_rng(1)
    n = 2
    one = rng.normal(size=(n, n))
    one += one.T
    factor = rng.normal(size=(3, n, n))
    factor += factor.swapaxes(1, 2)
    two = np.einsum("kpq,krs->pqrs", factor, factor)
    z, lower = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [0.0, 0.0]])
    a = []
    for k in range(2 * n):
        made = np.eye(1)
        for j in range(2 * n):
            made = np.kron(made, z if j < k else lower if j == k else np.eye(2))
        a.append(made)
    wanted = 0.3 * np.eye(4**n)
    for p in range(n):
        for q in range(n):
            for s in (0, 1):
                wanted += one[p, q] * a[2 * p + s].T @ a[2 * q + s]
                for r in range(n):
                    for t in range(n):
                        for u in (0, 1):
                            wanted += (
                                0.5
                                * two[p, q, r, t]
                                * (a[2 * p + s].T @ a[2 * r + u].T @ a[2 * t + u] @ a[2 * q + s])
                            )
    np.testing.assert_allclose(dense(hamiltonian(0.3, one, two)), wanted, atol=1e-12)


@pytest.mark.parametrize("k", range(4))
def test_sectors_of_a_plain_sum(k):
    """A sum that doesn't keep the number: what leads out is left out, as in the dense matrix."""
    h = PauliSum({"XYZ": 0.5, "ZIZ": 1.0, "YYI": -2.0, "III": 3.0, "XII": 4.0})
    inside = with_ones(3, k)
    np.testing.assert_allclose(sector_matrix(h, k), dense(h)[np.ix_(inside, inside)])


def test_extremes_of_sectors():
    one = PauliSum({"Z": 2.0})
    assert lowest_energy(one, 0) == 2 and lowest_energy(one, 1) == -2
    wide = PauliSum({"Z" * 64: 1.0})
    assert lowest_energy(wide, 0) == 1 and lowest_energy(wide, 1) == -1
    assert sector_matrix(wide, 2).shape == (len(list(combinations(range(64), 2))),) * 2


@pytest.mark.parametrize("length", [0.74, np.float64(0.74), np.array(0.74), 0.74 + 1e-9])
def test_numbers_of_any_kind(length):
    assert molecule("H2", length) == molecule("H2", 0.74)
    assert molecule("H2", 2) == molecule("H2", 2.0)
    assert molecule("H2", 3 * 0.1) == molecule("H2", 0.3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("H2", 0.7374), ValueError, "got 0.7374, and the nearest is 0.735"),
        (("H2", 1.000002), ValueError, "got 1.000002, and the nearest is 1."),
        (("LiH", 1.601), ValueError, "nearest is 1.6"),
        (("H2", 1e300), ValueError, "nearest is 4."),
        (("H2", 1e-300), ValueError, "nearest is 0.3"),
        (("H2", 0), ValueError, "bond_length must be a finite number above 0; got 0"),
        (("H2", -0.74), ValueError, "above 0"),
        (("H2", np.nan), ValueError, "above 0"),
        (("H2", np.inf), ValueError, "above 0"),
        (("H2", "0.74"), TypeError, "bond_length"),
        (("H2", None), TypeError, "bond_length"),
        (("H2", True), TypeError, "bond_length"),
        (("H2", [0.74]), TypeError, "bond_length"),
        (("H2", 0.74j), TypeError, "bond_length"),
        (("h2", 0.74), ValueError, "name must be one of 'H2', 'H3+', 'H4', 'LiH'; got 'h2'"),
        (("H2O", 0.96), ValueError, "name must be one of"),
        ((None, 0.96), ValueError, "name must be one of"),
        ((["H2"], 0.96), ValueError, "name must be one of"),
    ],
)
def test_bad_input(arguments, error, message):
    with pytest.raises(error) as raised:
        molecule(*arguments)
    text = str(raised.value)
    assert message in text and "\n" not in text


def test_bond_lengths_refuse_as_molecule():
    with pytest.raises(ValueError, match="name must be one of"):
        bond_lengths("He")


def test_a_molecule_is_a_value():
    m = molecule("H2", 0.74)
    other = pickle.loads(pickle.dumps(m))
    assert other == m and other is not m and len({m, other, molecule("H2", 0.8)}) == 2
    with pytest.raises(FrozenInstanceError):
        m.exact_energy = 0.0
    assert chemistry.__all__ == ["Molecule", "bond_lengths", "molecule"]


def test_changed_file_is_refused(monkeypatch):
    private._stored.cache_clear()
    monkeypatch.setattr(private, "_SHA256", "0" * 64)
    with pytest.raises(ValueError, match="not the file of this version"):
        molecule("H2", 0.74)
    monkeypatch.undo()
    private._stored.cache_clear()
    assert json.dumps(private._stored())[:5] == '{"H2"'


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"], ids=["missing", "empty", "no text"])
def test_missing_or_damaged_file_is_told(content, tmp_path, monkeypatch):
    private._stored.cache_clear()
    if content is not None:
        (tmp_path / "integrals.json").write_bytes(content)
    monkeypatch.setattr(private, "__file__", str(tmp_path / "_molecule.py"))
    with pytest.raises(ValueError, match="not the file of this version: install it again"):
        bond_lengths("H2")
    private._stored.cache_clear()
