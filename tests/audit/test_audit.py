"""Manuscripts: the claim follows from the code, falls with the flaws, and the decoy is none."""

import json
from collections import Counter
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations, product
from zlib import crc32

import numpy as np
import pytest

from qmlcourse.audit import RULES, manuscript
from qmlcourse.audit import _case as cases
from qmlcourse.audit._code import NUMBERS, run
from qmlcourse.audit._data import draw
from qmlcourse.audit._decoys import DECOYS
from qmlcourse.audit._flaws import FLAWS, Draft
from qmlcourse.audit._plan import APART, Plan, generator, plan, rule_sets
from qmlcourse.audit._text import STORIES

SMALL = {"rows": 64, "runs": 6, "circuits": 2}


def every_plan():
    """Yield the flaws of all manuscripts there can be."""
    for rules in rule_sets():
        yield from product(*([n for n, f in FLAWS.items() if f.rule == rule] for rule in rules))


def meetings():
    """Return plans in which any two flaws meet that can, each way to plant them and each decoy."""
    plans = list(every_plan())
    pairs = {flaws: {frozenset(pair) for pair in combinations(flaws, 2)} for flaws in plans}
    left, chosen = set().union(*pairs.values()), []
    while left:
        flaws = max(plans, key=lambda flaws: (len(pairs[flaws] & left), -len(flaws)))
        left -= pairs[flaws]
        decoys = [n for n, d in DECOYS.items() if d.rule not in {FLAWS[f].rule for f in flaws}]
        number = len(chosen)
        chosen.append(
            Plan(flaws, decoys[number % len(decoys)], STORIES[number % 4], number % 2, number)
        )
    return chosen


def ran(code, data):
    """Run a manuscript's code as its reader would, from its text and what JSON makes of data."""
    plain = json.loads(json.dumps(data, default=lambda array: array.tolist()))
    for name in ("X", "y", "circuits", "limits"):
        plain[name] = np.array(plain[name])
    for job in plain["jobs"]:
        job["y"], job["counts"] = np.array(job["y"]), np.array(job["counts"])
    names = {}
    exec(code, names)
    return names["study"](plain)


def test_flaws_rules_and_decoys():
    assert {flaw.rule for flaw in FLAWS.values()} == set(RULES) and len(FLAWS) >= 10
    assert {decoy.rule for decoy in DECOYS.values()} <= set(RULES) and len(DECOYS) >= 8
    sets = rule_sets()
    assert len(sets) == len(set(sets)) > 100
    assert all(2 <= len(rules) == len(set(rules)) <= 3 for rules in sets)
    assert not any(pair <= set(rules) for rules in sets for pair in APART)
    assert {rule for rules in sets for rule in rules} == set(RULES)
    assert all(way.plant.__doc__ for way in (*FLAWS.values(), *DECOYS.values()))


def test_two_flaws_never_share_a_slot():
    """Else it wouldn't be clear what a study with one of them mended is."""
    base = Draft()

    def touched(plant):
        draft = Draft()
        plant(draft)
        return {slot for slot in base.code if draft.code[slot] != base.code[slot]}

    for flaws in every_plan():
        slots = [touched(FLAWS[flaw].plant) for flaw in flaws]
        assert sum(map(len, slots)) == len(set().union(*slots)), flaws
        rules = {FLAWS[flaw].rule for flaw in flaws}
        for name, decoy in DECOYS.items():
            if decoy.rule not in rules:
                assert not touched(decoy.plant) & set().union(*slots), (flaws, name)


def test_a_manuscript_is_short():
    for flaws in every_plan():
        for name, decoy in DECOYS.items():
            if decoy.rule not in {FLAWS[flaw].rule for flaw in flaws}:
                style = crc32(" ".join((*flaws, name)).encode())
                code = Plan(flaws, name, STORIES[0], 0, style).code()
                assert code.count("\n") <= 66 and max(map(len, code.splitlines())) <= 84


