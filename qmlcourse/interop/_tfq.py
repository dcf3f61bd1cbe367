"""Expectation values and gradients by TensorFlow Quantum."""

import os
import warnings
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._half_turns import half_turns, name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import cirq


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
    observables: "cirq.PauliSum | cirq.PauliString | Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: str | Sequence[str] = (),
    values: ArrayLike | None = None,
) -> Array:
    r"""Compute exact expectation values with TensorFlow Quantum.

    .. math:: E_{ij} = \langle\psi_i(\theta_i)|O_j|\psi_i(\theta_i)\rangle

    Parameters
    ----------
    circuits : cirq.Circuit or sequence of n of them
        Of any gates, with any expressions of symbols; a measurement at the end is left out. One
        circuit serves for every row of ``values``.
    observables : Pauli string or sum, or sequence of m of them
        With real coefficients. A qubit that a circuit lacks is in state 0.
    symbols : sequence of str, or one
        Names of the circuits' free symbols, in the order of the columns of ``values``.
    values : array_like, shape (n, n_symbols), optional
        Radians; needed if there are symbols.

    Returns
    -------
    ndarray of float, shape (n, m)
        TensorFlow Quantum computes in single precision: errors reach 5e-6 in circuits of tens
        of gates. It rounds every number written into a circuit to six decimals; here they go
        beside it, as values, and whole periods are taken off in double precision before.

    Raises
    ------
    ValueError
        If values and symbols, or values and circuits, differ in number, a symbol is missing or
        in no circuit, a circuit holds noise, or an exponent is above 1e9 half turns.
    TypeError
        If circuits, observables or symbols are something else.
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
    observables: "cirq.PauliSum | cirq.PauliString | Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: str | Sequence[str],
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
        In single precision. A controlled rotation, for which that rule with its two terms is
        wrong, is split into gates for which it is right.

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
    observables: "cirq.PauliSum | cirq.PauliString | Sequence[cirq.PauliSum | cirq.PauliString]",
    symbols: str | Sequence[str],
    values: ArrayLike | None,
    *,
    gradient: bool,
) -> Array:
    tfq = tensorflow_quantum()
    import tensorflow as tf

    given = _circuits(circuits)
    words, weights = _words(observables)
    names = _names(symbols, given)
    table = np.zeros((len(given), 0))
    if values is not None:
        table = _checks.array(values, "values", ndim=2)
    if table.shape[1] != len(names):
        raise ValueError(
            f"values must have {len(names)} columns, one a symbol; got {table.shape[1]}."
        )
    if len(given) not in (1, len(table)):
        raise ValueError(f"values must have {len(given)} rows, one a circuit; got {len(table)}.")
    place = _places(given, words)
    _checks.memory(8 * 2 ** len(place), f"a state of {len(place)} qubits")

    rewritten = [half_turns(circuit, place) for circuit in given]
    rows = [table] if len(given) == 1 else np.split(table, len(table))
    turns = [one.values(names, part) for one, part in zip(rewritten, rows, strict=True)]
    most = max(part.shape[1] for part in turns)
    turns = [np.pad(part, [(0, 0), (0, most - part.shape[1])]) for part in turns]
    angles = tf.constant(np.concatenate(turns), dtype=tf.float32)

    # A word by itself, for TensorFlow Quantum rounds factors too; the identity's value is 1.
    sent = [word for word in words if word]
    expected, slopes = np.ones((len(table), len(words))), np.zeros(angles.shape)
    if sent:
        total = tf.constant(np.tile(weights.sum(axis=0)[: len(sent)], (len(table), 1)), tf.float32)
        layer = tfq.layers.Expectation(differentiator=tfq.differentiators.ParameterShift())
        with tf.GradientTape() as tape:
            tape.watch(angles)
            result = layer(
                [one.circuit for one in rewritten] * (len(table) // len(given)),
                symbol_names=[name(k) for k in range(most)],
                symbol_values=angles,
                operators=[[word.map_qubits(place) for word in sent]] * len(table),
            )
        expected[:, : len(sent)] = result.numpy()
        if gradient:
            slopes = tape.gradient(result, angles, total).numpy().astype(float)
    if not gradient:
        return np.asarray(expected @ weights.T)
    parts = [slopes] if len(given) == 1 else np.split(slopes, len(table))
    chained = [
        one.chained(slope, names, part)
        for one, slope, part in zip(rewritten, parts, rows, strict=True)
    ]
    return np.concatenate(chained)


def _circuits(circuits: Any) -> "list[cirq.Circuit]":
    import cirq

    single = isinstance(circuits, cirq.AbstractCircuit)
    given = [circuits] if single else list(circuits) if isinstance(circuits, Iterable) else []
    if not given or not all(isinstance(circuit, cirq.AbstractCircuit) for circuit in given):
        raise TypeError(
            f"circuits must be a cirq.Circuit, or a sequence of them; got {circuits!r:.80}."
        )
    return [circuit.unfreeze() for circuit in given]


def _words(observables: Any) -> "tuple[list[cirq.PauliString], Array]":
    """Return all Pauli words, the identity last, and each observable's weight of each."""
    import cirq

    single = isinstance(observables, (cirq.PauliSum, cirq.PauliString, cirq.Operation))
    many = isinstance(observables, Iterable) and not isinstance(observables, str)
    given = [observables] if single else list(observables) if many else []
    if not given:
        raise TypeError(
            "observables must be Pauli strings or sums of Cirq, one at least; "
            f"got {observables!r:.80}."
        )
    weights: list[dict[Any, complex]] = []
    for observable in given:
        try:
            terms = cirq.PauliSum.wrap(
                observable
                if isinstance(observable, cirq.PauliSum)
                else cirq.PauliString(observable)
            )
        except (TypeError, ValueError):
            raise TypeError(
                f"observables must be Pauli strings or sums of Cirq; got {observable!r:.80}."
            ) from None
        weights.append({})
        for term in terms:
            word = term.with_coefficient(1)
            weights[-1][word] = weights[-1].get(word, 0) + term.coefficient
    words = sorted({word for each in weights for word in each}, key=lambda word: not word)
    table = np.array([[each.get(word, 0) for word in words] for each in weights], dtype=complex)
    if not np.isfinite(table).all() or np.abs(table.imag).max(initial=0) > 0:
        bad = next(o for o, row in zip(given, table, strict=True)
                   if not np.isfinite(row).all() or np.abs(row.imag).max() > 0)  # fmt: skip
        raise ValueError(f"observables must have real, finite coefficients; got {bad}.")
    return words, table.real


