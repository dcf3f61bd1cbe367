"""The page that a learner publishes: what of a notebook it shows, and that nothing in it runs."""

import base64
import copy
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from class_run import SOLUTION, TOY, save
from pages import Page, check_that_nothing_is_loaded

from qmlcourse.cli import main
from qmlcourse.grading import Report, grade
from qmlcourse.grading._prose import prose

NO_SANDBOX = "The page says that the checks ran without a sandbox.\n"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(8)"><script>alert(9)</script></svg>'


@pytest.fixture(autouse=True)
def folder(toy, monkeypatch, tmp_path):
    """Work in an empty folder, on the toy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


@pytest.fixture(scope="module")
def marks():
    """Return marks of the worked solution; a test puts its own notebook's digest into them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QMLCOURSE_EXERCISES", str(TOY.parent))
        return grade(TOY / "solution.ipynb", seed=5, isolated=False)


def part(notebook, tag):
    (found,) = (c for c in notebook["cells"] if tag in c["metadata"].get("tags", []))
    return found


def markdown(source, *tags, **more):
    return {"cell_type": "markdown", "source": source, "metadata": {"tags": list(tags)}} | more


def with_report(*cells):
    """Return the worked notebook with other cells from its report on."""
    notebook = copy.deepcopy(SOLUTION)
    first = notebook["cells"].index(part(notebook, "report"))
    notebook["cells"][first:] = cells
    return notebook


def with_below_figure(*cells):
    """Return the worked notebook with cells right below its experiment."""
    notebook = copy.deepcopy(SOLUTION)
    number = notebook["cells"].index(part(notebook, "experiment")) + 1
    notebook["cells"][number:number] = cells
    return notebook


def reported(marks, notebook, *options, change=lambda text: text):
    """Run the command and return its exit status."""
    path = save(notebook, Path("a.ipynb"))
    report = copy.deepcopy(marks)
    report.submission, report.sha256 = "a.ipynb", grade(path, questions=[], isolated=False).sha256
    Path("report.json").write_text(change(report.to_json()))
    return main(["report", "report.json", str(path), *options])


def page_of(marks, notebook, *options, **more):
    assert reported(marks, notebook, *options, **more) == 0
    return Page(Path("portfolio.html").read_text("utf-8"))


def refused(capsys, marks, notebook, *options):
    assert reported(marks, notebook, *options) == 2
    assert not Path("portfolio.html").exists()
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("qmlcourse: ")


def test_the_page_shows_text_figures_and_marks(capsys, marks):
    notebook = with_below_figure(markdown("**Caption:** the _cosine_, $x_1*x_2$", "caption"))
    page = page_of(marks, notebook, "--author", "Ann <b>Example</b>")
    out, err = capsys.readouterr()
    assert (out, err) == ("portfolio.html\n", NO_SANDBOX)
    check_that_nothing_is_loaded(page)
    for words in (
        "A toy", "Ann <b>Example</b>", "10 of 10 points", "The expectation is cos(x).",
        "At a quarter turn the expectation is 0.0.", "Honesty (20)", "seed 5", "Figure 1.",
        "qmlcourse check a.ipynb --exercise toy --seed 5",
    ):  # fmt: skip
        assert words in page.text
    (image,) = page.all("src")
    output = part(SOLUTION, "experiment")["outputs"][-1]["data"]["image/png"]
    assert image == "data:image/png;base64," + "".join(output).replace("\n", "")
    assert page.all("alt") == ["Figure 1: the cosine, x1*x2"]
    # The learner's headings stand below the page's own one, the marks below all of it, folded.
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == 1 and tags.index("article") < tags.index("details")
    assert "Commit" not in page.text, "there is no repository here"
    assert "changed after the grader" not in page.text


def test_nothing_on_the_page_is_the_courses(marks, capsys):
    """The worked solution's description of its figure is no caption of the learner's."""
    page = page_of(marks, SOLUTION)
    assert page.all("alt") == ["Figure 1"]
    assert "A cosine" not in Path("portfolio.html").read_text("utf-8")
    assert "Write a report." not in page.text, "what the notebook says to the learner"
    said = capsys.readouterr().err
    assert said.startswith("Figure 1 of the page has no caption: write one into a Markdown cell")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (markdown("Caption: one."), "one."),
        (markdown("Figure 1: two."), "two."),
        (markdown("**Figure.** three."), "three."),
        (markdown("four.", "caption"), "four."),
        (markdown("Some other text."), ""),
        (markdown("_Caption: what does the figure above show?_", "caption"), ""),
        ({"cell_type": "code", "source": "# Caption: no", "metadata": {}, "outputs": []}, ""),
    ],
)
def test_a_caption_is_the_text_below_a_figure(cell, shown, marks, monkeypatch):
    original = json.loads((TOY / "toy.ipynb").read_text("utf-8"))
    original["cells"].append(markdown("_Caption: what does the figure above show?_", "caption"))
    Path("exercises/toy").mkdir(parents=True)
    Path("exercises/toy/toy.ipynb").write_text(json.dumps(original))
    for file in ("checks.py", "rubric.md"):
        shutil.copy(TOY / file, f"exercises/toy/{file}")
    monkeypatch.setenv("QMLCOURSE_EXERCISES", "exercises")
    page = page_of(marks, with_below_figure(cell))
    assert page.all("alt") == ["Figure 1" + (f": {shown}" if shown else "")]
    assert not shown or f"Figure 1. {shown}" in " ".join(page.text.split())


