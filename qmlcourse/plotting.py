"""The figures of the course: each function draws on one Axes and returns it.

Series differ by marker and line style as well as by color, so that they stay apart in print and
for readers who don't see the colors. The colors are those of Okabe and Ito's palette with a
contrast of at least 3:1 on white.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import scipy.stats
from cycler import cycler
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.markers import CARETUPBASE
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from . import _checks
from ._typing import Array

__all__ = [
    "decision_boundary",
    "gate_counts",
    "kernel_heatmap",
    "paired_scores",
    "spectrum",
    "style",
    "variance_decay",
]

# The lengths have no common factor: 5 * 7 * 4 looks come before one is repeated.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")
_MARKERS = ("o", "^", "s", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":")
_BLUE_TO_ORANGE = LinearSegmentedColormap.from_list(
    "blue_to_orange", [_COLORS[0], "#FFFFFF", _COLORS[1]]
)


def style() -> None:
    """Set matplotlib's defaults to the style of the course.

    PNG files at 120 dots per inch, text of 11 points, and colors and line styles that change
    together from one line to the next. Used in every chapter with a figure.

    Examples
    --------
    >>> with plt.rc_context():
    ...     style()
    ...     plt.rcParams["figure.dpi"]
    120.0
    """
    # No markers here: they would clutter a smooth curve.
    looks = [_look(i) for i in range(len(_COLORS) * len(_LINES))]
    colors, lines = ([look[key] for look in looks] for key in ("color", "linestyle"))
    plt.rcParams.update(
        {
            "figure.dpi": 120,
            "figure.figsize": (6.4, 4.0),
            "figure.constrained_layout.use": True,
            "savefig.dpi": 120,
            "savefig.format": "png",
            "font.size": 11,
            "axes.prop_cycle": cycler(color=colors, linestyle=lines),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.cmap": "cividis",
            "lines.markersize": 6,
        }
    )


def kernel_heatmap(K: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """Draw a kernel matrix as colors, first row on top.

    The color scale covers 0 to 1, and more if the matrix does.

    Parameters
    ----------
    K : array_like of shape (n, m)
        Kernel values, without unit.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `K` is not a matrix of finite real numbers.

    Notes
    -----
    Used in the chapter *Quantum kernels*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = kernel_heatmap([[1, 0.5], [0.5, 1]], ax=Figure().subplots())
    >>> ax.images[0].get_clim()
    (0.0, 1.0)
    """
    K = _checks.array(K, "K", ndim=2)
    ax = _axes(ax)
    image = ax.imshow(K, vmin=min(0.0, K.min()), vmax=max(1.0, K.max()), cmap="cividis")
    ax.grid(False)
    ax.set(xlabel="column sample (index)", ylabel="row sample (index)")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(integer=True))
    ax.figure.colorbar(image, ax=ax, label="kernel value (no unit)")
    return ax


def variance_decay(scan: pd.DataFrame, *, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Draw gradient variances against the number of qubits, on a logarithmic scale.

    Parameters
    ----------
    scan : pandas.DataFrame
        One row per size: `n_qubits`, the variance `value` above 0 in 1/rad², and its 95%
        bootstrap interval from `low` to `high`; an infinite `high` is drawn as an arrow up. Other
        columns are ignored.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure. Each call on the same Axes gets a new look.
    label : str, optional
        Name in the legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `scan` is not such a table, or a value is not inside its interval.

    Notes
    -----
    Used in the chapter *Barren plateaus*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> scan = pd.DataFrame(
    ...     {"n_qubits": [2, 4], "value": [0.1, 0.01], "low": [0.05, 0.005], "high": [0.2, 0.02]}
    ... )
    >>> variance_decay(scan, ax=Figure().subplots()).get_yscale()
    'log'
    """
    names = ["n_qubits", "value", "low", "high"]
    n_qubits, value, low, high = _columns(scan, "scan", names, unbounded="high")
    if value.min() <= 0 or low.min() < 0:
        raise ValueError(
            "scan must hold values above 0 and intervals from 0 up, for a logarithmic scale; "
            f"got a value of {value.min():g} and a low end of {low.min():g}."
        )
    if (low > value).any() or (value > high).any():
        raise ValueError(
            "scan must hold low <= value <= high in every row; got a row that breaks it."
        )
    ax = _axes(ax)
    order = np.argsort(n_qubits, kind="stable")
    n_qubits, value, low, high = (column[order] for column in (n_qubits, value, low, high))
    look = _look(len(ax.containers))
    open_ended = np.isinf(high)
    top = np.where(open_ended, 2 * np.append(value, high[~open_ended]).max(), high)
    bars = ax.errorbar(n_qubits, value, [value - low, top - value], capsize=3, label=label, **look)
    if open_ended.any():
        # An arrow in place of the cap.
        bars[1][1].set_data(n_qubits[~open_ended], high[~open_ended])
        arrow = {"color": look["color"], "marker": CARETUPBASE, "linestyle": "none"}
        ax.plot(n_qubits[open_ended], top[open_ended], **arrow)
    ax.set_yscale("log")
    ax.set(xlabel="qubits (count)", ylabel="gradient variance (1/rad²)\nbars: 95% interval")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _legend(ax, label)


