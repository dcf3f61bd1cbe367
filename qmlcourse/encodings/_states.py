"""States of all samples at once. Public through encodings."""

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from ..simulator import apply, cz_signs, ring_pairs, rotation, zero_states
from ._registry import ENCODINGS, n_qubits, reject_unknown


def encoded_states(X: ArrayLike, encoding: str = "angle", **options: object) -> np.ndarray:
    r"""Encode each row of X into a quantum state.

    With d features, :math:`c` the bandwidth and qubit 0 the most significant bit:

    .. math::
        \text{basis:}\quad & |x_1 x_2 \ldots x_d\rangle, \quad x_k \in \{0, 1\} \\
        \text{angle:}\quad & \bigotimes_k R_P(c\,x_k)\,|0\rangle \\
        \text{amplitude:}\quad & \sum_b \frac{x_b}{\lVert x\rVert}\,|b\rangle \\
        \text{iqp:}\quad & \Big(e^{-\frac{i}{2}(\sum_k c\,x_k Z_k
            + \sum_{j<k} c^2 x_j x_k Z_j Z_k)}\, H^{\otimes d}\Big)^{r}\,|0\rangle \\
        \text{reupload:}\quad & \prod_{l}\Big(\mathrm{CZ}_{\text{ring}}\,
            \mathrm{Rot}(w_l)\, \textstyle\bigotimes_k R_P(c\,x_k)\Big)|0\rangle

    Parameters
    ----------
    X : array_like, shape (n_samples, n_features)
        Finite real numbers; angles are in radians.
    encoding : {"basis", "angle", "amplitude", "iqp", "reupload"}
    **options
        ``rotation`` ("X", "Y" or "Z"; default "X"): angle, reupload.
        ``bandwidth`` (:math:`c > 0`, default 1): angle, iqp, reupload.
        ``n_repeats`` (:math:`r \ge 1`, default 1): iqp.
        ``n_layers`` (at least 1, default 2): reupload.
        ``weights`` (n_layers, n_features, 3), Euler angles Z-Y-Z as in PennyLane's
        ``Rot``, default zeros: reupload.
        ``entangle`` (default True; False leaves the two-qubit gates out): iqp, reupload.

    Returns
    -------
    ndarray of complex128, shape (n_samples, 2**n_qubits)
        Rows have norm 1. One qubit a feature, but :math:`\lceil\log_2 d\rceil` (at least 1)
        for amplitude, which pads with zeros.

    Raises
    ------
    ValueError
        If X is empty, not 2-D, not finite, not bits for basis, a zero vector for
        amplitude, or needs more memory than there is; if a name or option is unknown.
    TypeError
        If X does not hold real numbers.

    Notes
    -----
    Sources: arXiv 2001.03622, 1804.11326 (iqp), 1907.02085 (reupload). Used in the chapters
    *Encodings* and *Quantum kernels*.

    Examples
    --------
    >>> encoded_states([[np.pi, 0.0]], "angle").round(3)
    array([[0.+0.j, 0.+0.j, 0.-1.j, 0.+0.j]])
    >>> encoded_states([[3.0, 4.0]], "amplitude").real
    array([[0.6, 0.8]])
    """
    X = _checks.features(X)
    encode = _STATES[_checks.choice(encoding, "encoding", ENCODINGS)]
    reject_unknown(options, encoding)
    if encoding == "basis" and not np.isin(X, (0, 1)).all():
        bad = X[~np.isin(X, (0, 1))][0]
        raise ValueError(f"X must hold only bits, 0 or 1, for the basis encoding; got {bad:g}.")
    if encoding == "amplitude" and not X.any(axis=1).all():
        row = int(np.flatnonzero(~X.any(axis=1))[0])
        raise ValueError(
            f"X must have no zero vector for the amplitude encoding; row {row} is all zeros."
        )
    q = n_qubits(encoding, X.shape[1])
    # The state, one working copy of it, and the phases.
    _checks.memory(3 * 16 * len(X) * 2**q, f"{len(X)} states of {q} qubits")
    return encode(X, **options)


