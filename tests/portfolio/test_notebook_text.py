"""What learners read in Jupyter and Colab: plain Markdown, and when, how long and where."""

import re

import pytest
from notebook_text import HOW, Hours, filled, hours, site_only

from qmlcourse.grading.exercise import folder, load, names
from qmlcourse.grading.skeleton import new_exercise
from qmlcourse.grading.submission import cell_source, read, trusted_notebook

each = pytest.mark.parametrize("name", names())


def texts(notebook):
    """Return what a reader of a notebook reads: Markdown in cells and in outputs."""
    found = [cell_source(c) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            found.append("".join(output.get("data", {}).get("text/markdown", "")))
    return found


@each
@pytest.mark.parametrize("file", ["learner", "solution"])
def test_a_notebook_is_understood_outside_the_site(name, file):
    path = folder() / name / (f"{name}.ipynb" if file == "learner" else "solution.ipynb")
    said = texts(read(path).notebook)
    assert [found for text in said for found in site_only(text)] == []
    assert len(said) > 10 and not re.search(r"\{\w+(:\w+)?\}`|:::|\{\{", "\n".join(said))


def test_a_teachers_new_exercise_is_understood_outside_the_site(tmp_path):
    (notebook,) = (p for p in new_exercise("echo", tmp_path) if p.suffix == ".ipynb")
    assert [found for text in texts(read(notebook).notebook) for found in site_only(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "See {doc}`/book/intro`.", "The {term}`gate <gates>` turns.", "As {cite:p}`bowles2024`.",
        "By {eq}`energy` or {ref}`there`.", "- in a list {numref}`fig`", "| {math}`x` |\n| --- |",
        ":::{note}\nText.\n:::", "```{figure} a.png\n```", "~~~{include} a.md\n~~~",
        "(here)=\n# Title", "$$x = 1$$ (one)", "{{ points }} points", "% a comment",
        "[page](brief.md)", "[](/book/intro.ipynb)", "![figure](figures/a.png)",
    ],
)  # fmt: skip
def test_what_only_the_site_understands_is_found(text):
    assert site_only(text) and all(found.startswith("a ") for found in site_only(text))


@pytest.mark.parametrize(
    "text",
    [
        r"$\tfrac{1}{2}$ and $\{`a`\}$", "`{doc}` in code", '`f"{x}"` and `{y}`',
        "```python\nf'{a}`b`'\n{{ x }}\n```", "[DOI](https://doi.org/10.1/2)", "$$\nx = 1\n$$",
        "![mine](attachment:a.png)", "A set {a, b}: 50% of it.", "[above](#Report)",
    ],
)  # fmt: skip
def test_plain_markdown_is_left_alone(text):
    assert site_only(text) == []


@each
def test_a_notebook_says_when_it_is_done_how_long_it_takes_and_where_to_work(name):
    exercise, text = load(name), "\n".join(texts(trusted_notebook(load(name))))
    (done,) = re.findall(r"\*\*Done looks like this\*\*\n\n((?:[-\s].*\n)+)", text)
    words = ["no", "one", "two", "three", "four", "five", "six"]
    answers = f"your {words[len(exercise.questions)]} answers pass: {exercise.points} points;"
    assert answers in done and done.count("\n- ") >= 2 and "*Restart kernel and run all" in done
    (spent,) = re.findall(r"\*\*How long it takes\.\*\* (\d+ to \d+) hours\. ", text)
    assert HOW in text
    (place,) = re.findall(r"\*\*Where to work\.\*\* ((?:.+\n)+)", text)
    assert "Binder" in place and "Colab" in place and "at home" in place
    assert re.search(r"\b(seconds?|minutes?)\b", place), "how long its cells run"
    # The same hours on the pages.
    page = (folder() / name / "graded.md").read_text("utf-8")
    assert page.startswith(f"Expected work: **{spent} hours**. {HOW}\n")
    table = (folder() / "table.md").read_text("utf-8")
    assert re.search(rf"/{name}/brief.md\) \|.*\| {spent} \| {exercise.points} \|", table)
    assert HOW in table


def test_no_two_notebooks_are_done_alike():
    lines = [
        line
        for name in names()
        for line in re.findall(
            r"(?m)^- (.+)", cell_source(trusted_notebook(load(name))["cells"][0])
        )
    ]
    shared = {line for line in lines if lines.count(line) > 1}
    # The first of each and the last are the rule of all.
    assert all(line.startswith(("all checks below", "*Restart kernel")) for line in shared)


def test_hours_follow_from_the_length_of_the_work():
    assert hours(words=6000, lines=120) == Hours(7, 14) and str(Hours(7, 14)) == "7 to 14"
    pytest.importorskip("yaml")
    text = "{{ answers }} answers, {{ points }} points, {{ hours }}"
    told = filled(text, points=80, answers=5, hours=Hours(7, 14))
    assert told == f"five answers, 80 points, 7 to 14 hours. {HOW}"


@each
def test_every_figure_of_a_worked_solution_says_what_it_shows(name):
    """As a page that its author publishes has to."""
    cells = read(folder() / name / "solution.ipynb").notebook["cells"]
    below = [
        cells[n + 1]
        for n, cell in enumerate(cells)
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert below
    for cell in below:
        assert cell["metadata"].get("tags") == ["caption"]
        assert re.match(r"Caption: (\S+ ){12}", cell_source(cell))
