"""Wrong answers made by machine: each is a right answer with one defect planted in its tree."""

import ast
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# What a slip of the pen, or of the head, makes of a name.
RENAMED = {
    "mean": ["median", "sum"], "sum": ["mean", "max"], "median": ["mean"], "prod": ["mean"],
    "max": ["min"], "min": ["max"], "argmax": ["argmin"], "maximum": ["minimum"],
    "minimum": ["maximum"], "sin": ["cos"], "cos": ["sin"], "floor": ["ceil"], "ceil": ["floor"],
    "log2": ["log", "log10"], "log": ["log2"], "std": ["var"], "var": ["std"], "any": ["all"],
    "all": ["any"], "eigvalsh": ["eigvals"], "t": ["norm"], "quantile": ["percentile"],
    "triu_indices": ["tril_indices"], "multinomial": ["binomial"], "X_train": ["X_test"],
    "y_train": ["y_test"], "X_test": ["X_train"], "y_test": ["y_train"], "XYZ": ["XY", "XYY"],
}  # fmt: skip
# Numbers with neighbours of their own: levels, quantiles and rates of decay.
NEAR = {
    0.95: [0.9, 0.99], 0.05: [0.1, 0.01], 0.975: [0.95, 0.995], 0.025: [0.05, 0.005],
    1.96: [1.645, 2.576, 2.0], 0.9: [0.99, 0.5], 0.1: [0.01, 0.5], 0.999: [0.99, 0.9],
    0.001: [0.01, 0.1], 0.99: [0.9, 0.999], 0.01: [0.1, 0.001],
}  # fmt: skip
OPERATORS: dict[type[ast.AST], list[type[ast.AST]]] = {
    ast.Add: [ast.Sub], ast.Sub: [ast.Add], ast.Mult: [ast.Div], ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult], ast.FloorDiv: [ast.Div], ast.Mod: [ast.FloorDiv],
    ast.MatMult: [ast.Mult], ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE], ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In], ast.And: [ast.Or],
    ast.Or: [ast.And], ast.BitAnd: [ast.BitOr], ast.USub: [ast.UAdd],
}  # fmt: skip
GAUSS = "({0}) * ({1}) + np.sqrt(({0}) * ({1}) * (1 - ({1}))) * rng.normal(size=np.shape({1}))"
# Other laws in place of counted readings: none, a normal one, a rounded one, one draw for all.
LAWS = {
    "binomial": [
        "(({0}) * ({1}))", f"({GAUSS})", f"np.clip(np.round({GAUSS}), 0, {{0}})",
        "rng.poisson(({0}) * np.asarray({1}))", "stats.binom.ppf(rng.uniform(), {0}, {1})",
        "np.broadcast_to(rng.binomial({0}, np.asarray({1}).ravel()[0]), np.shape({1}))",
    ],
    "multinomial": ["(({0}) * ({1}))", f"({GAUSS})", "rng.binomial({0}, {1})"],
    "normal": ["np.zeros({2})", "rng.uniform(-1, 1, {2})"],
    "uniform": ["np.zeros({2})", "rng.uniform({0}, ({1}) / 2, {2})", "rng.normal(size={2})"],
    "choice": ["np.resize({0}, {1})", "np.repeat(rng.choice({0}, 1), {1})"],
}  # fmt: skip
# What only makes a number or an array of what is one; and whose arguments may stand in any order.
CONVERT = {"asarray", "array", "float", "list", "tuple"}
SYMMETRIC = {"maximum", "minimum", "hypot"}
Slot = tuple[ast.AST, str, int | None, ast.AST]


@dataclass(frozen=True)
class Planted:
    """A wrong answer: what was changed, in the lines that differ, and its whole source."""

    kind: str
    change: str
    source: str


def planted(source: str, seen: Mapping[str, Mapping[str, Sequence[str]]]) -> list[Planted]:
    """Return the answers that one defect makes of a right one, each once.

    Parameters
    ----------
    source : str
        The right answer.
    seen : mapping
        Function → argument → values it may be frozen at, as expressions.
    """
    tree = ast.parse(source)
    right = ast.unparse(tree)
    found: dict[str, Planted] = {}
    for kind, made in _edits(tree, seen):
        if made != right and made not in found:
            found[made] = Planted(kind, _difference(right, made), made)
    assert ast.unparse(tree) == right  # every edit was taken back
    return list(found.values())


def _difference(right: str, made: str) -> str:
    lines = difflib.unified_diff(right.splitlines(), made.splitlines(), lineterm="", n=0)
    changed = [line for line in list(lines)[2:] if not line.startswith("@@")]
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed)


