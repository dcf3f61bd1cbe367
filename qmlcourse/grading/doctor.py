"""What this machine has, what it lacks, and how to get that."""

import platform
import shutil
import sys
from typing import NamedTuple

import psutil

from .. import _extras
from . import sandbox
from .cgroups import VARIABLE, kind
from .exercise import folder, names


class Finding(NamedTuple):
    """One thing looked for: what it is, whether it is there, whether it is needed, a remedy."""

    what: str
    good: bool
    needed: bool
    remedy: str


# What a package serves, and the extra that brings it.
_OPTIONAL = {
    "jax": ("variational classifiers of the package", "jax"),
    "cirq": ("chapters with Cirq", "cirq"),
    "tensorflow_quantum": ("chapters with TensorFlow Quantum", "tfq"),
    "qiskit": ("chapters with Qiskit", "qiskit"),
    "jupyterlab": ("working on notebooks here", "lab"),
    "otter": ("writing exercises", "portfolio"),
}


def examine() -> list[Finding]:
    """Return what was found, the needed things first."""
    version = platform.python_version()
    good = (3, 11) <= sys.version_info < (3, 13)
    findings = [
        Finding(f"Python {version}", good, True, "The course needs Python 3.11 or 3.12."),
        Finding(
            f"{len(names())} exercises in {folder()}", bool(names()), True,
            "Install the package again: in the course's folder, run python -m pip install "
            "--force-reinstall --no-deps .",
        ),
    ]  # fmt: skip
    problem = sandbox.problem()
    findings.append(
        Finding(
            "a sandbox for qmlcourse grade", not problem, False, f"{problem}. check works without."
        )
    )
    if not problem:
        findings.append(
            Finding(
                f"limits for an answer: {sandbox.limits()}", bool(kind()), False,
                "For limits by the kernel use a machine whose systemd serves you (systemctl --user "
                f"status) on cgroups of version 2, or name a group of yours in {VARIABLE}.",
            )
        )  # fmt: skip
    memory = psutil.virtual_memory().available
    findings.append(
        Finding(
            f"{memory / 2**30:.1f} GiB of free memory", memory > 2**30, False,
            "Grading one answer may take 2 GiB; close something, or use --jobs 1.",
        )
    )  # fmt: skip
    disk = shutil.disk_usage(".").free
    findings.append(
        Finding(f"{disk / 2**30:.1f} GiB of free disk here", disk > 2**30, False, "Make room.")
    )
    for module, (purpose, extra) in _OPTIONAL.items():
        there = not _extras.absent(module)
        advice = _extras.advice(extra)
        remedy = f"{advice[0].upper()}{advice[1:]}"
        findings.append(Finding(f"{module}, for {purpose}", there, False, remedy))
    return findings
