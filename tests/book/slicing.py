"""Which cells of a notebook a later one rests on: a counterfactual runs only these.

A cell is needed where it binds a name that a needed cell reads, or may change what that name
stands for: a method is called on it, a part of it assigned, or it is a stream of random numbers.
A call that changes its argument is not seen, so random streams are named ``rng...`` in chapters.
"""

import ast
import re
import symtable
from collections.abc import Iterable, Sequence

import chapters
import nbformat

COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


def _inner(table: symtable.SymbolTable, *, called_later: bool) -> set[str]:
    """Return the notebook's names that functions in a table read, comprehensions or the others."""
    found = set()
    for child in table.get_children():
        if (child.get_name() in COMPREHENSIONS) != called_later:
            symbols = (s for s in child.get_symbols() if s.is_global() and s.is_referenced())
            found |= {s.get_name() for s in symbols}
        # All that stands in a function is read when that is called.
        inside = called_later and child.get_name() not in COMPREHENSIONS
        found |= _inner(child, called_later=called_later)
        if inside:
            found |= _inner(child, called_later=False)
    return found


def _stored(nodes: Iterable[ast.AST]) -> set[str]:
    names = (n for root in nodes for n in ast.walk(root) if isinstance(n, ast.Name))
    return {n.id for n in names if isinstance(n.ctx, ast.Store)}


def _settled(statement: ast.stmt) -> set[str]:
    """Return the names that a statement binds whatever comes, before it reads them."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef():
            return {statement.name}
        case ast.Import() | ast.ImportFrom():
            return {(a.asname or a.name).split(".")[0] for a in statement.names}
        case ast.Assign():
            return _stored(statement.targets)
        case ast.AnnAssign() if statement.value:
            return _stored([statement.target])
        case ast.For():
            return _stored([statement.target])
        case ast.With():
            return _stored(i.optional_vars for i in statement.items if i.optional_vars)
    return set()


class Cell:
    """What a cell binds, reads before, may change, and what its functions read when called."""

    def __init__(self, source: str) -> None:
        source = re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.M)  # IPython's own
        self.binds: set[str] = set()
        self.settled: set[str] = set()
        self.fixed: set[str] = set()
        self.reads: set[str] = set()
        self.later: set[str] = set()
        self.changes: set[str] = set()
        for statement in ast.parse(source).body:
            self._add(statement)

    def _add(self, statement: ast.stmt) -> None:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        symbols = table.get_symbols()
        settled = _settled(statement)
        reads = {s.get_name() for s in symbols if s.is_referenced()}
        reads |= _inner(table, called_later=False)
        if isinstance(statement, ast.For | ast.With):
            reads -= settled
        self.later |= _inner(table, called_later=True)
        self.binds |= {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        self.reads |= reads - self.settled
        self.settled |= settled
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            self.fixed |= settled
        for node in ast.walk(statement):
            root: ast.AST = node
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and (
                root.id.startswith("rng")
                or isinstance(node, ast.Attribute)
                or (isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load))
            ):
                self.changes.add(root.id)


def needed(sources: Sequence[str], wanted: Iterable[int], given: set[str]) -> list[int]:
    """Return the indices of the cells that the wanted ones rest on, themselves among them.

    The names that are given, a chapter's parameters, change nowhere.
    """
    cells = [Cell(source) for source in sources]
    constant = given.union(*(c.fixed for c in cells))
    found, later = set(wanted), set[str]()
    while True:
        before = len(found), len(later)
        live: set[str] = set()
        for k in range(max(found), -1, -1):
            cell = cells[k]
            if (cell.binds | (cell.changes - constant)) & (live | later):
                found.add(k)
            if k in found:
                later |= cell.later
                live = (live - cell.settled) | cell.reads | cell.later
        if (len(found), len(later)) == before:
            return sorted(found)


def needed_for(notebook: nbformat.NotebookNode, ids: Sequence[str]) -> set[int]:
    """Return which of a chapter's cells some of its claims rest on: what is set up, and theirs."""
    code = [k for k, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    cells = [notebook.cells[k] for k in code]
    (first,) = (k for k, c in enumerate(cells) if "parameters" in c.metadata.get("tags", []))
    # A claim may be made in several cells: what it is worth is settled in the last.
    made = [k for k, c in enumerate(cells) if {m["id"] for m in chapters.made_by(c)} & set(ids)]
    found = needed(
        [c.source for c in cells], [*range(first + 1), *made], chapters.parameters(notebook)
    )
    return {code[k] for k in found}
