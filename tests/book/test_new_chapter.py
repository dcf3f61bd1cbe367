"""A chapter that the tool begins passes every test, and goes without a trace."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys

import catalog
import claim_history
import pytest
from chapters import ROOT

from qmlcourse import claims


def copied(target, *names):
    for name in names:
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "_static")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, target / name)
    return target


@pytest.fixture
def skeleton(tmp_path, monkeypatch):
    """Load the tool in a copy of what it reads and writes."""
    copied(
        tmp_path, "_toc.yml", "book/claims.toml", "book/claims_history.toml", "book/runtimes.md",
        "book/src", "book/quizzes", "book/tools",
    )  # fmt: skip
    for name in ("catalog", "skeleton"):
        path = tmp_path / "book" / "tools" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
    return module


def write(texts):
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True) if text is None else path.write_text(text)


@pytest.mark.parametrize(
    ("name", "title", "caption", "sentence"),
    [
        *[
            (name, None, None, f"name must be part/name in lower_case, .* got '{name}'")
            for name in ("", "fresh", "a/b/c", "my-part/x", "kernels/Fresh", "../src/x", "a/")
        ],
        ("tools/fresh", None, None, "name must not begin with 'tools': book/tools is there"),
        ("encoding/fourier", None, None, "book/src/encoding/fourier.md is there already"),
        ("kernels/fourier", None, None, "another word: encoding/fourier has claims 'fourier' too"),
        ("kernels/fresh", "two\nlines", None, "title must be one line that begins with a letter"),
        ("kernels/fresh", "When quantum kernels help", None, "title must not be that of another"),
        ("kernels/fresh", None, "Kernels", "caption is for a new part; 'kernels' is there"),
        ("fresh/start", None, "Quantum kernels", "caption must not be that of another part"),
        ("fresh/start", None, "", "caption must be one line that begins with a letter; got ''"),
    ],
)  # fmt: skip
def test_what_can_not_be_added_is_refused(skeleton, name, title, caption, sentence):
    with pytest.raises(skeleton.Refused, match=sentence):
        skeleton.refuse(name, title, caption)


def texts_of(root):
    return {path: path.read_text() for path in root.rglob("*.*") if "__pycache__" not in path.parts}


@pytest.mark.parametrize(
    ("name", "caption", "lines"),
    [
        ("kernels/fresh_start", None, ["      - file: book/kernels/fresh_start.ipynb"]),
        (
            "fresh/start", 'What: a "part"? #1',
            ["  - caption: 'What: a \"part\"? #1'", "    numbered: true", "    chapters:",
             "      - file: book/fresh/start.ipynb"],
        ),
    ],
)  # fmt: skip
def test_a_chapter_is_placed_among_the_others_and_taken_out_again(skeleton, name, caption, lines):
    contents = skeleton.CONTENTS
    # Comments, and what is said of an entry, stay where they stand.
    last = "- file: book/kernels/when_kernels_help.ipynb\n"
    old = contents.read_text().replace(last, f"{last}        title: Short # why\n# of the next\n")
    contents.write_text(old)
    before = texts_of(skeleton.ROOT)
    skeleton.refuse(name, None, caption)
    write(skeleton.added(name, None, caption))
    new = contents.read_text().splitlines()
    place = new.index(lines[0])
    assert new[place : place + len(lines)] == lines
    assert new[:place] + new[place + len(lines) :] == old.splitlines()
    made = claims.load(skeleton.CLAIMS).values()
    assert claim_history.disagreements(made, claim_history.load(skeleton.HISTORY)) == []
    parts = {part.caption: part.chapters for part in sys.modules["catalog"].parts()}
    assert parts[caption or "Quantum kernels"][-1] == name
    write(skeleton.removed(name))
    assert texts_of(skeleton.ROOT) == before


def test_a_removal_that_was_stopped_can_be_done_again(skeleton):
    before = texts_of(skeleton.ROOT)
    write(skeleton.added("fresh/start", "A title", None))
    texts = skeleton.removed("fresh/start")
    (source,) = (path for path in texts if path.suffix == ".md")
    del texts[source]
    write(texts)
    write(skeleton.removed("fresh/start"))
    assert texts_of(skeleton.ROOT) == before


@pytest.mark.parametrize("file", ["src/fresh/start.md", "quizzes/fresh/start.yml", "claims.toml"])
def test_what_was_written_since_is_not_removed(skeleton, file):
    write(skeleton.added("fresh/start", None, None))
    path = skeleton.ROOT / "book" / file
    path.write_text("changed".join(path.read_text().rsplit("mean", 1)))
    with pytest.raises(skeleton.Refused, match=rf"{file} changed since: use git"):
        skeleton.removed("fresh/start")


@pytest.mark.chapters
def test_it_passes_every_test_and_goes_without_a_trace(tmp_path):
    copied(
        tmp_path, "_toc.yml", "_config.yml", "pyproject.toml", "book", "qmlcourse", "tests/book",
        "tests/conftest.py",
    )  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments):
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    tool, name = "book/tools/chapters.py", "kernels/fresh_start"
    python(tool, "--new", name)
    assert catalog.disagreements(tmp_path) == []
    modules = [f"tests/book/test_{m}.py" for m in ("claims_hold", "launch", "notebooks", "quizzes")]
    said = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *modules, "-k", "fresh_start")
    assert "passed" in said and "skipped" not in said
    source, notebook = (tmp_path / f"book/{where}" for where in (f"src/{name}.md", f"{name}.ipynb"))
    kept = source.read_bytes(), notebook.read_bytes()
    source.write_text(source.read_text("utf-8") + "\nA last sentence.\n", "utf-8")
    python(tool, "--text", name)
    python(tool, "--check", name)
    changed = [json.loads(text)["cells"] for text in (kept[1], notebook.read_bytes())]
    code = [[c for c in cells if c["cell_type"] == "code"] for cells in changed]
    assert code[0] == code[1] and changed[0] != changed[1]
    source.write_text(source.read_text("utf-8").replace("import numpy", "import numpy "), "utf-8")
    refused = subprocess.run(
        [sys.executable, tool, "--text", name],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode == 2 and "run it whole" in refused.stderr
    source.write_bytes(kept[0])
    notebook.write_bytes(kept[1])
    python(tool, "--remove", name)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
