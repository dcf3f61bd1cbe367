"""Inversion of readout errors."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._estimate import Estimate, standard_error
from .._typing import Array
from ..noise._readout import along_qubits, confusions


def invert_readout(counts: Mapping[str, int] | ArrayLike, matrices: ArrayLike) -> Array:
    r"""Return the probabilities before readout errors, the nearest that are physical.

    .. math:: x = \operatorname*{arg\,min}_{x \ge 0,\ \sum_i x_i = 1}
              \lVert x - (A_0^{-1} \otimes A_1^{-1} \otimes \cdots)\,p \rVert_2

    Shot noise can make entries of :math:`A^{-1}p` negative; the projection is exact in one sort.
    Where :math:`A^{-1}p` is physical, it is the result: probabilities p that a physical
    state can give are inverted exactly.

    Parameters
    ----------
    counts : mapping, or array of float, shape (2**n,)
        Counts of bit strings such as ``{"01": 12}``, qubit 0 first; or counts or probabilities
        in that order.
    matrices : array of float, shape (2, 2) or (n, 2, 2)
        A :func:`~qmlcourse.noise.confusion_matrix` for all qubits, or one for each.

    Returns
    -------
    ndarray of float, shape (2**n,)
        Each at least 0; they sum to 1.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above or a matrix has no inverse.

    Notes
    -----
    Sources: arXiv:2006.14044; projection: arXiv:1309.1541. Used in the chapter
    *Error mitigation*.

    Examples
    --------
    >>> invert_readout({"0": 25, "1": 75}, [[0.75, 0.0], [0.25, 1.0]]).round(3)
    array([0.333, 0.667])
    """
    frequencies = _frequencies(counts)
    p = frequencies / frequencies.sum()
    return _nearest_distribution(along_qubits(_inverses(matrices, p.size), p))


def readout_expectation(
    counts: Mapping[str, int] | ArrayLike,
    matrices: ArrayLike,
    wires: int | Sequence[int] | None = None,
) -> Estimate:
    r"""Estimate the expectation of a product of Z from counts, readout errors removed.

    The value is :math:`\sum_x z(x)\,q_x` with q from :func:`invert_readout` and
    :math:`z = \pm 1` the parity. The error is that of the unconstrained inversion, a mean over
    shots of :math:`g(y) = \sum_x z(x)\,(A^{-1})_{xy}`, which exceeds 1 in magnitude: removing
    readout errors costs shots, a factor of :math:`(1 - p_{10} - p_{01})^{-2}` or so for each
    wire. The matrices count as known exactly.

    Parameters
    ----------
    counts : mapping, or array of int, shape (2**n,)
        Counts of bit strings such as ``{"01": 12}``, qubit 0 first; or counts in that order.
    matrices : array of float, shape (2, 2) or (n, 2, 2)
        A :func:`~qmlcourse.noise.confusion_matrix` for all qubits, or one for each.
    wires : int or sequence of int, optional
        Distinct, 0 to n - 1; by default all.

    Returns
    -------
    Estimate
        ``value, error, shots``.

    Raises
    ------
    ValueError, TypeError
        If the arguments are not as above or a matrix has no inverse.

    Notes
    -----
    Source: arXiv:2006.14044. Used in the chapter *Error mitigation*.

    Examples
    --------
    >>> value, error, shots = readout_expectation({"0": 75, "1": 25}, [[0.75, 0.25], [0.25, 0.75]])
    >>> round(value, 3), round(error, 3), shots
    (1.0, 0.174, 100)
    """
    frequencies = _frequencies(counts)
    if (frequencies != frequencies.round()).any():
        raise ValueError("counts must be whole numbers; got fractions.")
    shots, n = int(frequencies.sum()), frequencies.size.bit_length() - 1
    if isinstance(wires, (str, Mapping)):
        raise TypeError(f"wires must be integers from 0 to {n - 1}; got {wires!r}.")
    given = wires if isinstance(wires, Iterable) else [wires]
    chosen = range(n) if wires is None else [_checks.integer(w, "wires", low=0) for w in given]
    if not chosen or len(set(chosen)) < len(chosen) or max(chosen) >= n:
        raise ValueError(f"wires must be distinct, from 0 to {n - 1}; got {wires!r}.")
    parity = np.ones(1)
    for qubit in range(n):
        parity = np.kron(parity, [1, -1] if qubit in chosen else [1, 1])
    inverses = _inverses(matrices, frequencies.size)
    value = float(parity @ invert_readout(frequencies, matrices))
    each = along_qubits(inverses.transpose(0, 2, 1), parity)
    return Estimate(value, standard_error(each, frequencies), shots)


def _frequencies(counts: Mapping[str, int] | ArrayLike) -> Array:
    if not isinstance(counts, Mapping):
        values = _checks.array(counts, "counts", ndim=1)
    else:
        if not counts:
            raise ValueError("counts must not be empty.")
        good = all(isinstance(k, str) and k and set(k) <= set("01") for k in counts)
        lengths = {len(k) for k in counts} if good else set()
        if len(lengths) != 1:
            raise ValueError(
                f"counts must have bit strings of one length as keys; got {list(counts)[:4]}."
            )
        [n] = lengths
        _checks.memory(8 * 2**n, f"the probabilities of {n} qubits")
        values = np.zeros(2**n)
        for key, count in counts.items():
            values[int(key, 2)] = _checks.integer(count, f"counts[{key!r}]", low=0)
    if values.size < 2 or values.size & (values.size - 1):
        raise ValueError(f"counts must hold 2**n values; got {values.size}.")
    if values.min() < 0 or values.sum() <= 0:
        raise ValueError("counts must be at least 0, with a sum above 0.")
    return values


def _inverses(matrices: ArrayLike, size: int) -> Array:
    checked = confusions(matrices, size.bit_length() - 1)
    if np.abs(np.linalg.det(checked)).min() < 1e-9:
        raise ValueError("matrices must have an inverse: p10 + p01 = 1 tells nothing of the state.")
    return np.linalg.inv(checked)


def _nearest_distribution(q: Array) -> Array:
    """Project onto the probability simplex: a common shift, then negative entries to 0."""
    descending = np.sort(q)[::-1]
    shifts = (1 - np.cumsum(descending)) / np.arange(1, q.size + 1)
    kept = np.flatnonzero(descending + shifts > 0)[-1]
    return np.maximum(q + shifts[kept], 0)
