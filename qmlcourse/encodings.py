r"""Encodings: how features become quantum states, and what each costs in qubits and gates.

States are computed for all samples at once; a test holds each against a dense matrix
product and against PennyLane's templates.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from . import _checks
from .simulator import apply, rotation, zero_states

__all__ = [
    "ENCODINGS",
    "encoded_states",
    "fourier_coefficients",
    "frequency_spectrum",
    "resources",
]

ENCODINGS = ("basis", "angle", "amplitude", "iqp", "reupload")


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
    _reject_unknown(options, encoding)
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


_OPTIONS: dict[str, tuple[str, ...]] = {
    "basis": (),
    "angle": ("rotation", "bandwidth"),
    "amplitude": (),
    "iqp": ("bandwidth", "n_repeats"),
    "reupload": ("rotation", "bandwidth", "n_layers", "weights"),
}


def _reject_unknown(options: dict[str, object], encoding: str) -> None:
    for name in options:
        if name not in _OPTIONS[encoding]:
            known = ", ".join(_OPTIONS[encoding]) or "none"
            raise ValueError(
                f"{name!r} is not an option of the {encoding} encoding; allowed: {known}."
            )


def n_qubits(encoding: str, n_features: int) -> int:
    """Return the qubits an encoding needs for a number of features."""
    return max(1, (n_features - 1).bit_length()) if encoding == "amplitude" else n_features


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


def _iqp(X: np.ndarray, bandwidth: float = 1.0, n_repeats: int = 1) -> np.ndarray:
    X = _checks.real(bandwidth, "bandwidth", above=0) * X
    d = X.shape[1]
    # z[k, b] is +1 where bit k of b is 0, else -1: the diagonal of Z on qubit k.
    z = 1.0 - 2.0 * ((np.arange(2**d) >> np.arange(d)[::-1, None]) & 1)
    fields = X @ z
    # sum_{j<k} x_j x_k z_j z_k, because z^2 = 1: no loop over the pairs.
    pairs = (fields**2 - (X**2).sum(axis=1, keepdims=True)) / 2
    phases = np.exp(-0.5j * (fields + pairs))
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
        states *= ring
    return states


def _rz(theta: float) -> np.ndarray:
    return rotation("Z", theta)


def _ry(theta: float) -> np.ndarray:
    return rotation("Y", theta)


def ring_pairs(n_qubits: int) -> list[tuple[int, int]]:
    """Return the neighbours on a ring: none for one qubit, a single pair for two."""
    if n_qubits <= 2:
        return [(0, 1)] * (n_qubits - 1)
    return [(k, (k + 1) % n_qubits) for k in range(n_qubits)]


def cz_signs(n_qubits: int, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return the diagonal, +1 and -1, of CZ gates on the given pairs of qubits."""
    bits = (np.arange(2**n_qubits) >> np.arange(n_qubits)[::-1, None]) & 1
    odd = np.zeros(2**n_qubits, dtype=int)
    for i, j in pairs:
        odd ^= bits[i] & bits[j]
    return 1.0 - 2.0 * odd


def _ring_signs(n_qubits: int) -> np.ndarray:
    return cz_signs(n_qubits, ring_pairs(n_qubits))


_STATES = {
    "basis": _basis,
    "angle": _angle,
    "amplitude": _amplitude,
    "iqp": _iqp,
    "reupload": _reupload,
}


def resources(encoding: str, n_features: int, **options: object) -> dict[str, int]:
    r"""Count the qubits, depth and gates of an encoding, in one- and two-qubit gates.

    Rotations, H, X, CZ and CNOT count as one gate each. A ZZ rotation is two CNOTs around an
    RZ. Amplitude encoding is the RY cascade for real features, with
    :math:`2^q - 1` rotations and :math:`2^q - 2` CNOTs. Basis counts the worst case, all
    ones.

    Parameters
    ----------
    encoding : {"basis", "angle", "amplitude", "iqp", "reupload"}
    n_features : int
        At least 1.
    **options
        ``n_repeats`` for iqp, ``n_layers`` for reupload; the other options of
        :func:`encoded_states` change no count.

    Returns
    -------
    dict
        ``qubits``, ``depth`` (layers of gates on different qubits), ``gates``,
        ``two_qubit_gates``.

    Raises
    ------
    ValueError, TypeError
        If a name is unknown or a number is not a positive integer.

    Notes
    -----
    Source of the amplitude cascade: arXiv quant-ph/0407010. Used in the chapter *Encodings*.

    Examples
    --------
    >>> resources("amplitude", 8)
    {'qubits': 3, 'depth': 11, 'gates': 13, 'two_qubit_gates': 6}
    """
    _checks.choice(encoding, "encoding", ENCODINGS)
    d = _checks.integer(n_features, "n_features")
    _reject_unknown(options, encoding)
    q = n_qubits(encoding, d)
    gates = _gate_wires(encoding, d, options)
    free_at = [0] * q
    total = two_qubit = 0
    for wires in gates:
        layer = 1 + max(free_at[w] for w in wires)
        for w in wires:
            free_at[w] = layer
        total += 1
        two_qubit += len(wires) == 2
    return {"qubits": q, "depth": max(free_at), "gates": total, "two_qubit_gates": two_qubit}