def spectrum(coefficients: ArrayLike, *, ax: Axes | None = None, label: str | None = None) -> Axes:
    r"""Draw the sizes of a model's Fourier coefficients.

    .. math::

        f(x) = \sum_{k=-L}^{L} c_k\, e^{ikx}

    Parameters
    ----------
    coefficients : array_like of shape (2 L + 1,)
        Real or complex :math:`c_{-L}, \dots, c_L`, in the unit of :math:`f`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure. Each call on the same Axes gets a new look.
    label : str, optional
        Name in the legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `coefficients` is not a row of finite numbers of odd length.

    Notes
    -----
    The series is that of arXiv:2008.08605. Used in the chapter *Fourier spectrum*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = spectrum([0.5, 0, 0.5], ax=Figure().subplots())  # the cosine
    >>> ax.containers[0].markerline.get_xdata().tolist()
    [-1, 0, 1]
    """
    sizes = coefficients if np.asarray(coefficients).dtype.kind != "c" else np.abs(coefficients)
    sizes = np.abs(_checks.array(sizes, "coefficients", ndim=1))
    if len(sizes) % 2 == 0:
        raise ValueError(
            f"coefficients must have odd length, for the frequencies -L to L; got {len(sizes)}."
        )
    ax = _axes(ax)
    look = _look(len(ax.containers))
    frequencies = np.arange(len(sizes)) - len(sizes) // 2
    stems = ax.stem(frequencies, sizes, basefmt=" ", label=label)
    stems.markerline.set(color=look["color"], marker=look["marker"])
    stems.stemlines.set(color=look["color"], linestyle=look["linestyle"])
    ax.set(xlabel="frequency $k$ (periods per $2\\pi$)", ylabel="$|c_k|$ (unit of the output)")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return _legend(ax, label)


