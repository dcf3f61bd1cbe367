"""The walls around a submitted answer: bubblewrap, resource limits, an empty environment.

An answer sees the operating system's programs and the Python environment, read-only, and a small
folder in memory that vanishes with it. It sees no network, no home, no other process, none of
the checks, and no environment variable of the grader.
"""

import functools
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import seccomp
from .cgroups import Group, kind
from .exercise import folder
from .first import FILE, PROCESSES
from .watch import INTERVAL, SCRATCHES

# Largest memory of all processes of an answer together.
MEMORY = 2 * 2**30
SCRATCH = FILE
# The owner of an answer's processes where the grader is root, and inside always.
NOBODY = "65534"
INSTALL = "apt-get install bubblewrap"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_USE_LEGACY_KERAS": "1",
    # Answers run side by side; threads of one would slow the others.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_PACKAGE = Path(__file__).resolve().parents[1]
# Enters the groups that are named, is the first to be ended where memory runs out, and starts.
_LAUNCH = """
while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done
shift
echo 1000 2>/dev/null >/proc/self/oom_score_adj
exec "$@"
"""
# Isolated mode: neither the working folder nor the user's settings can shadow a module. The
# module is this very package's, wherever it lies and whatever else is installed.
_MODULE = """\
import sys; sys.path.insert(0, sys.argv.pop(1))
import qmlcourse.grading.{0} as module; del sys.path[0]
module.main()
"""


def worker_command() -> list[str]:
    """Return the command of a worker without walls."""
    return _module("worker")


def _module(name: str) -> list[str]:
    return [sys.executable, "-I", "-c", _MODULE.format(name), str(_PACKAGE.parent)]


def sandboxed(command: list[str], *, cpu_seconds: int, group: Group | None = None) -> list[str]:
    """Return a command that runs `command` inside the walls.

    Parameters
    ----------
    command : list of str
        Absolute path of a program and its arguments.
    cpu_seconds : int
        Processor time after which the kernel kills a process of it.
    group : Group, optional
        Limits the memory and number of its processes.
    """
    group = Group() if group is None else group
    launch = [*group.before, "/bin/sh", "-c", _LAUNCH, "sh", *group.enter, "--", *_as_nobody()]
    return [*launch, *_walls(), *_module("first"), str(cpu_seconds), *command]


def _walls() -> list[str]:
    """Return the call of bubblewrap, up to the command."""
    walls = [_program("bwrap"), "--unshare-all", "--die-with-parent", "--new-session"]
    walls += ["--clearenv", "--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    # No process of bubblewrap's own stays inside.
    walls += ["--as-pid-1", "--hostname", "sandbox"]
    if "--disable-userns" in _help():
        walls += ["--disable-userns"]
    for name, value in ENVIRONMENT.items():
        walls += ["--setenv", name, value]
    for path in ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(path):
            walls += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            walls += ["--ro-bind", path, path]
    walls += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    walls += ["--ro-bind-try", "/etc/alternatives", "/etc/alternatives"]
    walls += ["--proc", "/proc", "--tmpfs", "/dev"]
    # No terminals, of which a machine has a number, and no /dev/zero, which is memory when mapped.
    for name in ("null", "random", "urandom"):
        walls += ["--dev-bind", f"/dev/{name}", f"/dev/{name}"]
    for name, target in (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        walls += ["--symlink", f"/proc/self/{target}", f"/dev/{name}"]
    for path in SCRATCHES:
        walls += ["--size", str(SCRATCH), "--tmpfs", path]
    # After /tmp, where an environment may lie too.
    folders = _python_folders()
    for path in folders:
        walls += ["--ro-bind", path, path]
    # In an installed package, and perhaps elsewhere, the checks lie inside what was bound.
    if any(folder().is_relative_to(path) for path in ("/usr", *folders)):
        walls += ["--tmpfs", str(folder()), "--remount-ro", str(folder())]
    # Of /proc too: where the grader is root, the kernel's settings would be open to writing.
    for path in ("/proc", "/dev", "/"):
        walls += ["--remount-ro", path]
    return [*walls, "--chdir", "/tmp", "--"]


@functools.cache
def _as_nobody() -> list[str]:
    """Return what makes an administrator's process nobody's, if nobody can reach Python too.

    The kernel counts no processes of an administrator's; and walls that fall would not matter.
    """
    setpriv = shutil.which("setpriv")
    if os.getuid() != 0 or setpriv is None:
        return []
    drop = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
    command = [*drop, *_walls(), *_module("first"), "60", sys.executable, "-I", "-c", ""]
    try:
        done = subprocess.run(command, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        return []
    return drop if done.returncode == 0 else []


def _python_folders() -> list[str]:
    """Return the folders that Python and the package need and that /usr does not hold."""
    wanted = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    wanted |= {path.resolve() for path in wanted}
    # Parents first, so that nothing is bound twice; the package may lie outside of all.
    kept: list[Path] = [Path("/usr")]
    for path in [*sorted(wanted), _PACKAGE]:
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return [str(path) for path in kept[1:]]


def shows(path: Path) -> bool:
    """Return whether an answer could read what lies at a path outside."""
    places = ("/usr", "/bin", "/sbin", "/lib", *_python_folders())
    return any(path.resolve().is_relative_to(os.path.realpath(place)) for place in places)


@functools.cache
def _help() -> str:
    return subprocess.run(["bwrap", "--help"], capture_output=True, text=True).stdout


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed; on Debian or Ubuntu: {INSTALL}")
    return os.path.abspath(path)


@functools.cache
def problem() -> str:
    """Return why no sandbox can be had on this machine, or an empty text.

    It is tried, not guessed: bubblewrap may be installed and yet be forbidden to work.
    """
    if sys.platform != "linux":
        return "the sandbox needs Linux (bubblewrap); use a Linux machine, a container or WSL 2"
    if not seccomp.supported():
        return f"the sandbox knows the calls of x86_64 and aarch64, not of {platform.machine()}"
    # A worker, asked to run a cell that finds the filter on the first process.
    cell = "import numpy; assert 'Seccomp:\\t2' in open('/proc/1/status').read()"
    request = json.dumps({"nonce": "", "cells": [["trial", cell]]})
    try:
        command = sandboxed(worker_command(), cpu_seconds=60)
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, input=request)
    except FileNotFoundError as error:
        return str(error)
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not start: {error}"
    if '"value":' not in done.stdout:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        remedy = "it needs user namespaces: sysctl kernel.unprivileged_userns_clone=1, or a "
        remedy += "container that allows them"
        if "Unknown option" in last:
            remedy = "it is too old: 0.7 is the first that will do"
        return f"bubblewrap does not work here ({last}); {remedy}"
    return ""


def limits() -> str:
    """Return how memory and processes of an answer are limited on this machine."""
    most = f"at most {MEMORY / 2**30:.0f} GiB of memory and {PROCESSES} processes"
    often = f"{1 / INTERVAL:.0f} times a second"
    if kind():
        return f"{most}, limited by the kernel ({kind()})"
    if os.getuid() == 0 and not _as_nobody():
        return f"{most}, watched {often}; no cgroup, and the grader ran as root"
    return f"{most}, memory watched {often}; no cgroup"
