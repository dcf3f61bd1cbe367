"""Each data set is checked by the property that defines it, not by stored numbers."""

import inspect
import tracemalloc
from functools import partial, reduce
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import scipy.stats
from scipy.optimize import linprog
from sklearn.neighbors import KNeighborsClassifier

from qmlcourse import datasets

GENERATORS = [getattr(datasets, name) for name in datasets.__all__]
BALANCED = [g for g in GENERATORS if g is not datasets.ising_ground_states]


def rng(seed=0):
    return np.random.default_rng(seed)


def separable(X, y):
    """Decide by a linear program whether some plane puts the two classes on its two sides."""
    sign = 2 * y - 1
    constraints = -sign[:, None] * np.column_stack([X, np.ones(len(X))])
    free = [(None, None)] * constraints.shape[1]
    found = linprog(np.zeros(len(free)), A_ub=constraints, b_ub=-np.ones(len(X)), bounds=free)
    return found.status == 0


def rank(X):
    """Return the dimension of the affine space that holds the rows of ``X``."""
    return np.linalg.matrix_rank(X - X.mean(axis=0), rtol=1e-9)


# Every data set


@pytest.mark.parametrize("generate", GENERATORS)
def test_shapes_and_types(generate):
    X, y = generate(7, 3, rng=rng())
    columns = {"bars_and_stripes": 9, "ising_ground_states": 8}.get(generate.__name__, 3)
    assert X.shape == (7, columns) and X.dtype == np.float64 and np.isfinite(X).all()
    assert y.shape == (7,) and y.dtype.kind == "i" and set(y) == {0, 1}


@pytest.mark.parametrize("generate", GENERATORS)
def test_the_generator_alone_decides(generate):
    np.random.seed(0)  # noqa: NPY002 - the global state must have no influence
    X, y = generate(20, 3, rng=rng(1))
    again, labels = generate(20, 3, rng=rng(1))
    assert np.array_equal(X, again) and np.array_equal(y, labels)
    other, other_labels = generate(20, 3, rng=rng(2))
    assert not np.allclose(X, other) and not np.array_equal(y, other_labels)


@pytest.mark.parametrize("generate", GENERATORS)
def test_the_generator_moves_on(generate):
    shared = rng(1)
    first, _ = generate(20, 3, rng=shared)
    second, _ = generate(20, 3, rng=shared)
    assert not np.allclose(first, second)


@pytest.mark.parametrize("generate", GENERATORS)
def test_randomness_is_a_required_keyword(generate):
    parameter = inspect.signature(generate).parameters["rng"]
    assert parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    for bad in (0, None, np.random.RandomState(0)):
        with pytest.raises(TypeError, match="rng"):
            generate(4, 2, rng=bad)


