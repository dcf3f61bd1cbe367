"""Questions that come back, the list of all, the deck for Anki, wrap-ups and the exam on paper."""

import csv
import datetime
import json
import re
import sys

import pikepdf
import pytest
from accessible import THEMES, dressed, violations
from built import HTML, ROOT
from conftest import DRAWN
from figure import without_equations

sys.path.append(str(ROOT / "book" / "_ext"))
import course

ALL = {q.id: q for several in course.questions().values() for q in several}
PLACES = {q.id: name for name, several in course.questions().items() for q in several}
QUIZ = "kernels/quantum_kernels"
FIRST, SECOND, THIRD = (course.quiz(QUIZ)[k] for k in range(3))


@pytest.fixture
def at(page):
    """Set the day; the first one is a day on which something happened."""
    without_equations(page)

    def day(after):
        moment = datetime.datetime(2026, 12, 1, 10) + datetime.timedelta(days=after)
        page.clock.set_fixed_time(moment)

    day(0)
    return day


def store(page):
    return json.loads(page.evaluate("localStorage.getItem('qmlcourse.progress')"))


def keep(page, base, **parts):
    """Put something into the storage, as if it had been there before."""
    page.goto(base + "404.html")
    page.evaluate("v => localStorage.setItem('qmlcourse.progress', v)", json.dumps(parts))


def review(page, base):
    page.goto(base + "book/review.html")
    page.locator(".qml-review-state").wait_for()
    return page.locator(".qml-review-state").inner_text()


def choose(page, question, right=True):
    """Answer the question that is asked, which must be this one, by keys alone."""
    shown = page.locator(".qml-review .qml-question")
    assert plain(question.text) in words(shown.locator("#qml-asked").inner_text())
    place = question.right if right else (question.right + 1) % len(question.options)
    shown.locator("input").nth(place).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")


def words(text):
    return " ".join(text.split())


def plain(text):
    """Return the first words of a text, up to its first formula or quotation mark."""
    return words(re.split(r"[$`*\"']", text)[0])


def test_an_answer_in_a_quiz_comes_back_after_1_3_7_and_21_days_and_then_rests(base, page, at):
    page.goto(f"{base}book/{QUIZ}.html")
    page.locator(f"[data-question='{FIRST.id}'] label").first.click()
    assert "Nothing is due today." in review(page, base)
    assert page.locator(".qml-review form").is_hidden()
    day = 0
    for wait in (1, 3, 7, 21):
        at(day + wait - 1)
        assert "For a later day: 1." in review(page, base)
        assert page.locator(".qml-review form").is_hidden()
        day += wait
        at(day)
        assert review(page, base).startswith("Due today: 1.")
        choose(page, FIRST)
        said = page.locator(".qml-review .qml-quiz-said").inner_text()
        assert said.startswith("Right:")
    assert "for the last time" in said
    at(day + 1000)
    assert "Nothing is due today. For a later day: 0. Back for the last time: 1." in review(
        page, base
    )


def test_a_wrong_answer_goes_back_to_the_first_step_and_counts_once(base, page, at):
    kept = {"answer": FIRST.answer, "step": 2, "due": "2026-12-01"}
    keep(page, base, review={FIRST.id: kept})
    assert review(page, base).startswith("Due today: 1.")
    choose(page, FIRST, right=False)
    form = page.locator(".qml-review form")
    assert form.locator(".qml-quiz-said").inner_text().startswith("Not right:")
    assert "Wednesday 2 December" in form.locator(".qml-quiz-said").inner_text()
    # Both reasons are shown: of the choice, and of what is right.
    reasons = [answer.inner_text() for answer in form.locator(".qml-answer:visible").all()]
    assert sorted(reason.split(".")[0] for reason in reasons) == ["No", "Right"]
    assert form.locator(".qml-quiz-again a").is_visible()
    after = {"answer": FIRST.answer, "step": 0, "due": "2026-12-02"}
    assert store(page)["review"] == {FIRST.id: after}
    # Another choice can't make it good: only the own one is left.
    assert form.locator("input:enabled").count() == 1
    form.get_by_role("button", name="Go on").click()
    assert form.is_hidden() and store(page)["review"] == {FIRST.id: after}


