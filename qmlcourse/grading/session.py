"""The grader's side of a worker: requests out, plain data back, within time and memory."""

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import time
from typing import Any

from .cgroups import Group, group
from .exercise import EXCEPTIONS, AnswerError, too_long, used_up
from .first import PROCESSES
from .reading import function_text
from .sandbox import ENVIRONMENT, MEMORY, sandboxed, worker_command
from .watch import Watch
from .wire import REPLY, decode, encode

# Of what an answer prints, so much is kept: its last words, when it dies.
LAST_WORDS = 2000
# To start Python and run the cells of a question, imports included: once, or as often as it dies.
START = 30.0


class Session:
    """Calls functions of one answer in a worker of its own.

    Calling it as `session(function, *args, **kwargs)` returns plain data or raises `AnswerError`.
    A worker that died or hung is replaced at the next call while there is time left: a question
    takes `START` and `seconds` at most, whatever its answer does.

    Parameters
    ----------
    cells : list of (str, str)
        Name and source of what the worker runs first.
    seconds : float
        For all calls together, beside `START` for all starts together.
    isolated : bool
        Whether the worker runs inside the sandbox.
    """

    def __init__(self, cells: list[tuple[str, str]], *, seconds: float, isolated: bool) -> None:
        self.cells, self.isolated = cells, isolated
        self.left, self.limit = seconds, seconds
        self.to_start = START
        self.peak = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.failed: AnswerError | None = None
        # Whether the last call changed an argument in place, as the answer's process saw it.
        self.changed = False
        # What the cells held that only Jupyter knows; the answer's own words.
        self.notes: list[str] = []
        self._watch: Watch | None = None
        self._words = b""

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def __call__(self, function: str, *args: Any, **kwargs: Any) -> Any:
        # The answer's own loading failed: it would fail again.
        if self.failed is not None:
            raise self.failed
        if self.left <= 0:
            raise AnswerError("not_run", used_up(self.limit))
        if self.process is None:
            started = time.monotonic()
            try:
                self._start()
            except AnswerError as error:
                self.failed = error
                raise
            finally:
                self.to_start -= time.monotonic() - started
        request = {"function": function, "args": encode(args), "kwargs": encode(kwargs)}
        started = time.monotonic()
        try:
            return decode(self._ask(request, self.left, too_long(function, self.limit)))
        except (ValueError, TypeError, OverflowError, RecursionError) as error:
            raise AnswerError("protocol", f"{function}: {error}") from None
        finally:
            self.left -= time.monotonic() - started

    def source(self, function: str) -> str:
        """Return the text of a function of the answer, from its cells; nothing is run."""
        return function_text((source for _, source in self.cells), function)

    def _start(self) -> None:
        if self.to_start <= 0:
            hint = f"Its process died so often that starting it took {START:.0f} s in all."
            raise AnswerError("not_run", hint)
        command, within = worker_command(), Group()
        # Without the sandbox the answer is the learner's own and may see the machine.
        environment = dict(os.environ) | ({} if self.isolated else {"MPLBACKEND": "Agg"})
        most: dict[str, int] = {}
        if self.isolated:
            most = {"memory": MEMORY, "tasks": PROCESSES}
            # bubblewrap, what starts it and the first process are of the group too.
            within = group(MEMORY, PROCESSES + 8)
            cpu_seconds = int(2 * (START + self.limit))
            command = sandboxed(command, cpu_seconds=cpu_seconds, group=within)
            # For systemd-run; inside there is another environment.
            asked = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
            environment = ENVIRONMENT | {k: os.environ[k] for k in asked if k in os.environ}
        self._words = b""
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0, start_new_session=True, env=environment,
        )  # fmt: skip
        self._watch = Watch(self.process, within, **most)
        self._watch.start()
        late = f"Running the cells took more than {max(1, round(self.to_start))} s."
        notes = self._ask({"cells": self.cells}, self.to_start, late)
        if isinstance(notes, list):
            self.notes = [" ".join(str(note).split())[:1000] for note in notes[: len(self.cells)]]

    def _ask(self, request: dict[str, Any], seconds: float, late: str) -> Any:
        """Send one request and return the value of its reply; `late` says that it took too long."""
        nonce = secrets.token_hex(16)
        try:
            line = self._exchange(json.dumps({"nonce": nonce} | request).encode() + b"\n", seconds)
        except TimeoutError:
            self.stop()
            raise AnswerError("timeout", late) from None
        except EOFError:
            raise self._death() from None
        except ValueError as error:
            self.stop()
            raise AnswerError("protocol", str(error)) from None
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or message.get("nonce") != nonce:
            self.stop()
            raise AnswerError("protocol", "Something that is no reply was written to the grader.")
        if "value" in message:
            self.changed = message.get("changed") is True
            return message["value"]
        status, hint = message.get("status"), message.get("hint")
        if status not in ("error", "died", "protocol") or not isinstance(hint, str):
            status, hint = "protocol", "The reply was neither a value nor an error."
        said = message.get("raised")
        raised = [name for name in EXCEPTIONS if name in said] if isinstance(said, list) else []
        raise AnswerError(status, hint[:3000], raised)

    def _exchange(self, data: bytes, seconds: float) -> bytes:
        """Write `data` and return one line, never blocked for longer than `seconds`.

        Output that is not a reply is read too, else an answer that prints would stand still.
        """
        assert self.process is not None
        to, back, words = self.process.stdin, self.process.stdout, self.process.stderr
        assert to is not None and back is not None and words is not None
        deadline, reply, unsent = time.monotonic() + seconds, bytearray(), memoryview(data)
        with selectors.DefaultSelector() as selector:
            for stream, event in (
                (to, selectors.EVENT_WRITE),
                (back, selectors.EVENT_READ),
                (words, selectors.EVENT_READ),
            ):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, event)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, _ in selector.select(left):
                    # An answer can open its own ends of the pipes: what was ready may be gone.
                    try:
                        if key.fileobj is to:
                            unsent = unsent[os.write(to.fileno(), unsent[: 2**16]) :]
                            if not unsent:
                                selector.unregister(to)
                            continue
                        piece = os.read(key.fd, 2**16)
                    except BlockingIOError:
                        continue
                    except BrokenPipeError:
                        raise EOFError from None
                    if key.fileobj is words:
                        self._words = (self._words + piece)[-LAST_WORDS:]
                        if not piece:
                            selector.unregister(words)
                        continue
                    if not piece:
                        raise EOFError
                    reply += piece
                    if b"\n" in piece:
                        line, _, rest = bytes(reply).partition(b"\n")
                        if rest:
                            raise ValueError("More was written to the grader than one reply.")
                        return line
                    if len(reply) > REPLY:
                        raise ValueError(f"The reply is larger than {REPLY // 2**20} MiB.")

    def _death(self) -> AnswerError:
        """Return why the worker is gone, and clear up after it."""
        assert self.process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.returncode
        assert self._watch is not None
        excess = self._watch.excess or self._watch.of_kernel()
        self.stop()
        if excess:
            return AnswerError("died", excess)
        # bubblewrap reports a signal of its child as 128 + n.
        number = -code if code is not None and code < 0 else (code or 0) - 128
        try:
            how = f"by signal {signal.Signals(number).name}"
        except ValueError:
            how = f"with exit code {code}"
        said = self._words.decode("utf-8", "replace").strip().splitlines()
        last = f" Its last words: {said[-1][:300]}" if said else ""
        return AnswerError("died", f"The process of the answer ended {how}.{last}")

    def stop(self) -> None:
        """End the worker and everything it started."""
        if self.process is None or self._watch is None:
            return
        self._watch.end()
        self._watch.group.close()
        self.peak = max(self.peak, self._watch.peak)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self.process = None
