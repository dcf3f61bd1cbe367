"""What states an ansatz reaches: expressibility and entanglement. Public through ansatz."""

import numpy as np

from .. import _checks
from ..simulator import bloch_vectors
from ._circuits import Ansatz


def expressibility(
    ansatz: Ansatz, *, n_pairs: int = 2000, n_bins: int = 75, rng: np.random.Generator
) -> float:
    r"""Compute how far an ansatz's states are from uniformly random ones.

    .. math:: D_{\mathrm{KL}}\big(P_{\text{ansatz}}(F)\,\big\Vert\,P_{\text{Haar}}(F)\big),
        \quad P_{\text{Haar}}(F) = (N - 1)(1 - F)^{N-2}, \quad N = 2^q

    over fidelities F of pairs of states with uniform angles, in ``n_bins`` bins.

    Parameters
    ----------
    ansatz : Ansatz
    n_pairs, n_bins : int
        Pairs of states, and bins of the histogram; a finite number of pairs biases the
        value upwards.
    rng : numpy.random.Generator

    Returns
    -------
    float
        In nats, at least 0; 0 for Haar-random states.

    Raises
    ------
    ValueError, TypeError
        If a number is not a positive integer or rng not a Generator.

    Notes
    -----
    Source: arXiv:1905.10876. Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> from qmlcourse.ansatz import Ansatz
    >>> idle = Ansatz(np.array([[3]]), np.array([False]))  # RZ leaves |0> alone
    >>> round(expressibility(idle, rng=np.random.default_rng(0)), 3)  # ln 75
    4.317
    """
    n_pairs = _checks.integer(n_pairs, "n_pairs")
    n_bins = _checks.integer(n_bins, "n_bins", low=2)
    rng = _checks.generator(rng)
    a, b = (ansatz.states(rng.uniform(0, 2 * np.pi, (n_pairs, ansatz.n_parameters))) for _ in "ab")
    fidelity = np.abs(np.einsum("nj,nj->n", a.conj(), b)) ** 2
    edges = np.linspace(0, 1, n_bins + 1)
    seen = np.histogram(np.clip(fidelity, 0, 1), edges)[0] / n_pairs
    haar = -np.diff((1 - edges) ** (2**ansatz.n_qubits - 1))
    haar = np.maximum(haar, np.finfo(float).tiny)  # the last bins underflow from 9 qubits on
    filled = seen > 0
    return float(np.sum(seen[filled] * np.log(seen[filled] / haar[filled])))


def entangling_capability(
    ansatz: Ansatz, *, n_samples: int = 1000, rng: np.random.Generator
) -> float:
    r"""Compute the mean Meyer–Wallach entanglement of an ansatz's states.

    .. math:: Q = 1 - \frac{1}{q}\sum_k \lVert r_k\rVert^2

    with :math:`r_k` the Bloch vector of qubit k, averaged over uniform angles.

    Parameters
    ----------
    ansatz : Ansatz
    n_samples : int
        At least 1.
    rng : numpy.random.Generator

    Returns
    -------
    float
        Between 0 (product states) and 1.

    Raises
    ------
    ValueError, TypeError
        If a number is not a positive integer or rng not a Generator.

    Notes
    -----
    Source: arXiv:1905.10876. Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> from qmlcourse.ansatz import Ansatz
    >>> product = Ansatz(np.array([[1, 2]]), np.array([False]))
    >>> abs(round(entangling_capability(product, rng=np.random.default_rng(0)), 12))
    0.0
    """
    n_samples = _checks.integer(n_samples, "n_samples")
    thetas = _checks.generator(rng).uniform(0, 2 * np.pi, (n_samples, ansatz.n_parameters))
    return float(1 - (bloch_vectors(ansatz.states(thetas)) ** 2).sum(2).mean())