def _names(symbols: Any, circuits: "list[cirq.Circuit]") -> list[str]:
    """Return the names of the symbols, which are those of the circuits, each once."""
    import cirq
    import sympy

    kinds = (str, sympy.Symbol)
    many = isinstance(symbols, Iterable) and not isinstance(symbols, kinds)
    given = list(symbols) if many else [symbols]
    if not all(isinstance(symbol, kinds) for symbol in given):
        raise TypeError(f"symbols must be names of symbols; got {symbols!r:.80}.")
    names = [str(symbol) for symbol in given]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"symbols must be different ones; got {twice[0]!r} twice.")
    known = {name for circuit in circuits for name in cirq.parameter_names(circuit)}
    if missing := sorted(known - set(names)):
        raise ValueError(f"symbols must name all that the circuits hold; {missing} are missing.")
    if unknown := sorted(set(names) - known):
        raise ValueError(f"symbols must be of the circuits; got {unknown}, which none holds.")
    return names


def _places(
    circuits: "list[cirq.Circuit]", words: "list[cirq.PauliString]"
) -> "dict[cirq.Qid, cirq.Qid]":
    """Return a qubit that TensorFlow Quantum knows for each qubit of circuits and words.

    All of them stand in every circuit: of an empty one it says that each value is -2.
    """
    import cirq

    qubits = {q for circuit in circuits for q in circuit.all_qubits()}
    qubits |= {q for word in words for q in word.qubits}
    if odd := [q for q in qubits if q.dimension != 2]:
        raise ValueError(f"circuits must act on qubits; got {odd[0]!r}.")
    return dict(zip(sorted(qubits), cirq.LineQubit.range(len(qubits)), strict=True))
