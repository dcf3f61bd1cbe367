"""A learner's cells, run as Jupyter runs them; what only Jupyter knows is made plain or left out.

The notebook, `check` and `grade` so run the same code: `%%time` runs what is below it, a plot's
`%matplotlib inline` and a shell line's `!pip install` do nothing, a cell may use `await`.
"""

import __future__

import ast
import asyncio
import getopt
import inspect
import linecache
import re
import warnings
from typing import Any

# Magics that run their own code where the cell's variables are, with their options.
_RUNS = {"time": "", "prun": "l:rs:T:D:q"}
_RUNS_BELOW = {"time", "prun", "capture"}
_METHODS = ("run_line_magic", "run_cell_magic", "system", "getoutput")
# A cell of one line may leave the % out.
_AUTOMATIC = re.compile(r"(pip|conda|cd|ls|matplotlib)\b[^\n]*\s*\Z")
# What is told of a cell: so many things, each so long.
_TOLD, _LONG = 8, 60


class Cells:
    """A namespace in which cells run one after another; `notes` says what was left out.

    Parameters
    ----------
    namespace : dict
        The variables of all cells.

    Examples
    --------
    >>> with Cells({}) as cells:
    ...     cells.run("sum", "%matplotlib inline\\n%time x = 1 + 2\\n!ls")
    ...     cells.namespace["x"], cells.notes
    (3, ['sum: left out, for only Jupyter knows it: %matplotlib inline, %time, !ls'])
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace, self.notes = namespace, list[str]()
        # There in every notebook.
        namespace |= {"display": _nothing, "get_ipython": _Jupyter}
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        # One loop for all cells: a task of one may be awaited in the next.
        self._loop = asyncio.Runner()

    def __enter__(self) -> "Cells":
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.close()

    def run(self, name: str, source: str) -> None:
        """Execute a cell so that its traceback shows the learner's own lines."""
        file = f"<answer {name}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        tree, left_out = plain(source, file)
        if left_out:
            more = ", and more" if len(left_out) > _TOLD else ""
            told = ", ".join(left_out[:_TOLD]) + more
            self.notes.append(f"{name}: left out, for only Jupyter knows it: {told}")
        # One by one, as IPython does: a `from __future__` holds from its line on, in later cells
        # too.
        for statement in tree.body:
            module = ast.Module([statement], [])
            code = compile(module, file, "exec", self._flags, dont_inherit=True)
            self._flags |= code.co_flags & __future__.annotations.compiler_flag
            value = eval(code, self.namespace)
            if code.co_flags & inspect.CO_COROUTINE:
                self._loop.run(value)


def plain(source: str, file: str = "<cell>") -> tuple[ast.Module, list[str]]:
    """Return a cell as Python, and what of it only Jupyter knows.

    Raises
    ------
    SyntaxError
        Where Jupyter would not take it either.

    Examples
    --------
    >>> tree, left_out = plain("%%time\\nfiles = !ls\\nx = 1")
    >>> ast.unparse(tree).splitlines(), left_out
    (['files = []', 'x = 1'], ['%%time', '!ls'])
    """
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tree = _parsed(source, file)
    except SyntaxError:
        # Loaded where it is needed: it takes a tenth of a second.
        from IPython.core import inputtransformer2

        manager: Any = inputtransformer2.TransformerManager
        body = source.lstrip("\n")
        above = len(source) - len(body)
        source = manager().transform_cell("%" * bool(_AUTOMATIC.match(body)) + body)
        tree = ast.increment_lineno(_parsed(source, file), above)
    if "get_ipython" not in source and "display" not in source:
        return tree, []
    visitor = _Plain(file)
    tree = ast.fix_missing_locations(visitor.visit(tree))
    return tree, list(dict.fromkeys(visitor.left_out))


def _parsed(source: str, file: str) -> ast.Module:
    with warnings.catch_warnings():
        # They come again when the tree is compiled.
        warnings.simplefilter("ignore")
        return ast.parse(source, file)


