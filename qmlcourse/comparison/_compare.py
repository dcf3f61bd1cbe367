"""Every model on the same splits with the same budget. Public through comparison."""

import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn

from .. import __version__, _checks
from .._progress import progress
from . import _evaluation, _protocol, _schedule, _scoring, _store


def compare(
    models: Mapping[str, Any],
    datasets: Mapping[str, Any],
    *,
    seeds: int | Iterable[int],
    cv: Any = 3,
    budget: int = 8,
    test_size: float = 0.25,
    scoring: Any = "accuracy",
    store: str | PathLike[str] | None = None,
    n_jobs: int | None = None,
    verbose: bool = True,
) -> pd.DataFrame:
    r"""Tune, fit and score every model on every dataset for every seed.

    For each dataset and seed all models get the same training and test samples, the same inner
    folds and the same number of candidate settings, drawn at random from each model's search
    space. The setting with the best mean score over the folds is fitted to the whole training
    part and scored once on the test part, which nothing before has seen.

    Parameters
    ----------
    models : dict of str to classifier or (classifier, search space)
        A classifier alone is compared as it is. A search space maps names of parameters to
        lists of values or SciPy distributions, as in scikit-learn's ``RandomizedSearchCV``.
        Every ``random_state`` is set from the seed, also within a pipeline or a search space.
    datasets : dict of str to (X, y) or callable
        A pair is split anew for each seed; these scores are correlated. A callable gets
        ``rng=numpy.random.default_rng(seed)`` and returns fresh samples (X, y).
    seeds : int or iterable of int
        How many seeds, counted from 0, or the seeds themselves, each once.
    cv : int or splitter
        Number of inner folds (stratified, shuffled), at least 2, or a scikit-learn splitter.
    budget : int
        Candidate settings per model; a smaller search space is tried completely.
    test_size : float
        Share of the samples to test on, between 0 and 1.
    scoring : str or callable
        A scikit-learn scorer for classifiers, or a function of (model, X, y); larger is better.
    store : path, optional
        Folder that keeps each finished cell at once, one file each; ``~`` is your home. A later
        call with the same arguments reads these and runs the rest. On a cluster every worker
        should see it. What decides a result is part of a file's name, so changed settings never
        meet old results, except that the code of your own classes and functions is not looked at.
        Data handed in count by every bit; drawn data by 9 digits of each column's largest entry,
        and by 6 of that entry itself, for processors differ in the last.
        Runs side by side may share it. If it takes no more, a warning says which cells it lacks.
    n_jobs : int, optional
        Cells run side by side by joblib, so ``joblib.parallel_config("dask")`` sends them to a
        cluster. All but the times is the same for any number.
    verbose : bool
        Say on stderr what the store held, and on a terminal how far it got and the time left.

    Returns
    -------
    DataFrame
        A row per dataset, model and seed: ``dataset``; ``drawn`` ("fresh" or "resampled");
        ``model``; ``seed``; ``score`` on the test part, with ``low`` and ``high``, the 95% Wilson
        interval of this one test set (NaN unless scoring is "accuracy"); ``train_score``;
        ``n_train``; ``n_test``; ``tried`` settings (1: not tuned); wall times ``search_seconds``,
        ``fit_seconds`` (the final fit alone), ``predict_seconds`` (scoring the test part), each in
        one thread; ``circuits`` a device would have run to tune, fit and predict (0: classical;
        NaN: unknown, of quantum models in one other than a pipeline, a vote or one-vs-rest);
        ``params``, the chosen setting as JSON; ``split``, a hash of samples, test set and folds.

    Raises
    ------
    ValueError, TypeError, ImportError
        If an argument is not as above, or a model needs an extra that isn't installed; before any
        model is fitted.
    RuntimeError
        If cells failed, or the process ended that ran them. It names them; all others have run,
        are in the store and stand in the error's own ``table``.

    Notes
    -----
    Source of the protocol: arXiv:2403.07059, with more baselines. Used in the chapter *Fair
    benchmarking*.

    Examples
    --------
    >>> from functools import partial
    >>> from sklearn.dummy import DummyClassifier
    >>> from sklearn.tree import DecisionTreeClassifier
    >>> from qmlcourse.datasets import linearly_separable
    >>> table = compare(
    ...     {"dummy": DummyClassifier(),
    ...      "tree": (DecisionTreeClassifier(), {"max_depth": [1, 2, 4]})},
    ...     {"separable": partial(linearly_separable, 80, 2)},
    ...     seeds=2, budget=8,
    ... )
    >>> table[["dataset", "model", "seed", "n_train", "n_test", "tried"]].values.tolist()[::2]
    [['separable', 'dummy', 0, 60, 20, 1], ['separable', 'tree', 0, 60, 20, 3]]
    """
    budget = _checks.integer(budget, "budget")
    contestants = _protocol.check_models(models, budget)
    listed = _protocol.check_seeds(seeds)
    cv = _protocol.check_cv(cv)
    test_size = _checks.real(test_size, "test_size", above=0, below=1)
    _scoring.check(scoring, contestants)
    if n_jobs is not None and _checks.integer(n_jobs, "n_jobs", low=-(10**6)) == 0:
        raise ValueError("n_jobs must be None or an integer other than 0; got 0.")
    place = None if store is None else _store.folder(store)
    if place is not None and not os.path.isdir(place):
        _store.check(place)

    by_dataset: dict[str, list[_protocol.Draw]] = {}
    for draw in _protocol.draws(datasets, listed, cv=cv, test_size=test_size):
        by_dataset.setdefault(draw.dataset, []).append(draw)
    for drawn in by_dataset.values():
        _scoring.check_labels(scoring, drawn[0])
    order = [(d, c) for drawn in by_dataset.values() for c in contestants for d in drawn]
    cells = [_cell(i, d, c, scoring, budget, place) for i, (d, c) in enumerate(order)]

    rows = {}
    for cell in cells:
        if (row := _stored(cell)) is not None:
            rows[cell.index] = row
    waiting = [cell for cell in cells if cell.index not in rows]
    if verbose and rows:
        print(
            f"store: {len(rows)} of {len(cells)} cells were finished before; {len(waiting)} to run",
            file=sys.stderr,
        )
    _protocol.check_extras([cell.contestant for cell in waiting])
    # A finished one may lie where nothing can be written.
    if place is not None and waiting:
        _store.check(place)
    failed: dict[int, Exception] = {}
    unsaved: dict[int, OSError] = {}
    with progress(len(cells), "cells", done=len(rows), show=None if verbose else False) as display:
        for outcome in _schedule.all_outcomes(waiting, n_jobs):
            display.update()
            cell = cells[outcome.index]
            if outcome.row is None:
                failed[cell.index] = outcome.error or RuntimeError("no outcome")
                continue
            rows[cell.index] = outcome.row
            problem = outcome.unsaved or _kept(cell, outcome.row)
            if problem is not None:
                unsaved[cell.index] = problem
                if len(unsaved) == 1:
                    warnings.warn(
                        f"store: {cell.name} could not be kept in {str(place)!r} "
                        f"({problem.strerror}); the run goes on, and its table holds the score.",
                        stacklevel=2,
                    )
    if len(unsaved) > 1:
        names = ", ".join(cells[i].name for i in sorted(unsaved))
        warnings.warn(
            f"store: {len(unsaved)} cells (dataset, model, seed) are in the table alone, not in "
            f"{str(place)!r}: {names}.", stacklevel=2,
        )  # fmt: skip
    table = pd.DataFrame([rows[i] for i in sorted(rows)], columns=_store.COLUMNS)
    if failed:
        raise _failure(cells, failed, table, kept=place is not None and not unsaved)
    return table