def _edits(
    tree: ast.Module, seen: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterator[tuple[str, str]]:
    slots = list(_slots(tree))
    for parent, field, index, node in slots:
        for kind, new in _alternatives(parent, field, node):
            _put(parent, field, index, new)
            yield kind, ast.unparse(ast.fix_missing_locations(tree))
            _put(parent, field, index, node)
    for function in [n for n in tree.body if isinstance(n, ast.FunctionDef)]:
        at = int(ast.get_docstring(function) is not None)
        arguments = [*function.args.args, *function.args.kwonlyargs]
        for argument in [a.arg for a in arguments]:
            for value in seen.get(function.name, {}).get(argument, []):
                function.body.insert(at, ast.parse(f"{argument} = {value}").body[0])
                yield "argument ignored", ast.unparse(tree)
                del function.body[at]


def _slots(node: ast.AST) -> Iterator[Slot]:
    """Return every place of a tree that holds a part, but texts for readers and decorators."""
    for field, value in ast.iter_fields(node):
        parts = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, part in parts:
            told = isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
            if isinstance(part, ast.AST) and not told and field != "decorator_list":
                yield node, field, index, part
                yield from _slots(part)


def _put(parent: ast.AST, field: str, index: int | None, new: ast.AST) -> None:
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


def _expression(source: str) -> ast.expr:
    return ast.parse(source, mode="eval").body


def _alternatives(parent: ast.AST, field: str, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Return what may stand in place of a part of an answer."""
    for new in OPERATORS.get(type(node), []):
        yield "operator", new()
    match node:
        case ast.Constant():
            yield from (("constant", ast.Constant(v)) for v in _near(node.value))
        case ast.Name(id=name) if name in RENAMED:
            yield from (("name", ast.Name(new, node.ctx)) for new in RENAMED[name])
        case ast.Attribute(value=value, attr=name):
            yield from (("name", ast.Attribute(value, n, node.ctx)) for n in RENAMED.get(name, []))
            if name in ("T", "real", "imag"):
                yield "dropped", value
        case ast.BinOp(left=left, op=op, right=right):
            yield from (("term dropped", left), ("term dropped", right))
            if isinstance(op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
                yield "swapped", ast.BinOp(right, op, left)
        case ast.UnaryOp(operand=operand):
            yield "sign", operand
        case ast.BoolOp(values=values):
            yield from (("condition dropped", value) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (("condition dropped", body), ("condition dropped", orelse))
        case ast.If():
            for test in (True, False):
                yield "condition dropped", ast.If(ast.Constant(test), node.body, node.orelse)
        case ast.Call():
            yield from _calls(node)
        case ast.comprehension(target=target, iter=values, ifs=ifs):
            if ifs:
                yield "condition dropped", ast.comprehension(target, values, [], 0)
            for part in _parts(values):
                yield "loop cut", ast.comprehension(target, part, ifs, 0)
        case ast.For():
            for part in _parts(node.iter):
                yield "loop cut", ast.For(node.target, part, node.body, node.orelse)
        case ast.Subscript(value=value, slice=ast.Slice() | ast.Tuple()):
            yield "dropped", value
        case ast.Slice(lower=lower, upper=upper, step=step):
            yield "dropped", ast.Slice(None, upper, step)
            yield "dropped", ast.Slice(lower, None, step)
            yield "dropped", ast.Slice(lower, upper, None)
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) > 1:
            for i in range(len(parts) - 1):
                order = [*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :]]
                yield "swapped", type(node)(order, node.ctx)
        case ast.Dict(keys=keys, values=values):
            for i in range(len(values) - 1):
                order = [*values[:i], values[i + 1], values[i], *values[i + 2 :]]
                yield "swapped", ast.Dict(keys, order)
    if field in ("body", "orelse") and isinstance(
        node, ast.Assign | ast.AugAssign | ast.Expr | ast.For
    ):
        yield "statement dropped", ast.Pass()


def _near(value: object) -> list[object]:
    """Return the constants that someone may have written for another."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1, 2 * value, *([20] if value > 20 else [])]
    if isinstance(value, float):
        return [*NEAR.get(value, []), 2 * value, value / 2, 1.1 * value, 0.0]
    return list(RENAMED.get(value, [])) if isinstance(value, str) else []


def _parts(values: ast.expr) -> list[ast.expr]:
    return [_expression(f"list({ast.unparse(values)}){cut}") for cut in ("[:1]", "[1:]", "[:-1]")]


def _calls(call: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    """Return a call without itself, without its options, with its arguments swapped."""
    args, keywords, function = call.args, call.keywords, call.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    for i in range(len(keywords)):
        yield "option dropped", ast.Call(function, args, [*keywords[:i], *keywords[i + 1 :]])
    for i in range(len(args) - 1 if name not in SYMMETRIC else 0):
        order = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
        yield "swapped", ast.Call(function, order, keywords)
    for i in range(1, len(args)):
        yield "option dropped", ast.Call(function, args[:i] + args[i + 1 :], keywords)
    if args and name not in CONVERT:
        yield "call dropped", args[0]
    if not isinstance(function, ast.Attribute):
        return
    if not args:
        yield "call dropped", function.value
    if ast.unparse(function.value) == "rng":
        given = [*args, *(k.value for k in keywords if k.arg in ("size", "scale", "p"))]
        told = [ast.unparse(value) for value in given]
        for law in LAWS.get(function.attr, []):
            if law.count("{2}") == 0 or len(told) > 2:
                yield "law", _expression(law.format(*told))
