"""Calls that the kernel refuses to the processes of an answer."""

import ctypes
import errno
import platform
import struct
from typing import NamedTuple

# Name, number on x86_64, number on aarch64. Each is refused as not permitted.
_REFUSED = """
# Memory that no process maps, so that the grader's watch cannot see it.
shmget 29 194,     semget 64 190,     msgget 68 186,     mq_open 240 180,   memfd_create 319 279
memfd_secret 447 447,  vmsplice 278 75,  splice 275 76,  tee 276 77,        sendfile 40 71
io_setup 206 0,    io_uring_setup 425 425,  io_uring_enter 426 426,  io_uring_register 427 427
userfaultfd 323 282,  inotify_init 253 -1,  inotify_init1 294 26,  fanotify_init 300 262
landlock_create_ruleset 444 444
# Other processes, the first of the sandbox among them.
ptrace 101 117,    process_vm_readv 310 270,  process_vm_writev 311 271,  kcmp 312 272
process_madvise 440 440,  pidfd_getfd 438 438,  move_pages 279 239,  migrate_pages 256 238
# Doors into the kernel that no answer needs, and what slows the whole machine.
unshare 272 97,    setns 308 268,     mount 165 40,      fsopen 430 430,    open_tree 428 428
add_key 248 217,   request_key 249 218,  keyctl 250 219,  bpf 321 280,      seccomp 317 277
perf_event_open 298 241,  modify_ldt 154 -1,  sync 162 81,  syncfs 306 267
"""
# Calls that came after this list are answered as by an older kernel, for which the C library has
# another way; so is clone3 (a number on both), which hides its flags from a filter.
_NEWEST, _CLONE3 = 450, 435


class Rule(NamedTuple):
    """Refuse a call by an argument: where it is one of the values, or where it is none."""

    call: tuple[int, int]
    argument: int
    mask: int
    values: tuple[int, ...]
    error: int = errno.EPERM
    unless: bool = False


_ALL = 0xFFFFFFFF
_RULES = (
    # clone: new namespaces.
    Rule((56, 220), 0, 0x7E020000, (0,), unless=True),
    # socket, socketpair: one's own machine only, and what lists its (absent) network.
    Rule((41, 198), 0, _ALL, (1, 16), errno.EAFNOSUPPORT, unless=True),
    Rule((41, 198), 2, _ALL, (0,), errno.EPROTONOSUPPORT, unless=True),
    Rule((53, 199), 0, _ALL, (1,), errno.EAFNOSUPPORT, unless=True),
    # setsockopt: larger buffers (SO_SNDBUF and kin), programs in the kernel (SO_ATTACH_FILTER).
    Rule((54, 208), 2, _ALL, (7, 8, 26, 32, 33, 50, 51, 52)),
    # mmap: shared memory without a file, which stays when no process maps it; reserved pages.
    Rule((9, 222), 3, 0x21, (0x21,)),
    Rule((9, 222), 3, 0x40000, (0x40000,)),
    # fcntl: locks of single bytes, of which the kernel keeps any number; larger pipes.
    Rule((72, 25), 1, _ALL, (6, 7, 37, 38), errno.ENOLCK),
    Rule((72, 25), 1, _ALL, (1031,)),
    # prctl: PR_SET_SECCOMP.
    Rule((157, 167), 0, _ALL, (22,)),
    # setxattr, lsetxattr, fsetxattr, always: what copies files minds no system without them.
    *(Rule(call, 0, 0, (0,), errno.ENOTSUP) for call in ((188, 5), (189, 6), (190, 7))),
)
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _AND, _JUMP, _EQUAL, _ABOVE, _RETURN = 0x20, 0x54, 0x05, 0x15, 0x25, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000

Line = tuple[int, int, int, int]


def supported() -> bool:
    """Return whether the numbers of this machine's calls are known."""
    return platform.machine() in _MACHINES


def program(machine: str) -> list[Line]:
    """Return the filter as the kernel's instructions: operation, two jumps, operand."""
    column = list(_MACHINES).index(machine)
    number: Line = (_LOAD, 0, 0, 0)
    # Calls of another machine's kind end the process: their numbers mean something else.
    lines: list[Line] = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _MACHINES[machine]), _returned(_KILL)]
    lines += [number, (_ABOVE, 1, 0, _NEWEST), (_EQUAL, 0, 1, _CLONE3)]
    lines += [_returned(_ERROR | errno.ENOSYS)]
    for call in _refused():
        lines += [(_EQUAL, 0, 1, call[column]), _returned(_ERROR | errno.EPERM)]
    for rule in _RULES:
        lines += _of_argument(rule, rule.call[column], number)
    return [*lines, _returned(_ALLOW)]


def _refused() -> list[tuple[int, int]]:
    found = []
    for line in _REFUSED.strip().splitlines():
        if not line.startswith("#"):
            for call in line.split(","):
                _, one, other = call.split()
                # What a machine has not got has no number there.
                found.append((int(one), int(other) % 2**32))
    return found


def _of_argument(rule: Rule, number: int, reload: Line) -> list[Line]:
    # The lower half of an argument, which is all that the kernel reads of these.
    body: list[Line] = [(_LOAD, 0, 0, 16 + 8 * rule.argument), (_AND, 0, 0, rule.mask)]
    # A value that is met leads to the refusal, or over it.
    last = len(rule.values)
    body += [(_EQUAL, last - i, 0, value) for i, value in enumerate(rule.values)]
    body += [] if rule.unless else [(_JUMP, 0, 0, 1)]
    body += [_returned(_ERROR | rule.error), reload]
    return [(_EQUAL, 0, len(body), number), *body]


def _returned(value: int) -> Line:
    return (_RETURN, 0, 0, value)


def refuse() -> None:
    """Make the kernel refuse those calls to this process and all it starts (seccomp)."""
    libc = ctypes.CDLL(None, use_errno=True)
    lines = b"".join(struct.pack("HBBI", *line) for line in program(platform.machine()))
    held = ctypes.create_string_buffer(lines)
    header = struct.pack("HP", len(lines) // 8, ctypes.addressof(held))
    # A filter is for processes that can gain no rights (PR_SET_NO_NEW_PRIVS).
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, header, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel took no filter of calls")
