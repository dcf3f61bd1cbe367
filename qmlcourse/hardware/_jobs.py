"""Jobs on devices that survive: on disk before they are sent, one job for one request.

A journal is a JSON file. An entry goes through these states, each written before the next
step is taken, so that a process may die anywhere:

planned
    Compiled and confirmed; nothing was sent.
sending
    A job with this entry's tag may be on its way. Only its tag can tell, so the provider is
    asked for it before anything is sent again.
waiting
    The provider's job id is on disk.
done, ended
    The counts are on disk; or the job was cancelled or failed, and none were.
"""

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import tenacity

from ._backend import Result

SCHEMA = 1
T = TypeVar("T")


class NetworkError(Exception):
    """A request whose answer is lost or unusable, so that nothing is known of its effect."""

    def __init__(self, what: str, retry_after: float = 0.0) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Patience(NamedTuple):
    """How long to try, in seconds."""

    attempts: int = 8
    first: float = 1.0  # pause after the first fault, doubled after each further one
    most: float = 60.0  # longest pause, unless the provider asks for more
    settle: float = 5.0  # pause before a job that no list shows counts as never accepted
    timeout: float = 60.0  # of one request
    poll: float = 2.0  # between two looks at a waiting job, growing to ``most``
    limit: float = float("inf")  # longest wait for a job in the queue
    sleep: Callable[[float], None] = time.sleep


class Status(NamedTuple):
    """Where a job stands."""

    state: str  # waiting, done, failed, cancelled or expired
    reason: str = ""


class Outcome(NamedTuple):
    """What a finished job gave: counts of each circuit, wire 0 first."""

    counts: list[dict[str, int]]
    started: str | None = None
    ended: str | None = None


class Provider(Protocol):
    """What a provider's client must do: one try each, raising NetworkError when it is lost."""

    name: str
    patience: Patience

    def send(self, circuits: list[dict[str, Any]], shots: int, tag: str) -> str:
        """Submit one job under ``tag`` and return its id."""
        ...

    def find(self, tag: str) -> list[str]:
        """Return the ids of the jobs under ``tag``, the one to keep first."""
        ...

    def look(self, job_id: str) -> Status:
        """Return where a job stands."""
        ...

    def fetch(self, job_id: str, circuits: list[dict[str, Any]], shots: int, seed: Any) -> Outcome:
        """Return what a finished job gave."""
        ...

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        ...