@pytest.mark.parametrize("generate", BALANCED)
@pytest.mark.parametrize("n_samples", [2, 3, 50, 51])
def test_classes_are_balanced(generate, n_samples):
    X, y = generate(n_samples, 3, rng=rng())
    assert len(X) == n_samples
    assert np.bincount(y).tolist() == [n_samples - n_samples // 2, n_samples // 2]


@pytest.mark.parametrize("generate", BALANCED)
def test_rows_are_in_random_order(generate):
    # In sorted or alternating order the number of label changes would be 1 or 399.
    _, y = generate(400, 3, rng=rng())
    assert 160 < np.abs(np.diff(y)).sum() < 240


@pytest.mark.parametrize("generate", GENERATORS)
def test_bad_counts(generate):
    for bad in (0, -3):
        with pytest.raises(ValueError, match=r"^n_samples must"):
            generate(bad, 3, rng=rng())
    with pytest.raises(TypeError, match=r"^n_samples must"):
        generate(10.0, 3, rng=rng())
    second = list(inspect.signature(generate).parameters)[1]
    with pytest.raises(ValueError, match=f"^{second} must"):
        generate(10, 0, rng=rng())
    with pytest.raises(TypeError, match=f"^{second} must"):
        generate(10, True, rng=rng())


@pytest.mark.parametrize(
    ("generate", "settings"),
    [
        # The first two are n_samples and the second argument: the benchmark's, if it has one.
        (datasets.linearly_separable, (100, 2, {"margin": 0.02})),
        (datasets.two_curves, (100, 2, {"degree": 5, "offset": 0.1, "noise": 0.01})),
        (datasets.hidden_manifold, (100, 2, {"manifold_dimension": 6})),
        (datasets.hyperplanes_parity, (100, 2, {"n_hyperplanes": 5, "dim_hyperplanes": 2})),
        (datasets.bars_and_stripes, (100, 4, {"noise": 0.5})),
        (datasets.ising_ground_states, (100, 6, {})),
    ],
)
def test_defaults(generate, settings):
    *counts, options = settings
    X, y = generate(rng=rng())
    same, labels = generate(*counts, **options, rng=rng())
    np.testing.assert_array_equal(X, same)
    np.testing.assert_array_equal(y, labels)


SIZES = {
    "linearly_separable": [(20_000, 1, {}), (4000, 30, {}), (40, 3000, {})],
    "two_curves": [
        (20_000, 1, {"degree": 1}),
        (4000, 30, {}),
        (40, 3000, {}),
        (4000, 1, {"degree": 30}),
        (2, 300, {"degree": 300}),
    ],
    "hidden_manifold": [
        (20_000, 1, {"manifold_dimension": 1}),
        (4000, 30, {}),
        (40, 3000, {}),
        (4000, 1, {"manifold_dimension": 30}),
        (2, 2, {"manifold_dimension": 300}),
        (2, 300, {"manifold_dimension": 300}),
    ],
    "hyperplanes_parity": [
        (20_000, 2, {}),
        (4000, 30, {}),
        (40, 3000, {}),
        (4000, 1, {"n_hyperplanes": 30}),
        (4000, 1, {"n_hyperplanes": 1, "dim_hyperplanes": 30}),
        (2, 300, {"n_hyperplanes": 1, "dim_hyperplanes": 1000}),
        (2, 1, {"n_hyperplanes": 300, "dim_hyperplanes": 1000}),
    ],
    "bars_and_stripes": [(10_000, 2, {}), (4000, 6, {}), (2, 300, {})],
    "ising_ground_states": [(16, 9, {}), (2, 11, {})],
}


@pytest.mark.parametrize("generate", GENERATORS)
def test_what_fits_in_memory_is_drawn_and_what_does_not_is_refused_at_once(generate, monkeypatch):
    name = generate.__name__
    for n_samples, second, options in SIZES[name]:
        draw = partial(generate, n_samples, second, **options)
        tracemalloc.start()
        try:
            draw(rng=rng())
            peak = tracemalloc.get_traced_memory()[1]
            for share in (0.6, 1.35):  # NumPy reuses arrays on some systems and not on others
                free = SimpleNamespace(available=int(share * peak))
                with monkeypatch.context() as patch:
                    patch.setattr(psutil, "virtual_memory", lambda free=free: free)
                    if share > 1:
                        draw(rng=rng())
                        continue
                    tracemalloc.reset_peak()
                    with pytest.raises(ValueError, match=f"^{name} would need .* GiB of memory"):
                        draw(rng=rng())
                    assert tracemalloc.get_traced_memory()[1] < peak / 2
        finally:
            tracemalloc.stop()
    with pytest.raises(ValueError, match=f"^{name} would need .* GiB of memory"):
        generate(10**13, 3, rng=rng())


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda **k: datasets.linearly_separable(5, 2, margin=-0.1, **k), "margin"),
        (lambda **k: datasets.linearly_separable(5, 2, margin=0.95, **k), "margin"),
        (lambda **k: datasets.linearly_separable(5, 100, margin=0.2, **k), "margin"),
        (lambda **k: datasets.two_curves(5, degree=0, **k), "degree"),
        (lambda **k: datasets.two_curves(5, offset=np.nan, **k), "offset"),
        (lambda **k: datasets.two_curves(5, noise=-1, **k), "noise"),
        (lambda **k: datasets.two_curves(5, noise=np.inf, **k), "noise"),
        (lambda **k: datasets.hidden_manifold(5, manifold_dimension=0, **k), "manifold_dimension"),
        (lambda **k: datasets.hyperplanes_parity(5, n_hyperplanes=0, **k), "n_hyperplanes"),
        (lambda **k: datasets.hyperplanes_parity(5, dim_hyperplanes=0, **k), "dim_hyperplanes"),
        (lambda **k: datasets.bars_and_stripes(5, 1, **k), "size"),
        (lambda **k: datasets.bars_and_stripes(5, noise=-0.5, **k), "noise"),
        (lambda **k: datasets.ising_ground_states(5, 1, **k), "n_qubits"),
        (lambda **k: datasets.ising_ground_states(5, 13, **k), "n_qubits"),
    ],
)
def test_values_out_of_range(call, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        call(rng=rng())


# Linearly separable


@pytest.mark.parametrize("n_features", [1, 2, 10])
def test_a_plane_through_the_centre_separates(n_features):
    X, y = datasets.linearly_separable(200, n_features, rng=rng())
    assert separable(X, y)
    assert np.array_equal(y, (X.sum(axis=1) > 0).astype(int))
    shuffled = rng(1).permutation(y)
    assert not separable(X, shuffled)  # the linear program can say no


def test_the_margin_is_kept_and_is_tight():
    for margin in (0.02, 0.3):
        X, _ = datasets.linearly_separable(4000, 2, margin=margin, rng=rng())
        closest = np.abs(X.mean(axis=1)).min()
        assert margin < closest < margin + 0.005


def test_features_fill_the_cube_uniformly():
    X, _ = datasets.linearly_separable(40_000, 3, margin=0, rng=rng())
    assert np.abs(X).max() <= 1
    # A uniform variable on [-1, 1] has variance 1/3; independent features do not correlate.
    assert np.allclose(np.cov(X.T), np.eye(3) / 3, atol=0.01)


def test_the_widest_margin_is_still_drawn():
    X, _ = datasets.linearly_separable(20, 4, margin=0.72, rng=rng())
    assert np.abs(X.mean(axis=1)).min() > 0.72


# Two curves


def test_features_are_standardized():
    for generate in (datasets.two_curves, datasets.hyperplanes_parity):
        X, _ = generate(300, 4, rng=rng())
        assert np.allclose(X.mean(axis=0), 0, atol=1e-12)
        assert np.allclose(X.std(axis=0), 1)


@pytest.mark.parametrize("degree", [1, 2, 5])
def test_each_curve_spans_two_dimensions_per_frequency(degree):
    X, y = datasets.two_curves(300, 30, degree=degree, noise=0, rng=rng())
    assert rank(X[y == 0]) == rank(X[y == 1]) == 2 * degree


def test_the_second_curve_is_the_first_one_shifted():
    X, y = datasets.two_curves(300, 30, degree=2, noise=0, rng=rng())
    first = X[y == 0] - X[y == 0].mean(axis=0)
    across = np.linalg.svd(first)[2][4:]  # the directions the first curve does not use
    left = (X @ across.T)[y == 0]
    right = (X @ across.T)[y == 1]
    assert np.allclose(left, left[0]) and np.allclose(right, right[0])
    assert np.linalg.norm(right[0] - left[0]) > 0.1

    same, y = datasets.two_curves(300, 30, degree=2, noise=0, offset=0, rng=rng())
    assert rank(same) == 4


def test_curves_have_the_variance_of_the_fourier_series():
    # For degree 1, Var cos(pi t) = 1/2, Var sin(pi t) = 1/2 - 4/pi^2, and they do not correlate.
    # Unit norm over many features gives each coefficient a mean square of 1/(4 d).
    offset, d = 0.1, 200
    X, y = datasets.two_curves(6000, d, degree=1, offset=offset, noise=0, rng=rng())
    within = X[y == 0].var(axis=0)
    variance = offset**2 / 4 * within / (1 - within)  # the total is 1 = within + offset^2/4 / s^2
    assert variance.sum() == pytest.approx((1 - 4 / np.pi**2) / 4, rel=0.04)


def test_curves_have_the_skewness_of_arches_that_open_downwards():
    # For degree 1, x = a cos(pi t) + b sin(pi t) with uniform a and b. Odd powers of the cosine
    # drop out of the third central moment, and E s = 2/pi, E s^2 = 1/2, E s^3 = 4/(3 pi).
    X, y = datasets.two_curves(10_000, 200, degree=1, noise=0, rng=rng())
    a, b = np.meshgrid(*2 * [(np.arange(500) + 0.5) / 500])
    mean, cube = 2 / np.pi, 4 / (3 * np.pi)
    third = 3 * a**2 * b * (mean / 2 - cube) + b**3 * (cube - 3 * mean / 2 + 2 * mean**3)
    exact = third / (a**2 / 2 + b**2 * (1 / 2 - mean**2)) ** 1.5
    skewness = scipy.stats.skew(X[y == 0])
    assert skewness.mean() == pytest.approx(exact.mean(), abs=0.05)  # it is -0.59
    assert skewness.std() == pytest.approx(exact.std(), abs=0.05)


def test_curve_noise_has_the_given_size():
    offset, noise = 1.0, 2.0
    X, y = datasets.two_curves(20_000, 50, degree=1, offset=offset, noise=noise, rng=rng())
    gap = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)
    # Each curve adds a variance of about 1e-3 to the noise; the gap is offset / deviation.
    assert gap.mean() == pytest.approx(offset / np.sqrt(noise**2 + offset**2 / 4), rel=0.03)
    residual = X[y == 0] - X[y == 0].mean(axis=0)
    assert np.abs(np.corrcoef(residual.T) - np.eye(50)).max() < 0.06


