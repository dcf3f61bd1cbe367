"""The code of a study: a frame with slots, and the fragments that keep the protocol."""

import functools
import re
import string
from collections.abc import Callable, Mapping
from typing import Any, Final

#: What every study returns: six numbers that compare as scores do, and the geometric difference.
NUMBERS = ("quantum", "classical", "difference", "low", "high", "device", "geometry")

# Each slot is filled by a fragment; one that stands alone on its line may take several lines.
FRAME = """\
import numpy as np
from scipy import stats
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import geometric_difference
BANDWIDTHS, GAMMAS, RIDGES = (0.2, 0.4, 0.8), (0.03, 0.3, 3.0), (0.1, 1.0)

def strongest(X, y, rows):  # the four features that correlate most with the labels
    return np.argsort(-np.abs(np.corrcoef(X[rows].T, y[rows])[-1, :-1]))[:4]

def scaled(X, rows):
    return (X - X[rows].mean(axis=0)) / X[rows].std(axis=0)

def quantum(Z, fit, bandwidth, circuit):  # squared overlaps of states
    S = encoded_states(Z @ circuit, "iqp", bandwidth=bandwidth)
    return np.abs(S @ S[fit].conj().T) ** 2

def rbf(Z, fit, gamma):
    return np.exp(-gamma * ((Z[:, None] - Z[fit]) ** 2).sum(axis=-1))

def score(K, ridge, y, fit, rows):  # trained on `fit`, scored on `rows`
    weights = np.linalg.solve(K[fit] + ridge * np.eye(len(fit)), y[fit])
    hit = np.sign(K[rows] @ weights) == y[rows]
    return $metric

def race(kernels, ridges, y, fit, choose, rows):  # first of the best pairs
    pairs = [(K, ridge) for K in kernels for ridge in ridges]
    K, ridge = max(pairs, key=lambda pair: score(*pair, y, fit, choose))
    return score(K, ridge, y, fit, rows), K

def study(data):
    results = []
    for X, y in zip(data["X"], data["y"]):
        $limits
        $cleaned
        train, later = np.array_split(np.arange(len(y)), 2)
        valid, test = np.array_split(later, 2)
        $features
        ours = []
        for circuit in data["circuits"]:
            kernels = [quantum(Q, train, b, circuit) for b in BANDWIDTHS]
            $raced
            ours.append(value)
        $baseline
        $aside
        results.append((ours, theirs))
    $circuits
    $runs
    d = q - c
    $interval
    $job
    fit, rows = np.split(np.arange(len(job["y"])), 2)
    device = score(job["counts"][:, fit] / job["shots"], 1.0, job["y"], fit, rows)
    $geometry
    return {"quantum": q.mean(), "classical": c.mean(), "difference": d.mean(),
            "low": d.mean() - half, "high": d.mean() + half,
            "device": device, "geometry": g$extra}
"""

#: Slot → the fragments of a study that keeps the protocol: all give the very same numbers.
KEPT: Final[dict[str, tuple[str, ...]]] = {
    "metric": (
        "(hit[y[rows] > 0].mean() + hit[y[rows] < 0].mean()) / 2",
        "np.mean([hit[y[rows] == side].mean() for side in (1, -1)])",
    ),
    "limits": ("",),
    "cleaned": (
        "once = np.sort(np.unique(X, axis=0, return_index=True)[1])\nX, y = X[once], y[once]",
        "seen = [tuple(row) for row in X]\n"
        "once = sorted(set(map(seen.index, seen)))\nX, y = X[once], y[once]",
        "place = {tuple(row): n for n, row in reversed(list(enumerate(X)))}\n"
        "once = sorted(place.values())\nX, y = X[once], y[once]",
    ),
    "features": (
        "Z = Q = scaled(X[:, strongest(X, y, train)], train)",
        "four = strongest(X, y, train)\nZ = scaled(X[:, four], train)\nQ = Z",
        "X = X[:, strongest(X, y, train)]\nZ = Q = scaled(X, train)",
    ),
    "raced": (
        "value, K = race(kernels, RIDGES, y, train, valid, test)",
        "value, K = race(\n    kernels, RIDGES, y, fit=train, choose=valid, rows=test)",
        'parts = {"fit": train, "choose": valid, "rows": test}\n'
        "value, K = race(kernels, RIDGES, y, **parts)",
    ),
    "baseline": (
        "kernels = [rbf(Z, train, gamma) for gamma in GAMMAS]\n"
        "theirs, C = race(kernels, RIDGES, y, train, valid, test)",
        "widths = [rbf(Z, train, gamma) for gamma in GAMMAS]\n"
        "theirs, C = race(widths, RIDGES, y, fit=train, choose=valid, rows=test)",
        "theirs, C = race(\n    [rbf(Z, train, gamma) for gamma in GAMMAS],\n"
        "    RIDGES, y, train, valid, test)",
    ),
    "aside": ("",),
    "circuits": (
        "q, c = np.array([(np.mean(ours), theirs) for ours, theirs in results]).T",
        "q = np.array([np.mean(ours) for ours, _ in results])\n"
        "c = np.array([theirs for _, theirs in results])",
        "each, c = map(np.array, zip(*results))\nq = each.mean(axis=1)",
    ),
    "runs": ("",),
    "interval": (
        "error = d.std(ddof=1) / np.sqrt(len(d))\nhalf = stats.t.ppf(0.975, len(d) - 1) * error",
        "half = stats.t.ppf(0.975, len(d) - 1) * stats.sem(d)",
        "error = np.std(d, ddof=1) / np.sqrt(len(d))\n"
        "half = error * stats.t.isf(0.025, len(d) - 1)",
    ),
    "geometry": (
        "g = geometric_difference(C[train], K[train], regularization=0.01)",
        "pair = C[train], K[train]\ng = geometric_difference(*pair, regularization=0.01)",
    ),
    "extra": ("",),
}


def from_chip(place: int) -> tuple[str, ...]:
    """Return the fragments that take a job by its place among the two."""
    return f'job = data["jobs"][{place}]', f'job = data["jobs"][{place - 2}]'


def assemble(fragments: Mapping[str, str]) -> str:
    """Return the code with a fragment in each slot; its lines are indented as the slot is.

    >>> kept = {slot: forms[0] for slot, forms in KEPT.items()}
    >>> "job = 7" in assemble(kept | {"job": "job = 7"})
    True
    """
    lines = []
    for line in FRAME.splitlines():
        if alone := re.fullmatch(r"( *)\$(\w+)", line):
            lines += [alone[1] + part for part in fragments[alone[2]].splitlines()]
        else:
            lines.append(string.Template(line).substitute(fragments))
    return "\n".join(lines) + "\n"


@functools.lru_cache(maxsize=64)
def _study(code: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    namespace: dict[str, Any] = {"__name__": "study"}
    exec(compile(code, "<study>", "exec"), namespace)  # it comes from the frame above
    study: Callable[[Mapping[str, Any]], dict[str, Any]] = namespace["study"]
    return study


def run(code: str, data: Mapping[str, Any]) -> dict[str, float]:
    """Return what the function `study` of the code makes of the data."""
    return {name: float(value) for name, value in _study(code)(data).items()}
