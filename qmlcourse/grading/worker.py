"""The process in which one answer runs: it calls functions by name and sends back plain data.

Started as `python -m qmlcourse.grading.worker`. It holds no expected value and no check: whatever
an answer does to it, the worst it can send is a wrong value.
"""

import json
import os
import sys
import types
from typing import Any, BinaryIO

from .cells import Cells
from .exercise import AnswerError
from .local import ask, explain
from .wire import decode


def reply(replies: BinaryIO, **message: Any) -> None:
    """Write one line of JSON."""
    replies.write(json.dumps(message).encode() + b"\n")
    replies.flush()


def call(namespace: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return what one request gives: a value, or why there is none."""
    name = request["function"]
    args, kwargs = (decode(request[k], trusted=True) for k in ("args", "kwargs"))
    try:
        value, changed = ask(namespace, name, args, kwargs)
        return {"value": value, "changed": changed}
    except AnswerError as error:
        return {"status": error.status, "hint": error.hint, "raised": error.raised}
    except KeyboardInterrupt as error:
        return {"status": "error", "hint": f"{name} raised {explain(error)}"}


def main() -> None:
    """Serve requests until the other side closes."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What an answer prints goes where output is thrown away, not into the replies.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    # A process pool looks its functions up in the module of this name.
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    cells = Cells(module.__dict__)
    for line in requests:
        request = json.loads(line)
        if "cells" not in request:
            reply(replies, nonce=request["nonce"], **call(cells.namespace, request))
            continue
        message: dict[str, Any] = {"value": cells.notes}
        for name, source in request["cells"]:
            try:
                cells.run(name, source)
            except MemoryError:
                hint = f"The cell of {name} asked for more memory than it may have."
                message = {"status": "died", "hint": hint}
                break
            except BaseException as error:
                hint = f"The cell of {name} raised {explain(error)}"
                message = {"status": "error", "hint": hint}
                break
        reply(replies, nonce=request["nonce"], **message)


if __name__ == "__main__":
    main()
