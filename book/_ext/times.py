"""How long it takes: ``{reading-time}`NAME ...``` (or ``all``) and ``{home-hours}`syllabus```.

The first adds up the minutes that pages state of themselves, the second the hours at home in the
plan for teachers, so that no sum is typed.
"""

import re
from pathlib import Path

import course
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

PLAN = course.BOOK / "portfolio" / "teaching.md"


def source(name: str) -> Path:
    return course.BOOK / "src" / f"{name}.md"


def minutes(name: str) -> int:
    """Return the minutes of reading that a page states."""
    match = re.search(r"\*\*Time:\*\*\D*(\d+) minutes", source(name).read_text(encoding="utf-8"))
    if match is None:
        raise ValueError(f"{name} does not state how many minutes it takes to read")
    return int(match.group(1))


def hours_at_home() -> int:
    """Return the hours of the ten weeks: the last column of the plan."""
    rows = re.findall(r"^\| \d+ \|.*\| (\d+) \|$", PLAN.read_text(encoding="utf-8"), re.M)
    return sum(map(int, rows))


def spoken(total: int) -> str:
    """Return minutes as a person says them."""
    return f"{total} minutes" if total < 100 else f"{round(total / 60)} hours"


class ReadingTime(SphinxRole):
    """Puts the time to read some chapters into a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        names = ["intro", *(chapter.name for chapter in course.chapters())]
        wanted = names if self.text == "all" else self.text.split()
        for name in wanted:
            self.env.note_dependency(str(source(name)))
        return [nodes.Text(spoken(sum(map(minutes, wanted))))], []


class HomeHours(SphinxRole):
    """Puts the hours at home of the plan into a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        self.env.note_dependency(str(PLAN))
        return [nodes.Text(f"{hours_at_home()} hours")], []


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_role("reading-time", ReadingTime())
    app.add_role("home-hours", HomeHours())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
