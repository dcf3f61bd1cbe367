"""Files that are whole whenever a process dies, and locks that a dead process lets go."""

import contextlib
import errno
import os
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path

# What a file system without locks says, as some network mounts are.
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


class NoLock(RuntimeError):
    """A lock was not to be had: another process holds it, or the file system has none."""


class Held(NoLock):
    """Another process holds it."""


def path(value: object, name: str = "path", kind: str = "a path") -> Path:
    """Return a path of text, bytes or pathlib as an absolute one; ``~`` is one's home."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{name} must be {kind}; got {value!r}.")
    text = os.fsdecode(os.fspath(value))
    if not text or "\0" in text:
        raise ValueError(f"{name} must be {kind}; got {value!r}.")
    expanded = Path(os.path.expanduser(text))
    first = next(iter(expanded.parts), "")  # "." has none
    if first.startswith("~") and not os.path.lexists(first):
        raise ValueError(
            f"{name} must be {kind}; got {value!r}, and there is no user {first[1:]!r} "
            "(a folder called so goes by its absolute path)."
        )
    # Absolute from the start: the folder of the process may change before it is used.
    return expanded.absolute()


def write(
    path: str | os.PathLike[str],
    content: str | bytes,
    *,
    mode: int = 0o666,
    follow: bool = True,
) -> None:
    """Replace a file so that a reader finds the old one or the new one, whole, at any moment.

    Text is written as UTF-8, with its line ends as they are. A link is followed. A file that is
    there keeps its permissions, a new one gets ``mode`` less the umask. Its folder must be there.
    Without ``follow``, whatever is there is replaced itself, and the permissions are ``mode``.
    """
    data = content.encode() if isinstance(content, str) else content
    # Not the link is replaced, but the file behind it.
    target = Path(os.fsdecode(os.path.realpath(path) if follow else os.path.abspath(path)))
    # Short, for the target's own name may be as long as the file system allows.
    draft = target.with_name(f".{target.name[:16]}.{uuid.uuid4().hex[:8]}.part")
    try:
        before = None
        with contextlib.suppress(FileNotFoundError):
            before = os.stat(path).st_mode if follow else None
        if before is not None and not (stat.S_ISREG(before) or stat.S_ISDIR(before)):
            # A device or a pipe, such as /dev/stdout, takes what it is given.
            Path(os.fsdecode(path)).write_bytes(data)
            return
        permissions = mode if before is None else stat.S_IMODE(before)
        try:
            with open(draft, "xb", opener=lambda p, flags: os.open(p, flags, permissions)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if before is not None:
                os.chmod(draft, permissions)  # the umask is for new files
            os.replace(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        # The draft's name, or none, would tell nobody which file it was about.
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    _sync(target.parent)


def _sync(folder: Path) -> None:
    """Make a file's new name outlive a power cut, on systems where a folder can be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def locked(path: str | os.PathLike[str]) -> Iterator[None]:
    """Keep other processes off a file or a folder, by a lock file in the folder or beside the file.

    The operating system lets go of the lock when its process ends, however it ends. Raises NoLock
    at once if another process holds it or if the file system has no such locks.
    """
    import filelock

    # A file that is a link has one lock, whichever name it goes by.
    target = Path(os.fsdecode(os.path.realpath(path)))
    place = target / ".lock" if target.is_dir() else target.with_name(f"{target.name}.lock")
    # No fallback to a file that merely exists: it would outlive a killed process, and lock out all
    # that come after, or be taken for a dead one's while the process lives on another machine.
    lock = filelock.FileLock(place, blocking=False, fallback_to_soft=False)
    held = Held(f"Another process is working on {os.fspath(path)!r}: wait for it or stop it.")
    try:
        try:
            lock.acquire()
        except filelock.Timeout:
            if os.path.exists(place):
                raise held from None
            # Its holder removed it just now, or it can't be made, as below /proc.
            lock.acquire()
    except filelock.Timeout:
        if os.path.exists(place):
            raise held from None
        reason = "no lock file can be made"
        raise FileNotFoundError(errno.ENOENT, reason, str(place)) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise type(error)(
                error.errno, f"no lock file can be made ({error.strerror})", str(place)
            ) from error
        raise NoLock(
            f"The file system of {str(place.parent)!r} has no locks ({error.strerror}), so two "
            "processes could write there at once: choose a folder on a local disk."
        ) from error
    try:
        yield
    finally:
        lock.release()
