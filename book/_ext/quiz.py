"""Questions: ``{quiz}`` shows those of a chapter, ``{wrap-ups}`` a quiz for each part.

Each option carries its answer, folded, so that the quiz works without scripts; with them,
choosing an option shows its answer and the browser remembers it. ``course.Question`` says by what.
"""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

import course
from docutils import nodes
from markup import html, link
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

WRAP_UPS = "book/wrap_ups"
END = """
<p class="qml-part-end">Here ends the part <em>{part}</em>.
<a href="{page}">Its wrap-up quiz</a> asks for what its chapters have to do with one another.</p>
"""


class Questions(SphinxDirective):
    """Makes questions of their texts."""

    def quiz(self, name: str, questions: Sequence[course.Question]) -> nodes.Node:
        """Return a quiz to answer; ``name`` is what the browser keeps its answers by."""
        shown = [
            self.question(name, f"Question {k} of {len(questions)}", question)
            for k, question in enumerate(questions, 1)
        ]
        return html("div", *shown, class_="qml-quiz", data_quiz=name)

    def question(self, name: str, number: str, question: course.Question) -> nodes.Node:
        # In the PDF a question stands in the page of its chapter and in that of the wrap-ups.
        key = f"quiz-{name.replace('/', '-')}-{question.id}"
        options = [self.option(key, place, option) for place, option in enumerate(question.options)]
        heading = html("p", number, class_="qml-quiz-number")
        text = html("div", heading, *self.parsed(question.text), id=key)
        said = html("p", role="status", class_="qml-quiz-said")
        return html(
            "div", text, *options, said, self.again(question),
            class_="qml-question", data_question=question.id, data_answer=question.answer,
            data_was=question.was, role="radiogroup", aria_labelledby=key,
        )  # fmt: skip

    def option(self, key: str, place: int, option: dict[str, Any]) -> nodes.Node:
        id = f"{key}-{place}"
        choice = html(
            "input", type="radio", id=id, name=key, value=str(place),
            data_right=bool(option.get("right")),
        )  # fmt: skip
        label = html("label", *self.lettered(place, option), for_=id)
        return html("div", choice, label, self.answer(option), class_="qml-option")

    def lettered(self, place: int, option: dict[str, Any]) -> list[nodes.Node]:
        # The letter names options that are nothing but a formula, which not every reader speaks.
        letter = html("span", f"{ascii_uppercase[place]}. ", class_="qml-letter")
        return [letter, *self.inline(option["text"])]

    def answer(self, option: dict[str, Any]) -> nodes.Node:
        verdict = html("strong", "Right. " if option.get("right") else "No. ")
        return html(
            "details",
            html("summary", "If you chose this"),
            html("p", verdict, *self.inline(option["feedback"])),
            class_="qml-answer",
        )

    def again(self, question: course.Question) -> nodes.Node:
        """Return what to read again: a section, or the chapters that a question joins."""
        pages = [f"book/{name}" for name in question.about]
        if question.section:
            links: list[nodes.Node | str] = [Again("", page=pages[0], title=question.section)]
        else:
            links = [link(self.env.docname, page) for page in pages]
            links[1:] = [part for one in links[1:] for part in (" and ", one)]
        return html("p", "To read again: ", *links, class_="qml-quiz-again")

    def parsed(self, text: str) -> list[nodes.Node]:
        found: list[nodes.Node] = self.parse_text_to_nodes(text)
        return found

    def inline(self, text: str) -> list[nodes.Node]:
        """Return the text's nodes without the paragraph around them."""
        found = self.parsed(text.strip())
        if len(found) != 1 or not isinstance(found[0], nodes.paragraph):
            raise self.error(f"an option or answer must be one paragraph; got {text!r}")
        inside: list[nodes.Node] = found[0].children
        return inside


class Quiz(Questions):
    """Shows the quiz of this chapter. The directive's text is for readers of the notebook."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.env.docname.removeprefix("book/")
        path = course.quiz_file(name)
        self.env.note_dependency(str(path))
        questions = course.quiz(name)
        if not questions:
            raise self.error(f"there is no quiz: {path.name} is missing or empty")
        return [self.quiz(name, questions)]


class WrapUps(Questions):
    """Shows a section for each part of the course, with its wrap-up."""

    def run(self) -> list[nodes.Node]:
        return [self.section(part, several) for part, several in course.parts().items()]

    def section(self, part: str, chapters: list[course.Chapter]) -> nodes.Node:
        self.env.note_dependency(str(course.wrap_up_file(part)))
        for chapter in chapters:
            self.env.note_dependency(str(course.quiz_file(chapter.name)))
        caption = chapters[0].part
        section = nodes.section("", nodes.title(caption, caption), ids=[part], names=[part])
        self.state.document.note_implicit_target(section)
        section += self.quiz(f"wrap_ups/{part}", course.wrap_up(part))
        return section


class Again(nodes.General, nodes.Element):
    """A link to the section that a question is about."""


def link_here(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the titles of this page's sections that questions name into links."""
    for node in list(doctree.findall(Again)):
        if node["page"] == app.env.docname:
            lead(node, doctree, "")


def link_elsewhere(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Do the same for the sections of other pages."""
    for node in list(doctree.findall(Again)):
        page = app.builder.get_relative_uri(docname, node["page"])
        # In one page of all, a section's address is the whole of it.
        lead(node, app.env.get_doctree(node["page"]), "" if page.startswith("#") else page)


def lead(node: Again, doctree: nodes.document, page: str) -> None:
    """Put a link in the place of a section's title."""
    sections = {plain(s.next_node(nodes.title).astext()): s for s in doctree.findall(nodes.section)}
    section = sections.get(plain(node["title"]))
    if section is None:
        logger.warning("a quiz names a section that is not there: %r", node["title"])
        node.replace_self(nodes.Text(node["title"]))
        return
    link = nodes.reference("", "", internal=True, refuri=f"{page}#{section['ids'][0]}")
    link += [child.deepcopy() for child in section.next_node(nodes.title).children]
    node.replace_self(link)


def plain(title: str) -> str:
    """Return a title without the marks of code, formulas and typography."""
    return " ".join(title.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()).translate(
        str.maketrans("", "", "$`")
    )


def add_script(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    if 'data-quiz="' in context.get("body", ""):
        app.add_js_file("course/quiz.js", type="module")


def add_end(app: Sphinx, pagename: str, template: str, context: dict[str, Any], tree: Any) -> None:
    """Let the last chapter of each part lead to the part's wrap-up."""
    for part, chapters in course.parts().items():
        if pagename == chapters[-1].docname:
            page = app.builder.get_relative_uri(pagename, WRAP_UPS)
            context["body"] += END.format(part=chapters[0].part, page=f"{page}#{part}")


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_node(Again)
    app.add_directive("quiz", Quiz)
    app.add_directive("wrap-ups", WrapUps)
    app.connect("doctree-read", link_here)
    app.connect("doctree-resolved", link_elsewhere)
    app.connect("html-page-context", add_script)
    # Before the box to tick, which ends a page.
    app.connect("html-page-context", add_end, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
