"""Data of a study: tasks on which a tuned quantum and a tuned classical kernel are about equal."""

from typing import Any

import numpy as np
from scipy import stats

from .._typing import Array
from ..encodings import encoded_states
from ._flaws import Draft

_COLUMNS, _TELLING, _SHOTS = 24, 4, 200


def draw(
    draft: Draft,
    chip: str,
    rng: np.random.Generator,
    *,
    rows: int = 128,
    runs: int = 10,
    circuits: int = 3,
) -> dict[str, Any]:
    """Draw a study's data.

    Returns
    -------
    dict
        "X" (runs, rows, columns) and "y" (runs, rows), one data set for each run; "circuits"
        (circuits, 4, 4), random rotations; "limits" (2, columns), of the instrument; "jobs", the
        counts of a chip and of a simulator.
    """
    telling = rng.permutation(_COLUMNS)[:_TELLING]
    offset, scale = rng.uniform(-2, 5, size=_COLUMNS), rng.uniform(0.5, 3, size=_COLUMNS)
    rotations = stats.ortho_group.rvs(_TELLING, size=circuits, random_state=rng).round(3)

    def labelled(n: int) -> tuple[Array, Array]:
        Z = rng.normal(size=(n, _COLUMNS))
        z = Z[:, telling]
        f = z.sum(axis=1) - 0.6 * (z**2).sum(axis=1)
        f += 0.4 * (z[:, 0] * z[:, 1] - z[:, 2] * z[:, 3]) + 0.4 * rng.normal(size=n)
        return Z, np.where(f > np.quantile(f, 1 - draft.positive), 1, -1)

    def one_run() -> tuple[Array, Array]:
        Z, y = labelled(rows)
        copies = rng.choice(rows, size=round(draft.repeats * rows), replace=False)
        while True:
            order = rng.permutation(np.append(np.arange(rows), copies))
            if _mixed(y[order], 4) and _mixed(y[list(dict.fromkeys(order))], 4):
                # Rounded as an instrument does, so that every machine has the same digits.
                return (offset + scale * Z[order]).round(3), y[order]

    X, y = zip(*(one_run() for _ in range(runs)), strict=True)
    jobs = None
    while jobs is None:
        Z, labels = labelled(60)
        jobs = _jobs(Z[:, telling] @ rotations[0], labels, chip, rng)
    if draft.compiler_seed:
        jobs[0]["compiler_seed"] = int(rng.integers(2**16))
    return {
        "X": np.array(X),
        "y": np.array(y),
        "circuits": rotations,
        "limits": np.array([offset - 6 * scale, offset + 6 * scale]).round(1),
        "jobs": jobs if draft.chip == 0 else jobs[::-1],
    }


def _mixed(y: Array, parts: int) -> bool:
    """Return whether each part has rows of both classes, which a mean over classes needs."""
    return all(abs(part.mean()) < 1 for part in np.array_split(y, parts))


def _jobs(Z: Array, y: Array, chip: str, rng: np.random.Generator) -> list[dict[str, Any]] | None:
    """Return the counts of all zeros for each pair of rows, of the chip and of a simulator.

    None where the chip's classify no better than a coin, or hardly worse than the simulator's.
    """
    if not _mixed(y, 2):
        return None
    states = encoded_states(Z, "iqp", bandwidth=0.3)
    overlaps = np.minimum(np.abs(states @ states.conj().T) ** 2, 1)
    # On the chip the signal fades, for each pair by another amount, towards a uniform mixture.
    fading = rng.uniform(0.3, 0.9, size=overlaps.shape)
    jobs, scores = [], []
    for backend, chances in (
        (chip, fading * overlaps + (1 - fading) / 2**_TELLING),
        (f"statevector simulator, compiled for {chip}", overlaps),
    ):
        counts = rng.binomial(_SHOTS, chances)
        counts = np.triu(counts) + np.triu(counts, 1).T
        jobs.append({"backend": backend, "shots": _SHOTS, "y": y, "counts": counts})
        K = counts[:, :30] / _SHOTS
        guess = K[30:] @ np.linalg.solve(K[:30] + np.eye(30), y[:30])
        scores.append(np.mean([np.mean(guess[y[30:] == side] * side > 0) for side in (-1, 1)]))
    return jobs if 0.55 < scores[0] < scores[1] - 0.05 else None
