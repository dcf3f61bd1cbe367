"""The six exercises: right answers pass, each mistake costs its points and is told, none leaks."""

import functools
import importlib.util
import io
import json
import pickle
import sys
import tokenize
import warnings
from pathlib import Path

import numpy as np
import pytest

from qmlcourse.audit import _case
from qmlcourse.grading import grade
from qmlcourse.grading.exercise import folder, names
from qmlcourse.grading.exercise import load as load_anew
from qmlcourse.grading.local import mark_cells
from qmlcourse.grading.marking import rubric
from qmlcourse.grading.submission import answer_cells, setup_cell

# Of the inputs that the checks draw. No result may depend on it: try others.
SEED = 20240311
TOOLS = Path(__file__).parents[2] / "book" / "tools"


def loaded(name):
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
    # otter is not ours to mend.
    warnings.simplefilter("ignore")
    pytest.importorskip("otter.assign")
    # Beside the tool. The tests of the book have a module named chapters too.
    for helper in ("colab", "chapters", "variants"):
        patch.setitem(sys.modules, helper, loaded(helper))
    tool = loaded("portfolio")

each = pytest.mark.parametrize("name", names())


def remembered(function, key=pickle.dumps):
    """Return the function with a memory of what it gave for the same arguments."""
    known = {}

    @functools.wraps(function)
    def call(*args, **options):
        at = key((args, options))
        if at not in known:
            known[at] = pickle.dumps(function(*args, **options))
        return pickle.loads(known[at])

    return call


def task_key(arguments):
    """Return what a method's result hangs on: all that its task holds but what it made itself."""
    (task, *args), options = arguments
    return pickle.dumps(({k: v for k, v in vars(task).items() if k != "made"}, args, options))


# Inputs hang on SEED alone, so what the checks compute of them is the same for each variant: it
# is computed once. It takes more time than most answers.
run = remembered(_case.run)


@functools.cache
def load(name):
    exercise = load_anew(name)
    for question in exercise.questions.values():
        for check in question.checks:
            ours = check.function.__globals__
            if name == "claim_audit":
                ours["run"] = run
            if name == "encoding_study" and not hasattr(ours["Task"].validation, "__wrapped__"):
                ours["Task"].validation = remembered(ours["Task"].validation, task_key)
    return exercise


@pytest.fixture(autouse=True, scope="module")
def runs_of_the_audit_are_remembered():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_case, "run", run)
        yield


def variants(name):
    """Return the variants of the committed solution; that it is the master's is tested below."""
    exercise = load(name)
    solution = json.loads((folder() / name / "solution.ipynb").read_text("utf-8"))
    return tool.variants(folder() / name, exercise, answer_cells(solution, exercise))


VARIANTS = [(name, variant) for name in names() for variant in variants(name)]
each_variant = pytest.mark.parametrize(
    ("name", "variant"),
    [
        pytest.param(
            name, variant, id=f"{name}-{variant.name}",
            # A wrong answer may divide by zero; where it is graded that is no error.
            marks=[pytest.mark.filterwarnings("ignore")] if variant.loses else [],
        )
        for name, variant in VARIANTS
    ],
)  # fmt: skip
made = functools.cache(lambda name: tool.made(name))


@functools.cache
def notebooks(name):
    """Return the learner's notebook and the solution as the master makes them."""
    paths = (folder() / name / f"{name}.ipynb", folder() / name / "solution.ipynb")
    return tuple(json.loads(made(name)[path]) for path in paths)


def marks(name, variant):
    """Return the results of the reference with some answers replaced, of those questions."""
    exercise, (learner, solution) = load(name), notebooks(name)
    cells = answer_cells(solution, exercise) | variant.cells
    results = []
    for question in tool.affected(exercise, variant):
        rng = np.random.default_rng([SEED, list(exercise.questions).index(question)])
        results += mark_cells(exercise, question, setup_cell(learner), cells, rng)
    return results


def checks_of(name):
    questions = load(name).questions.values()
    return {f"{check.question}.{check.name}" for q in questions for check in q.checks}


def test_there_are_six_exercises():
    assert names() == [
        "barren_plateau", "claim_audit", "encoding_study", "hardware_model", "quantum_kernel_svm",
        "variational_classifier",
    ]  # fmt: skip


@each
def test_an_exercise_has_its_parts(name):
    exercise = load(name)
    assert exercise.name == name and exercise.points == 80
    assert 4 <= len(exercise.questions) <= 6 and all(q.checks for q in exercise.questions.values())
    brief = (folder() / name / "brief.md").read_text("utf-8")
    assert brief.startswith(f"# {exercise.title}\n")
    right = [v for n, v in VARIANTS if n == name and not v.loses]
    wrong = [v for n, v in VARIANTS if n == name and v.loses]
    assert len(right) >= 4 and len(wrong) >= 6
    assert all(v.cells and set(v.cells) <= set(exercise.questions) for v in right + wrong)


