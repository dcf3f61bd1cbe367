"""The draw of interview questions: the same again by its number, graded, kept, for everyone."""

import json
import re

import pytest
from accessible import THEMES, dressed, violations
from built import ROOT
from conftest import DRAWN

TEXT = (ROOT / "book" / "career" / "interview.md").read_text("utf-8")
NAMES = re.findall(r"^:::\{spoken\} (\S+)$", TEXT, re.M)
AREAS = {
    area: re.findall(r"^:::\{spoken\} (\S+)$", body, re.M)
    for area, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)
    if ":::{spoken}" in body
}
ADDRESS = "book/career/interview.html"


@pytest.fixture
def box(base, page):
    page.clock.install()
    page.goto(f"{base}{ADDRESS}?draw=7")
    page.wait_for_selector(".qml-interview[data-state=ready]")
    return page.locator(".qml-interview")


def titles(page, box):
    """Go through a draw by keys alone, giving 2, 4, 6, ... points, and return its questions."""
    found = []
    for k in range(5):
        found.append(box.locator(".qml-interview-stage h3").inner_text())
        assert page.evaluate("document.activeElement.tagName") == "H3"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert "Two points for each" in page.evaluate("document.activeElement.innerText")
        for _ in range(k + 1):
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
        grade = box.get_by_label("Your grade, 0 to 10")
        assert grade.input_value() == str(2 * (k + 1))
        grade.press("Enter")
    return found


def kept(page):
    return json.loads(page.evaluate("localStorage.getItem('qmlcourse.progress')"))["interview"]


def test_a_draw_is_graded_by_keys_kept_and_the_same_again(box, base, page):
    assert (
        f"None of the {len(NAMES)} questions" in box.locator(".qml-interview-record").inner_text()
    )
    box.get_by_role("button", name="Draw five").press("Enter")
    first = titles(page, box)
    assert len(set(first)) == 5
    assert "30 of 50 points" in box.locator(".qml-interview-said").inner_text()
    assert box.locator("tbody td").all_inner_texts() == ["2", "4", "6", "8", "10"]
    grades = kept(page)
    assert set(grades) <= set(NAMES) and [g["grade"] for g in grades.values()] == [2, 4, 6, 8, 10]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", g["on"]) for g in grades.values())
    page.reload()
    page.wait_for_selector(".qml-interview[data-state=ready]")
    record = box.locator(".qml-interview-record").inner_text()
    assert f"5 of {len(NAMES)} questions graded, mean 6.0" in record
    # The number stands in the address.
    assert box.get_by_label("Number of the draw").input_value() == "7"
    box.get_by_role("button", name="Draw five").press("Enter")
    assert titles(page, box) == first
    assert len(kept(page)) == 5


def test_another_number_draws_others_and_an_area_its_own(box, page):
    box.get_by_role("button", name="Draw five").click()
    first = box.locator(".qml-interview-stage h3").inner_text()
    seen = set()
    for number in range(1, 30):
        box.get_by_label("Number of the draw").fill(str(number))
        box.get_by_role("button", name="Draw five").click()
        seen.add(box.locator(".qml-interview-stage h3").inner_text())
    assert first in seen and len(seen) > 8
    for area, names in AREAS.items():
        box.get_by_label("Area").select_option(area)
        box.get_by_role("button", name="Draw five").click()
        said = box.locator(".qml-interview-said").inner_text()
        assert f"{min(5, len(names))} of {len(names)} questions" in said
        assert area in box.locator(".qml-quiz-number").inner_text()
    box.get_by_role("button", name="Draw another five").click()
    assert box.locator(".qml-interview-stage h3").is_visible()


def test_the_answer_is_hidden_until_it_is_asked_for_and_the_timer_stops(box, page):
    box.get_by_label("show a timer").check()
    box.get_by_role("button", name="Draw five").click()
    stage = box.locator(".qml-interview-stage")
    assert stage.locator(".qml-spoken, .qml-weak, .qml-follow-up").count() == 0
    page.clock.run_for(65_000)
    assert stage.get_by_role("timer").inner_text() == "1:05"
    stage.get_by_role("button", name="Show the answer").click()
    page.clock.run_for(65_000)
    assert stage.get_by_role("timer").inner_text() == "1:05"
    for part in ("spoken", "weak", "follow-up"):
        assert stage.locator(f".qml-{part}").is_visible()
    assert stage.get_by_role("checkbox").count() == 5
    # A copy has no address of its own, so that links lead to the page.
    ids = page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_without_the_timer_none_is_shown(box):
    box.get_by_role("button", name="Draw five").click()
    assert box.get_by_role("timer").count() == 0


def test_a_grade_outside_its_range_is_not_kept(box, page):
    box.get_by_role("button", name="Draw five").click()
    box.get_by_role("button", name="Show the answer").click()
    box.get_by_label("Your grade, 0 to 10").fill("11")
    box.get_by_role("button", name="Keep this grade").click()
    assert page.evaluate("localStorage.getItem('qmlcourse.progress')") is None
    assert box.locator(".qml-quiz-number").inner_text().startswith("Question 1")


@pytest.mark.parametrize("spoilt", ['{"interview": 3}', '{"interview": {"hhl": 7}}', "["])
def test_a_spoilt_storage_counts_as_no_grade(spoilt, base, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(f"localStorage.setItem('qmlcourse.progress', {json.dumps(spoilt)})")
    page.goto(base + ADDRESS)
    page.wait_for_selector(".qml-interview[data-state=ready]")
    assert "None of the" in page.locator(".qml-interview-record").inner_text()
    assert errors == []


def test_a_question_that_is_asked_can_be_used_by_everyone(box, page):
    page.evaluate(DRAWN)
    box.get_by_role("button", name="Draw five").click()
    box.get_by_role("button", name="Show the answer").click()
    for theme, rules in THEMES.items():
        dressed(page, theme)
        assert violations(page, rules, ".qml-interview") == {}


def test_without_scripts_every_answer_stands_there(base, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(base + ADDRESS)
        assert "Without scripts nothing is drawn" in page.locator(".qml-interview").inner_text()
        assert page.locator(".qml-spoken").count() == len(NAMES)
        assert page.locator(".qml-points li").count() == 5 * len(NAMES)


def test_a_number_leads_to_the_box_of_its_claim(base, page):
    page.goto(base + ADDRESS)
    link = page.locator(".qml-spoken a[href*='#claim-']").first
    target = link.get_attribute("href").split("#")[1]
    assert link.get_attribute("title")
    link.click()
    page.wait_for_url(f"**#{target}")
    assert page.locator(f"#{target}").inner_text()
