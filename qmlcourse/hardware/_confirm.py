"""Nothing that costs is sent before a person has agreed."""

import sys
from collections.abc import Callable


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
