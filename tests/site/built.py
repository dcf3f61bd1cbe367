"""The built site as files."""

from pathlib import Path

import catalog

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
# The index does nothing but lead to the first page.
PAGES = sorted(
    name
    for p in HTML.rglob("*.html")
    if "_static" not in p.parts and (name := str(p.relative_to(HTML))) != "index.html"
)
# What each page took is written here, for the table at the end.
MEASURED = ROOT / "_build" / "site"
# The site is published in a folder of its host, and the page for what is not found counts on it.
FOLDER = "/qmlcourse/"
CHAPTERS = catalog.names()
