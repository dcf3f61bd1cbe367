"""Each figure is checked through its artists: what is drawn is what was given."""

import re

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import scipy.stats
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from qmlcourse import plotting

SCAN = pd.DataFrame(
    {
        "n_qubits": [6, 2, 4],
        "value": [0.002, 0.2, 0.02],
        "low": [0.001, 0.15, 0.01],
        "high": [0.004, 0.3, 0.05],
        "depth": [5, 5, 5],
    }
)
SCORES = pd.DataFrame({"quantum": [0.7, 0.9, 0.8, 0.6], "RBF": [0.75, 0.85, 0.9, 0.7]})
GATES = pd.DataFrame(
    {
        "encoding": ["iqp", "iqp", "amplitude", "amplitude"],
        "n_features": [8, 2, 2, 8],
        "gates": [52, 7, 1, 13],
    }
)
X = np.array([[0.0, 0.0], [1.0, 3.0], [2.0, 1.0], [1.5, 0.5]])
Y = np.array([0, 1, 1, 0])

CALLS = {
    "kernel_heatmap": lambda **k: plotting.kernel_heatmap(np.eye(3), **k),
    "variance_decay": lambda **k: plotting.variance_decay(SCAN, **k),
    "spectrum": lambda **k: plotting.spectrum([0.5, 0, 0.5], **k),
    "paired_scores": lambda **k: plotting.paired_scores(SCORES, **k),
    "decision_boundary": lambda **k: plotting.decision_boundary(lambda Z: Z[:, 0], X, Y, **k),
    "gate_counts": lambda **k: plotting.gate_counts(GATES, **k),
}


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.fixture(autouse=True)
def no_figure_left():
    before = plt.get_fignums()
    yield
    assert plt.get_fignums() == before