def _gate_wires(encoding: str, d: int, options: dict[str, object]) -> list[tuple[int, ...]]:
    """List the wires of every gate, in order."""
    single: list[tuple[int, ...]] = [(k,) for k in range(d)]
    if encoding in ("basis", "angle"):
        return single
    if encoding == "iqp":
        pairs = combinations(range(d), 2)
        zz = [wires for j, k in pairs for wires in ((j, k), (k,), (j, k))]
        return (single + single + zz) * _checks.integer(options.get("n_repeats", 1), "n_repeats")
    if encoding == "reupload":
        rot = [(k,) for k in range(d) for _ in range(3)]
        layer = single + rot + ring_pairs(d)
        return layer * _checks.integer(options.get("n_layers", 2), "n_layers")
    gates: list[tuple[int, ...]] = [(0,)]
    for target in range(1, n_qubits("amplitude", d)):
        # A rotation for each setting of the earlier qubits, CNOTs in Gray-code order between.
        for step in range(1, 2**target + 1):
            changed = (step & -step).bit_length() - 1 if step < 2**target else target - 1
            gates += [(target,), (target - 1 - changed, target)]
    return gates


def frequency_spectrum(
    n_repeats: int = 1, *, eigenvalues: Sequence[float] = (-0.5, 0.5)
) -> np.ndarray:
    r"""List the frequencies a model can have when a feature enters a gate ``n_repeats`` times.

    The gate is :math:`e^{-ixG}`; with :math:`\Lambda` the eigenvalues of G,

    .. math:: \Omega = \Big\{\sum_{l=1}^{L} (\lambda_l - \lambda'_l) :
        \lambda_l, \lambda'_l \in \Lambda\Big\},

    so a Pauli rotation (:math:`\Lambda = \pm 1/2`) repeated L times gives
    :math:`-L, \ldots, L`.

    Parameters
    ----------
    n_repeats : int
        L, at least 1.
    eigenvalues : sequence of float
        Of the generator G; default: that of a Pauli rotation.

    Returns
    -------
    ndarray of float, sorted, shape (n_frequencies,)

    Raises
    ------
    ValueError, TypeError
        If ``n_repeats`` is not a positive integer or an eigenvalue not a finite number.

    Notes
    -----
    Source: arXiv 2008.08605. Used in the chapter *Fourier spectrum*.

    Examples
    --------
    >>> frequency_spectrum(2)
    array([-2., -1.,  0.,  1.,  2.])
    """
    L = _checks.integer(n_repeats, "n_repeats")
    levels = _checks.array(eigenvalues, "eigenvalues", ndim=1)
    gaps = np.unique((levels[:, None] - levels).ravel().round(12))
    spectrum = np.zeros(1)
    for _ in range(L):
        spectrum = np.unique((spectrum[:, None] + gaps).ravel().round(12))
    return spectrum + 0.0  # no negative zero


def fourier_coefficients(values: ArrayLike) -> np.ndarray:
    r"""Return the Fourier coefficients of a function sampled evenly over one period.

    .. math:: c_\omega = \frac{1}{N} \sum_{j=0}^{N-1} f(2\pi j/N)\, e^{-2\pi i\omega j/N},
        \quad \omega = -L, \ldots, L, \quad N = 2L + 1

    Parameters
    ----------
    values : array_like, shape (2 L + 1,)
        :math:`f(2\pi j/N)`, an odd number of finite values.

    Returns
    -------
    ndarray of complex, shape (2 L + 1,)
        In order from :math:`-L` to L; exact if f has no frequency above L.

    Raises
    ------
    ValueError
        If the number of values is even.

    Notes
    -----
    Source: arXiv 2008.08605. Used in the chapter *Fourier spectrum*.

    Examples
    --------
    >>> x = 2 * np.pi * np.arange(3) / 3
    >>> fourier_coefficients(np.cos(x)).real.round(12) + 0.0
    array([0.5, 0. , 0.5])
    """
    values = _checks.array(values, "values", ndim=1)
    if len(values) % 2 == 0:
        raise ValueError(f"values must have odd length 2 L + 1; got {len(values)}.")
    return np.fft.fftshift(np.fft.fft(values)) / len(values)
