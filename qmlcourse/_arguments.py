"""Arguments of the command line: options by their whole names, files whatever their names."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn


class Parser(argparse.ArgumentParser):
    """Takes options by their whole names only, and shows nothing that a terminal would obey."""

    options: ClassVar[set[str]] = {"--"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"allow_abbrev": False})

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        """Add an argument, and note an option's names."""
        self.options.update(name for name in args if name.startswith("-"))
        return super().add_argument(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and stop."""
        super().error(visible(message))

    def files(self, argv: Sequence[str]) -> list[str]:
        """Return arguments in which a name that begins with a dash, and is a file's, is one.

        A shell puts such names where somebody wrote `*`.
        """
        found = []
        for argument in argv:
            if argument.startswith("-") and os.path.lexists(argument):
                if argument in self.options:
                    raise ValueError(
                        f"{argument!r} is an option, and a file here has that name: name the "
                        "folder, not its files, or rename the file"
                    )
                argument = os.path.join(os.curdir, argument)
            found.append(argument)
        return found


def notebooks(named: Sequence[str]) -> list[str]:
    """Return the submissions that are named, and those in the folders that are named."""
    found: list[str] = []
    for name in named:
        # A slip of the pen is no submission; a link that leads nowhere is one, and a bad one.
        if not os.path.lexists(name):
            raise ValueError(f"submission is {name!r}, and there is no such file")
        if os.path.islink(name) or not os.path.isdir(name):
            found.append(name)
            continue
        inside = sorted(entry for entry in os.listdir(name) if not entry.startswith("."))
        right = [entry for entry in inside if entry.lower().endswith(".ipynb")]
        if not right:
            raise ValueError(f"submission is {name!r}, a folder without notebooks (*.ipynb)")
        left = [entry for entry in inside if entry not in right]
        if left:
            print(f"Not graded, for no name of a notebook: {left} in {name!r}", file=sys.stderr)
        found += [os.path.join(name, entry) for entry in right]
    return found


def visible(text: str) -> str:
    """Return a text with every control character made visible."""
    return "".join(c if c == "\n" or c.isprintable() else repr(c)[1:-1] for c in text)


def whole(text: str) -> int:
    """Return a whole number from 0 on."""
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def file_path(text: str) -> str:
    """Return a path that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("the path of a file or folder; got ''")
    return text


def positive(text: str) -> int:
    """Return a whole number from 1 on."""
    if not whole(text):
        raise argparse.ArgumentTypeError("at least 1")
    return whole(text)
