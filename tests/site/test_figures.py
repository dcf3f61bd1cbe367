"""What every interactive figure has: controls with names, keys that move them, numbers, a still."""

import functools

import pytest
from built import CHAPTERS, HTML
from conftest import wide
from figure import DRAWN, RESET, START, ready, without_equations

FIGURES = {
    "advantage-ledger", "states", "encodings", "fourier", "shots", "kernel", "variance", "folding",
    "race", "hhl", "crossover", "truncation-error", "expressibility-depth", "device-cost",
    "dissociation", "qaoa-landscape", "annealing-gap", "mmd-bandwidth",
    "shadow-error", "skills-map", "run-budget", "framework-chooser",
    "drift-detector",
}  # fmt: skip
KEYS = {"checkbox": ["Space"], "select-one": ["ArrowDown", "ArrowUp"], "search": ["q"]}
# Controls that draw nothing by themselves: which of the angles a slider turns, where the next gate
# is put, and what to leave out of a list of pages of which none is ticked as read. The figures' own
# tests use them.
ALONE = {
    "fourier": {"Angle"},
    "states": {"Gate on qubit (CNOT: control)"},
    "skills-map": {"leave out what I have ticked as read"},
}
# Pages that no notebook makes: a table stands where a notebook has its still figure.
PLAIN = ["career/role"]
PLACES = [
    pytest.param((name, figure), id=figure)
    for name in [*CHAPTERS, *PLAIN]
    for figure in sorted(FIGURES)
    if f'data-figure="{figure}"' in (HTML / "book" / f"{name}.html").read_text()
]


class Opened:
    """A figure on its page, for the tests of it, which follow each other."""

    def __init__(self, page, base, chapter, name):
        self.page, self.chapter, self.name, self.errors = page, chapter, name, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        without_equations(page)
        page.goto(f"{base}book/{chapter}.html", wait_until="domcontentloaded")
        self.root = ready(page, name)
        self.start = self.root.evaluate(START)


@pytest.fixture(scope="module", params=PLACES)
def opened(request, base, browser):
    with wide(browser) as page:
        yield Opened(page, base, *request.param)


def test_the_figures_are_where_they_belong():
    assert {place.values[0][1] for place in PLACES} == FIGURES and len(PLACES) == len(FIGURES)


def moves(opened, control):
    """Tell whether one key on a control changes the picture, or what is said of it."""
    # The library counts its clipping paths on at every drawing.
    state = """r => r.querySelector('.qml-figure-view').innerHTML.replace(/plot-clip-\\d+/g, '')
      + r.querySelector('.qml-figure-said').innerText"""
    value = "c => c.type === 'checkbox' ? c.checked : c.value"
    before, old = opened.root.evaluate(state), control.evaluate(value)
    control.focus()
    # At the end of its range a control moves the other way only.
    for key in KEYS.get(control.evaluate("c => c.type"), ["ArrowRight", "ArrowLeft"]):
        opened.page.keyboard.press(key)
        if control.evaluate(value) != old:
            break
    opened.page.evaluate(DRAWN)
    return opened.root.evaluate(state) != before


def test_keys_move_every_control_and_the_picture_with_it(opened):
    root = opened.root
    assert root.locator("svg").first.is_visible()
    controls = root.locator(".qml-figure-controls :is(input, select, button)")
    assert controls.count() >= 2
    names = [c.evaluate("c => c.labels?.[0]?.textContent || c.textContent") for c in controls.all()]
    assert all(names) and len(set(names)) > 1
    still = {
        name.strip(): control
        for name, control in zip(names, controls.all(), strict=True)
        if control.is_enabled() and control.evaluate("c => c.tagName") != "BUTTON"
    }
    # What a control is about may be drawn beside another's choice only: an encoding's own options,
    # the third of three features.
    others = [
        *(
            functools.partial(select.select_option, index=index)
            for select in root.locator("select:visible").all()
            for index, disabled in enumerate(
                select.locator("option").evaluate_all("all => all.map(o => o.disabled)")
            )
            if not disabled
        ),
        *(functools.partial(c.press, "End") for c in root.locator("[type=range]:visible").all()),
    ]
    for choose in [lambda: None, *others]:
        for name, control in list(still.items()):
            # Which controls are shown is settled by a drawing.
            root.evaluate(RESET, opened.start)
            opened.page.evaluate(DRAWN)
            choose()
            opened.page.evaluate(DRAWN)
            if control.is_visible() and control.is_enabled() and moves(opened, control):
                del still[name]
    assert set(still) == ALONE.get(opened.name, set())


def test_extremes_of_all_controls_are_drawn(opened):
    page, root = opened.page, opened.root
    for end in ("Home", "End"):
        for slider in root.locator("input[type=range]").all():
            if not slider.is_disabled():
                slider.focus()
                page.keyboard.press(end)
        page.wait_for_timeout(100)
        picture = root.locator(".qml-figure-view").inner_html()
        assert "NaN" not in picture and "undefined" not in picture and "Infinity" not in picture
        said = root.locator(".qml-figure-said").inner_text()
        assert len(said.split()) >= 4 and "NaN" not in said and "undefined" not in said
    assert opened.errors == []


def test_numbers_and_still_figure_stand_behind_it(opened):
    page, root, figure = opened.page, opened.root, opened.name
    # At some ends there is nothing to list.
    root.evaluate(RESET, opened.start)
    if opened.chapter in PLAIN:
        table = page.locator(f"[data-figure={figure}] + .pst-scrollable-table-container table")
        assert table.is_visible()
    else:
        cell = page.locator(f".cell_output:has([data-figure={figure}])")
        assert cell.locator("img.qml-figure-still").count() >= 1
        assert all(img.is_hidden() for img in cell.locator("img").all())
    root.locator(".qml-figure-numbers > summary").click()
    root.locator(".qml-figure-numbers table").first.wait_for()
    for table in root.locator(".qml-figure-numbers table").all():
        heads = table.locator("thead th").count()
        assert heads >= 2
        widths = table.locator("tbody tr").evaluate_all("all => all.map(r => r.children.length)")
        assert widths and set(widths) == {heads}


def test_a_library_that_does_not_come_leaves_the_still_figure(base, page):
    page.route("**/vendor/plot/*", lambda route: route.abort())
    page.goto(base + "book/trainability/barren_plateaus.html")
    page.locator("[data-figure]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure][data-state=failed]")
    assert page.locator(".cell_output:has([data-figure]) img").is_visible()


def test_pages_without_a_figure_load_no_library(base, page):
    asked = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(base + "book/glossary.html", wait_until="networkidle")
    assert not [url for url in asked if "figures/" in url or "vendor/plot" in url]