# Hidden manifold


@pytest.mark.parametrize("dimension", [1, 3, 6])
def test_features_lie_on_a_manifold_of_the_given_dimension(dimension):
    X, _ = datasets.hidden_manifold(300, 15, manifold_dimension=dimension, rng=rng())
    assert np.abs(X).max() < 1
    assert rank(np.arctanh(X)) == dimension


@pytest.mark.parametrize("dimension", [2, 30])
def test_the_embedding_has_unit_variance_and_a_uniform_bias(dimension):
    X, _ = datasets.hidden_manifold(1500, 3000, manifold_dimension=dimension, rng=rng())
    before = np.arctanh(X)
    assert before.var(axis=0).mean() == pytest.approx(1, rel=0.1)
    bias = before.mean(axis=0)
    assert np.quantile(bias, [0.25, 0.5, 0.75]) == pytest.approx([-0.5, 0, 0.5], abs=0.08)


def test_the_label_is_a_threshold_on_one_hidden_coordinate():
    # With one hidden coordinate the teacher network is monotone in it.
    X, y = datasets.hidden_manifold(101, 4, manifold_dimension=1, rng=rng())
    assert np.abs(np.diff(y[np.argsort(X[:, 0])])).sum() == 1


def test_the_label_is_a_curved_function_of_the_hidden_position():
    X, y = datasets.hidden_manifold(4000, 5, manifold_dimension=2, rng=rng(3))
    before = np.arctanh(X) - np.arctanh(X).mean(axis=0)
    left, size, _ = np.linalg.svd(before, full_matrices=False)
    hidden = (left * size)[:, :2]
    nearest = KNeighborsClassifier(5).fit(hidden[:3000], y[:3000])
    assert nearest.score(hidden[3000:], y[3000:]) > 0.97
    assert not separable(hidden, y)


