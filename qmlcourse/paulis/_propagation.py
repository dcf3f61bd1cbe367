"""Operators carried back through a circuit, word by word. Public through paulis."""

from typing import Any

import numpy as np

from .. import _checks
from ._gates import Part, clifford, gates, parts
from ._pennylane import read
from ._sum import PauliSum, from_arrays
from ._terms import Limits, Terms
from ._words import site


def propagate(
    circuit: Any,
    observable: Any,
    *,
    max_weight: int | None = None,
    min_coefficient: float = 0.0,
    depolarizing: float = 0.0,
) -> PauliSum:
    r"""Carry an observable back through a circuit: :math:`O \mapsto U^\dagger O U`.

    A rotation :math:`e^{-i\theta P/2}` leaves a word Q alone if it commutes with P, and makes

    .. math:: Q \mapsto \cos\theta\, Q + \sin\theta\, \tfrac{i}{2}[P, Q]

    of it otherwise: one word or two. A Clifford gate maps words to words. Without limits the
    result is exact, and may have :math:`4^n` terms.

    Parameters
    ----------
    circuit : pennylane.tape.QuantumScript or sequence of operators
        On wires 0, 1, 2, ...; what a tape measures is not read. Products of Pauli rotations and
        Clifford gates as they are, other gates by PennyLane's decompositions into these.
    observable : PauliSum or pennylane.operation.Operator
        On the circuit's wires; qubit k of a sum is wire k.
    max_weight : int, optional
        Words that act on more qubits are dropped, at the start and after each gate.
    min_coefficient : float
        Terms with a smaller absolute value are dropped, at the start and after each gate on those
        that it changed.
    depolarizing : float
        Probability p of an error X, Y or Z, equally likely, on each wire of a gate after **each
        gate** of the circuit, as :func:`qmlcourse.noise.depolarizing` and PennyLane's
        ``DepolarizingChannel`` have it: a word's coefficient times :math:`1 - 4p/3` for each of
        the gate's wires on which the word acts. Templates and inverses count as the gates that
        they consist of; any other gate, as ``IsingZZ``, counts once.

    Returns
    -------
    PauliSum
        Its :meth:`PauliSum.expectation` in the basis state that the circuit starts from is the
        circuit's expectation value.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above: in particular for channels, measurements on the way,
        batches of parameters and gates without a decomposition.

    Notes
    -----
    Truncation by weight: arXiv:2407.12768 (with noise), arXiv:2409.01706 (without); by the size
    of coefficients: arXiv:2308.05077. Neither tells its own error. Used in the chapter
    *Simulability*.

    Examples
    --------
    >>> import pennylane as qml
    >>> circuit = [qml.RX(0.3, 0), qml.CNOT([0, 1]), qml.RZ(0.2, 1)]
    >>> back = propagate(circuit, PauliSum({"IZ": 1.0}))
    >>> {word: round(c, 6) for word, c in back.terms.items()}
    {'ZZ': 0.955336, 'YZ': 0.29552}
    >>> round(back.expectation("00"), 6)  # cos(0.3)
    0.955336
    """
    limits = Limits(
        None if max_weight is None else _checks.integer(max_weight, "max_weight", low=0),
        _not_below_0(min_coefficient, "min_coefficient"),
    )
    p = _not_below_0(depolarizing, "depolarizing")
    if p > 1:
        raise ValueError(f"depolarizing must be a probability, 0 to 1; got {p:g}.")
    circuit_gates = gates(circuit)
    start = _observable(observable, [w for _, wires in circuit_gates for w in wires])
    terms = Terms(start)
    terms.drop(limits)
    reached = _support(start)
    with np.errstate(over="ignore", invalid="ignore"):  # the sum looks for what came of it
        for gate, wires in reversed(circuit_gates):
            if reached.isdisjoint(wires):
                continue
            if p:
                terms.damp([site(w) for w in wires], 1 - 4 * p / 3, limits)
            for part in reversed(parts(gate)):
                if part.clifford:
                    terms.permute([site(w) for w in part.wires], *clifford(part.clifford))
                    if limits.weight is not None:
                        terms.drop(limits)
                else:
                    _rotate(terms, part, limits)
            reached.update(wires)
    return terms.sum()


def _not_below_0(value: float, name: str) -> float:
    result = _checks.real(value, name)
    if result < 0:
        raise ValueError(f"{name} must be at least 0; got {result:g}.")
    return result


def _observable(given: Any, wires: list[int]) -> PauliSum:
    needed = max(wires, default=-1) + 1
    if not isinstance(given, PauliSum):
        kind = "a PauliSum or a PennyLane operator that is a sum of products of Paulis"
        return from_arrays(*read(given, None, needed, "observable", kind))
    if given.n_qubits < needed:
        raise ValueError(
            f"observable must act on all wires of the circuit, 0 to {needed - 1}; got "
            f"{given.n_qubits} qubits."
        )
    return given


def _support(given: PauliSum) -> set[int]:
    acts = np.bitwise_or.reduce(given.x | given.z, axis=0) if len(given) else given.x[:0].sum(0)
    return {k for k in range(given.n_qubits) if int(acts[k // 64]) >> (63 - k % 64) & 1}


def _rotate(terms: Terms, part: Part, limits: Limits) -> None:
    word = np.zeros(2 * terms.columns, dtype=np.uint64)
    for letter, wire in zip(part.letters, part.wires, strict=True):
        column, bit = site(wire)
        if letter in "XY":
            word[column] |= bit
        if letter in "ZY":
            word[terms.columns + column] |= bit
    if word.any():
        terms.rotate(word, part.cos, part.sin, limits)
