"""Expectation values of Pauli words from a shadow. Public through shadows."""

import numpy as np

from .. import _checks
from .._typing import Array
from ._shadow import Shadow

_LETTERS = 600  # beyond them, 3^w is no float


def expectation(shadow: Shadow, word: str, *, groups: int = 1) -> float | Array:
    r"""Estimate the expectation value of a Pauli word from a shadow.

    .. math:: \hat o = \frac{1}{n}\sum_{t=1}^{n} 3^w \prod_{k:\,P_k \neq I}
        [\,\text{basis}_{tk} = P_k\,]\,(-1)^{\text{bit}_{tk}}

    where w counts the letters other than I. One measurement in :math:`3^w` has all of them as its
    bases; the others count as 0. The estimate is unbiased, with the variance
    :math:`(3^w - \langle P\rangle^2)/n`. It can lie outside of -1 to 1.

    Parameters
    ----------
    shadow : Shadow
    word : str
        One letter of I, X, Y, Z a qubit, qubit 0 first.
    groups : int
        1 for the mean, as above. More: the measurements are cut into so many groups one after
        another, as equal as can be, and the result is the median of their means.

    Returns
    -------
    float, or ndarray of float, shape (n_states,)
        A number where the shadow holds one state.

    Raises
    ------
    ValueError, TypeError
        If an argument is not as above, or there are more groups than measurements.

    Notes
    -----
    A median of means is far off less often than a mean can be shown to be, whatever the
    distribution; it is biased where the groups' means are skewed. Source: arXiv:2002.08953,
    theorem S1 and lemma S3. Used in the chapter *Quantum data*, ``applications/quantum_data``.

    Examples
    --------
    Of four measurements one has X and Y as its bases, with the outcomes 1 and -1:

    >>> shadow = Shadow([[0, 1], [0, 0], [1, 1], [0, 1]], [[0, 1], [0, 2], [2, 1], [2, 2]])
    >>> expectation(shadow, "XY")
    -2.25
    >>> expectation(shadow, "XI")
    1.5
    """
    if not isinstance(shadow, Shadow):
        raise TypeError(f"shadow must be a Shadow; got {_checks.shown(shadow)}.")
    q, n = shadow.n_qubits, shadow.n_measurements
    if not isinstance(word, str) or len(word) != q or not set(word) <= set("IXYZ"):
        raise ValueError(
            f"word must be a text of {q} letters I, X, Y, Z, one a qubit; got "
            f"{_checks.shown(word)}."
        )
    groups = _checks.integer(groups, "groups", high=n)
    on = [k for k, letter in enumerate(word) if letter != "I"]
    if len(on) > _LETTERS:
        raise ValueError(f"word must have at most {_LETTERS} letters other than I; got {len(on)}.")
    several = 9 * n + 32 * groups if groups > 1 else 24
    _checks.memory(
        shadow.n_states * (4 * n + several) + 8 * groups + 2**13,
        f"a word of {shadow.n_states * n} measurements",
    )
    shape = (shadow.n_states, n)
    hit, odd = np.ones(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for k in on:
        hit &= shadow.bases[..., k] == "XYZ".index(word[k])
        odd ^= shadow.bits[..., k] == 1
    edges = np.arange(groups) * n // groups
    counts = np.diff(edges, append=n)
    plus = _sums(hit & ~odd, edges)
    means = 3.0 ** len(on) * (plus - _sums(hit & odd, edges)) / counts
    result = np.median(means, axis=1) if groups > 1 else means[:, 0]
    return result if shadow.n_states > 1 else float(result[0])


def _sums(found: Array, edges: Array) -> Array:
    """Return how often in each group, shape (n_states, groups)."""
    if len(edges) == 1:
        return np.count_nonzero(found, axis=1)[:, None]
    return np.add.reduceat(found, edges, axis=1, dtype=np.int64)
