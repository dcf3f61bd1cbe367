"""One corpus of answers for three judges: `check_answer` in a notebook, `check`, and `grade`.

    python tests/portfolio/agreement.py FOLDER

runs the notebook of the corpus as Jupyter would and prints what `check_answer` says.

All answers but those that spoil their cell share one namespace, so that a judge starts once: the
sign § stands for an answer's number, which keeps their names apart.
"""

import json
import sys
from pathlib import Path

# Name → its cells, and the status that follows. A vector is to be (0.25, x), a number x, a table
# the rows (a, x) and (b, 1), texts a and b.
VECTORS: dict[str, tuple[list[str], str]] = {}
NUMBERS: dict[str, tuple[list[str], str]] = {}
TABLES: dict[str, tuple[list[str], str]] = {}
TEXTS: dict[str, tuple[list[str], str]] = {}


def returns(
    kind: dict[str, tuple[list[str], str]], name: str, value: str, status: str, before: str = ""
) -> None:
    """Add an answer that returns the value of an expression."""
    kind[name] = ([f"{before}\ndef answer§(x):\n    return {value}"], status)


for name, value, before in (
    ("list", "[0.25, x]", ""),
    ("tuple", "(0.25, x)", ""),
    ("list of NumPy numbers", "[np.float32(0.25), np.float64(x)]", ""),
    ("single precision", "np.array([0.25, x], dtype='f4')", ""),
    ("array of objects", "np.array([0.25, x], dtype=object)", ""),
    ("deque", "deque([0.25, x])", "from collections import deque"),
    ("generator", "(v for v in (0.25, x))", ""),
    ("map", "map(float, [0.25, x])", ""),
    ("values of a dictionary", "{'a': 0.25, 'b': x}.values()", ""),
    ("array of Python", "array('d', [0.25, x])", "from array import array"),
    ("named tuple", "P§(0.25, x)",
     "from collections import namedtuple\nP§ = namedtuple('P', 'a b')"),
    ("fraction and decimal", "[Fraction(1, 4), Decimal(repr(x))]",
     "from fractions import Fraction\nfrom decimal import Decimal"),
    ("masked array without a mask", "np.ma.array([0.25, x])", ""),
    ("masked array, nothing masked", "np.ma.masked_invalid([0.25, x])", ""),
    ("series", "pd.Series([0.25, x])", "import pandas as pd"),
    ("series of objects", "pd.Series([0.25, x], dtype=object)", "import pandas as pd"),
    ("column of a frame", "pd.DataFrame({'a': [0.25, x]})['a']", "import pandas as pd"),
    ("index", "pd.Index([0.25, x])", "import pandas as pd"),
    ("complex, nearly real", "[0.25 + 1e-14j, x]", ""),
    ("SymPy", "[sympy.Rational(1, 4), sympy.Float(x)]", "import sympy"),
    ("sparse", "sparse.csr_array([0.25, x]).toarray().ravel()", "from scipy import sparse"),
    ("polynomial", "np.poly1d([0.25, x]).coeffs", ""),
    ("sequence of its own", "Two§(x)", "class Two§:\n    def __init__(self, x): self.x = x\n"
     "    def __len__(self): return 2\n    def __getitem__(self, i): return [0.25, self.x][i]"),
):  # fmt: skip
    returns(VECTORS, name, value, "pass", before)
for name, value, status in (
    ("set", "{0.25, x}", "wrong"),
    ("text", "f'[0.25, {x}]'", "wrong"),
    ("texts", "['0.25', str(x)]", "wrong"),
    ("dictionary", "{'a': 0.25, 'b': x}", "wrong"),
    ("matrix", "np.array([[0.25, x]])", "wrong"),
    ("NaN", "[0.25, float('nan')]", "wrong"),
    ("infinite", "[0.25, np.inf]", "wrong"),
    ("nothing", "None", "wrong"),
    ("ragged", "[0.25, [x]]", "wrong"),
    ("object", "object()", "protocol"),
    ("function", "len", "protocol"),
    ("bytes", "b'ab'", "protocol"),
    ("masked", "np.ma.array([0.25, x], mask=[0, 1])", "protocol"),
    ("without end", "iter(int, 1)", "protocol"),
    ("too many", "[0.25] * 300_000", "protocol"),
    ("a reply too large", "[[x] * 190_000] * 4", "protocol"),
    ("a generator that fails", "(1 / 0 for _ in range(2))", "error"),
    ("failure", "[0.25, x / 0]", "error"),
    ("exit", "sys.exit(0)", "error"),
    ("an argument less", "(lambda: 1)(x)", "error"),
    ("a name that is nowhere", "undefined", "error"),
):
    returns(VECTORS, name, value, status)
for name, value, before in (
    ("float", "x", ""),
    ("array without axes", "np.array(x)", ""),
    ("array of one", "np.array([[x]])", ""),
    ("decimal", "Decimal(repr(x))", "from decimal import Decimal"),
    ("fraction", "Fraction(x)", "from fractions import Fraction"),
    ("number of its own", "F§(x)", "class F§(float):\n    pass"),
    ("what is a float", "F§(x)", "class F§:\n    def __init__(self, x): self.x = x\n"
     "    def __float__(self): return self.x"),
    ("member of an enumeration", "Enum('E', {'A': x}).A", "from enum import Enum"),
    ("complex without a part", "complex(x)", ""),
):  # fmt: skip
    returns(NUMBERS, name, value, "pass", before)
