"""Training of an IQP circuit on bit strings, without a quantum computer. Public in generative."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from .. import _checks
from .._typing import Array
from ._gates import LARGEST_PHASE, checked_angles, checked_bits, checked_gates, supports
from ._pairs import HEAVIEST, Pairs, by_weight, off_target
from ._starts import covariance_start

_TOGETHER = 2**24  # bytes of packed data that are gathered at a time
_RARE = 1e-6  # share of words that may be heavier
_DECAYS = 0.9, 0.999  # of Adam's two running means


def train_iqp(
    gates: Sequence[Sequence[int]],
    data: ArrayLike,
    *,
    sigma: float,
    rng: np.random.Generator,
    theta: ArrayLike | None = None,
    n_steps: int = 300,
    learning_rate: float = 0.01,
    n_words: int = 200,
    n_samples: int | None = None,
) -> tuple[Array, Array]:
    r"""Train an IQP circuit so that its samples have a small MMD to the data.

    .. math:: L(\theta) = \operatorname*{mean}_a
        \bigl(\langle Z_a\rangle_\theta - \langle Z_a\rangle_\text{data}\bigr)^2

    with words a drawn as :func:`mmd_squared` says. Each step draws new ones and moves the angles by
    Adam.

    Parameters
    ----------
    gates : sequence of tuples of int
        As for :func:`iqp_expectation`.
    data : array_like of 0 and 1, shape (n_data, n_qubits)
    sigma : float
        Bandwidth of the kernel, above 0. A word has :math:`n(1 - e^{-1/(2\sigma^2)})/2` letters Z
        on average.
    rng : numpy.random.Generator
    theta : array_like of float, shape (n_gates,), optional
        Angles to start from; by default :func:`covariance_start`.
    n_steps : int
        Steps, at least 0.
    learning_rate : float
        Size of a step, above 0: each angle moves by about so much.
    n_words : int
        Words a step.
    n_samples : int, optional
        Strings z a step for the Monte-Carlo means, at least 2: half of them for either factor of
        the square, so that the slope has no bias. Without it means are exact, for gates on one and
        two qubits.

    Returns
    -------
    theta : ndarray of float64, shape (n_gates,)
        The angles after the last step.
    losses : ndarray of float64, shape (n_steps,)
        The estimate of L at the start of each step. With ``n_samples`` it can be negative.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above; without ``n_samples`` also if a gate has more than two
        qubits, or if more than one word in a million has over 16 letters Z. Also if steps are so
        large that phases lose their digits.

    Notes
    -----
    No sample of the circuit is drawn. An exact mean with its slopes costs :math:`2^{w} n` for a
    word of w letters, an estimated one :math:`S\,G` for S strings and G gates. Source:
    arXiv:2503.02934, which estimates all of them. Used in the chapter *Generative models*,
    ``applications/generative``.

    Examples
    --------
    Two bits that are equal; one gate joins them.

    >>> rng = np.random.default_rng(0)
    >>> data = [[0, 0], [1, 1]]
    >>> start = {"theta": [0.1], "learning_rate": 0.02}
    >>> theta, losses = train_iqp([(0, 1)], data, sigma=1.0, rng=rng, **start)
    >>> theta.round(2)  # |00> and |11> alike: pi / 4
    array([0.79])
    """
    bits = checked_bits(data, "data")
    n = bits.shape[1]
    made = checked_gates(gates, n)
    start = covariance_start(made, bits) if theta is None else theta
    angles = checked_angles(start, len(made)).copy()
    sigma = _checks.real(sigma, "sigma", above=0)
    rng = _checks.generator(rng)
    n_steps = _checks.integer(n_steps, "n_steps", low=0)
    learning_rate = _checks.real(learning_rate, "learning_rate", above=0)
    n_words = _checks.integer(n_words, "n_words")
    with np.errstate(over="ignore", under="ignore"):
        letter = -np.expm1(-0.5 / sigma / sigma) / 2
    model: _Exact | _Sampled
    if n_samples is None:
        _exact_fits(made, n, letter)
        model = _Exact(made, n)
    else:
        n_samples = _checks.integer(n_samples, "n_samples", low=2)
        _checks.memory(
            8 * (3 * n_words * (len(made) + n_samples) + 2 * n_samples * len(made)), "a step"
        )
        model = _Sampled(made, n, n_samples, rng)
    _checks.memory(2 * bits.size + n_words * (10 * n + 64) + 32 * len(made), "the words of a step")
    packed = np.packbits(bits.T, axis=1)  # 0 is put where a byte is not full
    mean, square, losses = np.zeros(len(made)), np.zeros(len(made)), np.zeros(n_steps)
    for step in range(n_steps):
        words = (rng.random((n_words, n)) < letter).astype(np.uint8)
        losses[step], slope = model.loss(angles, words, _means(packed, words, len(bits)))
        for moment, decay, new in ((mean, _DECAYS[0], slope), (square, _DECAYS[1], slope**2)):
            moment *= decay
            moment += (1 - decay) * new
        size = np.sqrt(square / (1 - _DECAYS[1] ** (step + 1))) + 1e-12
        angles -= learning_rate * mean / (1 - _DECAYS[0] ** (step + 1)) / size
        if not np.abs(angles).sum() <= LARGEST_PHASE:
            raise ValueError(
                f"learning_rate must be smaller: at {learning_rate} the angles grew so large that "
                "phases lose their digits."
            )
    return angles, losses


def _exact_fits(gates: list[tuple[int, ...]], n_qubits: int, letter: float) -> None:
    """Raise where means have no closed form that is short enough."""
    if large := [g for g in gates if len(g) > 2]:
        raise ValueError(
            f"n_samples must be given for gates on more than two qubits; got the gate {large[0]}."
        )
    heavy = int(binom.isf(_RARE, n_qubits, letter))
    if min(heavy, n_qubits) > HEAVIEST:
        raise ValueError(
            f"sigma must be larger, or n_samples given: words of up to {heavy} letters Z come up, "
            f"and exact means take at most {HEAVIEST}."
        )


def _means(packed: Array, words: Array, n_data: int) -> Array:
    """Return the mean of each word over data that are packed eight to a byte, a qubit a row."""
    result = np.ones(len(words))
    for numbers, qubits in by_weight(words):
        if not qubits.shape[1]:
            continue
        step = max(1, _TOGETHER // (qubits.shape[1] * packed.shape[1]))
        for start in range(0, len(numbers), step):
            odd = np.bitwise_xor.reduce(packed[qubits[start : start + step]], axis=1)
            ones = np.bitwise_count(odd).sum(axis=1, dtype=int)
            result[numbers[start : start + step]] = 1 - 2 * ones / n_data
    return result


class _Exact:
    """Means and slopes in closed form."""

    def __init__(self, gates: list[tuple[int, ...]], n_qubits: int) -> None:
        self.pairs = Pairs(gates, n_qubits)

    def loss(self, theta: Array, words: Array, wanted: Array) -> tuple[float, Array]:
        off, *by = off_target(*self.pairs.spread(theta), words, wanted)
        return float((off**2).mean()), self.pairs.gather(*by) / len(words)


class _Sampled:
    """Means and slopes from random strings, for any gates."""

    def __init__(
        self, gates: list[tuple[int, ...]], n_qubits: int, n_samples: int, rng: np.random.Generator
    ) -> None:
        self.columns = supports(gates, n_qubits).T.astype(np.float32)
        self.n_samples, self.rng = n_samples, rng

    def loss(self, theta: Array, words: Array, wanted: Array) -> tuple[float, Array]:
        z = self.rng.integers(0, 2, (self.n_samples, len(self.columns))).astype(np.float32)
        signs = 1 - 2 * _odd(z @ self.columns)
        odd = _odd(words.astype(np.float32) @ self.columns)
        phases = (odd * (2 * theta).astype(np.float32)) @ signs.T
        half = self.n_samples // 2
        cosines = np.cos(phases)
        first = cosines[:, :half].mean(axis=1, dtype=float) - wanted
        second = cosines[:, half:].mean(axis=1, dtype=float) - wanted
        sines = np.sin(phases)
        sines[:, :half] *= (second / half)[:, None].astype(np.float32)
        sines[:, half:] *= (first / (self.n_samples - half))[:, None].astype(np.float32)
        slope = -2 * np.einsum("aj,aj->j", sines @ signs, odd) / len(words)
        return float((first * second).mean()), slope.astype(float)


def _odd(counts: Array) -> Array:
    """Return 1 where a count is odd; faster than the remainder of floats."""
    return (counts.astype(np.int32) & 1).astype(np.float32)
