"""The walls around a submitted answer: bubblewrap, resource limits, an empty environment.

An answer sees the operating system's programs and the Python environment, read-only, and a small
folder in memory that vanishes with it. It sees no network, no home, no other process, none of
the checks, and no environment variable of the grader.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .exercise import folder

# Largest memory of all processes of an answer, and how many there may be (threads included).
MEMORY = 2 * 2**30
PROCESSES = 128
SCRATCH = 64 * 2**20
# Address space is more than memory: libraries reserve what they never touch.
_ADDRESSES = 8 * 2**30
INSTALL = "apt-get install bubblewrap util-linux"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp",
    "PYTHONDONTWRITEBYTECODE": "1",
    "QMLCOURSE_SANDBOX": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_USE_LEGACY_KERAS": "1",
    # Answers run side by side; threads of one would slow the others.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_PACKAGE = Path(__file__).resolve().parents[1]


def worker_command() -> list[str]:
    """Return the command of a worker without walls."""
    # Isolated mode: neither the working folder nor the user's settings can shadow a module.
    return [sys.executable, "-I", "-m", "qmlcourse.grading.worker"]


def sandboxed(command: list[str], *, cpu_seconds: int) -> list[str]:
    """Return a command that runs `command` inside the walls.

    Parameters
    ----------
    command : list of str
        Absolute path of a program and its arguments.
    cpu_seconds : int
        Processor time after which the kernel kills a process of it.
    """
    walls = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    walls += ["--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
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
    walls += ["--proc", "/proc", "--dev", "/dev"]
    for path in ("/dev/shm", "/tmp"):
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
    walls += ["--chdir", "/tmp", "--"]
    # Set inside, where processes are counted for this sandbox alone.
    limits = [
        _program("prlimit"), f"--as={_ADDRESSES}", f"--nproc={PROCESSES}", f"--fsize={SCRATCH}",
        "--nofile=256", "--core=0", f"--cpu={cpu_seconds}", "--",
    ]  # fmt: skip
    return [*walls, *limits, *command]


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


@functools.cache
def _help() -> str:
    return subprocess.run(["bwrap", "--help"], capture_output=True, text=True).stdout


def _program(name: str) -> str:
    path = shutil.which(name)
    assert path is not None
    return path


@functools.cache
def problem() -> str:
    """Return why no sandbox can be had on this machine, or an empty text.

    It is tried, not guessed: bubblewrap may be installed and yet be forbidden to work.
    """
    if sys.platform != "linux":
        return "the sandbox needs Linux (bubblewrap); use a Linux machine, a container or WSL 2"
    for name in ("bwrap", "prlimit"):
        if shutil.which(name) is None:
            return f"{name} is not installed; on Debian or Ubuntu: {INSTALL}"
    code = "import qmlcourse.grading.worker, numpy; print('works')"
    command = sandboxed([sys.executable, "-I", "-c", code], cpu_seconds=60)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        return f"bubblewrap does not start: {error}"
    if done.stdout.strip() != "works":
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        return (
            f"bubblewrap does not work here ({last}); it needs user namespaces: "
            "sysctl kernel.unprivileged_userns_clone=1, or a container that allows them"
        )
    return ""
