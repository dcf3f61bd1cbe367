"""The first process inside a sandbox: takes the limits and the filter upon itself, then starts one.

bubblewrap would else leave a first process of its own there, outside of both, and within reach of
an answer. This one can be neither traced nor read. It collects the orphans and ends with what it
started; the kernel then ends all that is left.
"""

import ctypes
import os
import signal
import sys

from .seccomp import refuse

# How many processes, threads included, and how large a file.
PROCESSES = 128
FILE = 64 * 2**20
# Address space is more than memory: libraries reserve what they never touch.
_ADDRESSES = 8 * 2**30
_SET_DUMPABLE = 4


def limit(cpu_seconds: int) -> None:
    """Set the limits of this process and of all it starts."""
    import resource  # where there is no such module, there is no sandbox either

    for what, most in (
        (resource.RLIMIT_AS, _ADDRESSES),
        # Counted for this sandbox alone, as it has users of its own.
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_SIGPENDING, 1024),
        # With 0, a kernel that hands core dumps to a program of the machine still would.
        (resource.RLIMIT_CORE, 1),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Start a command within the limits: seconds of processor time, program, arguments."""
    limit(int(sys.argv[1]))
    refuse()
    # Nobody but the machine's administrator may look into this process or write to it.
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    # A first process is safe from signals that it does not handle.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    started = os.fork()
    if started == 0:
        os.execv(sys.argv[2], sys.argv[2:])
    # The pipes are the other's, who must be seen to close them.
    os.closerange(0, 256)
    ended = 0
    while ended != started:
        ended, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main()