# Hyperplanes and parity


@pytest.mark.parametrize("h", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(4))
def test_parity_of_thresholds_on_a_line(h, seed):
    # On a line the planes are thresholds -b/w below zero, and the embedding keeps the order:
    # the largest point lies above all h of them, and each threshold flips the label once.
    X, y = datasets.hyperplanes_parity(400, 1, n_hyperplanes=h, dim_hyperplanes=1, rng=rng(seed))
    ordered = y[np.argsort(X[:, 0])]
    assert ordered[-1] == h % 2
    assert 1 <= np.abs(np.diff(ordered)).sum() <= h


def test_one_plane_separates_and_two_do_not():
    X, y = datasets.hyperplanes_parity(200, 2, n_hyperplanes=1, rng=rng())
    assert separable(X, y)
    X, y = datasets.hyperplanes_parity(200, 2, n_hyperplanes=2, rng=rng())
    assert not separable(X, y)


def test_features_keep_the_dimension_of_the_planes():
    X, _ = datasets.hyperplanes_parity(200, 10, rng=rng())
    assert rank(X) == 3
    X, _ = datasets.hyperplanes_parity(200, 10, dim_hyperplanes=5, rng=rng())
    assert rank(X) == 5


def test_by_default_the_label_is_a_function_of_the_features():
    # Two features show all of a plane, so near neighbours share a label.
    X, y = datasets.hyperplanes_parity(4000, 2, n_hyperplanes=3, rng=rng())
    assert KNeighborsClassifier(5).fit(X[:3000], y[:3000]).score(X[3000:], y[3000:]) > 0.95


