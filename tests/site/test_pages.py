"""Every page in a real browser: alone, quiet, light, within its width, accessible."""

import json
from itertools import pairwise
from pathlib import Path

import axe_playwright_python
import pytest
from built import HTML, MEASURED, PAGES
from conftest import DRAWN

WIDTHS = (1440, 768, 360)
# WCAG 2.2 AA and what it builds on.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TEXT_BYTES, INTERACTIVE_BYTES, SITE_BYTES = 1.5e6, 3e6, 60e6
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def note(name, **values):
    """Keep what was measured of a page, for the table that conftest prints."""
    MEASURED.mkdir(parents=True, exist_ok=True)
    kind = "axe" if "axe" in values else "load"
    path = MEASURED / f"{name.replace('/', '~')}.{kind}.json"
    path.write_text(json.dumps({"page": name, **values}))


def draw_figures(page):
    """Scroll to each interactive figure, as a reader does, until all are drawn."""
    for figure in page.locator("[data-figure]").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("f => f.dataset.state", arg=figure.element_handle())
        assert figure.get_attribute("data-state") == "ready"


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_alone(name, base, page):
    requests, complaints, sizes = [], [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfinished", lambda r: sizes.append(r.sizes()["responseBodySize"]))
    page.goto(base + name, wait_until="load")
    # From here on the page answers: all handlers are set, the last equation is drawn.
    page.evaluate(DRAWN)
    ready = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    plain, count = sum(sizes), len(requests)
    draw_figures(page)
    page.wait_for_load_state("networkidle")
    note(
        name, requests=count, bytes=plain, figure_bytes=sum(sizes) - plain, ready_ms=ready,
        console=len(complaints),
    )  # fmt: skip
    foreign = [url for url in requests if not url.startswith((base, "data:", "blob:"))]
    assert foreign == []
    assert complaints == []
    interactive = page.locator("[data-figure]").count() > 0
    assert plain < TEXT_BYTES and sum(sizes) < (INTERACTIVE_BYTES if interactive else TEXT_BYTES)
    # Overflow at any width; a wide table or equation scrolls inside its own box.
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{over} pixels too wide at {width}"


# What stands many times in the same looks is judged once: words without a meaning of their own,
# in the same classes under the same classes; the colour of an equation is that of its text. axe
# needs minutes for all of them.
ONCE = """() => {
  const seen = new Set(), inline = "span, code, em, strong, b, i, sub, sup";
  const looks = e => e.tagName + "." + e.className;
  for (const word of [...document.querySelectorAll("article :is(" + inline + ")")].reverse()) {
    if (word.children.length || [...word.attributes].some(a => a.name !== "class")) continue;
    let key = looks(word);
    for (let e = word.parentElement; e; e = e.parentElement) key += ">" + looks(e);
    if (seen.has(key)) word.replaceWith(...word.childNodes);
    seen.add(key);
  }
  const equations = [...document.querySelectorAll("mjx-container")];
  for (const equation of equations.slice(4)) equation.replaceChildren("x");
  document.body.normalize();
}"""


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(name, base, browser):
    with browser.new_context(
        viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto(base + name, wait_until="load")
        page.evaluate(DRAWN)
        draw_figures(page)
        # A formula reaches a screen reader as MathML.
        drawn = page.locator("mjx-container").count()
        assert page.locator("mjx-container > mjx-assistive-mml > math").count() == drawn
        page.evaluate(ONCE)
        page.evaluate(AXE)
        found = {}
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.wait_for_function("t => document.documentElement.dataset.theme === t", arg=theme)
            result = page.evaluate(
                "r => axe.run(document, {runOnly: r, resultTypes: ['violations']})", RULES
            )
            for violation in result["violations"]:
                html = [n["html"][:200] for n in violation["nodes"]]
                found[f"{theme}: {violation['id']}"] = html
    note(name, axe=sum(map(len, found.values())))
    assert found == {}


def test_axe_finds_what_is_wrong(base, browser):
    """The check can fail: grey text on grey, a picture and a button without a name."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(base + "book/glossary.html")
        page.evaluate("""() => document.querySelector("article").insertAdjacentHTML("afterbegin",
            '<p style="color:#aaa;background:#bbb">grey</p><img src="x.png"><button></button>')""")
        page.evaluate(ONCE)
        page.evaluate(AXE)
        result = page.evaluate("r => axe.run(document, {runOnly: r})", RULES)
    found = {violation["id"] for violation in result["violations"]}
    assert {"color-contrast", "image-alt", "button-name"} <= found


@pytest.mark.parametrize("name", [p for p in PAGES if p.startswith("book/")])
def test_headings_are_in_order_and_pictures_have_text(name, base, page):
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(base + name, wait_until="domcontentloaded")
    levels = page.eval_on_selector_all(
        "article :is(h1, h2, h3, h4, h5, h6)",
        "all => all.map(h => +h.tagName[1])",
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), levels
    alts = page.eval_on_selector_all("article img", "all => all.map(i => i.alt)")
    assert all(len(alt.split()) >= 5 for alt in alts), alts
    bare = page.eval_on_selector_all(
        "article table", "all => all.filter(t => !t.querySelector('th')).map(t => t.outerHTML)"
    )
    # A table of docutils' field lists has its names in cells of another class.
    assert [t[:200] for t in bare if "field-list" not in t] == []


def test_the_whole_site_is_small():
    assert sum(p.stat().st_size for p in HTML.rglob("*") if p.is_file()) < SITE_BYTES
