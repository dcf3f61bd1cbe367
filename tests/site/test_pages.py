"""Every page in a real browser: alone, quiet, light, within its width, accessible."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from built import HTML, PAGES, ROOT

WIDTHS = (1440, 768, 360)
# WCAG 2.2 AA and what it builds on.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TEXT_BYTES, INTERACTIVE_BYTES, SITE_BYTES = 1.5e6, 3e6, 60e6


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_alone(name, base, page):
    requests, foreign, complaints, sizes = [], [], [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(base + name, wait_until="networkidle")
    foreign = [url for url in requests if not url.startswith((base, "data:"))]
    assert foreign == []
    assert complaints == []
    ready = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    # Equations are drawn after the page has loaded.
    page.wait_for_function("!window.MathJax?.startup || document.querySelector('mjx-container')")
    # Overflow at any width; a wide table or equation scrolls inside its own box.
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{over} pixels too wide at {width}"
    interactive = page.locator("[data-figure]").count() > 0
    assert sum(sizes) < (INTERACTIVE_BYTES if interactive else TEXT_BYTES)
    row = {"page": name, "requests": len(requests), "bytes": sum(sizes), "ready_ms": ready}
    folder = ROOT / "_build" / "site"
    folder.mkdir(exist_ok=True)
    (folder / (name.replace("/", "~") + ".json")).write_text(json.dumps(row))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(name, theme, base, browser):
    with browser.new_context(color_scheme=theme, reduced_motion="reduce") as context:
        page = context.new_page()
        page.goto(base + name, wait_until="networkidle")
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    violations = found.response["violations"]
    assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in violations] == []


def test_the_whole_site_is_small():
    assert sum(p.stat().st_size for p in HTML.rglob("*") if p.is_file()) < SITE_BYTES
