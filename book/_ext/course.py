"""What the sources say of each chapter: the site's map and checklist are made of it."""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

sys.path.append(str(Path(__file__).parents[1] / "tools"))
import catalog

BOOK = Path(__file__).parents[1]


@dataclass(frozen=True)
class Chapter:
    """One chapter; ``needs`` are the names of those to read before it."""

    name: str
    part: str
    title: str
    question: str
    learn: str
    needs: tuple[str, ...]
    questions: int
    exercises: int

    @property
    def docname(self) -> str:
        return f"book/{self.name}"


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters in the order of the table of contents, the first page left out."""
    parts = catalog.parts()
    return tuple(_chapter(name, part.caption) for part in parts for name in part.chapters)


def exercises() -> list[tuple[str, str]]:
    """Return the exercises of the portfolio: the page of each and its title."""
    briefs = [file for file in catalog.listed(catalog.toc()) if file.endswith("/brief.md")]
    pages = {file.removesuffix(".md"): (BOOK.parent / file).read_text("utf-8") for file in briefs}
    return [(page, _title(text)) for page, text in pages.items()]


def quiz(name: str) -> list[dict[str, Any]]:
    """Return the questions of a page's quiz, none if it has no quiz."""
    path = quiz_file(name)
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or []) if path.is_file() else []


def quiz_file(name: str) -> Path:
    return BOOK / "quizzes" / f"{name}.yml"


def _chapter(name: str, part: str) -> Chapter:
    text = (BOOK / "src" / f"{name}.md").read_text(encoding="utf-8")
    return Chapter(
        name=name,
        part=part,
        title=_title(text),
        question=_found(r"^\*\*(.+?\?)\*\*$", text),
        learn=" ".join(_box(text, "Learn").split()).rstrip("."),
        needs=tuple(re.findall(r"/book/([\w/]+)", _box(text, "Need"))),
        questions=len(quiz(name)),
        exercises=len(re.findall(r"^:{3,}\{admonition\} Solution", text, re.M)),
    )


def _title(text: str) -> str:
    return _found(r"^# (.+)$", text)


def _box(text: str, word: str) -> str:
    """Return an entry of the box at the top of a chapter."""
    return _found(rf"^- \*\*{word}:\*\*(.+?)(?=^- \*\*|^:::|^```)", text, re.S)


def _found(pattern: str, text: str, flags: int = 0) -> str:
    match = re.search(pattern, text, re.M | flags)
    if match is None:
        raise ValueError(f"a chapter lacks its line like {pattern!r}: {text[:80]!r}")
    return match.group(1).strip()
