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

def score(K, ridge, y, fit, rows):  # train on `fit`, score on `rows`
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
        Z = Q = scaled(X[:, strongest(X, y, train)], train)
        $encoded
        ours = []
        for circuit in data["circuits"]:
            kernels = [quantum(Q, train, b, circuit) for b in BANDWIDTHS]
            value, K = race(kernels, RIDGES, y, train, $choose, $rows)
            ours.append(value)
        $baseline
        $aside
        results.append((ours, theirs))
    q, c = np.array([(np.$of_circuits(ours), theirs) for ours, theirs in results]).T
    $runs
    d = q - c
    $interval
    job = data["jobs"][$job]
    fit, rows = np.split(np.arange(len(job["y"])), 2)
    device = score(job["counts"][:, fit] / job["shots"], 1.0, job["y"], fit, rows)
    $geometry
    return {"quantum": q.mean(), "classical": c.mean(), "difference": d.mean(),
            "low": d.mean() - half, "high": d.mean() + half,
            "device": device, "geometry": g$extra}
"""

#: Slot → the fragment of a study that keeps the protocol.
KEPT: Final[dict[str, str]] = {
    "metric": "(hit[y[rows] > 0].mean() + hit[y[rows] < 0].mean()) / 2",
    "limits": "",
    "cleaned": (
        "first = np.sort(np.unique(X, axis=0, return_index=True)[1])\nX, y = X[first], y[first]"
    ),
    "encoded": "",
    "choose": "valid",
    "rows": "test",
    "baseline": (
        "kernels = [rbf(Z, train, g) for g in GAMMAS]\n"
        "theirs, C = race(kernels, RIDGES, y, train, valid, test)"
    ),
    "aside": "",
    "of_circuits": "mean",
    "runs": "",
    "interval": "half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))",
    "geometry": "g = geometric_difference(C[train], K[train], regularization=0.01)",
    "extra": "",
}


def assemble(fragments: Mapping[str, str]) -> str:
    """Return the code with a fragment in each slot; its lines are indented as the slot is.

    >>> "test_score" in assemble(KEPT | {"job": "0", "rows": "test_score"})
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
