"""The text of the exercises' notebooks: what they say of themselves, in plain Markdown alone.

A master may hold fields, which are filled here so that a number stands in one place: `{{ points }}`
of the checks, `{{ answers }}`, `{{ hours }}` and `{{ site }}`, the published course's address.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog import ROOT
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from mdit_py_plugins.substitution import substitution_plugin

# How long work takes, of people who do it for the first time: text that is studied, code that is
# written, tested and mended, and a report with its experiments.
WORDS_PER_HOUR = 6000
LINES_PER_HOUR = 12
REPORT_HOURS = 3
HOW = (
    f"The upper end counts {WORDS_PER_HOUR:,} words of text an hour, {LINES_PER_HOUR} lines of the "
    f"worked solution an hour, written, tested and mended, and {REPORT_HOURS} hours for the "
    "experiments and the report. The lower end is half of that, for those who read and write "
    "Python well. Nobody has been timed yet."
)
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# Jupyter and Colab show these as they are typed: the site alone knows them.
SITE_ONLY = {
    "colon_fence": "a directive",
    "math_block_label": "a label",
    "myst_block_break": "a break",
    "myst_line_comment": "a comment",
    "myst_role": "a role",
    "myst_target": "a label",
    "substitution_block": "a field",
    "substitution_inline": "a field",
}
OUTSIDE = ("https://", "http://", "mailto:", "attachment:", "#")
MYST = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin).use(myst_block_plugin)
MYST.use(dollarmath_plugin).use(myst_role_plugin).use(substitution_plugin)


class SiteOnly(ValueError):
    """Text of a master that only the site would understand; the message says what."""


class Hours(NamedTuple):
    """How long an exercise takes, from a quick reader's to a first-timer's hours."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"


def hours(words: int, lines: int) -> Hours:
    """Return the hours of an exercise with so many words of text and lines of solution."""
    high = round(words / WORDS_PER_HOUR + lines / LINES_PER_HOUR + REPORT_HOURS)
    return Hours(round(high / 2), high)


def filled(text: str, *, points: int, answers: int, hours: Hours) -> str:
    """Return a cell's text with its fields filled."""
    import yaml  # not everywhere where the notebooks' text is read

    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    fields = {
        "points": str(points),
        "answers": NUMBERS[answers],
        "hours": f"{hours} hours. {HOW}",
        "site": config["html"]["baseurl"].rstrip("/"),
    }
    for name, value in fields.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return text


def site_only(text: str) -> list[str]:
    """Return what of a cell's text only the site understands, each with its kind."""
    found = []
    for token in _all(MYST.parse(text)):
        address = str(token.attrGet("href") or token.attrGet("src") or "")
        if token.type in SITE_ONLY:
            role = f"{{{name}}}" if (name := token.meta.get("name")) else ""
            about = f"{role}{token.info}{token.content}".partition("\n")[0]
            found.append(f"{SITE_ONLY[token.type]} ({about})")
        elif token.type == "fence" and token.info.startswith("{"):
            found.append(f"a directive ({token.info})")
        elif token.type in ("link_open", "image") and not address.startswith(OUTSIDE):
            found.append(f"a link that only the site can follow ({address})")
    return found


def _all(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or [])
