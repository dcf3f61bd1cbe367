"""What all questions share: an id that stays, and a mark of what was right."""

import sys

import catalog
import chapters
import pytest
import yaml

sys.path.append(str(chapters.BOOK / "_ext"))
import course

TEXT = """
- id: {id}
  question: {question}
  options:
    - text: "{wrong}"
    - {{text: "{right}", right: true}}
  section: {section}
"""
FIRST = {"id": "a", "question": "Is it?", "wrong": "No", "right": "Yes, it is", "section": "Idea"}


def read(path, **change):
    """Read a quiz of one question."""
    path.write_text(TEXT.format(**FIRST | change))
    (question,) = course._questions(path, ("kernels/first",))
    return question


def test_every_question_has_an_id_of_its_own():
    files = [*chapters.BOOK.glob("quizzes/**/*.yml"), *chapters.BOOK.glob("wrap_ups/*.yml")]
    lacking = [
        f"{file.name}: {entry['question'][:60]!r} needs an id: words that no other question has"
        for file in files
        for entry in yaml.safe_load(file.read_text("utf-8"))
        if "id" not in entry
    ]
    assert lacking == []
    ids = [question.id for several in course.questions().values() for question in several]
    assert sorted(set(ids)) == sorted(ids)
    assert len(ids) >= 80


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        ({"question": "Is it so?"}, False),
        ({"wrong": "Not at all"}, False),
        ({"section": "Another"}, False),
        ({"right": "Yes,  it\\n is"}, False),
        ({"right": "No, it is not"}, True),
    ],
)
def test_a_question_begins_anew_when_its_right_answer_changed(change, anew, tmp_path):
    before, after = read(tmp_path / "q.yml"), read(tmp_path / "q.yml", **change)
    assert after.id == before.id
    assert (after.answer != before.answer) == anew


def test_a_question_without_an_id_goes_by_its_text(tmp_path):
    path = tmp_path / "q.yml"
    path.write_text(TEXT.format(**FIRST).replace("id: a\n  ", ""))
    (question,) = course._questions(path, ())
    assert question.id == question.was == read(path, question="Is it?").was
    assert question.was != read(path, question="Is it so?").was


def test_the_list_has_all_questions_in_the_order_of_the_course():
    found = course.questions()
    order = [name for name in found if not name.startswith("wrap_ups/")]
    assert order == ["intro", *(name for part in catalog.parts() for name in part.chapters)]
    for name in order:
        raw = yaml.safe_load(course.quiz_file(name).read_text("utf-8"))
        assert [question.text for question in found[name]] == [q["question"] for q in raw]
    # Each part's own come after its last chapter.
    names = list(found)
    for part, several in course.parts().items():
        assert names.index(f"wrap_ups/{part}") == names.index(several[-1].name) + 1


def test_a_wrap_up_asks_of_each_chapter_and_joins_two():
    for part, several in course.parts().items():
        asked = course.wrap_up(part)
        for chapter in several:
            assert sum(question.about == (chapter.name,) for question in asked) == 2
        joins = [question for question in asked if len(question.about) == 2]
        assert asked[-len(joins) :] == course.joining(part) == joins
