"""Calls that the kernel refuses to the processes of an answer."""

import ctypes
import platform
import struct

# Calls that hold memory no process maps, which the grader's watch cannot see, and doors into the
# kernel that no answer needs: shmget, semget, msgget, add_key, request_key, keyctl,
# perf_event_open, memfd_create, bpf, userfaultfd, io_uring_setup, memfd_secret.
_REFUSED = {
    "x86_64": (0xC000003E, (29, 64, 68, 248, 249, 250, 298, 319, 321, 323, 425, 447)),
    "aarch64": (0xC00000B7, (194, 190, 186, 217, 218, 219, 241, 279, 280, 282, 425, 447)),
}


def refuse() -> None:
    """Make the kernel refuse those calls to this process and all it starts (seccomp)."""
    if platform.machine() not in _REFUSED:
        return
    machine, calls = _REFUSED[platform.machine()]
    # Load the machine; another one's calls end the process. Load the number; refuse the calls.
    lines = [(0x20, 0, 0, 4), (0x15, 1, 0, machine), (0x06, 0, 0, 0x80000000), (0x20, 0, 0, 0)]
    lines += [(0x35, len(calls) + 1, 0, 1 << 30)]
    lines += [(0x15, len(calls) - i, 0, number) for i, number in enumerate(calls)]
    lines += [(0x06, 0, 0, 0x7FFF0000), (0x06, 0, 0, 0x00050001)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    header = struct.pack("HP", len(lines), ctypes.addressof(program))
    if ctypes.CDLL(None, use_errno=True).prctl(22, 2, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel took no filter of calls")