def test_the_focus_goes_on_with_the_questions(base, page, at):
    kept = {q.id: {"answer": q.answer, "step": 0, "due": "2026-11-30"} for q in (FIRST, SECOND)}
    keep(page, base, review=kept)
    assert review(page, base).startswith("Due today: 2.")
    active = "document.activeElement"
    choose(page, FIRST)
    button = page.locator(".qml-review button")
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(f"{active}.type") == "radio"
    # Without a choice nothing happens.
    button.press("Enter")
    assert page.locator(".qml-review .qml-quiz-said").inner_text() == ""
    choose(page, SECOND, right=False)
    button.press("Enter")
    assert page.evaluate(f"{active}.className") == "qml-review-state"
    assert page.evaluate(f"{active}.getAttribute('role')") == "status"


def test_the_longest_waiting_comes_first_and_a_choice_in_a_quiz_changes_no_date(base, page, at):
    dates = {"2026-11-30": FIRST, "2026-11-02": SECOND, "2026-12-05": THIRD}
    kept = {q.id: {"answer": q.answer, "step": 1, "due": due} for due, q in dates.items()}
    keep(page, base, review=kept)
    page.goto(f"{base}book/{QUIZ}.html")
    page.locator(f"[data-question='{THIRD.id}'] label").first.click()
    assert store(page)["review"] == kept
    state = review(page, base)
    assert state.startswith("Due today: 2. For a later day: 1.")
    choose(page, SECOND)


@pytest.mark.parametrize("spoilt", ["[]", "{", '{"review": [3]}', '{"review": {"%s": 7}}'])
def test_what_is_no_record_counts_as_never_met(spoilt, base, page, at):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    text = spoilt.replace("%s", FIRST.id)
    page.add_init_script(f"localStorage.setItem('qmlcourse.progress', {json.dumps(text)})")
    assert "none of the" in review(page, base)
    assert errors == []


def test_history_survives_a_changed_course(base, page, at):
    """What was removed is dropped; what has another right answer begins anew, at once."""
    changed = {"answer": "00000000", "step": 3, "due": "2026-12-20"}
    same = {"answer": SECOND.answer, "step": 3, "due": "2026-12-20"}
    kept = {FIRST.id: changed, SECOND.id: same, "removed-long-ago": same}
    keep(page, base, review=kept)
    assert review(page, base).startswith("Due today: 1. For a later day: 1.")
    assert store(page)["review"] == {FIRST.id: changed, SECOND.id: same}
    choose(page, FIRST)
    after = {"answer": FIRST.answer, "step": 1, "due": "2026-12-04"}
    assert store(page)["review"] == {FIRST.id: after, SECOND.id: same}


def test_a_quiz_keeps_a_choice_while_the_right_answer_is_the_same(base, page, at):
    chosen = {"chosen": SECOND.right, "right": True}
    # By the text, as older records have it; with the mark of today's answer; with another.
    kept = {
        FIRST.was: {"chosen": FIRST.right, "right": True},
        SECOND.id: {**chosen, "answer": SECOND.answer},
        THIRD.id: {"chosen": THIRD.right, "right": True, "answer": "00000000"},
    }
    keep(page, base, quiz={QUIZ: kept})
    page.goto(f"{base}book/{QUIZ}.html")
    assert page.locator(".qml-quiz-total").inner_text().startswith("2 of")
    ticked = [page.locator(f"[data-question='{q.id}'] :checked") for q in (FIRST, SECOND, THIRD)]
    assert [one.count() for one in ticked] == [1, 1, 0]
    # A new choice takes the older record's place, so that the checklist counts it once.
    page.locator(f"[data-question='{FIRST.id}'] label").nth(FIRST.right).click()
    page.locator(f"[data-question='{FIRST.id}'] label").nth(1 - min(FIRST.right, 1)).click()
    assert FIRST.was not in store(page)["quiz"][QUIZ] and FIRST.id in store(page)["quiz"][QUIZ]


