"""Kernels against overlaps, their sampling noise against the binomial law."""

import tracemalloc
from dataclasses import replace

import dense
import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from qmlcourse import _checks, kernels
from qmlcourse.encodings import encoded_states
from qmlcourse.encodings._encoding import Option
from qmlcourse.encodings._registry import REGISTRY
from qmlcourse.kernels import _tiles, kernel_matrix


@pytest.fixture
def X(rng):
    return rng.normal(size=(6, 3))


@pytest.mark.parametrize("encoding", ["angle", "amplitude", "iqp", "reupload"])
def test_entries_are_squared_overlaps(encoding, X, rng):
    Y = rng.normal(size=(4, 3))
    a, b = encoded_states(X, encoding), encoded_states(Y, encoding)
    exact = [[abs(np.vdot(u, v)) ** 2 for v in b] for u in a]
    np.testing.assert_allclose(kernel_matrix(X, Y, encoding=encoding), exact, atol=1e-13)


def test_angle_kernel_is_its_closed_form(X):
    exact = np.cos((X[:, None] - X[None]) / 2) ** 2
    np.testing.assert_allclose(kernel_matrix(X, encoding="angle"), exact.prod(2), atol=1e-13)


def test_default_kernel_equals_pennylane(X):
    @qml.qnode(qml.device("default.qubit", wires=3))
    def overlap(x, y):
        qml.IQPEmbedding(x, range(3))
        qml.adjoint(qml.IQPEmbedding(y, range(3)))
        return qml.probs(range(3))

    theirs = qml.kernels.square_kernel_matrix(
        X, lambda x, y: overlap(x, y)[0], assume_normalized_kernel=True
    )
    np.testing.assert_allclose(kernel_matrix(X), theirs, atol=1e-10)


@given(
    st.sampled_from(["angle", "amplitude", "iqp", "reupload"]),
    st.sampled_from(["fidelity", "projected"]),
    st.integers(2, 12),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_gram_matrices_are_kernels(encoding, kind, n, d, seed):
    X = np.random.default_rng(seed).normal(size=(n, d)) * 2
    K = kernel_matrix(X, encoding=encoding, kind=kind)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_array_equal(np.diag(K), 1)
    assert K.min() >= 0
    assert K.max() <= 1
    assert np.linalg.eigvalsh(K)[0] > -1e-12 * n
    np.testing.assert_allclose(K, kernel_matrix(X, X, encoding=encoding, kind=kind), atol=1e-12)


@pytest.mark.parametrize("kind", ["fidelity", "projected"])
@pytest.mark.parametrize("encoding", ["angle", "amplitude", "iqp", "reupload"])
@pytest.mark.parametrize("size", [1, 4, 6, 100])
def test_batch_size_changes_nothing(size, encoding, kind, X, rng):
    Y = rng.normal(size=(7, 3))
    options = {"encoding": encoding, "kind": kind}
    for Z in (None, Y):
        whole = kernel_matrix(X, Z, **options)
        parts = kernel_matrix(X, Z, batch_size=size, **options)
        np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-14)
    K = kernel_matrix(X, batch_size=size, **options)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_array_equal(np.diag(K), 1)


@pytest.mark.parametrize("Y", [None, np.linspace(-2, 2, 15).reshape(5, 3)])
def test_batch_size_changes_no_shots(X, Y):
    whole, parts = (
        kernel_matrix(X, Y, shots=50, rng=np.random.default_rng(1), batch_size=size)
        for size in (None, 4)
    )
    np.testing.assert_array_equal(parts, whole)


def test_states_too_large_to_hold_are_computed_again(X, monkeypatch):
    whole, projected = kernel_matrix(X), kernels.projected_kernel(X)
    iqp, sizes = REGISTRY["iqp"], []

    def spy(X, **options):
        sizes.append(len(X))
        return iqp.encode(X, **options)

    monkeypatch.setitem(REGISTRY, "iqp", replace(iqp, encode=spy))
    # Two tiles of two samples with three qubits each.
    monkeypatch.setattr(_tiles, "HELD", 2 * 2 * 2**3 * 16)
    np.testing.assert_allclose(kernel_matrix(X), whole, rtol=0, atol=1e-14)
    np.testing.assert_allclose(kernels.projected_kernel(X), projected, rtol=0, atol=1e-14)
    assert set(sizes) == {2}


@pytest.mark.parametrize("kind", ["fidelity", "projected"])
@pytest.mark.parametrize("encoding", ["angle", "amplitude", "iqp", "reupload"])
def test_arguments_are_checked_once_however_many_tiles(encoding, kind, rng, monkeypatch):
    checked = []

    def watched(check):
        def spy(value, name, **settings):
            checked.append(name)
            return check(value, name, **settings)

        return spy

    monkeypatch.setattr(_checks, "array", watched(_checks.array))
    known = REGISTRY[encoding]
    options = {name: Option(o.default, watched(o.check)) for name, o in known.options.items()}
    monkeypatch.setitem(REGISTRY, encoding, replace(known, options=options))
    X, Y = rng.normal(size=(40, 3)), rng.normal(size=(30, 3))
    given = {name: option.default for name, option in options.items()}
    for Z in (None, Y):
        checked.clear()
        kernel_matrix(X, Z, encoding=encoding, kind=kind, batch_size=6, **given)
        assert sorted(checked) == sorted([*given, "X", *([] if Z is None else ["Y"])])


