"""Circuits as gates on wires 0, 1, 2, ..., and gates as rotations and Clifford gates."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from .. import _checks, _circuits
from .._operations import brief, channel, is_gate, preparations
from .._typing import Array
from ._pennylane import is_wire

_ROTATIONS = {
    "RX": "X", "RY": "Y", "RZ": "Z", "PhaseShift": "Z", "U1": "Z",
    "IsingXX": "XX", "IsingYY": "YY", "IsingZZ": "ZZ",
}  # fmt: skip
_CLIFFORDS = {
    "Hadamard", "PauliX", "PauliY", "PauliZ", "S", "SX", "CNOT", "CY", "CZ", "SWAP", "ISWAP", "ECR",
}  # fmt: skip
_ADJOINTS = {f"Adjoint({name})" for name in ("S", "SX", "ISWAP")}
_TINY = 1e-15  # a cosine or sine below it is one of a multiple of pi/2
_WIRES = 5  # the most that a gate known by its matrix only may have


class Part(NamedTuple):
    """A Clifford gate, or a rotation with its word, cosine and sine."""

    wires: tuple[int, ...]
    clifford: str = ""
    letters: str = ""
    cos: float = 1.0
    sin: float = 0.0


def gates(circuit: Any) -> list[tuple[Any, tuple[int, ...]]]:
    """Return the gates with their wires, checked; what does nothing to a state is left out."""
    import pennylane as qml

    if isinstance(circuit, qml.tape.QuantumScript):
        operations = circuit.operations
    elif isinstance(circuit, (list, tuple)):
        for op in circuit:
            if not isinstance(op, qml.operation.Operator):
                raise TypeError(f"circuit must hold PennyLane operators; got {_checks.shown(op)}.")
        operations = circuit
    else:
        raise TypeError(
            "circuit must be a PennyLane tape or a list of operators; got "
            f"{_checks.shown(circuit)}."
        )
    plain = _plain_classes()
    if not all(type(op) in plain and all(map(_is_angle, op.data)) for op in operations):
        operations = _expanded(operations)
    found = []
    for op in operations:
        if isinstance(op, preparations()):
            raise ValueError(
                f"circuit must hold gates only, its state goes to expectation(); got {op.name}."
            )
        if isinstance(op, channel()):
            raise ValueError(
                f"circuit must have unitary gates only; got {op.name}: see depolarizing."
            )
        if is_gate(op):
            found.append((op, _numbered(op.wires)))
    return found


@lru_cache(maxsize=1)
def _plain_classes() -> frozenset[type]:
    """Return what is taken as it is: by class, since a reader's own may have any name."""
    import pennylane as qml

    return frozenset(getattr(qml, name) for name in (*_ROTATIONS, *_CLIFFORDS))


def _is_angle(value: Any) -> bool:
    if type(value) is int:
        return abs(value) < 2**53
    if isinstance(value, np.ndarray) and not isinstance(value, np.ma.MaskedArray):
        fits = value.shape == () and value.dtype.kind == "f"
    else:
        fits = isinstance(value, (float, np.floating))
    return fits and bool(np.isfinite(value))


def _expanded(operations: Iterable[Any]) -> list[Any]:
    import pennylane as qml

    for op in operations:
        for value in op.data:
            if getattr(value, "dtype", type(value)) in (bool, np.bool_) and not np.ndim(value):
                raise TypeError(f"circuit must have numbers for its parameters; got {brief(op)}.")
            if qml.math.get_interface(value) == "jax" and not qml.math.is_abstract(value):
                try:
                    np.asarray(value)
                except TypeError:  # what jax.grad follows
                    raise ValueError(
                        "circuit must have numbers for its parameters, derivatives don't pass "
                        f"through; got {brief(op)}."
                    ) from None
    tape = _circuits.circuit(qml.tape.QuantumScript(operations))
    try:
        return list(_circuits.expanded(tape).operations)
    except Exception as error:  # of any template
        names = sorted({op.name for op in tape.operations if hasattr(qml.templates, op.name)})
        raise ValueError(
            f"circuit must hold what PennyLane can decompose; among {names}: {error}"
        ) from error


def _numbered(wires: Any) -> tuple[int, ...]:
    for wire in wires:
        if not is_wire(wire):
            raise ValueError(f"circuit must act on wires 0, 1, 2, ...; got {_checks.shown(wire)}.")
    return tuple(map(int, wires))  # NumPy's short integers overflow


def parts(gate: Any) -> list[Part]:
    """Return what a gate consists of."""
    return _parts(gate, 0)


def _parts(gate: Any, depth: int) -> list[Part]:
    name, wires = gate.name, tuple(map(int, gate.wires))
    if name in _CLIFFORDS or name in _ADJOINTS:
        return [Part(wires, name)]
    if name in _ROTATIONS or name in ("PauliRot", "MultiRZ"):
        letters = _ROTATIONS.get(name) or gate.hyperparameters.get("pauli_word", "Z" * len(wires))
        return [Part(wires, "", letters, *_turn(float(gate.data[0]), made=depth > 0))]
    if name in ("Identity", "GlobalPhase") or not is_gate(gate):
        return []
    return [part for op in _made_of(gate, depth) for part in _parts(op, depth + 1)]


def _turn(angle: float, made: bool) -> tuple[float, float]:
    """Return cosine and sine; within rounding of a multiple of pi/2, those of the multiple.

    An angle near 0 is exact where it was given, but not where a decomposition computed it.
    """
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    if abs(angle) < 1 and not made:
        return cos, sin
    return (0.0 if abs(cos) < _TINY else cos), (0.0 if abs(sin) < _TINY else sin)


def _made_of(gate: Any, depth: int) -> list[Any]:
    """Return a decomposition that stays on the gate's wires, else one of its matrix."""
    import pennylane as qml

    math = qml.ops.op_math
    with qml.QueuingManager.stop_recording():
        if isinstance(gate, math.Controlled) and len(gate.work_wires):
            gate = qml.ctrl(gate.base, gate.control_wires, gate.control_values)
        measured = (qml.ops.MidMeasure, qml.ops.PauliMeasure, qml.ops.Conditional)
        try:
            found = list(gate.decomposition()) if depth < 100 else None
        except Exception:  # a power's or a reader's own may raise anything: then by the matrix
            found = None
        if found is not None and not any(
            isinstance(op, (*measured, *preparations())) or set(op.wires) - set(gate.wires)
            for op in found
        ):
            return found
        whole = isinstance(gate, qml.QubitUnitary)
        if len(gate.wires) <= _WIRES and gate.has_matrix and not whole:
            return [qml.QubitUnitary(qml.matrix(gate, wire_order=gate.wires), gate.wires)]
    raise ValueError(
        "circuit must hold gates that are made of Pauli rotations and Clifford gates; PennyLane "
        f"has no way to make {gate.name} of them, and it has no matrix of at most {_WIRES} qubits."
    )


@lru_cache(maxsize=64)
def clifford(name: str) -> tuple[Array, Array]:
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
