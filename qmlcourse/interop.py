r"""Interop: the same circuit in PennyLane, Cirq and TensorFlow Quantum.

TensorFlow and TensorFlow Quantum load only when a function here needs them.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from ._typing import Array

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import cirq
    import pennylane as qml

__all__ = ["tensorflow_quantum", "tfq_expectation", "tfq_gradient", "to_cirq"]


def to_cirq(
    circuit: "qml.tape.QuantumScript | Callable[..., Any]", *args: object, **kwargs: object
) -> "cirq.Circuit":
    r"""Translate a PennyLane circuit to Cirq.

    Wire k becomes ``cirq.LineQubit(k)``, so that qubit 0 stays the most significant bit of
    the state, and every wire stands in the circuit. Measurements are left out.

    Parameters
    ----------
    circuit : QuantumScript, QNode or quantum function
        With wires 0 to n − 1. Gates that Cirq lacks are decomposed.
    *args, **kwargs
        Arguments of the QNode or function.

    Returns
    -------
    cirq.Circuit

    Raises
    ------
    TypeError
        If ``circuit`` is neither a script nor callable.
    ValueError
        If the wires are not the integers from 0 on.
    ImportError
        If pennylane-cirq is not installed (extra ``cirq``).

    Notes
    -----
    Used in the chapters *Circuits* and *Parameter shift*.

    Examples
    --------
    >>> import pennylane as qml
    >>> script = qml.tape.QuantumScript([qml.Hadamard(0), qml.CNOT([0, 1])])
    >>> print(to_cirq(script))
    0: ───H───@───
              │
    1: ───────X───
    """
    import cirq
    import pennylane as qml
    from pennylane_cirq import SimulatorDevice

    if isinstance(circuit, qml.QNode):
        circuit = circuit.func
    if callable(circuit):
        circuit = qml.tape.make_qscript(circuit)(*args, **kwargs)
    elif not isinstance(circuit, qml.tape.QuantumScript):
        raise TypeError(f"circuit must be a QuantumScript, QNode or function; got {circuit!r}.")
    wires = sorted(circuit.wires.tolist())
    if wires != list(range(len(wires))):
        raise ValueError(f"circuit must use the wires 0 to n - 1; got {wires}.")
    device = SimulatorDevice(wires=len(wires))
    known = device.operations
    (script,), _ = qml.devices.preprocess.decompose(
        qml.tape.QuantumScript(circuit.operations),
        stopping_condition=lambda op: op.name in known,
        skip_initial_state_prep=False,
        name="Cirq",
    )
    # Cirq's own conversions live in the plugin's device; only its circuit is wanted.
    device.reset()
    translated = cirq.Circuit()
    for op in script.operations:
        gate = device._operation_map[op.name]
        gate.parametrize(*op.parameters)
        translated.append(gate.apply(*(cirq.LineQubit(w) for w in op.wires)))
    idle = set(cirq.LineQubit.range(len(wires))) - set(translated.all_qubits())
    translated.append(cirq.I(qubit) for qubit in sorted(idle))
    return translated


@contextmanager
def _quiet_stderr() -> "Iterator[None]":
    """Silence file descriptor 2: native code writes there before any log level is read."""
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)


@cache
def tensorflow_quantum() -> "ModuleType":
    """Import TensorFlow Quantum quietly, with the Keras version it needs.

    Returns
    -------
    module
        ``tensorflow_quantum``.

    Raises
    ------
    ImportError
        If it is not installed (extra ``tfq``; there is no build for Windows).

    Notes
    -----
    Sets ``TF_USE_LEGACY_KERAS`` and ``TF_CPP_MIN_LOG_LEVEL`` for this process unless they
    are set already. Used in the chapters *Circuits* and *Parameter shift*.

    Examples
    --------
    >>> tensorflow_quantum().__name__
    'tensorflow_quantum'
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _quiet_stderr(), warnings.catch_warnings():
        # Its sources hold escape sequences that Python 3.11 warns of when it compiles them.
        warnings.simplefilter("ignore")
        try:
            import tensorflow_quantum as tfq
        except ImportError as error:
            raise ImportError(
                "TensorFlow Quantum is needed here: pip install 'qmlcourse[tfq]'."
            ) from error
        # The first computation logs the processor's features.
        tfq.convert_to_tensor([])
    return tfq


