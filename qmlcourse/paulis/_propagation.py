"""Operators carried back through a circuit, word by word. Public through paulis."""

from functools import lru_cache
from typing import Any

import numpy as np

from .. import _checks, _circuits
from .._operations import is_gate
from .._typing import Array
from ._sum import PauliSum
from ._terms import Limits, Terms

_ROTATIONS = {
    "RX": "X", "RY": "Y", "RZ": "Z", "PhaseShift": "Z", "U1": "Z",
    "IsingXX": "XX", "IsingYY": "YY", "IsingZZ": "ZZ",
}  # fmt: skip
_CLIFFORDS = {
    "Hadamard", "PauliX", "PauliY", "PauliZ", "S", "SX", "CNOT", "CY", "CZ", "SWAP", "ISWAP", "ECR",
    "Adjoint(S)", "Adjoint(SX)", "Adjoint(ISWAP)",
}  # fmt: skip
_TINY = 1e-15  # a cosine or sine below it is one of a multiple of pi/2


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
    gates = _gates(circuit)
    start = _observable(observable, [w for _, wires in gates for w in wires])
    terms = Terms(start)
    terms.drop(limits)
    reached = _support(start)
    for gate, wires in reversed(gates):
        if reached.isdisjoint(wires):
            continue
        if p:
            terms.damp([_site(w) for w in wires], 1 - 4 * p / 3, limits)
        for name, data, on in reversed(_parts(gate)):
            if name in _CLIFFORDS:
                terms.permute([_site(w) for w in on], *_clifford(name))
                if limits.weight is not None:
                    terms.drop(limits)
            else:
                _rotate(terms, name, data, on, limits)
        reached.update(wires)
    return terms.sum()


def _not_below_0(value: float, name: str) -> float:
    result = _checks.real(value, name)
    if result < 0:
        raise ValueError(f"{name} must be at least 0; got {result:g}.")
    return result


def _gates(circuit: Any) -> list[tuple[Any, tuple[Any, ...]]]:
    """Return the gates with their wires, checked; what does nothing to a state is left out."""
    import pennylane as qml

    if isinstance(circuit, (list, tuple)):
        for op in circuit:
            if not isinstance(op, qml.operation.Operator):
                raise TypeError(f"circuit must hold PennyLane operators; got {_checks.shown(op)}.")
        circuit = qml.tape.QuantumScript(circuit)
    elif not isinstance(circuit, qml.tape.QuantumScript):
        raise TypeError(
            "circuit must be a PennyLane tape or a list of operators; got "
            f"{_checks.shown(circuit)}."
        )
    tape = circuit
    if not all(op.name in _ROTATIONS or op.name in _CLIFFORDS for op in tape.operations):
        tape = _circuits.expanded(_circuits.circuit(tape))
    elif not all(_is_number(d) for op in tape.operations for d in op.data):
        tape = _circuits.circuit(tape)  # which says what is wrong, if anything is
    found = []
    for op in tape.operations:
        if isinstance(op, qml.operation.StatePrepBase):
            raise ValueError(
                f"circuit must hold gates only, its state goes to expectation(); got {op.name}."
            )
        if isinstance(op, qml.operation.Channel):
            raise ValueError(
                f"circuit must have unitary gates only; got {op.name}: see depolarizing."
            )
        if is_gate(op):
            found.append((op, tuple(op.wires)))
    for wire in {w for _, wires in found for w in wires}:
        if not isinstance(wire, (int, np.integer)) or wire < 0:
            raise ValueError(f"circuit must act on wires 0, 1, 2, ...; got {_checks.shown(wire)}.")
    return found


def _is_number(value: Any) -> bool:
    plain = isinstance(value, (float, int, np.ndarray, np.generic))
    return plain and np.ndim(value) == 0 and bool(np.isfinite(value))


def _observable(given: Any, wires: list[int]) -> PauliSum:
    needed = max(wires, default=-1) + 1
    if not isinstance(given, PauliSum):
        found = PauliSum.from_pennylane(given)
        return PauliSum.from_pennylane(given, max(needed, found.n_qubits))
    if given.n_qubits < needed:
        raise ValueError(
            f"observable must act on all wires of the circuit, 0 to {needed - 1}; got "
            f"{given.n_qubits} qubits."
        )
    return given