def now() -> str:
    """Return the time, UTC, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def scrub(text: object, *secrets: str | None) -> str:
    """Return ``text`` on one line, cut short, without any of the ``secrets``."""
    whole = str(text)
    for secret in secrets:
        if secret:
            whole = whole.replace(secret, "***")
    return " ".join(whole.split())[:300].rstrip(".")


def patiently(patience: Patience, action: Callable[..., T], *args: Any) -> T:
    """Call ``action`` until no network fault comes, pausing longer each time."""

    def pause(state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        asked = fault.retry_after if isinstance(fault, NetworkError) else 0.0
        return max(asked, min(patience.most, patience.first * 2.0 ** (state.attempt_number - 1)))

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(NetworkError),
        stop=tenacity.stop_after_attempt(patience.attempts),
        wait=pause,
        sleep=patience.sleep,
        reraise=True,
    )
    return retrying(action, *args)


def ask(text: str, confirm: Callable[[str], bool] | bool | None) -> None:
    """Return if the person agrees to what ``text`` says; raise RuntimeError if not."""
    if confirm is None:
        # A notebook's stdin is no terminal, yet its kernel puts the question to the reader.
        if not (sys.stdin is not None and sys.stdin.isatty()) and "ipykernel" not in sys.modules:
            raise RuntimeError(
                f"Nothing was sent: there is no terminal to ask on, so pass confirm=True or a "
                f"function that returns True to agree to this: {text}"
            )
        try:
            agreed = input(f"{text}\nSend? [y/N] ").strip().lower() in ("y", "yes")
        except (EOFError, OSError, NotImplementedError):
            agreed = False
    else:
        agreed = confirm(text) is True if callable(confirm) else confirm is True
    if not agreed:
        raise RuntimeError(f"Nothing was sent, because this was not confirmed: {text}")


def plan(
    provider: Provider,
    groups: list[list[dict[str, Any]]],
    shots: int,
    seed: int | None,
    folder: str | os.PathLike[str],
) -> Path:
    """Write a journal with a job for each group of circuits and return its path."""
    tags = [f"qmlcourse-{uuid.uuid4().hex}" for _ in groups]
    journal = {
        "schema": SCHEMA,
        "backend": provider.name,
        "shots": shots,
        "seed": seed,
        "created": now(),
        "jobs": [
            {"tag": tag, "state": "planned", "id": None, "sends": 0, "circuits": group}
            for tag, group in zip(tags, groups, strict=True)
        ],
    }
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    Path(folder).mkdir(parents=True, exist_ok=True)
    name = provider.name.replace("/", "-")
    path = Path(folder) / f"{name}-{stamp}-{tags[0][-8:]}.job.json"
    _write(path, journal)
    return path


def begin(
    provider: Provider,
    groups: list[list[dict[str, Any]]],
    shots: int,
    seed: int | None,
    folder: str | os.PathLike[str],
) -> Path:
    """Write a journal, send its jobs and return its path, without waiting for them to run."""
    path = plan(provider, groups, shots, seed, folder)
    with _locked(path), _reported(provider, path):
        journal = _read(path)
        for job in journal["jobs"]:
            _deliver(provider, path, journal, job)
    return path


def resume(
    path: str | os.PathLike[str],
    *,
    patience: Patience | None = None,
    provider: Provider | None = None,
) -> list[Result]:
    """Finish the jobs of a journal, wherever an earlier process left them.

    Raises RuntimeError, in one sentence, if a job was cancelled, failed or expired, if the
    provider can't be reached or if another process works on the same journal, and ValueError
    if the file is no journal. May be called again at any time: finished jobs are read from
    the journal and never counted twice.
    """
    path = Path(path)
    with _locked(path):
        journal = _read(path)
        if provider is None:
            provider = _provider(journal["backend"], patience)
        with _reported(provider, path):
            for job in journal["jobs"]:
                if job["state"] in ("planned", "sending"):
                    _deliver(provider, path, journal, job)
            for job in journal["jobs"]:
                if job["state"] == "waiting":
                    _collect(provider, path, journal, job)
    ended = [job["reason"] for job in journal["jobs"] if job["state"] == "ended"]
    if ended:
        raise RuntimeError(" ".join(ended))
    return [
        Result(
            counts=counts,
            probabilities=None,
            compiled=circuit["compiled"],
            language=circuit["language"],
            qubits=circuit["qubits"],
            calibration=circuit["calibration"],
            started=job["started"],
            ended=job["ended"],
            job_id=job["id"],
        )
        for job in journal["jobs"]
        for circuit, counts in zip(job["circuits"], job["counts"], strict=True)
    ]


def unfinished(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the journals in a folder that ``resume`` has still to finish, oldest first."""
    found = [(_read(path), path) for path in Path(folder).glob("*.job.json")]
    left = [
        (journal["created"], path)
        for journal, path in found
        if any(job["state"] not in ("done", "ended") for job in journal["jobs"])
    ]
    return [path for _, path in sorted(left)]


def _deliver(provider: Provider, path: Path, journal: Any, job: Any) -> None:
    """Send a job exactly once and store its id."""
    patience = provider.patience

    def attempt() -> str:
        # An earlier answer was lost, here or in a process that died: the job may exist. A
        # provider's list can lag behind, so an empty one is believed the second time only.
        if job["sends"]:
            for pause in (patience.settle, 0.0):
                found = provider.find(job["tag"])
                if found:
                    return found[0]
                if pause:
                    patience.sleep(pause)
        job.update(state="sending", sends=job["sends"] + 1)
        _write(path, journal)
        return provider.send(job["circuits"], journal["shots"], job["tag"])

    job_id = patiently(patience, attempt)
    job.update(state="waiting", id=job_id, submitted=now())
    _write(path, journal)
    _cancel_duplicates(provider, job)


def _cancel_duplicates(provider: Provider, job: Any) -> None:
    """Stop every other job under this tag, such as one that the network delivered twice."""
    patience = provider.patience
    others = [o for o in patiently(patience, provider.find, job["tag"]) if o != job["id"]]
    for other in others:
        if patiently(patience, provider.look, other).state == "waiting":
            patiently(patience, provider.cancel, other)
    if others:
        job["duplicates"] = others  # never read: the journal says that they were there


