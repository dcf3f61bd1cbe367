"""The same numbers in any container, dtype and order give the same result; others one sentence."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pennylane as qml
import pytest
import scipy.sparse
from hypothesis import example, given
from hypothesis import strategies as st

from qmlcourse import _checks, encodings, gradients, kernels, simulator
from qmlcourse.encodings import encoded_states
from qmlcourse.kernels import kernel_matrix


class Container:
    """Holds an array as other libraries' tables do."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a if dtype is None else self.a.astype(dtype)


def readonly(a):
    a = a.copy()
    a.flags.writeable = False
    return a


def table(a, dtype=float):
    """A DataFrame or Series whose index is out of order."""
    if a.ndim == 1:
        return pd.Series(a, index=range(len(a), 0, -1), dtype=dtype)
    return pd.DataFrame(a, index=range(len(a), 0, -1)).astype(dtype)


FORMS = {
    "float16": lambda a: a.astype(np.float16),
    "float32": lambda a: a.astype(np.float32),
    "longdouble": lambda a: a.astype(np.longdouble),
    "big-endian": lambda a: a.astype(">f8"),
    "int8": lambda a: a.astype(np.int8),
    "uint8": lambda a: a.astype(np.uint8),
    "uint64": lambda a: a.astype(np.uint64),
    "bool": lambda a: a.astype(bool),
    "fortran": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: a[::-1].copy()[::-1],
    "read-only": readonly,
    "list": lambda a: a.tolist(),
    "tuple": lambda a: tuple(map(tuple, a.tolist())) if a.ndim > 1 else tuple(a.tolist()),
    "list of arrays": list,
    "object": lambda a: a.astype(object),
    "fractions": np.vectorize(Fraction, otypes=[object]),
    "decimals": np.vectorize(Decimal, otypes=[object]),
    "NumPy truths": np.vectorize(np.bool_, otypes=[object]),
    "pandas": table,
    "pandas Float64": lambda a: table(a, "Float64"),
    "pandas Int64": lambda a: table(a.astype(int), "Int64"),
    "pandas boolean": lambda a: table(a.astype(bool), "boolean"),
    "unmasked": lambda a: np.ma.array(a, mask=np.zeros_like(a, dtype=bool)),
    "__array__": Container,
    "PennyLane": lambda a: qml.numpy.array(a, requires_grad=True),
}
BITS = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
LABELS = np.array([0.0, 1.0, 1.0])
K = np.array([[3.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 3.0]])
RULE = lambda t: np.cos(t).sum()  # noqa: E731
FUNCTIONS = {
    **{
        f"encoded_states {name}": (lambda X, name=name: encoded_states(X, name), BITS)
        for name in encodings.ENCODINGS
    },
    "weights": (
        lambda w: encoded_states([[0.3]], "reupload", weights=[w], n_layers=1), BITS[:1],
    ),
    "kernel_matrix": (kernel_matrix, BITS),
    "kernel_matrix Y": (lambda Y: kernel_matrix(BITS, Y), BITS),
    "projected_kernel": (kernels.projected_kernel, BITS),
    "frequency_spectrum": (lambda e: encodings.frequency_spectrum(2, eigenvalues=e), LABELS),
    "fourier_coefficients": (encodings.fourier_coefficients, LABELS),
    "nearest_psd": (kernels.nearest_psd, K),
    "target_alignment": (lambda K: kernels.target_alignment(K, LABELS), K),
    "labels": (lambda y: kernels.target_alignment(K, y), LABELS),
    "geometric_difference": (lambda K: kernels.geometric_difference(K, np.eye(3)), K),
    "geometric_difference Q": (lambda K: kernels.geometric_difference(np.eye(3), K), K),
    "concentration": (kernels.concentration, K),
    "parameter_shift": (lambda t: gradients.parameter_shift(RULE, t), LABELS),
    "frequencies": (lambda w: gradients.parameter_shift(RULE, [0.3], w), LABELS[1:2]),
    "shift_rule": (gradients.shift_rule, LABELS[1:2]),
    "finite_difference": (lambda t: gradients.finite_difference(RULE, t), LABELS),
    "spsa": (lambda t: gradients.spsa(RULE, t, rng=np.random.default_rng(0)), LABELS),
    "rotation": (lambda t: simulator.rotation("X", t), LABELS),
    "apply": (lambda s: simulator.apply(s, [[0, 1], [1, 0]], [0]), BITS[:, 1:]),
    "gate": (lambda g: simulator.apply(np.eye(2), g, [0]), BITS[:2, 1:]),
    "probabilities": (simulator.probabilities, BITS[:, 1:]),
    "bloch_vectors": (simulator.bloch_vectors, np.array([[0.0, 1.0]])),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_form_of_the_same_numbers_gives_the_same(name, form):
    function, numbers = FUNCTIONS[name]
    given = FORMS[form](numbers)
    if not np.array_equal(np.asarray(given).astype(float), numbers):
        pytest.skip("this form can't hold the numbers")
    np.testing.assert_array_equal(function(given), function(numbers))


def masked(a):
    return np.ma.array(a, mask=np.arange(a.size).reshape(a.shape) == 0)


def with_first(a, value):
    a = a.astype(object)
    a.flat[0] = value
    return a


REFUSED = {
    "masked": (masked, ValueError, "must hold no masked entries"),
    "masked rows": (lambda a: list(masked(a)), ValueError, "must hold no masked entries"),
    "NA": (lambda a: table(with_first(a, pd.NA), object), TypeError, "must hold numbers; .*<NA>"),
    "None": (lambda a: with_first(a, None), TypeError, "must hold numbers; .*None"),
    "text": (lambda a: a.astype(str)[:, None], (TypeError, ValueError), "must (hold|be)"),
    "text among numbers": (lambda a: with_first(a, "1"), TypeError, "must hold numbers"),
    "NaN": (lambda a: with_first(a, math.nan), ValueError, "must hold finite numbers"),
    "infinity": (lambda a: with_first(a, -math.inf), ValueError, "must hold finite numbers"),
    "signalling": (lambda a: with_first(a, Decimal("sNaN")), ValueError, "must hold .*numbers"),
    "long integer": (lambda a: with_first(a, 10**5000), ValueError, "must hold numbers that fit"),
    "long double": (
        lambda a: a.astype(np.longdouble) + np.longdouble("1e4000"),
        ValueError,
        "must hold finite numbers",
    ),
    "dates": (lambda a: a.astype("M8[s]"), TypeError, "must hold numbers; got dtype datetime64"),
    "records": (lambda a: a.astype([("a", float)]), TypeError, "must hold numbers; got dtype"),
}


@pytest.mark.parametrize("form", REFUSED)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_everything_else_is_refused_in_one_sentence(name, form):
    function, numbers = FUNCTIONS[name]
    change, error, message = REFUSED[form]
    if (name, form) == ("labels", "text"):
        pytest.skip("labels may be texts")
    if form == "long double" and np.finfo(np.longdouble).maxexp == 1024:
        pytest.skip("no longer than a double here")
    if name in ("apply", "probabilities", "bloch_vectors") and form == "long double":
        pytest.skip("whether floating amplitudes are finite is their maker's business")
    with pytest.raises(error, match=message) as caught:
        function(change(numbers))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "name", [n for n in FUNCTIONS if FUNCTIONS[n][1].shape[1:] and n != "weights"]
)
def test_sparse_tables_are_refused(name):
    function, numbers = FUNCTIONS[name]
    for kind in (scipy.sparse.csr_array, scipy.sparse.coo_matrix):
        with pytest.raises(TypeError, match=r"must be dense; got a sparse .*: pass .*toarray\(\)"):
            function(kind(numbers))