def paired_scores(scores: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    r"""Draw the scores of several models on the same seeds, with means and intervals.

    A thin line joins the scores of one seed. Beside each model stands the mean of its :math:`n`
    scores with the 95% interval

    .. math::

        \bar{s} \pm t_{0.975,\,n-1}\,\frac{\hat\sigma}{\sqrt{n}}.

    The intervals describe each model alone; whether two models differ is a question for their
    paired differences.

    Parameters
    ----------
    scores : pandas.DataFrame
        One column per model, one row per seed, at least two rows.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `scores` is not such a table or holds missing values.

    Notes
    -----
    Used in the chapter *Training loops*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> scores = pd.DataFrame({"quantum": [0.7, 0.8, 0.9], "classical": [0.8, 0.8, 0.95]})
    >>> ax = paired_scores(scores, ax=Figure().subplots())
    >>> [tick.get_text() for tick in ax.get_xticklabels()]
    ['quantum', 'classical']
    """
    values = np.column_stack(_columns(scores, "scores", None))
    n_seeds, n_models = values.shape
    if n_seeds < 2:
        raise ValueError(f"scores must have at least 2 rows, one per seed; got {n_seeds}.")
    mean = values.mean(axis=0)
    half_width = scipy.stats.t.ppf(0.975, n_seeds - 1) * scipy.stats.sem(values, axis=0)

    ax = _axes(ax)
    places = np.arange(n_models)
    ax.plot(places, values.T, color="0.7", linewidth=0.8, linestyle="-", marker="", zorder=1)
    for j in places:
        look = _look(j) | {"linestyle": ""}
        ax.plot(np.full(n_seeds, j), values[:, j], alpha=0.7, zorder=2, **look)
        look["color"] = "black"
        ax.errorbar(j + 0.15, mean[j], half_width[j], capsize=4, markersize=8, zorder=3, **look)
    ax.set_xticks(places, [str(name) for name in scores.columns])
    ax.set_xlim(-0.5, n_models - 0.5)
    ax.set(xlabel="model (black: mean, 95% interval)", ylabel="score (no unit)")
    return ax


def decision_boundary(
    predict: Callable[[Array], ArrayLike],
    X: ArrayLike,
    y: ArrayLike,
    *,
    threshold: float = 0.5,
    ax: Axes | None = None,
) -> Axes:
    """Draw a model's output over the plane, where it crosses the threshold, and the data.

    Parameters
    ----------
    predict : callable
        Maps an array of shape (n, 2) to n real scores or probabilities. It is called once.
    X : array_like of shape (n_samples, 2)
        The data.
    y : array_like of shape (n_samples,)
        Their labels, numbers or texts; each gets a marker of its own.
    threshold : float
        Output at which the decision changes: 0.5 for probabilities, 0 for most scores.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `predict` can't be called or returns another shape, or the data have another shape.

    Notes
    -----
    Used in the chapter *Training loops*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> X, y = [[0.0, 0.0], [1.0, 1.0]], [0, 1]
    >>> ax = decision_boundary(lambda Z: Z.mean(axis=1), X, y, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['label 0', 'label 1']
    """
    if not callable(predict):
        raise TypeError(f"predict must be a function of an (n, 2) array; got {predict!r}.")
    X = _checks.features(X, n_features=2)
    drawn = _labels(y, len(X))
    threshold = _checks.real(threshold, "threshold")

    low, high = X.min(axis=0), X.max(axis=0)
    border = np.where(high > low, 0.1 * (high - low), 1.0)
    across, up = (np.linspace(a, b, 101) for a, b in zip(low - border, high + border, strict=True))
    grid = np.stack(np.meshgrid(across, up), axis=-1)
    output = _checks.array(predict(grid.reshape(-1, 2)), "the output of predict", ndim=1)
    if output.size != grid[..., 0].size:
        raise ValueError(
            f"predict must return one number per row, {grid[..., 0].size}; got {output.size}."
        )
    output = output.reshape(grid.shape[:2])

    ax = _axes(ax)
    # White is the threshold: the darker the color, the further the output is from it.
    reach = np.abs(output - threshold).max() or 1.0
    levels = np.linspace(threshold - reach, threshold + reach, 21)
    filled = ax.contourf(across, up, output, levels, cmap=_BLUE_TO_ORANGE, extend="both")
    if output.min() < threshold < output.max():
        ax.contour(across, up, output, [threshold], colors="black", linewidths=1.5)
    for i, label in enumerate(np.unique(drawn)):
        points = X[drawn == label]
        look = _look(i) | {"linestyle": "-", "edgecolor": "white"}
        ax.scatter(points[:, 0], points[:, 1], label=f"label {_name(label)}", zorder=3, **look)
    ax.set(xlabel="feature 0 (unit of the data)", ylabel="feature 1 (unit of the data)")
    ticks = np.linspace(threshold - reach, threshold + reach, 5)
    ax.figure.colorbar(filled, ax=ax, label="model output (no unit)", ticks=ticks, format="%.2g")
    ax.legend()
    return ax


def gate_counts(table: pd.DataFrame, *, value: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what each encoding costs as the features grow, both scales logarithmic.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per encoding and size: `encoding`, `n_features` above 0, and counts from 0 up.
    value : str, optional
        The column of counts to draw; needed if there are several.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError, ValueError
        If `table` is not such a table or `value` names none of its columns.

    Notes
    -----
    A count of 0 has no place on a logarithmic scale: if there is one, the scale is linear from 0
    to 1. Used in the chapter *Encodings*.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> table = pd.DataFrame({"encoding": ["angle"] * 2, "n_features": [2, 4], "qubits": [2, 4]})
    >>> gate_counts(table, ax=Figure().subplots()).get_ylabel()
    'qubits (count)'
    """
    _columns(table, "table", ["n_features"])
    if "encoding" not in table.columns:
        raise ValueError(f"table must have the column 'encoding'; got {list(table.columns)}.")
    candidates = [name for name in table.columns if name not in ("encoding", "n_features")]
    if value is None and len(candidates) == 1:
        value = candidates[0]
    if value is None or value not in candidates:
        raise ValueError(f"value must be one column of {candidates}; got {value!r}.")
    n_features, counts = _columns(table, "table", ["n_features", value])
    if n_features.min() <= 0 or counts.min() < 0:
        raise ValueError(
            "table must hold n_features above 0 and counts from 0 up; "
            f"got {n_features.min():g} and {counts.min():g}."
        )

    ax = _axes(ax)
    encodings = table["encoding"].to_numpy()
    for i, encoding in enumerate(pd.unique(encodings)):
        rows = np.flatnonzero(encodings == encoding)
        rows = rows[np.argsort(n_features[rows], kind="stable")]
        ax.plot(n_features[rows], counts[rows], label=str(encoding), **_look(i))
    ax.set_xscale("log", base=2)
    if counts.min() > 0:
        ax.set_yscale("log")
    else:
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(bottom=-0.2)
    ax.set(xlabel="features (count)", ylabel=f"{value.replace('_', ' ')} (count)")
    ax.legend(title="encoding")
    return ax


def _look(i: int) -> dict[str, Any]:
    """Return the color, marker and line style of series ``i``."""
    return {
        "color": _COLORS[i % len(_COLORS)],
        "marker": _MARKERS[i % len(_MARKERS)],
        "linestyle": _LINES[i % len(_LINES)],
    }


def _axes(ax: object) -> Axes:
    """Return ``ax``, or the Axes of a new figure."""
    if ax is None:
        return plt.subplots()[1]
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be a matplotlib Axes; got {type(ax).__name__}.")
    return ax


def _legend(ax: Axes, label: str | None) -> Axes:
    """Return ``ax``, with its legend brought up to date if the new series has a label."""
    if label is not None:
        ax.legend()
    return ax


def _labels(y: ArrayLike, n_samples: int) -> Array:
    """Return finite numbers or texts, one a sample."""
    labels = np.asarray(y)
    if labels.dtype == object and all(isinstance(v, str) for v in labels.flat):
        labels = labels.astype(str)
    if labels.dtype.kind not in "UT":
        labels = _checks.array(y, "y", ndim=1)
    if labels.shape != (n_samples,):
        raise ValueError(
            f"y must have one label per row of X, {n_samples}; got shape {labels.shape}."
        )
    return labels


def _name(label: Any) -> str:
    return str(label) if isinstance(label, str) else f"{label:g}"


def _columns(
    table: object, name: str, needed: list[str] | None, *, unbounded: str = ""
) -> list[Array]:
    """Return the ``needed`` columns of a DataFrame, or all of them, as float arrays.

    Entries of the ``unbounded`` one may be infinite.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"{name} must be a pandas DataFrame; got {type(table).__name__}.")
    if table.empty:
        raise ValueError(f"{name} must not be empty; got shape {table.shape}.")
    needed = list(table.columns) if needed is None else needed
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise ValueError(f"{name} must have the columns {needed}; got {list(table.columns)}.")
    return [
        _checks.upper_ends(table[column], f"{name}[{column!r}]")
        if column == unbounded
        else _checks.array(table[column], f"{name}[{column!r}]", ndim=1)
        for column in needed
    ]