for name, value, status in (
    ("truth where 1 is asked", "(x > 0)", "wrong"),
    ("text of a number", "str(x)", "wrong"),
    ("list of one", "[x]", "wrong"),
    ("beyond floats", "10**400", "protocol"),
):
    returns(NUMBERS, name, value, status)
for name, value, before in (
    ("rows", "[{'name': 'a', 'value': x}, {'name': 'b', 'value': 1}]", ""),
    ("columns", "{'name': ['a', 'b'], 'value': np.array([x, 1])}", ""),
    ("frame", "pd.DataFrame({'name': ['a', 'b'], 'value': [x, 1]})", "import pandas as pd"),
    ("indexed frame", "pd.DataFrame({'name': ['a', 'b'], 'value': [x, 1]}).set_index('name')",
     "import pandas as pd"),
    ("categories", "pd.DataFrame({'name': pd.Categorical(['a', 'b']), 'value': [x, 1]})",
     "import pandas as pd"),
    ("named tuples", "(R§('a', x), R§('b', 1))",
     "from typing import NamedTuple\nclass R§(NamedTuple):\n    name: str\n    value: float"),
    ("data classes", "[R§('a', x), R§('b', 1)]",
     "from dataclasses import dataclass\n@dataclass\nclass R§:\n    name: str\n    value: float"),
    ("records", "np.rec.fromrecords([('a', x), ('b', 1)], names='name,value')", ""),
    ("ordered rows", "[OrderedDict(name='a', value=x), OrderedDict(name='b', value=1)]",
     "from collections import OrderedDict"),
    ("keys of an enumeration", "[{K§.N: 'a', K§.V: x}, {K§.N: 'b', K§.V: 1}]",
     "from enum import StrEnum\nK§ = StrEnum('K§', {'N': 'name', 'V': 'value'})"),
    ("texts of NumPy", "[{'name': n, 'value': v} for n, v in zip(np.array(['a', 'b']), [x, 1])]",
     ""),
):  # fmt: skip
    returns(TABLES, name, value, "pass", before)
for name, value, status in (
    ("rows without a column", "[{'name': 'a'}, {'name': 'b'}]", "wrong"),
    ("lists", "[['a', x], ['b', 1]]", "wrong"),
    ("numbers as keys", "[{1: x}]", "protocol"),
):
    returns(TABLES, name, value, status)
returns(TEXTS, "text", "['a', 'b']", "pass")
returns(TEXTS, "tuple of texts", "('a', 'b')", "pass")
returns(TEXTS, "array of texts", "np.array(['a', 'b'])", "pass")
returns(TEXTS, "keys", "{'a': 1, 'b': 2}.keys()", "pass")
returns(TEXTS, "sorted", "sorted({'b', 'a'})", "pass")
returns(TEXTS, "set of texts", "{'a', 'b'}", "wrong")
returns(TEXTS, "dates", "[datetime.date(2024, 1, 2)]", "wrong", "import datetime")

BODY = "def answer§(x):\n    return [0.25, x]"
AWAIT = "import asyncio\nasync def quarter§():\n    await asyncio.sleep(0)\n    return 0.25"
POOL = (
    "from concurrent.futures import ProcessPoolExecutor\ndef same§(v):\n    return v\n"
    "def answer§(x):\n    with ProcessPoolExecutor(1) as pool:\n"
    "        return list(pool.map(same§, [0.25, x]))"
)
for name, *cells in (
    ("%%time", f"%%time\n{BODY}"),
    ("%%capture", f"%%capture kept\n{BODY}"),
    ("magics", f"%matplotlib inline\n%load_ext autoreload\n%autoreload 0\n{BODY}"),
    ("a timed value", f"%time quarter§ = 0.25\n{BODY.replace('0.25', 'quarter§')}"),
    ("shell", f"!true\nfiles = !true\n{BODY}"),
    ("help", f"{BODY}\nlen?"),
    ("display", f"{BODY}\ndisplay(answer§(1.0))"),
    ("display inside", BODY.replace("return", "display(x)\n    return")),
    ("prompts", "\n".join((">>> " + BODY).replace("\n", "\n... ").splitlines())),
    ("indented", "\n".join(f"    {line}" for line in BODY.splitlines())),
    ("line ends of Windows", "%%time\r\n" + BODY.replace("\n", "\r\n")),
    ("await", AWAIT, f"half§ = 2 * await quarter§()\n{BODY.replace('0.25', 'half§ / 2')}"),
    ("from __future__", "import math", f"from __future__ import annotations\n{BODY}"),
    ("a class that names itself", "from __future__ import annotations",
     "class A§:\n    def f(self) -> A§: ...\n" + BODY),
    ("bash in a cell of its own", "%%bash\ntrue", BODY),
    ("process pool", POOL),
    ("threads", POOL.replace("Process", "Thread")),
    ("get_ipython", f"get_ipython().run_line_magic('matplotlib', 'inline')\n{BODY}"),
    ("get_ipython, imported", f"from IPython import get_ipython\nshell§ = get_ipython()\n"
     f"shell§.run_line_magic('precision', '8')\n{BODY}"),
    ("two cells", "def part§(x):\n    return x", BODY.replace("x]", "part§(x)]")),
    ("partial", "from functools import partial\ndef two§(a, b):\n    return [a, b]\n"
     "answer§ = partial(two§, 0.25)"),
    ("cached", "from functools import cache\n@cache\n" + BODY),
    ("lambda", "answer§ = lambda x: [0.25, x]"),
    ("callable", "class Answer§:\n    def __call__(self, x):\n        return [0.25, x]\n"
     "answer§ = Answer§()"),
    ("main", f"{BODY}\nif __name__ == '__main__':\n    answer§(1.0)"),
):  # fmt: skip
    VECTORS[name] = (list(cells), "pass")