@pytest.mark.extra("jax")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_jax_arrays(name):
    import jax.numpy as jnp

    function, numbers = FUNCTIONS[name]
    for dtype in (jnp.float32, jnp.bfloat16, jnp.int8):
        np.testing.assert_array_equal(function(jnp.asarray(numbers, dtype)), function(numbers))


def test_scalars_of_any_kind():
    for one in (1, np.int8(1), np.uint64(1), np.array(1)):
        assert _checks.integer(one, "n") == 1 and type(_checks.integer(one, "n")) is int
    for half in (0.5, np.float16(0.5), np.array(0.5), Decimal("0.5"), Fraction(1, 2)):
        assert _checks.real(half, "x") == 0.5 and type(_checks.real(half, "x")) is float
    for bad in (True, np.True_, np.array(True), "1", None, [1], np.array([1]), 1j, 2.5):
        with pytest.raises(TypeError, match="n must be an integer at least 1; got"):
            _checks.integer(bad, "n")
    for bad in (True, np.True_, np.array(True), "1", None, [1.0], np.array([1.0]), 1j):
        with pytest.raises(TypeError, match="x must be a finite number; got"):
            _checks.real(bad, "x")
    for bad in (10**400, 10**5000, math.nan, -math.inf, Decimal("sNaN"), np.longdouble(np.inf)):
        with pytest.raises(ValueError, match="x must be a finite number; got") as caught:
            _checks.real(bad, "x")
        assert len(str(caught.value)) < 300
    with pytest.raises(ValueError, match="x must hold no masked entries"):
        _checks.real(np.ma.masked, "x")


