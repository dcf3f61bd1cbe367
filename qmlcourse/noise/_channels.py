"""Models that put a channel after every gate. Public through noise."""

import copy
import itertools
import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from .. import _checks
from .._circuits import native
from .._operations import is_gate
from ._readout import probability
from ._sums import model


def depolarizing(p1: float, p2: float) -> Any:
    r"""Return a model that replaces Pauli errors for gates: X, Y and Z, equally likely.

    .. math:: \rho \mapsto (1 - p)\,\rho + \frac{p}{3}(X\rho X + Y\rho Y + Z\rho Z)

    Every Bloch vector shrinks by :math:`1 - 4p/3`; at p = 3/4 nothing is left of the state. This
    is PennyLane's convention: p is the probability of an error, not that of a random state,
    which is 4p/3.

    Parameters
    ----------
    p1, p2 : float
        Probability of an error on each wire after a gate on one wire, and after a gate on two
        or more; 0 to 1.

    Returns
    -------
    pennylane.NoiseModel

    Raises
    ------
    ValueError, TypeError
        If a probability is not as above.

    Notes
    -----
    Source: Nielsen and Chuang, *Quantum Computation and Quantum Information*, chapter 8.
    Used in the chapter *Noise*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse.noise import executor
    >>> tape = qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Z(0))])
    >>> round(executor(depolarizing(0.03, 0))([tape], None)[0].value, 6)  # -(1 - 4p/3)
    -0.96
    """
    p1, p2 = probability(p1, "p1"), probability(p2, "p2")
    import pennylane as qml

    def channel(wire: Any, n_wires: int) -> None:
        qml.DepolarizingChannel(p1 if n_wires == 1 else p2, wires=[wire])

    return _after_gates(channel, f"depolarizing(p1={p1:g}, p2={p2:g})")


def amplitude_damping(gamma: float) -> Any:
    r"""Return a model in which 1 falls to 0 with probability gamma at every gate.

    .. math:: K_0 = \begin{pmatrix} 1 & 0 \\ 0 & \sqrt{1 - \gamma} \end{pmatrix},\qquad
              K_1 = \begin{pmatrix} 0 & \sqrt\gamma \\ 0 & 0 \end{pmatrix}

    The state drifts to :math:`|0\rangle`, so an expectation value may move away from 0.

    Parameters
    ----------
    gamma : float
        Probability for each wire after a gate; 0 to 1.

    Returns
    -------
    pennylane.NoiseModel

    Raises
    ------
    ValueError, TypeError
        If gamma is not as above.

    Notes
    -----
    Source: Nielsen and Chuang, *Quantum Computation and Quantum Information*, chapter 8.
    Used in the chapter *Noise*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse.noise import executor
    >>> tape = qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Z(0))])
    >>> round(executor(amplitude_damping(0.25))([tape], None)[0].value, 12)  # 2 gamma - 1
    -0.5
    """
    gamma = probability(gamma, "gamma")
    import pennylane as qml

    def channel(wire: Any, n_wires: int) -> None:
        qml.AmplitudeDamping(gamma, wires=[wire])

    return _after_gates(channel, f"amplitude_damping(gamma={gamma:g})")


def thermal(
    t1: float, t2: float, gate_time_1q: float, gate_time_2q: float, *, excited: float = 0.0
) -> Any:
    r"""Return the relaxation and dephasing that happen while a gate takes its time t.

    .. math:: \rho_{11}(t) = p_e + (\rho_{11} - p_e)\,e^{-t/T_1},\qquad
              \rho_{01}(t) = \rho_{01}\,e^{-t/T_2}

    It is amplitude damping followed by phase damping. PennyLane's ``ThermalRelaxationError`` is
    the same channel, but its Kraus matrices for t2 > t1 lose probability when t is many times t1.
    Only wires that a gate acts on age; to let a wire wait, put ``qml.Identity`` on it.

    Parameters
    ----------
    t1, t2 : float
        Above 0, with t2 at most 2 t1: relaxation itself dephases.
    gate_time_1q, gate_time_2q : float
        Duration of gates on one wire, and on two or more; at least 0, in the unit of t1 and t2.
    excited : float
        :math:`p_e`, the population of 1 in equilibrium; 0 to 1.

    Returns
    -------
    pennylane.NoiseModel

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above.

    Notes
    -----
    Source: Nielsen and Chuang, *Quantum Computation and Quantum Information*, chapter 8.
    Used in the chapter *Noise*.

    Examples
    --------
    >>> import math
    >>> import pennylane as qml
    >>> from qmlcourse.noise import executor
    >>> tape = qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Projector([1], 0))])
    >>> model = thermal(t1=100, t2=80, gate_time_1q=100 * math.log(2), gate_time_2q=0)
    >>> round(executor(model)([tape], None)[0].value, 12)  # after one half-life
    0.5
    """
    t1, t2 = _checks.real(t1, "t1", above=0), _checks.real(t2, "t2", above=0)
    if t2 > 2 * t1:
        raise ValueError(f"t2 must be at most 2 t1 = {2 * t1:g}; got {t2:g}.")
    one, two = _duration(gate_time_1q, "gate_time_1q"), _duration(gate_time_2q, "gate_time_2q")
    excited = probability(excited, "excited")
    import pennylane as qml

    def channel(wire: Any, n_wires: int) -> None:
        t = one if n_wires == 1 else two
        if excited == 0:
            qml.AmplitudeDamping(-math.expm1(-t / t1), wires=[wire])
        else:
            qml.GeneralizedAmplitudeDamping(-math.expm1(-t / t1), excited, wires=[wire])
        # What relaxation leaves of the coherence, exp(-t / 2 t1), falls to exp(-t / t2).
        qml.PhaseDamping(-math.expm1(t / t1 - 2 * t / t2), wires=[wire])

    return _after_gates(channel, f"thermal(t1={t1:g}, t2={t2:g})")


class _OnEachWire(NamedTuple):
    """The noise of one model after a gate."""

    channel: Callable[[Any, int], None]  # queues what follows on a wire of a gate on so many

    def follow(self, gate: Any) -> None:
        for wire in gate.wires:
            self.channel(wire, len(gate.wires))


_numbers = itertools.count(1)


def _after_gates(channel: Callable[[Any, int], None], name: str) -> Any:
    from pennylane.boolean_fn import BooleanFn

    own, label = _OnEachWire(channel), f"{name} #{next(_numbers)}"

    def after(operation: Any, **metadata: Any) -> None:
        if len(parts := native(operation)) == 1 and parts[0] is operation:
            own.follow(operation)
            return
        # A model can't replace a gate, so it takes it back and runs its parts, with the noise
        # of every model in the sum: all of it comes from the first.
        models = {key: v for key, v in metadata.items() if isinstance(v, _OnEachWire)}
        if next(iter(models)) != label:
            return
        import pennylane as qml

        with qml.QueuingManager.stop_recording():
            undo = qml.adjoint(copy.copy(operation))
        for op in (operation, undo):
            qml.apply(op)
        for part in parts:
            qml.apply(part)
            if is_gate(part):
                for each in models.values():
                    each.follow(part)

    after.__name__ = name
    after.label = label  # type: ignore[attr-defined]
    after.again = partial(_after_gates, channel, name)  # type: ignore[attr-defined]
    return model({BooleanFn(is_gate, "Gate"): after}, {}, **{label: own})


def _duration(value: float, name: str) -> float:
    result = _checks.real(value, name)
    if result < 0:
        raise ValueError(f"{name} must be a time of at least 0; got {value!r}.")
    return result
