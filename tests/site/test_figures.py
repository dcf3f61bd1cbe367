"""What every interactive figure has: controls with names, keys that move them, numbers, a still."""

import pytest
from built import CHAPTERS, HTML
from figure import ready

FIGURES = {
    "advantage-ledger", "states", "encodings", "fourier", "shots", "kernel", "variance", "folding",
    "race", "hhl", "crossover", "truncation-error", "expressibility-depth", "device-cost",
    "dissociation", "qaoa-landscape", "annealing-gap", "mmd-bandwidth",
    "shadow-error", "skills-map", "run-budget", "framework-chooser",
    "drift-detector",
}  # fmt: skip
# Pages that no notebook makes: a table stands where a notebook has its still figure.
PLAIN = ["career/role"]
PLACES = [
    pytest.param(name, figure, id=figure)
    for name in [*CHAPTERS, *PLAIN]
    for figure in sorted(FIGURES)
    if f'data-figure="{figure}"' in (HTML / "book" / f"{name}.html").read_text()
]


def opened(page, base, name, figure):
    page.goto(f"{base}book/{name}.html")
    return ready(page, figure)


def test_the_figures_are_where_they_belong():
    assert {place.values[1] for place in PLACES} == FIGURES and len(PLACES) == len(FIGURES)


@pytest.mark.parametrize(("name", "figure"), PLACES)
def test_keys_move_every_control_and_the_picture_with_it(name, figure, base, page):
    root = opened(page, base, name, figure)
    assert root.locator("svg").first.is_visible()
    controls = root.locator(".qml-figure-controls :is(input, select, button)")
    assert controls.count() >= 2
    names = [c.evaluate("c => c.labels?.[0]?.textContent || c.textContent") for c in controls.all()]
    assert all(names) and len(set(names)) > 1
    moved = 0
    state = "r => r.querySelector('.qml-figure-view').innerHTML + r.innerText"
    for control in controls.all():
        if control.is_disabled() or control.evaluate("c => c.tagName") == "BUTTON":
            continue
        before = root.evaluate(state)
        control.focus()
        kind = control.evaluate("c => c.type")
        for key in {"checkbox": ["Space"], "select-one": ["ArrowDown", "ArrowUp"]}.get(
            kind, ["ArrowRight", "ArrowLeft"]
        ):
            # At the end of its range a control moves the other way only.
            value = control.evaluate("c => c.type === 'checkbox' ? c.checked : c.value")
            page.keyboard.press(key)
            if control.evaluate("c => c.type === 'checkbox' ? c.checked : c.value") != value:
                break
        page.wait_for_timeout(60)
        moved += root.evaluate(state) != before
    assert moved >= 1


@pytest.mark.parametrize(("name", "figure"), PLACES)
def test_extremes_of_all_controls_are_drawn(name, figure, base, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    root = opened(page, base, name, figure)
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
    assert errors == []


@pytest.mark.parametrize(("name", "figure"), PLACES)
def test_numbers_and_still_figure_stand_behind_it(name, figure, base, page):
    root = opened(page, base, name, figure)
    if name in PLAIN:
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
