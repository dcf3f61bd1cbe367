"""An answer's source, read as data: what it defines, what it imports, what a function returns."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .judge import Wrong, quoted
from .wire import decode, encode

# A longer cell holds data, and reading it as Python would take much memory.
_LONGEST = 2**17
_BY_WORDS = r"(?m)^(?:(?:async\s+)?def|class)\s+{0}\b|^{0}\s*(?::[^=\n]*)?=(?!=)"
# Lines that only Jupyter knows.
_MAGIC = re.compile(r"(?m)^[ \t]*[%!].*$")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def parsed(source: str) -> ast.Module | None:
    """Return a cell as Python without its magics; None where it is none, or too long."""
    if len(source) > _LONGEST:
        return None
    for text in (source, _MAGIC.sub("pass", source)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return None


def defines(source: str, name: str) -> bool:
    """Return whether a cell gives a value to a variable of that name.

    >>> defines("from shop.audit import RULES", "audit")
    False
    >>> defines("import shop.audit as audit", "audit")
    True
    """
    if name not in source:
        return False
    tree = parsed(source)
    if tree is None:
        return re.search(_BY_WORDS.format(re.escape(name)), source) is not None
    return name in set(_bound(tree))


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module's own lines bind, at whatever depth of blocks."""
    left: list[ast.AST] = [tree]
    while left:
        node = left.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.Import():
                yield from (a.asname or a.name.partition(".")[0] for a in node.names)
            case ast.ImportFrom():
                yield from (a.asname or a.name for a in node.names)
            case ast.Name(ctx=ast.Store()):
                yield node.id
            case ast.AnnAssign(value=None):  # says what it would be, and gives it nothing
                continue
            case ast.comprehension():  # its variables stay inside
                left += [node.iter, *node.ifs]
                continue
        if not isinstance(node, _SCOPES):
            left += ast.iter_child_nodes(node)


def calls(source: str, names: Iterable[str]) -> list[str]:
    r"""Return which of some functions a cell calls, by whatever name it has them.

    >>> calls("from shop import price as p\np()\nshop.stock()", ["price", "stock", "tax"])
    ['price', 'stock']
    """
    tree = parsed(source)
    nodes = list(ast.walk(tree)) if tree else []
    aliases = {
        alias.asname: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    called = set()
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                called.add(aliases.get(name, name))
    return [name for name in names if name in called]


def private(source: str) -> list[str]:
    r"""Return the private modules and names of the package that a cell asks for.

    >>> private("from qmlcourse.audit import _case\nimport qmlcourse.kernels")
    ['qmlcourse.audit._case']
    """
    tree = parsed(source)
    nodes = list(ast.walk(tree)) if tree else []
    found, known = list[str](), dict[str, str]()
    for node in nodes:
        match node:
            case ast.Import(names=names):
                found += [alias.name for alias in names]
                known |= {alias.asname: alias.name for alias in names if alias.asname}
            case ast.ImportFrom(module=str(module), names=names):
                found += [f"{module}.{alias.name}" for alias in names]
                known |= {alias.asname or alias.name: f"{module}.{alias.name}" for alias in names}
            case ast.Constant(value=str(text)):  # as importlib takes it
                found.append(text)
    for node in nodes:
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts, node = [node.attr, *parts], node.value
        if parts and isinstance(node, ast.Name):
            found.append(".".join([known.get(node.id, node.id), *parts]))
    paths = [re.match(r"qmlcourse(?:\.[a-z]\w*)*\._[a-z]\w*", path) for path in found]
    return list(dict.fromkeys(path[0] for path in paths if path))


def function_text(cells: Iterable[str], name: str) -> str:
    """Return the text of the last function of that name in some cells; empty where none is."""
    found = ""
    for source in cells:
        tree = parsed(source)
        for node in tree.body if tree else ():
            if isinstance(node, ast.FunctionDef) and node.name == name:
                found = ast.unparse(node)
    return found


def written(source: str, name: str) -> Any:
    """Return what a function returns by its text alone: nothing is run. Else raise `Wrong`.

    It may give names to data before it returns them. Used by checks of the portfolio that ask for
    data, a chapter of exercises.

    Parameters
    ----------
    source : str
        The function, as `answer.source(name)` gives it.
    name : str
        Its name.

    Examples
    --------
    >>> written("def found():\\n    low = -0.5\\n    return {'low': low}", "found")
    {'low': -0.5}
    """
    tree = parsed(source)
    known: dict[str, Any] = {}
    match tree.body if tree else []:
        case [ast.FunctionDef(name=found, decorator_list=[]) as function] if found == name:
            pass
        case _:
            raise Wrong(f"{name}() is read and not run: write it as a plain function.")
    for line in function.body:
        try:
            match line:
                case ast.Expr(value=ast.Constant()):
                    continue
                case ast.Assign(targets=[ast.Name(id=target)], value=value):
                    known[target] = _data(value, known)
                    continue
                case ast.Return(value=ast.expr() as value):
                    return decode(encode(_data(value, known)))
        except (ValueError, TypeError, RecursionError, MemoryError):
            pass
        raise Wrong(
            f"{name}() is read and not run: it must hold numbers and texts, and no names, calls, "
            "loops or comprehensions that give them. Write the data themselves in place of: "
            f"{quoted(ast.unparse(line))}"
        )
    raise Wrong(f"{name}() returns nothing: it is read, and must end with return and the data.")


def _data(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """Return a literal, in which names may stand for earlier ones; raise ValueError for else."""
    match node:
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_data(item, known) for item in items]
        case ast.Dict(keys=keys, values=values):
            names = [ast.literal_eval(key) for key in keys if key is not None]
            return dict(zip(names, (_data(v, known) for v in values), strict=True))
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=words):
            named = {word.arg: _data(word.value, known) for word in words}
            return dict(named) if None not in named else ast.literal_eval(node)
    return ast.literal_eval(node)
