"""What a provider's client must do, and requests over a network that loses some."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

import tenacity

T = TypeVar("T")
# IBM's and IonQ's words for where a job stands; by any other it still waits.
_STATES = {
    "DONE": "done", "CANCELLED": "cancelled", "ERROR": "failed",
    "completed": "done", "canceled": "cancelled", "failed": "failed", "deleted": "expired",
}  # fmt: skip


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

    def fetch(self, job_id: str, circuits: list[dict[str, Any]], shots: int) -> Outcome:
        """Return what a finished job gave."""
        ...

    def cancel(self, job_id: str) -> None:
        """Cancel a job."""
        ...


def state(word: str) -> str:
    """Return the state that a provider's word means."""
    return _STATES.get(word, "waiting")


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


def lost(code: int) -> bool:
    """Return whether an HTTP status leaves open what became of the request."""
    return code in (408, 409, 425, 429) or code >= 500


def seconds(header: str | None) -> float:
    """Return what a Retry-After header asks for; a date or nonsense asks for nothing."""
    try:
        return max(0.0, float(header or 0))
    except ValueError:
        return 0.0


def scrub(text: object, *secrets: str | None) -> str:
    """Return ``text`` on one line, cut short, without any of the ``secrets``."""
    whole = str(text)
    for secret in secrets:
        if secret:
            whole = whole.replace(secret, "***")
    return " ".join(whole.split())[:300].rstrip(".")
