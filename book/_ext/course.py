"""What the sources say of each chapter and question: map, checklist and quizzes are made of it."""

import hashlib
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


@dataclass(frozen=True)
class Question:
    """One question of a quiz, or of a part's wrap-up, which joins the chapters of ``about``.

    A reader's browser keeps what became of a question by its ``id``, together with ``answer``, the
    digest of the right option's text. So a question that is reworded, moved to another chapter, or
    given other wrong options keeps its history. One whose right answer changed begins anew, even
    where only its words did: to be asked once too often is better than never. ``id`` stands in the
    file and must stay; a new question gets a new one. ``was`` is the key of older records.
    """

    id: str
    answer: str
    was: str
    text: str
    options: tuple[dict[str, Any], ...]
    about: tuple[str, ...]
    section: str

    @property
    def right(self) -> int:
        """Return the place of the right option."""
        return next(k for k, option in enumerate(self.options) if option.get("right"))


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


def parts() -> dict[str, list[Chapter]]:
    """Return the chapters of each part of the course, by the part's folder."""
    found: dict[str, list[Chapter]] = {}
    for chapter in chapters():
        found.setdefault(chapter.name.split("/")[0], []).append(chapter)
    return found


def quiz(name: str) -> list[Question]:
    """Return the questions of a page's quiz, none if it has no quiz."""
    return _questions(quiz_file(name), (name,))


def quiz_file(name: str) -> Path:
    return BOOK / "quizzes" / f"{name}.yml"


def joining(part: str) -> list[Question]:
    """Return a part's questions that join two chapters."""
    return _questions(wrap_up_file(part), ())


def wrap_up_file(part: str) -> Path:
    return BOOK / "wrap_ups" / f"{part}.yml"


def wrap_up(part: str, each: int = 2) -> list[Question]:
    """Return a part's wrap-up: some of each chapter's questions by lot, then those that join."""
    quizzes = [quiz(chapter.name) for chapter in parts()[part]]
    drawn = [sorted(several, key=lambda q: _digest(q.id))[:each] for several in quizzes]
    return [*(question for several in drawn for question in several), *joining(part)]


def questions() -> dict[str, list[Question]]:
    """Return all questions in the order of the course, by the name of a chapter or wrap-up."""
    found = {"intro": quiz("intro")}
    for part, several in parts().items():
        found |= {chapter.name: quiz(chapter.name) for chapter in several}
        found[f"wrap_ups/{part}"] = joining(part)
    return {name: listed for name, listed in found.items() if listed}


def _questions(path: Path, about: tuple[str, ...]) -> list[Question]:
    raw = (yaml.safe_load(path.read_text(encoding="utf-8")) or []) if path.is_file() else []
    return [_question(entry, about) for entry in raw]


def _question(raw: dict[str, Any], about: tuple[str, ...]) -> Question:
    was = _digest(raw["question"])
    right = next(option["text"] for option in raw["options"] if option.get("right"))
    return Question(
        id=raw.get("id", was),
        answer=_digest(" ".join(right.split())),
        was=was,
        text=raw["question"],
        options=tuple(raw["options"]),
        about=tuple(raw.get("joins", about)),
        section=raw.get("section", ""),
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


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


def title(name: str) -> str:
    """Return the title of a chapter, or of the first page."""
    return _title((BOOK / "src" / f"{name}.md").read_text(encoding="utf-8"))


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
