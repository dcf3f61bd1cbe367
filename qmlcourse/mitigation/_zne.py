"""Zero-noise extrapolation by folding. Public through mitigation."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks, _circuits
from .._circuits import gates, is_native
from .._estimate import Estimate, Executor, TooFewShots
from .._observables import measured
from .._operations import is_gate
from ._extrapolation import FITS, checked_factors, extrapolate
from ._regression import run_all


def fold_global(tape: Any, factor: float) -> Any:
    r"""Return a circuit of ``factor`` times as many gates that does the same without noise.

    .. math:: U \mapsto U\,(U^\dagger U)^n\, (L_s^\dagger \cdots L_d^\dagger)(L_d \cdots L_s)

    A circuit of d gates gets :math:`n = \lfloor (\lambda - 1)/2 \rfloor` whole folds and, for
    factors between odd integers, a fold of its last gates: so many that the count is within one
    gate of :math:`\lambda d`. Odd integers are reached exactly. Templates are expanded first;
    preparations of the initial state stay at the front, not folded.

    Parameters
    ----------
    tape : pennylane.tape.QuantumScript or QNode
        Unitary gates only: channels and measurements on the way have no inverse.
    factor : float
        :math:`\lambda`, at least 1.

    Returns
    -------
    pennylane.tape.QuantumScript
        With the measurements of ``tape``.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv:2005.10921. Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> import pennylane as qml
    >>> tape = qml.tape.QuantumScript([qml.H(0), qml.CNOT([0, 1])], [qml.expval(qml.Z(1))])
    >>> [gate.name for gate in fold_global(tape, 3).operations]
    ['Hadamard', 'CNOT', 'CNOT', 'Hadamard', 'Hadamard', 'CNOT']
    """
    tape = _circuits.circuit(tape, name="tape", bound=False)
    return _folded(tape, factor, "tape")


def _folded(tape: Any, factor: float, name: str) -> Any:
    if not (factor := _checks.real(factor, "factor")) >= 1:
        raise ValueError(f"factor must be at least 1; got {factor:g}.")
    start, once = gates(tape, name)
    circuit = [op for op in once if is_gate(op)]
    if factor > 1 and not circuit:
        raise ValueError(f"{name} must have gates to fold; got none.")
    whole, rest = divmod(factor - 1, 2)
    last = len(circuit) - round(rest * len(circuit) / 2)
    back = [_inverse(gate) for gate in reversed(circuit)] if factor > 1 else []
    folds = (back + circuit) * int(whole) + back[: len(circuit) - last] + circuit[last:]
    return tape.copy(operations=start + once + folds)


def _inverse(gate: Any) -> Any:
    """Return the inverse as one gate, which noise follows as it does the gate."""
    import pennylane as qml

    # Left to PennyLane, these inverses become several gates or one the noise counts otherwise.
    simple = {"S": (qml.PhaseShift, -np.pi / 2), "T": (qml.PhaseShift, -np.pi / 4)}
    simple["SX"] = (qml.RX, -np.pi / 2)  # up to a phase
    if gate.name in simple:
        kind, angle = simple[gate.name]
        return kind(angle, wires=gate.wires)
    inverse = qml.adjoint(gate, lazy=False)
    if is_native(inverse):
        return inverse
    matrix = qml.matrix(gate)
    return qml.QubitUnitary(qml.math.conj(qml.math.swapaxes(matrix, -1, -2)), wires=gate.wires)


def zne(
    circuit: Any,
    executor: Executor,
    shots: int | None,
    *,
    factors: ArrayLike = (1, 3, 5),
    fit: str = "linear",
    asymptote: float = 0.0,
) -> Estimate:
    r"""Estimate an expectation value by zero-noise extrapolation.

    The circuit is folded (:func:`fold_global`), which makes its noise stronger, run at every
    factor, and the values are extrapolated to no noise (:func:`extrapolate`), over the
    factors that the folds reached.

    What a fold multiplies is an average: the noise of :math:`L^\dagger` acts where noise before
    L would. With A and B the shifts of the value by the noise after and before all gates, to
    first order, a shift of (A - B)/2 is left, whatever the fit: none if noise and gates commute.
    Errors of readout are not folded, and stay.

    Parameters
    ----------
    circuit : pennylane.tape.QuantumScript or QNode
        Measures one expectation value.
    executor : function (tapes, shots) -> list of Estimate
        Adds the noise, after folding.
    shots : int or None
        In all: split evenly over the factors. None for the limit of infinitely many.
    factors : array of float
        Distinct, at least 1. Odd integers are reached exactly.
    fit, asymptote
        As in :func:`extrapolate`.

    Returns
    -------
    Estimate
        ``shots`` is the sum of what was spent.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or the circuit is too short to tell factors apart.

    Notes
    -----
    Sources: arXiv:1612.02058, arXiv:1611.09301, arXiv:2005.10921; a review: arXiv:2210.00921.
    Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse.noise import depolarizing, executor
    >>> tape = qml.tape.QuantumScript([qml.RX(np.pi, 0)], [qml.expval(qml.Z(0))])
    >>> run = executor(depolarizing(0.03, 0.03))
    >>> round(run([tape], None)[0].value, 6)
    -0.96
    >>> round(zne(tape, run, None, fit="exponential").value, 6)
    -1.0
    """
    circuit = _circuits.circuit(circuit)
    measured(circuit)
    wanted = checked_factors(factors)
    _checks.choice(fit, "fit", FITS)
    each = None
    if shots is not None:
        each = _checks.integer(shots, "shots", low=wanted.size) // wanted.size
    folded = [_folded(circuit, factor, "circuit") for factor in wanted.tolist()]
    n_gates = _count(circuit)
    reached = [_count(tape) / n_gates for tape in folded]
    if len(set(reached)) < len(reached):
        shown = [round(r, 3) for r in reached]
        raise ValueError(f"factors must differ when {n_gates} gates are folded; got {shown}.")
    try:
        found = run_all(executor, folded, each)
    except TooFewShots as error:
        raise ValueError(
            f"shots must be at least {error.least * wanted.size}, one for each of {error.least} "
            f"bases at each of {wanted.size} factors; got {shots}."
        ) from error
    return extrapolate(reached, found, fit=fit, asymptote=asymptote)


def _count(tape: Any) -> int:
    return sum(map(is_gate, gates(tape)[1]))
