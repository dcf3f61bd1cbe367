"""Scores side by side: who is paired with whom, and what is no pair."""

import numpy as np
import pandas as pd
import pytest

from qmlcourse.comparison import paired_difference, paired_scores, summarize


@pytest.fixture
def table(rng):
    rows = [
        {"dataset": d, "drawn": "fresh", "model": m, "seed": s, "score": rng.random(),
         "n_train": 30, "n_test": 10, "split": f"{d}{s}", "fit_seconds": 1.0,
         "predict_seconds": 1.0, "circuits": 0}
        for d in ("moons", "circles") for s in (7, 3, 5) for m in ("z", "a", "k")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_each_score_stands_at_its_dataset_seed_and_model(table):
    shuffled = table.sample(frac=1, random_state=1)
    wide = paired_scores(shuffled)
    assert list(wide.columns) == shuffled["model"].unique().tolist()
    assert wide.index.names == ["dataset", "seed"] and len(wide) == 6
    assert wide.columns.name is None
    assert set(paired_scores(table.astype({"score": object})).dtypes) == {np.dtype(float)}
    for row in table.itertuples():
        assert wide.loc[(row.dataset, row.seed), row.model] == row.score
    assert paired_scores(table).index.tolist() == [
        ("moons", 3), ("moons", 5), ("moons", 7), ("circles", 3), ("circles", 5), ("circles", 7)
    ]  # fmt: skip
    two = paired_scores(table, "k", "z")
    assert list(two.columns) == ["k", "z"]
    assert paired_difference(table, "z")["difference"].tolist() == pytest.approx(
        [(paired_scores(table).loc[d, m] - paired_scores(table).loc[d, "z"]).mean()
         for d in ("moons", "circles") for m in ("a", "k")]
    )  # fmt: skip


def test_a_summary_and_the_differences_keep_the_order_of_the_table(table):
    both = [(d, m) for d in ("moons", "circles") for m in ("z", "a", "k")]
    assert list(summarize(table)[["dataset", "model"]].itertuples(index=False, name=None)) == both
    difference = paired_difference(table, "a")[["dataset", "model"]]
    rows = list(difference.itertuples(index=False, name=None))
    assert rows == [(d, m) for d, m in both if m != "a"]


@pytest.mark.parametrize("lacks", ["row", "nan"])
def test_an_incomplete_pair_is_refused_or_dropped(table, lacks):
    holes = table.drop(index=4) if lacks == "row" else table.assign(
        score=table["score"].where(table.index != 4)
    )  # fmt: skip
    message = r"'a' has no score on dataset 'moons', seed 3"
    for use in (paired_scores, lambda t: paired_difference(t, "z")):
        with pytest.raises(ValueError, match=message):
            use(holes)
    assert len(paired_scores(holes, "z", "k")) == 6
    kept = paired_scores(holes, incomplete="drop")
    pd.testing.assert_frame_equal(kept, paired_scores(table).drop(index=("moons", 3)))


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_scores_that_are_no_numbers_are_named(table, bad):
    table.loc[4, "score"] = bad
    if np.isnan(bad):
        with pytest.raises(ValueError, match=r"finite scores; got nan of \(moons, a, 3\)"):
            summarize(table)
        return
    for use in (paired_scores, summarize, lambda t: paired_difference(t, "z")):
        with pytest.raises(ValueError, match=rf"finite scores; got {bad} of \(moons, a, 3\)"):
            use(table)


def test_what_is_no_pair_is_named(table):
    for bad, models, options, message in [
        (table, ["q"], {}, "each of models must be one of 'z', 'a', 'k'; got 'q'"),
        (table, ["z", "z"], {}, r"models must be named once each; got \['z', 'z'\]"),
        (table, [], {"incomplete": "fill"}, "incomplete must be one of"),
        (pd.concat([table, table[:1]]), [], {}, r"each cell once; \(moons, z, 7\)"),
        (table.assign(split=table.index.astype(str)), [], {}, "those of 'moons' differ by model"),
        (table.assign(split=table["split"].where(table.index != 12, "x")), [], {},
         "those of 'circles' differ by model"),
        (table.drop(columns="split"), [], {}, r"columns \['split'\]"),
        (table.query("model == 'z' and seed == 3 or model == 'a' and seed == 5"), [],
         {"incomplete": "drop"}, r"a seed with a score of each of \['z', 'a'\]; got none"),
    ]:  # fmt: skip
        with pytest.raises(ValueError, match=message):
            paired_scores(bad, *models, **options)
