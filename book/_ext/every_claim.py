"""Every claim on one page: ``{claims}`` lists them, with what became of their intervals.

Its argument says which: ``changed``, ``withdrawn`` or ``all``. ``{claim-count}`changed``` puts a
number into a sentence, here and in chapters: see ``counts``. ``{claim}`ID``` puts the value of a
claim into a sentence of any page. A claim's box in a chapter gets an address, to which its row
and its values lead.
"""

import html as markup_of
import json
import re
from functools import cache
from typing import Any

import claim_history
import course
from claim_history import Interval
from course import BOOK
from docutils import nodes
from markup import Html, html, link
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from qmlcourse import claims

PAGE = "book/every_claim"
FILES = [BOOK / "claims.toml", claim_history.PATH]
HEADS = {
    "changed": ["Claim", "First stated", "Changed to"],
    "withdrawn": ["Claim", "First stated", "Taken back"],
    "all": ["Claim", "Interval", "Value now", "Stated", "Changed", "Published"],
}


@cache
def histories() -> dict[str, claim_history.History]:
    return claim_history.load()


@cache
def listed() -> dict[str, claims.Claim]:
    return claims.load(BOOK / "claims.toml")


@cache
def measured(name: str) -> dict[str, str]:
    """Return what a chapter's committed notebook shows for each of its claims."""
    notebook = json.loads((BOOK / f"{name}.ipynb").read_text(encoding="utf-8"))
    outputs = (o for cell in notebook["cells"] for o in cell.get("outputs", []))
    made = (o["data"][claims.MIME] for o in outputs if claims.MIME in o.get("data", {}))
    return {m["id"]: m["value"] + ("" if m["holds"] else ": does not hold") for m in made}


def counts() -> dict[str, int]:
    """Return what ``{claim-count}`` may name."""
    standing = claim_history.standing(histories())
    changes = [change for history in standing.values() for change in history.revisions]
    return {
        "all": len(standing),
        "before": sum(history.stated.before_run for history in standing.values()),
        "changed": sum(bool(history.revisions) for history in standing.values()),
        "changes": len(changes),
        "published": sum(claim.published is not None for claim in listed().values()),
        "reasons": sum(change.reason != "not recorded" for change in changes),
        "withdrawn": len(histories()) - len(standing),
    }


class Count(SphinxRole):
    """Puts one of the numbers into a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        for file in FILES:
            self.env.note_dependency(str(file))
        return [nodes.Text(str(counts()[self.text] or "none"))], []


class Value(SphinxRole):
    """Puts the value that a chapter's notebook shows into a sentence, with a link to its box."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        claim = listed().get(self.text)
        if claim is None:
            message = f"no claim has the id {self.text!r}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        for file in (*FILES, BOOK / f"{claim.chapter}.ipynb"):
            self.env.note_dependency(str(file))
        shown = html("a", measured(claim.chapter)[claim.id], title=claim.sentence)
        shown["claim"] = claim.id
        return [shown], []


