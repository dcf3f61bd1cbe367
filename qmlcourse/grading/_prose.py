"""A learner's Markdown as HTML that nothing can run in: formulas drawn, attachments shown."""

import base64
import html
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

# What a formula may consist of (MathML Core); what else a converter writes is left out.
_TAGS = frozenset(
    """math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover
    munderover mmultiscripts mprescripts mtable mtr mtd mstyle mpadded mphantom menclose""".split()  # noqa: SIM905
)
_ATTRIBUTES = frozenset(
    """display mathvariant stretchy fence separator form lspace rspace minsize maxsize width height
    depth accent accentunder linethickness columnalign rowspacing columnspacing movablelimits
    displaystyle scriptlevel notation""".split()  # noqa: SIM905
)
# Rows that the converter can't align, or numbers, as what it can.
_ROWS = (
    (re.compile(r"(\\begin\{align(?:ed)?at\*?\})\{\d+\}"), r"\1"),
    (re.compile(r"\\(begin|end)\{align(?:ed|at|edat)?\*?\}"), r"\\\1{split}"),
    (re.compile(r"\\(begin|end)\{(?:gather(?:ed)?|multline)\*?\}"), r"\\\1{matrix}"),
)
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def prose(markdown: str, attachments: Any = None, *, top: int = 1) -> str:
    r"""Return Markdown as HTML, with formulas as MathML, and headings of level `top` as h2.

    Raw HTML is shown as text. An image becomes part of the page where the notebook holds it, and
    a link where it lies elsewhere.

    >>> print(prose("# $a_1*b_2$").strip())  # doctest: +ELLIPSIS
    <h2><math display="inline"><mrow><msub><mi>a</mi><mn>1</mn></msub><mo>*</mo>...</math></h2>
    """
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    # As in a notebook, but "$5 and $6" are prices.
    made.use(dollarmath_plugin, double_inline=True, allow_space=False, allow_digits=False)
    made.use(amsmath_plugin)
    for rule in ("math_inline", "math_inline_double", "math_block", "amsmath"):
        made.add_render_rule(rule, _formula)
    kept = attachments if isinstance(attachments, Mapping) else {}

    def image(self: Any, tokens: Any, number: int, options: Any, env: Any) -> str:
        token = tokens[number]
        source = str(token.attrs.get("src", ""))
        alt = html.escape(self.renderInlineAsText(token.children, options, env))
        if source.startswith("attachment:"):
            shown = embedded(kept.get(source.removeprefix("attachment:")))
        else:
            kind, _, data = source.removeprefix("data:").partition(";base64,")
            shown = embedded({kind: data})
        if shown:
            return f'<img src="{shown}" alt="{alt}">'
        if source.startswith(("https://", "http://")):
            return f'<a href="{html.escape(source)}">{alt or "image"}</a>'
        return alt

    made.add_render_rule("image", image)
    return re.sub(
        r"<(/?)h([1-6])>",
        lambda m: f"<{m[1]}h{min(max(int(m[2]) + 2 - top, 2), 6)}>",
        made.render(markdown),
    )


def embedded(data: Any) -> str:
    """Return the address that holds an image itself, or an empty text where there is none.

    A drawing in SVG runs nothing and loads nothing when it is shown as an image.
    """
    if not isinstance(data, Mapping):
        return ""
    drawing = data.get("image/svg+xml")
    if isinstance(drawing, str | list):
        text = "".join(map(str, drawing))
        try:
            root = ElementTree.fromstring(text) if "<!ENTITY" not in text else None
        except ElementTree.ParseError:
            root = None
        if root is not None and root.tag == "{http://www.w3.org/2000/svg}svg":
            return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()
    for kind, signature in _SIGNATURES.items():
        try:
            raw = base64.b64decode("".join(data.get(kind) or ""))
        except (ValueError, TypeError):
            continue
        if raw.startswith(signature):
            return f"data:{kind};base64," + base64.b64encode(raw).decode()
    return ""


def _formula(renderer: Any, tokens: Any, number: int, options: Any, env: Any) -> str:
    """Return a formula as MathML, or as it was typed where it can't be drawn."""
    token = tokens[number]
    display: Any = "inline" if token.type == "math_inline" else "block"
    try:
        content = token.content.strip()
        for known, drawn_as in _ROWS:
            content = known.sub(drawn_as, content)
        drawn = convert_to_element(content, display=display)
    except Exception:  # the converter's own errors, and what it stumbles over
        return f"<code>{html.escape(token.content)}</code>"
    return ElementTree.tostring(_clean(drawn), encoding="unicode")


def _clean(given: ElementTree.Element) -> ElementTree.Element:
    """Return an element with harmless tags, attributes and text alone."""
    kept = {k: html.unescape(v) for k, v in given.attrib.items() if k in _ATTRIBUTES}
    clean = ElementTree.Element(given.tag if given.tag in _TAGS else "mrow", kept)
    clean.text = html.unescape(given.text) if given.text else None
    clean.extend(map(_clean, given))
    return clean