def test_a_report_is_found_wherever_it_was_written(marks):
    below = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [
        {"output_type": "display_data", "data": {"text/markdown": ["It ", "fell."]}, "metadata": {}}
    ]}  # fmt: skip
    placeholder = markdown("_Your report here._", "report")
    for cells in (
        [markdown("# One\n\nIt fell.", "report")],
        [placeholder, below],  # a code cell below the cell that was meant
        [placeholder, markdown("It fell.")],
        [below],  # that cell was deleted; the heading "Report" stands
        [below | {"metadata": {"tags": ["report"]}}],
        [markdown("It fell.", "report"), markdown("## More\n\nAnd rose.")],
    ):
        page = page_of(marks, with_report(*cells))
        assert "It fell." in page.text and "Your report here" not in page.text
    assert "And rose." in page.text


def test_a_report_that_was_not_written_is_refused(marks, capsys):
    missing = (
        "a.ipynb holds no report: write it into the cell tagged report, or display it with "
        "Markdown there, run the notebook and save it"
    )
    unrun = copy.deepcopy(SOLUTION)
    part(unrun, "report")["outputs"] = []
    for notebook in (
        unrun, with_report(), with_report(markdown("# Title\n\n_Your report here._", "report")),
    ):  # fmt: skip
        assert refused(capsys, marks, notebook) == missing
    half = with_report(markdown("## A\n\nIt fell.\n\n## B\n\n_Your report\nhere._", "report"))
    assert refused(capsys, marks, half) == (
        "the report of a.ipynb still holds '_Your report here._': put your own words in its "
        "place, or delete it"
    )


def test_formulas_are_drawn_and_text_around_them_is_kept():
    assert "<msub><mi>a</mi><mn>1</mn></msub><mo>*</mo><msub><mi>b</mi>" in prose("$a_1*b_2*c$")
    assert 'display="block"' in prose("$$x$$") and "<mtable" in prose(
        "\\begin{align}\na &= b\n\\end{align}"
    )
    assert prose("`$x$`, $5 and $6") == "<p><code>$x$</code>, $5 and $6</p>\n"
    assert prose("$\\frac{$") == "<p><code>\\frac{</code></p>\n"
    for hostile in ("\\text{<script>a</script>}", "\\href{javascript:a}{x}", "\\class{a}{x}",
                    "\\style{color:red}{x}", "\\id{a}{x}", "\\unicode{<b>}"):  # fmt: skip
        drawn = prose(f"${hostile}$")
        assert "<script" not in drawn and "<b>" not in drawn and "href" not in drawn
        assert "style=" not in drawn and "id=" not in drawn and "class=" not in drawn


@pytest.mark.parametrize(
    "rows",
    [
        "aligned", "align", "align*", "alignedat}{2", "alignat}{2", "alignat*}{2", "split",
        "gathered", "gather", "gather*", "multline", "cases",
    ],
)  # fmt: skip
def test_rows_of_a_formula_stand_below_each_other(rows):
    name, mark = rows.partition("}")[0], "" if rows[:3] in ("gat", "mul") else "&"
    typed = f"$$\\begin{{{rows}}} a {mark}= b \\\\ c {mark}= 2 \\end{{{name}}}$$"
    drawn = prose(typed)
    assert drawn.count("<mtr>") == 2 and "&amp;" not in drawn and "linebreak" not in drawn
    # Neither the number of columns nor one of the equation: no number but the formula's own.
    assert re.findall(r"\d", re.sub(r"<[^>]*>", "", drawn)) == ["2"]


def test_headings_stand_right_below_the_title(marks):
    for report in ("# One\n\nText\n\n## Two", "### One\n\nText\n\n#### Two"):
        page = page_of(marks, with_report(markdown(report, "report")))
        tags = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert tags[:3] == ["h1", "h2", "h3"]


