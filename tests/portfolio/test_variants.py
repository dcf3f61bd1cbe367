"""The wrong answers: what an entry makes of the solution, and what is said of a slip in it."""

import os
import shutil
import subprocess
import sys

import pytest
from class_run import EXERCISES, ROOT, SOLUTION, TOY, variants_tool

from qmlcourse.grading.exercise import load
from qmlcourse.grading.submission import answer_cells

tool = variants_tool()
HEAD = """
[slip]
mistake = "A slip."
loses = ["amplitudes.formula"]
hint = "radians"
"""
EDIT = """
[[slip.edits.amplitudes]]
old = 'np.sin(x / 2)'
new = 'np.sin(x)'
"""


@pytest.fixture
def read(toy, tmp_path):
    """Return the variants that a text in place of the toy's wrong.toml gives."""
    exercise = load(toy)
    solution = answer_cells(SOLUTION, exercise)

    def variants(text):
        (tmp_path / "wrong.toml").write_text(text, "utf-8")
        return tool.variants(tmp_path, exercise, solution)

    return variants


def test_an_entry_edits_the_solution(read):
    (slip,) = read(HEAD + EDIT)
    assert slip.name == "wrong/slip" and slip.hint == "radians"
    assert slip.loses == {"amplitudes.formula"} and set(slip.cells) == {"amplitudes"}
    right = answer_cells(SOLUTION, load("toy"))["amplitudes"]
    assert slip.cells["amplitudes"] == right.replace("np.sin(x / 2)", "np.sin(x)") + "\n"


def test_edits_follow_one_another_and_may_take_whole_lines_and_several_answers(read):
    more = """
[[slip.edits.amplitudes]]
old = '''
    return np.array([np.cos(x / 2), -1j * np.sin(x)])
'''
new = '''
    x = np.deg2rad(x)
    return np.ones(2)
'''
[[slip.edits.expectation]]
old = ' - '
new = ' + '
"""
    (slip,) = read(HEAD + EDIT + more)
    assert slip.cells["amplitudes"].endswith("\n    x = np.deg2rad(x)\n    return np.ones(2)\n")
    assert "abs(state[0]) ** 2 + abs" in slip.cells["expectation"]


def test_an_entry_may_give_a_whole_answer(read):
    code = "def expectation(x):\n    return 0.0\n"
    (slip,) = read(HEAD + EDIT + f"[slip.code]\nexpectation = '''\n{code}'''\n")
    assert slip.cells["expectation"] == code and "np.sin(x)" in slip.cells["amplitudes"]


def test_equivalents_come_first_and_lose_nothing(toy):
    exercise = load(toy)
    right, wrong = tool.variants(TOY, exercise, answer_cells(SOLUTION, exercise))
    assert (right.name, right.loses) == ("equivalents/global_phase", frozenset())
    assert (wrong.name, len(wrong.loses)) == ("wrong/degrees", 3)


