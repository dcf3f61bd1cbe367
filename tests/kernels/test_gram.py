"""Gram matrices of any scale and precision, and what is no kernel."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qmlcourse import _checks, kernels
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import kernel_matrix


def positive(rng, n=5):
    A = rng.normal(size=(n, n))
    return A @ A.T


@given(st.sampled_from([-1000, -600, 600, 1000]), st.integers(0, 2**32 - 1))
def test_a_power_of_two_only_scales(exponent, seed):
    rng = np.random.default_rng(seed)
    K, C, y = rng.normal(size=(5, 5)), positive(rng), [0, 1, 1, 0, 1]
    K = K + K.T
    huge = np.ldexp(K, exponent)
    np.testing.assert_array_equal(
        kernels.nearest_psd(huge), np.ldexp(kernels.nearest_psd(K), exponent)
    )
    assert kernels.target_alignment(huge, y) == kernels.target_alignment(K, y)
    Q = positive(rng)
    g = kernels.geometric_difference(C, Q)
    assert kernels.geometric_difference(np.ldexp(C, exponent), Q) == g
    assert kernels.geometric_difference(C, np.ldexp(Q, exponent)) == g


def test_the_shots_of_a_tiny_kernel_are_finite():
    """Its variance, 2e-340, is none of a float's numbers."""
    K = np.full((3, 3), 1e-170)
    K[0, 1] = K[1, 0] = 3e-170
    mean, variance, shots = kernels.concentration(K)
    assert (mean, variance) == (pytest.approx(5e-170 / 3), 0.0)
    assert shots == pytest.approx(5 / 3 / (4 / 3) * 1e170)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_the_rounding_of_a_shorter_float_is_no_asymmetry(dtype, rng):
    states = encoded_states(rng.normal(size=(300, 3)), "iqp").astype(np.complex64)
    K = (np.abs(states @ states.conj().T) ** 2).astype(dtype)
    # As single-precision products on another device give.
    K = K * (1 + np.finfo(dtype).eps * rng.integers(-1, 2, K.shape)).astype(dtype)
    exact = (K + K.T) / 2
    np.testing.assert_allclose(
        kernels.nearest_psd(K), kernels.nearest_psd(exact), atol=50 * np.finfo(dtype).eps
    )
    y = np.arange(300) % 2
    assert kernels.target_alignment(K, y) == pytest.approx(
        kernels.target_alignment(exact.astype(float), y), abs=1e-3
    )
    with pytest.raises(ValueError, match="K must be square and symmetric; entries differ"):
        kernels.nearest_psd(K.astype(float) + np.eye(300, k=1) * 1e-3)


def test_independent_shots_are_told_what_to_do(rng):
    X = rng.normal(size=(6, 2))
    K = kernel_matrix(X, X, shots=50, rng=rng)
    for call in (
        kernels.nearest_psd,
        kernels.concentration,
        lambda K: kernels.target_alignment(K, [0, 1] * 3),
    ):
        with pytest.raises(ValueError, match=r"by up to 0\.\d+: pass \(K \+ K\.T\) / 2 if that"):
            call(K)
        call((K + K.T) / 2)
    with pytest.raises(ValueError, match=r"pass \(K_quantum \+ K_quantum\.T\) / 2"):
        kernels.geometric_difference(np.eye(6), K)


@pytest.mark.parametrize("name", ["K_classical", "K_quantum"])
@pytest.mark.parametrize(
    ("K", "message"),
    [
        (np.zeros((3, 3)), "{} must have a positive trace"),
        (-np.eye(3), "{} must have a positive trace"),
        (np.diag([1.0, 1.0, -0.5]), r"{} must be positive semidefinite; .* nearest_psd\({}\)"),
    ],
)
def test_what_is_no_kernel_has_no_geometry(name, K, message):
    matrices = {"K_classical": np.eye(3), "K_quantum": np.eye(3)} | {name: K}
    with pytest.raises(ValueError, match=message.format(name, name)):
        kernels.geometric_difference(**matrices)


def test_singular_kernels():
    C, Q = np.ones((3, 3)), np.eye(3)
    # Where C has the eigenvalue 0, (C + lambda)^-1 is 1 / lambda.
    g = kernels.geometric_difference(C, Q, regularization=1e-6)
    assert g == pytest.approx(1e3, rel=1e-6)
    assert kernels.geometric_difference(Q, C) == pytest.approx(np.sqrt(3), rel=1e-6)
    with pytest.raises(ValueError, match=r"regularization must make K_classical inv.*1e-18"):
        kernels.geometric_difference(C, Q, regularization=1e-18)