def test_progress_in_a_file_has_the_dates_too(base, page, at):
    kept = {FIRST.id: {"answer": FIRST.answer, "step": 2, "due": "2026-12-05"}}
    keep(page, base, review=kept)
    page.goto(base + "book/checklist.html")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    text = download.value.path().read_text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").click()
    assert store(page).get("review", {}) == {}
    page.locator("input[type=file]").set_input_files(
        files=[{"name": "x", "mimeType": "", "buffer": text.encode()}]
    )
    page.wait_for_selector("text=shows what the file holds")
    assert store(page)["review"] == kept


def test_what_is_asked_can_be_used_by_everyone(base, page, at):
    """The pages with a question asked, answered wrongly, and an exam with answers: axe."""

    def found(rules):
        page.evaluate(DRAWN)
        return violations(page, rules, ".qml-review, .qml-exam")

    # With equations, which the fixture leaves out.
    page.unroute_all()
    for theme, rules in THEMES.items():
        keep(
            page, base, review={FIRST.id: {"answer": FIRST.answer, "step": 0, "due": "2026-12-01"}}
        )
        review(page, base)
        dressed(page, theme)
        assert found(rules) == {}
        choose(page, FIRST, right=False)
        assert found(rules) == {}
        exam(page, base, 7)
        page.get_by_role("button", name="Show the answers").click()
        assert found(rules) == {}


