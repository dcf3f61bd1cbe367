"""The figure "advantage-ledger": its rows are the file's, and its filters leave the right ones."""

import re
from pathlib import Path

import pytest
import yaml
from figure import Figure, ready

FILE = Path(__file__).parents[2] / "book/data/advantage.yml"
ROWS = yaml.safe_load(FILE.read_text(encoding="utf-8"))["claims"]
KINDS = list(dict.fromkeys(row["kind"] for row in ROWS))
STATUSES = ["stands", "contested", "overturned", "conditional", "not tested"]


class Ledger(Figure):
    name, chapter = "advantage-ledger", "foundations/landscape"

    @property
    def listed(self):
        """The texts of the rows that are left."""
        self.settle()
        return self.root.locator(".qml-ledger tbody tr").all_inner_texts()


@pytest.fixture(scope="module")
def opened(tab, base):
    return Ledger(tab, base)


def claims_in(texts):
    """The claims of the file that these rows show."""
    return {row["id"] for row in ROWS for text in texts if row["claim"] in text}


def test_all_rows_of_the_file_are_there_at_first(figure):
    assert claims_in(figure.listed) == {row["id"] for row in ROWS}
    assert figure.said.startswith(f"{len(ROWS)} of {len(ROWS)} claims, last checked 2026-11-30")
    assert figure.root.locator("g[aria-label=dot] path").count() == len(ROWS)


@pytest.mark.parametrize("status", STATUSES)
def test_status_and_kind_leave_their_rows(figure, status):
    figure.put({"Status": status})
    assert claims_in(figure.listed) == {r["id"] for r in ROWS if r["status"] == status}
    for kind in KINDS:
        figure.put({"Kind": kind})
        wanted = {r["id"] for r in ROWS if r["status"] == status and r["kind"] == kind}
        assert claims_in(figure.listed) == wanted
        told = re.match(r"(\d+|None) of", figure.said)[1]
        assert told == (str(len(wanted)) if wanted else "None")


def test_years_are_cut_by_keys(figure):
    figure.control("Claims since").press("End")
    last = max(row["when"][:4] for row in ROWS)
    assert claims_in(figure.listed) == {r["id"] for r in ROWS if r["when"][:4] == last}


def test_words_are_searched_in_claims_and_answers(figure):
    field = figure.root.get_by_label("Words")
    field.fill("gpu HOUR")
    figure.settle()
    assert claims_in(figure.listed) == {"peaked-circuits"}
    field.fill("xylophone")
    figure.settle()
    assert figure.listed == [] and figure.said.startswith("None of the")


def test_the_table_counts_what_is_left(figure):
    figure.put({"Kind": "sampling"})
    counts = {name: [int(v) for v in values] for name, *values in figure.rows(1)}
    sampling = [row["status"] for row in ROWS if row["kind"] == "sampling"]
    assert counts["sampling"] == [sampling.count(s) for s in STATUSES]
    assert sum(map(sum, counts.values())) == len(sampling)


def test_sources_are_links(figure):
    links = figure.root.locator(".qml-ledger a").evaluate_all("all => all.map(a => a.href)")
    assert len(links) >= len(ROWS)
    known = r"https://(doi\.org|arxiv\.org/abs|scottaaronson\.blog)/"
    assert all(re.match(known, link) for link in links)


def test_paper_gets_the_whole_table(base, page):
    page.goto(f"{base}book/foundations/landscape.html")
    ready(page, "advantage-ledger")
    table = page.locator("table.advantage-ledger")
    assert table.is_hidden() and table.locator("tbody tr").count() == len(ROWS)
    page.emulate_media(media="print")
    assert table.is_visible()
    assert page.locator("[data-figure=advantage-ledger]").is_hidden()