def _support(given: PauliSum) -> set[int]:
    acts = np.bitwise_or.reduce(given.x | given.z, axis=0) if len(given) else given.x[:0].sum(0)
    return {k for k in range(given.n_qubits) if int(acts[k // 64]) >> (63 - k % 64) & 1}


def _parts(gate: Any) -> list[tuple[str, Any, tuple[int, ...]]]:
    """Return name, data (angle, then letters) and wires of what a gate consists of."""
    if gate.name in _CLIFFORDS:
        return [(gate.name, None, tuple(gate.wires))]
    if gate.name in _ROTATIONS:
        return [(gate.name, (float(gate.data[0]), _ROTATIONS[gate.name]), tuple(gate.wires))]
    if gate.name in ("PauliRot", "MultiRZ"):
        word = gate.hyperparameters.get("pauli_word", "Z" * len(gate.wires))
        return [(gate.name, (float(gate.data[0]), word), tuple(gate.wires))]
    if gate.name in ("Identity", "GlobalPhase"):
        return []
    return [part for op in _decomposed(gate) for part in _parts(op)]


def _decomposed(gate: Any) -> list[Any]:
    import pennylane as qml
    from pennylane.devices.preprocess import decompose

    known = {*_ROTATIONS, *_CLIFFORDS, "PauliRot", "MultiRZ", "Identity", "GlobalPhase"}
    try:
        with qml.QueuingManager.stop_recording():
            [tape], _ = decompose(
                qml.tape.QuantumScript([gate]),
                target_gates=qml.decomposition.gate_sets.ALL_OPS,
                stopping_condition=lambda op: op.name in known,
            )
    except (qml.exceptions.DeviceError, qml.exceptions.DecompositionUndefinedError) as error:
        raise ValueError(
            "circuit must hold gates that are made of Pauli rotations and Clifford gates; "
            f"PennyLane has no way to make {gate.name} of them."
        ) from error
    return list(tape.operations)


def _rotate(
    terms: Terms, name: str, data: tuple[float, str], wires: tuple[int, ...], limits: Limits
) -> None:
    angle, letters = data
    word = np.zeros(2 * terms.columns, dtype=np.uint64)
    for letter, wire in zip(letters, wires, strict=True):
        column, bit = _site(wire)
        if letter in "XY":
            word[column] |= bit
        if letter in "ZY":
            word[terms.columns + column] |= bit
    cos, sin = (0.0 if abs(v) < _TINY else v for v in (np.cos(angle), np.sin(angle)))
    if word.any():
        terms.rotate(word, cos, sin, limits)


@lru_cache(maxsize=4096)
def _site(wire: int) -> tuple[int, np.uint64]:
    return wire // 64, np.uint64(1 << (63 - wire % 64))


@lru_cache(maxsize=64)
def _clifford(name: str) -> tuple[Array, Array]:
    """Return U†QU for every word Q on the gate's wires: codes of letters, and signs."""
    import pennylane as qml

    base = getattr(qml, name.removeprefix("Adjoint(").removesuffix(")"))
    wires = range(base.num_wires)
    unitary = qml.matrix(base(wires=wires), wire_order=wires)
    if name.startswith("Adjoint("):
        unitary = unitary.conj().T
    words = [np.eye(1)]
    one = np.array([np.eye(2), qml.matrix(qml.Z(0)), qml.matrix(qml.X(0)), qml.matrix(qml.Y(0))])
    for _ in wires:
        words = [np.kron(w, p) for w in words for p in one]
    stack = np.array(words)
    back = unitary.conj().T @ stack @ unitary
    entries = np.einsum("aij,bji->ab", back, stack).real / len(unitary)
    codes = np.abs(entries).argmax(axis=1)
    return codes.astype(np.uint8), np.sign(entries[np.arange(len(codes)), codes])
