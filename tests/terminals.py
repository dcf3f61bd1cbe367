"""A terminal to look at: what a program shows on one, read as it comes."""

import contextlib
import fcntl
import os
import pty
import struct
import termios
import threading
from collections.abc import Iterator


def resize(descriptor: int, columns: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Terminal:
    """The far end of a pseudo-terminal of some columns; `side` is the program's end."""

    def __init__(self, columns: int) -> None:
        self.far, self.side = pty.openpty()
        resize(self.side, columns)
        self._seen = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        # Reading fails once no program has the other end open.
        with contextlib.suppress(OSError):
            while chunk := os.read(self.far, 4096):
                self._seen += chunk

    @property
    def text(self) -> str:
        """What was shown up to now, or in all once the side is closed."""
        return self._seen.decode("utf-8", "ignore")

    def press(self, keys: bytes) -> None:
        os.write(self.far, keys)

    def close(self) -> None:
        """Let go of the program's end and read the rest."""
        with contextlib.suppress(OSError):
            os.close(self.side)
        self._reader.join(timeout=10)


@contextlib.contextmanager
def terminal(columns: int = 80) -> Iterator[Terminal]:
    shown = Terminal(columns)
    try:
        yield shown
    finally:
        shown.close()
        os.close(shown.far)
