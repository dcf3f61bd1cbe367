"""What stand-ins of chips share: how large a circuit may be, and which qubits it gets."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from . import _placement
from ._tapes import TWO_QUBIT, Prepared, check_wires

_MOST_WIRES = 10  # of a density matrix: 16 MiB, and minutes beyond


def choose(
    circuit: Prepared,
    asked: Sequence[str] | None,
    named: Mapping[str, Any],
    native: Mapping[str, int],
    readout: Mapping[Any, float],
    pairs: Mapping[frozenset[Any], float],
    name: str,
) -> list[Any]:
    """Return a qubit for each wire: those asked for, or those of the least summed error.

    ``named`` are the chip's qubits by name, ``native`` says how many native gates each gate of
    two qubits takes; ``readout`` and ``pairs`` are the costs of :func:`_placement.place`.
    """
    chosen = check(circuit, asked, named, name)
    if chosen is None:
        return _placement.place(len(circuit.wires), _gates(circuit, native), readout, pairs)
    return chosen


def check(
    circuit: Prepared, asked: Sequence[str] | None, named: Mapping[str, Any], name: str
) -> list[Any] | None:
    """Return the qubits asked for, if any; raise if the circuit is too large or they don't fit."""
    n = len(circuit.wires)
    check_wires(n, min(_MOST_WIRES, len(named)), name)
    if asked is None:
        return None
    shown = list(asked)
    if len(shown) != n or len(set(shown)) != n:
        raise ValueError(f"qubits must be {n} different ones, one a wire; got {shown}.")
    if unknown := [q for q in shown if q not in named]:
        raise ValueError(
            f"qubits must be of {name}, such as {', '.join(map(repr, list(named)[:3]))}; "
            f"got {unknown}."
        )
    return [named[q] for q in shown]


def _gates(circuit: Prepared, native: Mapping[str, int]) -> Counter[tuple[int, int]]:
    """Count the native two-qubit gates that each pair of wires needs."""
    result: Counter[tuple[int, int]] = Counter()
    for op in circuit.tape.operations:
        if op.name in TWO_QUBIT:
            result[tuple(sorted(op.wires.tolist()))] += native[op.name]
    return result
