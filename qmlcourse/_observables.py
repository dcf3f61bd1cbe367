"""How an expectation value is measured: rotations, wires to read, a value for each bit string."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from . import _checks
from ._operations import brief
from ._typing import Array


class Setting(NamedTuple):
    """One way to measure: rotate, read ``wires`` in the Z basis, average ``values``."""

    observable: Any  # what is measured jointly; its diagonalizing gates are the rotations
    rotations: list[Any]
    wires: list[Any]  # the first is the most significant bit
    values: Array  # of each bit string, shape (2**len(wires),)


def measured(tape: Any, name: str = "circuit") -> Any:
    """Return the observable of a tape that measures one expectation value."""
    kinds = [type(m).__name__ for m in tape.measurements]
    if kinds != ["ExpectationMP"]:
        raise ValueError(f"{name} must measure one expectation value; got {kinds}.")
    observable = tape.measurements[0].obs
    _terms(observable, name)
    return observable


def settings(observable: Any, wires: Sequence[Any], name: str = "circuit") -> list[Setting]:
    """Return how to measure an observable: its expectation value is the sum over the settings.

    Products of Paulis are measured together where they agree on each wire; other observables
    in their eigenbasis, term by term. ``wires`` are those of the circuit: a constant is read
    on the first of them.
    """
    import pennylane as qml

    words, others = _terms(observable, name)
    constant = words.pop(qml.pauli.PauliWord({}), 0.0)
    found = [_jointly(group) for group in _groups(words)]
    found += [_eigenbasis(other, factor, name) for factor, other in others]
    if not found:
        first = list(wires[:1])
        basis = qml.Z(first) if first else qml.Identity()
        found = [Setting(basis, [], first, np.zeros(2 ** len(first)))]
    return [found[0]._replace(values=found[0].values + constant), *found[1:]]


def _terms(observable: Any, name: str) -> tuple[dict[Any, float], list[tuple[float, Any]]]:
    """Return the products of Paulis, with coefficients, and the terms that have no such form."""
    import pennylane as qml

    math = qml.ops.op_math
    words: dict[Any, complex] = {}
    others: list[tuple[complex, Any]] = []

    def add(op: Any, factor: complex) -> None:
        if op.pauli_rep is not None:
            for word, coefficient in op.pauli_rep.items():
                words[word] = words.get(word, 0) + factor * complex(coefficient)
        elif isinstance(op, math.SProd):
            add(op.base, factor * complex(op.scalar))
        elif isinstance(op, math.Sum):  # LinearCombination is one
            for term in op.operands:
                add(term, factor)
        else:
            others.append((factor, op))

    add(observable, 1)
    scale = max(map(abs, words.values()), default=0)
    if any(abs(np.imag(c)) > 1e-9 * scale for c in words.values()) or any(
        abs(np.imag(c)) > 1e-9 * abs(c) for c, _ in others
    ):
        raise ValueError(f"{name} must measure a Hermitian observable; got {brief(observable)}.")
    return (
        {word: float(np.real(c)) for word, c in words.items() if c != 0},
        [(float(np.real(c)), op) for c, op in others],
    )


def _groups(words: dict[Any, float]) -> list[dict[Any, float]]:
    """Return the words in groups that agree on each wire, greedily, the given order kept."""
    bases: list[dict[Any, str]] = []
    groups: list[dict[Any, float]] = []
    for word, coefficient in words.items():
        fits = [all(b.get(w, letter) == letter for w, letter in word.items()) for b in bases]
        if True not in fits:
            bases.append({})
            groups.append({})
        first = [*fits, True].index(True)
        bases[first].update(word)
        groups[first][word] = coefficient
    return groups


def _jointly(group: dict[Any, float]) -> Setting:
    import pennylane as qml

    letters: dict[Any, str] = {}
    for word in group:
        letters |= word
    wires = list(letters)
    _checks.memory(24 * 2 ** len(wires), f"the values of {len(wires)} measured wires")
    values = np.zeros((2,) * len(wires))
    for word, coefficient in group.items():
        parity = np.ones((1,) * len(wires))
        for axis, wire in enumerate(wires):
            if wire in word:
                shape = [2 if i == axis else 1 for i in range(len(wires))]
                parity = parity * np.reshape([1, -1], shape)
        values += coefficient * parity
    basis = _product([getattr(qml, letter)([wire]) for wire, letter in letters.items()])
    return Setting(basis, basis.diagonalizing_gates(), wires, values.reshape(-1))


def _eigenbasis(op: Any, factor: float, name: str) -> Setting:
    import pennylane as qml

    wires = op.wires
    _checks.memory(5 * 16 * 4 ** len(wires), f"the matrix of an observable on {len(wires)} wires")
    try:
        matrix = np.asarray(qml.matrix(op))
    except qml.exceptions.MatrixUndefinedError as error:
        raise ValueError(
            f"{name} must measure an observable with a matrix; got {brief(op)}."
        ) from error
    if not np.allclose(matrix, matrix.conj().T, atol=1e-8 * np.abs(matrix).max()):
        raise ValueError(f"{name} must measure a Hermitian observable; got {brief(op)}.")
    if _is_diagonal(matrix):
        basis, rotations = _product([qml.Z([wire]) for wire in wires]), []
    else:
        basis = op if op.has_diagonalizing_gates else qml.Hermitian(matrix, wires=wires)
        rotations = basis.diagonalizing_gates()
        rotated = _rotated(matrix, rotations, wires)
        if not _is_diagonal(rotated):  # as of some products: then by our own eigenvectors
            basis = qml.Hermitian(matrix, wires=wires)
            rotations = basis.diagonalizing_gates()
            rotated = _rotated(matrix, rotations, wires)
        matrix = rotated
    return Setting(basis, rotations, wires.tolist(), factor * np.real(np.diag(matrix)))


def _rotated(matrix: Array, rotations: list[Any], wires: Any) -> Array:
    import pennylane as qml

    rotation = qml.matrix(qml.prod(*reversed(rotations), qml.Identity(wires)), wire_order=wires)
    return rotation @ matrix @ rotation.conj().T


def _is_diagonal(matrix: Array) -> bool:
    off = matrix - np.diag(np.diag(matrix))
    return bool(np.abs(off).max() <= 1e-12 * max(np.abs(matrix).max(), 1e-300))


def _product(factors: list[Any]) -> Any:
    import pennylane as qml

    return factors[0] if len(factors) == 1 else qml.prod(*factors)
