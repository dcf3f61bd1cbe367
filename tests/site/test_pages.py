"""Every page in a real browser: alone, quiet, light, within its width, accessible."""

import json
from itertools import pairwise

import pytest
from accessible import COLOURS, RULES, THEMES, dressed, violations
from built import HTML, MEASURED, PAGES
from conftest import DRAWN, WIDE, wide

MADE_BY_SPHINX = {"genindex.html", "py-modindex.html", "search.html"}
WIDTHS = (1440, 768, 360)
TEXT_BYTES, INTERACTIVE_BYTES, SITE_BYTES = 1.5e6, 3e6, 60e6


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


class Opened:
    """A page as a reader has it once all is drawn, and what it asked for until then."""

    def __init__(self, page, base, name):
        self.page, self.name = page, name
        self.requests, self.complaints, self.sizes = [], [], []
        page.on("requestfinished", lambda r: self.sizes.append(r.sizes()["responseBodySize"]))
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self.heard)
        page.goto(base + name, wait_until="load")
        # From here on the page answers: all handlers are set, the last equation is drawn.
        page.evaluate(DRAWN)
        ready = page.evaluate("performance.now()")
        page.wait_for_load_state("networkidle")
        self.plain, count = sum(self.sizes), len(self.requests)
        draw_figures(page)
        page.wait_for_load_state("networkidle")
        note(
            name, requests=count, bytes=self.plain, figure_bytes=sum(self.sizes) - self.plain,
            ready_ms=ready, console=len(self.complaints),
        )  # fmt: skip

    def heard(self, message):
        if message.type == "error":
            self.complaints.append(message.text)


# One for the tests of a page, which follow each other: to load it takes longer than most of them.
@pytest.fixture(scope="module", params=PAGES)
def opened(request, base, browser):
    with wide(browser) as page:
        yield Opened(page, base, request.param)


def test_page_stands_alone(opened, base):
    foreign = [u for u in opened.requests if not u.startswith((base, "data:", "blob:"))]
    assert foreign == []
    assert opened.complaints == []
    interactive = opened.page.locator("[data-figure]").count() > 0
    assert opened.plain < TEXT_BYTES
    assert sum(opened.sizes) < (INTERACTIVE_BYTES if interactive else TEXT_BYTES)


# The theme lets keys reach what scrolls 300 ms after the width has changed: a later clock of the
# page's own rings after that.
SETTLED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 400)))"


def test_page_is_within_its_width(opened):
    """A wide table or equation scrolls inside its own box."""
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
        over = opened.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, f"{over} pixels too wide at {width}"
    opened.page.set_viewport_size(WIDE)
    opened.page.evaluate(SETTLED)


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


def test_headings_are_in_order_and_pictures_have_text(opened):
    if opened.name in MADE_BY_SPHINX:
        pytest.skip("Sphinx makes it of its own template")
    levels = opened.page.eval_on_selector_all(
        "article :is(h1, h2, h3, h4, h5, h6)",
        "all => all.map(h => +h.tagName[1])",
    )
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels)), levels
    alts = opened.page.eval_on_selector_all("article img", "all => all.map(i => i.alt)")
    assert all(len(alt.split()) >= 5 for alt in alts), alts
    bare = opened.page.eval_on_selector_all(
        "article table", "all => all.filter(t => !t.querySelector('th')).map(t => t.outerHTML)"
    )
    # A table of docutils' field lists has its names in cells of another class.
    assert [t[:200] for t in bare if "field-list" not in t] == []


def test_page_is_accessible(opened):
    """The last test of a page: it takes away what stands there many times."""
    page = opened.page
    # At the top, with no box half under the bar.
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    # A formula reaches a screen reader as MathML.
    drawn = page.locator("mjx-container").count()
    assert page.locator("mjx-container > mjx-assistive-mml > math").count() == drawn
    page.evaluate(ONCE)
    found = {}
    for theme, rules in THEMES.items():
        dressed(page, theme)
        found |= {f"{theme}: {id}": nodes for id, nodes in violations(page, rules).items()}
    note(opened.name, axe=sum(map(len, found.values())))
    assert found == {}


def test_axe_finds_what_is_wrong(base, browser):
    """The check can fail: grey text on grey, a picture and a button without a name."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(base + "book/glossary.html")
        page.evaluate("""() => document.querySelector("article").insertAdjacentHTML("afterbegin",
            '<p style="color:#aaa;background:#bbb">grey</p><img src="x.png"><button></button>')""")
        page.evaluate(ONCE)
        found = violations(page, RULES)
        assert {"color-contrast", "image-alt", "button-name"} <= set(found)
        page.emulate_media(color_scheme="dark")
        assert set(violations(page, COLOURS)) == {"color-contrast"}


def test_the_whole_site_is_small():
    assert sum(p.stat().st_size for p in HTML.rglob("*") if p.is_file()) < SITE_BYTES
