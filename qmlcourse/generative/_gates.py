"""What the functions of this room are given: gates, their angles, bits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array

LARGEST_PHASE = 1e8  # radians: beyond it a phase is off by more than 1e-8


def checked_gates(gates: Sequence[Sequence[int]], n_qubits: int) -> list[tuple[int, ...]]:
    """Return the gates as tuples of sorted qubits."""
    if isinstance(gates, (str, bytes, set, frozenset, dict)) or not hasattr(gates, "__iter__"):
        raise TypeError(
            "gates must be a list of tuples of qubits, such as [(0,), (0, 1)]; got "
            f"{_checks.shown(gates)}."
        )
    made = []
    for gate in gates:
        if isinstance(gate, (str, bytes, dict)) or not hasattr(gate, "__iter__"):
            raise TypeError(
                f"gates must hold tuples of qubits, such as (0, 1); got {_checks.shown(gate)}."
            )
        qubits = list(gate)
        if not all(type(q) is int and 0 <= q < n_qubits for q in qubits):  # the slow way names it
            qubits = [_checks.integer(q, "a qubit in gates", low=0, high=n_qubits - 1)
                      for q in qubits]  # fmt: skip
        if not qubits or len(set(qubits)) < len(qubits):
            raise ValueError(
                "gates must hold tuples of one or more different qubits; got "
                f"{_checks.shown(gate)}."
            )
        made.append(tuple(sorted(qubits)))
    return made


def checked_angles(theta: ArrayLike, n_gates: int, name: str = "theta") -> Array:
    """Return the angles, one a gate, as float64."""
    angles = _checks.array(theta, name, ndim=None)
    if angles.shape != (n_gates,):
        raise ValueError(
            f"{name} must have shape ({n_gates},), one angle a gate; got {angles.shape}."
        )
    with np.errstate(over="ignore"):
        largest = np.abs(angles).sum()
    if not largest <= LARGEST_PHASE:
        raise ValueError(
            f"{name} must sum to at most {LARGEST_PHASE:g} in size, or phases lose their digits; "
            f"got {largest}."
        )
    return angles


def checked_bits(value: ArrayLike, name: str, *, n_qubits: int | None = None) -> Array:
    """Return samples of bits as uint8, shape (n_samples, n_qubits)."""
    given = _checks.array(value, name, ndim=2)
    if not np.isin(given, (0.0, 1.0)).all():
        bad = given[~np.isin(given, (0.0, 1.0))][0]
        raise ValueError(f"{name} must hold bits, 0 or 1; got {bad:g}.")
    if n_qubits is not None and given.shape[1] != n_qubits:
        raise ValueError(f"{name} must have {n_qubits} bits a sample; got {given.shape[1]}.")
    return given.astype(np.uint8)


def supports(gates: Sequence[tuple[int, ...]], n_qubits: int) -> Array:
    """Return one row a gate, 1 on its qubits."""
    made = np.zeros((len(gates), n_qubits), dtype=np.uint8)
    rows = np.repeat(np.arange(len(gates)), [len(g) for g in gates])
    made[rows, [q for g in gates for q in g]] = 1
    return made
