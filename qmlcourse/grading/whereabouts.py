"""Where the answers stand in a notebook, and what a learner should know about that."""

import re
from collections.abc import Mapping
from typing import Any

from .exercise import Exercise, Result
from .formats import CONFLICT
from .reading import calls, defines, private
from .submission import (
    Submission,
    answer_cells,
    cell_source,
    cell_tags,
    tagged_questions,
    trusted_notebook,
)

# What Python and the worker say where a name is missing.
_MISSING = re.compile(r"name '(\w+)' is not defined|There is no function (\w+)\.")


def notes(submission: Submission, exercise: Exercise) -> list[str]:
    """Return what is odd about where the answers stand, though they are marked."""
    cells, found = submission.notebook["cells"], []
    if submission.path.stem.endswith("-checkpoint"):
        found.append(
            f"{submission.path.name} is a copy that Jupyter keeps, perhaps older than the notebook."
        )
    own = answer_cells(trusted_notebook(exercise), exercise)
    for question, source in answer_cells(submission.notebook, exercise).items():
        asked = [
            f"asks for {path}, which is private: answers use what is public"
            for path in private(source)
        ]
        asked += [
            f"calls {name}, which an answer can do without"
            for name in calls(source, exercise.without)
        ]
        found += [f"{question}: {what}." for what in asked]
    for question in exercise.questions:
        tag = f"question-{question}"
        code, other = _tagged(cells, exercise, question)
        if len(code) > 1:
            found.append(f"{question}: {_list(code)} carry the tag {tag}; they ran in that order.")
        conflict = [n for n in code if CONFLICT.search(cell_source(cells[n - 1]))]
        if conflict:
            found.append(
                f"{question}: {_list(conflict)} holds the marks that Git leaves of a merge "
                "conflict: settle it."
            )
        if code and other:
            found.append(f"{question}: {_list(other)} with the tag {tag} did not run: no code.")
        for name in re.findall(r"(?m)^def (\w+)", own.get(question, "")):
            copies = [n for n in _defining(cells, name) if n not in code]
            if code and copies:
                found.append(
                    f"{question}: {_list(copies)} defines {name} as well; what is marked is the "
                    f"cell with the tag {tag}."
                )
    return found


def why_missing(notebook: Mapping[str, Any], exercise: Exercise, question: str) -> str:
    """Return why a question has no answer cell, and what to do."""
    cells, tag = notebook["cells"], f"question-{question}"
    _, other = _tagged(cells, exercise, question)
    if other:
        kind = str(cells[other[0] - 1].get("cell_type"))[:20]
        return (
            f"No code cell carries the tag {tag}: {_list(other[:1])} has it and is a cell of the "
            f"kind {kind}. Select it, press Esc and y, which makes it code, and save."
        )
    own = answer_cells(trusted_notebook(exercise), exercise).get(question, "")
    for name in re.findall(r"(?m)^def (\w+)", own):
        if untagged := _defining(cells, name):
            return (
                f"No cell carries the tag {tag}, but {_list(untagged[:1])} defines {name}: "
                "give it that tag (in JupyterLab: the gear at the upper right) and save."
            )
    return (
        f"No cell carries the tag {tag}: was it deleted, or its tag? "
        "qmlcourse exercises FOLDER gives a fresh notebook."
    )


def point_to_cells(
    results: list[Result], notebook: Mapping[str, Any], exercise: Exercise, question: str
) -> None:
    """Add to the hint of a name that is missing where in the notebook it is."""
    cells = notebook["cells"]
    for result in results:
        missing = _MISSING.search(result.hint) if result.status == "error" else None
        if missing is None:
            continue
        name = missing[1] or missing[2]
        needed = exercise.cells_for(question)
        elsewhere = [
            number
            for number in _defining(cells, name)
            if not set(tagged_questions(cells[number - 1], exercise)) & set(needed)
        ]
        if elsewhere:
            result.hint += (
                f" It is in {_list(elsewhere[:1])}, but an answer runs without the cells around "
                f"it: put that into the cell with the tag question-{question}."
            )


def _tagged(cells: list[Any], exercise: Exercise, question: str) -> tuple[list[int], list[int]]:
    """Return the numbers, from 1 on, of the code cells and of the others with a question's tag."""
    found = [n for n, c in enumerate(cells, 1) if question in tagged_questions(c, exercise)]
    code = [n for n in found if cells[n - 1].get("cell_type") == "code"]
    return code, [n for n in found if n not in code]


def _defining(cells: list[Any], name: str) -> list[int]:
    """Return the numbers of the code cells that define a name, checks aside."""
    return [
        number
        for number, cell in enumerate(cells, 1)
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code"
        and "check" not in cell_tags(cell) and defines(cell_source(cell), name)
    ]  # fmt: skip


def _list(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10])) + (" and more" if len(numbers) > 10 else "")
    return f"{'cell' if len(numbers) == 1 else 'cells'} {shown} from the top"
