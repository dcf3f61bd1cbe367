"""The page of every claim: each has its row, changed ones are counted and shown, links lead."""

import html
import re
import tomllib

import pytest
from built import CHAPTERS, HTML, ROOT

LISTED = tomllib.loads((ROOT / "book" / "claims.toml").read_text("utf-8"))["claim"]
HISTORY = tomllib.loads((ROOT / "book" / "claims_history.toml").read_text("utf-8"))
CHANGED = {c["id"]: HISTORY[c["id"]]["revised"] for c in LISTED if "revised" in HISTORY[c["id"]]}


def text_of(part):
    """Return the words of a piece of a page, with the apostrophes that the sources have."""
    text = html.unescape(re.sub(r"<[^>]+>", "", part)).replace(
        "\N{RIGHT SINGLE QUOTATION MARK}", "'"
    )
    return " ".join(text.split())


def page(name):
    return (HTML / "book" / f"{name}.html").read_text("utf-8")


def row(kind, claim):
    anchor = f"{kind}-claim-{claim['id'].replace('.', '-')}"
    (found,) = re.findall(rf'<tr id="{anchor}">(.*?)</tr>', page("every_claim"), re.S)
    return found


def interval(one):
    ends = dict.fromkeys(f"{one[end]:g}" for end in ("low", "high"))
    return " to ".join(ends).replace("-", "\N{MINUS SIGN}")


@pytest.mark.parametrize("name", ["intro", "every_claim"])
def test_how_many_were_changed_comes_from_the_data(name):
    said = text_of(page(name))
    before = sum(HISTORY[c["id"]]["stated"]["before_run"] for c in LISTED) or "none"
    of = {
        "intro": [
            f"log of the course, {before} of the {len(LISTED)} claims were stated before their",
            f"{len(CHANGED)} claims had their interval changed later",
        ],
        "every_claim": [
            f"log shows that for {before} of the",
            f"{len(CHANGED)} of {len(LISTED)} intervals were changed after they were",
        ],
    }
    assert [words for words in of[name] if words not in said] == []


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_claim_has_its_row_which_leads_to_its_box(chapter):
    target = page(chapter)
    for claim in (c for c in LISTED if c["chapter"] == chapter):
        cells = re.findall(r"<td>(.*?)</td>", row("row", claim), re.S)
        shown, value, stated, changed, published = map(text_of, cells)
        assert shown == interval(claim)
        anchor = f"claim-{claim['id'].replace('.', '-')}"
        assert f'href="{chapter}.html#{anchor}"' in row("row", claim)
        (box,) = re.findall(rf'<div id="{anchor}" class="qml-claim pass">.*?</div>', target, re.S)
        assert f"{claim['sentence']}: {value} claimed:" in text_of(box)
        assert stated == f"{HISTORY[claim['id']]['stated']['date']:%-d %b %Y}"
        times = len(CHANGED.get(claim["id"], []))
        assert re.match({0: "never", 1: "once"}.get(times, f"{times} times"), changed)
        assert claim.get("published_in", "\N{EN DASH}") in published


def test_each_change_is_shown_with_its_reason():
    for claim in (c for c in LISTED if c["id"] in CHANGED):
        stated, changes = re.findall(r"<td>(.*?)</td>", row("changes", claim), re.S)
        assert text_of(stated).startswith(interval(HISTORY[claim["id"]]["stated"]))
        shown = [text_of(item) for item in re.findall(r"<li>(.*?)</li>", changes, re.S)]
        for change, item in zip(CHANGED[claim["id"]], shown, strict=True):
            assert item.startswith(f"{interval(change)}, {change['date']:%-d %b %Y}")
            assert f"reason: {change['reason']}" in item
    assert page("every_claim").count('<tr id="changes-') == len(CHANGED)


def test_what_was_taken_back_stays_listed():
    for history in HISTORY.values():
        if "withdrawn" in history:
            assert history["withdrawn"]["sentence"] in text_of(page("every_claim"))
