"""The fitted decay: groups, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from qmlcourse import trainability


def exact(slope, sizes=(2, 4, 6), **columns):
    """Return a scan that lies on a line."""
    value = 2.0 ** (slope * np.array(sizes))
    scan = pd.DataFrame({"n_qubits": sizes, "value": value, "low": value / 2, "high": value * 2})
    return scan.assign(**columns)


def mixed():
    return pd.concat(
        [
            exact(-1, cost="zz", depth=4),
            exact(-2, cost="global", depth=4),
            exact(-0.5, cost="zz", depth=1),
            exact(-1.5, cost="global", depth=1),
        ]
    )


def test_one_row_a_group_as_pandas_would():
    fits = trainability.fit_decay(mixed(), by=["cost", "depth"])
    assert list(fits.columns) == ["cost", "depth", "slope", "low", "high", "intercept"]
    assert fits[["cost", "depth"]].to_records(index=False).tolist() == [
        ("global", 1), ("global", 4), ("zz", 1), ("zz", 4),
    ]  # fmt: skip
    np.testing.assert_allclose(fits["slope"], [-1.5, -2, -0.5, -1])
    assert fits["depth"].dtype.kind == "i"
    for (cost, depth), row in zip([("global", 1), ("zz", 4)], [0, 3], strict=True):
        scan = mixed()
        part = scan[(scan.cost == cost) & (scan.depth == depth)]
        assert trainability.fit_decay(part) == tuple(fits.iloc[row][2:])


@pytest.mark.parametrize("by", ["cost", ["cost"], ("cost",), pd.Index(["cost"])])
def test_one_column_is_a_name_or_a_list(by):
    scan = mixed()
    fits = trainability.fit_decay(scan[scan.depth == 4], by=by)
    assert fits["cost"].tolist() == ["global", "zz"]
    np.testing.assert_allclose(fits["slope"], [-2, -1])


def test_groups_may_be_categories_numbers_or_missing():
    scan = mixed().query("depth == 4")
    scan["cost"] = pd.Categorical(scan.cost, ["zz", "global", "never"])
    assert trainability.fit_decay(scan, by="cost")["cost"].tolist() == ["zz", "global"]
    scan = pd.concat([exact(-1, p=0.1), exact(-2, p=np.nan)])
    assert trainability.fit_decay(scan, by="p")["slope"].round(9).tolist() == [-1, -2]


@pytest.mark.parametrize(
    ("scan", "column"),
    [
        (pd.concat([exact(-1, cost="zz"), exact(-2, cost="global")]), "cost"),
        # No size twice, and yet two costs.
        (pd.concat([exact(-1, cost="zz"), exact(-2, (7, 8, 9), cost="local")]), "cost"),
        (pd.concat([exact(-1, ansatz="own"), exact(-2, (7, 8, 9), ansatz="other")]), "ansatz"),
        (pd.concat([exact(-1, init="uniform"), exact(-2, (7, 8, 9), init="gaussian")]), "init"),
        (pd.concat([exact(-1, depth=1), exact(-2, depth=5)]), "depth"),
        (pd.concat([exact(-1, p=0.0), exact(-2, p=0.1)]), "p"),
        (pd.concat([exact(-1, init="uniform"), exact(-2, init="gaussian")]), "init"),
        (pd.concat([exact(-1, depth=1, cost="zz"), exact(-2, depth=1, cost="local")]), "cost"),
    ],
)
def test_mixed_groups_are_refused(scan, column):
    with pytest.raises(ValueError, match=f"must hold one {column}; got .*by='{column}'"):
        trainability.fit_decay(scan)


def test_a_group_that_is_mixed_is_named():
    with pytest.raises(ValueError, match="scan with cost=global must hold one depth; got 4, 1"):
        trainability.fit_decay(mixed(), by="cost")


def test_depth_may_grow_with_the_qubits_and_sizes_may_repeat():
    deep = exact(-1, cost="zz", depth=[20, 40, 60], samples=[10, 20, 30])
    assert trainability.fit_decay(deep).slope == pytest.approx(-1)
    again = pd.concat([deep, deep.assign(samples=7)])
    assert trainability.fit_decay(again).slope == pytest.approx(-1)


def test_unbounded_variances_have_no_weight():
    scan = exact(-1, (2, 4, 6, 8))
    scan.loc[3, ["value", "high"]] = 5.0, np.inf
    assert trainability.fit_decay(scan).slope == pytest.approx(-1)
    scan["high"] = np.inf
    with pytest.raises(ValueError, match="scan must hold 3 sizes or more; got 0"):
        trainability.fit_decay(scan)


def test_the_line_is_that_of_weighted_least_squares(rng):
    """By NumPy: weights of one over each interval's width, errors from the scatter."""
    q = np.array([2, 3, 4, 5, 6, 8])
    y = 1 - 1.5 * q + rng.normal(0, 0.3, 6)
    width = rng.uniform(0.1, 2, 6)
    scan = pd.DataFrame({"n_qubits": q, "value": 2.0**y})
    scan["low"], scan["high"] = 2.0 ** (y - 0.3 * width), 2.0 ** (y + 0.7 * width)
    (slope, intercept), covariance = np.polyfit(q, y, 1, w=1 / width, cov=True)
    reach = stats.t.ppf(0.975, 4) * np.sqrt(covariance[0, 0])
    found = trainability.fit_decay(scan)
    np.testing.assert_allclose(found, (slope, slope - reach, slope + reach, intercept))