def _collect(provider: Provider, path: Path, journal: Any, job: Any) -> None:
    """Wait for a job and store what it gave, or why it gave nothing."""
    patience, pause, waited = provider.patience, provider.patience.poll, 0.0

    def look() -> Status:
        if job["sends"] > 1:  # a request that was thought lost may arrive as late as now
            _cancel_duplicates(provider, job)
        return patiently(patience, provider.look, job["id"])

    status = look()
    while status.state == "waiting":
        if waited >= patience.limit:
            raise RuntimeError(
                f"Job {job['id']} on {provider.name} still waits after {waited:.0f} s: "
                f"resume({str(path)!r}) fetches it later."
            )
        patience.sleep(pause)
        waited, pause = waited + pause, min(patience.most, pause * 1.5)
        status = look()
    if status.state == "done":
        outcome = patiently(patience, _fetch, provider, journal, job)
        job.update(
            state="done",
            counts=outcome.counts,
            started=outcome.started or job["submitted"],
            ended=outcome.ended or now(),
        )
        _write(path, journal)
        return
    why = f" ({status.reason})" if status.reason else ""
    happened = {
        "cancelled": f"was cancelled{why}",
        "failed": f"failed{why}",
        "expired": f"has expired or was deleted{why}",
    }[status.state]
    reason = (
        f"Job {job['id']} on {provider.name} {happened}; none of its shots were counted: "
        f"run the circuits again."
    )
    job.update(state="ended", reason=reason)
    _write(path, journal)


def _fetch(provider: Provider, journal: Any, job: Any) -> Outcome:
    """Return an outcome in which every shot asked for is there, once."""
    shots, circuits = journal["shots"], job["circuits"]
    # Circuits of one run draw from streams of their own, the same at every call.
    seed = None if journal["seed"] is None else [journal["seed"], journal["jobs"].index(job)]
    outcome = provider.fetch(job["id"], circuits, shots, seed)
    if len(outcome.counts) != len(circuits):
        raise NetworkError(f"{len(outcome.counts)} results for {len(circuits)} circuits")
    for circuit, counts in zip(circuits, outcome.counts, strict=True):
        n = len(circuit["qubits"])
        if any(len(bits) != n or set(bits) - {"0", "1"} for bits in counts):
            raise NetworkError(f"a result with bit strings that are not of {n} bits")
        if sum(counts.values()) != shots:
            raise NetworkError(f"a result of {sum(counts.values())} shots where {shots} were run")
    return outcome


def _provider(name: str, patience: Patience | None) -> Provider:
    family, _, device = name.partition("/")
    patience = patience or Patience()
    if family == "ibm":
        from ._ibm import IBMDevice

        return IBMDevice(device, patience=patience)
    if family == "ionq":
        from ._ionq import IonQDevice

        return IonQDevice(device, patience=patience)
    raise ValueError(f"backend in the journal must be ibm/... or ionq/...; got {name!r}.")


@contextmanager
def _reported(provider: Provider, path: Path) -> Iterator[None]:
    """Turn the last network fault into a sentence that says what is safe and what to do."""
    try:
        yield
    except NetworkError as fault:
        # The client's own exceptions carry the request, and so the token: none is chained.
        raise RuntimeError(
            f"{provider.name} did not answer in {provider.patience.attempts} tries ({fault}); "
            f"the jobs are kept: call resume({str(path)!r}) later."
        ) from None


def _write(path: Path, journal: Any) -> None:
    """Replace the journal as a whole: a reader finds the old one or the new one."""
    draft = path.with_name(path.name + ".part")
    with open(draft, "w", encoding="utf-8") as file:
        json.dump(journal, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def _read(path: Path) -> Any:
    try:
        journal = json.loads(path.read_text(encoding="utf-8"))
        if journal["schema"] != SCHEMA:
            raise ValueError(f"path must be a job journal of schema {SCHEMA}; got {path}.")
        _ = journal["backend"], journal["shots"], journal["seed"], journal["created"]
        _ = [(job["tag"], job["state"], job["sends"], job["circuits"]) for job in journal["jobs"]]
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"path must be a job journal; got {path}.") from error
    return journal


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep other processes off a journal. The system drops the lock of a process that dies."""
    if path.suffix != ".json" or not path.exists():
        raise ValueError(f"path must be a job journal; got {path}.")
    with open(path.with_name(path.name + ".lock"), "w") as file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RuntimeError(f"Another process is working on {path}.") from None
        yield
