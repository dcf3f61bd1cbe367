"""The pages on work: every number is a claim, cited or computed here; answers are whole."""

import contextlib
import io
import re
import sys

import numpy as np
import pennylane as qml
import pytest
import scipy.stats
from chapters import BOOK, CLAIMS, NAMES

sys.path.append(str(BOOK / "_ext"))
import career
import every_claim

ROLE = (BOOK / "career" / "role.md").read_text("utf-8")
INTERVIEW = (BOOK / "career" / "interview.md").read_text("utf-8")
QUESTIONS = re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", INTERVIEW, re.M | re.S)
PARTS = ("spoken", "weak", "follow-up", "points")
# A number of the text that no claim and no source stands behind follows from a formula.
SHOTS, TOLERANCE = 10_000, 0.025
COMPUTED = {
    "10,000": lambda: SHOTS == 10_000,
    "0.025": lambda: (
        2 * scipy.stats.binom.sf(np.ceil((0.5 + TOLERANCE) * SHOTS) - 1, SHOTS, 0.5) < 1e-6
    ),
}


def part(text, name):
    found = re.findall(rf"^:::\{{{name}\}}(?: (\S+))?\n(.*?)^:::$", text, re.M | re.S)
    assert len(found) == 1, (name, text[:200])
    return found[0]


def claims_in(text):
    return re.findall(r"\{claim\}`([^`]+)`", text)


def bare(text):
    """Return a text without what is no sentence: code, formulas, claims, addresses."""
    text = re.sub(r"\{[\w:]+\}`[^`]*`|`[^`]*`|\$[^$]*\$", "", text)
    return re.sub(r"\]\([^)]*\)", "]", text)


@pytest.mark.parametrize("id", sorted({*claims_in(ROLE), *claims_in(INTERVIEW)}))
def test_a_claim_that_is_quoted_is_made_and_holds(id):
    claim = CLAIMS[id]
    assert "does not hold" not in every_claim.measured(claim.chapter)[id]


def test_every_number_is_a_claim_cited_or_computed():
    for text in (ROLE, INTERVIEW):
        text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
        for paragraph in re.split(r"\n\s*\n|\n(?=- |\| |\d\. )", text):
            numbers = re.findall(r"\d[\d,.]*\d|\d", re.sub(r"^\d\. ", "", bare(paragraph)))
            sourced = "](https://" in paragraph or "{cite" in paragraph
            left = [n for n in numbers if n not in COMPUTED and not sourced]
            # The day on which the sources were read; points that the portfolio states of itself.
            known = {"1", "2026"} if "were read on" in paragraph else set()
            known |= {"80", "20"} if "portfolio/index" in paragraph else set()
            assert set(left) <= known, (left, paragraph)


@pytest.mark.parametrize("number", COMPUTED)
def test_computed_numbers_are_right_and_used(number):
    assert COMPUTED[number]() and number in INTERVIEW


def test_the_tolerance_is_not_far_too_wide():
    assert 2 * scipy.stats.binom.sf(np.ceil(0.524 * SHOTS) - 1, SHOTS, 0.5) > 1e-6


def test_there_are_enough_questions_with_names_of_their_own():
    names = [part(text, "spoken")[0] for _, text in QUESTIONS]
    assert len(names) >= 25 and len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in names)


@pytest.mark.parametrize(
    ("title", "text"), QUESTIONS, ids=[part(t, "spoken")[0] for _, t in QUESTIONS]
)
def test_a_question_has_all_its_parts(title, text):
    assert title.endswith((".", "?"))
    bodies = {name: part(text, name)[1] for name in PARTS}
    # Spoken in a minute or little more.
    assert 100 <= len(bodies["spoken"].split()) <= 180
    assert claims_in(bodies["spoken"])
    assert re.match(r"\*.+?\*", bodies["follow-up"], re.S)
    assert len(re.findall(r"^- ", bodies["points"], re.M)) == 5
    assert len(bodies["weak"].split()) >= 12


def test_what_is_asked_of_the_course_is_answered():
    """The questions that a reader must be able to answer from the site alone."""
    names = {part(text, "spoken")[0] for _, text in QUESTIONS}
    assert names >= {
        "parameter-shift", "barren-plateau", "encodings", "kernel", "advantage", "training-loop",
        "three-properties", "vqe-qaoa", "monitoring", "frameworks", "mitigation", "hhl",
        "physical-qubits", "four-percent", "testing",
    }  # fmt: skip


def test_the_training_loop_runs_and_learns():
    (code,) = re.findall(r"^```python\n(.*?)^```", INTERVIEW, re.M | re.S)
    assert max(map(len, code.splitlines())) <= 84
    space, said = {}, io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "interview.md", "exec"), space)
    assert "with shots" in said.getvalue()
    # As the answer says of the circuits for each sample in an epoch.
    assert 1 + 2 * space["weights"].size == float(
        every_claim.measured("variational/training_loops")["training-loops.circuits"].split()[0]
    )
    # And of the angles that have no effect, the last turns about Z.
    circuit, X = qml.set_shots(space["circuit"], None), space["X"]
    slopes = qml.grad(lambda w: space["np"].mean(circuit(w, X)))(space["weights"])
    idle = np.abs(slopes) < 1e-10
    assert idle.sum() == 2 and idle[-1, :, 2].all()
    history = space["history"]
    assert np.mean(history[-6:]) < 0.6 * np.mean(history[:6])
    # Far above the commonest label, and behind the tuned rival.
    assert space["sampled"] > 0.65 and space["exact"] > 0.65
    assert space["rival"] > space["exact"]


def test_the_map_names_what_there_is():
    exercises = {page.split("/")[-2] for page, _ in career.course.exercises()}
    for skill in career.skills().values():
        assert set(skill.chapters) <= set(NAMES) and set(skill.exercises) <= exercises
    for role in career.roles():
        keys = [*role.first, *role.then]
        assert set(keys) <= set(career.skills()) and len(set(keys)) == len(keys)
    assert {key for role in career.roles() for key in role.first} <= set(career.skills())
