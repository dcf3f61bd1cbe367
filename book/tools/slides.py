"""Make slides of the core chapters: one HTML file each, shown by reveal.js, that loads nothing.

    slides.py [NAME ...] [--out FOLDER]    default: all chapters, into _build/slides

A deck holds, of every section of the executed chapter, the heading, its first paragraph, the
formulas with the sentence that leads to each, the figures and what was measured. Code, tables,
exercises and solutions are left out.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import NamedTuple

import catalog
import jinja2
import nbformat
from markupsafe import Markup, escape
from slide_text import Words, listed, sentences

from qmlcourse import _files
from qmlcourse.grading._prose import embedded, prose

BOOK = catalog.ROOT / "book"
REVEAL = BOOK / "_static" / "vendor" / "reveal"
TEMPLATE = Path(__file__).with_name("slides.html")
# Work for the reader, not for the audience.
OPENING = ("In this chapter", "Before you start")
LEFT_OUT = ("Check yourself", "Exercises", "Further reading")
# What is taken of a section: words of its first paragraph, items of a list, formulas.
WORDS, ITEMS, FORMULAS = 65, 5, 2
# A row of a formula with more letters than this is drawn smaller.
WIDE = 100
# What fits on a slide, and what a piece takes of it: lines, of so many words of text.
LINES, WORDS_A_LINE = 12.0, 11
# Of so many lines, text stands above a figure.
BESIDE = 4


class Slide(NamedTuple):
    """A slide: the section it belongs to, its title, its kind and its body in HTML."""

    section: str
    title: Markup
    kind: str
    body: Markup


class Piece(NamedTuple):
    """What stands on a slide together with others, and how many lines it takes."""

    html: str
    lines: float


class Deck:
    """Slides that grow as a chapter's cells are read in order."""

    def __init__(self, notebook: nbformat.NotebookNode) -> None:
        self.slides = list[Slide]()
        self.words = Words(notebook)
        self.chapter = self.section = self.title = ""
        self._opened, self._formulas = False, 0
        self._pieces, self._claims, self._figures = list[Piece](), list[Piece](), list[str]()
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                self._read(cell.source)
            elif self.section not in LEFT_OUT:
                self._see(cell)
        self._close()

    def _read(self, source: str) -> None:
        """Take of a Markdown cell what a slide has room for."""
        lead = after = ""
        for block in self.words.blocks(source):
            if block.kind == "heading":
                self._begin(block.text, block.level)
            elif self.section in LEFT_OUT:
                continue
            elif block.kind == "formula" and self._formulas < FORMULAS:
                self._formulas += 1
                self._join(words(sentences(lead, end=True)), formula(block.text))
            elif block.kind == "admonition" and block.text.startswith(OPENING):
                # What the chapter does and teaches.
                self._join(words(listed(block.inside, 2, WORDS)))
            elif block.kind == "admonition" and self.title != self.chapter:
                mark = "" if block.text[-1] in "?!." else "."
                first = sentences(block.inside.partition("\n\n")[0], WORDS // 2)
                self._join(words(f"**{block.text}{mark}** {first}"))
            elif block.kind == "list" and (not self._opened or after == "first"):
                self._join(words(listed(block.text, ITEMS, WORDS)))
                self._opened = True
            elif block.kind == "list" and lead.endswith(":"):
                said = words(sentences(lead, end=True))
                self._join(said, words(listed(block.text, ITEMS, WORDS)))
            elif block.kind == "text":
                shown = after = ""
                if not self._opened:
                    shown, after = sentences(block.text, WORDS), "first"
                    self._join(words(shown))
                self._opened = True
                # What stands there already leads on without being said again.
                lead = "" if sentences(block.text, end=True) in shown else block.text
                continue
            lead = after = ""

    def _join(self, *parts: Piece) -> None:
        """Add what must stand on one slide."""
        self._pieces.append(Piece("".join(p.html for p in parts), sum(p.lines for p in parts)))

    def _begin(self, heading: str, level: int) -> None:
        self._close()
        self.chapter = heading if level == 1 else self.chapter
        self.section = heading if level == 2 else self.section
        self.title, self._opened, self._formulas = heading, False, 0
        self._pieces, self._claims, self._figures = [], [], []

    def _see(self, cell: nbformat.NotebookNode) -> None:
        """Take the figures of a code cell, and the claims that it measured."""
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.outputs:
            data = output.get("data", {})
            if picture := embedded(data):
                image = f'<img src="{picture}" alt="{escape(alt)}">'
                caption = escape(sentences(alt, WORDS // 2))
                self._figures.append(f'{image}<p class="caption">{caption}</p>')
            if "application/vnd.qmlcourse.claim+json" in data and "text/html" in data:
                self._claims.append(Piece("".join(data["text/html"]), 2.5))

    def _close(self) -> None:
        """Lay the pieces of a section on as many slides as they need, its figures on their own."""
        if self.section in LEFT_OUT:
            return
        kind = "title" if self.title == self.chapter else "text"
        pieces, figures, claims = self._pieces, self._figures, self._claims
        if len(claims) == 1 and len(figures) == 1:
            figures, claims = [figures[0] + claims[0].html], []
        elif figures and len(pieces) == 1 and pieces[0].lines <= BESIDE:
            # A few words stand above the figure.
            figures = [f'<div class="above">{pieces[0].html}</div>{figures[0]}', *figures[1:]]
            pieces = []
        for group in packed(pieces if figures else [*pieces, *claims]):
            self._add(kind, group)
        for figure in figures:
            self._add("figure", figure)
        for group in packed(claims if figures else []):
            self._add("measured", group)

    def _add(self, kind: str, body: str) -> None:
        title = Markup(prose(self.title).strip().removeprefix("<p>").removesuffix("</p>"))
        self.slides.append(Slide(self.section, title, kind, Markup(body)))


def words(text: str) -> Piece:
    """Return a text or a list as a piece."""
    items = max(1, len(re.findall(r"(?m)^(?:[-*]|\d+\.) ", text)))
    return Piece(prose(text), len(text.split()) / WORDS_A_LINE + items if text else 0.0)


def formula(text: str) -> Piece:
    """Return a displayed formula as a piece, smaller where it is wide."""
    rows = text.split(r"\\")
    size = max(20, min(36, 36 * WIDE // max(map(len, rows))))
    drawn = f'<div class="equation" style="font-size: {size}px">{prose(text)}</div>'
    return Piece(drawn, 2.0 + len(rows))


def packed(pieces: list[Piece]) -> list[str]:
    """Return pieces in their order, laid on as few slides as hold them."""
    groups, room = list[str](), 0.0
    for piece in pieces:
        if piece.lines > room:
            groups.append("")
            room = LINES
        groups[-1] += piece.html
        room -= piece.lines
    return groups


def deck(name: str) -> Deck:
    """Return the slides of an executed chapter."""
    return Deck(nbformat.read(BOOK / f"{name}.ipynb", as_version=4))


def page(made: Deck) -> str:
    """Return a deck as one HTML file that needs no other."""
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    files = {file.stem: file.read_text(encoding="utf-8") for file in REVEAL.glob("re*.css")}
    script = (REVEAL / "reveal.js").read_text(encoding="utf-8").partition("\n//# sourceMapping")[0]
    return engine.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        deck=made, styles=Markup("\n".join(files[name] for name in ("reset", "reveal"))),
        script=Markup(script.replace("</script", "<\\/script")),
    )  # fmt: skip


def core() -> list[str]:
    """Return the core chapters in the course's order."""
    return [name for part in catalog.parts() for name in part.chapters]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="chapters, as encoding/fourier; default: all")
    parser.add_argument("--out", type=Path, default=catalog.ROOT / "_build" / "slides")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.name) - set(core())):
        parser.error(f"no such chapter: {', '.join(unknown)}; there are: {', '.join(core())}")
    for name in arguments.name or core():
        made = deck(name)
        path = arguments.out / f"{name.replace('/', '-')}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = page(made)
        _files.write(path, text)
        print(f"{path}: {len(made.slides)} slides, {len(text) / 1e6:.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
