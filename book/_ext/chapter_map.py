"""The map of the course: ``{chapter-map}`` draws which chapter needs which, as links."""

from itertools import pairwise
from textwrap import wrap

import course
from docutils import nodes
from markup import html
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

WIDTH, HEIGHT, GAP_X, GAP_Y = 170, 58, 22, 46


def needed(chapters: tuple[course.Chapter, ...]) -> dict[str, list[str]]:
    """Return what each chapter needs, without what a chapter that it needs does need already."""
    needs = {c.name: [n for n in c.needs if n != c.name] for c in chapters}

    def before(name: str) -> set[str]:
        return {name}.union(*(before(n) for n in needs[name]))

    return {
        name: [n for n in several if not any(n in before(o) for o in several if o != n)]
        for name, several in needs.items()
    }


def rows(needs: dict[str, list[str]]) -> list[list[str]]:
    """Return the chapters in rows: each stands below everything that it needs."""

    def depth(name: str) -> int:
        return 1 + max((depth(n) for n in needs[name]), default=-1)

    found: list[list[str]] = [[] for _ in range(1 + max(map(depth, needs)))]
    for name in needs:
        found[depth(name)].append(name)
    # Within a row, a chapter stands near those that it needs: fewer arrows cross.
    for above, row in pairwise(found):
        places = {name: (i + 0.5) / len(above) for i, name in enumerate(above)}
        row.sort(key=lambda name: _mean([places[n] for n in needs[name] if n in places]))
    return found


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.5


class ChapterMap(SphinxDirective):
    """Draws the map. The directive's text is for readers of the notebook."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return [MapNode("")]


class MapNode(nodes.General, nodes.Element):
    """Stands for the map until the addresses of all pages are known."""


def draw(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in list(doctree.findall(MapNode)):
        node.replace_self(picture(app, docname) if app.builder.format == "html" else [])


def picture(app: Sphinx, docname: str) -> nodes.Node:
    """Return the map as a drawing whose boxes are links."""
    chapters = {c.name: c for c in course.chapters()}
    needs = needed(course.chapters())
    grid = rows(needs)
    columns = max(map(len, grid))
    total = columns * (WIDTH + GAP_X) + GAP_X
    corner = {}
    for down, row in enumerate(grid):
        left = (total - len(row) * (WIDTH + GAP_X) + GAP_X) / 2
        for along, name in enumerate(row):
            corner[name] = (left + along * (WIDTH + GAP_X), GAP_X + down * (HEIGHT + GAP_Y))
    parts = [html("title", "Which chapter needs which")]
    parts += [
        html("path", d=_arrow(corner[need], corner[name]), class_="qml-map-arrow")
        for name, several in needs.items()
        for need in several
    ]
    for name, (x, y) in corner.items():
        chapter = chapters[name]
        box = html(
            "rect", x=f"{x:g}", y=f"{y:g}", width=str(WIDTH), height=str(HEIGHT), rx="6",
            class_="qml-map-box",
        )  # fmt: skip
        lines = wrap(chapter.title, 18)
        first = y + HEIGHT / 2 + 5 - 9 * (len(lines) - 1)
        label = [
            html("text", line, x=f"{x + WIDTH / 2:g}", y=f"{first + 18 * k:g}")
            for k, line in enumerate(lines)
        ]
        uri = app.builder.get_relative_uri(docname, chapter.docname)
        parts.append(html("a", box, *label, href=uri, data_page=name))
    height = len(grid) * (HEIGHT + GAP_Y) - GAP_Y + 2 * GAP_X
    drawing = html(
        "svg", *parts, viewBox=f"0 0 {total:g} {height:g}", width=f"{total:g}", role="group",
        aria_label="Map of the chapters; an arrow leads from a chapter to those that need it",
    )  # fmt: skip
    return html("div", drawing, class_="qml-map")


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return the path from the bottom of one box to the top of another, with a head."""
    x, y = start[0] + WIDTH / 2, start[1] + HEIGHT
    u, v = end[0] + WIDTH / 2, end[1] - 2
    middle = (y + v) / 2
    curve = f"M{x:g} {y:g}C{x:g} {middle:g} {u:g} {middle:g} {u:g} {v:g}"
    return f"{curve}M{u - 5:g} {v - 8:g}L{u:g} {v:g}L{u + 5:g} {v - 8:g}"


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_node(MapNode)
    app.add_directive("chapter-map", ChapterMap)
    app.connect("doctree-resolved", draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
