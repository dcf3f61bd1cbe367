"""Parts of one computation, side by side by joblib; what a dying worker had is run again."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

import joblib
from threadpoolctl import threadpool_limits

from . import _checks

T = TypeVar("T")
_DEATHS = 3  # in a row, with nothing done between them: then the work itself is what kills


def wanted(n_jobs: int | None) -> bool:
    """Return whether a caller's n_jobs, or joblib's configuration, asks for workers."""
    if n_jobs is None:
        return bool(joblib.effective_n_jobs(None) != 1)
    if _checks.integer(n_jobs, "n_jobs", low=-(10**6)) == 0:
        raise ValueError("n_jobs must be None or an integer other than 0; got 0.")
    return True


def side_by_side(
    work: Callable[..., T], tasks: Iterable[tuple[Any, ...]], n_jobs: int | None
) -> Iterator[tuple[int, T]]:
    """Yield the place of each task in the list and what `work` makes of it, in order of their end.

    Each part runs in one thread, so what it gives does not depend on how many run. What was in a
    worker that ends without a word, killed or out of memory, is run again.
    """
    waiting: dict[int, tuple[Any, ...]] = {}
    coming = enumerate(tasks)

    def begun() -> Iterator[tuple[int, tuple[Any, ...]]]:
        for place, task in coming:
            waiting[place] = task
            yield place, task

    deaths = 0
    while True:
        # What another pool had begun, then what none has.
        calls = chain(list(waiting.items()), begun())
        parallel = joblib.Parallel(
            n_jobs, batch_size=1, pre_dispatch="2*n_jobs", return_as="generator_unordered"
        )
        try:
            for place, result in parallel(joblib.delayed(_one)(work, *call) for call in calls):
                deaths = 0
                del waiting[place]
                yield place, result
            return
        except Exception as error:
            deaths += 1
            if not _lost(error) or deaths == _DEATHS:
                raise


def _lost(error: Exception) -> bool:
    """Return whether a worker ended; dask's own scheduler has then tried again before."""
    return any(c.__name__ == "TerminatedWorkerError" for c in type(error).__mro__)


def _one(work: Callable[..., T], place: int, task: tuple[Any, ...]) -> tuple[int, T]:
    with threadpool_limits(1), joblib.parallel_config("sequential"):
        return place, work(*task)
