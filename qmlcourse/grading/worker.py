"""The process in which one answer runs: it calls functions by name and sends back plain data.

Started as `python -m qmlcourse.grading.worker`. It holds no expected value and no check: whatever
an answer does to it, the worst it can send is a wrong value.
"""

import json
import os
from typing import Any, BinaryIO

from .local import explain, run_source
from .wire import decode, encode


def reply(replies: BinaryIO, **message: Any) -> None:
    """Write one line of JSON."""
    replies.write(json.dumps(message).encode() + b"\n")
    replies.flush()


def call(namespace: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return what one request gives: a value, or why there is none."""
    name = request["function"]
    if not callable(namespace.get(name)):
        return {"status": "error", "hint": f"There is no function {name}."}
    args, kwargs = (decode(request[k], trusted=True) for k in ("args", "kwargs"))
    try:
        value = namespace[name](*args, **kwargs)
    except MemoryError:
        return {"status": "died", "hint": f"{name} asked for more memory than it may have."}
    except BaseException as error:  # SystemExit is an answer's failure as well
        return {"status": "error", "hint": f"{name} raised {explain(error)}"}
    try:
        return {"value": encode(value)}
    except (TypeError, ValueError) as error:
        return {"status": "protocol", "hint": f"{name}: {error}"}


def main() -> None:
    """Serve requests until the other side closes."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What an answer prints goes where output is thrown away, not into the replies.
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for line in requests:
        request = json.loads(line)
        if "cells" not in request:
            reply(replies, nonce=request["nonce"], **call(namespace, request))
            continue
        message: dict[str, Any] = {"value": None}
        for name, source in request["cells"]:
            try:
                run_source(source, name, namespace)
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
