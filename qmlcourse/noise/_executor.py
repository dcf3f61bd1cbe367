"""Runs circuits under a noise model."""

from typing import Any

import numpy as np

from .. import _checks
from .._circuits import circuit
from .._estimate import Estimate, Executor, standard_error
from .._observables import measured
from .._typing import Array


def executor(model: Any = None, *, rng: np.random.Generator | None = None) -> Executor:
    r"""Return a function that estimates the expectation values of circuits under a noise model.

    It takes a list of PennyLane tapes, each measuring one expectation value, and the shots for
    each, and returns a list of ``Estimate(value, error, shots)``. Noise enters here, after a
    circuit was folded. The density matrix is exact; the shots are drawn from it. The standard
    error counts one more shot at either end of the spectrum (Laplace's rule), so that it is not 0
    where all shots agree. ``shots=None`` gives the exact noisy value.

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
    if rng is not None:
        rng = _checks.generator(rng)

    def run(tapes: list[Any], shots: int | None) -> list[Estimate]:
        if shots is None:
            return [Estimate(float(p @ values), 0.0, 0) for p, values in map(outcomes, tapes)]
        n, draw = _checks.integer(shots, "shots"), _checks.generator(rng)

        def sampled(p: Array, values: Array) -> Estimate:
            counts = draw.multinomial(n, p)
            return Estimate(float(counts @ values / n), standard_error(values, counts), n)

        return [sampled(*outcomes(tape)) for tape in tapes]

    def outcomes(tape: Any) -> tuple[Array, Array]:
        observable = measured(circuit(tape))
        [noisy], _ = qml.add_noise(tape, model)
        operations = noisy.operations + observable.diagonalizing_gates()
        p = _probabilities(operations, tape.wires, observable.wires)
        if abs(p.sum() - 1) > 1e-6:
            raise ValueError(f"model must keep the sum of probabilities at 1; got {p.sum():.6g}.")
        return p / p.sum(), np.real(observable.eigvals())

    return run


def _probabilities(operations: list[Any], wires: Any, measured_wires: Any) -> Array:
    """Return the probabilities of outcomes; default.mixed gives the same, more slowly."""
    import pennylane as qml

    n, place = len(wires), {wire: i for i, wire in enumerate(wires)}
    _checks.memory(3 * 16 * 4**n, f"a density matrix of {n} qubits")
    rho = np.zeros((2,) * (2 * n), dtype=complex)  # axes: n of the rows, n of the columns
    rho[(0,) * (2 * n)] = 1
    known: dict[Any, Array] = {}

    def apply(matrix: Array, axes: list[int]) -> Array:
        k = len(axes)
        product = np.tensordot(matrix.reshape((2,) * (2 * k)), rho, (range(k, 2 * k), axes))
        return np.moveaxis(product, range(k), axes)

    for op in operations:
        if isinstance(op, (qml.Barrier, qml.Snapshot, qml.GlobalPhase)):
            continue
        rows = [place[wire] for wire in op.wires]
        columns = [n + i for i in rows]
        if isinstance(op, qml.operation.StatePrepBase):
            if op is not operations[0]:
                raise ValueError(f"circuit must prepare its state at the start; got {op.name}.")
            psi = np.asarray(op.state_vector(wire_order=wires)).reshape(-1)
            rho = np.outer(psi, psi.conj()).reshape(rho.shape)
        elif isinstance(op, qml.operation.Channel):
            # A few channels come again and again, each of a number or two.
            single = all(np.ndim(value) == 0 for value in op.parameters)
            key = (op.name, *map(str, op.parameters)) if single else op
            if key not in known:
                kraus = [np.asarray(k) for k in op.kraus_matrices()]
                known[key] = np.sum([np.kron(k, k.conj()) for k in kraus], axis=0)
            rho = apply(known[key], rows + columns)
        else:
            matrix = np.asarray(qml.matrix(op))
            rho = apply(matrix, rows)
            rho = apply(matrix.conj(), columns)
    p = np.diagonal(rho.reshape(2**n, 2**n)).real.reshape((2,) * n)
    kept = [place[wire] for wire in measured_wires]
    left = [i for i in range(n) if i not in kept]
    return np.maximum(p.transpose(kept + left).reshape(2 ** len(kept), -1).sum(axis=1), 0)
