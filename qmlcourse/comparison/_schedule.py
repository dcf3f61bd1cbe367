"""Cells side by side; a worker that dies costs the cell it was at, and that one is named."""

import re
import time
from collections.abc import Iterable, Iterator
from itertools import chain
from pickle import PicklingError
from typing import Any

import joblib

from . import _evaluation, _store
from ._evaluation import Cell, Outcome


class WorkerLost(RuntimeError):
    """The process that a cell ran in ended before the cell."""


def outcomes(cells: Iterable[Cell], n_jobs: int | None) -> Iterator[Outcome]:
    """Yield what became of each cell, in the order of its end."""
    waiting = {cell.index: cell for cell in cells}
    while waiting:
        begun: dict[int, Cell] = {}
        try:
            for outcome in _side_by_side(_noting(waiting.values(), begun), n_jobs):
                begun.pop(outcome.index, None)
                waiting.pop(outcome.index)
                yield outcome
        except Exception:
            # joblib gives up all for one, and doesn't say which: one of those in flight.
            if not begun:
                raise
            for index, cell in begun.items():
                waiting.pop(index)
                yield _alone(cell, n_jobs)


def all_outcomes(cells: Iterable[Cell], n_jobs: int | None) -> Iterator[Outcome]:
    """Yield what became of each cell; those that other runs are at, when these are done."""
    waiting = list(cells)
    # A cell that ended its process when it ran in that of the whole run may do so again.
    suspects = [c for c in waiting if in_this_process(n_jobs) and _begun(c)]
    waiting = [c for c in waiting if c not in suspects]
    pause = 0.05
    while waiting or suspects:
        elsewhere = []
        for outcome in chain(outcomes(waiting, n_jobs), map(apart, suspects)):
            if outcome.row is None and outcome.error is None:
                elsewhere.append(outcome.index)
            else:
                yield outcome
        waiting = [c for c in waiting if c.index in elsewhere]
        suspects = [c for c in suspects if c.index in elsewhere]
        if waiting or suspects:
            time.sleep(pause)
            pause = min(2 * pause, 2.0)


def apart(cell: Cell) -> Outcome:
    """Run a cell in a process of its own, which it may end; one that can't travel runs here."""
    try:
        [outcome] = _side_by_side([cell], 2, backend="loky")
    except PicklingError:
        return _evaluation.run(cell)
    except Exception as error:
        return _lost(cell, error)
    return outcome


def in_this_process(n_jobs: int | None) -> bool:
    """Return whether cells would run where a dying one ends all."""
    backend, _ = joblib.parallel.get_active_backend()
    if type(backend).__module__ != "joblib._parallel_backends":
        return False
    threads = getattr(backend, "supports_sharedmem", False)
    return bool(threads) or joblib.effective_n_jobs(n_jobs) == 1


def _begun(cell: Cell) -> bool:
    return cell.path is not None and cell.key is not None and _store.begun(cell.path, cell.key)


def _alone(cell: Cell, n_jobs: int | None) -> Outcome:
    try:
        [outcome] = _side_by_side([cell], n_jobs)
    except Exception as error:
        return _lost(cell, error)
    return outcome


def _side_by_side(cells: Iterable[Cell], n_jobs: int | None, **where: Any) -> Iterator[Outcome]:
    # Batches of one: no cell waits for another to be reported. Nor does any wait in a worker's
    # queue: those in flight are those that may have killed it.
    parallel = joblib.Parallel(
        n_jobs, batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered", **where
    )
    yield from parallel(joblib.delayed(_evaluation.run)(cell) for cell in cells)


def _noting(cells: Iterable[Cell], begun: dict[int, Cell]) -> Iterator[Cell]:
    for cell in list(cells):
        begun[cell.index] = cell
        yield cell


def _lost(cell: Cell, error: Exception) -> Outcome:
    codes = re.search(r"exit codes of the workers are (\{.*?\})", str(error))
    how = f" (exit codes of the workers: {codes[1]})" if codes else f" ({_first_line(error)})"
    lost = WorkerLost(
        f"the process that worked on {cell.name} ended without a word, as one does that is "
        f"killed or takes more memory than there is{how}"
    )
    lost.__cause__ = error
    return Outcome(cell.index, error=lost)


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]
