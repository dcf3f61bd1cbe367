"""The part on work: ``{skills-map}`` maps roles to chapters, ``{interview}`` draws questions.

A question of the interview page is a heading with four parts below it, each a directive:
``{spoken} ID`` (the worked answer, and the name a browser keeps its grade by), ``{weak}``,
``{follow-up}`` and ``{points}``, five things that a good answer has. They stand on the page for
everyone; a script draws from them.
"""

import json
from functools import cache
from typing import Any, NamedTuple

import course
import times
import yaml
from docutils import nodes
from markup import Html, html, link
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FILE = course.BOOK / "career" / "roles.yml"
ALT = "Minutes of reading in each part of the course that lead to a role."
NOTE = "On the course's website, this figure is interactive."
HEADS = {"weak": "A weak answer", "follow-up": "A follow-up", "points": "Two points each"}


class Skill(NamedTuple):
    """What an employer asks for, and where the course teaches it."""

    name: str
    asked: str
    chapters: tuple[str, ...]
    exercises: tuple[str, ...]


class Role(NamedTuple):
    """A kind of employer; ``first`` and ``then`` are keys of skills."""

    name: str
    work: str
    first: tuple[str, ...]
    then: tuple[str, ...]


@cache
def skills() -> dict[str, Skill]:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))["skills"]
    return {key: Skill(**{k: _frozen(v) for k, v in entry.items()}) for key, entry in raw.items()}


@cache
def roles() -> list[Role]:
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))["roles"]
    return [Role(**{k: _frozen(v) for k, v in entry.items()}) for entry in raw]


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def data() -> dict[str, Any]:
    """Return what the figure draws: parts, chapters with minutes, exercises, skills, roles."""
    briefs = {page.split("/")[-2]: title for page, title in course.exercises()}
    return {
        "parts": [several[0].part for several in course.parts().values()],
        "chapters": {
            c.name: {
                "title": c.title.split(":")[0],
                "part": c.part,
                "minutes": times.minutes(c.name),
            }
            for c in course.chapters()
        },
        "exercises": briefs,
        "skills": {k: s._asdict() for k, s in skills().items()},
        "roles": [role._asdict() for role in roles()],
    }


class SkillsMap(SphinxDirective):
    """An interactive figure of the roles, above a table that says the same without scripts."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        text = json.dumps(data(), separators=(",", ":")).replace("<", "\\u003c")
        figure = (
            f'<div class="qml-figure" data-figure="skills-map" data-alt="{ALT}">'
            f'<script type="application/json">{text}</script>'
            f'<p class="qml-figure-note">{NOTE}</p></div>'
        )
        return [nodes.raw("", figure, format="html"), self.table()]

    def table(self) -> nodes.Node:
        heads = ("Role", "First", "Then")
        titles = html("tr", *(html("th", text, scope="col") for text in heads))
        rows = [
            html(
                "tr",
                html("th", role.name, scope="row"),
                html("td", "; ".join(skills()[k].name for k in role.first)),
                html("td", "; ".join(skills()[k].name for k in role.then)),
            )
            for role in roles()
        ]
        return _scrolled(html("table", html("thead", titles), html("tbody", *rows), class_="table"))


class Skills(SphinxDirective):
    """A table of the skills with the chapters and exercises of each."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(FILE))
        heads = ("Skill", "As postings say it", "Chapters", "Exercise that shows it")
        titles = html("tr", *(html("th", text, scope="col") for text in heads))
        rows = [
            html(
                "tr",
                html("th", skill.name, scope="row"),
                html("td", skill.asked),
                html("td", *self.links(f"book/{name}" for name in skill.chapters)),
                html("td", *self.links(f"book/portfolio/{e}/brief" for e in skill.exercises)),
            )
            for skill in skills().values()
        ]
        table = html(
            "table", html("thead", titles), html("tbody", *rows), class_="table qml-skills"
        )
        return [_scrolled(table)]

    def links(self, pages: Any) -> list[nodes.Node | str]:
        found = [link(self.env.docname, page) for page in pages]
        return [html("ul", *(html("li", one) for one in found))] if found else ["–"]


def _scrolled(table: nodes.Node) -> nodes.Node:
    return html("div", table, class_="pst-scrollable-table-container")


class Interview(SphinxDirective):
    """The place where a script draws questions of this page."""

    def run(self) -> list[nodes.Node]:
        without = "Without scripts nothing is drawn. Cover an answer with your hand, and speak."
        return [html("div", html("noscript", html("p", without)), class_="qml-interview")]


class Part(SphinxDirective):
    """A part of a question, named by the directive."""

    has_content = True
    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.assert_has_content()
        inside = self.parse_content_to_nodes()
        node = html("div", *inside, class_=f"qml-{self.name}")
        if self.name == "spoken":
            if not self.arguments:
                raise self.error("{spoken} needs the name by which a browser keeps its grade")
            node["values"]["data-interview"] = self.arguments[0]
        else:
            node.insert(0, html("p", html("strong", HEADS[self.name]), class_="qml-part-head"))
        return [node]


def leave_out(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out of a single page of all what only a site can do."""
    if app.builder.name == "singlehtml":
        for node in list(doctree.findall(Html)):
            if node["values"].get("class") == "qml-interview":
                node.replace_self(nodes.paragraph("", "On the course's website, a script draws."))


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if 'class="qml-interview"' in context.get("body", ""):
        app.add_js_file("course/interview.js", type="module")


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_directive("skills-map", SkillsMap)
    app.add_directive("skills", Skills)
    app.add_directive("interview", Interview)
    for name in ("spoken", *HEADS):
        app.add_directive(name, Part)
    app.connect("doctree-resolved", leave_out)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
