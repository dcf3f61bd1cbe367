"""How long a chapter takes a person: counted from its notebook, by one rule for all of them.

    reading_time.py            print every chapter's minutes, and its words, lines and so on

The line in a chapter's box is written by `chapters.py`, and a test holds it to the count. What is
folded away, an optional box or the set-up, counts for nobody: nothing later needs it.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import catalog
import nbformat
from markdown_it.token import Token
from notebook_text import MYST

# One who knows machine learning and is new to this. Plain prose is read at some 240 words a minute
# (Brysbaert 2019, Journal of Memory and Language 109, 104047); a text with symbols goes slower.
# The others are set, not measured: nobody has been timed with this course.
WORDS_A_MINUTE = 200
LINES_A_MINUTE = 12
SECONDS = {"equations": 20, "pictures": 30, "claims": 10}
EXERCISE_MINUTES = 10
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
UNSEEN = {"hide-cell", "hide-output", "remove-cell", "remove-output"}
CLAIM = "application/vnd.qmlcourse.claim+json"
LINE = re.compile(r"^- \*\*Time:\*\*.*?(?=\n(?:- |:::|```))", re.M | re.S)


class Minutes(NamedTuple):
    """Minutes to read the main text, with its code read too, and with the exercises solved."""

    read: int
    code: int
    exercises: int

    def __str__(self) -> str:
        solved = f", {self.exercises} with the exercises" if self.exercises > self.code else ""
        return (
            f"- **Time:** {self.read} minutes to read, {self.code} with the code{solved}.\n"
            "  {doc}`/book/runtimes` says how this is counted, and how long the code runs."
        )


def counted(notebook: nbformat.NotebookNode) -> tuple[Counter[str], Counter[str]]:
    """Count words, code lines, equations, pictures and exercises: main text, and exercises."""
    main: Counter[str] = Counter()
    exercises: Counter[str] = Counter()
    elsewhere = {"Exercises": exercises, "Further reading": Counter[str]()}
    found = main
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for section, tokens in _sections(MYST.parse(cell.source)):
                if section is not None:
                    found = elsewhere.get(section, main)
                for token in tokens:
                    _count(token, found, folded=found is exercises)
            continue
        tags = set(cell.metadata.get("tags", []))
        if not FOLDED & tags:
            found["lines"] += sum(bool(line.strip()) for line in cell.source.splitlines())
        if not UNSEEN & tags:
            for output in cell.outputs:
                _count_output(output.get("data", {}), found)
    return main, exercises


def minutes(notebook: nbformat.NotebookNode) -> Minutes:
    """Return how long an executed chapter takes."""
    main, exercises = counted(notebook)
    read = _reading(main)
    code = read + main["lines"] / LINES_A_MINUTE
    solved = _reading(exercises) + exercises["lines"] / LINES_A_MINUTE
    solved += EXERCISE_MINUTES * exercises["exercises"]
    return Minutes(round(read), round(code), round(code + solved))


def with_line(source: str, executed: nbformat.NotebookNode) -> str:
    """Return a chapter's source with the line on its minutes as the executed notebook has them."""
    return LINE.sub(lambda _: str(minutes(executed)), source, count=1)


def _reading(found: Counter[str]) -> float:
    seconds = sum(each * found[kind] for kind, each in SECONDS.items())
    return found["words"] / WORDS_A_MINUTE + seconds / 60


def _sections(tokens: list[Token]) -> Iterator[tuple[str | None, list[Token]]]:
    """Yield the tokens of a cell by section, with its title; None goes on with the one before."""
    title: str | None = None
    held: list[Token] = []
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and token.tag == "h2" and after is not None:
            yield title, held
            title, held = after.content, []
        held.append(token)
    yield title, held


def _count_output(data: dict[str, str], found: Counter[str]) -> None:
    """Add a claim, a figure or a table; an interactive figure is the same as its still one."""
    if CLAIM in data:
        found["claims"] += 1
    elif "image/png" in data or "dataframe" in data.get("text/html", ""):
        found["pictures"] += 1


def _count(token: Token, found: Counter[str], *, folded: bool) -> None:
    """Add what a token holds; boxes are opened, folded ones only where ``folded``."""
    if token.type == "inline":
        # A role's name and the target of a link are not read.
        text = re.sub(r"\{[\w:-]+\}(?=`)|(?<=\])\([^)]*\)", "", token.content)
        found["words"] += len(text.split())
    elif token.type in ("math_block", "math_block_label", "amsmath"):
        found["equations"] += 1
    elif token.type == "table_open":
        found["pictures"] += 1
    elif token.type in ("fence", "colon_fence") and token.info.startswith("{admonition}"):
        if folded or "dropdown" not in token.content.partition("\n\n")[0]:
            found["exercises"] += folded and "} Solution" in token.info
            inner = re.sub(r"\A(?::[\w-]+:.*\n)+", "", token.content)
            for part in MYST.parse(inner):
                _count(part, found, folded=folded)
    elif token.type == "fence" and not token.info.startswith("{"):
        found["lines"] += sum(bool(line.strip()) for line in token.content.splitlines())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    for name in catalog.names():
        notebook = nbformat.read(catalog.ROOT / "book" / f"{name}.ipynb", as_version=4)
        parts = [", ".join(f"{n} {kind}" for kind, n in c.items() if n) for c in counted(notebook)]
        print(f"{name:32} {'/'.join(map(str, minutes(notebook))):>10}  {'; '.join(parts)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