@each
def test_a_rubric_gives_twenty_points(name):
    lines = (folder() / name / "rubric.md").read_text("utf-8").strip().splitlines()
    head, rule, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head == ["Criterion", "Points", "Full marks", "Half", "None"] and len(rule) == 5
    assert 4 <= len(rows) <= 5 and all(len(row) == 5 and all(row) for row in rows)
    assert sum(int(points) for _, points, *_ in rows) == 20
    assert rubric(name) == [criterion for criterion, *_ in rows]


@each
def test_the_reference_has_all_points_in_the_sandbox(name, walls):
    report = grade(folder() / name / "solution.ipynb", seed=SEED)
    lost = [(r.question, r.check, r.status, r.hint) for r in report.results if r.status != "pass"]
    assert lost == [] and report.points == 80 and report.exercise == name


@each_variant
def test_right_answers_pass_and_mistakes_cost_their_points_and_are_told(name, variant):
    assert tool.complaints(variant, marks(name, variant)) == []


@each
def test_a_blank_notebook_has_no_points(name):
    learner, _ = notebooks(name)
    blank = tool.Variant("blank", answer_cells(learner, load(name)), frozenset(), "")
    results = marks(name, blank)
    assert {f"{r.question}.{r.check}" for r in results} == checks_of(name)
    assert [r for r in results if r.points or r.status not in ("wrong", "error")] == []


def code_lines(notebook):
    """Return the lines of code of a notebook, without comments and spaces around."""
    found = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                if token.type not in (tokenize.COMMENT, tokenize.STRING):
                    found.add(token.line.split("#")[0].strip())
    return found


@each
def test_the_learners_notebook_holds_no_solution(name):
    learner, solution = notebooks(name)
    answers = answer_cells(solution, load(name))
    hidden = {
        line
        for line in code_lines(solution) - code_lines(learner)
        if len(line) > 20 and "check_answer" not in line
    }
    assert len(hidden) > 5 * len(answers)
    everything = "\n".join("".join(cell["source"]) for cell in learner["cells"])
    lines = {line.strip() for line in everything.splitlines()}
    assert hidden & lines == set() and "SOLUTION" not in everything
    for cell in learner["cells"]:
        assert not cell.get("outputs") and cell.get("execution_count") is None
    # Whoever can answer the blank cells sees what each must be given and return.
    for question, source in answer_cells(learner, load(name)).items():
        assert source.rstrip().endswith("...") and '"""' in source, question
    assert set(answers) == set(answer_cells(learner, load(name))) == set(load(name).questions)


@each
def test_the_committed_files_are_those_of_the_master(name):
    assert tool.in_step(name), "run nox -s portfolio"


def test_a_master_with_a_role_is_refused(monkeypatch, capsys):
    learner = tool.nbformat.v4.new_notebook()
    learner.cells = [tool.nbformat.v4.new_markdown_cell("# Title\n\n{doc}`/book/intro` says so.")]
    monkeypatch.setattr(tool, "assign", lambda name: (learner, learner))
    monkeypatch.setattr("sys.argv", ["portfolio.py", "--check", names()[0]])
    with pytest.raises(SystemExit, match="2"):
        tool.main()
    said = capsys.readouterr().err
    assert f"{names()[0]}/master.md holds a role ({{doc}}/book/intro), which Jupyter" in said


@each
def test_regeneration_is_byte_identical(name):
    again = tool.made(name)
    assert again == made(name) and len(again) >= 3
    committed = (folder() / name / f"{name}.ipynb").read_bytes()
    assert committed.decode("utf-8") == again[folder() / name / f"{name}.ipynb"]


@each
def test_the_committed_solution_was_run_from_top_to_bottom(name):
    solution = json.loads((folder() / name / "solution.ipynb").read_text("utf-8"))
    cells = [cell for cell in solution["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert {o["output_type"] for o in outputs} <= {"stream", "display_data", "execute_result"}
    assert all(o.get("name", "stdout") == "stdout" for o in outputs)
    data = [o.get("data", {}) for o in outputs]
    assert any("image/png" in d for d in data) and any("text/markdown" in d for d in data)
    said = "".join("".join(o.get("text", "")) for o in outputs)
    for question, found in load(name).questions.items():
        points = sum(check.points for check in found.checks)
        assert f"{question}: {points} of {points} points" in said
