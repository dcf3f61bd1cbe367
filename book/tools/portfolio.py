"""Make the exercises' notebooks: book/portfolio/<exercise>/master.md, by otter-grader's assign.

    portfolio.py [NAME ...]            the learner's notebook and the solution, executed
    portfolio.py --check [NAME ...]    say which are not in step with their master
    portfolio.py --try [NAME ...]      mark the reference, equivalents and wrong answers

Beside the notebooks it writes graded.md, the table of checks with the hours of work, and
portfolio/table.md, the list of exercises; pages of the book include both.

Regeneration is byte-identical: cell ids are counted, times and versions are left out.
"""

import argparse
import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
import numpy as np
from chapters import KERNEL, execute, one_by_one
from colab import with_colab_cell
from exercise_pages import PORTFOLIO, fill, overview, pages, work
from notebook_text import SiteOnly
from variants import Misstated, Variant, affected, complaints, variants

from qmlcourse import _files
from qmlcourse.grading import exercise as exercises
from qmlcourse.grading.exercise import Exercise, Result
from qmlcourse.grading.local import mark_cells
from qmlcourse.grading.submission import answer_cells, setup_cell

# Scoring is ours (qmlcourse.grading), so otter adds no cells and no files of its own.
CONFIG = """# ASSIGNMENT CONFIG
init_cell: false
check_all_cell: false
export_cell: false
generate: false
tests:
  files: false
"""
CAPTION = "_Caption: what does the figure above show? Your words stand below it on your page._"
CHECK = """from qmlcourse.grading import check_answer

check_answer("{exercise}", "{question}", globals())"""


def assign(name: str) -> tuple[nbformat.NotebookNode, nbformat.NotebookNode]:
    """Return the learner's notebook and the solution, as otter makes them from the master."""
    from otter.assign import main as otter_assign

    master = jupytext.read(PORTFOLIO / name / "master.md")
    master.cells.insert(0, nbformat.v4.new_raw_cell(CONFIG))
    with tempfile.TemporaryDirectory() as scratch:
        path, out = Path(scratch) / f"{name}.ipynb", Path(scratch) / "out"
        nbformat.write(master, path)
        with contextlib.redirect_stdout(io.StringIO()):
            otter_assign(str(path), str(out), no_pdfs=True, no_run_tests=True)
        learner = nbformat.read(out / "student" / path.name, as_version=4)
        solution = nbformat.read(out / "autograder" / path.name, as_version=4)
    return finish(name, learner), finish(name, solution, solution=True)