def test_attached_and_drawn_images_are_shown(marks):
    png = "".join(part(SOLUTION, "experiment")["outputs"][-1]["data"]["image/png"])
    text = "Text ![mine](attachment:a.png) ![drawn](attachment:b.svg) ![none](attachment:c.png)"
    cell = markdown(text, "report", attachments={
        "a.png": {"image/png": png}, "b.svg": {"image/svg+xml": SVG}, "d": 3,
    })  # fmt: skip
    notebook = with_report(cell)
    part(notebook, "experiment")["outputs"] = [
        {"output_type": "display_data", "data": {"image/svg+xml": [SVG], "image/png": png}},
        {"output_type": "display_data", "data": {"image/jpeg": "/9j/4AAQ"}},
    ]
    page = page_of(marks, notebook)
    kinds = [source.partition(";")[0] for source in page.all("src")]
    assert kinds == [
        "data:image/png",
        "data:image/svg+xml",
        "data:image/svg+xml",
        "data:image/jpeg",
    ]
    assert page.all("alt") == ["mine", "drawn", "Figure 1, part 1", "Figure 1, part 2"]
    assert base64.b64decode(page.all("src")[1].partition(",")[2]).decode() == SVG
    assert "none" in page.text and "attachment" not in page.text


def test_tables_and_printed_results_are_shown(marks):
    frame = (
        '<div><style>th {color: red}</style><table border="1"><thead><tr><th></th><th>low</th></tr>'
        "</thead><tbody><tr><th>plan</th><td onclick='alert(1)'>0.1 &lt; <b>2</b></td></tr></tbody>"
        "</table><p>1 row</p></div>"
    )
    notebook = copy.deepcopy(SOLUTION)
    part(notebook, "experiment")["outputs"] = [
        {
            "output_type": "stream",
            "name": "stdout",
            "text": ["one\n", "old\rnew \x1b[31mred\x1b[0m\n"],
        },
        {"output_type": "stream", "name": "stderr", "text": "a warning"},
        {"output_type": "execute_result", "data": {"text/html": frame, "text/plain": "plain"}},
        {"output_type": "display_data", "data": {"text/markdown": "| a |\n|---|\n| 0.5 |"}},
        {"output_type": "execute_result", "data": {"text/html": "<b>no table</b>"}},
    ]
    page = page_of(marks, notebook)
    for words in ("one\nnew red", "plan", "0.1 < 2", "low", "0.5"):
        assert words in page.text
    for words in ("a warning", "1 row", "color: red", "no table", "old"):
        assert words not in page.text
    assert "onclick" not in Path("portfolio.html").read_text("utf-8")
    part(notebook, "experiment")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "row\n" * 100}
    ]
    text = page_of(marks, notebook).text
    assert text.count("row\n") == 60 and "… and 40 more lines" in text


HOSTILE = """
<script>alert(1)</script> <img src=http://evil.example/a.png onerror=alert(1)>
<iframe src="http://evil.example"></iframe> <style>@import "evil.css"</style>

![pixel](http://evil.example/p.png) ![inline](data:image/png;base64,AAAA) ![svg][1]
[one](javascript:alert(1)) [two](data:text/html;base64,PHNjcmlwdD4=) [three](vbscript:x)
[four](JaVaScRiPt:alert(1)) [five](&#106;avascript:alert(1)) [six](data:image/svg+xml;base64,AA)
[seven](file:///etc/passwd) [eight][2] <javascript:alert(1)>
[good](https://good.example/?a=1&b="2")

[1]: data:image/svg+xml;base64,AAAA
[2]: javascript:alert(1)

```html
<script>alert(2)</script>
```
"""


def test_nothing_of_a_report_runs_or_is_fetched(marks):
    notebook = copy.deepcopy(SOLUTION)
    part(notebook, "report")["outputs"][0]["data"] = {
        "text/markdown": HOSTILE.splitlines(keepends=True),
        "text/html": "<script>alert(3)</script>",
        "image/svg+xml": "<svg onload=alert(4)>",
        "image/png": "PHN2ZyBvbmxvYWQ9YWxlcnQoNSk+",  # <svg onload=alert(5)>
    }
    experiment = part(notebook, "experiment")
    experiment["metadata"]["mystnb"]["image"]["alt"] = '"><script>alert(6)</script>'
    page = page_of(marks, notebook, "--author", "<script>alert(7)</script>")
    check_that_nothing_is_loaded(page)
    links = page.all("href")
    assert "https://good.example/?a=1&b=%222%22" in links
    # An image became a link, which nobody but the reader follows.
    assert set(links) - {"https://good.example/?a=1&b=%222%22"} == {"http://evil.example/p.png"}
    assert len(page.all("src")) == 1, "only the figure of the experiment"
    assert page.all("alt") == ["Figure 1"]
    for number in (1, 2, 7):
        assert f"<script>alert({number})</script>" in page.text
    assert "alert(3)" not in page.text


