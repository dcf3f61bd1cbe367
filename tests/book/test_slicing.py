"""The cells that a counterfactual runs are all that its claims rest on, and few others."""

import chapters
import pytest
import slicing

EXAMPLES = {
    "a name that is bound and read": (["a = 1", "b = 2", "c = a"], [0, 2]),
    "only the last binding before": (["a = 1", "a = 2", "c = a"], [1, 2]),
    "a binding that may not happen": (["a = 1", "if p:\n    a = 2", "c = a"], [0, 1, 2]),
    "one that rests on itself": (["a = 1", "a += 1", "b = 0", "c = a"], [0, 1, 3]),
    "a function, and what it reads when it is called": (
        ["k = 1", "def f(x):\n    return k * x", "k = 2", "c = f(3)"], [0, 1, 2, 3],
    ),
    "names that are a function's own": (
        ["x = 1", "def f(x):\n    return [x for x in x]", "c = f(3)"], [1, 2],
    ),
    "a function in a function": (
        ["k = 1", "def f():\n    def g():\n        return k\n    return g", "c = f()()"], [0, 1, 2],
    ),
    "a lambda in a list": (["k = 1", "f = [lambda: k]", "c = f[0]()"], [0, 1, 2]),
    "a comprehension's own names": (["i = 5", "a = [i for i in (1, 2)]", "c = a"], [1, 2]),
    "what a comprehension reads": (["n = 5", "a = [n for i in (1, 2)]", "c = a"], [0, 1, 2]),
    "what a comprehension in a function reads": (
        ["n = 5", "def f():\n    return [n for _ in (1,)]", "c = f()"], [0, 1, 2],
    ),
    "what a comprehension in a function reads when it is called": (
        ["n = 5", "def f():\n    return [n for _ in (1,)]", "n = 6", "c = f()"], [0, 1, 2, 3],
    ),
    "the name of a loop": (["i = 5", "for i in (1, 2):\n    c = i"], [1]),
    "what is drawn before from the same stream": (
        ["rng = new()", "x = rng.normal()", "rng_b = new()", "y = draw(rng)", "c = rng.normal()"],
        [0, 1, 3, 4],
    ),
    "what is added to a list": (["a = []", "a.append(1)", "b = a[0]", "c = a"], [0, 1, 3]),
    "a part that is assigned": (["a = {}", "a['k'] = 1", "print(a)", "c = a"], [0, 1, 3]),
    "a parameter, whose methods change nothing": (["p.copy()", "c = p"], [1]),
    "a module, whose functions change nothing": (
        ["import numpy as np", "np.ones(1)", "c = np"], [0, 2],
    ),
    "a drawing of its own": (
        ["f, ax = new()\nax.plot(1)", "f, ax = new()\nax.plot(2)", "c = ax"], [1, 2],
    ),
    "a line of IPython": (["%pip install x", "a = 1", "c = a"], [1, 2]),
    "what a with binds": (["with f() as a:\n    pass", "c = a"], [0, 1]),
    "a class and its base": (["B = object", "class A(B):\n    pass", "c = A()"], [0, 1, 2]),
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_cell_rests_on(name):
    sources, wanted = EXAMPLES[name]
    assert slicing.needed(sources, [len(sources) - 1], {"p"}) == wanted


@pytest.mark.parametrize("name", chapters.NAMES)
def test_all_of_a_chapters_claims_need_their_cells_and_its_set_up(name):
    notebook = chapters.committed(name)
    kept = slicing.needed_for(notebook, list(chapters.of(name)))
    for k, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and (
            chapters.made_by(cell) or "parameters" in cell.metadata.get("tags", [])
        ):
            assert k in kept
