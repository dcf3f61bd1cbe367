"""The minutes that each chapter states, counted again."""

import nbformat
import pytest
import reading_time
from chapters import BOOK, NAMES
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

IMAGE = {"image/png": "iVBORw0KGgo="}
TABLE = {"text/html": '<table class="dataframe">'}
CLAIM = {"application/vnd.qmlcourse.claim+json": {}, "text/html": "<div>"}
EMPTY = new_notebook()


def page(*cells: str | tuple[str, list[str], list[dict]]) -> nbformat.NotebookNode:
    """Return a notebook of Markdown, and of code with its tags and outputs."""
    return new_notebook(
        cells=[
            new_markdown_cell(cell)
            if isinstance(cell, str)
            else new_code_cell(
                cell[0],
                metadata={"tags": cell[1]},
                outputs=[new_output("display_data", data=data) for data in cell[2]],
            )
            for cell in cells
        ]
    )


@pytest.mark.parametrize(
    ("cells", "counted"),
    [
        (["# A title\n\nFour words stand here."], {"words": 6}),
        (["A {term}`kernel` and [a page](/book/notation.md)."], {"words": 5}),
        (["One:\n\n$$x = 1$$\n\nTwo:\n\n$$\ny\n= 2\n$$"], {"words": 2, "equations": 2}),
        (["In $x$ line"], {"words": 3}),
        (["| a | b |\n| --- | --- |\n| c | d |"], {"words": 4, "pictures": 1}),
        (["- one\n- two\n\n1. three"], {"words": 3}),
        ([":::{admonition} Note\nread this\n:::"], {"words": 2}),
        ([":::{admonition} Optional: more\n:class: dropdown\nnobody reads this\n:::"], {}),
        (["```{admonition} Optional\n---\nclass: dropdown\n---\nnobody reads this\n```"], {}),
        (["```python\na = 1\n\nb = 2\n```"], {"lines": 2}),
        (["```{quiz}\nnot shown\n```"], {}),
        ([("a = 1\n\nb = 2\n", [], [])], {"lines": 2}),
        ([("import numpy", ["hide-input"], [IMAGE])], {"pictures": 1}),
        ([("seed = 0", ["parameters", "hide-cell"], [IMAGE])], {}),
        ([("show()", [], [IMAGE, TABLE, CLAIM])], {"lines": 1, "pictures": 2, "claims": 1}),
        ([("interactive()", [], [{"text/html": '<div class="qml-figure">'}])], {"lines": 1}),
        (["## Further reading\n\nnobody has to", ("more()", [], [])], {}),
        (["here\n\n## Further reading\n\nnot\n\n## Next\n\nhere"], {"words": 3}),
    ],
)
def test_what_counts(cells: list, counted: dict[str, int]) -> None:
    main, exercises = reading_time.counted(page(*cells))
    assert {kind: n for kind, n in main.items() if n} == counted
    assert not exercises.total()


def test_exercises_count_apart_with_their_folded_solutions() -> None:
    solution = ":::{admonition} Solution\n:class: dropdown\n```python\na = 1\n```\nso it is\n:::"
    main, exercises = reading_time.counted(
        page("here", "## Exercises\n\n**1. One.** Do it.", solution, "## Check yourself\n\nnow")
    )
    assert dict(main) == {"words": 4}
    assert dict(exercises) == {"words": 8, "exercises": 1, "lines": 1}


def test_minutes_are_the_sum_of_what_was_counted() -> None:
    solution = ":::{admonition} Solution\n:class: dropdown\n" + "word " * 400 + "\n:::"
    notebook = page(
        "word " * 1000 + "\n\n$$x$$\n\n$$y$$\n\n$$z$$",
        ("a\n" * 24, [], [IMAGE, IMAGE, *[CLAIM] * 6]),
        "## Exercises",
        solution,
    )
    # 5 for the words, 1 for the equations, 1 for the figures, 1 for the claims; 2 for the code;
    # 10 for the exercise, 2 for its solution and a word in a hundredth of a minute.
    assert reading_time.minutes(notebook) == (8, 10, 22)
    line = "- **Time:** 8 minutes to read, 10 with the code, 22 with the exercises.\n"
    source = "- **Need:** nothing.\n- **Time:** long\n  ago.\n:::\n\nText."
    written = reading_time.with_line(source, notebook)
    assert written.startswith(f"- **Need:** nothing.\n{line}  {{doc}}")
    assert written.endswith(".\n:::\n\nText.")
    assert reading_time.with_line(written, notebook) == written


def test_a_page_without_exercises_does_not_name_them() -> None:
    assert "exercises" not in str(reading_time.minutes(page("word")))


@pytest.mark.parametrize("name", NAMES)
def test_a_chapter_states_the_minutes_that_are_counted(name: str) -> None:
    source = (BOOK / "src" / f"{name}.md").read_text(encoding="utf-8")
    notebook = nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    assert reading_time.LINE.search(source), f"{name} has no line **Time:** in its box"
    assert reading_time.with_line(source, notebook) == source, (
        f"run nox -s chapters -- {name}: it says how long {name} takes a reader"
    )