def _stored(cell: _evaluation.Cell) -> dict[str, Any] | None:
    """Return a finished cell's row, if there is one, also under the name that it had before."""
    if cell.path is None or cell.key is None:
        return None
    row = _store.load(cell.path, cell.key)
    if row is None and cell.former is not None:
        row, _ = _store.read(cell.former[1], cell.former[0])
        return row and row | {"split": cell.draw.split}
    return row


def _kept(cell: _evaluation.Cell, row: dict[str, Any]) -> OSError | None:
    """Store the row that a worker on another machine wrote to its own disk; return a failure."""
    try:
        if cell.path is not None and not cell.path.exists():
            _store.save(cell.path, str(cell.key), row)
    except OSError as error:
        return error
    return None


def _failure(
    cells: list[_evaluation.Cell], failed: dict[int, Exception], table: pd.DataFrame, kept: bool
) -> RuntimeError:
    names = ", ".join(cells[i].name for i in sorted(failed))
    others = "the others are in the store" if kept else "a store would keep the others"
    first = failed[min(failed)]
    error = RuntimeError(
        f"{len(failed)} of {len(cells)} cells (dataset, model, seed) failed: {names}; {others}. "
        f"The first: {type(first).__name__}: {first}"
    )
    error.table = table  # type: ignore[attr-defined]
    error.__cause__ = first
    return error


def _cell(
    index: int,
    draw: _protocol.Draw,
    contestant: _protocol.Contestant,
    scoring: Any,
    budget: int,
    store: Path | None,
) -> _evaluation.Cell:
    if store is None:
        return _evaluation.Cell(index, draw, contestant, scoring)
    decide = _protocol.seeded([contestant.estimator, contestant.space],
                              _protocol.states(draw.seed)["model"])  # fmt: skip
    settings = [*map(_store.describe, decide), budget,
                _store.describe(scoring), __version__, sklearn.__version__]  # fmt: skip

    def found_by(split: str) -> tuple[str, Path]:
        # The split stands for the samples, cv and test_size.
        decides = [draw.dataset, draw.drawn, draw.seed, split, contestant.name, *settings]
        key = _store.digest(decides)
        return key, store / _store.file_name(draw.dataset, contestant.name, draw.seed, key)

    former = None if draw.former is None else found_by(draw.former)
    return _evaluation.Cell(index, draw, contestant, scoring, *found_by(draw.split), former)
