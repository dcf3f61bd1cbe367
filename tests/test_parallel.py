"""Kernels and scans side by side: the same numbers from any workers, also if one is killed."""

import os
import signal
import time
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from clusters import losing_a_worker
from threadpoolctl import threadpool_info, threadpool_limits

from qmlcourse import _parallel
from qmlcourse.ansatz import random_pauli
from qmlcourse.kernels import kernel_matrix
from qmlcourse.trainability import gradient_variance, variance_scan


def test_any_number_of_workers_gives_the_same_kernel_to_the_last_bit(rng):
    X, Y = rng.normal(size=(90, 5)), rng.normal(size=(50, 5))
    for options in (
        {}, {"Y": Y}, {"kind": "projected"}, {"Y": Y, "kind": "projected"}, {"shots": 20},
        {"Y": Y, "shots": 20}, {"encoding": "amplitude"},
    ):  # fmt: skip
        one, two, three, plain = (
            kernel_matrix(X, batch_size=32, n_jobs=n, rng=np.random.default_rng(1), **options)
            for n in (1, 2, 3, None)
        )
        assert np.array_equal(one, two) and np.array_equal(one, three)
        np.testing.assert_allclose(plain, one, rtol=0, atol=1e-13)


def nothing(n_qubits, depth, *, rng):
    """A circuit whose first gate is a turn about Z of a state of Z: all derivatives are zero."""
    circuit = random_pauli(n_qubits, depth, rng=rng)
    return replace(circuit, axes=np.full_like(circuit.axes, 3), start=0.0)


@pytest.mark.parametrize("ansatz", [random_pauli, nothing])
def test_a_scan_side_by_side_draws_and_gives_what_one_process_does(ansatz):
    def scan(n_jobs):
        rng = np.random.default_rng(5)
        options = {"costs": ["local", "zz"], "ansatz": ansatz, "n_samples": 30, "verbose": False}
        return variance_scan([2, 3], [1, 4], n_jobs=n_jobs, rng=rng, **options), rng.random()

    (alone, after), (two, after_two) = scan(None), scan(2)
    pd.testing.assert_frame_equal(alone, two, check_exact=True)
    assert after == after_two
    assert (ansatz is nothing) == (alone["value"] == 0).all()


def test_a_scan_draws_what_its_settings_draw_one_after_another():
    """So a seed gives the same circuits as before there were workers."""
    table = variance_scan([2, 3], [1, 4], n_samples=30, verbose=False, rng=np.random.default_rng(5))
    rng = np.random.default_rng(5)
    alone = [gradient_variance(q, d, n_samples=30, rng=rng) for q in (2, 3) for d in (1, 4)]
    assert table[["value", "low", "high", "samples"]].values.tolist() == [list(v) for v in alone]


def blas_threads(_):
    np.ones((9, 9)) @ np.ones((9, 9))
    return max(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")


def test_a_part_has_one_thread_whatever_is_set_outside():
    """Sums of several threads may differ in the last bit."""
    with threadpool_limits(2, user_api="blas"):
        assert blas_threads(0) == 2
        assert dict(_parallel.side_by_side(blas_threads, [(0,)], 1)) == {0: 1}


@pytest.mark.parametrize(("n_jobs", "error"), [(0, ValueError), (1.5, TypeError), ("2", TypeError)])
def test_a_number_of_workers_that_is_none_is_told(n_jobs, error, rng):
    with pytest.raises(error, match=r"^n_jobs must be"):
        kernel_matrix([[0.1]], n_jobs=n_jobs)
    with pytest.raises(error, match=r"^n_jobs must be"):
        kernel_matrix([[0.1]], kind="projected", n_jobs=n_jobs)
    with pytest.raises(error, match=r"^n_jobs must be"):
        variance_scan([2], [1], rng=rng, n_jobs=n_jobs)


def dying(folder, number, deaths):
    """Square a number; end the process the first times that it is asked to."""
    if number == 3 and len(list(folder.iterdir())) < deaths:
        (folder / str(time.monotonic_ns())).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def test_what_a_killed_worker_had_is_run_again(tmp_path):
    work = partial(dying, tmp_path, deaths=2)
    found = dict(_parallel.side_by_side(work, ((n,) for n in range(8)), 2))
    assert found == {n: n**2 for n in range(8)}
    assert len(list(tmp_path.iterdir())) == 2


def test_work_that_always_kills_is_given_up(tmp_path):
    work = partial(dying, tmp_path, deaths=100)
    with pytest.raises(Exception, match="SIGKILL") as caught:
        list(_parallel.side_by_side(work, ((n,) for n in (3, 3, 3)), 2))
    assert type(caught.value).__name__ == "TerminatedWorkerError"
    assert len(list(tmp_path.iterdir())) < 10


def test_an_error_in_the_work_comes_through_at_once(tmp_path):
    with pytest.raises(ZeroDivisionError):
        list(_parallel.side_by_side((1).__truediv__, [(0,), (1,)], 2))


@pytest.mark.extra("dask")
def test_a_cluster_gives_the_same_bits_although_a_worker_dies(rng):
    X = rng.normal(size=(400, 9))
    scan = partial(variance_scan, [3, 6], [4, 8, 16], costs=["local"], n_samples=40, verbose=False)
    with losing_a_worker(0.3) as replaced:
        K = kernel_matrix(X, batch_size=20)
        replaced()
        table = scan(rng=np.random.default_rng(2))
    assert np.array_equal(K, kernel_matrix(X, batch_size=20, n_jobs=1))
    alone = scan(rng=np.random.default_rng(2))
    pd.testing.assert_frame_equal(table, alone, check_exact=True)
