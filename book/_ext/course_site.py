"""What the site needs beyond its theme: nothing from other hosts, no script without a use."""

from typing import Any

from sphinx.application import Sphinx

# Of the files that pages load: live code by Thebe needs a server and a script from elsewhere.
UNUSED = ("thebe",)


def drop_unused(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Take scripts and styles out of a page that no page uses."""
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if not _is_unused(file)]


def draw_first(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let a page be drawn before its scripts have come; their order stays.

    The page of the search runs its own while it is read, and scripts in the page use the options.
    """
    if pagename != "search":
        context["script_files"] = [_late(file) for file in context.get("script_files", [])]


def _late(file: Any) -> Any:
    text, attributes = str(file.filename or ""), file.attributes
    if not text or "documentation_options" in text or "type" in attributes:
        return file
    return type(file)(file.filename, priority=file.priority, **{**attributes, "defer": "defer"})


def _is_unused(file: Any) -> bool:
    # A script given as text stands in its attributes.
    text = f"{file} {getattr(file, 'attributes', '')}".lower()
    return any(word in text for word in UNUSED)


def name_toggles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say what the arrows in the table of contents open: the theme leaves them without a name."""
    make = context.get("generate_toctree_html")
    if make is None:
        return

    def named(*arguments: Any, **options: Any) -> str:
        html = str(make(*arguments, **options))
        return html.replace("<summary>", '<summary aria-label="Pages of this entry">')

    context["generate_toctree_html"] = named


def add_figures(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page with an interactive figure the script that draws it; other pages stay light."""
    if "data-figure=" in context.get("body", ""):
        app.add_css_file("figures/figures.css")
        app.add_js_file("figures/load.js", type="module")


def add_terms(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Let terms show their meaning, on pages that have some."""
    if "glossary.html#term-" in context.get("body", ""):
        app.add_js_file("course/terms.js", type="module")


def name_entries(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make the bibliography a list of items: docutils gives them a role that is deprecated."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def warn_of_equations(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say, where no script runs, why equations stand in the language of TeX."""
    if 'class="math' in context.get("body", ""):
        note = (
            "<noscript><p>Equations are drawn by a script; without it you see TeX.</p></noscript>"
        )
        context["body"] = note + context["body"]


def setup(app: Sphinx) -> dict[str, bool]:
    # After the extensions that add them.
    app.connect("html-page-context", drop_unused, priority=900)
    app.connect("html-page-context", draw_first, priority=950)
    app.connect("html-page-context", name_toggles, priority=900)
    app.connect("html-page-context", add_figures)
    app.connect("html-page-context", name_entries)
    app.connect("html-page-context", warn_of_equations)
    app.connect("html-page-context", add_terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