def test_memory_is_looked_at_wherever_states_are_made(X, monkeypatch):
    needed = []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: needed.append(what))
    kernel_matrix(X, batch_size=2)
    # Three tiles of rows, and with each the tiles of columns above the diagonal.
    assert needed.count("2 states of 3 qubits") == 3 + (2 + 1)
    # Amplitude states are hardly larger than X: made once.
    needed.clear()
    kernel_matrix(X, encoding="amplitude", batch_size=2)
    assert needed.count("6 states of 2 qubits") == 1
    assert not needed.count("2 states of 2 qubits")


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        # The result, and beside it no second matrix, complex matrix or list of indices.
        ({}, 1.2 * 1500**2),
        ({"kind": "projected"}, 1.2 * 1500**2),
        ({"shots": 10, "rng": np.random.default_rng(0)}, 1.2 * 1500**2),
        # The states of all samples are larger than the result; two batches are held.
        ({"batch_size": 4, "q": 12, "n": 100}, 0.5 * 100 * 2**13),
    ],
)
def test_memory_is_that_of_the_result(change, entries):
    options = {"batch_size": 64, "q": 3, "n": 1500} | change
    X = np.ones((options.pop("n"), options.pop("q")))
    tracemalloc.start()
    try:
        kernel_matrix(X, **options)
        assert tracemalloc.get_traced_memory()[1] < 8 * entries
    finally:
        tracemalloc.stop()


def test_shot_noise_is_binomial_and_unbiased(rng):
    X, shots, repeats = rng.normal(size=(2, 3)), 40, 3000
    k = kernel_matrix(X)[0, 1]
    counts = np.array(
        [kernel_matrix(X[:1], X[1:], shots=shots, rng=rng)[0, 0] * shots for _ in range(repeats)]
    )
    np.testing.assert_array_equal(counts, counts.round())
    expected = stats.binom.pmf(np.arange(shots + 1), shots, k) * repeats
    seen = np.bincount(counts.round().astype(int), minlength=shots + 1)
    common = expected > 5
    pooled = [np.append(v[common], v[~common].sum()) for v in (seen, expected)]
    assert stats.chisquare(*pooled).pvalue > 1e-3
    assert abs(counts.mean() / shots - k) < 4 * np.sqrt(k * (1 - k) / shots / repeats)


def test_sampled_gram_matrix_is_symmetric_with_unit_diagonal(X, rng):
    K = kernel_matrix(X, shots=10, rng=rng)
    np.testing.assert_array_equal(K, K.T)
    np.testing.assert_array_equal(np.diag(K), 1)
    assert not np.allclose(K, kernel_matrix(X))


