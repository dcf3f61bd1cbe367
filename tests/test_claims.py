"""Claims: shown, glued and judged as they say."""

import ast
import math
import os
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from displays import displayed

from qmlcourse import claims

TOML = """
[[claim]]
id = "demo.slope"
chapter = "demo"
sentence = "Slope per <qubit>"
unit = "bits"
low = -2.2
high = -1.8
format = ".2f"
source = "measured"
counterfactual = {{ cost = "local" }}
{more}
"""


@pytest.fixture
def demo(tmp_path, monkeypatch):
    def write(more=""):
        path = tmp_path / "claims.toml"
        path.write_text(TOML.format(more=more))
        monkeypatch.setenv("QMLCOURSE_CLAIMS", str(path))
        claims._loaded.cache_clear()
        return path

    yield write
    claims._loaded.cache_clear()


def made(value):
    """Claim that the slope is so much and return what a notebook gets: a box and what is glued."""
    with displayed() as outputs:
        claims.claim("demo.slope", value)
    box, glued = outputs
    return box["data"], glued


@pytest.mark.parametrize(
    ("value", "holds"),
    [(-2.0, True), (-2.2, True), (-1.8, True), (-2.3, False), (0, False), (math.nan, False)],
)
def test_a_claim_holds_in_its_interval_only(value, holds, demo):
    demo()
    box, _ = made(value)
    assert box[claims.MIME]["holds"] is holds
    assert ("does not hold" in box["text/plain"]) is not holds


def test_what_is_shown_and_glued(demo):
    demo()
    box, glued = made(np.float64(-1.996))
    assert box["text/plain"] == (
        "✓ holds: Slope per <qubit>: −2.00 bits (claimed: −2.2 to −1.8; source: measured)"
    )
    assert box[claims.MIME] == {"id": "demo.slope", "value": "−2.00 bits", "holds": True}
    # As myst-nb's own glue writes it.
    assert glued["data"] == {"application/papermill.record/text/plain": "'−2.00 bits'"}
    assert glued["metadata"]["scrapbook"] == {
        "name": "demo.slope",
        "mime_prefix": "application/papermill.record/",
    }


class Parts(HTMLParser):
    """The text of each element by its class, without that of the elements in it."""

    def __init__(self, text):
        super().__init__()
        self.open, self.found = [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        ((name, value),) = attributes
        assert name == "class" and value not in self.found
        self.open.append((tag, value))
        self.found[value] = ""

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.found[self.open[-1][1]] += data.strip()


@pytest.mark.parametrize(
    ("value", "kind", "mark"), [(-2, "pass", "✓ holds"), (2, "fail", "✗ does not hold")]
)
def test_the_page_shows_each_part_as_it_is(value, kind, mark, demo):
    # Whatever a sentence or a source holds, none of it is taken for HTML.
    path = demo()
    odd = path.read_text().replace('"measured"', "'<b>&amp;\"'").replace('"bits"', '"<i>"')
    path.write_text(odd)
    box, _ = made(value)
    parts = Parts(box["text/html"])
    assert parts.open == [] and parts.found == {
        f"qml-claim {kind}": "",
        "qml-claim-mark": mark,
        "qml-claim-sentence": "Slope per <qubit>:",
        "qml-claim-value": f"{value:.2f} <i>".replace("-", "−"),
        "qml-claim-interval": 'claimed: −2.2 to −1.8; source: <b>&amp;"',
    }


def test_rounding_errors_are_shown_as_a_bound():
    made = claims.Claim("a.b", "a", "s", 0, 1e-10, "measured", {"x": 1}, floor=1e-12)
    assert made.show(2.2e-16) == made.show(-3e-17) == "< 1e−12"
    assert made.show(3.1e-11) == "3.1e−11"
    assert not made.holds(1e-9)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('[[claim]]\nid = "demo.slope"', "demo.slope.* missing"),
        ("tolerance = 3", "unexpected keyword argument 'tolerance'"),
    ],
)
def test_bad_files_are_named(more, message, demo):
    with pytest.raises(ValueError, match=message):
        claims.load(demo(more))


def test_a_doubled_id_is_named(demo):
    path = demo()
    path.write_text(path.read_text() * 2)
    with pytest.raises(ValueError, match=r"'demo.slope' stands twice in claims.toml"):
        claims.load(path)


@pytest.mark.parametrize(
    "interval", [(-math.inf, 1.0), (0.0, math.inf), (math.nan, 1.0), (2.0, 1.0)]
)
def test_an_interval_is_finite(interval):
    with pytest.raises(ValueError, match="low and high must be finite numbers"):
        claims.Claim("a.b", "a", "s", *interval, "measured", {"x": 1})


def test_a_claim_needs_a_counterfactual():
    with pytest.raises(ValueError, match="counterfactual must name a parameter"):
        claims.Claim("a.b", "a", "s", 0.0, 1.0, "measured", {})


class Framework:
    """A number as frameworks other than NumPy hold it."""

    ndim, shape = 0, ()

    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.array(self.value, dtype=dtype)