@pytest.mark.slow
@pytest.mark.parametrize("found", meetings(), ids=lambda found: "-".join(found.flaws))
def test_the_claim_follows_from_the_code_and_falls_with_the_flaws(found):
    case = cases.find(found, np.random.default_rng(len(found.decoy)), **SMALL)
    rules = found.rules
    printed = ran(found.code(), case.data)
    assert {n: float(printed[n]) for n in NUMBERS} == pytest.approx(
        {n: case.printed[n] for n in NUMBERS}, abs=1e-9
    )
    assert printed["low"] > 0
    right = ran(found.code(frozenset(rules)), case.data)
    assert right["low"] < 0 < right["high"] or right["high"] < 0
    # Mended one by one, each flaw gives back what it took.
    for flaw in found.flaws:
        mended = ran(found.code(frozenset([FLAWS[flaw].rule])), case.data)
        name = FLAWS[flaw].raises
        assert printed[name] - mended[name] > (0.1 if name == "geometry" else 0.01), flaw
    # All mended, it is the study without flaws, decoy and all.
    assert found.code(frozenset(rules)) == replace(found, flaws=()).code()


@pytest.mark.parametrize("name", DECOYS)
def test_a_decoy_changes_nothing(name):
    for seed in range(2):
        # Another wording too: all forms of a kept rule give the very same numbers.
        draft, plain = Draft(style=seed), Draft(style=seed + 2)
        DECOYS[name].plant(draft)
        assert draft != Draft(style=seed)
        data = draw(draft, "Aster-4", np.random.default_rng(seed), **SMALL)
        seen = run(draft.source(), data)
        # On the data as they would be without it.
        for job in data["jobs"]:
            job.pop("compiler_seed", None)
        kept = [np.sort(np.unique(X, axis=0, return_index=True)[1]) for X in data["X"]]
        data["X"] = [X[rows] for X, rows in zip(data["X"], kept, strict=True)]
        data["y"] = [y[rows] for y, rows in zip(data["y"], kept, strict=True)]
        without = run(plain.source(), data)
        assert {n: seen[n] for n in NUMBERS} == pytest.approx(without, abs=1e-9)


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_told_in_some_texts_or_in_the_data(name):
    told, forms = 0, set()
    for style in range(60):
        draft, plain = Draft(style=style), Draft(style=style)
        FLAWS[name].plant(draft)
        assert draft.code != plain.code
        forms.add(
            tuple(draft.code[slot] for slot in plain.code if draft.code[slot] != plain.code[slot])
        )
        told += draft.text != plain.text
    assert 2 <= len(forms) <= 3 and 10 < told < 30


@pytest.mark.parametrize(("chip", "style"), [*product((0, 1), range(6))])
def test_the_job_that_is_read(chip, style):
    kept, broken = Draft(chip, style), Draft(chip, style)
    FLAWS["simulator_as_chip"].plant(broken)
    data = draw(kept, "Aster-4", np.random.default_rng(0), **SMALL)
    for draft, simulated in ((kept, False), (broken, True)):
        names = {"data": data}
        exec(draft.code["job"], names)
        assert ("simulator" in names["job"]["backend"]) is simulated


def test_what_the_data_hold():
    draft = Draft(1, repeats=0.3, positive=0.25)
    data = draw(draft, "Aster-4", np.random.default_rng(3), rows=80, runs=5, circuits=4)
    assert data["X"].shape == (5, 104, 24) and data["y"].shape == (5, 104)
    assert set(np.unique(data["y"])) == {-1, 1} and data["circuits"].shape == (4, 4, 4)
    assert np.array_equal(data["X"], data["X"].round(3))
    assert all(len(np.unique(X, axis=0)) == 80 for X in data["X"])
    assert (data["X"] > data["limits"][0]).all() and (data["X"] < data["limits"][1]).all()
    simulator, chip = data["jobs"]
    assert chip["backend"] == "Aster-4" and "simulator" in simulator["backend"]
    for job in (simulator, chip):
        assert job["counts"].shape == (60, 60) and (job["counts"] == job["counts"].T).all()
    # Only a simulator always finds a state equal to itself.
    assert (np.diag(simulator["counts"]) == simulator["shots"]).all()
    assert np.diag(chip["counts"]).max() < chip["shots"]


