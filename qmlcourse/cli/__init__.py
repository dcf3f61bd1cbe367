"""The command line: `qmlcourse exercises | check | grade | class | report | doctor`."""

from ._main import main
from ._parser import parser

__all__ = ["main", "parser"]
