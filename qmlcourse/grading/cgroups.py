"""Groups of processes (cgroups) whose memory and number the kernel itself limits.

All that a group uses counts, also what no process maps: tables of the kernel, files in memory,
buffers. And of the processor each group has its share, however many processes it is: one answer
takes no time from another. Where this machine gives the grader no such groups, `kind` is empty.
"""

import contextlib
import functools
import os
import secrets
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path("/sys/fs/cgroup")
# Names a group of version 2 that an administrator gave to the grader's user.
VARIABLE = "QMLCOURSE_CGROUP"
# Runs in the group of the files that it is given, then shows its limits.
_TRIAL = """
for file; do echo $$ >"$file" || exit 1; done
cd {root}/"$(sed -n s/^0:://p /proc/self/cgroup)" && cat memory.max pids.max
exit 0
"""


@dataclass
class Group:
    """A group that a command enters: by the words `before` it, or by files that it writes to."""

    before: list[str] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)

    @property
    def enter(self) -> list[str]:
        """Files to which a process writes its number to be in the group."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def locate(self, process: int) -> None:
        """Note where the group of a process is, if systemd made it."""
        if self.before and not self.folders:
            with contextlib.suppress(OSError):
                self.folders = [_below(ROOT, _paths(process).get("", "/"))]

    def exceeded(self) -> bool:
        """Return whether the kernel ended a process of the group for its memory."""
        for folder in self.folders:
            for name in ("memory.events", "memory.oom_control"):
                with contextlib.suppress(OSError):
                    lines = (folder / name).read_text().splitlines()
                    if int(dict(line.split() for line in lines).get("oom_kill", 0)):
                        return True
        return False

    def close(self) -> None:
        """Remove the group as soon as its last process is gone; systemd removes its own."""
        deadline = time.monotonic() + 5
        for folder in [] if self.before else self.folders:
            while folder.is_dir() and time.monotonic() < deadline:
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    break
                time.sleep(0.01)


def group(memory: int, tasks: int) -> Group:
    """Return a new group with these limits; on a machine without, one that limits nothing."""
    return _made(kind(), memory, tasks) if kind() else Group()


@functools.cache
def kind() -> str:
    """Return which groups the grader can have here, or an empty text. It is tried, not guessed."""
    kinds = ("a delegated cgroup", "a scope of systemd", "cgroup v2", "cgroup v1")
    return next((kind for kind in kinds if _works(kind)), "")


def _works(kind: str) -> bool:
    memory, tasks = 64 * 2**20, 16
    try:
        made = _made(kind, memory, tasks)
    except OSError:
        return False
    command = [*made.before, "/bin/sh", "-c", _TRIAL.format(root=ROOT), "sh", *made.enter]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        if made.before:
            # systemd takes the call and limits nothing where the kernel's groups are of version 1.
            return done.stdout.split() == [str(memory), str(tasks)]
        return done.returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
    finally:
        made.close()


def _made(kind: str, memory: int, tasks: int) -> Group:
    """Return a group of a kind, or raise OSError."""
    if kind == "a scope of systemd":
        # A scope leaves the process what it is: a child of the grader, with its pipes.
        whose = [] if os.getuid() == 0 else ["--user"]
        limits = [f"--property=MemoryMax={memory}", f"--property=TasksMax={tasks}"]
        limits += ["--property=MemorySwapMax=0", "--property=CPUWeight=100"]
        return Group(["systemd-run", *whose, "--scope", "--quiet", "--collect", *limits, "--"])
    # Of both versions, each in its order; a file that is not there is of the other.
    wanted = {
        "memory.max": memory, "memory.swap.max": 0, "memory.oom.group": 1,
        "memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory, "pids.max": tasks,
    }  # fmt: skip
    made = Group()
    try:
        for parent in _parents(kind):
            _clear(parent)
            folder = parent / f"qmlcourse-{os.getpid()}-{secrets.token_hex(4)}"
            folder.mkdir()
            made.folders.append(folder)
            for name, value in wanted.items():
                if (folder / name).exists():
                    (folder / name).write_text(str(value))
    except OSError:
        made.close()
        raise
    return made


def _parents(kind: str) -> list[Path]:
    """Return the groups below which one can be made, or raise OSError."""
    own, places = _paths("self"), []
    if kind == "cgroup v1":
        found = [_below(ROOT / name, own.get(name, "/")) for name in ("memory", "pids", "cpu")]
        # Nothing but a group of the kernel's has such a file.
        there = [folder for folder in found if (folder / "cgroup.procs").exists()]
        if there[:2] == found[:2]:
            return there
    elif kind == "cgroup v2":
        here = _below(ROOT, own.get("", "/"))
        places = [here, here.parent]
    elif os.environ.get(VARIABLE):
        places = [Path(os.environ[VARIABLE])]
    for place in places:
        with contextlib.suppress(FileNotFoundError):
            given = (place / "cgroup.subtree_control").read_text().split()
            if {"memory", "pids"} <= {*given}:
                return [place]
    raise FileNotFoundError(f"no group below {ROOT} passes limits of memory and processes on")


def _paths(process: int | str) -> dict[str, str]:
    """Return the groups of a process: controller → path; that of version 2 has no name."""
    lines = Path(f"/proc/{process}/cgroup").read_text().splitlines()
    parts = [line.split(":", 2) for line in lines]
    return {name: path for _, names, path in parts for name in names.split(",")}


def _below(root: Path, path: str) -> Path:
    """Return a group's folder; a container sees its own group as the root."""
    inside = root / path.lstrip("/")
    return inside if inside.is_dir() else root


def _clear(parent: Path) -> None:
    """Remove the empty groups of graders that were killed."""
    for folder in parent.glob("qmlcourse-*"):
        number = folder.name.split("-")[1]
        if not (number.isdigit() and psutil.pid_exists(int(number))):
            with contextlib.suppress(OSError):
                folder.rmdir()
