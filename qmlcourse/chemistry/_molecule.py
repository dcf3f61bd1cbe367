"""Molecules by name and bond length, as stored. Public through chemistry."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .. import _checks
from ..paulis import PauliSum
from ._fermions import hamiltonian, lowest_energy

_SHA256 = "9039a7161f4a0fa332bab4ef6b106638feebc24b4b52afa3e1eca33d492094ad"
_SAME = 1e-6  # angstrom; lengths so near are one: steps of a tenth add up with rounding


@dataclass(frozen=True)
class Molecule:
    r"""A molecule at one bond length, as an operator on qubits; see :func:`molecule`.

    Attributes
    ----------
    hamiltonian : PauliSum
        Electrons and the repulsion of the nuclei, in hartree.
    n_qubits : int
        Two an orbital: qubit 2p is orbital p with spin up, qubit 2p + 1 with spin down.
    hartree_fock : str
        The bits of the Hartree–Fock state, as ``"1100"``: its ones are the electrons.
    hartree_fock_energy : float
        In hartree: the best energy of a single determinant, spins paired (restricted).
    exact_energy : float
        In hartree: the lowest of all states with as many electrons, in this basis. States with
        another number may lie lower; they are another molecule's.
    """

    hamiltonian: PauliSum = field(hash=False)  # equal ones have equal energies
    n_qubits: int
    hartree_fock: str
    hartree_fock_energy: float
    exact_energy: float


def bond_lengths(name: str) -> tuple[float, ...]:
    """Return the bond lengths at which a molecule is stored, in angstrom, the shortest first.

    Parameters
    ----------
    name : {"H2", "H3+", "H4", "LiH"}

    Returns
    -------
    tuple of float

    Raises
    ------
    ValueError
        If there is no such molecule, or the stored file is missing or was changed.

    Notes
    -----
    Used in the chapter *Ground states of molecules* (``applications/vqe``).

    Examples
    --------
    >>> bond_lengths("H4")[:3]
    (0.5, 0.6, 0.7)
    """
    return tuple(float(d) for d in _entry(name)["integrals"])


def molecule(name: str, bond_length: float) -> Molecule:
    r"""Return a molecule's Hamiltonian on qubits, with its Hartree–Fock and its exact energy.

    .. math::

        H = c + \sum_{pq,\sigma} h_{pq}\, a^\dagger_{p\sigma} a_{q\sigma}
            + \tfrac12 \sum_{pqrs,\sigma\tau} (pq|rs)\,
              a^\dagger_{p\sigma} a^\dagger_{r\tau} a_{s\tau} a_{q\sigma}

    in molecular orbitals, mapped to Pauli words by Jordan and Wigner. The integrals are stored
    (``book/tools/integrals.py`` made them, in the minimal basis STO-3G); no chemistry package is
    needed.

    Parameters
    ----------
    name : {"H2", "H3+", "H4", "LiH"}
        H4 is a chain of four atoms at equal distances, H3+ an equilateral triangle. In LiH the
        lowest orbital stays doubly occupied (frozen core): 2 electrons in 5 orbitals, 10 qubits.
    bond_length : float
        Distance of neighbouring nuclei in angstrom, within 1e-6 of one of :func:`bond_lengths`,
        which is then used.

    Returns
    -------
    Molecule

    Raises
    ------
    ValueError, TypeError
        If there is no such molecule, it is not stored at this length (the nearest stored one is
        named), or the stored file is missing or was changed.

    Notes
    -----
    STO-3G is the smallest basis there is: "exact" means within it, and is some 40 mHa above the
    true energy of H2. Sources: arXiv:1808.10402 (review); arXiv:1304.3061 (first use for such an
    algorithm). Used in the chapter *Ground states of molecules* (``applications/vqe``).

    Examples
    --------
    >>> h2 = molecule("H2", 0.735)
    >>> len(h2.hamiltonian), h2.n_qubits, h2.hartree_fock
    (15, 4, '1100')
    >>> round(h2.hartree_fock_energy, 6), round(h2.exact_energy, 6)
    (-1.116999, -1.137306)
    """
    stored = np.array(bond_lengths(name))
    length = _checks.real(bond_length, "bond_length", above=0)
    within = np.clip(length, stored[0], stored[-1])  # beyond any float, all are equally far
    nearest = float(stored[np.abs(stored - within).argmin()])
    if abs(nearest - length) > _SAME:
        raise ValueError(
            f"bond_length must be a stored one, of bond_lengths({name!r}) in angstrom; got "
            f"{length}, and the nearest is {nearest:g}."
        )
    return _built(name, nearest)


@lru_cache(maxsize=256)
def _built(name: str, length: float) -> Molecule:
    entry = _entry(name)
    [constant], one, two = entry["integrals"][f"{length:g}"]
    operator = hamiltonian(constant, *_unpacked(one, two))
    n, electrons = operator.n_qubits, entry["electrons"]
    bits = "1" * electrons + "0" * (n - electrons)
    return Molecule(
        operator, n, bits, operator.expectation(bits), lowest_energy(operator, electrons)
    )


def _unpacked(one: list[float], two: list[float]) -> tuple[Any, Any]:
    """Return full arrays of integrals from those with p <= q, and pairs (pq) <= (rs)."""
    n = round((np.sqrt(8 * len(one) + 1) - 1) / 2)
    pair = np.zeros((n, n), dtype=int)
    pair[np.triu_indices(n)] = np.arange(len(one))
    pair = np.maximum(pair, pair.T)
    square = np.zeros((len(one),) * 2)
    square[np.triu_indices(len(one))] = two
    square += np.triu(square, 1).T
    return np.array(one)[pair], square[pair][:, :, pair]


def _entry(name: str) -> dict[str, Any]:
    stored = _stored()
    return stored[_checks.choice(name, "name", stored)]


@lru_cache(maxsize=1)
def _stored() -> dict[str, Any]:
    try:
        # As text: a checkout may have changed the ends of lines.
        content = Path(__file__).with_name("integrals.json").read_text(encoding="utf-8")
        if hashlib.sha256(content.encode()).hexdigest() == _SHA256:
            return json.loads(content)
        cause = None
    except (OSError, UnicodeDecodeError) as error:
        cause = error
    raise ValueError("integrals.json is not the file of this version: install it again.") from cause
