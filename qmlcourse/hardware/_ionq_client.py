"""cirq-ionq's client, made to try once, for so long, and to say what went wrong."""

import os
import threading
from collections.abc import Callable
from typing import Any

from ._network import NetworkError, lost, scrub, seconds


def key() -> str | None:
    """Return the API key, to use and never to write."""
    return os.environ.get("CIRQ_IONQ_API_KEY") or os.environ.get("IONQ_API_KEY")


def client(name: str, timeout: float) -> Any:
    """Return the client, one try a request: its own retries would submit twice."""
    import cirq_ionq

    service = cirq_ionq.Service(api_key=key(), max_retry_seconds=0)
    service._client._make_request = _Requests(name, timeout)
    return service._client


def field(body: Any, name: str) -> Any:
    """Return a field of an answer that must have it."""
    if not isinstance(body, dict) or name not in body:
        raise NetworkError(f"an answer without {name}")
    return body[name]


class _Requests:
    """Makes one request in ``timeout`` seconds, or says why it is lost."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name, self.timeout = name, timeout

    def __call__(self, request: Callable[[], Any], body: dict[str, Any]) -> Any:
        import requests
        from cirq_ionq.ionq_exceptions import IonQNotFoundException

        answers: list[Any] = []

        def call() -> None:
            try:
                answers.append(request())
            except requests.RequestException as error:
                answers.append(NetworkError(type(error).__name__))
            except Exception as error:
                answers.append(error)

        # The client sets no timeout, so that a silent server would hold the course for ever.
        thread = threading.Thread(target=call, daemon=True)
        thread.start()
        thread.join(self.timeout)
        if not answers:
            raise NetworkError(f"no answer within {self.timeout:g} s")
        answer = answers[0]
        if isinstance(answer, Exception):
            raise answer
        code = answer.status_code
        if code == 404:
            raise IonQNotFoundException("IonQ does not know it.")
        if lost(code):
            raise NetworkError(f"status {code}", seconds(answer.headers.get("Retry-After")))
        if code in (401, 403):
            raise RuntimeError(f"{self.name} refused the key in IONQ_API_KEY (status {code}).")
        if not answer.ok:
            raise RuntimeError(
                f"{self.name} refused the request (status {code}): {scrub(answer.text, key())}"
            )
        try:
            answer.json()
        except ValueError:
            raise NetworkError("a damaged answer") from None
        return answer