@pytest.mark.parametrize(
    "call",
    [
        lambda: simulator.zero_states(1, 10**12),
        lambda: simulator.zero_states(10**400, 2),
        lambda: encoded_states(np.ones((1, 2000))),
        lambda: kernel_matrix(np.ones((2, 2000))),
        lambda: encodings.frequency_spectrum(10**300),
        lambda: gradients.spsa(RULE, [0.0], n_repeats=10**400, rng=np.random.default_rng(0)),
        lambda: gradients.stochastic_parameter_shift(
            lambda s, sign: 0.0, 10**400, rng=np.random.default_rng(0)
        ),
    ],
)
def test_more_than_any_machine_holds(call):
    with pytest.raises(ValueError, match=r"would need .* GiB of memory; .* is available"):
        call()


# Huge and tiny numbers

wide = st.one_of(
    st.floats(-10, 10),
    st.builds(
        lambda m, e: m * 10.0**e, st.floats(-9.99, 9.99), st.sampled_from([*range(-300, 301, 20)])
    ),
)
rows = st.integers(1, 4).flatmap(lambda d: st.lists(wide, min_size=d, max_size=d))


def by_pennylane(encoding, x):
    """The state after the encoding's own gates, each with its own angle."""
    q = len(x)

    @qml.qnode(qml.device("default.qubit", wires=q))
    def circuit():
        for k in range(q):
            if encoding == "iqp":
                qml.Hadamard(k)
                qml.RZ(x[k], k)
            else:
                qml.RX(x[k], k)
        if encoding == "iqp":
            for j in range(q):
                for k in range(j):
                    qml.MultiRZ(x[j] * x[k], [j, k])
        return qml.state()

    return circuit()


@given(st.sampled_from(["angle", "iqp", "reupload"]), rows, st.sampled_from([1.0, 1e-200, 1e150]))
@example("iqp", [1e8, 1e-8], 1.0)  # the product is 1, lost in the square of the sum
@example("iqp", [1e8, 0.3, 1e-5], 1.0)
@example("iqp", [1e155], 1.0)
@example("iqp", [0.0, 1e160], 1e150)
def test_states_at_any_scale_are_those_of_the_gates(encoding, x, bandwidth):
    with np.errstate(over="ignore", invalid="ignore"):
        phases = bandwidth * np.array(x)
        largest = np.abs(phases).max()
        overflow = (largest**2 if encoding == "iqp" else largest) == np.inf
    if overflow:
        with pytest.raises(ValueError, match=f"X must have finite phases in the {encoding} enc"):
            encoded_states([x], encoding, bandwidth=bandwidth)
        return
    options = {"n_layers": 1, "entangle": False} if encoding == "reupload" else {}
    state = encoded_states([x], encoding, bandwidth=bandwidth, **options)[0]
    theirs = by_pennylane(encoding, phases)
    np.testing.assert_allclose(state, theirs, rtol=0, atol=1e-14)
    other = encoded_states([np.linspace(0.1, 0.4, len(x))], encoding, **options)[0]
    k = kernel_matrix([x], [np.linspace(0.1, 0.4, len(x)) / bandwidth], encoding=encoding,
                      bandwidth=bandwidth, **options)  # fmt: skip
    np.testing.assert_allclose(k[0, 0], abs(np.vdot(theirs, other)) ** 2, rtol=0, atol=1e-13)


@given(rows.filter(any))
@example([1e-200, 1e-200, 1e200])
@example([5e-324, 5e-324])
@example([1.7e308, -1.7e308])
def test_amplitudes_at_any_scale_are_the_direction(x):
    # Exact to the last rounding: fractions have no range.
    shares = [Fraction(v) / max(map(abs, map(Fraction, x))) for v in x]
    exact = np.array([float(s) for s in shares]) / math.sqrt(sum(s**2 for s in shares))
    state = encoded_states([x], "amplitude")[0]
    np.testing.assert_allclose(state[: len(x)], exact, rtol=1e-13, atol=1e-300)
    np.testing.assert_array_equal(state[len(x) :], 0)


