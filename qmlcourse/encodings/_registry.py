"""The encodings by name. ``ENCODINGS`` is public through encodings."""

from .. import _checks
from ._amplitude import AMPLITUDE
from ._angle import ANGLE
from ._basis import BASIS
from ._encoding import Encoding
from ._iqp import IQP
from ._reupload import REUPLOAD

REGISTRY: dict[str, Encoding] = {
    encoding.name: encoding for encoding in (BASIS, ANGLE, AMPLITUDE, IQP, REUPLOAD)
}

ENCODINGS = tuple(REGISTRY)


def find(name: str) -> Encoding:
    """Return the encoding of a name; raise if there is none."""
    return REGISTRY[_checks.choice(name, "encoding", REGISTRY)]
