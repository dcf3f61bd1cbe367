"""What a reader has done, kept in the reader's own browser.

``{checklist}`` lists the whole course with boxes to tick; each chapter ends with a box of its
own. A script fills them; without it the list is for paper.
"""

from typing import Any

import course
from docutils import nodes
from markup import html, link
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

READ = """
<div class="qml-read" hidden>
<input type="checkbox" id="qml-read" data-read="{name}">
<label for="qml-read">I have read this chapter</label>
<a href="{checklist}">The whole course as a checklist</a>
</div>
"""


class Checklist(SphinxDirective):
    """Shows one table a part, a row a chapter, and the exercises of the portfolio."""

    def run(self) -> list[nodes.Node]:
        parts: dict[str, list[course.Chapter]] = {}
        for chapter in course.chapters():
            parts.setdefault(chapter.part, []).append(chapter)
        shown = [self.table(part, several) for part, several in parts.items()]
        shown.append(self.portfolio())
        return shown

    def table(self, part: str, chapters: list[course.Chapter]) -> nodes.Node:
        rows = []
        for chapter in chapters:
            learn = self.parse_text_to_nodes(f"{chapter.learn}.")[0].children
            rows.append(
                html(
                    "tr",
                    html("td", _box("read", chapter.name, chapter.title)),
                    html("th", link(self.env.docname, chapter.docname), scope="row"),
                    html("td", *learn),
                    html("td", _count("quiz", chapter.name, chapter.questions)),
                    html("td", _count("solved", chapter.name, chapter.exercises)),
                )
            )
        return _table(part, ["Read", "Chapter", "You learn", "Quiz", "Exercises"], rows)

    def portfolio(self) -> nodes.Node:
        rows = [
            html(
                "tr",
                html("td", _box("handed", page.split("/")[-2], title)),
                html("th", link(self.env.docname, page), scope="row"),
            )
            for page, title in course.exercises()
        ]
        return _table("Portfolio", ["Done", "Exercise"], rows)


def _table(caption: str, head: list[str], rows: list[nodes.Node]) -> nodes.Node:
    titles = html("tr", *(html("th", text, scope="col") for text in head))
    table = html(
        "table", html("caption", caption), html("thead", titles), html("tbody", *rows),
        class_="table qml-checklist",
    )  # fmt: skip
    return html("div", table, class_="pst-scrollable-table-container")


def _box(kind: str, name: str, title: str) -> nodes.Node:
    return html("input", type="checkbox", aria_label=f"{title}: done", **{f"data_{kind}": name})


def _count(kind: str, name: str, total: int) -> nodes.Node:
    if not total:
        return html("span", "none")
    return html("span", f"– of {total}", data_count=kind, data_page=name, data_total=str(total))


def add_box(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """End each chapter with its box, and load the script that keeps count."""
    name = pagename.removeprefix("book/")
    if any(c.name == name for c in course.chapters()):
        checklist = app.builder.get_relative_uri(pagename, "book/checklist")
        context["body"] += READ.format(name=name, checklist=checklist)
    app.add_js_file("course/progress.js", type="module")


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_directive("checklist", Checklist)
    app.connect("html-page-context", add_box)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
