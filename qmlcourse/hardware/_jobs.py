"""Jobs on devices that survive: sent once, found again, counted once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import _files
from . import _journal
from ._backend import Result, now, whole_counts
from ._network import NetworkError, Outcome, Provider, Status, patiently


def begin(
    provider: Provider,
    groups: list[list[dict[str, Any]]],
    shots: int,
    folder: str | os.PathLike[str],
) -> Path:
    """Write a journal, send its jobs and return its path, without waiting for them to run."""
    path = _journal.new(provider, groups, shots, folder)
    with _journal.locked(path), _reported(provider, path):
        journal = _journal.read(path)
        for job in journal["jobs"]:
            _deliver(provider, path, journal, job)
    return path


def resume(path: str | os.PathLike[str], provider: Provider) -> list[Result]:
    """Finish the jobs of a journal, wherever an earlier process left them.

    Raises RuntimeError, in one sentence, if a job was cancelled, failed or expired, if the
    provider can't be reached or if another process works on the same journal, and ValueError
    if the file is no journal. May be called again at any time: finished jobs are read from
    the journal and never counted twice.
    """
    journal = _journal.read(path)
    # What is finished needs no lock, and may lie where nothing can be written.
    if any(job["state"] not in ("done", "ended") for job in journal["jobs"]):
        path = _files.path(path)
        with _journal.locked(path):
            journal = _journal.read(path)
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
    return _journal.results(journal)


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
        _journal.write(path, journal)
        return provider.send(job["circuits"], journal["shots"], job["tag"])

    job_id = patiently(patience, attempt)
    job.update(state="waiting", id=job_id, submitted=now())
    _journal.write(path, journal)
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
        outcome = patiently(patience, _fetch, provider, journal["shots"], job)
        job.update(
            state="done",
            counts=outcome.counts,
            started=outcome.started or job["submitted"],
            ended=outcome.ended or now(),
        )
        _journal.write(path, journal)
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
    _journal.write(path, journal)


def _fetch(provider: Provider, shots: int, job: Any) -> Outcome:
    """Return an outcome in which every shot asked for is there, once."""
    circuits = job["circuits"]
    outcome = provider.fetch(job["id"], circuits, shots)
    found = getattr(outcome, "counts", None)
    if not isinstance(found, (list, tuple)):
        raise NetworkError("no list of counts")
    if len(found) != len(circuits):
        raise NetworkError(f"{len(found)} results for {len(circuits)} circuits")
    whole = []
    for circuit, counts in zip(circuits, found, strict=True):
        n = len(circuit["qubits"])
        try:
            whole.append(whole_counts(counts, n))
        except ValueError as error:
            raise NetworkError(str(error)) from None
        if sum(whole[-1].values()) != shots:
            raise NetworkError(
                f"a result of {sum(whole[-1].values())} shots where {shots} were run"
            )
    return outcome._replace(counts=whole)


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
