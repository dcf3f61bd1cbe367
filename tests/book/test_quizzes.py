"""The quizzes: whole, fair to the reader, and right: what can be computed is computed."""

import re

import catalog
import chapters
import pytest
import yaml

QUIZZES = {
    name: yaml.safe_load((chapters.BOOK / "quizzes" / f"{name}.yml").read_text("utf-8"))
    for name in chapters.NAMES
}
# A part's own questions, which join two chapters.
WRAP_UPS = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))
    for path in sorted((chapters.BOOK / "wrap_ups").glob("*.yml"))
}
PARTS = {part.chapters[0].split("/")[0]: part.chapters for part in catalog.parts()}


def cases(quizzes):
    return [
        pytest.param(name, question, id=f"{name}-{k}")
        for name, quiz in quizzes.items()
        for k, question in enumerate(quiz, 1)
    ]


JOINING = cases(WRAP_UPS)
QUESTIONS = [*cases(QUIZZES), *JOINING]


def test_a_quiz_is_short():
    assert all(3 <= len(quiz) <= 6 for quiz in QUIZZES.values())


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_a_question_has_one_right_option_and_an_answer_to_each(name, question):
    place = "joins" if name in WRAP_UPS else "section"
    assert set(question) - {"check"} == {"id", "question", "options", place}
    assert re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", question["id"])
    options = question["options"]
    assert 3 <= len(options) <= 4
    assert all(set(option) <= {"text", "right", "feedback"} for option in options)
    assert [option["right"] for option in options if "right" in option] == [True]
    texts = [" ".join(option["text"].split()) for option in options]
    answers = [" ".join(option["feedback"].split()) for option in options]
    assert len(set(texts)) == len(texts) and len(set(answers)) == len(answers)
    # An answer says why; a bare verdict teaches nothing.
    assert all(len(answer.split()) >= 8 for answer in answers), answers
    if place == "section":
        headings = re.findall(r"^#+ (.+)$", chapters.prose(chapters.committed(name)), re.M)
        assert question["section"] in headings


def test_every_part_has_two_questions_of_its_own():
    assert WRAP_UPS.keys() == PARTS.keys()
    assert all(len(questions) >= 2 for questions in WRAP_UPS.values())


@pytest.mark.parametrize(("part", "question"), JOINING)
def test_a_question_of_a_part_joins_two_chapters_that_were_read_by_then(part, question):
    first, second = question["joins"]
    order = ["intro", *(name for several in PARTS.values() for name in several)]
    end = order.index(PARTS[part][-1])
    assert order.index(first) < order.index(second) <= end
    assert {first, second} & set(PARTS[part])
    assert "check" in question


def test_the_right_option_has_no_favourite_place():
    places = [
        k
        for quiz in [*QUIZZES.values(), *WRAP_UPS.values()]
        for question in quiz
        for k, option in enumerate(question["options"])
        if option.get("right")
    ]
    counts = [places.count(k) for k in range(3)]
    assert min(counts) >= len(places) / 8 and max(counts) <= len(places) / 2, counts


@pytest.mark.parametrize(
    ("name", "check"),
    [
        pytest.param(place.values[0], place.values[1]["check"], id=place.id)
        for place in QUESTIONS
        if "check" in place.values[1]
    ],
)
def test_what_a_question_says_is_so(name, check, monkeypatch):
    monkeypatch.chdir(chapters.BOOK)
    assert "assert" in check
    exec(compile(check, name, "exec"), {"__name__": "check"})


def test_most_questions_are_checked():
    checked = [place for place in QUESTIONS if "check" in place.values[1]]
    assert len(checked) >= 0.9 * len(QUESTIONS)
