"""A display to look at: what a notebook would be sent by what runs in it."""

import contextlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell


@contextlib.contextmanager
def displayed() -> Iterator[list[dict[str, Any]]]:
    """List the outputs, each with its data and metadata, that IPython sends meanwhile."""
    publisher = CapturingDisplayPublisher()
    # Not a real shell: it would stay for the tests that follow.
    shell = SimpleNamespace(display_pub=publisher, display_formatter=DisplayFormatter())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InteractiveShell, "initialized", lambda: True)
        patch.setattr(InteractiveShell, "instance", lambda: shell)
        yield publisher.outputs
