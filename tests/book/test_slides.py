"""Slides: every core chapter has its sections, figures, formulas and claims, and little text."""

import re

import nbformat
import pytest
import slides
from slide_text import Words, cited, listed, sentences

each = pytest.mark.parametrize("name", slides.core())


def chapter(name):
    return nbformat.read(slides.BOOK / f"{name}.ipynb", as_version=4)


def taken(name):
    """Return the sections of a chapter that slides are made of, and the cells in these."""
    section, sections, cells = "", [], []
    for cell in chapter(name).cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"(?m)^## (.+)$", cell.source)
            section = found[-1] if found else section
            sections += found
        elif section not in slides.LEFT_OUT:
            cells.append(cell)
    return [s for s in sections if s not in slides.LEFT_OUT], cells


def text(html):
    return re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<math.*?</math>", " x ", html))


def test_the_core_chapters_are_those_of_the_parts():
    assert len(slides.core()) == 29 and len(set(slides.core())) == 29


@each
def test_a_deck_has_the_chapters_sections_figures_and_claims(name):
    made = slides.deck(name)
    sections, cells = taken(name)
    assert list(dict.fromkeys(s.section for s in made.slides if s.section)) == [
        made.words.plain(section) for section in sections
    ]
    data = [o.get("data", {}) for cell in cells for o in cell.outputs]
    bodies = "".join(slide.body for slide in made.slides)
    assert bodies.count("<img ") == sum("image/png" in d for d in data) >= 1
    assert bodies.count("<img ") == sum(s.kind == "figure" for s in made.slides)
    assert bodies.count('class="qml-claim ') == sum(
        "application/vnd.qmlcourse.claim+json" in d for d in data
    )
    first = made.slides[0]
    assert first.kind == "title" and "<strong>Do:</strong>" in first.body
    assert f"# {first.title}\n" in chapter(name).cells[0].source
    can = [s for s in made.slides if s.section == "What we can and can't claim"]
    assert can and "can" in text(can[0].body)


@each
def test_a_slide_says_little_and_nothing_of_the_sites_own(name):
    made = slides.deck(name)
    assert 10 <= len(made.slides) <= 35  # the shortest chapter reads in 8 minutes
    for slide in made.slides:
        words = text(slide.body).split()
        assert 1 <= len(words) <= 150 or slide.kind == "figure", slide.title
        said = text(slide.title + re.sub('(?s)<div class="qml-claim.*?</div>', "", slide.body))
        assert not re.search(r"\{[\w:]+\}|`|:::|\$|\*\*|\\[a-z]{2}", said), slide.title
        assert not re.search(r'href="(?!https?://)', slide.body), slide.title
        assert "check_answer" not in said and "import " not in said
        # A formula that can't be drawn stands there as code.
        drawn = re.findall('(?s)<div class="equation".*?</div>', slide.body)
        assert all("<math" in one and "<code" not in one for one in drawn)


@each
def test_a_deck_is_one_file_that_loads_nothing(name):
    page = slides.page(slides.deck(name))
    assert len(page) < 2e6 and page.count("<section") == len(slides.deck(name).slides)
    shown = re.sub(r"(?s)<script>.*?</script>", "", page)
    assert re.findall(r"""<link|<script|src=["'](?!data:)""", shown) == []
    assert "sourceMappingURL" not in page and "@import" not in page
    assert re.findall(r"url\((?!data:|#)[^)]{0,40}", page.partition("<body>")[0]) == []


def test_decks_are_written_for_the_chapters_that_are_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["slides.py", "encoding/fourier", "--out", str(tmp_path / "a")])
    assert slides.main() == 0
    (path,) = (tmp_path / "a").iterdir()
    assert path.name == "encoding-fourier.html"
    assert path.read_text("utf-8") == slides.page(slides.deck("encoding/fourier"))
    assert re.search(r"encoding-fourier\.html: \d+ slides, \d\.\d MB", capsys.readouterr().out)
    monkeypatch.setattr("sys.argv", ["slides.py", "encoding/furier"])
    with pytest.raises(SystemExit, match="2"):
        slides.main()
    assert "no such chapter: encoding/furier; there are: foundations/circuits" in (
        capsys.readouterr().err
    )


# --- the words


def words(*outputs):
    return Words(nbformat.from_dict({"cells": [{"outputs": list(outputs)}]}))


def test_roles_become_words():
    value = {
        "data": {"application/papermill.record/text/plain": "'3.14'"},
        "metadata": {"scrapbook": {"name": "circle.pi"}},
    }
    read = words(value).plain
    assert read("It is {glue:text}`circle.pi` {cite:p}`bowles2024better`, or {term}`so <x>`.") == (
        "It is 3.14 (Bowles et al. 2024), or so."
    )
    assert read("See {doc}`/book/notation` and {doc}`this </book/notation>`.") == (
        "See *Notation and conventions* and this."
    )
    assert read(
        "See [](/book/notation.md), [it](/book/encoding/fourier.ipynb), [w](http://a.md)"
    ) == ("See *Notation and conventions*, it, [w](http://a.md)")
    with pytest.raises(KeyError, match="unknown"):
        read("{glue:text}`unknown`")
    with pytest.raises(ValueError, match="/book/nowhere: there is no such page"):
        read("{doc}`/book/nowhere`")
    assert cited("bowles2024better") == "Bowles et al. 2024"
    assert read("As {cite:t}`nadeau2003inference` say.") == "As Nadeau and Bengio 2003 say."


def test_a_cell_is_read_block_by_block():
    source = """# Title

One line
and another.

- first
- second

$$x = 1$$

:::{admonition} Careful
:class: warning
Inside. More.
:::

```python
left out
```"""
    blocks = list(words().blocks(source))
    assert [block.kind for block in blocks] == ["heading", "text", "list", "formula", "admonition"]
    assert blocks[0][:3] == ("heading", "Title", 1)
    assert blocks[3].text == "$$\nx = 1\n$$"
    assert (blocks[4].text, blocks[4].inside.strip()) == ("Careful", "Inside. More.")


def test_texts_are_cut_after_whole_sentences():
    said = "One two. **Three:** four five! $x$ is six. Seven"
    assert sentences(said, 5) == "One two. **Three:** four five!"
    assert sentences(said, 1) == "One two." and sentences(said, 99) == said
    assert sentences(said, end=True) == "Seven" and sentences("v. 0.5 of it", 1) == "v. 0.5 of it"
    assert listed("- One. Two three.\n- B\n  b.\n- C", 2, 1) == "- One. Two three.\n- B\n  b."
    assert listed("1. A.\n2. B.", 1, 9) == "1. A."


def test_pieces_fill_slides_in_their_order():
    pieces = [slides.Piece(str(k), lines) for k, lines in enumerate((5, 6, 3, 20, 1, 11))]
    assert slides.packed(pieces) == ["01", "2", "3", "45"]
    assert slides.packed([]) == []
