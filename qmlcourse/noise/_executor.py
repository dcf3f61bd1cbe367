"""Runs circuits under a noise model."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _checks
from .._circuits import circuit, expanded, native, prepared
from .._estimate import Estimate, Executor, TooFewShots, standard_error
from .._observables import measured, settings
from .._operations import is_gate
from .._typing import Array


def executor(model: Any = None, *, rng: np.random.Generator | None = None) -> Executor:
    r"""Return a function that estimates the expectation values of circuits under a noise model.

    It takes a list of PennyLane tapes or QNodes, each measuring one expectation value, and the
    shots for each, and returns a list of ``Estimate(value, error, shots)``. Noise enters here,
    after a circuit was folded; that of a QNode's own device is left out. The density matrix is
    exact; the shots are drawn from it. The terms of a sum that no single basis measures share the
    shots, group by group. The standard error counts one more shot at either end of the spectrum
    (Laplace's rule), so that it is not 0 where all shots agree. ``shots=None`` gives the exact
    noisy value.

    Parameters
    ----------
    model : pennylane.NoiseModel, optional
        None for no noise.
    rng : numpy.random.Generator, optional
        Draws the shots; needed unless they are None.

    Returns
    -------
    function (tapes, shots) -> list of Estimate

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above, or when it runs a tape that doesn't measure one
        expectation value.

    Notes
    -----
    Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> import pennylane as qml
    >>> from qmlcourse.noise import depolarizing
    >>> tape = qml.tape.QuantumScript([qml.X(0)], [qml.expval(qml.Z(0))])
    >>> run = executor(depolarizing(0.3, 0.3), rng=np.random.default_rng(0))
    >>> value, error, shots = run([tape], 1000)[0]
    >>> abs(value - -0.6) < 3 * error, shots
    (True, 1000)
    """
    import pennylane as qml

    model = qml.NoiseModel({}) if model is None else model
    if not isinstance(model, qml.NoiseModel):
        raise TypeError(f"model must be a pennylane.NoiseModel; got {model!r}.")
    gate_noise = qml.NoiseModel(model.model_map, **model.metadata)
    if rng is not None:
        rng = _checks.generator(rng)

    def run(circuits: Sequence[Any], shots: int | None) -> list[Estimate]:
        if isinstance(circuits, qml.tape.QuantumScript) or not isinstance(circuits, Sequence):
            raise TypeError(f"circuits must be a list of tapes or QNodes; got {circuits!r}.")
        if shots is None:
            return [
                Estimate(float(sum(p @ values for p, values in outcomes(c))), 0.0, 0)
                for c in circuits
            ]
        n, draw = _checks.integer(shots, "shots"), _checks.generator(rng)
        return [sampled(outcomes(c), n, draw) for c in circuits]

    def outcomes(given: Any) -> list[tuple[Array, Array]]:
        """Return the probabilities and values of what is read, for each setting."""
        tape = circuit(given)
        wires = tape.wires
        if any(isinstance(wire, tuple) for wire in wires):
            tape = expanded(tape)
        [noisy], _ = qml.add_noise(tape.copy(measurements=[]), gate_noise)
        rho = _density_matrix(noisy.operations, wires)
        found = []
        for setting in settings(measured(tape), wires):
            read = tape.copy(operations=[], measurements=[qml.expval(setting.observable)])
            [before], _ = qml.add_noise(read, model)  # errors of readout
            p = _read(rho, before.operations + setting.rotations, wires, setting.wires)
            if abs(p.sum() - 1) > 1e-6:
                raise ValueError(
                    f"model must keep the sum of probabilities at 1; got {p.sum():.6g}."
                )
            found.append((p / p.sum(), setting.values))
        return found

    return run


def sampled(outcomes: list[tuple[Array, Array]], shots: int, rng: np.random.Generator) -> Estimate:
    """Return the sum of the means over settings, which share the shots evenly."""
    k = len(outcomes)
    if shots < k:
        raise TooFewShots(k, shots)
    value = variance = 0.0
    for i, (p, values) in enumerate(outcomes):
        n = shots // k + (i < shots % k)
        counts = rng.multinomial(n, p)
        value += float(counts @ values / n)
        variance += standard_error(values, counts) ** 2
    return Estimate(value, float(np.sqrt(variance)), shots)


def _density_matrix(operations: list[Any], wires: Any) -> Array:
    """Return what circuits do to 0: axes of the rows, then of the columns."""
    n = len(wires)
    _checks.memory(3 * 16 * 4**n, f"a density matrix of {n} qubits")
    rho = np.zeros((2,) * (2 * n), dtype=complex)
    rho[(0,) * (2 * n)] = 1
    start, rest = prepared(operations)
    busy: set[Any] = set()
    for op in start:
        if busy & set(op.wires):
            raise ValueError(f"circuit must prepare each wire once; got {op.name} twice.")
        busy |= set(op.wires)
        rho = _evolve(rho, _from_zero(op), op.wires, wires)
    return _apply(rho, rest, wires)


def _apply(rho: Array, operations: list[Any], wires: Any) -> Array:
    """Return a density matrix after gates and channels; default.mixed does so more slowly."""
    import pennylane as qml

    known: dict[Any, Array] = {}
    for op in operations:
        if isinstance(op, qml.operation.Channel):
            # A few channels come again and again, each of a number or two and nothing else.
            plain = not op.hyperparameters and type(op).__module__ == "pennylane.ops.channel"
            key = (type(op), *map(float, op.data)) if plain and _numbers(op) else None
            if key is None or key not in known:
                with warnings.catch_warnings():  # PauliError builds Y even for words without it
                    warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
                    kraus = [np.asarray(k) for k in op.kraus_matrices()]
                superoperator = np.sum([np.kron(k, k.conj()) for k in kraus], axis=0)
                known[key] = superoperator
            rho = _evolve(rho, known[key], op.wires, wires)
        elif is_gate(op):
            for part in native(op):
                rho = _rotate(rho, part, wires)
    return rho


def _numbers(op: Any) -> bool:
    return all(np.ndim(value) == 0 for value in op.data)


def _rotate(rho: Array, gate: Any, wires: Any) -> Array:
    import pennylane as qml

    if not is_gate(gate):
        return rho
    if not gate.has_matrix:
        raise ValueError(f"circuit must hold gates with a matrix; {gate.name} has none.")
    rows = [wires.index(wire) for wire in gate.wires]
    matrix = np.asarray(qml.matrix(gate, wire_order=gate.wires))
    rho = _along(matrix, rho, rows)
    return _along(matrix.conj(), rho, [len(wires) + i for i in rows])


def _evolve(rho: Array, superoperator: Array, on: Any, wires: Any) -> Array:
    rows = [wires.index(wire) for wire in on]
    return _along(superoperator, rho, rows + [len(wires) + i for i in rows])


def _along(matrix: Array, rho: Array, axes: list[int]) -> Array:
    k = len(axes)
    product = np.tensordot(matrix.reshape((2,) * (2 * k)), rho, (range(k, 2 * k), axes))
    return np.moveaxis(product, range(k), axes)


def _from_zero(op: Any) -> Array:
    """Return the superoperator that makes a state of zeros."""
    import pennylane as qml

    if isinstance(op, qml.QubitDensityMatrix):
        rho = np.asarray(op.data[0])
    else:
        psi = np.asarray(op.state_vector(wire_order=op.wires)).reshape(-1)
        rho = np.outer(psi, psi.conj())
    return np.outer(rho.reshape(-1), np.eye(1, rho.size))


def _read(rho: Array, operations: list[Any], wires: Any, measured_wires: list[Any]) -> Array:
    """Return the probabilities of the bit strings of some wires, after rotations."""
    n = len(wires)
    p = np.diagonal(_apply(rho, operations, wires).reshape(2**n, 2**n)).real.reshape((2,) * n)
    kept = [wires.index(wire) for wire in measured_wires]
    left = [i for i in range(n) if i not in kept]
    return np.maximum(p.transpose(kept + left).reshape(2 ** len(kept), -1).sum(axis=1), 0)
