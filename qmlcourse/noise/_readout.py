"""Readout errors: confusion matrices, and what they do to what is read."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._observables import settings
from .._typing import Array
from ._sums import model


def confusion_matrix(p10: float, p01: float) -> Array:
    r"""Return the probabilities of reading 0 and 1 (rows) for a qubit in 0 and 1 (columns).

    .. math:: A = \begin{pmatrix} 1 - p_{10} & p_{01} \\ p_{10} & 1 - p_{01} \end{pmatrix}

    Parameters
    ----------
    p10, p01 : float
        Probability of reading 1 for 0, and of reading 0 for 1; 0 to 1.

    Returns
    -------
    ndarray of float, shape (2, 2)
        Each column sums to 1.

    Raises
    ------
    ValueError, TypeError
        If a probability is not as above.

    Notes
    -----
    Source: arXiv:2006.14044. Used in the chapter *Noise*.

    Examples
    --------
    >>> confusion_matrix(0.25, 0.5)
    array([[0.75, 0.5 ],
           [0.25, 0.5 ]])
    """
    p10, p01 = probability(p10, "p10"), probability(p01, "p01")
    return np.array([[1 - p10, p01], [p10, 1 - p01]])


def apply_readout(probabilities: ArrayLike, matrices: ArrayLike) -> Array:
    r"""Return the probabilities of the bit strings that are read.

    .. math:: p_{\mathrm{read}} = (A_0 \otimes A_1 \otimes \cdots)\, p

    for qubits whose errors are independent; qubit 0 is the most significant bit.

    Parameters
    ----------
    probabilities : array of float, shape (2**n,)
        Probability of each bit string in the state; they sum to 1.
    matrices : array of float, shape (2, 2) or (n, 2, 2)
        A :func:`confusion_matrix` for all qubits, or one for each.

    Returns
    -------
    ndarray of float, shape (2**n,)

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above.

    Notes
    -----
    Source: arXiv:2006.14044. Used in the chapter *Noise*.

    Examples
    --------
    >>> apply_readout([0, 0, 0, 1], confusion_matrix(0, 0.5))
    array([0.25, 0.25, 0.25, 0.25])
    """
    p = distribution(probabilities, "probabilities")
    return along_qubits(confusions(matrices, p.size.bit_length() - 1), p)


def readout(matrices: ArrayLike | Mapping[Any, ArrayLike]) -> Any:
    r"""Return the model of readout errors: it acts before measurements, not after gates.

    The channel with Kraus operators :math:`\sqrt{A_{rs}}\,|r\rangle\langle s|`, in the basis that
    is measured, makes what is read :math:`A` times what is there (:func:`apply_readout`).

    Parameters
    ----------
    matrices : array of float, shape (2, 2), or mapping
        A :func:`confusion_matrix` for every measured wire, or one for each wire label; wires
        without one are read without error.

    Returns
    -------
    pennylane.NoiseModel
        It adds to the others with ``+``. Applied to a measurement that names no wires, or to a
        sum that no single basis measures, it raises ValueError.

    Raises
    ------
    ValueError, TypeError
        If a matrix is not a confusion matrix.

    Notes
    -----
    Source: arXiv:2006.14044. Used in the chapter *Noise*.

    Examples
    --------
    >>> from qmlcourse.noise import executor
    >>> import pennylane as qml
    >>> tape = qml.tape.QuantumScript([], [qml.expval(qml.Z(0) @ qml.Z(1))])
    >>> executor(readout(confusion_matrix(0.25, 0)))([tape], None)[0].value  # (1 - 2/4)^2
    0.25
    """
    if isinstance(matrices, Mapping):
        each = {wire: confusions(matrix, 1)[0] for wire, matrix in matrices.items()}
    else:
        [everywhere] = confusions(matrices, 1)
    import pennylane as qml
    from pennylane.boolean_fn import BooleanFn

    def before_measurement(measurement: Any, **_: Any) -> Any:
        if not measurement.wires:
            kind = type(measurement).__name__
            raise ValueError(f"readout needs a measurement that names its wires; got {kind}.")
        rotations = measurement.diagonalizing_gates()
        if measurement.obs is not None:
            if len(found := settings(measurement.obs, measurement.wires)) > 1:
                raise ValueError(
                    "readout needs an observable that is measured in one basis, so split it with "
                    f"qml.transforms.split_non_commuting; got {measurement.obs}."
                )
            rotations = found[0].rotations
        for gate in rotations:
            qml.apply(gate)
        for wire in measurement.wires:
            matrix = each.get(wire, np.eye(2)) if isinstance(matrices, Mapping) else everywhere
            kraus = [np.zeros((2, 2)) for _ in range(4)]
            for k, (r, s) in enumerate(np.ndindex(2, 2)):
                kraus[k][r, s] = np.sqrt(matrix[r, s])
            qml.QubitChannel(kraus, wires=[wire])
        for gate in reversed(rotations):
            qml.adjoint(gate)

    before_measurement.__name__ = "readout"
    return model({}, {BooleanFn(lambda measurement: True, "Any"): before_measurement})


def distribution(value: ArrayLike, name: str) -> Array:
    """Return checked probabilities of 2**n bit strings."""
    p = _checks.array(value, name, ndim=1)
    if p.size < 2 or p.size & (p.size - 1):
        raise ValueError(f"{name} must hold 2**n values; got {p.size}.")
    if p.min() < 0 or abs(p.sum() - 1) > 1e-6:
        raise ValueError(
            f"{name} must be at least 0 and sum to 1; got a least of {p.min():g}, a sum of "
            f"{p.sum():g}."
        )
    return p


def confusions(matrices: ArrayLike, n_qubits: int) -> Array:
    """Return checked confusion matrices, shape (n_qubits, 2, 2)."""
    given = np.asarray(matrices)
    if given.shape not in ((2, 2), (n_qubits, 2, 2)):
        allowed = f"(2, 2) or ({n_qubits}, 2, 2)"
        raise ValueError(f"matrices must have shape {allowed}; got {given.shape}.")
    checked = _checks.array(given, "matrices", ndim=given.ndim)
    if checked.min() < 0 or np.abs(checked.sum(axis=-2) - 1).max() > 1e-6:
        raise ValueError("matrices must have entries of at least 0 and columns that sum to 1.")
    return np.broadcast_to(checked, (n_qubits, 2, 2))


def along_qubits(matrices: Array, p: Array) -> Array:
    """Apply one matrix along each qubit of a vector of 2**n entries."""
    tensor = p.reshape((2,) * len(matrices))
    for qubit, matrix in enumerate(matrices):
        tensor = np.moveaxis(np.tensordot(matrix, tensor, axes=(1, qubit)), 0, qubit)
    return tensor.ravel()


def probability(value: float, name: str) -> float:
    """Return a checked probability."""
    result = _checks.real(value, name)
    if not 0 <= result <= 1:
        raise ValueError(f"{name} must be a probability from 0 to 1; got {value!r}.")
    return result
