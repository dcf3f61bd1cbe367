"""What was measured: a basis and a bit for each qubit, each time. Public through shadows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array


@dataclass(frozen=True, eq=False, repr=False, init=False)
class Shadow:
    r"""Measurements of every qubit in a basis of its own, of one state or of several.

    Parameters
    ----------
    bits : array of int, shape (n, n_qubits) or (n_states, n, n_qubits)
        What came out, qubit 0 first: 0 for the eigenvalue 1, 1 for -1.
    bases : array of int, of the same shape
        What was measured: 0, 1, 2 for X, Y, Z.

    Attributes
    ----------
    bits, bases : ndarray of uint8, read-only
        As given.
    n_states, n_measurements, n_qubits : int
        States, measurements of each, and their qubits.

    Raises
    ------
    ValueError, TypeError
        If an array is not as above, or the arrays don't fit into memory.

    Notes
    -----
    PennyLane codes both in the same way: ``qml.ClassicalShadow(shadow.bits, shadow.bases)`` is the
    same shadow of one state. A device's results become a shadow here too, if each basis was drawn
    evenly from the three: nothing in the arrays can tell. Source: arXiv:2002.08953. Used in the
    chapter *Quantum data*, ``applications/quantum_data``.

    Examples
    --------
    >>> Shadow([[0, 1], [1, 1]], [[2, 2], [0, 1]])
    <Shadow of 2 measurements on 2 qubits>
    """

    bits: Array
    bases: Array

    def __init__(self, bits: ArrayLike, bases: ArrayLike) -> None:
        """Check, copy and keep both arrays."""
        kept = {"bits": _codes(bits, "bits", 2), "bases": _codes(bases, "bases", 3)}
        if kept["bits"].shape != kept["bases"].shape:
            raise ValueError(
                "bits and bases must have the same shape; got "
                f"{kept['bits'].shape} and {kept['bases'].shape}."
            )
        for name, value in kept.items():
            value.flags.writeable = False
            # Whoever asks for a word reads few qubits, all measurements of each.
            object.__setattr__(self, name, np.moveaxis(value.view(), 0, -1))

    def __repr__(self) -> str:
        """Return what it holds, in words."""
        of = f" each of {self.n_states} states" if self.bits.ndim == 3 else ""
        return f"<Shadow of {self.n_measurements} measurements{of} on {self.n_qubits} qubits>"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle and copy by the arrays."""
        return Shadow, (self.bits, self.bases)

    @property
    def n_states(self) -> int:
        """States that were measured."""
        return int(np.prod(self.bits.shape[:-2]))

    @property
    def n_measurements(self) -> int:
        """Measurements of each state."""
        return int(self.bits.shape[-2])

    @property
    def n_qubits(self) -> int:
        """Qubits of each state."""
        return int(self.bits.shape[-1])


def _codes(value: ArrayLike, name: str, below: int) -> Array:
    """Return numbers 0, 1, ... as bytes, with the axis of the qubits first."""
    given = _checks.numeric(value, name)
    if given.ndim not in (2, 3) or given.size == 0:
        raise ValueError(
            f"{name} must have shape (n, n_qubits) or (n_states, n, n_qubits), and entries; got "
            f"shape {given.shape}."
        )
    if given.dtype.kind not in "biu":
        raise TypeError(f"{name} must hold integers; got dtype {given.dtype}.")
    _checks.memory(4 * given.size, f"{given.size} {name}")
    low, high = int(given.min()), int(given.max())
    if low < 0 or high >= below:
        raise ValueError(
            f"{name} must hold integers from 0 to {below - 1}; got {low if low < 0 else high}."
        )
    return np.array(np.moveaxis(given, -1, 0), dtype=np.uint8, order="C")