def tfq_expectation(
    circuits: "cirq.Circuit | Sequence[cirq.Circuit]",
    observables: "Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: Sequence[str] = (),
    values: ArrayLike | None = None,
) -> Array:
    r"""Compute exact expectation values with TensorFlow Quantum.

    .. math:: E_{ij} = \langle\psi_i(\theta_i)|O_j|\psi_i(\theta_i)\rangle

    Parameters
    ----------
    circuits : cirq.Circuit or sequence of n of them
        One circuit serves for every row of ``values``.
    observables : sequence of m Pauli strings or sums
    symbols : sequence of str
        Names of the circuit's free symbols, in the order of the columns of ``values``.
    values : array_like, shape (n, n_symbols), optional
        Radians; needed if there are symbols.

    Returns
    -------
    ndarray of float, shape (n, m)
        TensorFlow Quantum computes in single precision and rounds every number written into a
        circuit to six decimals: errors reach 3e-6.

    Raises
    ------
    ValueError
        If values and symbols, or values and circuits, differ in number.
    ImportError
        If TensorFlow Quantum is not installed.

    Notes
    -----
    Source: arXiv:2003.02989. Used in the chapter *Circuits*.

    Examples
    --------
    >>> import cirq
    >>> q = cirq.LineQubit(0)
    >>> tfq_expectation(cirq.Circuit(cirq.H(q)), [cirq.X(q), cirq.Z(q)]).round(5) + 0.0
    array([[1., 0.]])
    """
    return _evaluate(circuits, observables, symbols, values, gradient=False)


def tfq_gradient(
    circuits: "cirq.Circuit | Sequence[cirq.Circuit]",
    observables: "Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: Sequence[str],
    values: ArrayLike,
) -> Array:
    r"""Compute gradients with TensorFlow Quantum's parameter-shift differentiator.

    .. math:: G_{ik} = \sum_j \frac{\partial E_{ij}}{\partial\theta_{ik}}

    Parameters
    ----------
    circuits, observables, symbols, values
        As in :func:`tfq_expectation`; at least one symbol.

    Returns
    -------
    ndarray of float, shape (n, n_symbols)
        In single precision.

    Raises
    ------
    ValueError
        If there is no symbol, or the numbers differ.
    ImportError
        If TensorFlow Quantum is not installed.

    Notes
    -----
    Source: arXiv:2003.02989, arXiv:1811.11184. Used in the chapter *Parameter shift*.

    Examples
    --------
    >>> import cirq, sympy
    >>> q = cirq.LineQubit(0)
    >>> circuit = cirq.Circuit(cirq.rx(sympy.Symbol("a"))(q))
    >>> tfq_gradient(circuit, [cirq.Z(q)], ["a"], [[np.pi / 2]]).round(5)  # d cos(a) / da
    array([[-1.]])
    """
    if not symbols:
        raise ValueError("symbols must name at least one parameter to differentiate by; got none.")
    return _evaluate(circuits, observables, symbols, values, gradient=True)


def _evaluate(
    circuits: "cirq.Circuit | Sequence[cirq.Circuit]",
    observables: "Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: Sequence[str],
    values: ArrayLike | None,
    *,
    gradient: bool,
) -> Array:
    import cirq

    if isinstance(circuits, cirq.Circuit):
        circuits = [circuits]
    circuits = list(circuits)
    if values is None:
        table = np.zeros((len(circuits), 0))
    else:
        table = _checks.array(values, "values", ndim=2)
    if table.shape[1] != len(symbols):
        raise ValueError(
            f"values must have {len(symbols)} columns, one a symbol; got {table.shape[1]}."
        )
    if len(circuits) == 1:
        circuits *= len(table)
    if len(circuits) != len(table):
        raise ValueError(f"values must have {len(circuits)} rows, one a circuit; got {len(table)}.")
    tfq = tensorflow_quantum()
    import tensorflow as tf

    angles = tf.constant(table, dtype=tf.float32)
    layer = tfq.layers.Expectation(differentiator=tfq.differentiators.ParameterShift())
    with tf.GradientTape() as tape:
        tape.watch(angles)
        result = layer(
            circuits,
            symbol_names=list(symbols),
            symbol_values=angles,
            operators=[list(observables)] * len(table),
        )
    return (tape.gradient(result, angles) if gradient else result).numpy().astype(float)
