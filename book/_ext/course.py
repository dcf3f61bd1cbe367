"""What the sources say of each chapter: the site's map and checklist are made of it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

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
    toc = yaml.safe_load((BOOK.parent / "_toc.yml").read_text(encoding="utf-8"))
    found = []
    for part in toc["parts"]:
        for entry in part["chapters"]:
            name = entry["file"].removeprefix("book/").removesuffix(".ipynb")
            if (BOOK / "src" / f"{name}.md").is_file():
                found.append(_chapter(name, part["caption"]))
    return tuple(found)


def exercises() -> list[tuple[str, str]]:
    """Return the exercises of the portfolio: the page of each and its title."""
    toc = yaml.safe_load((BOOK.parent / "_toc.yml").read_text(encoding="utf-8"))
    files = [e["file"] for part in toc["parts"] for e in part["chapters"]]
    briefs = [Path(file) for file in files if file.endswith("/brief.md")]
    return [(str(p.with_suffix("")), _title((BOOK.parent / p).read_text("utf-8"))) for p in briefs]


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
