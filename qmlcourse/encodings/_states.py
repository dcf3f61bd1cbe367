"""States of all samples at once. Public through encodings."""

from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._registry import find


def encoded_states(X: ArrayLike, encoding: str = "angle", **options: object) -> Array:
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
        If X is empty, not 2-D, not finite, so large that its phases overflow, not bits for
        basis, a zero vector for amplitude, or needs more memory than there is; if a name or
        option is unknown.
    TypeError
        If X does not hold real numbers, or an option has another type.

    Notes
    -----
    Sources: arXiv:2001.03622, arXiv:1804.11326 (iqp), arXiv:1907.02085 (reupload). Used in the
    chapters *Encodings* and *Quantum kernels*.

    Examples
    --------
    >>> import numpy as np
    >>> encoded_states([[np.pi, 0.0]], "angle").round(3)
    array([[0.+0.j, 0.+0.j, 0.-1.j, 0.+0.j]])
    >>> encoded_states([[3.0, 4.0]], "amplitude").real
    array([[0.6, 0.8]])
    """
    X = _checks.features(X)
    return find(encoding).encoder(options, X=X)(X)