def test_an_interval_of_no_width_is_served():
    scan = exact(-1, (2, 4, 6, 8))
    scan.loc[:1, ["low", "high"]] = scan.loc[:1, ["value", "value"]].to_numpy()
    assert trainability.fit_decay(scan).slope == pytest.approx(-1)


@pytest.mark.parametrize("column", ["value", "low", "high"])
@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_bad_variances_are_refused(column, bad):
    scan = exact(-1)
    scan.loc[1, column] = bad
    with pytest.raises(ValueError, match=r"positive variances|must hold finite"):
        trainability.fit_decay(scan)


@pytest.mark.parametrize(
    ("scan", "options", "error", "message"),
    [
        (exact(-1).to_dict(), {}, TypeError, "scan must be a pandas DataFrame; got dict"),
        (exact(-1, (2,)), {}, ValueError, "3 sizes or more; got 1"),
        (exact(-1, (2, 2, 4)), {}, ValueError, "3 sizes or more; got 2"),
        (exact(-1).assign(value=10.0), {}, ValueError, "inside their intervals"),
        (exact(-1).assign(value="a"), {}, TypeError, "value of scan must hold numbers"),
        (mixed(), {"by": "costs"}, ValueError, "by must name .*'cost', 'depth'.*; got 'costs'"),
        (mixed(), {"by": []}, ValueError, "by must name"),
        (mixed(), {"by": "n_qubits"}, ValueError, "by must name"),
        (mixed(), {"by": ["cost", "cost"]}, ValueError, "by must name different"),
        (mixed()[:0], {"by": "cost"}, ValueError, "scan must not be empty"),
        (exact(-1).iloc[:2].assign(cost="zz"), {"by": "cost"}, ValueError,
         "scan with cost=zz must hold 3 sizes"),
    ],
)  # fmt: skip
def test_bad_scans_are_named(scan, options, error, message):
    with pytest.raises(error, match=message):
        trainability.fit_decay(scan, **options)


@pytest.mark.parametrize(
    "by", [5, [["cost"]], None.__class__, [], ["cost", ["depth"]], ["n_qubits"]]
)
def test_what_names_no_columns_is_named(by):
    with pytest.raises(
        ValueError, match=r"by must name different columns out of \['cost', 'depth'"
    ):
        trainability.fit_decay(mixed(), by=by)


@pytest.mark.parametrize("name", ["slope", "low", "high", "intercept"])
def test_a_group_must_not_be_called_as_a_result(name):
    scan = exact(-1, cost="zz").assign(**{name: 1.0}) if name in ("slope", "intercept") else mixed()
    with pytest.raises(ValueError, match="by must name different columns"):
        trainability.fit_decay(scan, by=name)


@pytest.mark.parametrize("high", ["a", "1", None, 1j])
def test_what_is_no_upper_end_is_named(high):
    with pytest.raises((TypeError, ValueError), match="high of scan must hold"):
        trainability.fit_decay(exact(-1).assign(high=high))


@pytest.mark.parametrize("kind", [iter, lambda v: (x for x in v), dict.fromkeys, np.array])
def test_a_scan_takes_what_gives_its_values_once(kind):
    def scan(kind):
        return trainability.variance_scan(
            kind([2, 3]), kind([1, 2]), costs=kind(["global", "zz"]), n_samples=4,
            rng=np.random.default_rng(0), verbose=False,
        )  # fmt: skip

    assert len(scan(kind)) == 8
    pd.testing.assert_frame_equal(scan(kind), scan(list))


@pytest.mark.parametrize("make", [lambda: 1, lambda n, d: 1, lambda n, rng: 1])
def test_an_ansatz_that_takes_other_arguments_is_named(make):
    options = {"ansatz": make, "n_samples": 2, "rng": np.random.default_rng(0)}
    with pytest.raises(TypeError, match=r"ansatz(\(\.\.\.\))? must"):
        trainability.gradient_variance(2, 1, **options)