class _Plain(ast.NodeTransformer):
    """Takes away the calls that IPython makes of magics, shell lines and questions."""

    def __init__(self, file: str) -> None:
        self.file, self.left_out = file, list[str]()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id == "display" and isinstance(node.ctx, ast.Load):
            self.left_out.append("display")
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        # What IPython itself would give outside of Jupyter is None.
        if node.module in ("IPython", "IPython.core.getipython"):
            node.names = [a for a in node.names if (a.name, a.asname) != ("get_ipython", None)]
        return node if node.names else ast.copy_location(ast.Pass(), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _is_jupyter(node):
            return ast.copy_location(ast.Name("get_ipython", ast.Load()), node)
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> Any:
        asked = _asked(node.value)
        if asked is None:
            return self.generic_visit(node)
        # No line of its own may vanish: a function of magics alone would have no body.
        return self._meant(*asked, node.lineno) or ast.copy_location(ast.Pass(), node)

    def visit_Call(self, node: ast.Call) -> Any:
        asked = _asked(node)
        if asked is None:
            return self.generic_visit(node)
        meant = self._meant(*asked, node.lineno)
        if len(meant) == 1 and isinstance(meant[0], ast.Expr):
            return meant[0].value
        # `files = !ls` is a list of lines.
        nothing = ast.List([], ast.Load()) if asked[0] == "getoutput" else ast.Constant(None)
        return ast.copy_location(nothing, node)

    def _meant(self, how: str, words: list[str], line: int) -> list[ast.stmt]:
        """Return the statements that such a call stands for, and note the rest of it."""
        first, *rest = words
        if how in ("system", "getoutput"):
            self._note(f"!{first}")
        elif how == "run_cell_magic" and first in _RUNS_BELOW:
            self._note(f"%%{first}")
            return self._inner(rest[-1], line)
        elif how == "run_cell_magic":
            self._note(f"%%{first} and what is below it")
        elif first.startswith(("pinfo", "psearch")):
            self._note(f"{rest[0]}?")
        elif first in _RUNS:
            self._note(f"%{first}")
            try:
                _, left = getopt.getopt(rest[0].split(" "), _RUNS[first], ["no-raise-error"])
            except getopt.GetoptError:
                return []
            return self._inner(" ".join(left), line - 1)
        else:
            self._note(f"%{first} {rest[0]}".strip())
        return []

    def _inner(self, source: str, above: int) -> list[ast.stmt]:
        tree, left_out = plain(source, self.file)
        self.left_out += left_out
        return ast.increment_lineno(tree, above).body

    def _note(self, text: str) -> None:
        line = text.strip().split("\n")[0]
        self.left_out.append(line if len(line) <= _LONG else line[: _LONG - 1] + "…")


def _asked(node: ast.expr) -> tuple[str, list[str]] | None:
    """Return the method and texts of `get_ipython().method("text", ...)`, or None."""
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Call(func=shell, args=[]), attr=how),
            args=[ast.Constant(value=str()), *_] as words,
        ) if _is_jupyter(shell) and how in _METHODS:
            texts = [str(w.value) for w in words if isinstance(w, ast.Constant)]
            # A magic has its name and its line; what was put together at run time is not known.
            needed = 2 if how.startswith("run") else 1
            return (how, texts) if len(texts) == len(words) >= needed else None
    return None


def _is_jupyter(node: ast.expr) -> bool:
    """Return whether this is `get_ipython` or `IPython.get_ipython`."""
    match node:
        case ast.Name(id="get_ipython"):
            return True
        case ast.Attribute(value=ast.Name(id="IPython"), attr="get_ipython"):
            return True
    return False


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Show nothing: an answer has no notebook below it."""


class _Jupyter:
    """What `get_ipython()` gives where there is none: whatever is asked of it, nothing happens."""

    def __getattr__(self, name: str) -> "_Jupyter":
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        pass
