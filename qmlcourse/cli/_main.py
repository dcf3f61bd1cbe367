"""One run of the command line."""

import sys
from collections.abc import Sequence

from .. import _files
from .._arguments import visible
from ..grading.marking import NoSandbox
from ._parser import parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    0: done (and for `check`, full marks); 1: not full marks, a submission that is no notebook, or
    something missing; 2: the call cannot be carried out, for the one reason that is printed; 130:
    stopped by Ctrl-C. The chapter on the portfolio shows each command.

    Examples
    --------
    >>> main(["exercises"])  # doctest: +ELLIPSIS
    barren_plateau ...
    0
    """
    top = parser()
    try:
        arguments = top.parse_args(top.files(sys.argv[1:] if argv is None else argv))
        return int(arguments.run(arguments))
    except (ValueError, NoSandbox, _files.NoLock, OSError) as error:
        print(f"qmlcourse: {visible(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