def test_a_manuscript_prints_what_its_code_gives(tmp_path):
    paper = manuscript("Ada Lovelace")
    numbers = run(paper.code, paper.data)
    assert paper.numbers == {name: round(numbers[name], 3) for name in NUMBERS}
    for name in NUMBERS:
        assert f"{paper.numbers[name]:.3f}" in paper.text, name
    assert 250 < len(paper.text.split()) < 450 and "{" not in paper.text
    assert paper.code in paper._repr_markdown_() and paper.text in paper._repr_markdown_()
    paper.save(tmp_path / "made" / "here")
    names = {}
    exec((tmp_path / "made/here/study.py").read_text("utf-8"), names)
    stored = json.loads((tmp_path / "made/here/data.json").read_text("utf-8"))
    assert stored["jobs"][0]["backend"] == paper.data["jobs"][0]["backend"]
    assert np.array_equal(stored["X"], paper.data["X"])
    shown = paper._repr_markdown_()
    assert shown.startswith("### ")  # below a section of the notebook
    saved = (tmp_path / "made/here/manuscript.md").read_text("utf-8")
    assert saved == shown.removeprefix("##")


def test_a_reader_keeps_the_manuscript_that_was_drawn():
    """Another drawing would hand out new manuscripts to those who are half through theirs."""
    assert manuscript("Ada Lovelace").numbers == {
        "quantum": 0.806, "classical": 0.749, "difference": 0.057, "low": 0.031, "high": 0.083,
        "device": 0.7, "geometry": 9.244,
    }  # fmt: skip


def test_the_name_alone_decides():
    assert generator("Ada  lovelace ").random() == generator("ADA LOVELACE").random()
    assert generator("Ada-Lovelace.").random() == generator("ada lovelace").random()
    assert generator("Zoe\u0308").random() == generator("Zo\u00eb").random()
    assert manuscript(" ada LOVELACE").code == manuscript("Ada Lovelace").code
    drawn = {plan(rule_sets()[0], generator(f"reader {n}")) for n in range(40)}
    assert len(drawn) > 20


@pytest.mark.parametrize("reader", ["", " -- ", None, 7])
def test_who_has_no_name_has_no_manuscript(reader):
    with pytest.raises(ValueError, match="reader must be a name, with a letter or a digit"):
        manuscript(reader)


def plans(numbers):
    """Return plans of names that nobody has; their data play no part."""
    sets, found = rule_sets(), []
    for number in numbers:
        rng = generator(f"anybody {number}")
        found.append(plan(sets[rng.integers(len(sets))], rng))
    return found


KNOWN, OTHERS = range(100), range(100, 200)


def test_the_text_alone_gives_few_flaws_away():
    """Sentences of 100 readers, with their flaws, say less than two thirds of those of others."""
    count, broken = Counter(), {rule: Counter() for rule in RULES}
    for known in plans(KNOWN):
        sentences = set(known.draft().text.items())
        count.update(sentences)
        for rule in known.rules:
            broken[rule].update(sentences)
    found = total = 0
    for other in plans(OTHERS):
        # As many as there are, those that the most telling sentence speaks for.
        suspicion = {
            rule: max((seen[s] + 0.2) / (count[s] + 1) for s in set(other.draft().text.items()))
            for rule, seen in broken.items()
        }
        guessed = sorted(suspicion, key=suspicion.get)[-len(other.rules) :]
        found += len(set(guessed) & set(other.rules))
        total += len(other.rules)
    assert total > 200 and 0.3 < found / total < 2 / 3


def edits(printed, mended):
    """Yield what lines become when a rule is kept; new lines stand for the line before them too."""
    old, new = printed.splitlines(keepends=True), mended.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "insert":
            a, c = a - 1, c - 1
        if kind != "equal":
            yield "".join(old[a:b]), "".join(new[c:d])


def test_a_table_of_replacements_mends_few_other_manuscripts():
    table = {}
    for known in plans(KNOWN):
        for rule in known.rules:
            table |= edits(known.code(), known.code(frozenset([rule])))
    whole = 0
    for other in plans(OTHERS):
        code = other.code()
        for old, new in table.items():
            code = code.replace(old, new)
        whole += code == other.code(frozenset(other.rules))
    assert len(table) > 100 and whole < 33


def test_all_rules_are_drawn():
    sets, counts = rule_sets(), dict.fromkeys(RULES, 0)
    for n in range(600):
        rng = generator(f"reader {n}")
        for rule in sets[rng.integers(len(sets))]:
            counts[rule] += 1
    assert min(counts.values()) > 30
