"""Each claim's interval is the last of its history; the log is read as it is."""

import json
import os
import re
import subprocess
from datetime import date
from itertools import pairwise

import chapters
import claim_history
import claim_log
import pytest
from claim_history import History, Interval, Withdrawal

from qmlcourse import claims

HISTORIES = claim_history.load()
# An interval that is changed needs a revision with its reason: the sentences say how.
COMPLAINTS = claim_history.disagreements(chapters.CLAIMS.values(), HISTORIES)


# A chapter's own test, so that it runs where only the tests of one chapter are asked for.
@pytest.mark.parametrize("name", sorted({claim.chapter for claim in chapters.CLAIMS.values()}))
def test_each_interval_is_the_last_of_its_history(name):
    of_chapter = {id for id, claim in chapters.CLAIMS.items() if claim.chapter == name}
    assert [said for said in COMPLAINTS if said.split()[0] in of_chapter] == []


def test_no_history_stands_without_its_claim():
    assert COMPLAINTS == []


def test_revisions_follow_one_another_and_change_something():
    for history in HISTORIES.values():
        for old, new in pairwise(history.intervals):
            assert old.date <= new.date
            assert new.was or (old.low, old.high) != (new.low, new.high)


def claim(id="demo.slope", low=1.0, high=2.0, **more):
    return claims.Claim(id, "demo", "s", low, high, "measured", {"x": 1}, **more)


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "claims_history.toml"
        path.write_text(text)
        return claim_history.load(path)

    return write


STATED = '["demo.slope"]\nstated = { date = 2026-11-21, low = 1, high = 2, before_run = true }\n'
REVISED = 'revised = [{ date = 2026-11-22, low = 1, high = 3, reason = "A wider net." }]\n'
GONE = 'withdrawn = { date = 2026-11-23, chapter = "demo", sentence = "s", reason = "r" }\n'


@pytest.mark.parametrize(
    ("text", "made", "sentence"),
    [
        (STATED, [claim(high=2.5)], r"ends with 1 to 2: add a revision with its reason .* 2\.5, "),
        (STATED, [claim(low=0.5)], "demo.slope claims 0.5 to 2.0, but its history ends with 1 to"),
        (STATED + REVISED, [claim()], "ends with 1 to 3: add a revision with its reason"),
        (STATED, [claim(), claim("demo.new")], r'demo.new has no history: .* \["demo.new"\]'),
        (STATED, [], "demo.slope is claimed no more: say in .* when and why: withdrawn"),
        (STATED + GONE, [claim()], "demo.slope is claimed, but withdrawn in"),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(text, made, sentence, written):
    (found,) = claim_history.disagreements(made, written(text))
    assert re.search(sentence, found), found


@pytest.mark.parametrize(
    ("text", "made"),
    [(STATED, [claim()]), (STATED + REVISED, [claim(high=3)]), (STATED + GONE, [])],
)
def test_what_fits_is_let_be(text, made, written):
    assert claim_history.disagreements(made, written(text)) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (STATED + REVISED.replace("A wider net.", " "), "each revision of 'demo.slope' must have"),
        (STATED + "tolerance = 3\n", "'demo.slope' must not hold tolerance"),
    ],
)
def test_a_history_is_refused(text, sentence, written):
    with pytest.raises(ValueError, match=sentence):
        written(text)


def listed(low, high, sentence="The slope", id="demo.slope"):
    return f'''[[claim]]
id = "{id}"
chapter = "part/demo"
sentence = "{sentence}"
low = {low}
high = {high}
'''


def notebook(low, high, value, sentence="The slope"):
    box = f"\N{CHECK MARK} holds: {sentence}: {value} (claimed: {low} to {high}; source: measured)"
    record = {"id": "demo.slope", "value": value, "holds": True}
    data = {"text/plain": box.replace("-", "\N{MINUS SIGN}"), claims.MIME: record}
    return json.dumps({"cells": [{"outputs": [{"data": data}]}]})


@pytest.fixture
def repository(tmp_path):
    """Return a way to commit files to a new repository, one day after the other."""
    (tmp_path / "book" / "part").mkdir(parents=True)
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]

    def git(*arguments, **more):
        command = ["git", "-C", tmp_path, *who, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout

    git("init", "-q", "-b", "main")
    days = iter(range(1, 29))

    def commit(message, **files):
        for name, text in files.items():
            path = {"claims": "book/claims.toml", "demo": "book/part/demo.ipynb"}[name]
            (tmp_path / path).write_text(text, encoding="utf-8")
        day = f"2026-01-{next(days):02d}T12:00:00+00:00"
        git("add", "-A")
        git("commit", "-q", "-m", message, env=os.environ | {"GIT_COMMITTER_DATE": day})
        return git("rev-parse", "HEAD")[:7]

    return tmp_path, commit


def test_a_history_is_read_from_the_log(repository, monkeypatch):
    root, commit = repository
    commits = [
        commit("Claims", claims=listed(1, 2)),
        commit("Run", demo=notebook(1, 2, "1.7")),
        commit("Run again", demo=notebook(-1, 2, "1.8", "Its slope")),
        commit("In step", claims=listed(-1, 2, "Its slope")),
    ]
    wide = listed(-1, 3.5, "Its slope")
    commits += [
        commit("Wider: two folds", claims=wide + listed(0, 1, id="demo.rest")),
        commit("Less", claims=wide),
    ]
    monkeypatch.setattr(claim_log, "REASONS", {(commits[4], "demo.slope"): "two folds"})
    histories = claim_log.from_log(root)
    assert histories["demo.slope"] == History(
        (
            Interval(date(2026, 1, 1), 1, 2, commit=commits[0], before_run=True),
            Interval(date(2026, 1, 3), -1, 2, "1.8", commits[2], "not recorded", was="The slope"),
            Interval(date(2026, 1, 5), -1, 3.5, "1.8", commits[4], "two folds"),
        )
    )
    assert histories["demo.rest"] == History(
        (Interval(date(2026, 1, 5), 0, 1, commit=commits[4], before_run=True),),
        Withdrawal(date(2026, 1, 6), "part/demo", "The slope", "not recorded", commits[5]),
    )
    path = root / "histories.toml"
    path.write_text(claim_log.text(histories), encoding="utf-8")
    assert claim_history.load(path) == histories