# Bars and stripes


def test_patterns_without_noise():
    X, y = datasets.bars_and_stripes(400, 4, noise=0, rng=rng())
    images = X.reshape(-1, 4, 4)
    assert set(np.unique(images)) == {-1.0, 1.0}
    assert np.all(images[y == 0] == images[y == 0][:, :1, :])  # bars: all rows alike
    assert np.all(images[y == 1] == images[y == 1][:, :, :1])  # stripes: all columns alike


def test_all_patterns_are_equally_likely():
    X, y = datasets.bars_and_stripes(16_000, 3, noise=0, rng=rng())
    for label in (0, 1):
        _, counts = np.unique(X[y == label], axis=0, return_counts=True)
        assert len(counts) == 2**3
        assert np.abs(counts - 1000).max() < 150


def test_noise_is_gaussian_with_the_given_deviation():
    noisy, y = datasets.bars_and_stripes(4000, 4, noise=0.5, rng=rng())
    clean, labels = datasets.bars_and_stripes(4000, 4, noise=0, rng=rng())
    assert np.array_equal(y, labels)
    noise = noisy - clean
    assert noise.std() == pytest.approx(0.5, rel=0.02)
    assert np.abs(noise.mean(axis=0)).max() < 0.04
    assert (np.abs(noise) < 0.5).mean() == pytest.approx(0.6827, abs=0.01)
    assert np.abs(np.corrcoef(noise.T) - np.eye(16)).max() < 0.08


def test_thirty_two_pixels_a_side():
    X, _ = datasets.bars_and_stripes(4, 32, rng=rng())
    assert X.shape == (4, 1024)


# Ising ground states


def chain(n):
    """Return the sums of Z_i Z_{i+1} and of X_i, from Kronecker products, qubit 0 leftmost."""
    pauli = {"X": np.array([[0, 1], [1, 0]]), "Z": np.diag([1, -1])}

    def term(letter, sites):
        factors = [pauli[letter] if q in sites else np.eye(2) for q in range(n)]
        return reduce(np.kron, factors)

    return sum(term("Z", (q, q + 1)) for q in range(n - 1)), sum(term("X", (q,)) for q in range(n))


