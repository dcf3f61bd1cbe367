"""A comparison on a Dask cluster: the same table, also when a worker dies."""

import os
import signal
import threading
import time

import joblib
import pandas as pd
import pytest
from fakes import PLAN

from qmlcourse.comparison import compare

distributed = pytest.importorskip("distributed")
TIMES = ["search_seconds", "fit_seconds", "predict_seconds"]


@pytest.fixture
def cluster(monkeypatch):
    """Return two worker processes on this machine, whose fits take a moment."""
    monkeypatch.setenv("PAUSE", "0.05")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield cluster


def test_a_cluster_gives_what_one_process_gives_although_a_worker_dies(
    cluster, tmp_path, monkeypatch
):
    killed = []

    def kill():
        while len(list(tmp_path.glob("*.json"))) < 4:
            time.sleep(0.01)
        killed.append(cluster.workers[0].pid)
        os.kill(killed[0], signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    with joblib.parallel_config("dask"):
        table = compare(**PLAN, store=tmp_path)
    killer.join(timeout=1)
    assert killed and killed[0] not in [worker.pid for worker in cluster.workers.values()]
    monkeypatch.delenv("PAUSE")
    alone = compare(**PLAN)
    pd.testing.assert_frame_equal(
        table.drop(columns=TIMES), alone.drop(columns=TIMES), check_exact=True
    )
    # The fits paused on the workers, so it was they that ran.
    assert table["fit_seconds"].min() > 0.05 > alone["fit_seconds"].median()
    assert len(list(tmp_path.glob("*.json"))) == 24
