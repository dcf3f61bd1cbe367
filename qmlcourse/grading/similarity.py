"""How alike the answers of a class are: pairs for a person to look at, never a verdict."""

import ast
import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from .exercise import Exercise, folder, load
from .numbers import NOTHING, Shown, shared, shown_numbers
from .submission import Unreadable, answer_cells, read

# So many nodes of code in a row make one piece that two answers may share.
PIECE = 12
# Of the numbers that two students show whose data differ, chance makes far fewer the same.
COMMON = 0.7


def similar(
    submissions: Iterable[Path | str], exercise: str, *, least: float = 0.8, numbers: bool = False
) -> pd.DataFrame:
    """Return the pairs of submissions whose code is nearly the same, the most alike first.

    Code is compared by its structure: names, comments, layout and texts make no difference, and
    what everybody was given does not count. `share` is the Jaccard index of the pieces of both.
    Small answers are alike by nature: read a pair before you think of it. Used by `qmlcourse
    class`, in the chapter on the portfolio.

    Parameters
    ----------
    submissions : iterable of paths
        Notebooks; what is none is left out.
    exercise : str
        Its name.
    least : float
        Pairs below are left out.
    numbers : bool
        Whether each student had data of their own: then `numbers` is the share of the numbers in
        one's experiments and report that the other shows too, and a pair may stand there for it.

    Returns
    -------
    pandas.DataFrame
        Columns `first`, `second`, `share`, `identical` (the same text, cell by cell) and `numbers`.
    """
    loaded = load(exercise)
    given = _pieces(_answers(folder() / exercise / f"{exercise}.ipynb", loaded) or {})
    texts: dict[str, dict[str, str]] = {}
    figures: dict[str, Shown] = {}
    for path in submissions:
        if answers := _answers(Path(path), loaded):
            texts[str(path)] = answers
            figures[str(path)] = shown_numbers(read(path).notebook) if numbers else NOTHING
    pieces = {path: _pieces(answers) - given for path, answers in texts.items()}
    rows: list[dict[str, Any]] = []
    for first, second in itertools.combinations(sorted(pieces), 2):
        a, b = pieces[first], pieces[second]
        share = len(a & b) / len(a | b) if a and b else 0.0
        common = shared(figures[first], figures[second])
        if share >= least or common >= COMMON:
            same = texts[first] == texts[second]
            row = {"first": first, "second": second, "share": share, "identical": same}
            rows.append(row | {"numbers": common})
    rows.sort(key=lambda row: (-row["share"], row["first"], row["second"]))
    return pd.DataFrame(rows, columns=["first", "second", "share", "identical", "numbers"])


def _answers(path: Path, exercise: Exercise) -> dict[str, str] | None:
    try:
        return answer_cells(read(path).notebook, exercise)
    except Unreadable:
        return None


def _pieces(answers: Mapping[str, str]) -> set[tuple[Any, ...]]:
    """Return the runs of nodes that occur in the answers, question by question."""
    found: set[tuple[Any, ...]] = set()
    for question, source in answers.items():
        try:
            nodes = [_word(node) for node in _walk(ast.parse(source))]
        except (SyntaxError, ValueError, RecursionError):
            nodes = source.split()
        found |= {(question, *nodes[i : i + PIECE]) for i in range(len(nodes) - PIECE + 1)}
    return found


def _walk(node: ast.AST) -> Iterable[ast.AST]:
    """Yield nodes in the order of the code; ast.walk goes level by level."""
    yield node
    for child in ast.iter_child_nodes(node):
        text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
        if not text and not isinstance(child, ast.expr_context | ast.arguments | ast.arg):
            yield from _walk(child)


def _word(node: ast.AST) -> str:
    """Return what is compared of a node: its kind, a number, the name of a method."""
    kind = type(node).__name__
    if isinstance(node, ast.Constant):
        return f"{kind} {node.value!r}" if isinstance(node.value, int | float | complex) else kind
    return f"{kind} {node.attr}" if isinstance(node, ast.Attribute) else kind
