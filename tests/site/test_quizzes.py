"""The quizzes in a browser: each choice is answered, by pointer and keys, and remembered."""

import re

import pytest
import yaml
from built import CHAPTERS, ROOT
from figure import without_equations

QUIZZES = {
    name: yaml.safe_load((ROOT / "book" / "quizzes" / f"{name}.yml").read_text("utf-8"))
    for name in CHAPTERS
}


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_choice_is_answered(name, base, page):
    quiz = QUIZZES[name]
    without_equations(page)
    page.goto(f"{base}book/{name}.html")
    questions = page.locator(".qml-question")
    assert questions.count() == len(quiz)
    assert page.locator(".qml-answer[open]").count() == 0
    total = page.locator(".qml-quiz-total")
    for k, question in enumerate(quiz):
        shown = questions.nth(k)
        assert shown.locator(".qml-option").count() == len(question["options"])
        # The right one last: it must win over the wrong ones tried before.
        order = sorted(
            range(len(question["options"])), key=lambda n: "right" in question["options"][n]
        )
        for place in order:
            option, wanted = shown.locator(".qml-option").nth(place), question["options"][place]
            option.locator("label").click()
            answers = shown.locator(".qml-answer:visible")
            assert answers.count() == 1
            text = option.locator(".qml-answer p").inner_text()
            right = bool(wanted.get("right"))
            assert text.startswith("Right. " if right else "No. ")
            # Plain words of the feedback, those without marks of formulas and code.
            plain = re.sub(r"\$.*?\$|`.*?`", "", wanted["feedback"], flags=re.S)
            words = [w for w in plain.split() if w.isalpha()]
            assert all(w in text for w in words)
            said = shown.locator(".qml-quiz-said").inner_text()
            assert said.startswith("Right:" if right else "Not right:")
            assert shown.locator(".qml-quiz-again").is_visible() != right
        assert total.inner_text() == f"{k + 1} of {len(quiz)} right."
    again = questions.first.locator(".qml-quiz-again a")
    assert page.locator(again.get_attribute("href")).count() == 1


def test_arrow_keys_choose_and_the_browser_remembers(base, page):
    name = "kernels/quantum_kernels"
    without_equations(page)
    page.goto(f"{base}book/{name}.html")
    first = page.locator(".qml-question").first
    first.locator("input").first.focus()
    page.keyboard.press("Space")
    assert first.locator(".qml-answer:visible").count() == 1
    page.keyboard.press("ArrowDown")
    assert first.locator("input").nth(1).is_checked()
    chosen = first.locator(".qml-option").nth(1).locator(".qml-answer")
    assert chosen.is_visible() and first.locator(".qml-answer:visible").count() == 1
    page.reload()
    assert chosen.is_visible() and first.locator("input").nth(1).is_checked()
    for question, shown in zip(QUIZZES[name], page.locator(".qml-question").all(), strict=True):
        (place,) = (k for k, option in enumerate(question["options"]) if option.get("right"))
        shown.locator("input").nth(place).check()
    page.goto(base + "book/checklist.html")
    count = page.locator(f"[data-count=quiz][data-page='{name}']")
    assert count.inner_text() == f"{len(QUIZZES[name])} of {len(QUIZZES[name])}"
    page.go_back()
    page.get_by_role("button", name="Start again").click()
    assert page.locator(".qml-question input:checked").count() == 0
    assert page.locator(".qml-quiz-total").inner_text().startswith("0 of")
    assert page.evaluate("document.activeElement.type") == "radio"