def test_without_scripts_all_questions_stand_there_with_folded_answers(base, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(base + "book/self_exam.html")
        assert "Without scripts no exam" in page.locator(".qml-exam").inner_text()
        page.locator(".qml-exam a").click()
        page.wait_for_url("**/review.html")
        assert "Without scripts nothing" in page.locator(".qml-review").inner_text()
        ids = page.eval_on_selector_all(
            ".qml-bank [data-question]", "all => all.map(q => q.dataset.question)"
        )
        assert ids == list(ALL)
        fold = page.locator(".qml-fold").last
        question = fold.locator(".qml-question").last
        assert question.is_hidden()
        fold.locator("summary").first.click()
        last = ALL[ids[-1]]
        assert plain(last.text) in words(question.inner_text())
        answers = question.locator(".qml-answer")
        assert answers.locator("p:visible").count() == 0
        answers.nth(last.right).locator("summary").click()
        assert answers.nth(last.right).locator("p").inner_text().startswith("Right.")


def test_every_question_leads_to_what_it_is_about(base, page):
    without_equations(page)
    page.goto(base + "book/review.html")
    links = page.evaluate("""Object.fromEntries(
        [...document.querySelectorAll(".qml-bank [data-question]")].map(q => [q.dataset.question,
            [...q.querySelectorAll(".qml-quiz-again a")].map(a => a.getAttribute("href"))]))""")
    for id, question in ALL.items():
        found = links[id]
        assert [link.split(".html")[0] for link in found] == list(question.about)
        assert all(("#" in link) == bool(question.section) for link in found)


def notes():
    """Read the deck as Anki does: header lines, then a note a line."""
    lines = (HTML / "qmlcourse-anki.txt").read_text("utf-8").split("\n")
    head = dict(line[1:].split(":", 1) for line in lines if line.startswith("#"))
    body = [line for line in lines if line and not line.startswith("#")]
    names = head["columns"].split("\t")
    rows = list(csv.reader(body, delimiter="\t", strict=True))
    assert all(len(row) == len(names) for row in rows)
    return head, [dict(zip(names, row, strict=True)) for row in rows]


def test_the_deck_holds_every_question_under_an_identity_that_stays(base, page):
    head, rows = notes()
    assert head["separator"] == "tab" and head["html"] == "true" and head["notetype"] == "Basic"
    names = head["columns"].split("\t")
    columns = {"guid column": "guid", "deck column": "deck", "tags column": "tags"}
    assert {key: names[int(head[key]) - 1] for key in columns} == columns
    assert [row["guid"] for row in rows] == [f"{q.id}-{q.answer}" for q in ALL.values()]
    captions = {chapters[0].part for chapters in course.parts().values()} | {"Introduction"}
    assert {row["deck"].split("::")[1] for row in rows} == captions
    for row, (id, question) in zip(rows, ALL.items(), strict=True):
        assert row["tags"] == PLACES[id].replace("/", "::")
        assert plain(question.text) in row["Front"].replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        assert row["Front"].count('class="qml-letter"') == len(question.options)
        # The right answer first, then what is wrong with the others.
        assert row["Back"].startswith(f"<p><b>{'ABCD'[question.right]}.</b> <strong>Right.")
        assert row["Back"].count("<strong>No.") == len(question.options) - 1
        for link in re.findall(r'href="([^"]*)"', row["Back"]):
            assert (HTML / link.split("/qmlcourse/")[1]).is_file()
        # Formulas as Anki draws them; no picture, no link into the site.
        assert "<img" not in row["Front"] + row["Back"] and 'href="#' not in row["Front"]
        assert (r"\(" in row["Front"]) == ("$" in question.text + str(question.options)) or (
            "$" not in question.text + "".join(o["text"] for o in question.options)
        )
    page.goto(base + "book/review.html")
    with page.expect_download() as download:
        page.locator(".qml-deck a").click()
    assert download.value.suggested_filename == "qmlcourse-anki.txt"
    assert f"The {len(ALL)} questions" in page.locator(".qml-deck").inner_text()


@pytest.mark.parametrize("part", course.parts())
def test_a_part_ends_with_its_wrap_up(part, base, page, at):
    page.goto(f"{base}book/{course.parts()[part][-1].name}.html")
    page.locator(".qml-part-end a").click()
    page.wait_for_url(f"**/wrap_ups.html#{part}")
    quiz = page.locator(f"[data-quiz='wrap_ups/{part}']")
    asked = course.wrap_up(part)
    ids = quiz.locator("[data-question]").evaluate_all("all => all.map(q => q.dataset.question)")
    assert ids == [question.id for question in asked]
    assert len(page.locator(f"#{part} h2").inner_text()) > 3
    last = quiz.locator(".qml-question").last
    last.locator("label").nth(asked[-1].right).click()
    assert last.locator(".qml-answer:visible").inner_text().startswith("Right.")
    # It comes back as any other.
    assert store(page)["review"][asked[-1].id]["due"] == "2026-12-02"


def test_only_the_last_chapter_of_a_part_ends_it(base, page):
    page.goto(f"{base}book/{course.parts()['kernels'][0].name}.html")
    assert page.locator(".qml-part-end").count() == 0


def exam(page, base, number):
    page.goto(f"{base}book/self_exam.html?number={number}")
    page.locator(".qml-exam[data-state=ready]").wait_for()


def sheet(page):
    """Return the texts of the questions on the sheet."""
    shown = page.locator(".qml-exam-sheet > ol > li")
    return [words(text) for text in shown.all_inner_texts()]


def test_a_number_draws_the_same_exam_again_over_the_whole_course(base, page):
    exam(page, base, 7)
    first = sheet(page)
    assert len(first) == len(set(first)) == 30
    page.get_by_label("Number of the exam").fill("8")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Exam 8: answers", state="attached")
    page.evaluate(DRAWN)
    assert page.url.endswith("?number=8")
    assert sheet(page) != first
    exam(page, base, 7)
    assert sheet(page) == first
    page.get_by_role("button", name="Draw another").click()
    number = page.get_by_label("Number of the exam").input_value()
    assert page.url.endswith(f"?number={number}") and 1 <= int(number) <= 9999
    assert f"Exam {number}: 30 questions" in page.locator(".qml-exam [role=status]").inner_text()


@pytest.mark.parametrize("address", ["", "?number=0", "?number=12345", "?number=x7"])
def test_an_address_without_a_number_draws_some_exam(address, base, page):
    page.goto(f"{base}book/self_exam.html{address}")
    page.locator(".qml-exam[data-state=ready]").wait_for()
    assert len(sheet(page)) == 30 and re.search(r"\?number=[1-9]\d{0,3}$", page.url)


DRAW = """async ([base, numbers, questions]) => {
    const { draw } = await import(`${base}_static/course/lots.js`);
    return numbers.map((n) => draw(n, questions).map((q) => q.id));
}"""


def test_an_exam_is_even_over_the_course_and_stays_when_the_course_grows(base, page):
    exam(page, base, 1)
    questions = [{"id": id, "from": PLACES[id]} for id in ALL]
    numbers = list(range(1, 1501))
    drawn = page.evaluate(DRAW, [base, numbers, questions])
    count, quizzes = dict.fromkeys(ALL, 0), list(course.questions())
    asked = dict.fromkeys(quizzes, 0)
    for ids in drawn:
        assert len(set(ids)) == 30
        assert [PLACES[id] for id in ids] == sorted((PLACES[id] for id in ids), key=quizzes.index)
        # No quiz is asked two times more than another; with more quizzes than places, some rest.
        times = [sum(PLACES[id] == name for id in ids) for name in quizzes]
        assert max(times) - min(times) <= 1
        for name, often in zip(quizzes, times, strict=True):
            asked[name] += often
        for id in ids:
            count[id] += 1
    # Which quizzes have one question less is drawn too, so none stays behind.
    assert min(asked.values()) > 0.85 * max(asked.values())
    # Within a quiz all questions have the same chance; 1,500 exams show it to less than a tenth.
    for name, several in course.questions().items():
        shares = [count[q.id] for q in several]
        assert min(shares) > 0.6 * max(shares), (name, shares)
    # A question more changes one place of an exam at most: whom it displaces, or nobody.
    more = [*questions, {"id": "a-new-one", "from": QUIZ}]
    for before, after in zip(drawn, page.evaluate(DRAW, [base, numbers, more]), strict=True):
        assert len(set(before) - set(after)) <= 1


def test_the_answers_are_right_and_folded_on_the_screen(base, page):
    exam(page, base, 7)
    answers = page.locator(".qml-exam-answers")
    button = page.get_by_role("button", name="Show the answers")
    assert answers.is_hidden() and button.get_attribute("aria-expanded") == "false"
    button.press("Enter")
    assert answers.is_visible()
    button = page.get_by_role("button", name="Hide the answers")
    assert button.get_attribute("aria-expanded") == "true"
    drawn = page.evaluate(DRAW, [base, [7], [{"id": id, "from": PLACES[id]} for id in ALL]])[0]
    rows = answers.locator("ol > li").all_inner_texts()
    assert len(rows) == 30
    for id, row in zip(drawn, rows, strict=True):
        question = ALL[id]
        assert row.startswith(f"{'ABCD'[question.right]}. ")
        assert plain(question.options[question.right]["feedback"]) in words(row).replace(
            "\N{RIGHT SINGLE QUOTATION MARK}", "'"
        )
    button.press("Enter")
    assert answers.is_hidden()


def test_paper_has_the_exam_and_its_answers_on_sheets_of_their_own(base, page, tmp_path):
    exam(page, base, 7)
    page.evaluate(DRAWN)
    page.emulate_media(media="print")
    for gone in (".qml-exam-bar", "article h1", "article section > p", ".bd-sidebar-primary"):
        for element in page.locator(gone).all():
            assert element.is_hidden() or element.evaluate("e => !!e.closest('.qml-exam-sheet')")
    assert page.locator(".qml-exam-answers").is_visible()
    assert page.locator(".qml-exam-sheet li").first.is_visible()
    path = tmp_path / "exam.pdf"
    page.pdf(path=path, format="A4", tagged=True, outline=True)
    with pikepdf.open(path) as pdf, pdf.open_outline() as outline:
        pages = [p.obj.objgen for p in pdf.pages]

        def found(item):
            yield item.title, item.destination
            for child in item.children:
                yield from found(child)

        places = {title: to for item in outline.root for title, to in found(item)}
        (sheet_to,) = (to for title, to in places.items() if title == "Exam 7: 30 questions")
        (answers_to,) = (to for title, to in places.items() if title == "Exam 7: answers")
        first, later = (pages.index(to[0].objgen) for to in (sheet_to, answers_to))
        assert first == 0 < later < len(pages)
        # At the top of its page: A4 is 842 points high.
        assert float(answers_to[3]) > 750
        assert len(pages) <= 16


def test_questions_that_do_not_come_are_told(base, page):
    page.route("**/review.html", lambda route: route.abort())
    page.goto(base + "book/self_exam.html")
    page.wait_for_selector("text=could not be loaded")
    assert page.locator(".qml-exam-bar").count() == 0
