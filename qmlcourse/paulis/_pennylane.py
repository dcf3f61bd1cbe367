"""PennyLane's operators as packed words."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _checks
from .._typing import Array
from ._numbers import number
from ._words import check_size, site


def read(
    operator: Any, n_qubits: int | None, low: int, name: str, kind: str
) -> tuple[Array, Array, Array, int]:
    """Return x, z, coefficients and the number of qubits, at least ``low`` without ``n_qubits``."""
    representation = getattr(operator, "pauli_rep", None)
    if not isinstance(representation, Mapping):  # a property, where somebody gave a class
        raise ValueError(f"{name} must be {kind}; got {_checks.shown(operator)}.")
    wires = [w for word in representation for w in word]
    if not all(map(is_wire, wires)):
        raise ValueError(
            f"{name} must act on wires 0, 1, 2, ...; got {sorted(set(wires), key=str)}."
        )
    last = int(max(wires, default=0))
    n = max(last + 1, low)
    if n_qubits is not None:
        n = _checks.integer(n_qubits, "n_qubits", low=last + 1)
    check_size(len(representation), n)
    x = np.zeros((len(representation), -(-n // 64)), dtype=np.uint64)
    z = np.zeros_like(x)
    for row, word in enumerate(representation):
        for wire, letter in word.items():
            column, bit = site(int(wire))
            if letter in "XY":
                x[row, column] |= bit
            if letter in "ZY":
                z[row, column] |= bit
    return x, z, np.array([number(c) for c in representation.values()], dtype=complex), n


def is_wire(label: object) -> bool:
    """Return whether a wire's label is a qubit's number."""
    return isinstance(label, (int, np.integer)) and not isinstance(label, bool) and int(label) >= 0
