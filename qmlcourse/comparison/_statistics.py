r"""Statistics of a comparison: means over seeds, paired differences, Holm's correction.

Scores on new splits of the same samples are correlated, so their spread alone makes a mean look
more certain than it is. Every mean here takes the protocol into account.
"""

import numpy as np
import pandas as pd
from scipy import stats

from .. import _checks
from .._typing import Array
from ._interval import mean_interval, standard_error

_SAME = 1e-12  # scores closer than this differ by rounding only


def t_test(values: Array, overlap: float) -> tuple[float, float, float]:
    """Return the ends of the mean's 95% interval and the p value of "the true mean is 0".

    NaN, NaN and 1 where there is no spread to estimate an error from.

    Examples
    --------
    >>> low, high, p = t_test(np.array([1.0, 2.0, 3.0]), 0.0)
    >>> round(low, 3), round(high, 3), round(p, 3)
    (-0.484, 4.484, 0.074)
    """
    if len(values) < 2 or np.ptp(values) < _SAME:
        return np.nan, np.nan, 1.0
    _, low, high = mean_interval(values, overlap=overlap)
    t = values.mean() / standard_error(values, overlap)
    return float(low), float(high), float(2 * stats.t.sf(abs(t), len(values) - 1))


def holm(p: Array) -> Array:
    """Adjust p values so that the chance of any false discovery stays below the level.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, 0.03])).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(np.arange(len(p), 0, -1) * p[order])
    return np.minimum(stepped, 1)[np.argsort(order, kind="stable")]


def overlap(cells: pd.DataFrame) -> float:
    """Return n_test / n_train where the seeds are splits of the same samples, else 0."""
    drawn = cells["drawn"].unique().tolist()
    if len(drawn) != 1 or drawn[0] not in ("fresh", "resampled"):
        raise ValueError(
            "table must say 'fresh' or 'resampled' in the column drawn, the same for all rows "
            f"of a dataset; got {drawn}."
        )
    return float((cells["n_test"] / cells["n_train"]).mean()) if drawn == ["resampled"] else 0.0


def check_table(table: object, columns: set[str]) -> pd.DataFrame:
    """Return the table if it holds the columns and no cell twice."""
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame that compare made; got {type(table).__name__}.")
    missing = sorted(columns - set(table.columns))
    if missing:
        raise ValueError(f"table must have the columns {missing}; it lacks them.")
    if table.empty:
        raise ValueError("table must have at least one row; got none.")
    # A score that lacks is told by the cell that lacks it.
    infinite = table[np.isinf(pd.to_numeric(table["score"], errors="coerce"))]
    if len(infinite):
        raise ValueError(f"table must hold finite scores; got {_of(infinite)}.")
    twice = table[table.duplicated(["dataset", "model", "seed"])]
    if len(twice):
        raise ValueError(f"table must hold each cell once; {_cell(twice)} stands in it more often.")
    return table


def _cell(rows: pd.DataFrame) -> str:
    return f"({', '.join(map(str, rows.iloc[0][['dataset', 'model', 'seed']]))})"


def _of(rows: pd.DataFrame) -> str:
    return f"{rows['score'].iloc[0]} of {_cell(rows)}"


def summarize(table: pd.DataFrame) -> pd.DataFrame:
    r"""Compute each model's mean score per dataset, with a 95% interval across the seeds.

    .. math:: \bar s \pm t_{0.975,\,J-1}\sqrt{\Big(\frac1J + \rho\Big)\hat\sigma^2}

    over J seeds. For data drawn fresh :math:`\rho = 0`, Student's interval. For splits of the
    same samples :math:`\rho = n_\text{test} / n_\text{train}`, the correction of Nadeau and
    Bengio.

    Parameters
    ----------
    table : DataFrame
        As :func:`compare` makes it.

    Returns
    -------
    DataFrame
        A row per dataset and model, in the order of the table: ``dataset, model, score`` (mean),
        ``low, high`` (of the mean; not cut off at 1; NaN with one seed or equal scores),
        ``fit_seconds, predict_seconds`` (medians), ``circuits`` (total; NaN if
        one is), ``n_seeds``.

    Raises
    ------
    ValueError, TypeError
        If the table lacks columns or rows, or holds a cell twice.

    Notes
    -----
    The interval is of one model's mean. Whether two models differ is a question for
    :func:`paired_difference`. Of 2,000 simulated intervals 94% to 96% held the truth for accuracies
    on 30 samples and 10 seeds, and for splits of 60 and 120 samples; with 3 seeds and accuracies
    near 1 it was 93%, and for values as skewed as a log-normal, 83%
    (``tests/coverage_comparison.py``). Source: Nadeau and Bengio 2003,
    doi 10.1023/A:1024068626366. Used in the chapter *Fair benchmarking*.

    Examples
    --------
    >>> row = {"dataset": "a", "drawn": "fresh", "model": "m", "n_train": 30, "n_test": 10,
    ...        "fit_seconds": 0.5, "predict_seconds": 0.25, "circuits": 100}
    >>> table = pd.DataFrame([row | {"seed": s, "score": 0.5 + 0.25 * s} for s in range(3)])
    >>> summarize(table)[["model", "score", "circuits", "n_seeds"]].values.tolist()
    [['m', 0.75, 300, 3]]
    """
    check_table(table, {"dataset", "drawn", "model", "seed", "score", "n_train", "n_test",
                        "fit_seconds", "predict_seconds", "circuits"})  # fmt: skip
    if table["score"].isna().any():
        raise ValueError(f"table must hold finite scores; got {_of(table[table['score'].isna()])}.")
    rows = []
    for (dataset, model), cells in table.groupby(["dataset", "model"], sort=False):
        scores = cells["score"].to_numpy(float)
        low, high, _ = t_test(scores, overlap(cells))
        rows.append({
            "dataset": dataset, "model": model, "score": float(scores.mean()),
            "low": low, "high": high,
            "fit_seconds": float(cells["fit_seconds"].median()),
            "predict_seconds": float(cells["predict_seconds"].median()),
            "circuits": _total(cells["circuits"]), "n_seeds": len(cells),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _total(counts: pd.Series) -> float:
    """Return a sum, which is unknown where one of its terms is."""
    total = counts.sum(skipna=False)
    return total if np.isnan(total) else int(total)


def paired_difference(table: pd.DataFrame, reference: str, *, test: str = "t") -> pd.DataFrame:
    r"""Compute how much each model differs from a reference model on the same splits.

    .. math::
        \bar d = \frac1J\sum_{j=1}^{J} (s_j - s_j^\text{ref}), \qquad
        t = \frac{\bar d}{\sqrt{(1/J + \rho)\,\hat\sigma_d^2}}

    With data drawn fresh for each seed the differences are independent and :math:`\rho = 0`,
    the paired t test. With splits of the same samples they are correlated and
    :math:`\rho = n_\text{test}/n_\text{train}`, the corrected resampled t test.

    Parameters
    ----------
    table : DataFrame
        As :func:`compare` makes it: every model on every seed of a dataset.
    reference : str
        A model of the table. A positive difference means better than the reference.
    test : {"t", "wilcoxon"}
        ``"wilcoxon"`` takes p from the signed ranks instead, for fresh data only: no
        correction for overlapping splits is known. The interval stays the t interval.

    Returns
    -------
    DataFrame
        A row per dataset and other model: ``dataset, model, reference, n_seeds, difference``
        (mean), ``low, high`` (95%, of this row alone), ``effect_size`` (:math:`d_z`, mean over
        standard deviation of the differences), ``p``, ``p_holm`` (Holm's correction over all
        rows), ``wins, ties, losses`` (seeds). Where all differences are equal their error can't
        be estimated: the interval is NaN, p is 1 with the t test, and the effect size infinite,
        or 0 if they are all 0.

    Raises
    ------
    ValueError, TypeError
        If the table lacks columns or the reference; holds a cell twice or fewer than 2 seeds; or
        two models of a dataset were not scored on the same seeds and splits.

    Notes
    -----
    Source: Nadeau and Bengio 2003, doi 10.1023/A:1024068626366; Holm 1979, Scandinavian Journal
    of Statistics 6, 65-70. Used in the chapter *Fair benchmarking*.

    Examples
    --------
    >>> scores = {"old": [0.5, 0.5, 0.75, 0.5], "new": [0.75, 0.75, 0.75, 1.0]}
    >>> table = pd.DataFrame([
    ...     {"dataset": "a", "drawn": "fresh", "model": m, "seed": s, "score": v,
    ...      "n_train": 30, "n_test": 10, "split": str(s)}
    ...     for m, values in scores.items() for s, v in enumerate(values)])
    >>> result = paired_difference(table, "old")
    >>> result[["difference", "wins", "ties", "losses"]].values.tolist()
    [[0.25, 3.0, 1.0, 0.0]]
    >>> result[["p", "effect_size"]].round(3).values.tolist()
    [[0.092, 1.225]]
    """
    check_table(table, {"dataset", "drawn", "model", "seed", "score", "n_train", "n_test", "split"})
    _checks.choice(reference, "reference", table["model"].unique().tolist())
    _checks.choice(test, "test", ("t", "wilcoxon"))
    rows = []
    for dataset, cells in table.groupby("dataset", sort=False):
        _check_pairs(cells, str(dataset), reference)
        scores = paired_scores(cells)
        shared = overlap(cells)
        if test == "wilcoxon" and shared:
            raise ValueError(
                "test must be 't' where the seeds are splits of the same samples; "
                f"got 'wilcoxon' with the resampled dataset {dataset!r}."
            )
        for model in scores.columns.drop(reference):
            d = (scores[model] - scores[reference]).to_numpy(float)
            rows.append({"dataset": dataset, "model": model, "reference": reference}
                        | _difference(d, shared, test))  # fmt: skip
    if not rows:
        raise ValueError(f"table must hold a model besides the reference {reference!r}.")
    result = pd.DataFrame(rows)
    result.insert(result.columns.get_loc("p") + 1, "p_holm", holm(result["p"].to_numpy()))
    return result


def _check_pairs(cells: pd.DataFrame, dataset: str, reference: str) -> None:
    if reference not in cells["model"].unique():
        raise ValueError(f"reference must be in every dataset; {reference!r} lacks in {dataset!r}.")
    n_seeds = cells["seed"].nunique()
    if n_seeds < 2:
        raise ValueError(f"table must hold at least 2 seeds; got {n_seeds} of {dataset!r}.")


def paired_scores(table: pd.DataFrame, *models: str, incomplete: str = "raise") -> pd.DataFrame:
    """Put the scores of models side by side: a row for each data set and seed, on one split.

    Parameters
    ----------
    table : DataFrame
        As :func:`compare` makes it.
    *models : str
        Which models, in the order of the columns; by default all, in that of the table.
    incomplete : {"raise", "drop"}
        What becomes of a data set and seed without a score of one of the models.

    Returns
    -------
    DataFrame
        Scores, with a column per model, indexed by ``dataset`` and ``seed`` in the order of the
        data sets and the seeds' own. ``paired_scores(table, "a", "b").loc["moons"]`` is one data
        set's, as :func:`qmlcourse.plotting.paired_scores` draws it.

    Raises
    ------
    ValueError, TypeError
        If the table lacks columns or a model; holds a cell twice, an infinite score, or scores of
        other splits in one row; or a pair is incomplete and shall not be dropped, or none is left.

    Notes
    -----
    :func:`paired_difference` takes its pairs from here. Used with the chapter *Fair
    benchmarking*.

    Examples
    --------
    >>> scores = {"old": [0.5, 0.5], "new": [0.75, 1.0]}
    >>> table = pd.DataFrame([
    ...     {"dataset": "a", "model": m, "seed": s, "score": v, "split": str(s)}
    ...     for m, values in scores.items() for s, v in enumerate(values)])
    >>> paired_scores(table, "new", "old").loc["a"].values.tolist()
    [[0.75, 0.5], [1.0, 0.5]]
    """
    check_table(table, {"dataset", "model", "seed", "score", "split"})
    known = table["model"].unique().tolist()
    for model in models:
        _checks.choice(model, "each of models", known)
    if len(set(models)) < len(models):
        raise ValueError(f"models must be named once each; got {list(models)}.")
    _checks.choice(incomplete, "incomplete", ("raise", "drop"))
    chosen = list(models or known)
    cells = table[table["model"].isin(chosen)]
    wide = cells.pivot(index=["dataset", "seed"], columns="model", values="score")
    wide = wide.reindex(table["dataset"].unique(), level="dataset")[chosen].astype(float)
    wide.columns.name = None
    lacking = wide.isna()
    if lacking.any(axis=None) and incomplete == "raise":
        (dataset, seed), model = lacking.stack().idxmax()[:2], lacking.stack().idxmax()[2]
        raise ValueError(
            f"table must hold every model on every seed; {model!r} has no score on dataset "
            f"{dataset!r}, seed {seed}."
        )
    wide = wide[~lacking.any(axis=1)]
    if wide.empty:
        raise ValueError(f"table must hold a seed with a score of each of {chosen}; got none.")
    n_splits = cells.groupby(["dataset", "seed"])["split"].nunique().loc[wide.index]
    if (n_splits > 1).any():
        raise ValueError(
            f"table must hold paired splits; those of {n_splits.idxmax()[0]!r} differ by model."
        )
    return wide


def _difference(d: Array, shared: float, test: str) -> dict[str, object]:
    low, high, p = t_test(d, shared)
    d = np.where(np.abs(d) < _SAME, 0.0, d)
    mean, spread = d.mean(), d.std(ddof=1) if np.ptp(d) >= _SAME else 0.0
    if test == "wilcoxon":
        p = float(stats.wilcoxon(d).pvalue) if d.any() else 1.0
    return {
        "n_seeds": len(d), "difference": float(mean), "low": low, "high": high,
        "effect_size": float(mean / spread) if spread else float(np.sign(mean) * np.inf)
        if mean else 0.0,
        "p": p, "wins": int((d > 0).sum()), "ties": int((d == 0).sum()),
        "losses": int((d < 0).sum()),
    }  # fmt: skip
