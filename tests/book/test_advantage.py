"""The ledger of advantage claims: its rows are whole, dated and have sources."""

import datetime
import re
from pathlib import Path

import ledger
import pytest
import yaml
from pybtex.database import parse_file
from pybtex.richtext import Text

BOOK = Path(__file__).parents[2] / "book"
LEDGER = yaml.safe_load((BOOK / "data/advantage.yml").read_text(encoding="utf-8"))
ROWS, SOURCES = LEDGER["claims"], LEDGER["sources"]
WORKS = parse_file(str(BOOK / "references.bib")).entries
CHAPTER = (BOOK / "src/foundations/landscape.md").read_text(encoding="utf-8")

KINDS = {
    "sampling", "expectation values", "time", "optimisation", "sample complexity", "size",
    "accuracy",
}  # fmt: skip
EVIDENCE = {"experiment", "proof", "simulation"}
DATA = {"classical", "quantum", "none"}
TESTERS = {"others", "claimants", "nobody", "proof"}
STATUSES = {"stands", "contested", "overturned", "conditional", "not tested"}
NEEDED = {
    "id", "claim", "who", "when", "kind", "evidence", "source", "data", "counter", "tested_by",
    "status", "checked",
}  # fmt: skip
LAST_CHECKED = datetime.date(2026, 11, 30)


def month(text):
    """Return the first day of a month that is written as 2019-10."""
    assert re.fullmatch(r"\d{4}-\d{2}", text), text
    return datetime.date(int(text[:4]), int(text[5:]), 1)


def keys(row):
    counter = row["counter"] or {}
    return {row["source"], *filter(None, [counter.get("source")]), *counter.get("also", [])}


@pytest.fixture(params=ROWS, ids=lambda row: row["id"])
def row(request):
    return request.param


def test_there_are_enough_rows_and_each_has_its_name():
    assert len(ROWS) >= 20
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert {row["kind"] for row in ROWS} == KINDS
    assert {row["status"] for row in ROWS} == STATUSES


def test_the_chapters_copy_is_the_file_itself(capsys):
    assert ledger.main(["--check"]) == 0, capsys.readouterr().out


def test_a_row_has_its_fields_and_allowed_words(row):
    assert NEEDED <= set(row) <= NEEDED | {"second_hand"}
    assert row["kind"] in KINDS and row["evidence"] in EVIDENCE and row["data"] in DATA
    assert row["tested_by"] in TESTERS and row["status"] in STATUSES
    sentences = [row["claim"], *filter(None, [(row["counter"] or {}).get("says")])]
    for sentence in [*sentences, row.get("second_hand", "None.")]:
        assert sentence.endswith(".") and len(sentence.split()) <= 45


def test_a_row_is_dated(row):
    assert datetime.date(1980, 1, 1) <= month(row["when"]) <= row["checked"]
    assert row["checked"] == LAST_CHECKED
    if row["counter"]:
        assert set(row["counter"]) - {"also"} == {"says", "source", "when"}
        assert month(row["counter"]["when"]) <= row["checked"]


def test_sources_are_in_the_bibliography_and_cited_in_the_chapter(row):
    for key in keys(row):
        assert key in WORKS and key in SOURCES, key
        assert re.search(rf"\b{key}\b", CHAPTER), key


def test_what_the_table_shows_of_a_source_is_the_bibliographys():
    assert set(SOURCES) == set().union(*map(keys, ROWS))
    for key, shown in SOURCES.items():
        fields, author = WORKS[key].fields, WORKS[key].persons["author"][0]
        last = Text.from_latex(" ".join(author.prelast_names + author.last_names))
        assert shown["name"].split()[0] == str(last).split()[0], key
        assert shown["name"].endswith(fields["year"]), key
        assert shown["link"] in {
            f"https://doi.org/{fields.get('doi')}",
            f"https://arxiv.org/abs/{fields.get('eprint')}",
            fields.get("url"),
        }, key


def test_the_chapter_and_the_file_have_one_rule_for_a_status():
    said = dict(re.findall(r"^\d\. \*\*([\w ]+)\*\*: ([^;.]+)[;.]$", CHAPTER, re.M))
    head = (BOOK / "data/advantage.yml").read_text(encoding="utf-8").partition("\nclaims:")[0]
    head = " ".join(head.replace("#", " ").split())
    assert set(said) == STATUSES
    for status, rule in said.items():
        words, example = re.fullmatch(r"(.+) \(`(.+)`\)", " ".join(rule.split())).groups()
        assert f"{status} {words} ({example})" in head
        assert next(row["status"] for row in ROWS if row["id"] == example) == status


def test_a_status_has_what_it_needs(row):
    counter, status = row["counter"], row["status"]
    if status in {"overturned", "contested", "conditional"}:
        assert counter
    if status in {"overturned", "contested"}:
        # Somebody else's answer, and not before the claim.
        assert row["tested_by"] == "others"
        assert month(counter["when"]) >= month(row["when"])
    if status == "stands":
        assert row["tested_by"] in {"others", "proof"}
    if status == "not tested":
        assert row["tested_by"] in {"claimants", "nobody"}
    if row["tested_by"] == "nobody":
        assert status in {"not tested", "conditional"}
    if row["tested_by"] == "proof":
        assert status == "stands"
