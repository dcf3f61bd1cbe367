"""Print how often the intervals and tests of a comparison are right: python tests/coverage_comparison.py.

Each line is a setting: the share of 95% intervals that hold the truth, or of families of tests
with a false discovery, with the standard error of that share.
"""  # noqa: E501

import sys
from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats

from qmlcourse.comparison._evaluation import _interval
from qmlcourse.comparison._statistics import _difference, holm, t_test


def fresh(rng: np.random.Generator, n_seeds: int, kind: str) -> tuple[np.ndarray, float, float]:
    """Return independent values, one a seed, their overlap of 0 and their true mean."""
    if kind == "normal":
        return rng.normal(size=n_seeds), 0.0, 0.0
    if kind == "heavy tails (t, 3 degrees)":
        return rng.standard_t(3, n_seeds), 0.0, 0.0
    if kind == "skewed (log-normal)":
        return rng.lognormal(size=n_seeds), 0.0, float(np.exp(0.5))
    if kind == "accuracy of 30, true 0.7":
        return rng.binomial(30, 0.7, n_seeds) / 30, 0.0, 0.7
    if kind == "accuracy of 30, true 0.95":
        return rng.binomial(30, 0.95, n_seeds) / 30, 0.0, 0.95
    # Two models that agree on nearly all: many ties.
    better, worse = rng.binomial(30, 0.03, n_seeds), rng.binomial(30, 0.03, n_seeds)
    return (better - worse) / 30, 0.0, 0.0


def resampled(rng: np.random.Generator, n_seeds: int, n: int) -> tuple[np.ndarray, float, float]:
    """Return differences of two models on test sets of a quarter of the same samples."""
    right = rng.random((2, n)) < 0.7
    n_test = n // 4
    tests = rng.permuted(np.tile(np.arange(n), (n_seeds, 1)), axis=1)[:, :n_test]
    difference = right[0].astype(float) - right[1]
    return difference[tests].mean(axis=1), n_test / (n - n_test), 0.0


FRESH = [
    "normal", "heavy tails (t, 3 degrees)", "skewed (log-normal)", "accuracy of 30, true 0.7",
    "accuracy of 30, true 0.95", "differences of 30, many ties",
]  # fmt: skip


def coverage(draw: Callable[[], tuple[np.ndarray, float, float]], n: int) -> tuple[float, float]:
    """Return the share of intervals that hold the truth, and that of those that are NaN."""
    held, none = 0, 0
    for _ in range(n):
        values, overlap, truth = draw()
        low, high, _ = t_test(values, overlap)
        held += low <= truth <= high
        none += np.isnan(low)
    return held / n, none / n


def share_of(n: int, p: float) -> float:
    """Return the coverage of the interval of a model's accuracy on n samples, all counts summed."""
    counts = np.arange(n + 1)
    held = [low <= p <= high for low, high in (_interval(k / n, n) for k in counts)]
    return float(stats.binom.pmf(counts, n, p)[held].sum())


def rank_error(rng: np.random.Generator, n_seeds: int, kind: str, n: int) -> float:
    """Return how often the signed ranks find a difference of equal models below 0.05."""
    differences = (fresh(rng, n_seeds, kind)[0] for _ in range(n))
    return float(np.mean([_difference(d, 0.0, "wilcoxon")["p"] < 0.05 for d in differences]))


def family_error(rng: np.random.Generator, n_seeds: int, n_models: int, n: int) -> float:
    """Return how often Holm's correction lets pass a difference of equal models, resampled."""
    found = 0
    for _ in range(n):
        right = (rng.random((n_models + 1, 60)) < 0.7).astype(float)
        tests = rng.permuted(np.tile(np.arange(60), (n_seeds, 1)), axis=1)[:, :15]
        scores = right[:, tests].mean(axis=2)
        p = np.array([t_test(s - scores[0], 1 / 3)[2] for s in scores[1:]])
        found += holm(p).min() < 0.05
    return found / n


def lines(n: int) -> Iterator[tuple[str, int, float, float]]:
    """Give a setting, its seeds, the share and the share without an interval."""
    rng = np.random.default_rng(0)
    for kind in FRESH:
        for n_seeds in (3, 5, 10, 20):
            yield kind, n_seeds, *coverage(lambda k=kind, j=n_seeds: fresh(rng, j, k), n)
    for size in (20, 30, 100):
        for p in (0.5, 0.7, 0.9, 0.97):
            yield f"accuracy of {size}, true {p}: exact", 1, share_of(size, p), 0.0
    for kind in (FRESH[0], FRESH[1], FRESH[-1]):
        for n_seeds in (5, 6, 10, 20):
            found = rank_error(rng, n_seeds, kind, n // 4)  # the exact test takes its time
            yield f"ranks, {kind}", n_seeds, found, 0.0
    for size in (60, 120, 400):
        for n_seeds in (3, 5, 10, 20):
            share = coverage(lambda s=size, j=n_seeds: resampled(rng, j, s), n)
            yield f"splits of {size} samples", n_seeds, *share
    for n_models in (1, 5, 12):
        yield f"family-wise error, {n_models} models", 10, family_error(rng, 10, n_models, n), 0.0


if __name__ == "__main__":
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    print(f"{'setting':37} seeds  share   ± s.e.  no interval")
    for setting, n_seeds, share, none in lines(repeats):
        error = np.sqrt(share * (1 - share) / repeats)
        print(f"{setting:37} {n_seeds:5}  {share:.3f}  {error:.3f}  {none:.3f}", flush=True)
