"""JAX's cache of compiled programs, read back on a CPU, makes loops inside loops do nothing."""

import os
import subprocess
import sys

import pytest

# The sum of 1, 1, 1, 1, three times: each addend a dot product, so that XLA calls a kernel.
LOOPS = """
import sys, jax, jax.numpy as jnp
ones = jnp.eye(4)
def inner(i, total):
    return jax.lax.fori_loop(0, 4, lambda j, t: t + ones[j] @ ones[j], total)
print(jax.jit(lambda n: jax.lax.fori_loop(0, n, inner, 0.0))(3))
"""
FIT = """
import numpy as np, pennylane
from qmlcourse.models import VariationalClassifier
X = np.array([[0.0, 1.0], [1.0, 0.0]])
VariationalClassifier(max_iter=1, random_state=0).fit(X, [0, 1])
print("trained")
"""
pytestmark = [pytest.mark.extra("jax"), pytest.mark.slow]


def run(code, folder, **more):
    pytest.importorskip("jax")
    keep = {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    }
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **keep, **more},
        capture_output=True, text=True,
    )  # fmt: skip


def test_a_program_that_is_read_back_is_still_wrong(tmp_path):
    first, second = (run(LOOPS, tmp_path, JAX_DEBUG_LOG_MODULES="jax._src.compiler") for _ in "ab")
    assert float(first.stdout) == 12
    if "cache hit for 'jit__lambda_'" not in second.stderr:
        pytest.skip("this processor does not take back what it compiled")
    assert float(second.stdout) == 0, (
        "JAX reads its cache rightly now. Models may use it: drop the check in "
        "qmlcourse.models._training.compiled, and measure what a first fit costs."
    )


def test_training_refuses_that_cache_and_works_without(tmp_path):
    refused = run(FIT, tmp_path)
    assert refused.returncode and "JAX_ENABLE_COMPILATION_CACHE=0" in refused.stderr
    assert str(tmp_path) in refused.stderr
    assert run(FIT, tmp_path, JAX_ENABLE_COMPILATION_CACHE="0").stdout == "trained\n"
