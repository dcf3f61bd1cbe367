"""The committed notebooks: executed, in step, claims made and held. Nothing is run here."""

import re
import subprocess
import sys
from itertools import pairwise

import chapters
import pytest

each = pytest.mark.parametrize("name", chapters.NAMES)


@each
def test_notebook_is_in_step_with_its_source(name):
    result = subprocess.run(
        [sys.executable, chapters.BOOK / "tools" / "chapters.py", "--check", name],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@each
def test_cells_were_executed_in_order_from_a_fresh_kernel(name):
    cells = [c for c in chapters.code_cells(chapters.committed(name)) if c.source.strip()]
    assert [c.execution_count for c in cells] == list(range(1, len(cells) + 1))
    assert sum(bool(c.outputs) for c in cells) >= 3


@each
def test_outputs_hold_no_error_log_line_or_path(name):
    for cell in chapters.code_cells(chapters.committed(name)):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output
            assert not re.search(r"/(root|home|tmp|work|Users)/\w", str(output)), cell.source


@each
def test_few_outputs_are_exempt_from_comparison(name):
    exempt = [
        c
        for c in chapters.code_cells(chapters.committed(name))
        if "nbval-ignore-output" in c.metadata.get("tags", []) or "NBVAL" in c.source
    ]
    assert exempt == []


@each
def test_figures_are_png_with_alt_text(name):
    for cell in chapters.code_cells(chapters.committed(name)):
        shown = any("image/png" in output.get("data", {}) for output in cell.outputs)
        assert shown == ("plt.show()" in cell.source), cell.source
        for output in cell.outputs:
            data = output.get("data", {})
            assert "image/svg+xml" not in data
            if "image/png" in data:
                alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
                assert len(alt.split()) >= 8, f"a figure needs alt text: {cell.source[:80]}"


@each
def test_an_interactive_figure_has_a_still_one_and_light_data(name):
    for cell in chapters.code_cells(chapters.committed(name)):
        data = [output.get("data", {}) for output in cell.outputs]
        for html in (d["text/html"] for d in data if "data-figure" in d.get("text/html", "")):
            assert any("image/png" in d for d in data), cell.source
            assert len(html) < 150_000


@each
def test_claims_made_are_those_in_the_file_and_hold(name):
    made = chapters.made(chapters.committed(name))
    ids = [m["id"] for m in made]
    assert len(ids) == len(set(ids))
    assert set(ids) == set(chapters.of(name))
    assert len(ids) >= 3
    assert [m["id"] for m in made if not m["holds"]] == []


@each
def test_prose_quotes_only_claims_of_its_chapter(name):
    quoted = re.findall(
        r"\{glue:text\}`([^`:]+)(?::[^`]*)?`", chapters.prose(chapters.committed(name))
    )
    assert quoted
    assert set(quoted) <= set(chapters.of(name))


@each
def test_parameters_that_tests_pass_exist(name):
    known = chapters.parameters(chapters.committed(name))
    assert "seed" in known
    small = chapters.SMALL[name]
    assert len(set(small["seeds"])) >= 2
    assert set(small["parameters"]) <= known
    for claim in chapters.of(name).values():
        assert set(claim.counterfactual) <= known, claim.id


@each
def test_chapter_has_its_parts(name):
    prose = chapters.prose(chapters.committed(name))
    text = re.sub(r"^```python\n.*?^```", "", prose, flags=re.M | re.S)  # its comments start so too
    assert len(re.findall(r"^# ", text, re.M)) == 1
    # A heading level is never skipped.
    levels = [len(h) for h in re.findall(r"^(#+) ", text, re.M)]
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert re.search(r"^## Check yourself\n\n```\{quiz\}", prose, re.M)
    if name != "intro":
        assert "Solution" in text
        assert re.search(r"^#+ Further reading", text, re.M)
        assert "{cite" in text


@each
def test_run_time_and_memory_were_measured_within_the_limits(name):
    seconds, peak = chapters.RUNTIMES[name]
    assert 0 < seconds <= 60
    assert 0 < peak <= 1536


# A column of the site holds so many characters of code: a longer line is cut at the right.
WIDTH = 84
SET_UP = re.compile(r"^(?:import|from) \w|plt\.show\(\)", re.M)


@each
def test_code_fits_the_page(name):
    cells = chapters.code_cells(chapters.committed(name))
    shown = [c.source for c in cells if "remove-cell" not in c.metadata.get("tags", [])]
    source = (chapters.BOOK / "src" / f"{name}.md").read_text(encoding="utf-8")
    shown += re.findall(r"^```python\n(.*?)^```", source, re.M | re.S)  # of solutions
    lines = [line for text in shown for line in text.splitlines()]
    assert [line for line in lines if len(line) > WIDTH] == []


@each
def test_set_up_and_drawing_are_folded_and_the_idea_is_not(name):
    cells = [c for c in chapters.code_cells(chapters.committed(name)) if c.source.strip()]
    folded = {"hide-input", "hide-cell", "remove-cell"}
    for cell in cells:
        tags = set(cell.metadata.get("tags", []))
        if "parameters" in tags or SET_UP.search(cell.source):
            assert tags & folded, f"tag this cell hide-input: {cell.source[:80]}"
    assert any(not folded & set(c.metadata.get("tags", [])) for c in cells), "all is folded"
