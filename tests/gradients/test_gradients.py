"""Gradients against closed forms first, then against PennyLane and TensorFlow Quantum."""

import subprocess
import sys

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pennylane import numpy as pnp
from scipy.linalg import expm, expm_frechet

from qmlcourse.gradients import (
    finite_difference,
    metric_tensor,
    natural_gradient,
    parameter_shift,
    shift_rule,
    spsa,
    stochastic_parameter_shift,
)

X, Y, Z, ONE = (qml.matrix(gate(0)) for gate in (qml.X, qml.Y, qml.Z, qml.Identity))

SPECTRA = [
    (1,),
    (0.5,),
    (2.7,),
    (1, 2),
    (1, 2, 3),
    (0.5, 1.0),
    (0.1, 0.2, 0.3),
    (1.0, 2.3),
    (1, 1.1),
    (1, 1.001),
    (1, np.nextafter(1, 2)),
    (1e-100, 1.0),
    (3, 4, 5),
    (0.7, 1.9, 4.1),
    (4.1, 0.7, 1.9),
    (1, 3, 9, 27),
    (0.1, 0.2, 0.3, 5.0, 5.1),
    (0.01, 100.0),
    tuple(range(1, 21)),
    (*range(1, 12), 17),
]


class Recorder:
    """A function that remembers where it was evaluated."""

    def __init__(self, f):
        self.f, self.points = f, []

    def __call__(self, *point):
        self.points.append([np.copy(p) for p in point])
        return self.f(*point)


def trigonometric(rng, spectra):
    """A product of random trigonometric polynomials, one per parameter, and its gradient."""
    a, b = ([rng.normal(size=len(w)) / len(w) for w in spectra] for _ in range(2))

    def factor(k, x):
        w = np.array(spectra[k])
        return 0.3 + a[k] @ np.cos(w * x) + b[k] @ np.sin(w * x)

    def slope(k, x):
        w = np.array(spectra[k])
        return w * b[k] @ np.cos(w * x) - w * a[k] @ np.sin(w * x)

    def f(theta):
        return np.prod([factor(k, x) for k, x in enumerate(theta)])

    def gradient(theta):
        factors = [factor(k, x) for k, x in enumerate(theta)]
        return [slope(k, x) * np.prod(factors[:k] + factors[k + 1 :]) for k, x in enumerate(theta)]

    return f, gradient