def contrast_on_white(color):
    """Return the contrast ratio of WCAG 2 between a color and white."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in to_rgb(color)]
    return 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05)


# Every figure


def test_every_public_figure_is_checked():
    assert set(CALLS) | {"style"} == set(plotting.__all__)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_draws_on_the_given_axes_and_opens_no_figure(call, ax):
    assert call(ax=ax) is ax
    assert ax.get_xlabel() and ax.get_ylabel()
    assert plt.get_fignums() == []
    ax.figure.canvas.draw()  # drawing raises no warning either


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_makes_one_figure_when_none_is_given(call):
    ax = call()
    assert plt.get_fignums() == [ax.figure.number]
    plt.close(ax.figure)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_refuses_something_else_for_axes(call):
    with pytest.raises(TypeError, match="ax"):
        call(ax=Figure())


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_labels_of_axes_and_scales_name_a_unit(call, ax):
    call(ax=ax)
    labels = [ax.get_xlabel(), ax.get_ylabel()]
    labels += [other.get_ylabel() for other in ax.figure.axes if other is not ax]
    for label in labels:
        # A quantity, its unit in brackets, and perhaps a second line.
        assert re.fullmatch(r"(?:[a-z ]+(?: \d)?|(?:[a-z]+ )?\$\S+\$) \([^()]+\)(?:\n.+)?", label)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_leaves_the_defaults_of_matplotlib_alone(call, ax):
    before = dict(plt.rcParams)
    call(ax=ax)
    assert dict(plt.rcParams) == before


def test_style_is_readable():
    with plt.rc_context():
        assert plotting.style() is None
        assert plt.rcParams["figure.dpi"] == plt.rcParams["savefig.dpi"] == 120
        assert plt.rcParams["savefig.format"] == "png"
        ax = plt.figure().subplots()
        for i in range(6):
            ax.plot([0, i], label=f"series {i}")
        ax.set(xlabel="x", ylabel="y", title="title")
        texts = [ax.xaxis.label, ax.yaxis.label, ax.title, *ax.get_xticklabels()]
        texts += ax.legend().get_texts()
        assert min(text.get_fontsize() for text in texts) >= 10
        colors = [line.get_color() for line in ax.lines]
        assert min(contrast_on_white(color) for color in colors) >= 3
        assert len({(line.get_color(), line.get_linestyle()) for line in ax.lines}) == 6
        assert len({line.get_linestyle() for line in ax.lines[:4]}) == 4
        plt.close(ax.figure)


def test_contrast_formula():
    assert contrast_on_white("black") == pytest.approx(21)
    assert contrast_on_white("white") == pytest.approx(1)


# Kernel heatmap


def test_heatmap_shows_the_matrix_with_its_first_row_on_top(ax):
    K = np.array([[1.0, 0.2, 0.3], [0.2, 1.0, 0.4]])
    plotting.kernel_heatmap(K, ax=ax)
    (image,) = ax.images
    assert np.array_equal(image.get_array(), K)
    assert image.get_clim() == (0, 1)
    assert ax.get_ylim() == (1.5, -0.5)
    assert [a.get_ylabel() for a in ax.figure.axes] == [
        "row sample (index)",
        "kernel value (no unit)",
    ]


def test_heatmap_scale_grows_with_the_matrix(ax):
    plotting.kernel_heatmap([[1.5, -0.25], [-0.25, 1.5]], ax=ax)
    assert ax.images[0].get_clim() == (-0.25, 1.5)


@pytest.mark.parametrize("bad", [[1.0, 2.0], [], [[np.nan]], np.ones((2, 2, 2))])
def test_heatmap_refuses(bad):
    with pytest.raises(ValueError, match="K"):
        plotting.kernel_heatmap(bad)


# Variance decay


def test_decay_shows_values_and_intervals_in_order(ax):
    plotting.variance_decay(SCAN, ax=ax)
    (container,) = ax.containers
    line, _, (bars,) = container
    assert line.get_xdata().tolist() == [2, 4, 6]
    assert line.get_ydata().tolist() == [0.2, 0.02, 0.002]
    ends = np.array([segment[:, 1] for segment in bars.get_segments()])
    assert np.allclose(ends, [[0.15, 0.3], [0.01, 0.05], [0.001, 0.004]], rtol=1e-12)
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert "95%" in ax.get_ylabel() and ax.get_legend() is None


def test_two_decays_differ_in_color_marker_and_line(ax):
    plotting.variance_decay(SCAN, ax=ax, label="global")
    plotting.variance_decay(SCAN, ax=ax, label="local")
    first, second = (container[0] for container in ax.containers)
    assert first.get_color() != second.get_color()
    assert first.get_marker() != second.get_marker()
    assert first.get_linestyle() != second.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["global", "local"]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (SCAN.drop(columns="low"), "low"),
        (SCAN[:0], "empty"),
        (SCAN.assign(value=0.0, low=0.0), "above 0"),
        (SCAN.assign(low=-1.0), "from 0 up"),
        (SCAN.assign(low=0.5, high=0.6), "low <= value <= high"),
        (SCAN.assign(high=0.0001), "low <= value <= high"),
        (SCAN.assign(value=np.nan), "NaN"),
    ],
)
def test_decay_refuses(bad, message):
    with pytest.raises(ValueError, match=message):
        plotting.variance_decay(bad)


def test_tables_must_be_data_frames_of_numbers():
    for draw in (plotting.variance_decay, plotting.paired_scores, plotting.gate_counts):
        with pytest.raises(TypeError, match="DataFrame"):
            draw({"n_qubits": [1]})
    with pytest.raises(TypeError, match=r"scan\['value'\]"):
        plotting.variance_decay(SCAN.assign(value="0.1"))
    with pytest.raises(TypeError, match=r"scores\['RBF'\]"):
        plotting.paired_scores(SCORES.assign(RBF="0.1"))


# Spectrum


def test_spectrum_shows_the_absolute_values_from_minus_l_to_l(ax):
    plotting.spectrum([3 + 4j, -1, 0.5j, 2, 0], ax=ax)
    (stems,) = ax.containers
    assert stems.markerline.get_xdata().tolist() == [-2, -1, 0, 1, 2]
    assert stems.markerline.get_ydata().tolist() == [5, 1, 0.5, 2, 0]
    tops = [segment[1].tolist() for segment in stems.stemlines.get_segments()]
    assert tops == [[-2, 5], [-1, 1], [0, 0.5], [1, 2], [2, 0]]


def test_two_spectra_differ_in_color_and_marker(ax):
    plotting.spectrum([1, 0, 1], ax=ax, label="one layer")
    plotting.spectrum([0, 1, 0], ax=ax, label="two layers")
    first, second = (stems.markerline for stems in ax.containers)
    assert to_hex(first.get_color()) != to_hex(second.get_color())
    assert first.get_marker() != second.get_marker()
    for stems in ax.containers:
        color = to_hex(stems.markerline.get_color())
        assert to_hex(stems.stemlines.get_color()[0]) == color
    assert len(ax.get_legend().get_texts()) == 2


@pytest.mark.parametrize("bad", [[1, 2], [], [[1, 2, 3]], [1, np.nan, 1], [1j, np.inf, 1j]])
def test_spectrum_refuses(bad):
    with pytest.raises(ValueError, match="coefficients"):
        plotting.spectrum(bad)


def test_spectrum_refuses_text():
    with pytest.raises(TypeError, match="coefficients"):
        plotting.spectrum(["1", "2", "3"])


# Paired scores


def test_scores_of_one_seed_are_joined(ax):
    plotting.paired_scores(SCORES, ax=ax)
    joining = ax.lines[: len(SCORES)]
    assert [line.get_ydata().tolist() for line in joining] == SCORES.to_numpy().tolist()
    assert all(line.get_xdata().tolist() == [0, 1] for line in joining)
    assert all(line.get_linewidth() < 1 and line.get_linestyle() == "-" for line in joining)


def test_scores_are_dots_with_a_marker_per_model(ax):
    plotting.paired_scores(SCORES, ax=ax)
    dots = [line for line in ax.lines if len(line.get_xdata()) == len(SCORES)]
    assert [line.get_ydata().tolist() for line in dots] == [
        SCORES["quantum"].tolist(),
        SCORES["RBF"].tolist(),
    ]
    assert [set(line.get_xdata()) for line in dots] == [{0}, {1}]
    assert all(line.get_linestyle() == "None" for line in dots)
    assert (
        len({line.get_marker() for line in dots}) == len({line.get_color() for line in dots}) == 2
    )
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["quantum", "RBF"]


def test_means_carry_their_t_interval(ax):
    plotting.paired_scores(SCORES, ax=ax)
    for container, model in zip(ax.containers, SCORES, strict=True):
        line, _, (bar,) = container
        result = scipy.stats.ttest_1samp(SCORES[model], 0).confidence_interval(0.95)
        assert line.get_ydata() == pytest.approx([SCORES[model].mean()])
        assert bar.get_segments()[0][:, 1] == pytest.approx([result.low, result.high])


def test_what_matters_most_stands_in_front_and_by_its_model(ax):
    plotting.paired_scores(SCORES, ax=ax)
    n = len(SCORES)
    joining, dots = ax.lines[:n], [line for line in ax.lines[n:] if len(line.get_xdata()) == n]
    means = [container[0] for container in ax.containers]
    order = [[line.get_zorder() for line in group] for group in (joining, dots, means)]
    assert max(order[0]) < min(order[1]) and max(order[1]) < min(order[2])
    # The seeds are in the background: all of one gray, lighter than what has a meaning.
    ((red, green, blue),) = {to_rgb(line.get_color()) for line in joining}
    assert red == green == blue
    most = max(contrast_on_white(line.get_color()) for line in joining)
    assert most < 3 <= min(contrast_on_white(line.get_color()) for line in dots + means)
    assert min(m.get_markersize() for m in means) > max(d.get_markersize() for d in dots)
    # A mean is beside its own dots, and each model has as much room as any other.
    for j, (mean, dot) in enumerate(zip(means, dots, strict=True)):
        assert j < mean.get_xdata()[0] < j + 0.5
        assert mean.get_marker() == dot.get_marker()
    assert ax.get_xlim() == (-0.5, 1.5)
    assert ax.get_xticks().tolist() == [0, 1]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (SCORES[:1], "2 rows"),
        (SCORES[[]], "empty"),
        (SCORES.replace(0.9, np.nan), "NaN"),
    ],
)
def test_scores_refuse(bad, message):
    with pytest.raises(ValueError, match=message):
        plotting.paired_scores(bad)


# Decision boundary


def boundary(ax):
    """Return the vertices of the line where the output equals the threshold."""
    (lines,) = [c for c in ax.collections if len(getattr(c, "levels", [])) == 1]
    return np.concatenate([path.vertices for path in lines.get_paths()])


def test_boundary_lies_where_the_output_equals_the_threshold(ax):
    plotting.decision_boundary(lambda Z: Z[:, 0] + 2 * Z[:, 1], X, Y, threshold=3, ax=ax)
    points = boundary(ax)
    assert np.allclose(points @ [1, 2], 3) and len(points) > 10
    # All of the plotted plane is asked for, with the data inside.
    assert ax.get_xlim() == pytest.approx((-0.2, 2.2))
    assert ax.get_ylim() == pytest.approx((-0.3, 3.3))


def test_half_is_the_default_threshold(ax):
    plotting.decision_boundary(lambda Z: Z[:, 1] / 3, X, Y, ax=ax)
    assert np.allclose(boundary(ax)[:, 1], 1.5)


def test_filled_levels_are_centered_on_the_threshold(ax):
    plotting.decision_boundary(lambda Z: Z[:, 0], X, Y, threshold=0.5, ax=ax)
    (filled,) = [c for c in ax.collections if len(getattr(c, "levels", [])) > 1]
    assert np.mean(filled.levels) == pytest.approx(0.5)
    assert filled.levels.max() == pytest.approx(2.2)  # the output at the far edge
    low, high = filled.cmap(0.0), filled.cmap(1.0)
    points = [c for c in ax.collections if not hasattr(c, "levels")]
    # The side of label 1 has the color of label 1.
    assert to_hex(points[0].get_facecolor()[0]) == to_hex(low)
    assert to_hex(points[1].get_facecolor()[0]) == to_hex(high)


def test_boundary_shows_the_data_by_label(ax):
    plotting.decision_boundary(lambda Z: Z[:, 0], X, Y, ax=ax)
    first, second = (c for c in ax.collections if not hasattr(c, "levels"))
    assert np.array_equal(first.get_offsets(), X[Y == 0])
    assert np.array_equal(second.get_offsets(), X[Y == 1])
    shapes = [c.get_paths()[0].vertices for c in (first, second)]
    assert shapes[0].shape != shapes[1].shape


def test_a_constant_model_has_no_boundary(ax):
    for output in (0.5, 0.9):
        plotting.decision_boundary(lambda Z, c=output: np.full(len(Z), c), X, Y, ax=ax)
    assert not [c for c in ax.collections if len(getattr(c, "levels", [])) == 1]


@pytest.mark.parametrize("touch", [np.minimum, np.maximum])
def test_a_model_that_only_touches_the_threshold_has_no_boundary(touch, ax):
    plotting.decision_boundary(lambda Z: touch(Z[:, 0], 0.5), X, Y, ax=ax)
    assert not [c for c in ax.collections if len(getattr(c, "levels", [])) == 1]


def test_no_shade_is_on_both_sides_of_the_threshold(ax):
    plotting.decision_boundary(lambda Z: Z[:, 0], X, Y, threshold=1 / 3, ax=ax)
    filled, line, *points = ax.collections
    assert np.isclose(filled.levels, 1 / 3, rtol=1e-12).sum() == 1
    # The line is seen on the white around it, and the data lie over both.
    assert contrast_on_white(line.get_edgecolor()[0]) >= 3
    assert filled.get_zorder() <= line.get_zorder() < min(p.get_zorder() for p in points)


@pytest.mark.parametrize(("threshold", "far"), [(0.5, -1.8), (0.13, 1.14)])
def test_the_whole_plane_is_filled(threshold, far, ax):
    # As rounding has it, half of the plane is further from the threshold than the last level.
    assert abs(threshold + (far - threshold)) < abs(far)
    ax.set_facecolor("lime")
    plotting.decision_boundary(
        lambda Z: np.where(Z[:, 0] < 1, far, threshold), X, Y, threshold=threshold, ax=ax
    )
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    assert not (drawn == [0, 255, 0]).all(axis=-1).any()


def test_the_scale_says_where_the_threshold_is_and_keeps_its_numbers_short(ax):
    plotting.decision_boundary(lambda Z: Z[:, 0], X, Y, threshold=1 / 3, ax=ax)
    (scale,) = [other for other in ax.figure.axes if other is not ax]
    ticks = scale.get_yticks()
    # From the least to the largest that the colors show, and the threshold.
    assert [ticks[0], ticks[len(ticks) // 2], ticks[-1]] == pytest.approx([2 / 3 - 2.2, 1 / 3, 2.2])
    texts = [label.get_text().replace("\N{MINUS SIGN}", "-") for label in scale.get_yticklabels()]
    assert [float(text) for text in texts] == pytest.approx(ticks, rel=0.05)
    assert all(len(text.strip("-0.").replace(".", "")) <= 2 for text in texts)


def test_data_on_one_vertical_line_get_a_plane_around_them(ax):
    plotting.decision_boundary(lambda Z: Z[:, 1], [[2.0, 0.0], [2.0, 1.0]], [0, 1], ax=ax)
    assert ax.get_xlim() == pytest.approx((1, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((lambda Z: Z[:, 0], X[:, :1], Y), "2 features"),
        ((lambda Z: Z[:, 0], X[:, 0], Y), "X"),
        ((lambda Z: Z[:, 0], X, Y[:3]), "one label per row"),
        ((lambda Z: Z, X, Y), "predict"),
        ((lambda Z: Z[:3, 0], X, Y), "predict"),
        ((lambda Z: Z[:, 0] * np.nan, X, Y), "predict"),
    ],
)
def test_boundary_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.decision_boundary(*arguments)


def test_boundary_refuses_a_model_that_is_no_function():
    with pytest.raises(TypeError, match="predict"):
        plotting.decision_boundary(np.zeros(4), X, Y)


# Gate counts


def test_counts_are_one_line_per_encoding_in_order_of_size(ax):
    plotting.gate_counts(GATES, ax=ax)
    iqp, amplitude = ax.lines
    assert (iqp.get_label(), amplitude.get_label()) == ("iqp", "amplitude")
    assert iqp.get_xdata().tolist() == [2, 8] and iqp.get_ydata().tolist() == [7, 52]
    assert amplitude.get_xdata().tolist() == [2, 8] and amplitude.get_ydata().tolist() == [1, 13]
    assert iqp.get_marker() != amplitude.get_marker()
    assert iqp.get_linestyle() != amplitude.get_linestyle()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert ax.get_ylabel() == "gates (count)"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["iqp", "amplitude"]


def test_a_count_of_zero_stays_visible(ax):
    plotting.gate_counts(GATES.assign(gates=[28, 1, 0, 0]), ax=ax)
    assert ax.get_yscale() == "symlog"
    places = ax.transData.transform([(2, 0), (2, 1), (8, 28)])[:, 1]
    assert np.all(np.diff(places) > 0)
    assert -1 < ax.get_ylim()[0] < 0  # the zero is inside, and no room is lost below it


def test_one_of_several_counts_must_be_named(ax):
    table = GATES.assign(two_qubit_gates=[28, 1, 3, 20])
    plotting.gate_counts(table, value="two_qubit_gates", ax=ax)
    assert ax.lines[0].get_ydata().tolist() == [1, 28]
    assert ax.get_ylabel() == "two qubit gates (count)"
    with pytest.raises(ValueError, match="value must be one column"):
        plotting.gate_counts(table)


def test_seven_encodings_have_seven_markers(ax):
    names = list("abcdefg")
    table = pd.DataFrame({"encoding": names, "n_features": 2, "qubits": 2})
    plotting.gate_counts(table, ax=ax)
    assert len({line.get_marker() for line in ax.lines}) == 7


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (GATES.drop(columns="encoding"), "encoding"),
        (GATES.drop(columns="n_features"), "n_features"),
        (GATES.drop(columns="gates"), "value must be one column"),
        (GATES.assign(n_features=0), "n_features above 0"),
        (GATES.assign(gates=-1), "counts from 0 up"),
    ],
)
def test_counts_refuse(bad, message):
    with pytest.raises(ValueError, match=message):
        plotting.gate_counts(bad)


# Labels and features of many kinds


@pytest.mark.parametrize(
    ("y", "shown"),
    [
        (["no", "yes", "yes", "no"], ["no", "yes"]),
        (np.array(["no", "yes", "yes", "no"], object), ["no", "yes"]),
        (pd.Series(["no", "yes", "yes", "no"]), ["no", "yes"]),
        (pd.Series(["no", "yes", "yes", "no"], dtype="category"), ["no", "yes"]),
        ([True, False, False, True], ["0", "1"]),
        ([-1.0, 0.5, 0.5, -1.0], ["-1", "0.5"]),
    ],
)
def test_each_label_has_its_own_points(y, shown, ax):
    plotting.decision_boundary(lambda Z: Z[:, 0], pd.DataFrame(X), y, ax=ax)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == [f"label {n}" for n in shown]
    drawn = [np.asarray(c.get_offsets()).tolist() for c in ax.collections if len(c.get_offsets())]
    labels = np.asarray(y)
    assert drawn[-2:] == [X[labels == value].tolist() for value in np.unique(labels)]


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        (X, ["a", None, "b", "a"], "y must hold numbers; got dtype object"),
        (X, [["a"], ["b"], ["a"], ["b"]], r"y must have one label per row of X, 4; got shape"),
        (X, ["a", "b"], "y must have one label per row of X, 4; got shape"),
        (X, [0, np.nan, 1, 0], "y must hold finite numbers; got NaN"),
        (X, np.ma.masked_equal([0, 1, 1, 0], 1), "y must hold no masked entries"),
        (np.ma.masked_greater(X, 1), Y, "X must hold no masked entries"),
        (scipy.sparse.csr_array(X), Y, "X must be dense; got a sparse csr_array"),
    ],
)
def test_what_cannot_be_drawn_is_named(X, y, says):
    with pytest.raises((TypeError, ValueError), match=says):
        plotting.decision_boundary(lambda Z: Z[:, 0], X, y)


@pytest.mark.parametrize("rows", [[1], [0, 1, 2]])
def test_an_open_end_is_drawn_as_an_arrow(rows):
    scan = SCAN.copy()
    scan.loc[rows, "high"] = np.inf
    ax = plotting.variance_decay(scan, ax=Figure().subplots(), label="a")
    [bars] = ax.containers
    arrow = ax.lines[-1]
    assert arrow.get_xdata().tolist() == sorted(scan["n_qubits"][rows])
    assert (arrow.get_ydata() > scan[["value", "low"]].to_numpy().max()).all()
    low_caps, high_caps = bars.lines[1]
    bounded = scan.drop(index=rows).sort_values("n_qubits")
    assert high_caps.get_xdata().tolist() == bounded["n_qubits"].tolist()
    np.testing.assert_allclose(high_caps.get_ydata().astype(float), bounded["high"], rtol=1e-12)
    np.testing.assert_allclose(
        low_caps.get_ydata().astype(float), scan.sort_values("n_qubits")["low"]
    )
    [segments] = bars.lines[2]
    ends = [segment[1][1] for segment in segments.get_segments()]
    opened = scan.sort_values("n_qubits")["high"].to_numpy() == np.inf
    assert np.isfinite(ends).all() and set(arrow.get_ydata()) == set(np.array(ends)[opened])
    # The next series looks as if the arrow were not there.
    plotting.variance_decay(SCAN, ax=ax, label="b")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]


@pytest.mark.parametrize(
    "bad",
    [{"high": -np.inf}, {"high": np.nan}, {"high": "a"}, {"low": np.inf}, {"value": np.inf}],
)
def test_other_infinite_entries_are_named(bad):
    with pytest.raises((TypeError, ValueError), match=rf"scan\['{next(iter(bad))}'\] must"):
        plotting.variance_decay(SCAN.assign(**bad), ax=Figure().subplots())