class Claims(SphinxDirective):
    """Shows one of the lists as a table, that of all claims as a table for each chapter."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        for file in FILES:
            self.env.note_dependency(str(file))
        which = self.arguments[0]
        if which == "all":
            return [self.chapter(name) for name in ["intro", *(c.name for c in course.chapters())]]
        if which == "changed":
            rows = [self.changed(id) for id in listed() if histories()[id].revisions]
        else:
            rows = [self.withdrawn(h) for h in histories().values() if h.withdrawn]
        return [_table(which, "", rows)]

    def chapter(self, name: str) -> nodes.Node:
        rows = [
            html(
                "tr",
                html("th", _box(claim), _fails(claim), scope="row"),
                html("td", _interval(claim)),
                html("td", measured(name)[id]),
                html("td", _day(histories()[id].stated)),
                html("td", *_times(id)),
                html("td", *_published(claim)),
                id=f"row-{_anchor(id)}",
            )
            for id, claim in listed().items()
            if claim.chapter == name
        ]
        return _table("all", self.title(name), rows)

    def changed(self, id: str) -> nodes.Node:
        history, claim = histories()[id], listed()[id]
        sentence = html("a", claim.sentence, href=f"#row-{_anchor(id)}")
        return html(
            "tr",
            html("th", sentence, html("small", self.title(claim.chapter)), scope="row"),
            html("td", *_entry(history.stated)),
            html("td", html("ol", *(html("li", *_entry(r)) for r in history.revisions))),
            id=f"changes-{_anchor(id)}",
        )

    def withdrawn(self, history: claim_history.History) -> nodes.Node:
        end = history.withdrawn
        assert end
        return html(
            "tr",
            html("th", end.sentence, html("small", self.title(end.chapter)), scope="row"),
            html("td", *_entry(history.stated)),
            html("td", f"{_day(end)}: {end.reason}"),
        )

    def title(self, name: str) -> nodes.Node:
        return link(self.env.docname, f"book/{name}")


def _table(which: str, caption: nodes.Node | str, rows: list[nodes.Node]) -> nodes.Node:
    titles = html("tr", *(html("th", text, scope="col") for text in HEADS[which]))
    said = [html("caption", caption)] if caption else []
    table = html(
        "table", *said, html("thead", titles), html("tbody", *rows),
        class_=f"table qml-claims qml-claims-{which}",
    )  # fmt: skip
    return html("div", table, class_="pst-scrollable-table-container")


def _anchor(id: str) -> str:
    return f"claim-{id.replace('.', '-')}"


def _interval(one: claims.Claim | Interval) -> str:
    text = f"{one.low:g}" if one.low == one.high else f"{one.low:g} to {one.high:g}"
    return text.replace("-", "\N{MINUS SIGN}")


def _day(entry: Any) -> str:
    return f"{entry.date.day} {entry.date:%b %Y}"


def _entry(entry: Interval) -> list[nodes.Node | str]:
    """Return an interval with its day, and whatever is known of how it came about."""
    known = [f"value then: {entry.value}"] if entry.value else []
    known += [f"reason: {entry.reason}"] if entry.reason else []
    known += [f"said before: {entry.was}"] if entry.was else []
    return [html("strong", _interval(entry)), f", {_day(entry)}", *(f"; {k}" for k in known)]


def _times(id: str) -> list[nodes.Node | str]:
    if not (changes := histories()[id].revisions):
        return ["never"]
    times = "once" if len(changes) == 1 else f"{len(changes)} times"
    why = "; ".join(dict.fromkeys(change.reason for change in changes))
    return [html("a", times, href=f"#changes-{_anchor(id)}"), f"; reason: {why}"]


def _published(claim: claims.Claim) -> list[nodes.Node | str]:
    if claim.published is None:
        return ["\N{EN DASH}"]
    return [html("strong", claim.show(claim.published)), f", {claim.published_in}"]


def _box(claim: claims.Claim) -> nodes.Node:
    """Return the claim's sentence, a link to its box as soon as the addresses are known."""
    link = html("a", claim.sentence)
    link["claim"] = claim.id
    return link


def _fails(claim: claims.Claim) -> nodes.Node:
    """Return the change of the chapter's parameters with which the claim fails."""
    change = ", ".join(f"{key} = {value!r}" for key, value in claim.counterfactual.items())
    return html("small", f"Fails with {change}")


def lead(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the claims' sentences lead to their boxes; in one page of all, to their chapters."""
    for node in doctree.findall(lambda node: isinstance(node, Html) and "claim" in node):
        page = app.builder.get_relative_uri(docname, f"book/{listed()[node['claim']].chapter}")
        there = page if page.startswith("#") else f"{page}#{_anchor(node['claim'])}"
        node["values"] |= {"href": there}


def add_addresses(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any
) -> None:
    """Give each claim's box in a chapter its address."""
    for id, claim in listed().items():
        if pagename == f"book/{claim.chapter}":
            sentence = re.escape(markup_of.escape(claim.sentence))
            # Not beyond the end of a box: the next one may stand on the next line.
            inside = rf'(?:(?!</div>)[\s\S])*"qml-claim-sentence">{sentence}:'
            box = rf'<div (class="qml-claim (?:pass|fail)">{inside})'
            context["body"] = re.sub(
                box, rf'<div id="{_anchor(id)}" \1', context.get("body", ""), count=1
            )


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_directive("claims", Claims)
    app.add_role("claim", Value())
    app.add_role("claim-count", Count())
    app.connect("doctree-resolved", lead)
    app.connect("html-page-context", add_addresses)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