for name, *cells in (
    ("%%timeit keeps nothing", f"%%timeit -n 1 -r 1\n{BODY}"),
    ("no function", "answer§ = [0.25, 1]"),
    ("other name", BODY.replace("answer", "another")),
    ("syntax", BODY + ")"),
    ("coroutine", f"async {BODY}"),
):
    VECTORS[name] = (list(cells), "protocol" if name == "coroutine" else "error")

# Alone, each is a question of its own.
SPOILED = {"vector: syntax"}
ANSWERS = {
    f"{kind}: {name}": (kind, *answer)
    for kind, answers in (
        ("vector", VECTORS), ("number", NUMBERS), ("table", TABLES), ("text", TEXTS)
    )
    for name, answer in answers.items()
}  # fmt: skip
SETUP = "import sys\nimport numpy as np"
CHECKS = """\
import numpy as np
from qmlcourse.grading import Exercise, Wrong, array, number, same, table

exercise = Exercise("corpus", "A corpus")


def judge(kind, value, x):
    if kind == "vector":
        same(array(value, (2,), "it"), np.array([0.25, x]), "it")
    elif kind == "number":
        same(number(value, "it"), x, "it")
    elif kind == "table":
        rows = table(value, ["name", "value"], "it")
        same(array([row["value"] for row in rows], (2,), "it"), np.array([x, 1]), "it")
        if [row["name"] for row in rows] != ["a", "b"]:
            raise Wrong("the names are others")
    elif value != ["a", "b"]:
        raise Wrong("the texts are others")


def add(question, n, kind):
    def check(answer, rng):
        x = float(rng.uniform(0.1, 0.2))
        judge(kind, answer(f"answer{n}", x), x)

    check.__name__, check.__doc__ = f"check{n}", f"answer {n}"
    exercise.check(question, points=1)(check)


"""


def numbered() -> list[tuple[str, str, list[str], str]]:
    """Return name, question, cells and status of all answers."""
    found = []
    for n, (name, (_, cells, status)) in enumerate(ANSWERS.items()):
        question = f"alone{n}" if name in SPOILED else "all"
        found.append((name, question, [cell.replace("§", str(n)) for cell in cells], status))
    return found


def write(folder: Path) -> Path:
    """Write the exercise and a notebook with all answers; return the notebook's path."""
    place = folder / "corpus"
    place.mkdir(parents=True)
    lines = [f"exercise.question({q!r}, seconds=500)" for q in questions()]
    lines += [
        f"add({question!r}, {n}, {ANSWERS[name][0]!r})"
        for n, (name, question, _, _) in enumerate(numbered())
    ]
    (place / "checks.py").write_text(CHECKS + "\n".join(lines), "utf-8")
    (place / "rubric.md").write_text("| A | B |\n| - | - |\n", "utf-8")
    setup = {"cell_type": "code", "source": SETUP, "metadata": {"tags": ["setup"]}}
    (place / "corpus.ipynb").write_text(json.dumps({"cells": [setup]}), "utf-8")
    cells = [setup]
    for _, question, sources, _ in numbered():
        tags = {"tags": [f"question-{question}"]}
        cells += [{"cell_type": "code", "source": s, "metadata": tags} for s in sources]
    path = folder / "answers.ipynb"
    path.write_text(
        json.dumps({"cells": cells, "metadata": {"qmlcourse": {"exercise": "corpus"}}}), "utf-8"
    )
    return path


def questions() -> list[str]:
    return list(dict.fromkeys(question for _, question, _, _ in numbered()))


def as_jupyter(path: Path) -> None:
    """Run a notebook's cells as Jupyter would, then `check_answer` for every question."""
    from IPython.terminal.interactiveshell import TerminalInteractiveShell

    from qmlcourse.grading import check_answer

    shell = TerminalInteractiveShell.instance()
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        shell.run_cell(cell["source"])
    print("-- checked")
    for question in questions():
        check_answer("corpus", question, shell.user_ns)


if __name__ == "__main__":
    as_jupyter(Path(sys.argv[1]))
