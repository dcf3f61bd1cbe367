"""Clifford data regression: learn what noise does from circuits that are easy to simulate."""

from typing import Any

import numpy as np

from .. import _checks, _circuits
from .._circuits import gates
from .._estimate import Estimate, Executor, TooFewShots, estimates
from .._observables import measured
from .._typing import Array

#: Rotations and the step of their angles at which they are Clifford gates.
_ROTATIONS = ["RX", "RY", "RZ", "PhaseShift", "Rot", "MultiRZ"]  # others become these
_CONTROLLED = ["CRX", "CRY", "CRZ", "CRot", "ControlledPhaseShift"]
STEPS = dict.fromkeys(_ROTATIONS, np.pi / 2) | dict.fromkeys(_CONTROLLED, np.pi)


def clifford_data_regression(
    circuit: Any,
    executor: Executor,
    shots: int | None,
    *,
    n_training: int = 20,
    fraction_non_clifford: float = 0.5,
    rng: np.random.Generator,
) -> Estimate:
    r"""Estimate an expectation value by a line learned from near-Clifford circuits.

    Training circuits are the circuit with the angles of most rotations, chosen at random, rounded
    to the nearest Clifford gate (multiples of :math:`\pi/2`; of :math:`\pi` for controlled
    rotations). Their exact values :math:`y_i` come from a simulation without noise (at scale:
    of few gates that are not Clifford), their noisy values :math:`x_i` from the executor, and

    .. math:: y \approx a x + b,\qquad \hat y = a x_0 + b

    by least squares. Clifford circuits often have the value 0, which teaches no slope: so of
    three times as many candidates those are taken whose exact values spread most evenly. A
    rotation by 0 stays a gate, with its noise; a compiler must not drop it.

    Half of the shots go to the circuit itself, half to the training circuits. The error adds the
    shots of :math:`x_0`, the uncertainty of the line at :math:`x_0`, and the scatter of the exact
    values about the line beyond what shots explain.

    Parameters
    ----------
    circuit : pennylane.tape.QuantumScript or QNode
        Measures one expectation value; has rotations that are not Clifford gates.
    executor : function (tapes, shots) -> list of Estimate
        Adds the noise.
    shots : int or None
        In all. None for the limit of infinitely many.
    n_training : int
        Number of training circuits, at least 3.
    fraction_non_clifford : float
        Fraction of the rotations that keep their angle in each training circuit, at least one;
        above 0, below 1.
    rng : numpy.random.Generator
        Chooses them.

    Returns
    -------
    Estimate
        ``shots`` is the sum of what was spent.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or all training circuits have the same value.

    Notes
    -----
    Sources: arXiv:2005.10189; choice of training circuits: arXiv:2204.07109. Used in the
    chapter *Error mitigation*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse.noise import depolarizing, executor
    >>> gates = [qml.RY(0.3, 0), qml.RX(0.4, 0), qml.RY(0.5, 0), qml.RX(0.9, 0)]
    >>> tape = qml.tape.QuantumScript(gates, [qml.expval(qml.Z(0))])
    >>> run, rng = executor(depolarizing(0.03, 0.03)), np.random.default_rng(0)
    >>> exact = executor()([tape], None)[0].value
    >>> abs(clifford_data_regression(tape, run, None, rng=rng).value - exact) < 1e-9
    True
    """
    circuit = _circuits.circuit(circuit)
    measured(circuit)
    n_training = _checks.integer(n_training, "n_training", low=3)
    fraction = _checks.real(fraction_non_clifford, "fraction_non_clifford", above=0, below=1)
    rng = _checks.generator(rng)
    own = each = None
    if shots is not None:
        own = _checks.integer(shots, "shots", low=2 * n_training) // 2
        each = (shots - own) // n_training
    candidates = _near_clifford(circuit, 3 * n_training, fraction, rng)
    exact = _exact(candidates)
    chosen = _spread(exact, n_training)
    training, exact = [candidates[i] for i in chosen], exact[chosen]
    try:
        [target] = run_all(executor, [circuit], own)
        noisy = run_all(executor, training, each)
    except TooFewShots as few:
        least = 2 * n_training * few.least - 1
        raise ValueError(
            f"shots must be at least {least}, half of them one for each of {few.least} bases of "
            f"{n_training} training circuits; got {shots}."
        ) from few
    x, error = np.array([e.value for e in noisy]), np.array([e.error for e in noisy])
    centred = x - x.mean()
    norm = centred @ centred
    if min(norm, np.ptp(exact)) < 1e-9:
        raise ValueError(
            f"fraction_non_clifford must make training circuits differ; got {fraction:g}, and "
            f"all of them have the value {exact[0]:.3g}."
        )
    a = centred @ exact / norm
    predicted = exact.mean() + a * centred
    variance = ((exact - predicted) ** 2).sum() / (n_training - 2)
    away = target.value - x.mean()
    scatter = max(variance - a**2 * (error**2).mean(), 0)  # what shots don't explain
    line = variance * (1 / n_training + away**2 / norm)
    spent = target.shots + sum(e.shots for e in noisy)
    total = (a * target.error) ** 2 + line + scatter
    return Estimate(float(exact.mean() + a * away), float(np.sqrt(total)), spent)


def run_all(executor: Executor, tapes: list[Any], shots: int | None) -> list[Estimate]:
    """Run circuits and check what comes back."""
    if not callable(executor):
        raise TypeError(f"executor must be a function; got {executor!r}.")
    return estimates(executor(tapes, shots), len(tapes), "executor", "give", " estimates")


def _near_clifford(circuit: Any, size: int, fraction: float, rng: np.random.Generator) -> list[Any]:
    import pennylane as qml

    start, given = gates(circuit)
    if mixed := [op for op in start if isinstance(op, qml.QubitDensityMatrix)]:
        raise ValueError(f"circuit must prepare a pure state; got {mixed[0].name}.")
    rounded = {}
    for i, gate in enumerate(given):
        step = STEPS.get(gate.name)
        if step is None:
            continue
        angles = np.array(gate.parameters)
        nearest = step * np.round(angles / step)
        if not np.allclose(angles, nearest, rtol=0, atol=1e-9):
            rounded[i] = qml.ops.functions.bind_new_parameters(gate, nearest.tolist())
    if len(rounded) < 2:
        raise ValueError(
            "circuit must have at least 2 rotations that are not Clifford gates; "
            f"got {len(rounded)}."
        )
    n_kept = min(max(1, round(fraction * len(rounded))), len(rounded) - 1)
    tapes = []
    for _ in range(size):
        kept = rng.choice(list(rounded), size=n_kept, replace=False).tolist()
        new = [gate if i in kept else rounded.get(i, gate) for i, gate in enumerate(given)]
        tapes.append(circuit.copy(operations=start + new))
    return tapes


def _exact(tapes: list[Any]) -> Array:
    import pennylane as qml

    return np.array(qml.execute(tapes, qml.device("default.qubit", wires=tapes[0].wires)), float)


def _spread(values: Array, size: int) -> list[int]:
    """Return the indices of values near an even grid from the least to the greatest."""
    left, chosen = list(range(len(values))), []
    for point in np.linspace(values.min(), values.max(), size):
        nearest = min(left, key=lambda i: abs(values[i] - point))
        left.remove(nearest)
        chosen.append(nearest)
    return chosen
