"""A learner's cell as code: what only Jupyter knows is made plain or left out, and told."""

import ast
import inspect
import subprocess
import sys

import pytest

from qmlcourse.grading.cells import Cells, plain

# Cell → the Python that is run, and what is told to be left out.
PLAIN = {
    "Python": ("x = 1  # why?\ny = '%%time'\n", "x = 1\ny = '%%time'", []),
    "line magic": ("%matplotlib inline\nx = 1", "pass\nx = 1", ["%matplotlib inline"]),
    "time": ("%time x = f(2)", "x = f(2)", ["%time"]),
    "time of a value": ("x = %time f(2)", "x = f(2)", ["%time"]),
    "timeit keeps nothing": ("%timeit -n 3 x = f(2)", "pass", ["%timeit -n 3 x = f(2)"]),
    "timeit of a value": ("x = %timeit -o f()", "x = None", ["%timeit -o f()"]),
    "profile": ("%prun -s time -l 3 x = f(2)", "x = f(2)", ["%prun"]),
    "profile, odd option": ("%prun -9 f(2)", "pass", ["%prun"]),
    "cell time": ("%%time\ndef f(x):\n    return x", "def f(x):\n    return x", ["%%time"]),
    "capture": ("%%capture out\nx = 1", "x = 1", ["%%capture"]),
    "magics in magics": (
        "%%capture\n%%time\n!ls\nx = 1", "pass\nx = 1", ["%%capture", "%%time", "!ls"]
    ),
    "bash": ("%%bash\nrm -rf x", "pass", ["%%bash and what is below it"]),
    "cell timeit": ("%%timeit\nx = 1", "pass", ["%%timeit and what is below it"]),
    "file": ("%%writefile a.py\nx = 1", "pass", ["%%writefile and what is below it"]),
    "shell": ("!pip install numpy\nx = 1", "pass\nx = 1", ["!pip install numpy"]),
    "shell with a value": ("x = !ls", "x = []", ["!ls"]),
    "lines of a shell": ("!!ls", "pass", ["!ls"]),
    "automatic": ("pip install numpy", "pass", ["%pip install numpy"]),
    "question": ("np.sin?\n??f", "pass\npass", ["np.sin?", "f?"]),
    "in a function": (
        "def f():\n    %time x = 1\n    !ls\n    return x",
        "def f():\n    x = 1\n    pass\n    return x", ["%time", "!ls"],
    ),
    "prompts": (">>> x = 1\n>>> y = 2", "x = 1\ny = 2", []),
    "indented": ("    x = 1\n    y = 2", "x = 1\ny = 2", []),
    "line ends of Windows": ("%%time\r\nx = 1\r\n", "x = 1", ["%%time"]),
    "display": ("display(1)\nx = 1", "display(1)\nx = 1", ["display"]),
    "exported": (
        "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 1", "pass\nx = 1",
        ["%matplotlib inline"],
    ),
    "get_ipython, imported": (
        "from IPython import get_ipython\nshell = get_ipython()", "pass\nshell = get_ipython()", []
    ),
    "imported beside": ("from IPython import display, get_ipython", "from IPython import display",
                        []),
    "as another name": (
        "from IPython import get_ipython as g", "from IPython import get_ipython as g", []
    ),
    "get_ipython of a module": (
        "import IPython\nIPython.get_ipython().system('ls')\nshell = IPython.get_ipython()",
        "import IPython\npass\nshell = get_ipython()", ["!ls"],
    ),
    "another use of get_ipython": ("y = get_ipython() is None", "y = get_ipython() is None", []),
    "a magic made at run time": (
        "get_ipython().run_line_magic('time', f(1))", "get_ipython().run_line_magic('time', f(1))",
        [],
    ),
    "a magic without a line": (
        "get_ipython().run_line_magic('time')", "get_ipython().run_line_magic('time')", []
    ),
    "long": ("!echo " + "x" * 100, "pass", ["!echo " + "x" * 53 + "…"]),
    "twice": ("!ls\n!ls", "pass\npass", ["!ls"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "python", "left_out"), PLAIN.values(), ids=PLAIN)
def test_a_cell_is_made_plain(source, python, left_out):
    tree, told = plain(source)
    assert told == left_out
    assert ast.unparse(ast.parse(ast.unparse(tree))) == ast.unparse(ast.parse(python))


@pytest.mark.parametrize("source", ["def f(:", "%%time\nx = = 1", "pip install x\ny = = 2"])
def test_what_jupyter_does_not_take_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        plain(source)


@pytest.fixture
def cells():
    with Cells({}) as made:
        yield made


def test_cells_share_their_names_and_say_what_was_left_out(cells):
    cells.run("one", "%matplotlib inline\n!ls\nx = 1")
    cells.run("two", "y = x + 1")
    cells.run("three", "\n".join(f"!echo {n}" for n in range(20)))
    assert cells.namespace["y"] == 2
    assert cells.notes[0] == "one: left out, for only Jupyter knows it: %matplotlib inline, !ls"
    assert cells.notes[1].startswith("three: ") and cells.notes[1].endswith(", !echo 7, and more")


def test_await_works_at_the_top_of_a_cell(cells):
    cells.run("a", "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 3")
    cells.run("b", "task = asyncio.create_task(f()) if False else None\nx = await f()")
    cells.run("c", "async def later():\n    return 4\ntask = asyncio.ensure_future(later())\n"
              "await asyncio.sleep(0)")  # fmt: skip
    cells.run("d", "y = await task\nz = [await f() for _ in range(2)]")
    assert [cells.namespace[name] for name in "xyz"] == [3, 4, [3, 3]]
    cells.run("e", "def g():\n    return asyncio.run(f())\nw = g()")
    assert cells.namespace["w"] == 3


def test_a_future_statement_holds_from_its_line_on(cells):
    cells.run("a", "def f(x: int): ...")
    cells.run("b", "y = 1\nfrom __future__ import annotations\ndef g(x: Unknown): ...")
    cells.run("c", "def h(x: Unknown): ...")
    kinds = [cells.namespace[name].__annotations__["x"] for name in "fgh"]
    assert kinds == [int, "Unknown", "Unknown"]


def test_what_notebooks_have_is_there_and_does_nothing(cells):
    cells.run("a", "display(1, clear=True)\nshell = get_ipython()\n"
              "shell.run_line_magic('ti' + 'me', '')\nshell.events.register")  # fmt: skip
    assert cells.namespace["display"](2) is None
    cells.run("b", "def display(x):\n    return x\nx = display(3)")
    assert cells.namespace["x"] == 3


def test_a_failure_shows_the_learners_line(cells):
    with pytest.raises(ZeroDivisionError) as caught:
        cells.run("a", "%%time\n\nx = 1 / 0")
    frame = caught.traceback[-1]
    assert (frame.path, frame.lineno + 1) == ("<answer a>", 3)
    with pytest.raises(SyntaxError, match=r"\(<answer b>, line 2\)"):
        cells.run("b", "x = 1\ny = = 2")
    cells.run("c", "def f():\n    return 1")
    assert inspect.getsource(cells.namespace["f"]) == "def f():\n    return 1"


POOL = """
import concurrent.futures, sys, types
from qmlcourse.grading.cells import Cells
sys.modules["__main__"] = module = types.ModuleType("__main__")
with Cells(module.__dict__) as cells:
    cells.run("a", "import multiprocessing\\ndef f(x):\\n    return x + 1")
    context = cells.namespace["multiprocessing"].get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        print(list(pool.map(cells.namespace["f"], [1, 2])))
"""


def test_a_process_pool_finds_the_functions_of_a_cell():
    # In a process of its own: other tests leave threads behind, which a fork does not survive.
    command = [sys.executable, "-c", POOL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "[2, 3]\n"
