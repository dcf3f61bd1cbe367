"""One call from a simulator to a device: the same circuits in, the same records out.

Nothing simulated is called a device: every record says what kind of backend gave it.
"""

from ._run import Record, backends, executor, get_backend, replay, resume, run, save

__all__ = [
    "Record", "backends", "executor", "get_backend", "replay", "resume", "run", "save",
]  # fmt: skip
