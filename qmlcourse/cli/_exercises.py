"""`qmlcourse exercises`: list them, copy their notebooks, or begin one."""

import argparse
from pathlib import Path

from .. import _files
from ..grading.exercise import folder, load, names
from ._terminal import say


def exercises(arguments: argparse.Namespace) -> int:
    """List the exercises, copy the learner's notebooks into a folder, or begin a new exercise."""
    if arguments.new is not None:
        from ..grading.skeleton import new_exercise

        place = Path(arguments.folder or ".")
        for path in new_exercise(arguments.new, place):
            say(path)
        say(f"\nIt is found where QMLCOURSE_EXERCISES={place.resolve()} stands in the environment.")
        return 0
    if arguments.folder is None:
        for name in names():
            exercise = load(name)
            questions = ", ".join(exercise.questions)
            say(f"{name:24} {exercise.title}\n{'':24} {exercise.points} points: {questions}")
        say("\nqmlcourse exercises FOLDER copies the notebooks.")
        return 0
    target = Path(arguments.folder)
    target.mkdir(parents=True, exist_ok=True)
    for name in names():
        copy = target / f"{name}.ipynb"
        if copy.is_symlink() and not copy.exists():
            raise ValueError(f"{str(copy)!r} is a link that leads nowhere: remove it")
        if copy.exists():
            say(f"{copy}: left as it is")
            continue
        _files.write(copy, (folder() / name / copy.name).read_bytes())
        say(copy)
    return 0
