"""One side of a CUSUM as a chain of few states, and both sides together.

Used by the run lengths, which the chapter ``book/practice/operations`` shows.
"""

from collections.abc import Iterator

import numpy as np
from scipy import special, stats

from .. import _checks
from .._typing import Array


def chain(h: float, k: float, delta: Array | float, s: float) -> tuple[Array, Array]:
    """Return the steps of one side between its states, and its chance to alarm from each.

    State 0 is the sum at zero, the others are Gauss-Legendre nodes up to h.
    """
    n = 16 + int(min(3 * h / s, 2**40))
    _checks.memory(8 * 3 * n * n * np.size(delta), f"a threshold of {h / s:.3g} deviations")
    x, w = special.roots_legendre(n)
    states = np.concatenate(([0.0], h * (x + 1) / 2))
    mean = np.asarray(delta)[..., None] - k + states  # of the sum, before it is cut at zero
    z = (states[1:] - mean[..., None]) / s
    density = np.exp(-(z**2) / 2) / (np.sqrt(2 * np.pi) * s) * (h * w / 2)
    to_zero = stats.norm.cdf(-mean / s)
    return np.concatenate((to_zero[..., None], density), axis=-1), stats.norm.sf((h - mean) / s)


def passage(h: float, k: float, delta: Array, s: float, n: int) -> Array:
    """Return the chances of a first passage at steps 1 to n, a row for each shift."""
    step, ahead = chain(h, k, delta, s)
    ahead = ahead[..., None]
    chances = np.empty((len(delta), n))
    for t in range(n):
        chances[:, t] = ahead[:, 0, 0]
        ahead = step @ ahead
    return chances


def either(h: float, k: float, delta: Array, s: float, n: int) -> Array:
    """Return the chance of an alarm of either side by steps 1 to n, a row for each shift."""
    f = passage(h, k, np.concatenate([delta, -delta]), s, n).reshape(2, len(delta), n)
    g, back = np.empty_like(f), f[..., ::-1]
    for t in range(n):
        # g of the other side at m, then a fresh passage of t - m steps.
        g[..., t] = f[..., t] - (g[::-1, :, :t] * back[..., n - t :]).sum(axis=-1)
    return np.cumsum(g.sum(axis=0), axis=-1)


def baselines(m: int) -> Iterator[tuple[float, float, Array, Array]]:
    """Yield an estimated deviation with its weight, and estimated means with theirs."""
    low, high = np.sqrt(stats.chi2.ppf([1e-9, 1 - 1e-9], m - 1) / (m - 1))
    x, w = special.roots_legendre(20)
    deviations = low + (high - low) * (x + 1) / 2
    masses = w * deviations * stats.chi2.pdf((m - 1) * deviations**2, m - 1)
    errors, weights = special.roots_hermitenorm(12)
    errors, weights = errors / np.sqrt(m), weights / weights.sum()
    for deviation, mass in zip(deviations, masses / masses.sum(), strict=True):
        yield float(deviation), float(mass), errors, weights
