"""Small molecules as operators on qubits, from stored integrals in the basis STO-3G."""

from ._molecule import Molecule, bond_lengths, molecule

__all__ = ["Molecule", "bond_lengths", "molecule"]