def finish(
    name: str, notebook: nbformat.NotebookNode, *, solution: bool = False
) -> nbformat.NotebookNode:
    """Return a notebook with counted ids, plain metadata and a check below each answer."""
    cells = []
    for cell in notebook.cells:
        drawn, said = cell.metadata.get("mystnb", {}), cell.metadata.get("caption")
        lines = [line for line in cell.source.splitlines() if not _marker(line)]
        cell.source = "\n".join(lines).strip("\n")
        tags = [t for t in cell.metadata.get("tags", []) if not t.startswith("otter_")]
        questions = [t.removeprefix("question-") for t in tags if t.startswith("question-")]
        prompt = cell.cell_type == "markdown" and "otter_answer_cell" in cell.metadata.get(
            "tags", []
        )
        if (prompt and solution) or not cell.source:
            continue
        if prompt:
            tags.append("report")
        if solution and questions:
            tags.append("hide-input")
        # What the worked solution's figures show is no description of the learner's.
        kept = {k: v for k, v in cell.metadata.items() if k == "mystnb" and solution}
        cell.metadata = nbformat.from_dict(kept | ({"tags": tags} if tags else {}))
        cells.append(cell)
        if "experiment" in tags and "alt" in str(drawn):
            caption = nbformat.v4.new_markdown_cell(f"Caption: {said}" if solution else CAPTION)
            caption.metadata = nbformat.from_dict({"tags": ["caption"]})
            cells.append(caption)
        for question in questions:
            source = CHECK.format(exercise=name, question=question)
            check = nbformat.v4.new_code_cell(source)
            check.metadata = nbformat.from_dict({"tags": ["check"]})
            cells.append(check)
    if solution:
        title, _, rest = cells[0].source.partition("\n")
        cells[0].source = f"{title}: a worked solution\n{rest}"
    master = (PORTFOLIO / name / "master.md").read_text(encoding="utf-8")
    cells = with_colab_cell(cells, master)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number:03d}"
    notebook.cells = cells
    notebook.metadata = nbformat.from_dict({**KERNEL, "qmlcourse": {"exercise": name}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _marker(line: str) -> bool:
    """Return whether a line is otter's, and says nothing to a reader."""
    marks = ("# BEGIN SOLUTION", "# END SOLUTION", "<!-- BEGIN QUESTION", "<!-- END QUESTION")
    return line.strip().startswith(marks)


def made(name: str) -> dict[Path, str]:
    """Return what the tool writes for an exercise: path → text; the solution is not executed."""
    learner, solution = assign(name)
    spent = work(name, learner, solution)
    fill(name, learner, spent)
    fill(name, solution, spent)
    folder = PORTFOLIO / name
    return {
        folder / f"{name}.ipynb": nbformat.writes(learner) + "\n",
        folder / "solution.ipynb": nbformat.writes(solution) + "\n",
        folder / "graded.md": pages(name, spent),
    }


def write(name: str) -> None:
    """Regenerate the files of an exercise; the solution is executed."""
    for path, text in made(name).items():
        if path.name == "solution.ipynb":
            text = nbformat.writes(execute(nbformat.reads(text, as_version=4))) + "\n"
        _files.write(path, text)


def in_step(name: str) -> bool:
    """Return whether the committed files are those that the master makes, outputs aside."""
    for path, text in made(name).items():
        committed = path.read_text(encoding="utf-8") if path.is_file() else ""
        if path.name == "solution.ipynb" and committed:
            notebook = nbformat.reads(committed, as_version=4)
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            committed = nbformat.writes(notebook) + "\n"
        if committed != text:
            return False
    return True


def attempt(name: str, seeds: list[int]) -> bool:
    """Mark the reference, all variants and a blank in this process; say what is off."""
    exercise = exercises.load(name)
    learner, solution = assign(name)
    good = [_attempt(exercise, learner, solution, seed) for seed in seeds]
    return all(good)


def _attempt(
    exercise: Exercise,
    learner: nbformat.NotebookNode,
    solution: nbformat.NotebookNode,
    seed: int,
) -> bool:
    setup, reference = setup_cell(learner), answer_cells(solution, exercise)
    every = frozenset(
        f"{c.question}.{c.name}" for q in exercise.questions.values() for c in q.checks
    )
    blank = Variant("blank", answer_cells(learner, exercise), every, "")
    good = True
    for variant in (
        Variant("reference", reference, frozenset(), ""),
        *variants(PORTFOLIO / exercise.name, exercise, reference),
        blank,
    ):
        started = time.perf_counter()
        cells = reference | variant.cells
        results: list[Result] = []
        for question in affected(exercise, variant):
            rng = np.random.default_rng(seed)
            results += mark_cells(exercise, question, setup, cells, rng)
        problems = complaints(variant, results)
        seconds = time.perf_counter() - started
        points = sum(r.points for r in results)
        print(f"{seed:3} {variant.name:44} {points:4} points {seconds:6.1f} s", flush=True)
        for problem in problems:
            good = False
            print(f"    {problem}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="exercises; default: all")
    parser.add_argument("--check", action="store_true", help="only compare with the masters")
    parser.add_argument("--try", action="store_true", dest="attempt", help="mark all solutions")
    parser.add_argument("--seed", type=int, nargs="+", default=[0], help="of the checks' inputs")
    arguments = parser.parse_args()
    try:
        return make(parser, arguments)
    except SiteOnly as error:
        parser.error(str(error))


def make(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> int:
    """Do what was asked and return the exit status."""
    known = exercises.names()
    unknown = sorted(set(arguments.name) - set(known))
    if unknown:
        parser.error(f"no such exercise: {', '.join(unknown)}; there are: {', '.join(known)}")
    failed, regenerated = False, list[str]()
    for name in arguments.name or known:
        if arguments.attempt:
            print(f"== {name}")
            try:
                failed |= not attempt(name, arguments.seed)
            except Misstated as error:
                failed = True
                print(error)
        elif arguments.check:
            if not in_step(name):
                failed = True
                print(f"{name}: not in step with its master.md: run nox -s portfolio")
        else:
            regenerated.append(name)
    if regenerated:
        one_by_one(regenerated, write)
        _files.write(PORTFOLIO / "table.md", overview())
    elif arguments.check and (PORTFOLIO / "table.md").read_text(encoding="utf-8") != overview():
        failed = True
        print("table.md is not in step: run nox -s portfolio")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
