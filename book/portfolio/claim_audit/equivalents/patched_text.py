# The manuscript's code as text, with lines replaced; the audit computes what it reports.
# ruff: noqa: E402
# %% reproduce
def study_of(changes):
    code = manuscript(reader()).code
    for old, new in changes:
        assert code.count(old) == 1
        code = code.replace(old, new)
    names = {}
    exec(code, names)
    return names["study"]


def reproduce(data):
    return study_of([])(data)


# %% mend
CHANGES = {
    "baseline": [
        ("race([Z @ Z[train].T], ridges", "race([rbf(Z, train, g) for g in GAMMAS], RIDGES")
    ],
    "circuits": [("np.max(ours)", "np.mean(ours)")],
    "device": [('data["jobs"][1]', 'data["jobs"][0]')],
}


def mended(data, rule):
    return study_of(CHANGES.get(rule, []))(data)


# %% correct
def corrected(data):
    return study_of([change for changes in CHANGES.values() for change in changes])(data)


def verdict(low, high):
    if np.sign(low) != np.sign(high):
        return "unresolved"
    return {1: "supported", -1: "reversed"}[int(np.sign(low))]


# %% audit
from functools import cache

import pandas as pd


@cache
def audit():
    paper = manuscript(reader())
    rows = []
    for rule in CHANGES:
        after = mended(paper.data, rule)
        moves = {name: abs(after[name] - paper.numbers[name]) for name in ("device", "low")}
        name = max(moves, key=moves.get)
        rows.append(
            {"rule": rule, "number": name, "printed": paper.numbers[name], "mended": after[name]}
        )
    right = corrected(paper.data)
    return {
        "flaws": pd.DataFrame(rows),
        **{name: np.float64(right[name]) for name in ("difference", "low", "high")},
        "verdict": np.str_(verdict(right["low"], right["high"])),
    }