def test_shots_come_from_rng(X):
    first, again, other = (
        kernel_matrix(X, shots=100, rng=np.random.default_rng(s)) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_projected_kernel_is_its_definition(X, rng):
    Y = rng.normal(size=(2, 3))

    def reduced(x):
        rho = np.outer(*(lambda s: (s, s.conj()))(encoded_states(x[None], "iqp")[0]))
        t = rho.reshape((2,) * 6)
        return [np.einsum(e, t) for e in ("abcdbc->ad", "abcadc->bd", "abcabd->cd")]

    exact = [
        [
            np.exp(
                -0.7
                * sum(
                    np.linalg.norm(r - s) ** 2 for r, s in zip(reduced(x), reduced(y), strict=True)
                )
            )
            for y in Y
        ]
        for x in X
    ]
    np.testing.assert_allclose(kernels.projected_kernel(X, Y, gamma=0.7), exact, atol=1e-12)
    np.testing.assert_allclose(kernel_matrix(X, Y, kind="projected", gamma=0.7), exact, atol=1e-12)


def test_nearest_psd_beats_every_other_psd_matrix(rng):
    A = rng.normal(size=(5, 5))
    K = (A + A.T) / 2
    nearest = kernels.nearest_psd(K)
    assert np.linalg.eigvalsh(nearest)[0] > -1e-12
    best = np.linalg.norm(K - nearest)
    assert best == pytest.approx(np.linalg.norm(np.minimum(np.linalg.eigvalsh(K), 0)))
    for _ in range(200):
        B = rng.normal(size=(5, 5)) * 0.1
        other = nearest + B @ B.T
        assert np.linalg.norm(K - other) > best
    np.testing.assert_allclose(kernels.nearest_psd(nearest), nearest, atol=1e-12)


def test_target_alignment_of_known_kernels():
    y = np.array([1, 0, 0, 1])
    s = 2 * y - 1
    assert kernels.target_alignment(np.outer(s, s), y) == pytest.approx(1)
    assert kernels.target_alignment(-np.outer(s, s), y) == pytest.approx(-1)
    assert kernels.target_alignment(np.ones((4, 4)), y) == pytest.approx(0)
    assert kernels.target_alignment(np.eye(4), y) == pytest.approx(0.5)


def test_geometric_difference_of_known_kernels():
    C, Q = np.diag([1.5, 0.5]), np.diag([0.5, 1.5])
    # sqrt(max(Q_i / C_i)) where the matrices commute.
    assert kernels.geometric_difference(C, Q) == pytest.approx(np.sqrt(3), abs=1e-6)
    assert kernels.geometric_difference(10 * C, Q) == pytest.approx(np.sqrt(3), abs=1e-6)
    assert kernels.geometric_difference(C, C) == pytest.approx(1, abs=1e-6)


def test_concentration_is_the_spread_off_the_diagonal(X):
    K = kernel_matrix(X)
    off = K[~np.eye(len(K), dtype=bool)]
    mean, variance, shots = kernels.concentration(K)
    assert mean == pytest.approx(off.mean())
    # Every pair stands twice in off.
    assert variance == pytest.approx(off.var() * 15 / 14)
    assert shots == pytest.approx(mean * (1 - mean) / variance)
    assert kernels.concentration(np.ones((3, 3))).shots == np.inf


def test_iqp_pair_terms_matter():
    # Equal fields x_1 + x_2, different products: only the pair term tells these apart.
    x, y = [0.9, 0.1], [0.5, 0.5]
    plus = dense.on({0: dense.H, 1: dense.H}, 2) @ dense.zero(2)
    states = [
        dense.pauli_rotation(a * b, {0: "Z", 1: "Z"}, 2)
        @ dense.pauli_rotation(a, {0: "Z"}, 2)
        @ dense.pauli_rotation(b, {1: "Z"}, 2)
        @ plus
        for a, b in (x, y)
    ]
    exact = abs(np.vdot(*states)) ** 2
    assert kernel_matrix([x], [y])[0, 0] == pytest.approx(exact, abs=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda X: kernel_matrix(X, X[:, :2]),
            ValueError,
            "Y must have 3 features; got 2",
        ),
        (lambda X: kernel_matrix(X, [1.0, 2.0]), ValueError, "Y must be a 2-D array"),
        (lambda X: kernel_matrix(X * np.nan), ValueError, "X must hold finite numbers; got NaN"),
        (
            lambda X: kernel_matrix(X, shots=-5, rng=np.random.default_rng()),
            ValueError,
            "shots must be an integer at least 1; got -5",
        ),
        (
            lambda X: kernel_matrix(X, shots=10.0, rng=np.random.default_rng()),
            TypeError,
            "shots must be an integer",
        ),
        (lambda X: kernel_matrix(X, shots=10), TypeError, "rng must be a numpy.random.Generator"),
        (
            lambda X: kernel_matrix(X, shots=10, rng=0),
            TypeError,
            "rng must be a numpy.random.Generator",
        ),
        (lambda X: kernel_matrix(X, kind="fidel"), ValueError, "kind must be one of"),
        (
            lambda X: kernel_matrix(X, kind="projected", shots=10),
            ValueError,
            "shots must be None for the projected kernel; got 10",
        ),
        (lambda X: kernel_matrix(X, encoding="x"), ValueError, "encoding must be one of"),
        (lambda X: kernel_matrix(X, batch_size=0), ValueError, "batch_size must be an integer"),
        (
            lambda X: kernel_matrix(X, kind="projected", batch_size=2.0),
            TypeError,
            "batch_size must be an integer at least 1; got 2.0",
        ),
        (
            lambda X: kernel_matrix(
                X * [[1], [1], [1], [0], [1], [1]], encoding="amplitude", batch_size=2
            ),
            ValueError,
            "row 3 is all zeros",
        ),
        (
            lambda X: kernel_matrix(X, X * [[1], [1], [0], [1], [1], [1]], encoding="amplitude"),
            ValueError,
            "Y must have no zero vector for the amplitude encoding; row 2 is all zeros",
        ),
        (
            lambda X: kernel_matrix(X, 1e200 * X, batch_size=1),
            ValueError,
            "Y must have finite phases in the iqp encoding; those of row 0 overflow",
        ),
        (
            lambda X: kernel_matrix(X, n_layers=2),
            ValueError,
            "'n_layers' is not an option of the iqp encoding; allowed: bandwidth, n_repeats, ent",
        ),
        (lambda X: kernel_matrix(np.ones((1, 50))), ValueError, "50 qubits would need"),
        (
            lambda X: kernels.projected_kernel(X, gamma=-1),
            ValueError,
            "gamma must be a finite number above 0; got -1",
        ),
        (lambda X: kernels.nearest_psd(X), ValueError, "K must be square and symmetric"),
        (
            lambda X: kernels.target_alignment(np.eye(3), [0, 1]),
            ValueError,
            "y must hold 3 labels of 2 classes; got 2 of 2",
        ),
        (
            lambda X: kernels.geometric_difference(np.eye(3), np.eye(2)),
            ValueError,
            r"K_quantum must have shape \(3, 3\)",
        ),
        (lambda X: kernels.concentration(np.eye(2)), ValueError, "K must be at least 3 by 3"),
    ],
)
def test_bad_input_is_named(call, error, message, X):
    with pytest.raises(error, match=message):
        call(X)
