"""Questions that come back: ``{review}`` asks, ``{all-questions}`` lists, ``{exam}`` draws them.

The list is what works without scripts. The scripts of the other two take their questions from it,
and so does the deck for Anki, which is written beside the site as the list is.
"""

import csv
import io
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import course
import quiz
from docutils import nodes
from markup import Html, html, link
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LIST = "book/review"
DECK = "qmlcourse-anki.txt"
# What Anki's File > Import reads. The first column tells it which notes it has already.
HEAD = """#separator:tab
#html:true
#notetype:Basic
#guid column:1
#deck column:2
#tags column:5
#columns:guid\tdeck\tFront\tBack\ttags
"""


class AllQuestions(quiz.Questions):
    """Lists every question with its folded answers, a fold for each chapter and wrap-up."""

    def run(self) -> list[nodes.Node]:
        parts = course.parts()
        chapters = ["intro", *(chapter.name for several in parts.values() for chapter in several)]
        files = [course.wrap_up_file(part) for part in parts]
        for name in chapters:
            # The notebook has the sections that questions lead to.
            files += [course.quiz_file(name), course.BOOK / f"{name}.ipynb"]
        for file in files:
            self.env.note_dependency(str(file))
        shown = [self.fold(name, several) for name, several in course.questions().items()]
        return [html("div", *shown, class_="qml-bank")]

    def fold(self, name: str, questions: list[course.Question]) -> nodes.Node:
        part = name.removeprefix("wrap_ups/")
        if part == name:
            title = course.title(name)
        else:
            title = f"{course.parts()[part][0].part}: questions that join two chapters"
        # A link inside a summary is a control inside a control: it stands below.
        heading = html("summary", title, f", {len(questions)} questions")
        below = [] if part != name else [html("p", link(self.env.docname, f"book/{name}"))]
        entries = (self.entry(name, q) for q in questions)
        return html("details", heading, *below, *entries, class_="qml-fold")

    def entry(self, name: str, question: course.Question) -> nodes.Node:
        options = [
            html(
                "div",
                html("div", *self.lettered(place, option), class_="qml-option-text"),
                self.answer(option),
                class_="qml-option",
                data_right=bool(option.get("right")),
            )
            for place, option in enumerate(question.options)
        ]
        node = html(
            "div",
            html("div", *self.parsed(question.text), class_="qml-question-text"),
            *options,
            self.again(question),
            class_="qml-question",
            data_question=question.id,
            data_answer=question.answer,
            data_from=name,
        )
        node["question"] = question
        return node


class Review(SphinxDirective):
    """The place where a script asks what is due."""

    def run(self) -> list[nodes.Node]:
        without = "Without scripts nothing can be asked or kept here. "
        without += "Every question, with its answers folded, stands below."
        return [html("div", html("noscript", html("p", without)), class_="qml-review")]


class Exam(SphinxDirective):
    """The place where a script lays out an exam."""

    def run(self) -> list[nodes.Node]:
        without = "Without scripts no exam can be drawn. "
        without += "Every question, with its answers folded, stands in "
        note = html("p", without, link(self.env.docname, LIST), ".")
        return [html("div", html("noscript", note), class_="qml-exam", data_from="review.html")]


class DeckLink(SphinxDirective):
    """A link to the deck for Anki."""

    def run(self) -> list[nodes.Node]:
        total = sum(map(len, course.questions().values()))
        text = f"The {total} questions as a deck for Anki"
        return [html("p", html("a", text, href=f"../{DECK}", download=DECK), class_="qml-deck")]


def finish(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the deck beside the site; take out of a single page of all what only a site can do."""
    if app.builder.format != "html":
        return
    names = {"qml-bank", "qml-review", "qml-exam", "qml-deck"}
    places = [n for n in doctree.findall(Html) if n["values"].get("class") in names]
    for place in places:
        if app.builder.name == "singlehtml":
            place.replace_self(nodes.paragraph("", "On the course's website, this is interactive."))
        elif place["values"]["class"] == "qml-bank":
            text = HEAD + deck(app, place)
            Path(app.outdir, DECK).write_text(text, encoding="utf-8")


def deck(app: Sphinx, bank: nodes.Node) -> str:
    """Return the notes, one a line: guid, deck, front, back, tags."""
    captions = {"intro": "Introduction"}
    for part, chapters in course.parts().items():
        captions |= dict.fromkeys((part, *(c.name for c in chapters)), chapters[0].part)
    file = io.StringIO()
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    for entry in bank.findall(lambda node: isinstance(node, Html) and "question" in node):
        question, name = entry["question"], entry["values"]["data-from"]
        text, *options = entry.children[:-1]
        front = _html(app, *text.children) + "".join(
            f"<p>{_html(app, *option.children[0].children)}</p>" for option in options
        )
        back = [
            f"<p><b>{letter}.</b> {_html(app, *option.children[1].children[1].children)}</p>"
            for letter, option in zip(ascii_uppercase, options, strict=False)
        ]
        # The right one first.
        back.insert(0, back.pop(question.right))
        links = " ".join(
            f'<a href="{app.config.html_baseurl}book/{about}.html">{_title(about)}</a>'
            for about in question.about
        )
        writer.writerow(
            [
                f"{question.id}-{question.answer}",
                f"{app.config.html_title}::{captions[name.removeprefix('wrap_ups/')]}",
                front,
                "".join(back) + f"<p>{links}</p>",
                name.replace("/", "::"),
            ]
        )
    return file.getvalue()


def _html(app: Sphinx, *children: nodes.Node) -> str:
    """Return nodes as one line of HTML; formulas stay between the marks that Anki draws them by."""
    holder = html("div", *(child.deepcopy() for child in children))
    text = app.builder.render_partial(holder)["fragment"].strip()
    return " ".join(text.removeprefix("<div>").removesuffix("</div>").split())


def _title(name: str) -> str:
    known = {chapter.name: chapter.title for chapter in course.chapters()}
    return known.get(name, "The first page")


def add_scripts(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    for name in ("review", "exam"):
        if f'class="qml-{name}"' in context.get("body", ""):
            app.add_js_file(f"course/{name}.js", type="module")


def setup(app: Sphinx) -> dict[str, bool]:
    app.setup_extension("markup")
    app.setup_extension("quiz")
    app.add_directive("all-questions", AllQuestions)
    app.add_directive("review", Review)
    app.add_directive("exam", Exam)
    app.add_directive("anki-deck", DeckLink)
    # After references became links.
    app.connect("doctree-resolved", finish, priority=900)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
