"""Wrong answers made by machine: what is planted, and that a sample of it loses points."""

import ast

import pytest
from planted import planted
from wrong_answers import EQUIVALENT, attempt, everything, named, solved, wrong

from qmlcourse.grading.exercise import names

SOURCE = '''
def mean(values, shots, *, rng, level=0.95):
    """Return a mean, at level 0.95."""
    total = 0
    for value in values:
        total += value
    noise = rng.binomial(shots, 0.5)
    return total / len(values) + noise
'''


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("argument ignored", "+ shots = 40"),
        ("argument ignored", "+ rng = np.random.default_rng(0)"),
        ("constant", "- def mean(values, shots, *, rng, level=0.95):\n"
         "+ def mean(values, shots, *, rng, level=0.9):"),
        ("term dropped", "- return total / len(values) + noise\n+ return total / len(values)"),
        ("operator", "- total += value\n+ total -= value"),
        ("loop cut", "- for value in values:\n+ for value in list(values)[:1]:"),
        ("law", "- noise = rng.binomial(shots, 0.5)\n+ noise = shots * 0.5"),
        ("statement dropped", "- total += value\n+ pass"),
    ],
)  # fmt: skip
def test_defects_are_planted_one_at_a_time(kind, change):
    seen = {"mean": {"shots": ["40"], "rng": ["np.random.default_rng(0)"]}}
    made = planted(SOURCE, seen)
    assert change in [answer.change for answer in made if answer.kind == kind]
    assert len({answer.source for answer in made}) == len(made)
    # A text for readers is not what is tried.
    assert all("at level 0.95" in ast.get_docstring(ast.parse(a.source).body[0]) for a in made)


@pytest.mark.parametrize("name", names())
def test_what_is_named_as_right_is_still_made(name):
    for question, change in named(name):
        assert change in [answer.change for answer in wrong(name, question)], change


def test_each_list_belongs_to_an_exercise_and_gives_reasons():
    assert {path.stem for path in EQUIVALENT.glob("*.toml")} <= set(names())
    assert all(reason.strip() for name in names() for reason in named(name).values())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "question"), list(everything(names(), None)))
def test_a_sample_of_wrong_answers_loses_points(name, question):
    """The whole run is `nox -s wrong_answers`; the sample is the same each time."""
    assert len(wrong(name, question)) > 10 and question in solved(name)[2]
    passed = attempt(name, question, every=25, skip_named=True).passed
    assert [answer.change for answer in passed] == []
