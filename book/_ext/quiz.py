"""The quiz of a chapter: ``{quiz}`` shows the questions of ``book/quizzes/<chapter>.yml``.

Each option carries its answer, folded, so that the quiz works without scripts; with them,
choosing an option shows its answer and the browser remembers it.
"""

import hashlib
from string import ascii_uppercase
from typing import Any

import course
from docutils import nodes
from markup import html
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


class Quiz(SphinxDirective):
    """Shows the questions. The directive's text is for readers of the notebook."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        name = self.env.docname.removeprefix("book/")
        path = course.quiz_file(name)
        self.env.note_dependency(str(path))
        questions = course.quiz(name)
        if not questions:
            raise self.error(f"there is no quiz: {path.name} is missing or empty")
        shown = [self.question(k, len(questions), q) for k, q in enumerate(questions, 1)]
        return [html("div", *shown, class_="qml-quiz", data_quiz=name)]

    def question(self, number: int, total: int, question: dict[str, Any]) -> nodes.Node:
        # By its text: a question that was changed is a new one to those who answered it.
        key = hashlib.sha256(question["question"].encode()).hexdigest()[:8]
        options = [
            self.option(key, place, option) for place, option in enumerate(question["options"])
        ]
        heading = html("p", f"Question {number} of {total}", class_="qml-quiz-number")
        text = html("div", heading, *self.parsed(question["question"]), id=f"quiz-{key}")
        again = html(
            "p", "To read again: ", Again("", title=question["section"]), class_="qml-quiz-again"
        )
        said = html("p", role="status", class_="qml-quiz-said")
        return html(
            "div", text, *options, said, again,
            class_="qml-question", data_question=key, role="radiogroup",
            aria_labelledby=f"quiz-{key}",
        )  # fmt: skip

    def option(self, key: str, place: int, option: dict[str, Any]) -> nodes.Node:
        id, right = f"quiz-{key}-{place}", bool(option.get("right"))
        choice = html(
            "input", type="radio", id=id, name=f"quiz-{key}", value=str(place), data_right=right
        )
        # The letter names options that are nothing but a formula, which not every reader speaks.
        letter = html("span", f"{ascii_uppercase[place]}. ", class_="qml-letter")
        label = html("label", letter, *self.inline(option["text"]), for_=id)
        verdict = html("strong", "Right. " if right else "No. ")
        answer = html(
            "details",
            html("summary", "If you chose this"),
            html("p", verdict, *self.inline(option["feedback"])),
            class_="qml-answer",
        )
        return html("div", choice, label, answer, class_="qml-option")

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


class Again(nodes.General, nodes.Element):
    """A link to the section of this page that a question is about."""


def link_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Turn the titles that questions name into links."""
    wanted = list(doctree.findall(Again))
    if not wanted:
        return
    sections = {plain(s.next_node(nodes.title).astext()): s for s in doctree.findall(nodes.section)}
    for node in wanted:
        section = sections.get(plain(node["title"]))
        if section is None:
            logger.warning("a quiz names a section that is not there: %r", node["title"])
            node.replace_self(nodes.Text(node["title"]))
            continue
        title = section.next_node(nodes.title)
        link = nodes.reference("", "", internal=True, refuri=f"#{section['ids'][0]}")
        link += [child.deepcopy() for child in title.children]
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


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.add_node(Again)
    app.add_directive("quiz", Quiz)
    app.connect("doctree-read", link_sections)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
