"""Circuits as TensorFlow Quantum computes them best: each exponent a value, in half turns."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .._typing import Array

if TYPE_CHECKING:
    import cirq

_MOST = 1e9  # half turns: beyond, a float64 holds no 1e-7 of a turn any more


class HalfTurns(NamedTuple):
    """A circuit of powers of gates, whose k-th exponent is the symbol ``name(k)``.

    TensorFlow Quantum rounds numbers in a circuit to six decimals, and factors of symbols too.
    What travels as a value keeps single precision; whole turns are taken off it before.
    """

    circuit: "cirq.Circuit"
    exponents: list[Any]  # numbers, and expressions of the symbols that were in the circuit
    periods: list[int]  # of each, in half turns

    def values(self, symbols: Sequence[str], table: Array) -> Array:
        """Return the exponents for each row of values, less whole periods, (n, n_exponents)."""
        turns = _evaluated(self.exponents, symbols, table)
        return _reduced(turns, np.array(self.periods), "values")

    def chained(self, slopes: Array, symbols: Sequence[str], table: Array) -> Array:
        """Return derivatives by the symbols from those by the exponents, the chain rule."""
        result = np.zeros(table.shape)
        found = [
            (k, j, derivative)
            for k, exponent in enumerate(self.exponents)
            for j, name in enumerate(symbols)
            if (derivative := _derivative(exponent, name)) != 0
        ]
        factors = _evaluated([derivative for _, _, derivative in found], symbols, table)
        for (k, j, _), factor in zip(found, factors.T, strict=True):
            if not np.isfinite(factor).all():
                bad = table[~np.isfinite(factor)][0]
                at = ", ".join(f"{s} = {v:g}" for s, v in zip(symbols, bad, strict=True))
                raise ValueError(
                    "values must give finite derivatives of the exponents; that by "
                    f"{symbols[j]} at {at} is not."
                )
            result[:, j] += slopes[:, k] * factor
        return result


def name(k: int) -> str:
    """Return the symbol of exponent k."""
    return f"t{k}"


def half_turns(circuit: "cirq.Circuit", place: "Mapping[cirq.Qid, cirq.Qid]") -> HalfTurns:
    """Rewrite a circuit in powers of TensorFlow Quantum's gates, on other qubits.

    Global phases are dropped. Raises ValueError for what is no gate.
    """
    import cirq
    import sympy

    kept, exponents, periods = [cirq.I(qubit) for qubit in place.values()], [], []
    for op in _decomposed(circuit):
        kind = _kind(op.gate)
        period = 4 if kind is cirq.ISwapPowGate else 2
        exponent = _plain(op.gate.exponent)
        if isinstance(exponent, float):
            exponent = float(_reduced(np.array(exponent), np.array(period), "circuits"))
        if not isinstance(exponent, float) or round(exponent, 6) != exponent:
            exponents.append(exponent)
            periods.append(period)
            exponent = sympy.Symbol(name(len(exponents) - 1))
        kept.append(kind(exponent=exponent).on(*(place[q] for q in op.qubits)))
    return HalfTurns(cirq.Circuit(kept), exponents, periods)


def _reduced(turns: Array, periods: Array, argument: str) -> Array:
    """Return exponents less whole periods."""
    if turns.size and not (np.abs(turns) <= _MOST).all():
        bad = turns[~(np.abs(turns) <= _MOST)].flat[0]
        raise ValueError(
            f"{argument} must give each gate an exponent of at most {_MOST:g} half turns; "
            f"got {bad:g}."
        )
    return np.asarray(np.remainder(turns + periods / 2, periods) - periods / 2)


def _plain(exponent: Any) -> Any:
    """Return a float, or an expression in which a symbol is its name and nothing more."""
    import sympy

    if not isinstance(exponent, sympy.Basic) or not exponent.free_symbols:
        return float(exponent)
    return exponent.xreplace({s: _symbol(s.name) for s in exponent.free_symbols})


def _symbol(name: str) -> Any:
    import sympy

    return sympy.Symbol(name, real=True)  # as its values are: so Abs has a derivative


def _derivative(exponent: Any, name: str) -> Any:
    """Return the derivative where there is one: steps count as constant."""
    import sympy

    if not isinstance(exponent, sympy.Basic):
        return 0
    smooth = exponent.replace(sympy.Mod, lambda p, q: p - q * sympy.floor(p / q))
    smooth = smooth.replace(sympy.frac, lambda x: x - sympy.floor(x))
    steps = smooth.atoms(sympy.floor, sympy.ceiling, sympy.sign, sympy.Heaviside)
    constants = {step: sympy.Dummy(real=True) for step in steps}
    slope = sympy.diff(smooth.xreplace(constants), _symbol(name))
    back = {dummy: step for step, dummy in constants.items()}
    while slope.free_symbols & set(back):  # a step may stand inside another
        slope = slope.xreplace(back)
    return slope


def _evaluated(expressions: list[Any], symbols: Sequence[str], table: Array) -> Array:
    """Return the value of each expression for each row of values, (n, n_expressions)."""
    import sympy

    if not expressions:
        return np.zeros((len(table), 0))
    try:
        function = sympy.lambdify([_symbol(s) for s in symbols], expressions, dummify=True)
        with np.errstate(all="ignore"):
            columns = [np.broadcast_to(column, len(table)) for column in function(*table.T)]
    except (NameError, NotImplementedError, TypeError, ValueError) as error:
        raise ValueError(
            "circuits must have exponents, with derivatives for a gradient, that NumPy can "
            f"compute from {', '.join(symbols)}; got {', '.join(map(str, expressions)):.100}."
        ) from error
    if any(np.iscomplexobj(column) for column in columns):
        raise ValueError("values must give real exponents of gates; got complex ones.")
    return np.stack(columns, axis=1).astype(float)


@cache
def _kinds() -> tuple[Any, ...]:
    import cirq

    return (
        cirq.XPowGate, cirq.YPowGate, cirq.ZPowGate, cirq.HPowGate, cirq.XXPowGate,
        cirq.YYPowGate, cirq.ZZPowGate, cirq.CZPowGate, cirq.CNotPowGate, cirq.SwapPowGate,
        cirq.ISwapPowGate,
    )  # fmt: skip


def _kind(gate: Any) -> Any:
    return next((kind for kind in _kinds() if isinstance(gate, kind)), type(gate))


def _decomposed(circuit: "cirq.Circuit") -> "Iterator[cirq.Operation]":
    import cirq

    if circuit.has_measurements() and not circuit.are_all_measurements_terminal():
        raise ValueError("circuits must not measure before their end; got one that does.")
    with warnings.catch_warnings():
        # Cirq's own decompositions trip over a default that its next version changes.
        warnings.filterwarnings("ignore", ".*use_repetition_ids", FutureWarning)
        operations = cirq.decompose(
            circuit,
            intercepting_decomposer=_phase_apart,
            keep=lambda op: isinstance(op.gate, _kinds()),
            on_stuck_raise=None,
        )
    for op in operations:
        if isinstance(op.gate, _kinds()):
            yield op
        elif not isinstance(op.gate, (cirq.GlobalPhaseGate, cirq.MeasurementGate)):
            raise ValueError(f"circuits must be made of gates without noise; got {op}.")


def _phase_apart(op: "cirq.Operation") -> Any:
    """Split a controlled gate into one of two eigenvalues and a phase of the control.

    A rotation that is controlled has three eigenvalues: the shift rule of TensorFlow Quantum
    would take it for a gate of two, and give a wrong derivative.
    """
    import cirq

    gate = op.gate
    if not isinstance(gate, cirq.ControlledGate) or not isinstance(gate.sub_gate, cirq.EigenGate):
        return NotImplemented
    power, shift = gate.sub_gate, gate.sub_gate.global_shift
    is_y = isinstance(power, cirq.YPowGate)
    if shift == 0 and not is_y:
        return NotImplemented
    n = gate.num_controls()
    controls, targets = op.qubits[:n], op.qubits[n:]
    # Y = S X S^-1, for Cirq doesn't decompose a controlled power of Y that has a symbol.
    kind, turn = (cirq.XPowGate, [cirq.S(q) for q in targets]) if is_y else (_kind(power), [])
    plain = kind(exponent=power.exponent).on(*targets).controlled_by(*controls)
    phase = cirq.ZPowGate(exponent=power.exponent * shift).on(controls[-1])
    if n > 1:
        phase = phase.controlled_by(*controls[:-1])
    parts = [*cirq.inverse(turn)]
    for values in gate.control_values.expand():
        flips = [cirq.X(q) for q, value in zip(controls, values, strict=True) if value == 0]
        parts += [*flips, plain, phase, *flips]
    return [*parts, *turn]
