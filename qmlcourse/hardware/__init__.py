"""One call from a simulator to a device: the same circuits in, the same records out.

Nothing simulated is called a device: every record says what kind of backend gave it.
"""

from ._executor import executor
from ._records import Record
from ._registry import backends, get_backend
from ._replay import replay, save
from ._run import resume, run

__all__ = [
    "Record", "backends", "executor", "get_backend", "replay", "resume", "run", "save",
]  # fmt: skip