@given(
    st.lists(st.integers(-12, 12), min_size=2, max_size=4, unique=True),
    st.integers(1, 3),
    st.integers(-1000, 990),
    st.sampled_from([0, 1, 3, 1000]),
)
def test_spectra_at_any_scale_are_the_exact_sums(levels, n_repeats, exponent, offset):
    gaps = {a - b for a in levels for b in levels}
    sums = {0}
    for _ in range(n_repeats):
        sums = {s + g for s in sums for g in gaps}
    scaled = np.ldexp(np.array(levels, dtype=float) + offset, exponent)
    spectrum = encodings.frequency_spectrum(n_repeats, eigenvalues=scaled)
    np.testing.assert_array_equal(spectrum, np.ldexp(np.array(sorted(sums), float), exponent))


@given(st.integers(2, 4), st.integers(1, 3), st.integers(0, 2**32 - 1), st.sampled_from([1, 1e9]))
def test_spectra_of_generic_eigenvalues_have_every_frequency_once(n, n_repeats, seed, scale):
    """Decimals that floats round differ in their last bits wherever they come from two sums."""
    units = np.random.default_rng(seed).permutation(200)[:n].tolist()
    exact = {0}
    for _ in range(n_repeats):
        exact = {s + a - b for s in exact for a in units for b in units}
    spectrum = encodings.frequency_spectrum(n_repeats, eigenvalues=[u / 10 * scale for u in units])
    assert len(spectrum) == len(exact)
    np.testing.assert_allclose(spectrum, np.array(sorted(exact)) / 10 * scale, rtol=1e-12)


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=3),
    st.sampled_from([(1.0,), (0.5, 1.0), (1, 2, 3), (1e-3,), (1e3,)]),
    st.sampled_from([1e-200, 1.0, 1e200]),
)
def test_gradients_are_those_of_the_formula(theta, frequencies, scale):
    w = np.array(frequencies, dtype=float)

    def f(t):
        return scale * np.prod([np.cos(w * x).sum() for x in t])

    factors = [np.cos(w * x).sum() for x in theta]
    slopes = [-(w * np.sin(w * x)).sum() for x in theta]
    exact = [scale * slopes[k] * np.prod(factors[:k] + factors[k + 1 :]) for k in range(len(theta))]
    # The shifted points are rounded to the spacing of floats there.
    rounding = np.spacing(np.abs(theta).max()) * w.max() + 1e-14
    atol = 40 * scale * w.max() * rounding * len(w) ** len(theta)
    np.testing.assert_allclose(
        gradients.parameter_shift(f, theta, frequencies), exact, rtol=0, atol=atol
    )


def test_a_shift_that_rounding_swallows_is_refused():
    for call in (
        lambda: gradients.parameter_shift(RULE, [0.1, 1e17]),
        lambda: gradients.finite_difference(RULE, [1.0], step=1e-20),
        lambda: gradients.spsa(RULE, [1.0], step=1e-20, rng=np.random.default_rng(0)),
        lambda: gradients.metric_tensor(lambda t: [1.0, 0.0], [1e17]),
    ):
        with pytest.raises(ValueError, match=r"theta must be small enough for a shift of .* got"):
            call()


def test_what_f_returns():
    for one in (1, np.float32(1), np.uint8(1), Fraction(1), Decimal(1), np.array(1.0)):
        # In uint8, 0 - 1 would be 255.
        values = iter([0 * one, one])
        slope = gradients.parameter_shift(lambda t: next(values), [0.0])  # noqa: B023
        np.testing.assert_allclose(slope, -0.5, rtol=1e-15)
    for bad in (True, None, "1", [1.0], 1j, math.nan, 10**400, np.ma.masked):
        with pytest.raises(ValueError, match="f must return one finite real number; got"):
            gradients.parameter_shift(lambda t: bad, [0.0])  # noqa: B023
    values = iter([1.7e308, -1.7e308])
    with pytest.raises(ValueError, match="f must change little enough for a finite gradient"):
        gradients.finite_difference(lambda t: next(values), [0.0])
