"""Links: inside they resolve, to the anchor; outside they are well formed, and listed."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from built import FOLDER, HTML, PAGES, ROOT


class Links(HTMLParser):
    """The links and anchors of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.anchors |= {values[k] for k in ("id", "name") if values.get(k)}
        for key in ("href", "src"):
            if values.get(key):
                self.links.append(values[key])


def read(path: Path) -> Links:
    parser = Links()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


ALL = {name: read(HTML / name) for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_links_inside_resolve(name):
    for link in ALL[name].links:
        parts = urlsplit(link)
        if parts.scheme or link.startswith("//"):
            continue
        # The page for what is not found counts on the site's folder; the others don't.
        start = HTML if name == "404.html" else (HTML / name).parent
        path = unquote(parts.path).removeprefix(FOLDER if name == "404.html" else "\0")
        target = start / path if path else HTML / name
        target = target.resolve()
        assert target.is_file(), link
        if parts.fragment and target.suffix == ".html":
            anchors = ALL[str(target.relative_to(HTML.resolve()))].anchors
            # The page's own top.
            assert unquote(parts.fragment) in anchors | {""}, link


def test_links_outside_are_well_formed_and_listed():
    outside = {link for page in ALL.values() for link in page.links if urlsplit(link).scheme}
    for link in outside:
        parts = urlsplit(link)
        assert parts.scheme in ("https", "data", "mailto"), link
        assert parts.scheme != "https" or re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", parts.netloc), (
            link
        )
        assert " " not in link
    listed = sorted(link for link in outside if link.startswith("https"))
    (ROOT / "_build" / "links.txt").write_text("\n".join(listed) + "\n")
    assert len(listed) > 50


@pytest.mark.parametrize("name", [n for n in PAGES if n.startswith("book/")])
def test_launch_buttons_name_repository_branch_and_path(name):
    source = ROOT / Path(name).with_suffix(".ipynb")
    settings = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]
    repository = settings["url"].removeprefix("https://github.com/")
    found = [
        link for link in ALL[name].links if "mybinder.org/v2" in link or "colab.research" in link
    ]
    if not source.is_file():
        assert found == []
        return
    path = source.relative_to(ROOT)
    assert sorted(found) == [
        f"https://colab.research.google.com/github/{repository}/blob/{settings['branch']}/{path}",
        f"https://mybinder.org/v2/gh/{repository}/{settings['branch']}?urlpath=lab/tree/{path}",
    ]