def _basis(X: np.ndarray) -> np.ndarray:
    states = np.zeros((len(X), 2 ** X.shape[1]), dtype=complex)
    index = X.astype(int) @ (1 << np.arange(X.shape[1])[::-1])
    states[np.arange(len(X)), index] = 1
    return states


def _angle(X: np.ndarray, rotation: str = "X", bandwidth: float = 1.0) -> np.ndarray:
    columns = _rotations(X, rotation, bandwidth)[..., 0]
    states = columns[:, 0]
    for k in range(1, X.shape[1]):
        states = (states[:, :, None] * columns[:, k, None, :]).reshape(len(X), -1)
    return states


def _rotations(X: np.ndarray, axis: str, bandwidth: float) -> np.ndarray:
    _checks.choice(axis, "rotation", ("X", "Y", "Z"))
    return rotation(axis, _checks.real(bandwidth, "bandwidth", above=0) * X)


def _amplitude(X: np.ndarray) -> np.ndarray:
    # Dividing by the largest entry first keeps the norm of huge or tiny rows in range.
    X = X / np.abs(X).max(axis=1, keepdims=True)
    states = np.zeros((len(X), 2 ** n_qubits("amplitude", X.shape[1])), dtype=complex)
    states[:, : X.shape[1]] = X / np.linalg.norm(X, axis=1, keepdims=True)
    return states


def _iqp(
    X: np.ndarray, bandwidth: float = 1.0, n_repeats: int = 1, entangle: bool = True
) -> np.ndarray:
    X = _checks.real(bandwidth, "bandwidth", above=0) * X
    d = X.shape[1]
    # z[k, b] is +1 where bit k of b is 0, else -1: the diagonal of Z on qubit k.
    z = 1.0 - 2.0 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    fields = X @ z
    # sum_{j<k} x_j x_k z_j z_k, because z^2 = 1: no loop over the pairs.
    pairs = (fields**2 - (X**2).sum(axis=1, keepdims=True)) / 2
    phases = np.exp(-0.5j * (fields + pairs if entangle else fields))
    states = phases / np.sqrt(2**d)
    hadamard = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    for _ in range(_checks.integer(n_repeats, "n_repeats") - 1):
        for k in range(d):
            states = apply(states, hadamard, [k])
        states *= phases
    return states


def _reupload(
    X: np.ndarray,
    rotation: str = "X",
    bandwidth: float = 1.0,
    n_layers: int = 2,
    weights: ArrayLike | None = None,
    entangle: bool = True,
) -> np.ndarray:
    n_layers, d = _checks.integer(n_layers, "n_layers"), X.shape[1]
    shape = (n_layers, d, 3)
    w = np.zeros(shape) if weights is None else _checks.array(weights, "weights", ndim=3)
    if w.shape != shape:
        raise ValueError(f"weights must have shape {shape}; got {w.shape}.")
    data = _rotations(X, rotation, bandwidth)
    ring = _ring_signs(d)
    states = zero_states(len(X), d)
    for layer in w:
        for k, (a, b, c) in enumerate(layer):
            rot = _rz(c) @ _ry(b) @ _rz(a)
            states = apply(states, rot @ data[:, k], [k])
        if entangle:
            states *= ring
    return states


def _rz(theta: float) -> np.ndarray:
    return rotation("Z", theta)


def _ry(theta: float) -> np.ndarray:
    return rotation("Y", theta)


def _ring_signs(n_qubits: int) -> np.ndarray:
    return cz_signs(n_qubits, ring_pairs(n_qubits))


_STATES = {
    "basis": _basis,
    "angle": _angle,
    "amplitude": _amplitude,
    "iqp": _iqp,
    "reupload": _reupload,
}