def solve_field(state, zz, x):
    """Find g and E with (ZZ + g X) state = -E state; also the size of what is left over."""
    columns = np.column_stack([x @ state, state])
    solution = np.linalg.lstsq(columns, -zz @ state, rcond=None)[0]
    return *solution, np.linalg.norm(columns @ solution + zz @ state)


@pytest.mark.parametrize("n", [2, 3, 6, 8])
def test_states_are_ground_states_with_the_free_fermion_energy(n):
    X, y = datasets.ising_ground_states(12, n, rng=rng(n))
    zz, x = chain(n)
    assert np.allclose((X**2).sum(axis=1), 1, atol=1e-13)
    for state, label in zip(X, y, strict=True):
        g, energy, left_over = solve_field(state, zz, x)
        assert left_over < 1e-12
        # Free fermions: minus the sum of the singular values of the bidiagonal matrix (g, 1).
        modes = np.linalg.svd(g * np.eye(n) + np.eye(n, k=1), compute_uv=False)
        assert energy == pytest.approx(-modes.sum(), abs=1e-10)
        assert label == (g < 1)


def test_fields_are_uniform_from_zero_to_two():
    X, y = datasets.ising_ground_states(400, 3, rng=rng())
    zz, x = chain(3)
    g = np.array([solve_field(state, zz, x)[0] for state in X])
    assert 0 <= g.min() < 0.05 and 1.95 < g.max() <= 2
    assert np.quantile(g, [0.25, 0.5, 0.75]) == pytest.approx([0.5, 1, 1.5], abs=0.15)
    assert np.array_equal(y, (g < 1).astype(int))


def test_two_qubits_in_closed_form():
    X, _ = datasets.ising_ground_states(5, 2, rng=rng())
    zz, x = chain(2)
    for state in X:
        g, energy, _ = solve_field(state, zz, x)
        assert energy == pytest.approx(-np.sqrt(1 + 4 * g**2), abs=1e-12)
        assert state[0] == state[3] and state[1] == state[2]
        assert state[1] / state[0] == pytest.approx((-energy - 1) / (2 * g), abs=1e-12)


def test_weak_fields_give_the_even_state_and_no_negative_amplitude():
    # With 10 qubits and a weak field the two lowest levels agree to machine precision.
    X, y = datasets.ising_ground_states(30, 10, rng=rng(5))
    assert X.min() >= 0
    assert np.allclose(X, X[:, ::-1], atol=1e-13)
    ordered = X[y == 1]
    assert ordered[:, 0].max() == pytest.approx(1 / np.sqrt(2), abs=1e-2)


def test_class_sizes_of_phases_are_left_to_chance():
    ones = [datasets.ising_ground_states(20, 2, rng=rng(seed))[1].sum() for seed in range(20)]
    assert len(set(ones)) > 3 and 8 < np.mean(ones) < 12


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("settings", [{"noise": 1e149}, {"offset": 1e149}])
def test_curves_of_any_scale_are_standardized(settings, sign):
    settings = {"offset": sign * settings.get("offset", 0.1)} | {"noise": settings.get("noise", 0)}
    X, _ = datasets.two_curves(**settings, rng=np.random.default_rng(0))
    np.testing.assert_allclose(X.std(axis=0), 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (partial(datasets.two_curves, noise=1e308), r"noise must be .* below 1e\+150; got 1e\+308"),
        (partial(datasets.two_curves, offset=-1e308), r"offset must be a finite number above -1e"),
        (partial(datasets.bars_and_stripes, noise=1e308), r"noise must be .* below 1e\+150"),
        (partial(datasets.linearly_separable, n_features=10**400), "would need over .* GiB"),
        (partial(datasets.hidden_manifold, n_samples=10**400), "would need over .* GiB"),
    ],
)
def test_what_no_float_or_machine_holds_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(rng=np.random.default_rng(0))
