"""One cell of a comparison: tune a model on the training part, fit it, score it once."""

import json
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from scipy.stats import binomtest
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, ParameterSampler
from threadpoolctl import threadpool_limits

from .._typing import Array
from . import _store
from ._circuits import circuits
from ._protocol import Contestant, Draw, seeded, states


@dataclass(frozen=True, slots=True)
class Cell:
    """A model on a dataset for a seed.

    One object holds it all: bare arrays Dask would keep on one worker, whose death loses them.
    """

    index: int
    draw: Draw
    contestant: Contestant
    scoring: Any
    key: str | None = None
    path: Path | None = None
    former: tuple[str, Path] | None = None  # key and path that version 0.1.0 gave it

    @property
    def name(self) -> str:
        return f"({self.draw.dataset}, {self.contestant.name}, {self.draw.seed})"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell: its row, or what went wrong, or neither where another run has it."""

    index: int
    row: dict[str, Any] | None = None
    error: Exception | None = None
    unsaved: OSError | None = None  # why the row isn't in the store


def run(cell: Cell) -> Outcome:
    """Tune, fit and score a cell, and store its row if wished."""
    if cell.path is None or cell.key is None:
        return _attempt(cell)
    with _store.claimed(cell.path, cell.key) as ours:
        if not ours:
            return Outcome(cell.index)
        # Another run may have finished it while this one was busy elsewhere.
        row, _ = _store.read(cell.path, cell.key)
        return _attempt(cell) if row is None else Outcome(cell.index, row)


def _attempt(cell: Cell) -> Outcome:
    try:
        # One thread a cell: small fits are faster so, and times don't depend on the neighbours.
        with _interruptible(), threadpool_limits(1), joblib.parallel_config("sequential"):
            row = measure(cell)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit(), which is no reason to end the others
        return Outcome(cell.index, error=_portable(error))
    if cell.path is not None and cell.key is not None:
        try:
            _store.save(cell.path, cell.key, row)
        except OSError as error:
            return Outcome(cell.index, row, unsaved=error)
    return Outcome(cell.index, row)


def measure(cell: Cell) -> dict[str, Any]:
    """Return the cell's row of the table."""
    draw, contestant = cell.draw, cell.contestant
    state = states(draw.seed)
    X, y = draw.X[draw.train], draw.y[draw.train]
    X_test, y_test = draw.X[draw.test], draw.y[draw.test]
    scorer = get_scorer(cell.scoring)
    estimator = seeded(contestant.estimator, state["model"])

    start = time.perf_counter()
    if contestant.space is None:
        model = clone(estimator).fit(X, y)
        fit_seconds = time.perf_counter() - start
        params, tuning_circuits, search_seconds = {}, 0.0, 0.0
    else:
        candidates = list(
            ParameterSampler(contestant.space, contestant.tried, random_state=state["candidates"])
        )
        # A candidate may hold models too.
        settings = seeded(candidates, state["model"])
        search = GridSearchCV(
            estimator,
            [{name: [value] for name, value in setting.items()} for setting in settings],
            scoring=_Counted(scorer),
            refit=False,
            cv=draw.folds,
            error_score="raise",
        ).fit(X, y)
        best = search.cv_results_["rank_test_score"].argmin()
        params = candidates[best]
        search_seconds = time.perf_counter() - start
        # Not scikit-learn's refit, which is timed by a clock that may be set back.
        start = time.perf_counter()
        model = clone(estimator).set_params(**clone(settings[best], safe=False)).fit(X, y)
        fit_seconds = time.perf_counter() - start
        splits = [f"split{i}_test_" for i in range(len(draw.folds))]
        hidden = any(search.cv_results_[f"{split}hidden"].any() for split in splits)
        counts = [search.cv_results_[f"{split}circuits"].sum() for split in splits]
        tuning_circuits = np.nan if hidden else int(sum(counts))

    start = time.perf_counter()
    score = _finite(scorer(model, X_test, y_test))
    predict_seconds = time.perf_counter() - start
    low, high = _interval(score, len(y_test)) if cell.scoring == "accuracy" else (np.nan, np.nan)
    return {
        "dataset": draw.dataset,
        "drawn": draw.drawn,
        "model": contestant.name,
        "seed": draw.seed,
        "score": score,
        "low": low,
        "high": high,
        "train_score": _finite(scorer(model, X, y)),
        "n_train": len(y),
        "n_test": len(y_test),
        "tried": contestant.tried,
        "search_seconds": search_seconds,
        "fit_seconds": float(fit_seconds),
        "predict_seconds": predict_seconds,
        "circuits": _whole(tuning_circuits + circuits(model, len(y_test))),
        "params": json.dumps(params, sort_keys=True, default=_plain),
        "split": draw.split,
    }


class _Counted:
    """A scorer that also says how many circuits the fit and the prediction took."""

    def __init__(self, scorer: Any) -> None:
        self.scorer = scorer

    def __call__(self, model: Any, X: Array, y: Array) -> dict[str, float]:
        score, count = _finite(self.scorer(model, X, y)), circuits(model, len(X))
        # scikit-learn would take a NaN for a bad score.
        hidden = np.isnan(count)
        return {"score": score, "circuits": 0.0 if hidden else count, "hidden": float(hidden)}


def _whole(count: float) -> float:
    return count if np.isnan(count) else int(count)


def _interval(accuracy: float, n: int) -> tuple[float, float]:
    """Return the 95% Wilson interval of a share of n test samples."""
    interval = binomtest(round(accuracy * n), n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _finite(score: Any) -> float:
    if not np.isfinite(score):
        raise ValueError(f"scoring must give finite numbers; got {score}.")
    return float(score)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def _portable(error: BaseException) -> Exception:
    """Return an error that can travel from a worker, with its traceback as a note."""
    text = "".join(traceback.format_exception(error)).rstrip()
    try:
        portable = pickle.loads(pickle.dumps(error))
    except Exception:
        portable = None
    if not isinstance(portable, Exception):
        portable = RuntimeError(repr(error))
    portable.add_note(text)
    return portable


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise a Ctrl-C although the estimator swallows it to return a half-trained model.

    scikit-learn's neural networks do, and such a model must not be scored and stored.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    pressed = False

    def note(number: int, frame: Any) -> None:
        nonlocal pressed
        pressed = True
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if pressed:
            raise KeyboardInterrupt
