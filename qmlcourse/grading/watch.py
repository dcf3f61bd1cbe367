"""Looking after a worker from outside: what it uses, when that is too much, and its end."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from .cgroups import Group

INTERVAL = 0.05
# Where an answer can write, and how many files (each costs memory of the kernel's, empty or not).
SCRATCHES = ("/tmp", "/dev/shm")
FILES = 20_000
# What waits in a socket is in no process's memory; so much fits into one.
_SOCKET = Path("/proc/sys/net/core/wmem_default")


class Watch(threading.Thread):
    """Ends a worker that uses too much; `excess` says of what.

    Parameters
    ----------
    process : Popen
        bubblewrap, or a worker without walls.
    group : Group
        The group that the process runs in, if the kernel limits it.
    memory, tasks : int, optional
        Most bytes, and most processes (threads included); without walls there are none.
    """

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        group: Group,
        *,
        memory: int | None = None,
        tasks: int | None = None,
    ) -> None:
        super().__init__(daemon=True)
        self.process, self.group, self.memory, self.tasks = process, group, memory, tasks
        self.first: psutil.Process | None = None
        self.peak, self.excess = 0, ""

    def run(self) -> None:
        """Look again and again until the worker is gone."""
        if self.memory is not None and not (self.group.before or self.group.folders):
            # Nobody else stops a storm of processes that this thread would have to wait behind.
            with contextlib.suppress(OSError):
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        while self.process.poll() is None and not self.excess:
            with contextlib.suppress(psutil.Error, OSError):
                self._look()
            time.sleep(INTERVAL)
        if self.excess:
            self.end()

    def _look(self) -> None:
        if self.memory is None or self.tasks is None:
            self.peak = max(self.peak, _of_family(self.process.pid))
            return
        if self.first is None:
            self.first = _first(self.process.pid)
            if self.first is None:
                return
            self.group.locate(self.first.pid)
        used = usage(self.first.pid)
        self.peak = max(self.peak, used.memory)
        # First what grows fastest.
        if used.tasks > self.tasks:
            self.excess = f"It started more than {self.tasks} processes or threads."
        elif used.files > FILES:
            self.excess = f"It made more than {FILES:,} files."
        elif self.group.folders:
            self.excess = self.of_kernel()
        elif used.memory > self.memory:
            # Perhaps many share it: look closer, unless it is far too much.
            memory = used.memory
            if memory < 4 * self.memory:
                memory = used.of_kernel + together(self.first.pid, self.tasks)
            self.excess = self._too_much if memory > self.memory else ""

    def of_kernel(self) -> str:
        """Return what the kernel ended a process for, if it did."""
        return self._too_much if self.group.exceeded() else ""

    @property
    def _too_much(self) -> str:
        return f"It held more than {(self.memory or 0) / 2**30:.2g} GiB of memory."

    def end(self) -> None:
        """End the worker and all that it started.

        Of a sandbox the first process is ended first. Then the kernel ends all others in one go,
        which nothing that they do can delay; a list of them would be old before it is made.
        """
        if self.first is not None:
            with contextlib.suppress(psutil.Error):
                self.first.kill()
            # bubblewrap ends when it has seen the last of them end.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(self.process.pid).children(recursive=True)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for member in family:
            with contextlib.suppress(psutil.Error):
                member.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)


def _first(bubblewrap: int) -> psutil.Process | None:
    """Return the first process of a sandbox, or None while it is being set up."""
    for child in psutil.Process(bubblewrap).children():
        # Until the walls stand it sees this machine's root, and all processes.
        if os.stat(f"/proc/{child.pid}/root/").st_dev != os.stat("/").st_dev:
            return child
    return None


class Usage(NamedTuple):
    """What a sandbox uses: memory of its processes and of the kernel for them, and how many."""

    of_processes: int
    of_kernel: int
    tasks: int
    files: int

    @property
    def memory(self) -> int:
        """All of it, in bytes."""
        return self.of_processes + self.of_kernel


def usage(first: int) -> Usage:
    """Return what the sandbox with this first process uses.

    Of the kernel's memory: tables of pages, files in memory, what may wait in sockets.
    """
    of_processes = of_kernel = tasks = files = 0
    for process in _processes(first):
        # It may end while it is looked at.
        with contextlib.suppress(OSError, KeyError):
            status = _fields(process / "status")
            tasks += status["Threads"]
            of_processes += (status["VmRSS"] + status["VmSwap"]) * 1024
            of_kernel += status["VmPTE"] * 1024
    for scratch in SCRATCHES:
        about = os.statvfs(f"/proc/{first}/root{scratch}")
        of_kernel += (about.f_blocks - about.f_bfree) * about.f_frsize
        files += about.f_files - about.f_ffree
    sockets = Path(f"/proc/{first}/net/sockstat").read_text().split()[2]
    of_kernel += int(sockets) * int(_SOCKET.read_text())
    return Usage(of_processes, of_kernel, tasks, files)


def together(first: int, tasks: int) -> int:
    """Return the memory of a sandbox's processes; what several share counts once.

    This takes long, so it breaks off where there are more than so many processes by now.
    """
    memory = 0
    for process in _processes(first):
        if len(_processes(first)) > tasks:
            break
        with contextlib.suppress(OSError, KeyError):
            pages = _fields(process / "smaps_rollup")
            memory += (pages["Pss"] + pages["SwapPss"]) * 1024
    return memory


def _processes(first: int) -> list[Path]:
    """Return the folder of each process in the sandbox, as the sandbox itself sees it."""
    inside = f"/proc/{first}/root/proc"
    return [Path(inside, name) for name in os.listdir(inside) if name.isdigit()]


def _fields(path: Path) -> dict[str, int]:
    """Return the numbers of lines such as `VmRSS: 5 kB`."""
    found = {}
    for line in path.read_text("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) > 1 and words[1].isdigit():
            found[words[0].rstrip(":")] = int(words[1])
    return found


def _of_family(process: int) -> int:
    """Return the memory of a process and of all that it started."""
    memory = 0
    for member in [psutil.Process(process), *psutil.Process(process).children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            memory += member.memory_info().rss
    return memory
