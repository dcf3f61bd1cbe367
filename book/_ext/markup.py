"""An element of HTML as a node of the document, for what Sphinx has no node for."""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


class Html(nodes.General, nodes.TextElement):
    """An element with its tag, attributes and children; other writers see the children only."""


def html(tag: str, *children: nodes.Node | str, **attributes: str | bool) -> Html:
    """Return an element. ``class_`` and ``for_`` stand for the words that Python keeps."""
    values = {key.rstrip("_").replace("_", "-"): v for key, v in attributes.items()}
    node = Html("", "", tag=tag, values=values)
    node.extend([nodes.Text(c) if isinstance(c, str) else c for c in children])
    return node


def link(docname: str, target: str) -> Html:
    """Return a link from one page to another, named by the other's title."""
    reference = addnodes.pending_xref(
        "", nodes.inline(), refdomain="std", reftype="doc", refdoc=docname,
        reftarget=f"/{target}", refexplicit=False, refwarn=True,
    )  # fmt: skip
    return html("span", reference)


def visit(self: HTML5Translator, node: Html) -> None:
    text = ""
    for key, value in node["values"].items():
        if value is True:
            text += f" {key}"
        elif value is not False:
            text += f' {key}="{self.attval(str(value))}"'
    self.body.append(f"<{node['tag']}{text}>")


def depart(self: HTML5Translator, node: Html) -> None:
    if node["tag"] != "input":
        self.body.append(f"</{node['tag']}>")


def skip(self: object, node: Html) -> None:
    pass


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_node(Html, html=(visit, depart), text=(skip, skip), latex=(skip, skip))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
