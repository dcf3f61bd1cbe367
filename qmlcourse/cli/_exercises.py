"""`qmlcourse exercises`: list them, copy their notebooks, or begin one."""

import argparse
import json
from pathlib import Path

from .. import _files
from ..grading.exercise import folder, load, names
from ..grading.student import own_copy
from ._terminal import say


def exercises(arguments: argparse.Namespace) -> int:
    """List the exercises, copy the learner's notebooks into a folder, or begin a new exercise."""
    if arguments.new is not None and arguments.per_student:
        raise ValueError("--new begins one exercise, and --per-student copies all: choose one")
    if arguments.new is not None:
        _begin(arguments.new, Path(arguments.folder or "."))
    elif arguments.folder is None and arguments.per_student:
        raise ValueError("--per-student needs the FOLDER in which each student gets one")
    elif arguments.folder is None:
        _list()
    elif arguments.per_student:
        _copy_for_each(arguments.per_student, Path(arguments.folder))
    else:
        for name in names():
            path = Path(arguments.folder) / f"{name}.ipynb"
            copied = _copy(path, (folder() / name / path.name).read_bytes())
            say(path if copied else f"{path}: left as it is")
    return 0


def _begin(name: str, place: Path) -> None:
    from ..grading.skeleton import new_exercise

    for path in new_exercise(name, place):
        say(path)
    say(f"\nIt is found where QMLCOURSE_EXERCISES={place.resolve()} stands in the environment.")


def _list() -> None:
    for name in names():
        exercise = load(name)
        questions = ", ".join(exercise.questions)
        say(f"{name:24} {exercise.title}\n{'':24} {exercise.points} points: {questions}")
    say("\nqmlcourse exercises FOLDER copies the notebooks.")


def _copy_for_each(roster: str, place: Path) -> None:
    """Copy all notebooks for each student of a roster, with data of their own."""
    from ..grading.roster import students

    given = {n: json.loads((folder() / n / f"{n}.ipynb").read_text("utf-8")) for n in names()}
    for student in students(roster):
        copied = 0
        for name, notebook in given.items():
            # The id in the name says whose it is when it comes back.
            path = place / student.id / f"{name}_{student.id}.ipynb"
            text = json.dumps(own_copy(notebook, student), indent=1, ensure_ascii=False) + "\n"
            copied += _copy(path, text.encode())
        left = len(given) - copied
        kept = f", {left} left as they are" if left else ""
        say(f"{place / student.id}: {copied} notebooks{kept}")


def _copy(path: Path, content: bytes) -> bool:
    """Write a notebook, unless there is one already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() and not path.exists():
        raise ValueError(f"{str(path)!r} is a link that leads nowhere: remove it")
    if path.exists():
        return False
    _files.write(path, content)
    return True