@pytest.mark.parametrize("kind", [np.array, np.float32, np.ma.masked_array, Framework])
@pytest.mark.parametrize(
    ("value", "shown", "holds"), [(-1.996, "−2.00 bits", True), (math.nan, "nan bits", False)]
)
def test_an_array_without_dimensions_is_a_number(value, shown, holds, kind, demo):
    demo()
    box, _ = made(kind(value))
    assert box[claims.MIME] == {"id": "demo.slope", "value": shown, "holds": holds}


@pytest.mark.parametrize(
    "value",
    [
        "1.0", True, [1.0], np.ones(2), math.inf, None, np.array(True), np.array("1"), np.ma.masked,
        np.array(math.inf), np.array([1.0]), 1j,
    ],
)  # fmt: skip
def test_bad_values_are_named(value, demo):
    demo()
    with pytest.raises((TypeError, ValueError), match=r"value of claim 'demo\.slope' must be"):
        claims.claim("demo.slope", value)


def test_unknown_ids_are_named(demo):
    demo()
    with pytest.raises(ValueError, match="id must name a claim"):
        claims.claim("demo.slop", 1.0)


ENTRY = TOML.format(more="")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY.replace("[[claim]]", "[claim]"), r"must hold a \[\[claim\]\] table for each claim"),
        ("claim = [1, 2]", r"table for each claim; got \[1, 2\]"),
        ("claim = 3", "table for each claim; got 3"),
        (ENTRY.replace("[[claim]]", "[[claims]]"), r"tables; got \['claims'\]"),
        ("[[claim]", "must be a TOML file: .*line 1"),
        (ENTRY.replace('".2f"', '"two"'), "'demo.slope': format must be one .*; got 'two'"),
        (ENTRY.replace('".2f"', "2"), "'demo.slope': format must be text; got 2"),
        (ENTRY.replace('{ cost = "local" }', "[1]"), r"table of parameters; got \[1\]"),
        (ENTRY.replace('{ cost = "local" }', '"x"'), "table of parameters; got 'x'"),
        (ENTRY.replace('"bits"', "3"), "unit must be text; got 3"),
        (ENTRY.replace("-2.2", '"low"'), "low, high and floor must be numbers; got 'low'"),
        (ENTRY.replace("-1.8", "true"), "low, high and floor must be numbers; got .* True"),
        (ENTRY.replace("-1.8", "nan"), "low and high must be finite"),
        (ENTRY + "floor = nan", "floor must be 0 or above; got nan"),
        (ENTRY.replace('"demo.slope"', "1"), "id must be text; got 1"),
        (ENTRY + "published = 2", "'demo.slope': published must be .* published_in; got 2 and ''"),
        (ENTRY + 'published_in = "a book"', "must be a finite number, .* got None and 'a book'"),
        (ENTRY + 'published = nan\npublished_in = "a book"', "published must be .*; got nan and"),
        (ENTRY + 'published = "2"\npublished_in = "a book"', "published must be .*; got '2' and"),
        (ENTRY + "published = 2\npublished_in = 3", "published_in must be text; got 3"),
    ],
)
def test_odd_files_are_named(text, message, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=message) as raised:
        claims.load(path)
    assert "mine.toml" in str(raised.value) and "\n" not in str(raised.value)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b"\xff")
    with pytest.raises(ValueError, match=r"mine\.toml must be a TOML file"):
        claims.load(tmp_path / "mine.toml")


def test_a_file_is_utf_8_whatever_the_locale_says(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(ENTRY.replace("Slope", "Höhe"), encoding="utf-8")
    assert claims.load(path)["demo.slope"].sentence == "Höhe per <qubit>"
    # Such a Python can't read what leads to packages in a folder named in other letters (-S).
    there, *paths = (os.fsencode(p).decode("ascii", "surrogateescape") for p in (path, *sys.path))
    code = (
        f"import sys; sys.path[:] = {paths!a}; from qmlcourse import claims; "
        f"print(ascii(claims.load({there!a})['demo.slope']))"
    )
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True,
        env=os.environ | ascii_only,
    )  # fmt: skip
    assert done.stderr == "" and r"sentence='H\xf6he per <qubit>'" in done.stdout


def test_a_published_value_needs_its_source(demo):
    more = 'published = -2\npublished_in = "A book"'
    made = claims.load(demo(more))["demo.slope"]
    assert made.show(made.published) == "\N{MINUS SIGN}2.00 bits" and made.published_in == "A book"


def test_a_file_without_claims_holds_none(tmp_path):
    (tmp_path / "mine.toml").touch()
    assert claims.load(tmp_path / "mine.toml") == {}


@pytest.mark.parametrize("id", [[1], {}, None, 3, "demo.other"])
def test_what_is_no_id_is_named(id, demo):
    demo()
    with pytest.raises(ValueError, match="id must name a claim"):
        claims.claim(id, 1.0)


@pytest.mark.parametrize("shown", ["1,996", "0.50", "< 1e−10", "3e5"])
def test_what_is_glued_is_read_back_as_it_is_shown(shown, monkeypatch, demo):
    """myst-nb reads it as Python: a comma would make a tuple, a number lose its last zero."""
    monkeypatch.setattr(claims.Claim, "show", lambda self, value: shown)
    demo()
    _, glued = made(-1.996)
    (text,) = glued["data"].values()
    assert ast.literal_eval(text) == shown
