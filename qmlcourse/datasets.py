"""Data sets whose rule is known: the five synthetic tasks of arXiv:2403.07059, and Ising states.

Every function returns ``(X, y)``: ``X`` is float64, one sample per row, and ``y`` holds the
integer labels 0 and 1. The rows come in random order, so any slice is a fair sample.
"""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from . import _checks
from ._typing import Array

__all__ = [
    "bars_and_stripes",
    "hidden_manifold",
    "hyperplanes_parity",
    "ising_ground_states",
    "linearly_separable",
    "two_curves",
]

LARGEST = 1e150  # of noise and offset: their squares must be numbers, too


def linearly_separable(
    n_samples: int = 100,
    n_features: int = 2,
    *,
    margin: float = 0.02,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Draw points from a cube that the plane through its centre splits with a margin.

    .. math::

        x \sim \mathcal{U}[-1, 1]^d \;\text{ given }\;
        \Bigl|\frac{1}{d}\sum_i x_i\Bigr| > m, \qquad
        y = \Bigl[\sum_i x_i > 0\Bigr]

    Parameters
    ----------
    n_samples : int
        Number of points, at least 2.
    n_features : int
        Dimension :math:`d`, at least 1.
    margin : float
        Smallest distance :math:`m` of the mean feature from zero, from 0 up to
        :math:`\min(0.9,\, 2.5 / \sqrt{3d})`: beyond that almost no point of the cube is left.
        The nearest point is then at least :math:`m\sqrt{d}` away from the plane. The default is
        the benchmark's.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Features between -1 and 1, without unit.
    y : ndarray of int, shape (n_samples,)
        Label 1 where the features sum to more than 0; the class sizes differ by at most one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    Defined in arXiv:2403.07059, there with class sizes left to chance. Used in the chapter
    *Training loops*.

    Examples
    --------
    >>> X, y = linearly_separable(6, 3, rng=np.random.default_rng(0))
    >>> bool(np.all((X.mean(axis=1) > 0.02) == y))
    True
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    n_features = _checks.integer(n_features, "n_features")
    _checks.memory(8 * 6 * n_samples * n_features, "linearly_separable")
    # The mean has standard deviation 1/sqrt(3 d): this bound keeps about one draw in 200.
    margin = _not_negative(margin, "margin", below=min(0.9, 2.5 / np.sqrt(3 * n_features)))
    rng = _checks.generator(rng)

    X = np.empty((0, n_features))
    while len(X) < n_samples:
        drawn = rng.uniform(-1, 1, size=(2 * n_samples, n_features))
        X = np.concatenate([X, drawn[np.abs(drawn.mean(axis=1)) > margin]])[:n_samples]
    y = _balanced_labels(n_samples, rng)
    # x and -x are equally likely, so mirroring a point picks its class and keeps the law.
    X[(X.sum(axis=1) > 0) != y] *= -1
    return X, y


def two_curves(
    n_samples: int = 100,
    n_features: int = 2,
    *,
    degree: int = 5,
    offset: float = 0.1,
    noise: float = 0.01,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Draw points near two copies of one random Fourier curve, a small shift apart.

    .. math::

        x_i = a_{i0} + \sum_{k=1}^{D} \bigl(a_{ik}\cos(k\pi t) + b_{ik}\sin(k\pi t)\bigr)
              + y\,\Delta + \sigma\,\varepsilon_i,
        \qquad t \sim \mathcal{U}[0, 1],\; \varepsilon_i \sim \mathcal{N}(0, 1)

    All coefficients are uniform on [0, 1], then scaled to unit norm together. At the end every
    feature is shifted and scaled to mean 0 and standard deviation 1.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 2.
    n_features : int
        Dimension of the space the curves lie in, at least 1.
    degree : int
        Highest frequency :math:`D`, at least 1: a higher degree folds the curves more.
    offset : float
        Shift :math:`\Delta` of the second curve in every feature, before scaling.
    noise : float
        Standard deviation :math:`\sigma` of the noise before scaling, at least 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Features in units of their standard deviation.
    y : ndarray of int, shape (n_samples,)
        Label 1 on the shifted curve; the class sizes differ by at most one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    Defined in arXiv:2403.07059. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> X, y = two_curves(50, 3, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((50, 3), [25, 25])
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    n_features = _checks.integer(n_features, "n_features")
    degree = _checks.integer(degree, "degree")
    offset = _checks.real(offset, "offset", above=-LARGEST, below=LARGEST)
    noise = _not_negative(noise, "noise", below=LARGEST)
    rng = _checks.generator(rng)
    terms = 2 * (degree + 1)
    size = terms * (n_samples + n_features) + 3 * n_samples * n_features
    _checks.memory(8 * size, "two_curves")

    coefficients = rng.uniform(size=(2, degree + 1, n_features))
    coefficients /= np.linalg.norm(coefficients)
    y = _balanced_labels(n_samples, rng)
    phase = np.pi * np.outer(rng.uniform(size=n_samples), np.arange(degree + 1))
    X = np.cos(phase) @ coefficients[0] + np.sin(phase) @ coefficients[1] + offset * y[:, None]
    X += noise * rng.normal(size=X.shape)
    return _standardized(X), y


def hidden_manifold(
    n_samples: int = 100,
    n_features: int = 2,
    *,
    manifold_dimension: int = 6,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Draw points whose label depends on a few hidden coordinates, not on the features.

    .. math::

        x = \tanh\Bigl(\frac{F^{\mathsf T} c}{\sqrt{m}} - b\Bigr), \qquad
        y = \bigl[v^{\mathsf T}\tanh(W c) > \text{median}\bigr], \qquad
        c \sim \mathcal{N}(0, 1)^m

    The entries of :math:`F`, :math:`W` and :math:`v` are standard normal, those of :math:`b`
    uniform on [-1, 1]. The median is taken over the drawn samples.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 2.
    n_features : int
        Number of features, at least 1.
    manifold_dimension : int
        Number :math:`m` of hidden coordinates, at least 1.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Features between -1 and 1, without unit.
    y : ndarray of int, shape (n_samples,)
        Label 1 where the teacher network is above its median; the class sizes differ by at
        most one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    Defined in arXiv:1909.11500; this form and the default dimension are those of
    arXiv:2403.07059. With fewer features than hidden coordinates the label is not a function of
    the features, so no model can reach a perfect score. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> X, y = hidden_manifold(50, 3, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((50, 3), [25, 25])
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    n_features = _checks.integer(n_features, "n_features")
    m = _checks.integer(manifold_dimension, "manifold_dimension")
    rng = _checks.generator(rng)
    size = n_samples * (3 * m + 2 * n_features) + m * (m + n_features)
    _checks.memory(8 * size, "hidden_manifold")

    hidden = rng.normal(size=(n_samples, m))
    embedding = rng.normal(size=(m, n_features))
    bias = rng.uniform(-1, 1, size=n_features)
    X = np.tanh(hidden @ embedding / np.sqrt(m) - bias)

    teacher = np.tanh(hidden @ rng.normal(size=(m, m))) @ rng.normal(size=m)
    return X, (teacher > np.median(teacher)).astype(int)


def hyperplanes_parity(
    n_samples: int = 100,
    n_features: int = 2,
    *,
    n_hyperplanes: int = 5,
    dim_hyperplanes: int | None = None,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Draw points labelled by the parity of the number of hyperplanes they lie above.

    .. math::

        y = \sum_{j=1}^{h} \bigl[w_j \cdot z + b_j > 0\bigr] \bmod 2, \qquad
        z \sim \mathcal{N}(0, 1)^k, \qquad x = A^{\mathsf T} z

    The entries of all :math:`w_j`, :math:`b_j` and of :math:`A` are uniform on [0, 1]. At the
    end every feature is shifted and scaled to mean 0 and standard deviation 1.

    Parameters
    ----------
    n_samples : int
        Number of points, at least 2.
    n_features : int
        Number of features, at least 1.
    n_hyperplanes : int
        Number :math:`h` of hyperplanes, at least 1.
    dim_hyperplanes : int, optional
        Dimension :math:`k` of the space that holds the hyperplanes, at least 1. By default the
        benchmark's 3, or `n_features` where that is smaller: with more dimensions than features
        the label is no longer a function of the features.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)
        Features in units of their standard deviation.
    y : ndarray of int, shape (n_samples,)
        Label 1 for an odd count; the class sizes differ by at most one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    Defined in arXiv:2403.07059. Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> X, y = hyperplanes_parity(50, 3, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y).tolist()
    ((50, 3), [25, 25])
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    n_features = _checks.integer(n_features, "n_features")
    h = _checks.integer(n_hyperplanes, "n_hyperplanes")
    if dim_hyperplanes is None:
        dim_hyperplanes = min(3, n_features)
    k = _checks.integer(dim_hyperplanes, "dim_hyperplanes")
    rng = _checks.generator(rng)
    size = n_samples * (5 * k + max(8 * h, 3 * n_features) + 12) + k * (h + n_features)
    _checks.memory(8 * size, "hyperplanes_parity")

    labels = _balanced_labels(n_samples, rng)
    n_ones = labels.sum()
    zeros = ones = np.array([], dtype=int)
    # Planes that leave too few points in one class are drawn again.
    while len(ones) < n_ones or len(zeros) < n_samples - n_ones:
        normals, biases = rng.uniform(size=(k, h)), rng.uniform(size=h)
        points = rng.normal(size=(4 * n_samples, k))
        odd = (points @ normals + biases > 0).sum(axis=1) % 2
        zeros, ones = np.flatnonzero(odd == 0), np.flatnonzero(odd)
    chosen = np.empty(n_samples, dtype=int)
    chosen[labels == 0], chosen[labels == 1] = zeros[: n_samples - n_ones], ones[:n_ones]
    return _standardized(points[chosen] @ rng.uniform(size=(k, n_features))), labels


def bars_and_stripes(
    n_samples: int = 100,
    size: int = 4,
    *,
    noise: float = 0.5,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Draw noisy square images of vertical bars or of horizontal stripes.

    .. math::

        x_{rc} = s_{rc} + \sigma\,\varepsilon_{rc}, \qquad
        s_{rc} = \begin{cases} u_c & y = 0 \text{ (bars)} \\ u_r & y = 1 \text{ (stripes)}
        \end{cases}, \qquad u_i \sim \mathcal{U}\{-1, 1\},\;
        \varepsilon_{rc} \sim \mathcal{N}(0, 1)

    Parameters
    ----------
    n_samples : int
        Number of images, at least 2.
    size : int
        Height and width in pixels, at least 2.
    noise : float
        Standard deviation :math:`\sigma` of the noise, at least 0.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, size**2)
        Pixel brightness without unit, row after row.
    y : ndarray of int, shape (n_samples,)
        Label 0 for bars (equal columns of pixels), 1 for stripes (equal rows); the class sizes
        differ by at most one.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    Defined in arXiv:2403.07059, there with class sizes left to chance. An image all dark or all
    bright fits both classes, so even without noise the best classifier gets a share
    :math:`2^{-\mathrm{size}}` of the labels wrong. Used in the chapter *Encodings*.

    Examples
    --------
    >>> X, y = bars_and_stripes(2, 3, noise=0, rng=np.random.default_rng(1))
    >>> image = X[y == 1].reshape(3, 3)
    >>> bool(np.all(image == image[:, :1]))
    True
    """
    n_samples = _checks.integer(n_samples, "n_samples", low=2)
    size = _checks.integer(size, "size", low=2)
    noise = _not_negative(noise, "noise", below=LARGEST)
    rng = _checks.generator(rng)
    _checks.memory(8 * n_samples * (3 * size**2 + 2 * size), "bars_and_stripes")

    y = _balanced_labels(n_samples, rng)
    lit = rng.choice([-1.0, 1.0], size=(n_samples, size))
    bars = np.repeat(lit[:, None, :], size, axis=1)
    images = np.where(y[:, None, None] == 1, bars.transpose(0, 2, 1), bars)
    images = images + noise * rng.normal(size=images.shape)
    return images.reshape(n_samples, -1), y


def ising_ground_states(
    n_samples: int = 100,
    n_qubits: int = 6,
    *,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    r"""Compute ground states of an open Ising chain in transverse fields of random strength.

    .. math::

        H(g) = -\sum_{i=0}^{n-2} Z_i Z_{i+1} - g \sum_{i=0}^{n-1} X_i, \qquad
        g \sim \mathcal{U}[0, 2]

    Energies and the field :math:`g` are in units of the coupling. The states come from exact
    diagonalisation.

    Parameters
    ----------
    n_samples : int
        Number of states, at least 1.
    n_qubits : int
        Number :math:`n` of qubits in the chain, from 2 to 12.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, 2**n_qubits)
        Amplitudes of the normalised ground states, real and not negative; qubit 0 is the most
        significant bit of the column index.
    y : ndarray of int, shape (n_samples,)
        The phase: 1 ordered (:math:`g < 1`), 0 disordered. Class sizes are left to chance.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong type or is out of range.

    Notes
    -----
    The phases are those of the infinite chain, whose transition is at :math:`g = 1`; a short
    chain changes smoothly there, so labels near it are hard. For :math:`g > 0` the ground state
    is unique, has no negative amplitude, and does not change when all qubits are flipped
    (arXiv:2009.09208). Used in the chapter *When kernels help*.

    Examples
    --------
    >>> X, y = ising_ground_states(3, 4, rng=np.random.default_rng(0))
    >>> X.shape, bool(np.array_equal(X, X[:, ::-1]))
    ((3, 16), True)
    """
    n_samples = _checks.integer(n_samples, "n_samples")
    n = _checks.integer(n_qubits, "n_qubits", low=2, high=12)
    rng = _checks.generator(rng)
    half = 2 ** (n - 1)
    _checks.memory(8 * 2 * (n_samples + 8 * n) * half, "ising_ground_states")

    # Below g = 1 the gap to the state that is odd under flipping all qubits closes like g**n.
    # We therefore work among the even states (|s> + |not s>)/sqrt(2) only, s starting with 0.
    s = np.arange(half)
    spins = 1 - 2 * ((s[:, None] >> np.arange(n - 1, -1, -1)) & 1)
    coupling = scipy.sparse.diags_array(-(spins[:, :-1] * spins[:, 1:]).sum(axis=1).astype(float))
    flipped = s ^ (1 << np.arange(n)[:, None])
    even = np.minimum(flipped, 2 * half - 1 - flipped)
    entries = (-np.ones(even.size), (even.ravel(), np.tile(s, n)))
    field = scipy.sparse.csr_array(entries, shape=(half, half))

    g = rng.uniform(0, 2, size=n_samples)
    X = np.empty((n_samples, 2 * half))
    # A positive start overlaps with the ground state; a fixed one makes the result repeatable.
    start = np.arange(1.0, half + 1)
    for row, strength in zip(X, g, strict=True):
        hamiltonian = coupling + strength * field
        _, state = scipy.sparse.linalg.eigsh(hamiltonian, k=1, which="SA", v0=start)
        # The sign of an eigenvector is arbitrary; here all amplitudes share it.
        amplitudes = np.abs(state[:, 0]) / np.sqrt(2)
        row[:] = np.concatenate([amplitudes, amplitudes[::-1]])
    return X, (g < 1).astype(int)


def _balanced_labels(n_samples: int, rng: np.random.Generator) -> Array:
    """Return 0 and 1 in equal numbers (one more 0 if odd) in random order."""
    return rng.permutation(np.arange(n_samples) % 2)


def _standardized(X: Array) -> Array:
    """Return ``X`` with every column at mean 0 and standard deviation 1."""
    return (X - X.mean(axis=0)) / X.std(axis=0)


def _not_negative(value: object, name: str, *, below: float = np.inf) -> float:
    """Return ``value`` as a finite float from 0 to ``below``, without the upper end."""
    result = _checks.real(value, name, below=below)
    if result < 0:
        raise ValueError(f"{name} must be at least 0; got {value!r}.")
    return result