@pytest.mark.parametrize(
    "y",
    [
        ["no", "yes", "yes", "no"],
        np.array(["no", "yes", "yes", "no"], dtype=object),
        pd.Series(["no", "yes", "yes", "no"], index=[7, 3, 1, 2]),
        pd.Series(["no", "yes", "yes", "no"], dtype="category"),
        pd.array(["no", "yes", "yes", "no"], dtype="string"),
        [False, True, True, False],
        np.array([3, 200, 200, 3], dtype=np.uint8),
        [2**60, 2**60 + 1, 2**60 + 1, 2**60],
        [-0.5, 0.5, 0.5, -0.5],
    ],
)
def test_labels_of_any_kind(y):
    s = np.array([-1, 1, 1, -1])
    assert kernels.target_alignment(np.outer(s, s), y) == pytest.approx(1)
    tilted = np.outer(s, s) + np.outer([1, 0, 0, 0], [1, 0, 0, 0])
    signs = s @ tilted @ s / 4 / np.linalg.norm(tilted)
    assert kernels.target_alignment(tilted, y) == pytest.approx(signs)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (["a", "b", "c"], ValueError, "y must hold 3 labels of 2 classes; got 3 of 3"),
        ([1, 1, 1], ValueError, "y must hold 3 labels of 2 classes; got 3 of 1"),
        (["a", 1, "a"], TypeError, "y must hold numbers alone or texts alone; got both"),
        (["a", None, "a"], TypeError, "y must hold numbers alone or texts alone|None"),
        ([0, None, 1], TypeError, "y must hold numbers; got dtype object, with None"),
        ([0, np.nan, 1], ValueError, "y must hold finite numbers; got NaN"),
        (pd.array([0, None, 1], dtype="Int64"), ValueError, "y must hold finite numbers; got NaN"),
        (pd.array(["a", None, "b"], dtype="string"), TypeError, "y must hold numbers"),
        ([["a"], ["b"], ["a"]], ValueError, "y must be a 1-D array of labels; got shape"),
        ("aba", ValueError, "y must be a 1-D array of labels"),
        ([], ValueError, "y must"),
    ],
)
def test_bad_labels_are_named(y, error, message):
    with pytest.raises(error, match=message):
        kernels.target_alignment(np.eye(3), y)


def test_equal_samples_are_at_distance_zero_for_every_gamma(rng):
    """From |u|^2 + |v|^2 - 2 u v a rounding remains, which a large gamma turns into 0."""
    X = np.repeat(rng.normal(size=(20, 4)), 2, axis=0)
    for gamma in (1e20, 1e308):
        K = kernels.projected_kernel(X, gamma=gamma)
        np.testing.assert_array_equal(K, np.kron(np.eye(20), np.ones((2, 2))))


def test_shots_beyond_what_rng_counts(rng):
    X = [[0.3], [0.4]]
    exact = kernel_matrix(X)
    most = kernel_matrix(X, shots=2**63 - 1, rng=rng)
    np.testing.assert_allclose(most, exact, atol=1e-8)
    with pytest.raises(ValueError, match="shots must be an integer from 1 to 9223372036854775807"):
        kernel_matrix(X, shots=2**63, rng=rng)


def test_the_memory_asked_for_is_what_is_needed(monkeypatch):
    asked = []
    monkeypatch.setattr(_checks, "memory", lambda n_bytes, what: asked.append((n_bytes, what)))
    kernel_matrix(np.ones((7, 3)), np.ones((5, 3)))
    states = [3 * np.empty((n, 8), dtype=complex).nbytes for n in (7, 5)]
    result = np.empty((7, 5)).nbytes
    assert [n for n, what in asked] == [result, *states]
    asked.clear()
    kernel_matrix(np.ones((7, 3)))
    assert asked[0] == (np.empty((7, 7)).nbytes, "a kernel matrix of 7 by 7")


def test_rounding_below_zero_passes_and_more_does_not():
    # Of trace 4, with smallest eigenvalues of -2e-6 and -8e-6; the limit is -1e-6 a sample.
    y = [0, 1, 0, 1]
    for low, fine in [(-2e-6, True), (-8e-6, False)]:
        K = np.diag([low, 1, 1, 2 - low])
        if fine:
            kernels.geometric_difference(np.eye(4), K)
            continue
        with pytest.raises(ValueError, match="K_quantum must be positive semidefinite"):
            kernels.geometric_difference(np.eye(4), K)
    with pytest.raises(TypeError, match=r"^K must hold numbers"):
        kernels.target_alignment([["a"]], y[:1])


def test_the_table_at_fault_is_named():
    with pytest.raises(ValueError, match=r"^X must hold finite numbers"):
        kernel_matrix([[np.nan]], [[0.3]])
    with pytest.raises(ValueError, match=r"^Y must hold finite numbers"):
        kernel_matrix([[0.3]], [[np.nan]])
    # What the encoding finds out names them as well.
    with pytest.raises(ValueError, match=r"^X must have finite phases"):
        kernel_matrix([[1e200]], [[0.3]], encoding="iqp")
    with pytest.raises(ValueError, match=r"^Y must have finite phases"):
        kernel_matrix([[0.3]], [[1e200]], encoding="iqp")


def test_gamma_is_1_by_default(rng):
    X = rng.normal(size=(4, 2))
    default = kernels.projected_kernel(X)
    np.testing.assert_allclose(kernels.projected_kernel(X, gamma=2), default**2, atol=1e-14)
    np.testing.assert_array_equal(kernels.projected_kernel(X, gamma=1), default)


def test_what_rounding_leaves_below_zero_counts_as_zero():
    # As of a centred kernel of little trace; more than the regularization makes up for.
    K = np.diag([-1.4e-7, 0.5, 1.5, 2 + 1.4e-7])
    g = kernels.geometric_difference(K, np.eye(4), regularization=1e-8)
    assert g == pytest.approx(1e4, rel=1e-6)
