"""The quizzes: whole, fair to the reader, and right: what can be computed is computed."""

import re

import chapters
import pytest
import yaml

QUIZZES = {
    name: yaml.safe_load((chapters.BOOK / "quizzes" / f"{name}.yml").read_text("utf-8"))
    for name in chapters.NAMES
}
QUESTIONS = [
    pytest.param(name, question, id=f"{name}-{k}")
    for name, quiz in QUIZZES.items()
    for k, question in enumerate(quiz, 1)
]


def test_a_quiz_is_short():
    assert all(3 <= len(quiz) <= 6 for quiz in QUIZZES.values())


@pytest.mark.parametrize(("name", "question"), QUESTIONS)
def test_a_question_has_one_right_option_and_an_answer_to_each(name, question):
    assert set(question) <= {"question", "options", "section", "check"}
    options = question["options"]
    assert 3 <= len(options) <= 4
    assert all(set(option) <= {"text", "right", "feedback"} for option in options)
    assert [option["right"] for option in options if "right" in option] == [True]
    texts = [" ".join(option["text"].split()) for option in options]
    answers = [" ".join(option["feedback"].split()) for option in options]
    assert len(set(texts)) == len(texts) and len(set(answers)) == len(answers)
    # An answer says why; a bare verdict teaches nothing.
    assert all(len(answer.split()) >= 8 for answer in answers), answers
    headings = re.findall(r"^#+ (.+)$", chapters.prose(chapters.committed(name)), re.M)
    assert question["section"] in headings


def test_the_right_option_has_no_favourite_place():
    places = [
        k
        for quiz in QUIZZES.values()
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
