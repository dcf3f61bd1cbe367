"""Mean values of Z words after an IQP circuit, exactly or by Monte Carlo. Public in generative."""

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from .. import _checks
from .._typing import Array
from ._exact import exact
from ._gates import checked_angles, checked_gates, supports
from ._pairs import HEAVIEST, Pairs, means

_TOGETHER = 2**22  # signs of gates that are held at a time


@overload
def iqp_expectation(
    gates: Sequence[Sequence[int]], theta: ArrayLike, word: str, *, n_samples: int | None = ...,
    rng: np.random.Generator | None = ...,
) -> float: ...  # fmt: skip


@overload
def iqp_expectation(
    gates: Sequence[Sequence[int]], theta: ArrayLike, word: list[str] | tuple[str, ...], *,
    n_samples: int | None = ..., rng: np.random.Generator | None = ...,
) -> Array: ...  # fmt: skip


def iqp_expectation(
    gates: Sequence[Sequence[int]],
    theta: ArrayLike,
    word: str | list[str] | tuple[str, ...],
    *,
    n_samples: int | None = None,
    rng: np.random.Generator | None = None,
) -> float | Array:
    r"""Compute the mean value of a word of I and Z after an IQP circuit.

    .. math:: |\psi\rangle = \prod_j e^{i\theta_j X_{g_j}}|0\ldots0\rangle, \qquad
        \langle Z_a\rangle = \operatorname*{mean}_{z\in\{0,1\}^n}
        \cos\Bigl(2\sum_{j:\,|g_j\cap a|\text{ odd}}\theta_j\,(-1)^{g_j\cdot z}\Bigr)

    where :math:`X_g` is X on each qubit of g. Gates that share an even number of qubits with the
    word commute with it and drop out.

    Parameters
    ----------
    gates : sequence of tuples of int
        The qubits of each gate, all different, counted from 0.
    theta : array_like of float, shape (n_gates,)
        Angles in radians. A library that writes :math:`e^{-i\phi X/2}` has
        :math:`\phi = -2\theta`; all signs at once change no value.
    word : str, or list of str
        A letter a qubit, I or Z, qubit 0 first. Its length is the number of qubits. Of several
        words, all are equally long.
    n_samples : int, optional
        Strings z to average over, drawn at random. Without it the value is exact.
    rng : numpy.random.Generator, optional
        Needed with ``n_samples``.

    Returns
    -------
    float, or ndarray of float64, shape (n_words,)
        Within -1 to 1; one for each word where several are given. Estimates of several words share
        their strings z, so that their errors are correlated.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, ``rng`` and ``n_samples`` don't come together, angles sum
        to more than 1e8, where phases lose their digits, or the exact mean needs more than
        :math:`2^{26}` terms.

    Notes
    -----
    The standard error of the estimate is at most :math:`1/\sqrt{S}` for S samples, for any number
    of qubits. By Hoeffding's bound its error exceeds :math:`3/\sqrt{S}` with a probability below
    2.3%.
    The exact mean is split where it factorises: with the signs of the word's own qubits fixed,
    other qubits that share no gate are independent. With gates on one and two qubits a word of w
    letters then needs :math:`2^w n` terms, so light words are exact on hundreds of qubits. Source:
    arXiv:2501.04776, arXiv:2503.02934. Used in the chapter *Generative models*,
    ``applications/generative``.

    Examples
    --------
    One gate on each of two qubits: each turns by twice its angle.

    >>> round(iqp_expectation([(0,), (1,)], [0.1, 0.2], "ZZ"), 6)  # cos(0.2) cos(0.4)
    0.902701
    >>> iqp_expectation([(0, 1)], [0.3], "ZZ")  # the gate commutes with the word
    1.0
    >>> rng = np.random.default_rng(0)
    >>> round(iqp_expectation([(0,), (1,)], [0.1, 0.2], "ZZ", n_samples=10**5, rng=rng), 2)
    0.9
    """
    letters = _checked_words(word)
    made = checked_gates(gates, letters.shape[1])
    angles = checked_angles(theta, len(made))
    if (n_samples is None) != (rng is None):
        raise ValueError(
            "rng and n_samples must be given together, or neither for the exact value; got "
            f"n_samples={_checks.shown(n_samples)}, rng={_checks.shown(rng)}."
        )
    if n_samples is None:
        result = _exactly(made, angles, letters)
    else:
        n_samples = _checks.integer(n_samples, "n_samples")
        rows = supports(made, letters.shape[1])
        result = _sampled(rows, angles, letters, n_samples, _checks.generator(rng))
    return float(result[0]) if isinstance(word, str) else result


def _checked_words(word: str | list[str] | tuple[str, ...]) -> Array:
    """Return a row a word, with 1 where it has a Z."""
    words = [word] if isinstance(word, str) else word
    if not isinstance(words, (list, tuple)) or not all(isinstance(w, str) for w in words):
        raise TypeError(f"word must be a text of I and Z, or a list of them; got "
                        f"{_checks.shown(word)}.")  # fmt: skip
    if not words:
        raise ValueError("word must be a text of I and Z, or a list of one or more; got none.")
    for w in words:
        if not w or set(w) - {"I", "Z"}:
            raise ValueError(
                "word must have one letter I or Z for each of one or more qubits; got "
                f"{_checks.shown(w)}."
            )
    if len({len(w) for w in words}) > 1:
        raise ValueError("word must hold words of one length, a letter a qubit; got several.")
    letters = np.frombuffer("".join(words).encode(), dtype=np.uint8) == ord("Z")
    return letters.reshape(len(words), -1).astype(np.uint8)


def _exactly(gates: list[tuple[int, ...]], angles: Array, letters: Array) -> Array:
    """Return the exact means: several light words at once where gates are small."""
    n_words, n = letters.shape
    result = np.ones(n_words)
    light = np.zeros(n_words, dtype=bool)
    if n_words > 1 and all(len(g) <= 2 for g in gates):
        light = letters.sum(axis=1) <= HEAVIEST
        _checks.memory(16 * n * n + 2**28, "the exact means")
        result[light] = means(*Pairs(gates, n).spread(angles), letters[light])
    if light.all():
        return result
    rows = supports(gates, n)
    for k in np.nonzero(~light)[0]:
        odd = (rows & letters[k]).sum(axis=1) % 2 == 1
        result[k] = exact(rows[odd], angles[odd], letters[k])
    return result


def _sampled(
    rows: Array, angles: Array, letters: Array, n_samples: int, rng: np.random.Generator
) -> Array:
    """Return the means over random strings, the same strings for all words."""
    odd = (letters.astype(np.float64) @ rows.T.astype(np.float64)) % 2
    used = odd.any(axis=0)
    rows, turns = rows[used], 2 * angles[used] * odd[:, used]
    n_words, n = letters.shape
    width = n + len(rows) + n_words
    step = max(1, min(n_samples, _TOGETHER // width))
    _checks.memory(24 * step * width + 16 * (rows.size + odd.size), "the sampled mean")
    columns = rows.T.astype(np.float64)
    total = np.zeros(n_words)
    for start in range(0, n_samples, step):
        z = rng.integers(0, 2, (min(step, n_samples - start), n)).astype(np.float64)
        signs = 1.0 - 2.0 * ((z @ columns).astype(np.int64) & 1)
        total += np.cos(turns @ signs.T).sum(axis=1)
    return total / n_samples
