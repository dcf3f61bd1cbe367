"""The words of a chapter for slides: its blocks as plain Markdown, cut after whole sentences."""

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import nbformat
from catalog import ROOT
from notebook_text import MYST
from pybtex.database import Person, parse_file

ROLE = re.compile(r"\{([\w:]+)\}`([^`]*)`")
LINK = re.compile(r"\[([^\]]*)\]\((/[^)]+)\.(?:ipynb|md)\)")
# A period ends a sentence where a new one begins; a formula or a bold word may begin it.
ENDS = re.compile(r"(?:(?<=[.!?])|(?<=[.!?]\*\*))\s+(?=[A-Z*$`\"(])")


class Block(NamedTuple):
    """A piece of a chapter: heading, text, list, formula or admonition."""

    kind: str
    text: str
    level: int = 0
    inside: str = ""


class Words:
    """Reads a chapter's Markdown; numbers that its cells measured are put where they are named."""

    def __init__(self, notebook: nbformat.NotebookNode) -> None:
        self.values = {}
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                book = output.get("metadata", {}).get("scrapbook", {})
                for kind, value in output.get("data", {}).items():
                    if kind.startswith("application/papermill.record/") and book:
                        self.values[book["name"]] = str(value).strip("'\"")

    def plain(self, text: str) -> str:
        """Return a text without the site's own markup."""
        return LINK.sub(lambda link: link[1] or f"*{title(link[2])}*", ROLE.sub(self._role, text))

    def _role(self, role: re.Match[str]) -> str:
        kind, content = role[1], role[2]
        if kind == "glue:text":
            return str(self.values[content.partition(":")[0]])
        if kind in ("cite:p", "cite:t"):
            works = [cited(key.strip()) for key in content.split(",")]
            return ", ".join(works) if kind == "cite:t" else f"({'; '.join(works)})"
        text = re.sub(r"\s*<[^>]*>$", "", content)
        return f"*{title(content)}*" if kind == "doc" and text == content else text

    def blocks(self, source: str) -> Iterator[Block]:
        """Yield the blocks of a cell in their order."""
        lines = source.splitlines()
        tokens = iter(MYST.parse(source))
        for token in tokens:
            if token.level or not token.map:
                continue
            text = "\n".join(lines[token.map[0] : token.map[1]])
            if token.type == "heading_open":
                yield Block("heading", self.plain(text.lstrip("# ").strip()), int(token.tag[1]))
            elif token.type == "paragraph_open":
                yield Block("text", self.plain(text))
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                yield Block("list", self.plain(text))
            elif token.type in ("math_block", "math_block_label"):
                yield Block("formula", f"$$\n{token.content.strip()}\n$$")
            elif token.type == "colon_fence" and "{admonition}" in token.info:
                named = token.info.partition("}")[2].strip()
                inside = re.sub(r"(?m)^:\w+:.*\n", "", token.content)
                inside = re.sub(r"(?m)^:\w+:.*\n", "", token.content)
                yield Block("admonition", self.plain(named), inside=self.plain(inside))


def sentences(text: str, words: int = 0, *, end: bool = False) -> str:
    """Return the first whole sentences of a text, of so many words in all; or its last alone."""
    parts = ENDS.split(text.strip())
    if end:
        return parts[-1]
    kept = parts[:1]
    for part in parts[1:]:
        if len(" ".join([*kept, part]).split()) > words:
            break
        kept.append(part)
    return " ".join(kept)


def listed(text: str, items: int, words: int) -> str:
    """Return the first items of a list, each cut to its first sentences."""
    found = re.split(r"(?m)^(?=(?:[-*]|\d+\.) )", text)
    found = [item for item in found if item.strip()]
    share = words // max(1, min(items, len(found))) + 12
    return "\n".join(sentences(item, share).strip() for item in found[:items])


@functools.cache
def title(path: str) -> str:
    """Return the title of a page of the course."""
    for file in (
        ROOT / f"{path}.md".lstrip("/"),
        ROOT / f"{path}.md".replace("/book/", "book/src/", 1),
    ):
        if file.is_file():
            (found, *_) = re.findall(r"(?m)^# (.+)", file.read_text(encoding="utf-8"))
            return str(found)
    raise ValueError(f"{path}: there is no such page")


@functools.cache
def _works() -> dict[str, tuple[list[str], str | None]]:
    entries = parse_file(str(ROOT / "book" / "references.bib")).entries
    return {
        key: ([_last(person) for person in e.persons.get("author", [])], e.fields.get("year"))
        for key, e in entries.items()
    }


def _last(person: Person) -> str:
    return " ".join(map(str, person.rich_last_names))


def cited(key: str) -> str:
    """Return authors and year of a work, as the page's text has them."""
    authors, year = _works()[key]
    named = f"{authors[0]} et al." if len(authors) > 2 else " and ".join(authors)
    return f"{named} {year}" if year else named
