"""What is said of an exercise beside its cells: its hours, its table of checks, the list of all."""

import re

import nbformat
from notebook_text import HOW, Hours, SiteOnly, filled, hours, site_only

from qmlcourse.grading import exercise as exercises
from qmlcourse.grading.submission import answer_cells

PORTFOLIO = exercises.folder()


def work(name: str, learner: nbformat.NotebookNode, solution: nbformat.NotebookNode) -> Hours:
    """Return the hours an exercise takes, by its length: reading, code, the report."""
    texts = [c.source for c in learner.cells if c.cell_type == "markdown"]
    texts.append((PORTFOLIO / name / "brief.md").read_text(encoding="utf-8"))
    words = sum(len(text.split()) for text in texts)
    answers = answer_cells(solution, exercises.load(name)).values()
    lines = sum(bool(line.strip()) for source in answers for line in source.splitlines())
    return hours(words, lines)


def fill(name: str, notebook: nbformat.NotebookNode, spent: Hours) -> None:
    """Fill the fields in a notebook's text, which Jupyter and Colab must then understand."""
    exercise = exercises.load(name)
    points, answers = exercise.points, len(exercise.questions)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = filled(cell.source, points=points, answers=answers, hours=spent)
            if found := site_only(cell.source):
                raise SiteOnly(
                    f"{name}/master.md holds {found[0]}, which Jupyter and Colab don't know: write "
                    "it in plain Markdown"
                )


def pages(name: str, spent: Hours) -> str:
    """Return the table of an exercise's checks and the hours it takes."""
    exercise = exercises.load(name)
    rows = [f"Expected work: **{spent} hours**. {HOW}", ""]
    rows += [
        "| question | what is checked, on inputs drawn anew | points |",
        "| --- | --- | ---: |",
    ]
    for question in exercise.questions.values():
        for number, check in enumerate(question.checks):
            first = f"`{question.name}`" if number == 0 else ""
            says = check.says.replace("|", "\\|")  # else |0> would end the cell
            rows.append(f"| {first} | {says} | {check.points} |")
    return "\n".join([*rows, f"| | **together** | **{exercise.points}** |", ""])


def overview() -> str:
    """Return the list of exercises with their hours and points, from their pages."""
    rows = ["| exercise | questions | hours | points by checks |", "| --- | --- | ---: | ---: |"]
    for name in exercises.names():
        exercise = exercises.load(name)
        page = (PORTFOLIO / name / "graded.md").read_text(encoding="utf-8")
        (spent,) = re.findall(r"\*\*(\d+ to \d+) hours", page)
        questions = ", ".join(f"`{question}`" for question in exercise.questions)
        rows.append(
            f"| [](/book/portfolio/{name}/brief.md) | {questions} | {spent} | {exercise.points} |"
        )
    return "\n".join([*rows, "", HOW, ""])
