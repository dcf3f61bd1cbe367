"""The state of a class run, kept in a folder that is trusted in nothing.

A run draws a key and a seed and keeps them in `run.json`, which only the grader's own user may
read. Each report is sealed with the key, in `journal.jsonl`: one that was changed, cut short, made
by another run or put there by somebody is not taken over but graded anew. So who can write into
the folder can lose work and change no marks. Who can read `run.json` can do all that the grader
can.
"""

import contextlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .report import write_private
from .submission import Unreadable, read_bytes

_JOURNAL = "journal.jsonl"
# What stands in a run's folder beside the reports.
FILES = (".lock", "run.json", _JOURNAL, "grades.csv")


def plain(path: Path, kind: int = stat.S_IFREG) -> None:
    """Raise ValueError unless there is nothing, or a regular file with one name (or a folder).

    What grade writes to a link, a pipe or a second name of a file would go elsewhere.
    """
    try:
        about = path.lstat()
    except FileNotFoundError:
        return
    found = stat.S_IFMT(about.st_mode)
    names = {stat.S_IFREG: "a file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a symbolic link"}
    what = names.get(found, "a pipe" if found == stat.S_IFIFO else "a device or a socket")
    if found == stat.S_IFREG and about.st_nlink > 1:
        what, found = "a file with another name elsewhere", 0
    if found != kind:
        raise ValueError(
            f"{str(path)!r} is {what}; grade keeps {names[kind]} of its own there: remove it, or "
            "choose another folder"
        )


@dataclass(frozen=True)
class Run:
    """What a run was begun with. `drawn` says that its seed was, and is nobody's business."""

    exercise: str
    seed: int
    drawn: bool
    isolated: bool
    checks_sha256: str
    key: str

    def own_seed(self, path: Path, sha256: str) -> int:
        """Return the seed of a submission; a changed one gets other inputs."""
        about = f"{path}\0{sha256}".encode("utf-8", "surrogateescape")
        return int.from_bytes(hmac.digest(str(self.seed).encode(), about, "sha256")[:8], "big")

    def seal(self, path: Path, report: bytes) -> str:
        """Return what only this run can write about a submission's report."""
        about = os.fsencode(path) + b"\0" + report
        return hmac.digest(bytes.fromhex(self.key), about, "sha256").hex()

    def sealed(self, path: Path, report: bytes, seal: str) -> bool:
        """Return whether this run wrote that report of a submission."""
        return hmac.compare_digest(self.seal(path, report).encode(), seal.encode())

    def record(self, out: Path, path: Path, seconds: float, report: bytes) -> None:
        """Write in the journal that a submission was graded, and the seal of its report."""
        entry = {"graded": str(path), "seconds": seconds, "seal": self.seal(path, report)}
        plain(out / _JOURNAL)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(out / _JOURNAL, flags, 0o600), "ab", buffering=0) as journal:
            # One short write, so that lines of two workers do not mix.
            journal.write(json.dumps(entry).encode() + b"\n")


def begin(out: Path, exercise: str, seed: int | None, isolated: bool, checks: str) -> Run:
    """Return the run of a folder, begun now or before; refuse one of another kind."""
    for name in FILES:
        plain(out / name)
    path = out / "run.json"
    if not path.exists():
        drawn = secrets.randbits(128) if seed is None else seed
        run = Run(exercise, drawn, seed is None, isolated, checks, secrets.token_hex(32))
        write_private(path, json.dumps(asdict(run)))
        return run
    run = begun(out)
    wanted: dict[str, Any] = {"exercise": exercise, "isolated": isolated, "checks_sha256": checks}
    if seed is not None:
        wanted["seed"] = seed
    for key, value in wanted.items():
        before = getattr(run, key)
        if before != value:
            # A seed that was drawn is not told.
            shown = "a drawn one" if key == "seed" and run.drawn else repr(before)
            raise ValueError(
                f"out is {str(out)!r}, which holds a run whose {key} is {shown}, not {value!r}; "
                "choose another folder"
            )
    return run


def begun(out: Path) -> Run:
    """Return the run that a folder holds; raise ValueError where there is none of grade's."""
    path = out / "run.json"
    # Who can write into the folder could put one there, with a key of his own.
    if hasattr(os, "geteuid") and path.exists() and path.stat().st_uid != os.geteuid():
        raise ValueError(
            f"{str(path)!r} belongs to another user, who alone can go on with this run; choose "
            "another folder"
        )
    try:
        run = Run(**json.loads(read_bytes(path)))
        kinds = (str, int, bool, bool, str, str)
        right = [type(v) is kind for v, kind in zip(asdict(run).values(), kinds, strict=True)]
        if all(right) and run.seed >= 0 and len(bytes.fromhex(run.key)) == 32:
            # A copied folder may have opened it to others.
            with contextlib.suppress(OSError):
                path.chmod(0o600)
            return run
    except Unreadable as error:
        raise ValueError(f"out is {str(out)!r}, and {error}") from None
    except (TypeError, ValueError, RecursionError):
        pass
    raise ValueError(
        f"out is {str(out)!r}, whose run.json no run of grade wrote; choose another folder"
    )


def seals(out: Path) -> dict[str, str]:
    """Return the last seal of each submission in a folder's journal; lines of others are none."""
    found = {}
    with contextlib.suppress(Unreadable):
        for line in read_bytes(out / _JOURNAL).splitlines():
            with contextlib.suppress(ValueError, RecursionError, KeyError, TypeError):
                entry = json.loads(line)
                if isinstance(entry["seal"], str) and isinstance(entry["graded"], str):
                    found[entry["graded"]] = entry["seal"]
    return found
