"""What experiments showed: figures with the learner's captions, tables, printed lines."""

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from ._prose import embedded, prose
from .submission import cell_source, cell_tags

# Of what a cell printed, so many lines are shown; the rest is said to be left out.
LINES = 60
_CAPTION = re.compile(r"^\s*[*_]{0,2}(?:caption|figure)\b[\s\d]*[*_]{0,2}[:.][*_]{0,2}\s*", re.I)
Row = list[tuple[str, str]]  # cells: th or td, and the text


@dataclass
class Shown:
    """What one cell showed; `images` are addresses, `texts` and `caption` are HTML."""

    images: list[str] = field(default_factory=list)
    tables: list[list[Row]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    printed: str = ""
    caption: str = ""


def results(cells: list[Any], placeholders: Container[str] = ()) -> Iterator[Shown]:
    """Yield what each cell tagged experiment showed, if anything, and the images of the report.

    The caption of its figures is the Markdown cell below that is tagged caption, or begins with
    "Caption:" or "Figure:".
    """
    for number, cell in enumerate(cells):
        tags = cell_tags(cell)
        if not {"experiment", "report"} & set(tags):
            continue
        shown = Shown()
        for output in outputs(cell):
            data = output["data"] if isinstance(output.get("data"), Mapping) else {}
            if image := embedded(data):
                shown.images.append(image)
            elif "report" in tags:
                continue  # its text stands above
            elif markdown := text_of(data.get("text/markdown")):
                shown.texts.append(prose(markdown))
            elif rows := _rows(text_of(data.get("text/html"))):
                shown.tables.append(rows)
            elif output.get("output_type") == "stream" and output.get("name") == "stdout":
                shown.printed += text_of(output.get("text"))
        shown.printed = _shortened(shown.printed)
        if shown.images:
            shown.caption = _caption(cells[number + 1 : number + 2], placeholders)
        if shown.images or shown.tables or shown.texts or shown.printed:
            yield shown


def _caption(below: list[Any], placeholders: Container[str]) -> str:
    """Return the caption in the cell below a figure; what the notebook came with is none."""
    if not below or not isinstance(below[0], Mapping) or below[0].get("cell_type") != "markdown":
        return ""
    source = cell_source(below[0])
    if "caption" not in cell_tags(below[0]) and not _CAPTION.match(source):
        return ""
    if " ".join(source.split()) in placeholders:
        return ""
    return prose(_CAPTION.sub("", source), below[0].get("attachments"))


def outputs(cell: Any) -> list[Mapping[str, Any]]:
    """Return the outputs of a cell that are objects at all."""
    found = cell.get("outputs") if isinstance(cell, Mapping) else None
    return [o for o in found if isinstance(o, Mapping)] if isinstance(found, list) else []


def text_of(value: Any) -> str:
    """Return a text that a notebook stores whole or in lines; what is no text is left out."""
    parts = value if isinstance(value, list) else [value]
    return "".join(part for part in parts if isinstance(part, str))


def _shortened(printed: str) -> str:
    # Colours of a terminal, and lines that a progress bar wrote over.
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", printed)
    lines = [line.rsplit("\r", 1)[-1] for line in plain.rstrip().replace("\r\n", "\n").split("\n")]
    more = len(lines) - LINES
    return "\n".join(lines[:LINES] + ([f"… and {more} more lines"] if more > 0 else []))


class _Table(HTMLParser):
    """The cells of the first table of some HTML, as text."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self._open, self._done = False, False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr" and not self._done:
            self.rows.append([])
        elif tag in ("td", "th") and self.rows and not self._done:
            self.rows[-1].append((tag, ""))
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        self._open &= tag not in ("td", "th", "tr", "table")
        self._done |= tag == "table"

    def handle_data(self, data: str) -> None:
        if self._open:
            tag, text = self.rows[-1][-1]
            self.rows[-1][-1] = (tag, text + data)


def _rows(html: str) -> list[Row]:
    """Return the rows of a data frame that a notebook shows; nothing of its HTML is kept."""
    table = _Table()
    table.feed(html)
    return [row for row in table.rows if row]
