"""A Dask cluster of two workers on this machine, of which one is killed while it is used."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import joblib
import pytest


@contextmanager
def losing_a_worker(seconds: float) -> Iterator[Callable[[], None]]:
    """Let joblib use the cluster, and kill a worker after some seconds.

    Gives what waits until that worker is replaced: call it before the block ends, or before work
    that would still be going on when the cluster closes.
    """
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config("dask"),
    ):
        first = cluster.workers[0].pid
        threading.Timer(seconds, os.kill, (first, signal.SIGKILL)).start()

        def replaced() -> None:
            while first in [worker.pid for worker in cluster.workers.values()]:
                time.sleep(0.05)

        yield replaced