CHECKS = "amplitudes.formula, amplitudes.normalised, expectation.cosine"
WHOLE = "[slip.code]\namplitudes = '''\n{}'''\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD + EDIT.replace("x / 2", "x / 3"), "old in edit 1 of amplitudes occurs nowhere in the "
         "solution: np.sin(x / 3)"),
        (HEAD + EDIT.replace("np.sin(x / 2)", "x / 2"), "old in edit 1 of amplitudes occurs 2 "
         "times, not once: x / 2"),
        # The second finds what the first left.
        (HEAD + EDIT + EDIT, "old in edit 2 of amplitudes occurs nowhere in the solution: "
         "np.sin(x / 2)"),
        (HEAD + EDIT.replace("np.sin(x / 2)", ""), "old in edit 1 of amplitudes is empty"),
        (HEAD.replace("hint", "tip") + EDIT, "the entry has 'tip'; allowed: mistake, loses, hint, "
         "edits, code"),
        (HEAD.replace('hint = "radians"', "") + EDIT, "the entry lacks 'hint'"),
        (HEAD.replace("radians", " ") + EDIT, "hint is empty"),
        (HEAD.replace('"A slip."', "3") + EDIT, "mistake is 3; it must be text"),
        (HEAD + EDIT.replace("new", "now"), "edit 1 of amplitudes has 'now'; allowed: old, new"),
        (HEAD + EDIT.split("new")[0], "edit 1 of amplitudes lacks 'new'"),
        (HEAD + EDIT.replace("'np.sin(x)'", "2"), "new in edit 1 of amplitudes is 2; it must be "
         "text"),
        (HEAD + EDIT.replace("amplitudes", "phases"), "edits has 'phases'; allowed: amplitudes, "
         "expectation"),
        (HEAD + WHOLE.format("1").replace("amplitudes", "phases"), "code has 'phases'; allowed: "
         "amplitudes, expectation"),
        (HEAD.replace("formula", "colour") + EDIT, "loses names 'amplitudes.colour'; the checks "
         f"are {CHECKS}"),
        (HEAD.replace('["amplitudes.formula"]', "[[1]]") + EDIT, "loses names [1]; the checks are "
         f"{CHECKS}"),
        (HEAD.replace('["amplitudes.formula"]', '"amplitudes.formula"') + EDIT,
         "loses is 'amplitudes.formula'; it must be a list of checks, at least one"),
        (HEAD.replace('"amplitudes.formula"', "") + EDIT,
         "loses is []; it must be a list of checks, at least one"),
        (HEAD, "it changes no answer; give edits or code"),
        (HEAD + "[slip.edits]\n[slip.code]\n", "it changes no answer; give edits or code"),
        (HEAD + "[slip.edits]\namplitudes = []\n", "without effect: its answer to amplitudes is "
         "the solution's"),
        (HEAD + EDIT.replace("'np.sin(x)'", "'np.sin( x/2 )'"), "without effect: its answer to "
         "amplitudes is the solution's"),
        (HEAD + EDIT.replace("'np.sin(x)'", "'np.sin(x'"), "its answer to amplitudes is not "
         "Python: closing parenthesis ']' does not match opening parenthesis '(' (line 3)"),
        (HEAD + EDIT + WHOLE.format("x = 1"), "amplitudes has edits and code; give one of them"),
        (HEAD + EDIT.replace("[[", "[").replace("]]", "]"), "edits.amplitudes is not a list; write "
         "its header as [[...]]"),
        (HEAD + "[slip.code]\namplitudes = 1\n", "code.amplitudes is 1; it must be text"),
        (HEAD + "edits = 'x'\n", "edits is 'x'; it must be a table"),
        ("slip = 'x'", "the entry is 'x'; it must be a table"),
    ],
)  # fmt: skip
def test_a_slip_is_told_in_one_sentence_that_names_the_entry(read, text, says):
    with pytest.raises(tool.Misstated) as error:
        read(text)
    assert str(error.value) == f"toy/wrong.toml, slip: {says}"


def test_a_file_that_is_not_toml_is_named_with_its_line(read):
    with pytest.raises(tool.Misstated, match=r"^toy/wrong.toml is not TOML: .+ line 3, column 8"):
        read("\n[slip]\nhint = radians\n")
    with pytest.raises(tool.Misstated, match=r"^toy/wrong.toml is not TOML: Cannot declare"):
        read(HEAD + EDIT + HEAD)


def test_the_tool_marks_all_variants_or_says_what_is_off(tmp_path):
    pytest.importorskip("otter")
    shutil.copytree(EXERCISES, tmp_path, dirs_exist_ok=True)

    def attempt():
        tool = [sys.executable, ROOT / "book/tools/portfolio.py", "--try", "toy"]
        env = {**os.environ, "QMLCOURSE_EXERCISES": str(tmp_path)}
        return subprocess.run(tool, env=env, capture_output=True, text=True)

    done = attempt()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines() if " points " in line] == [
        "reference", "equivalents/global_phase", "wrong/degrees", "blank",
    ]  # fmt: skip
    wrong = tmp_path / "toy" / "wrong.toml"
    wrong.write_text(wrong.read_text("utf-8").replace(", -1j", ", 1j", 1), "utf-8")
    done = attempt()
    says = "toy/wrong.toml, degrees: old in edit 1 of amplitudes occurs nowhere in the solution: "
    assert done.returncode == 1 and says in done.stdout and "Traceback" not in done.stderr