def test_import_loads_no_framework():
    code = (
        "import sys, qmlcourse.gradients; "
        "print(sorted({'pennylane', 'jax', 'tensorflow', 'cirq'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


# Shift rules


def test_two_term_rule_by_hand():
    """A flipped sign or a missing factor 1/2 fails here."""
    theta = np.array([0.4, -1.3, 2.2])

    def f(t):
        return np.cos(t[0]) * np.sin(t[1]) + 2 * np.sin(t[2])

    c, s = np.cos(theta), np.sin(theta)
    expected = [-s[0] * s[1], c[0] * c[1], 2 * c[2]]
    assert_allclose(parameter_shift(f, theta), expected, atol=1e-14)


@pytest.mark.parametrize("omega", [0.5, 1.0, 3.0])
def test_one_frequency_uses_the_quarter_period(omega):
    f = Recorder(lambda t: np.sin(omega * t[0] + 0.3))
    assert_allclose(parameter_shift(f, [0.7], (omega,)), [omega * np.cos(0.7 * omega + 0.3)])
    shifts = sorted(point[0][0] - 0.7 for point in f.points)
    assert_allclose(shifts, [-np.pi / (2 * omega), np.pi / (2 * omega)])


def test_controlled_rotation_has_the_published_four_term_rule():
    coefficients, shifts = shift_rule((0.5, 1.0))
    root = np.sqrt(2)
    assert_allclose(coefficients, [(root + 1) / (4 * root), -(root - 1) / (4 * root)], atol=1e-15)
    assert_allclose(shifts, [np.pi / 2, 3 * np.pi / 2])


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
def test_exact_for_known_spectra(spectrum):
    f, gradient = trigonometric(np.random.default_rng(3), [spectrum, spectrum])
    for theta in np.random.default_rng(4).uniform(-10, 10, size=(5, 2)):
        assert_allclose(parameter_shift(f, theta, spectrum), gradient(theta), atol=1e-10)


@pytest.mark.parametrize("spectrum", SPECTRA, ids=str)
def test_noise_amplification_is_near_its_bound(spectrum):
    """Unlucky shifts would still be exact on paper, and useless on a device."""
    coefficients, shifts = shift_rule(spectrum)
    norm = 2 * np.abs(coefficients).sum()
    assert max(spectrum) * (1 - 1e-12) <= norm <= 1.2 * max(spectrum)
    assert (shifts > 0).all()


@pytest.mark.parametrize("n_frequencies", [1, 2, 5])
def test_closed_form_equals_pennylane(n_frequencies):
    frequencies = tuple(range(1, n_frequencies + 1))
    coefficients, shifts = shift_rule(frequencies)
    theirs = qml.gradients.generate_shift_rule(frequencies)
    assert_allclose(theirs[::2], np.stack([coefficients, shifts], axis=1), atol=1e-9)


def test_each_parameter_has_its_own_frequencies():
    spectra = [(1,), (0.5, 1.0), (0.7, 1.9, 4.1)]
    f, gradient = trigonometric(np.random.default_rng(5), spectra)
    theta = np.array([0.1, -2.0, 1.4])
    assert_allclose(parameter_shift(f, theta, spectra), gradient(theta), atol=1e-10)
    assert_allclose(parameter_shift(f, theta, [np.array(w) for w in spectra]), gradient(theta))


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("spectrum", [(1.0,), (1, 2), (0.7, 1.9, 4.1)], ids=str)
def test_number_and_place_of_evaluations(n, spectrum):
    f = Recorder(lambda t: np.cos(t).sum())
    theta = np.arange(n) / 3
    parameter_shift(f, theta, spectrum)
    assert len(f.points) == 2 * len(spectrum) * n
    for (point,) in f.points:
        assert np.count_nonzero(point != theta) == 1
    assert len({point.tobytes() for (point,) in f.points}) == len(f.points)


def test_a_missing_frequency_gives_a_wrong_gradient():
    """The two-term rule is blind to frequency 2: f(x + pi/2) = f(x - pi/2)."""
    assert_allclose(parameter_shift(lambda t: np.sin(2 * t[0]), [0.0]), [0.0], atol=1e-15)
    assert_allclose(parameter_shift(lambda t: np.sin(2 * t[0]), [0.0], (1, 2)), [2.0])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_exact_for_random_trigonometric_polynomials(data):
    positive = st.integers(1, 600).map(lambda k: k / 100)
    spectra = data.draw(
        st.lists(st.lists(positive, min_size=1, max_size=4, unique=True), min_size=1, max_size=3)
    )
    seed = data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    f, gradient = trigonometric(rng, spectra)
    theta = rng.uniform(-np.pi, np.pi, size=len(spectra))
    assert_allclose(parameter_shift(f, theta, spectra), gradient(theta), rtol=0, atol=1e-9)


def test_the_cached_rule_cannot_be_overwritten():
    coefficients, shifts = shift_rule((1, 2.3))
    for array in (coefficients, shifts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7.0
    assert shift_rule([2.3, 1.0])[0] is coefficients


@pytest.mark.parametrize("method", [parameter_shift, finite_difference])
def test_theta_is_left_alone(method):
    theta = np.array([0.3, 0.8])
    expected = method(lambda t: np.cos(t).sum(), theta)

    def careless(t):
        value = np.cos(t).sum()
        t[:] = 99.0
        return value

    assert_allclose(method(careless, theta), expected, rtol=0, atol=0)
    assert theta.tolist() == [0.3, 0.8]


def test_integer_angles_are_not_truncated():
    assert_allclose(parameter_shift(lambda t: np.sin(t[0]), [1]), [np.cos(1)])


@qml.qnode(qml.device("default.qubit", wires=2), diff_method="parameter-shift")
def layered(theta):
    qml.RX(theta[0], 0)
    qml.RY(theta[1], 1)
    qml.CNOT([0, 1])
    qml.RZ(theta[2], 1)
    qml.CRX(theta[3], [0, 1])
    qml.RY(theta[4], 0)
    return qml.expval(qml.Z(0) @ qml.Y(1) + 0.5 * qml.X(1))


def test_gradient_equals_pennylane():
    theta = np.array([0.4, -1.1, 0.7, 1.9, 2.5])
    theirs = qml.grad(layered)(pnp.array(theta, requires_grad=True))
    assert np.abs(theirs).min() > 1e-3  # every parameter matters
    spectra = [(1,)] * 3 + [(0.5, 1.0)] + [(1,)]
    assert_allclose(parameter_shift(layered, theta, spectra), theirs, atol=1e-10)


# TensorFlow Quantum's docstrings hold escape sequences like "\l", which Python warns about when
# it compiles those files: DeprecationWarning up to 3.11, SyntaxWarning from 3.12.
@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:invalid escape sequence:SyntaxWarning")
def test_gradient_equals_tensorflow_quantum(monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
    monkeypatch.setenv("TF_USE_LEGACY_KERAS", "1")
    tfq = pytest.importorskip("tensorflow_quantum")
    import cirq
    import sympy
    import tensorflow as tf

    names = ["a", "b", "c"]
    a, b, c = sympy.symbols(names)
    first, second = cirq.LineQubit.range(2)
    # The angle a is shared by two rotations, so f has the frequencies 1 and 2 in it.
    circuit = cirq.Circuit(
        cirq.rx(a)(first),
        cirq.ry(b)(second),
        cirq.CNOT(first, second),
        cirq.rz(c)(second),
        cirq.rx(a)(second),
    )
    observable = cirq.Z(first) * cirq.Y(second) + 0.5 * cirq.Z(second)
    theta = np.array([0.4, -1.1, 0.7])

    op = tfq.differentiators.ParameterShift().generate_differentiable_op(
        analytic_op=tfq.get_expectation_op()
    )
    values = tf.constant(theta[None], dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(values)
        expectation = op(
            tfq.convert_to_tensor([circuit]),
            tf.constant(names),
            values,
            tfq.convert_to_tensor([[observable]]),
        )
    theirs = tape.gradient(expectation, values).numpy()[0]

    simulator = cirq.Simulator(dtype=np.complex128)

    def f(t):
        resolver = dict(zip(names, t, strict=True))
        return simulator.simulate_expectation_values(circuit, observable, resolver)[0].real

    ours = parameter_shift(f, theta, [(1, 2), (1,), (1,)])
    assert np.abs(ours).min() > 1e-2
    # TFQ simulates in float32, whose rounding error of 6e-8 adds up over gates and terms.
    assert_allclose(ours, theirs, rtol=0, atol=1e-5)


# Finite differences


def test_finite_difference_error_shrinks_as_the_square_of_the_step():
    theta = np.array([0.6, -0.9])

    def f(t):
        return np.sin(t[0]) + np.exp(t[1])

    exact = np.array([np.cos(0.6), np.exp(-0.9)])
    third = np.array([-np.cos(0.6), np.exp(-0.9)])
    errors = [finite_difference(f, theta, step=h) - exact for h in (0.02, 0.01)]
    assert_allclose(errors[0] / errors[1], 4.0, rtol=1e-4)
    assert_allclose(errors[1], 0.01**2 * third / 6, rtol=1e-4)
    assert np.abs(finite_difference(f, theta) - exact).max() < 1e-6


@pytest.mark.parametrize("n", [1, 4])
def test_finite_difference_takes_two_evaluations_per_parameter(n):
    f = Recorder(lambda t: float(t.sum()))
    assert_allclose(finite_difference(f, np.zeros(n), step=0.25), np.ones(n))
    assert len(f.points) == 2 * n
    assert all(np.abs(point).sum() == 0.25 for (point,) in f.points)


# SPSA


def test_spsa_of_one_parameter_is_the_central_difference():
    for seed in range(4):
        estimate = spsa(lambda t: t[0] ** 3, [1.0], step=0.5, rng=np.random.default_rng(seed))
        assert_allclose(estimate, [3 + 0.5**2])


def test_spsa_of_a_linear_function_has_the_right_mean_and_spread():
    slopes, n_repeats = np.array([2.0, -1.0, 0.5]), 4000
    mean = spsa(
        lambda t: slopes @ t, np.ones(3), n_repeats=n_repeats, rng=np.random.default_rng(11)
    )
    # Parameter k sees the slopes of all the others, with random signs, as noise.
    errors = np.sqrt(((slopes**2).sum() - slopes**2) / n_repeats)
    assert (np.abs(mean - slopes) < 4 * errors).all()
    assert (np.abs(mean - slopes) > 0).any()

    rng = np.random.default_rng(12)
    single = np.array([spsa(lambda t: slopes @ t, np.ones(3), rng=rng) for _ in range(2000)])
    assert_allclose(single.std(axis=0), errors * np.sqrt(n_repeats), rtol=0.05)


@pytest.mark.parametrize("n", [1, 7])
@pytest.mark.parametrize("n_repeats", [1, 3])
def test_spsa_takes_two_evaluations_per_repeat(n, n_repeats):
    f = Recorder(lambda t: float(t.sum()))
    spsa(f, np.zeros(n), step=0.25, n_repeats=n_repeats, rng=np.random.default_rng(0))
    assert len(f.points) == 2 * n_repeats
    for (point,) in f.points:
        assert (np.abs(point) == 0.25).all()


def test_spsa_follows_its_generator():
    def estimate(seed):
        rng = np.random.default_rng(seed)
        return spsa(lambda t: np.sin(t) @ np.arange(1, 6), np.zeros(5), rng=rng).tolist()

    assert estimate(1) == estimate(1)
    assert len({tuple(estimate(seed)) for seed in range(5)}) > 1


# The stochastic rule

THETA = 0.7
V, OTHER = np.kron(X, ONE), np.kron(Z, Y) + 0.6 * np.kron(ONE, X) + 0.4 * np.kron(Y, ONE)
OBSERVABLE = np.kron(Z, Z) + 0.5 * np.kron(Y, ONE)
START = np.array([0.5, 0.5j, -0.7, 0.1], dtype=complex)
START /= np.linalg.norm(START)
ENERGIES, BASIS = np.linalg.eigh(THETA * V + OTHER)
KICK = {sign: expm(1j * sign * np.pi / 4 * V) for sign in (+1, -1)}


def replaced(s, sign):
    """The expectation with the gate cut at s."""

    def evolve(time, psi):  # exp(i time (THETA V + OTHER)), cheaper than a matrix exponential
        return BASIS @ (np.exp(1j * time * ENERGIES) * (BASIS.conj().T @ psi))

    psi = evolve(1 - s, KICK[sign] @ evolve(s, START))
    return np.vdot(psi, OBSERVABLE @ psi).real


def exact_slope():
    """The derivative of the matrix exponential, from its Frechet derivative."""
    gate, d_gate = expm_frechet(1j * (THETA * V + OTHER), 1j * V)
    return 2 * np.vdot(gate @ START, OBSERVABLE @ d_gate @ START).real


def test_stochastic_rule_is_exact_on_average():
    nodes, weights = np.polynomial.legendre.leggauss(20)
    integrand = [replaced(s, +1) - replaced(s, -1) for s in (nodes + 1) / 2]
    assert_allclose(weights @ integrand / 2, exact_slope(), atol=1e-10)
    assert np.std(integrand) > 0.1  # so the next test has something to average


def test_stochastic_rule_estimates_the_slope_and_its_own_error():
    f = Recorder(replaced)
    value, error = stochastic_parameter_shift(f, 800, rng=np.random.default_rng(5))
    assert abs(value - exact_slope()) < 4 * error
    assert error < 0.1 * abs(exact_slope())

    assert len(f.points) == 1600
    times = np.array([s for s, _ in f.points])
    assert times.min() >= 0 and times.max() <= 1
    assert_allclose(times.std(), 1 / np.sqrt(12), rtol=0.05)
    slopes = [replaced(s, +1) - replaced(s, -1) for s in np.unique(times)]
    assert_allclose(value, np.mean(slopes))
    assert_allclose(error, np.std(slopes, ddof=1) / np.sqrt(800))


def test_stochastic_rule_without_another_part_is_the_two_term_rule():
    value, error = stochastic_parameter_shift(
        lambda s, sign: np.cos(2 * (0.3 + sign * np.pi / 4)), 5, rng=np.random.default_rng(0)
    )
    assert_allclose(value, -2 * np.sin(0.6), atol=1e-14)
    assert error < 1e-15


def test_stochastic_rule_follows_its_generator():
    def estimate(seed):
        return stochastic_parameter_shift(
            lambda s, sign: sign * s, 3, rng=np.random.default_rng(seed)
        )

    assert estimate(1) == estimate(1)
    assert estimate(1) != estimate(2)


# Metric and natural gradient


def rotation(pauli, angle):
    return np.cos(angle / 2) * ONE - 1j * np.sin(angle / 2) * pauli


def rx_then_rz(t):
    return rotation(Z, t[1]) @ rotation(X, t[0]) @ np.array([1.0, 0.0])


@qml.qnode(qml.device("default.qubit"))
def three_qubits(theta):
    qml.RX(theta[0], 0)
    qml.RY(theta[1], 1)
    qml.CNOT([0, 1])
    qml.RZ(theta[2], 1)
    qml.RY(theta[3], 2)
    qml.CNOT([1, 2])
    qml.RX(theta[4], 2)
    qml.RY(theta[5], 0)
    return qml.state()


def test_metric_of_the_bloch_sphere():
    """RX then RZ are latitude and longitude: the metric is that of a sphere of radius 1/2."""
    for latitude in (0.3, 1.2, 2.9):
        expected = np.diag([1, np.sin(latitude) ** 2]) / 4
        assert_allclose(metric_tensor(rx_then_rz, [latitude, 0.8]), expected, atol=1e-15)


def test_metric_off_the_diagonal():
    """RX(b) RX(a): both parameters move the state along the same line."""

    def state(t):
        return rotation(X, t[1]) @ rotation(X, t[0]) @ np.array([1.0, 0.0])

    assert_allclose(metric_tensor(state, [0.4, 0.9]), np.full((2, 2), 0.25), atol=1e-15)


def test_metric_equals_pennylane():
    theta = np.array([0.4, -1.1, 0.7, 1.9, 2.5, 0.2])
    theirs = qml.metric_tensor(three_qubits, approx=None)(pnp.array(theta, requires_grad=True))
    ours = metric_tensor(three_qubits, theta)
    assert_allclose(ours, theirs, atol=1e-10)
    assert_allclose(ours, ours.T, atol=1e-15)
    assert np.linalg.eigvalsh(ours).min() > -1e-12
    assert np.abs(ours - np.diag(np.diag(ours))).max() > 0.01


def test_metric_is_the_distance_between_close_states():
    theta, step = np.array([0.4, -1.1, 0.7, 1.9, 2.5, 0.2]), 1e-3 * np.arange(1, 7)
    overlap = np.vdot(three_qubits(theta - step / 2), three_qubits(theta + step / 2))
    assert_allclose(
        1 - abs(overlap) ** 2, step @ metric_tensor(three_qubits, theta) @ step, rtol=1e-3
    )


def test_metric_takes_one_state_more_than_parameters():
    state = Recorder(three_qubits)
    metric_tensor(state, np.zeros(6))
    assert len(state.points) == 7


def test_metric_survives_a_state_that_overwrites_its_argument():
    def careless(t):
        psi = rx_then_rz(t)
        t[:] = 99.0
        return psi

    assert_allclose(metric_tensor(careless, [0.3, 0.8]), metric_tensor(rx_then_rz, [0.3, 0.8]))


def test_metric_accepts_single_precision_states():
    g = metric_tensor(lambda t: rx_then_rz(t).astype(np.complex64), [0.3, 0.8])
    assert_allclose(g, metric_tensor(rx_then_rz, [0.3, 0.8]), atol=1e-6)


def test_natural_gradient_by_hand():
    """On the Bloch sphere: gradient (-sin a cos b, -cos a sin b), metric diag(1, sin2 a) / 4."""
    a, b = theta = np.array([0.9, 0.4])

    def f(t):
        return np.cos(t[0]) * np.cos(t[1])

    gradient = [-np.sin(a) * np.cos(b), -np.cos(a) * np.sin(b)]
    exact = [4 * gradient[0], 4 * gradient[1] / np.sin(a) ** 2]
    assert_allclose(natural_gradient(f, theta, state=rx_then_rz, regularization=0), exact)
    assert_allclose(natural_gradient(f, theta, state=rx_then_rz), exact, rtol=1e-5)
    damped = natural_gradient(f, theta, state=rx_then_rz, regularization=0.5)
    assert_allclose(damped, gradient / (np.array([1, np.sin(a) ** 2]) / 4 + 0.5))


def test_natural_gradient_passes_the_frequencies_on():
    x = natural_gradient(
        lambda t: np.cos(t[0]) ** 2,
        [0.6],
        state=lambda t: rotation(X, t[0])[:, 0],
        regularization=0,
        frequencies=(2,),
    )
    assert_allclose(x, [-4 * np.sin(1.2)])


def test_natural_gradient_of_a_singular_metric():
    """At a = 0 the second angle only turns the phase: it needs the regularization."""

    def f(t):
        return np.cos(t[0] - 0.3)

    with pytest.raises(ValueError, match=r"regularization .* got 0"):
        natural_gradient(f, [0.0, 0.8], state=rx_then_rz, regularization=0)
    x = natural_gradient(f, [0.0, 0.8], state=rx_then_rz)
    assert_allclose(x, [4 * np.sin(0.3), 0.0], rtol=1e-5, atol=1e-12)


# Bad input

RNG = np.random.default_rng(0)


def never(*_):
    raise AssertionError("called although an argument is bad")


@pytest.mark.parametrize(
    ("frequencies", "message"),
    [
        ((), "frequencies must not be empty"),
        ((0.0, 1.0), "frequencies must be positive"),
        ((-1.0,), "frequencies must be positive"),
        ((1.0, 1.0), "frequencies must be .*distinct"),
        ((1e-320,), "frequencies must be .*1e-100"),
        ((1.0, 1e300), "frequencies must be .*1e100"),
        ((1.0, np.nan), "frequencies must hold finite"),
        ((np.inf,), "frequencies must hold finite"),
        (("a", "b"), "frequencies must hold numbers"),
        ((1j,), "frequencies must hold real"),
        (1.0, "frequencies must be a 1-D"),
        (None, "frequencies must hold numbers"),
        ([(1,), ()], "frequencies must not be empty"),
        ([(1,), (1, -2)], "frequencies must be positive"),
        ([(1,)], "2 sequences, one per parameter; got 1"),
        ([(1,), (1,), (1,)], "2 sequences, one per parameter; got 3"),
        ([1.0, (1, 2)], "frequencies must be a 1-D"),
    ],
    ids=str,
)
def test_bad_frequencies(frequencies, message):
    with pytest.raises((ValueError, TypeError), match=message):
        parameter_shift(never, [0.1, 0.2], frequencies)
    if message[0] != "2" and not isinstance(frequencies, list):
        with pytest.raises((ValueError, TypeError), match=message):
            shift_rule(frequencies)


GRADIENTS = [
    pytest.param(parameter_shift, id="parameter_shift"),
    pytest.param(finite_difference, id="finite_difference"),
    pytest.param(lambda f, t: spsa(f, t, rng=RNG), id="spsa"),
    pytest.param(
        lambda f, t: natural_gradient(f, t, state=lambda t: rotation(X, t[0])[:, 0]),
        id="natural_gradient",
    ),
]


@pytest.mark.parametrize("method", GRADIENTS)
@pytest.mark.parametrize(
    ("theta", "message"),
    [
        ([], "theta must not be empty"),
        (0.3, "theta must be a 1-D"),
        ([[0.3]], "theta must be a 1-D"),
        ([np.nan], "theta must hold finite"),
        ([1j], "theta must hold real"),
        (["0.3"], "theta must hold numbers"),
    ],
    ids=str,
)
def test_bad_theta(method, theta, message):
    with pytest.raises((ValueError, TypeError), match=message):
        method(never, theta)


@pytest.mark.parametrize(
    "method",
    [
        *GRADIENTS,
        pytest.param(lambda f, t: stochastic_parameter_shift(f, 2, rng=RNG), id="stochastic"),
    ],
)
@pytest.mark.parametrize(
    "value", [np.nan, np.inf, None, "1", 1j, True, np.ones(1), np.ones((2, 2))], ids=repr
)
def test_f_must_return_one_finite_number(method, value):
    with pytest.raises(ValueError, match="f must return one finite real number"):
        method(lambda *_: value, [0.3])
    with pytest.raises(TypeError, match="f must be a function"):
        method(value, [0.3])


@pytest.mark.parametrize("step", [0, -0.1, np.nan, np.inf, "0.1", True])
def test_bad_step(step):
    for call in (
        lambda: finite_difference(never, [0.1], step=step),
        lambda: spsa(never, [0.1], step=step, rng=RNG),
    ):
        with pytest.raises((ValueError, TypeError), match="step must be a finite number above 0"):
            call()


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "3"])
def test_bad_counts(count):
    with pytest.raises((ValueError, TypeError), match="n_repeats must be an integer at least 1"):
        spsa(never, [0.1], n_repeats=count, rng=RNG)
    with pytest.raises((ValueError, TypeError), match="n_samples must be an integer at least 2"):
        stochastic_parameter_shift(never, count, rng=RNG)


def test_one_sample_has_no_standard_error():
    with pytest.raises(ValueError, match="n_samples must be an integer at least 2; got 1"):
        stochastic_parameter_shift(never, 1, rng=RNG)


@pytest.mark.parametrize("rng", [0, None, np.random, np.random.RandomState(0)], ids=str)
def test_rng_must_be_a_generator(rng):
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        spsa(never, [0.1], rng=rng)
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        stochastic_parameter_shift(never, 2, rng=rng)


@pytest.mark.parametrize(
    ("psi", "message"),
    [
        (np.ones(3) / np.sqrt(3), r"2\*\*q amplitudes"),
        (np.ones(1), r"2\*\*q amplitudes"),
        (np.eye(2), r"2\*\*q amplitudes"),
        (0.5, r"2\*\*q amplitudes"),
        (None, r"2\*\*q amplitudes"),
        (np.ones(2), "norm 1.41421"),
        (np.array([np.nan, 0]), "norm nan"),
        (np.zeros(4), "norm 0"),
    ],
    ids=str,
)
def test_bad_state(psi, message):
    with pytest.raises(ValueError, match=rf"state must return .*{message}"):
        metric_tensor(lambda t: psi, [0.1])
    with pytest.raises(TypeError, match="state must be a function"):
        metric_tensor(psi, [0.1])


@pytest.mark.parametrize("regularization", [-1e-3, np.nan, np.inf, "1", None])
def test_bad_regularization(regularization):
    with pytest.raises((ValueError, TypeError), match="regularization must be"):
        natural_gradient(never, [0.1], state=never, regularization=regularization)


@pytest.mark.parametrize("norm", [0.0, 0.9, 1 - 2e-5, 1 + 2e-5, 1.5, np.nan])
def test_a_state_of_another_norm_is_refused(norm):
    for state in ([norm, 0.0], [0.6 * norm, 0.8j * norm]):
        with pytest.raises(ValueError, match="state must return a unit vector; got norm"):
            metric_tensor(lambda t: state, [0.0])  # noqa: B023


def test_a_state_may_be_rounded_and_of_any_numbers():
    half = np.array([0.6, 0.8], dtype=np.float32)
    for state in (half, [1, 0], np.array([0, 1], dtype=np.uint8), [True, False], (0.6, 0.8j)):
        # A state that stays where it is: only a phase, whatever the shift.
        np.testing.assert_allclose(metric_tensor(lambda t: state, [0.0]), 0, atol=1e-7)  # noqa: B023
    for state in (["1", "0"], None, np.ma.array([1.0, 0.0], mask=[0, 1]), [[1.0, 0.0]]):
        with pytest.raises(ValueError, match=r"state must return 2\*\*q amplitudes"):
            metric_tensor(lambda t: state, [0.0])  # noqa: B023
