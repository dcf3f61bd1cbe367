"""Slides in Chromium: reveal.js starts without a network, and nothing leaves a slide."""

import pytest
import slides

MEASURE = """() => Reveal.getSlides().map((slide, k) => {
  Reveal.slide(k);
  const inside = [...slide.querySelectorAll("*")].filter(e => !e.closest(".where"));
  const boxes = inside.map(e => e.getBoundingClientRect()).filter(b => b.width > 0);
  const broken = [...slide.querySelectorAll("img")].filter(i => !i.naturalWidth).length;
  return [slide.querySelector("h2").innerText, broken, Math.max(...boxes.map(b => b.bottom)),
          Math.min(...boxes.map(b => b.left)), Math.max(...boxes.map(b => b.right))];
})"""
WIDE, HIGH, FOOT = 1280, 720, 24


@pytest.mark.parametrize("name", slides.core())
def test_nothing_leaves_a_slide(browser, name, tmp_path):
    made = slides.deck(name)
    path = tmp_path / "deck.html"
    path.write_text(slides.page(made), "utf-8")
    page = browser.new_page(viewport={"width": WIDE, "height": HIGH})
    asked, errors = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    found = page.evaluate(MEASURE)
    page.close()
    assert errors == [] and [url for url in asked if not url.startswith(("data:", "file:"))] == []
    assert len(found) == len(made.slides)
    for title, broken, bottom, left, right in found:
        assert broken == 0 and bottom <= HIGH - FOOT and left >= 0 and right <= WIDE, title