def test_odd_outputs_are_no_figures(marks):
    notebook = copy.deepcopy(SOLUTION)
    odd = [None, 3, {}, {"data": []}, {"output_type": "stream", "name": "stdout", "text": 3}]
    values = (3, [3], {"a": 1}, "é", "AAAA", None, "<svg", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>")
    odd += [{"data": {kind: v}} for v in values for kind in ("image/png", "image/svg+xml")]
    odd += [{"data": {kind: v}} for v in values[:6] for kind in ("text/html", "text/markdown")]
    part(notebook, "experiment")["outputs"][:0] = odd
    notebook["cells"] += [3, None, [], {"cell_type": "markdown"}, {"metadata": 3}]
    page = page_of(marks, notebook)
    assert len(page.all("src")) == 1 and page.all("alt") == ["Figure 1"]


def test_a_page_is_refused_for_another_notebook(capsys, marks):
    assert reported(marks, SOLUTION) == 0
    Path("portfolio.html").unlink()
    capsys.readouterr()
    other = str(save(SOLUTION | {"more": 1}, Path("b.ipynb")))
    for path, words in (
        (other, "notebook is b.ipynb, which is not the file that was graded: grade it again"),
        ("b2.ipynb", "b2.ipynb cannot be read: no such file"),
    ):
        assert main(["report", "report.json", path]) == 2
        assert words in capsys.readouterr().err
    for code in ("javascript:alert(1)", "example.org", "https://a b", 'https://a"onclick=1', "-"):
        assert refused(capsys, marks, SOLUTION, "--code", code).startswith(f"code is {code!r}; ")


def edited(name):
    def change(text):
        values = json.loads(text)
        values[name] = {
            "seed": 6, "points": 9, "digest": "0" * 64, "title": "Another",
            "results": [r | {"points": 99} for r in values["results"]],
            "environment": values["environment"] | {"python": "4"}, "problem": "x",
        }[name]  # fmt: skip
        return json.dumps(values)

    return change


@pytest.mark.parametrize(
    "name", ["seed", "points", "digest", "title", "results", "environment", "problem"]
)
def test_a_page_of_an_edited_report_says_so(name, marks, capsys):
    page = page_of(marks, SOLUTION, change=edited(name))
    assert "was changed after the grader wrote it" in page.text
    assert "The page says that the report was changed after grading" in capsys.readouterr().err
    assert not Report.from_json(marks.to_json()).altered


def test_the_page_names_the_code_it_was_told(marks):
    page = page_of(marks, SOLUTION, "--code", "https://example.org/?a=1&b=2")
    assert "https://example.org/?a=1&b=2" in page.all("href")


def test_a_large_page_is_warned_of(marks, capsys):
    notebook = with_report(markdown("word " * 250_000, "report"))
    page_of(marks, notebook)
    assert "The page has 1." in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_page_names_the_commit_of_the_notebook(marks):
    save(SOLUTION, Path("a.ipynb"))
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for command in (["init", "-q"], ["add", "a.ipynb"], ["commit", "-q", "-m", "Work"]):
        subprocess.run([*git, *command], check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    text = page_of(marks, SOLUTION).text
    assert head.stdout.strip() in text and "with changes since" not in text
    assert (
        f"{head.stdout.strip()}, with changes since" in page_of(marks, SOLUTION | {"more": 1}).text
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(
    ("remote", "link"),
    [
        ("git@github.com:ann/work.git", "https://github.com/ann/work"),
        ("ssh://git@gitlab.com/ann/work.git", "https://gitlab.com/ann/work"),
        ("https://ann:secret@example.org/work.git", "https://example.org/work"),
        ("/home/ann/work.git", None),
        ("javascript:alert(1)", None),
    ],
)
def test_the_page_links_the_repository(remote, link, marks):
    save(SOLUTION, Path("a.ipynb"))
    git = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org"]
    for command in (
        ["init", "-q"], ["add", "a.ipynb"], ["commit", "-q", "-m", "Work"],
        ["remote", "add", "origin", remote],
    ):  # fmt: skip
        subprocess.run([*git, *command], check=True)
    page = page_of(marks, SOLUTION)
    assert page.all("href") == ([link] if link else [])
    assert "secret" not in Path("portfolio.html").read_text("utf-8")
