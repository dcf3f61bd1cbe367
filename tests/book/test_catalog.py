"""Sources, table of contents, notebooks, quizzes, claims and run times name the same chapters."""

import catalog
import pytest

TOC = """
root: book/intro.ipynb
parts:
  - caption: Kernels
    chapters:
      - file: book/kernels/first.ipynb
  - caption: Portfolio
    chapters:
      - file: book/portfolio/study/brief.md
        sections:
          - file: book/portfolio/study/study.ipynb
          - file: book/portfolio/study/solution.ipynb
"""


def test_everything_agrees():
    assert catalog.disagreements() == []
    assert len(catalog.names()) >= 14 and len(catalog.exercises()) >= 5


@pytest.fixture
def course(tmp_path):
    """Write a course of one page, one chapter and one exercise."""
    files = {"_toc.yml": TOC, "book/claims.toml": "", "book/runtimes.md": ""}
    for name in ("intro", "kernels/first"):
        files |= {
            f"book/src/{name}.md": "",
            f"book/{name}.ipynb": "",
            f"book/quizzes/{name}.yml": "",
        }
        for kind in ("claim", "small"):
            files["book/claims.toml"] += f'[[{kind}]]\nchapter = "{name}"\n'
        files["book/runtimes.md"] += f"| [](/book/{name}.ipynb) | 1 | 1 |\n"
    for file in ("master.md", "brief.md", "study.ipynb", "solution.ipynb"):
        files[f"book/portfolio/study/{file}"] = ""
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_what_there_is_comes_from_the_sources_and_its_order_from_the_contents(course):
    assert catalog.names(course) == ["intro", "kernels/first"]
    assert catalog.parts(course) == [("Kernels", ("kernels/first",))]
    assert catalog.exercises(course) == ["study"]
    solved = ["portfolio/study/study", "portfolio/study/solution"]
    assert list(catalog.notebooks(course)) == ["intro", "kernels/first", *solved]
    assert all(source.is_file() for source in catalog.notebooks(course).values())
    assert catalog.executed(course) == ["intro", "kernels/first", solved[1]]
    copies = course / "book" / "kernels" / ".ipynb_checkpoints"
    copies.mkdir()
    (copies / "first-checkpoint.ipynb").touch()
    assert catalog.disagreements(course) == []


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("src/kernels/more.md", "book/src/kernels/more.md is there, but kernels/more lacks {}."),
        ("kernels/more.ipynb", "kernels/more has a notebook, but {} is not there."),
        (
            "quizzes/kernels/more.yml",
            "kernels/more has a quiz in book/quizzes, but {} is not there.",
        ),
        ("portfolio/more/master.md", "book/portfolio/more/master.md is there, but {} lacks"),
    ],
)
def test_what_is_too_much_is_named(course, file, sentence):
    path = course / "book" / file
    path.parent.mkdir(exist_ok=True)
    path.touch()
    found = "\n".join(catalog.disagreements(course))
    if file.startswith("src"):
        for kind in (
            "an entry in _toc.yml", "a notebook", "a quiz in book/quizzes",
            "a [[claim]] in book/claims.toml", "a [[small]] in book/claims.toml",
            "a row in book/runtimes.md",
        ):  # fmt: skip
            assert sentence.format(kind) in found
    elif file.startswith("portfolio"):
        for page in ("brief", "more", "solution"):
            assert sentence.format(f"portfolio/more/{page}") in found
    else:
        assert found == sentence.format("book/src/kernels/more.md")


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("_toc.yml", "_toc.yml names book/kernels/misspelt.ipynb, which is not there."),
        ("_toc.yml", "kernels/first lacks an entry in _toc.yml."),
        ("book/claims.toml", "kernels/misspelt has a [[claim]] in book/claims.toml, but"),
        ("book/claims.toml", "kernels/first lacks a [[small]] in book/claims.toml."),
        ("book/runtimes.md", "kernels/first lacks a row in book/runtimes.md."),
    ],
)
def test_a_wrong_name_is_named(course, file, sentence):
    text = (course / file).read_text()
    (course / file).write_text(text.replace("kernels/first", "kernels/misspelt"))
    assert sentence in "\n".join(catalog.disagreements(course))


def test_what_is_listed_twice_is_named(course):
    contents = course / "_toc.yml"
    line = "      - file: book/kernels/first.ipynb\n"
    contents.write_text(contents.read_text().replace(line, line * 2))
    assert catalog.disagreements(course) == ["_toc.yml names book/kernels/first.ipynb twice."]
