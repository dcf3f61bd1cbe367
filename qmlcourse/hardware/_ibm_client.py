"""Qiskit Runtime's client, made to try once and to say in one sentence what went wrong."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ._network import NetworkError, lost, scrub, seconds

_CHANNELS = ("ibm_quantum_platform", "ibm_cloud")


def token() -> str | None:
    """Return the token that Qiskit Runtime would use, to look for and never to write."""
    if os.environ.get("QISKIT_IBM_TOKEN"):
        return os.environ["QISKIT_IBM_TOKEN"]
    saved = Path.home() / ".qiskit" / "qiskit-ibm.json"
    try:
        accounts = json.loads(saved.read_text(encoding="utf-8")).values()
        return next(a["token"] for a in accounts if a.get("channel") in _CHANNELS)
    except (OSError, ValueError, AttributeError, KeyError, StopIteration):
        return None


def stop_retries(service: Any, timeout: float) -> None:
    """Make the client try once: its own retries would send a job again whose answer was lost."""
    for client in service._get_api_clients().values():
        session = client._session
        if not isinstance(session.adapters["https://"], _once()):
            for scheme in ("https://", "http://"):
                session.mount(scheme, _once()(timeout))


@cache
def _once() -> type:
    """Return an HTTP adapter that tries once and waits no longer than told."""
    from requests.adapters import HTTPAdapter

    class Once(HTTPAdapter):
        def __init__(self, timeout: float) -> None:
            self.limit = timeout
            super().__init__(max_retries=0)

        def send(self, request: Any, **options: Any) -> Any:  # type: ignore[override]
            return super().send(request, **options | {"timeout": self.limit})

    return Once


@contextmanager
def one_try(name: str) -> Iterator[None]:
    """Turn what the client raises into a fault to try again or one clear sentence."""
    import requests

    try:
        yield
    except (NetworkError, RuntimeError):
        raise
    except Exception as error:
        response: Any = None
        chain: list[BaseException] = [error]
        while (seen := chain[-1].__cause__ or chain[-1].__context__) is not None:
            chain.append(seen)
        for seen in chain:
            response = getattr(seen, "response", None)
            if response is not None:
                break
        kind = type(error).__name__
        if response is None:
            # No answer at all, or one that could not be read.
            unread = (requests.RequestException, json.JSONDecodeError, KeyError)
            if any(isinstance(seen, unread) for seen in chain):
                raise NetworkError(kind) from None
            code = getattr(error, "status_code", None)
        else:
            code = response.status_code
            if lost(code):
                wait = seconds(response.headers.get("Retry-After"))
                raise NetworkError(f"status {code}", wait) from None
        if code in (401, 403) or kind in ("InvalidAccountError", "AccountNotFoundError"):
            raise RuntimeError(
                f"{name} refused the account: check QISKIT_IBM_TOKEN or the saved one."
            ) from None
        raise RuntimeError(f"{name} refused the request: {scrub(error, token())}") from None
