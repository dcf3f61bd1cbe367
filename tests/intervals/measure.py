"""How often the errors and intervals that the package gives contain the truth.

``python -m tests.intervals.measure [--quick]`` prints a table. Where outcomes can be enumerated
the coverage is exact and has no error; elsewhere it is a share of simulated experiments.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import pennylane as qml
from scipy import stats

from qmlcourse import ansatz, gradients, mitigation, noise, trainability
from qmlcourse._estimate import Estimate, standard_error

Z95 = 1.96


class Coverage(NamedTuple):
    """A measured share of intervals that contain the truth, and its own standard error."""

    where: str
    setting: str
    nominal: float
    measured: float
    error: float


def share(hits: list[bool]) -> tuple[float, float]:
    """Return a share and its standard error."""
    p = float(np.mean(hits))
    return p, float(np.sqrt(max(p * (1 - p), 1 / len(hits)) / len(hits)))


def expectation(p: float, shots: int) -> float:
    """Return the coverage of a mean of +1 and -1 and 1.96 standard errors, all counts summed."""
    counts = np.arange(shots + 1)
    signs = np.array([1.0, -1.0])
    errors = np.array([standard_error(signs, np.array([k, shots - k])) for k in counts])
    off = np.abs(2 * counts / shots - 1 - (2 * p - 1))
    return float(stats.binom.pmf(counts, shots, p)[off <= Z95 * errors + 1e-12].sum())


def readout(p: float, shots: int, matrix: np.ndarray) -> float:
    """Return the coverage of one qubit's Z with readout errors inverted, all counts summed."""
    read = float((matrix @ [p, 1 - p])[0])
    hit = [
        abs(e.value - (2 * p - 1)) <= Z95 * e.error + 1e-12
        for e in (mitigation.readout_expectation([k, shots - k], matrix) for k in range(shots + 1))
    ]
    return float(stats.binom.pmf(np.arange(shots + 1), shots, read)[hit].sum())


def sampled(value: float, shots: int, rng: np.random.Generator) -> Estimate:
    """Return what shots of an observable with outcomes +1 and -1 give."""
    ups = rng.binomial(shots, (1 + value) / 2)
    error = standard_error(np.array([1.0, -1.0]), np.array([ups, shots - ups]))
    return Estimate(2 * ups / shots - 1, error, shots)


def extrapolated(
    fit: str, start: float, shots: int, repeats: int, rng: np.random.Generator
) -> list[bool]:
    """Return whether each extrapolation covers, on values for which its model is right."""
    factors = np.array([1.0, 3.0, 5.0])
    truth = start * (np.exp(-0.15 * factors) if fit == "exponential" else 1 - 0.1 * factors)
    hits = []
    for _ in range(repeats):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # no fit: the line, as documented
            value, error, _ = mitigation.extrapolate(
                factors, [sampled(t, shots // 3, rng) for t in truth], fit=fit
            )
        hits.append(abs(value - start) <= Z95 * error)
    return hits


def regressed(shots: int, repeats: int, rng: np.random.Generator) -> list[bool]:
    """Return whether Clifford data regression covers, where a line is the right model."""
    angles = [0.3, 0.4, 0.5, 0.9]
    ops = [qml.RY(angles[0], 0), qml.RX(angles[1], 0), qml.RY(angles[2], 0), qml.RX(angles[3], 0)]
    tape = qml.tape.QuantumScript(ops, [qml.expval(qml.Z(0))])
    exact = noise.executor()([tape], None)[0].value
    run = noise.executor(noise.depolarizing(0.03, 0.03), rng=rng)
    hits = []
    for _ in range(repeats):
        value, error, _ = mitigation.clifford_data_regression(tape, run, shots, rng=rng)
        hits.append(abs(value - exact) <= Z95 * error)
    return hits


def shifted(n: int, repeats: int, rng: np.random.Generator) -> list[bool]:
    """Return whether the stochastic shift rule covers a slope that depends on s."""
    truth = np.sin(3) / 3

    def f(s: float, sign: int) -> float:
        return sign * np.cos(3 * s) / 2

    found = (gradients.stochastic_parameter_shift(f, n, rng=rng) for _ in range(repeats))
    return [abs(mean - truth) <= Z95 * error for mean, error in found]


#: Cost, qubits, layers.
CIRCUITS = [
    ("global", 4, 2), ("global", 8, 2), ("global", 12, 2), ("local", 8, 2),
    ("global", 4, 40), ("zz", 4, 40), ("zz", 6, 60),
]  # fmt: skip


def pool(cost: str, q: int, depth: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Return many gradients, which stand for all."""
    parts = []
    for _ in range(0, size, 2000):
        circuits = [ansatz.random_pauli(q, depth, rng=rng) for _ in range(2000)]
        thetas = rng.uniform(0, 2 * np.pi, (2000, q * depth))
        parts.append(trainability.first_derivatives(circuits, thetas, cost))
    return np.concatenate(parts)


def variances(values: np.ndarray, n: int, repeats: int, rng: np.random.Generator) -> list[bool]:
    """Return whether each variance interval of n of the values covers the variance of all."""
    truth = values.var()
    intervals = (
        trainability.variance_interval(rng.choice(values, n), rng=rng) for _ in range(repeats)
    )
    return [low <= truth <= high for low, high in intervals]


def decays(sizes: list[int], n: int, repeats: int, rng: np.random.Generator) -> list[bool]:
    """Return whether each slope's interval covers, where the variance halves with each qubit."""
    hits = []
    for _ in range(repeats):
        scan = []
        for q in sizes:
            drawn = rng.normal(0, 2 ** (-q / 2), n)
            low, high = trainability.variance_interval(drawn, rng=rng)
            scan.append({"n_qubits": q, "value": drawn.var(ddof=1), "low": low, "high": high})
        fit = trainability.fit_decay(pd.DataFrame(scan))
        hits.append(fit.low <= -1 <= fit.high)
    return hits


def rows(quick: bool) -> Iterator[Coverage]:
    """Yield what is measured."""
    rng = np.random.default_rng(0)
    repeats = 200 if quick else 2000
    for shots in (10, 100, 1000):
        for p in (0.0, 0.001, 0.02, 0.1, 0.5):
            setting = f"p={p:g}, {shots} shots"
            yield Coverage("standard error of an expectation", setting, 0.95,
                           expectation(p, shots), 0.0)  # fmt: skip
    matrix = noise.confusion_matrix(0.02, 0.08)
    for shots in (20, 100, 1000):
        for p in (0.0, 0.02, 0.5, 1.0):
            yield Coverage("readout_expectation", f"p={p:g}, {shots} shots", 0.95,
                           readout(p, shots, matrix), 0.0)  # fmt: skip
    simulated: list[tuple[str, str, Callable[[], list[bool]]]] = []
    for fit in mitigation._extrapolation.FITS:
        for start in (0.3, 1.0):
            for shots in (90, 3000):
                simulated.append(
                    ("extrapolate, zne", f"{fit}, value {start}, {shots} shots",
                     lambda a=(fit, start, shots): extrapolated(*a, repeats, rng))
                )  # fmt: skip
    for shots in (400, 4000):
        simulated.append(
            ("clifford_data_regression", f"{shots} shots",
             lambda s=shots: regressed(s, repeats // 20, rng))
        )  # fmt: skip
    for n in (5, 20, 100):
        simulated.append(
            ("stochastic_parameter_shift", f"n={n}", lambda n=n: shifted(n, repeats, rng))
        )
    for circuit in CIRCUITS[-3:] if quick else CIRCUITS:
        gathered = pool(*circuit, 4000 if quick else 60000, rng)
        for n in (20, 50, 200):
            simulated.append(
                ("variance_interval", "{}, {} qubits, depth {}, n={}".format(*circuit, n),
                 lambda g=gathered, n=n: variances(g, n, repeats, rng))
            )  # fmt: skip
    for sizes in ([2, 4, 6], [2, 4, 6, 8, 10], list(range(2, 13))):
        for n in (50, 200):
            simulated.append(
                ("fit_decay", f"{len(sizes)} sizes, n={n}",
                 lambda a=(sizes, n): decays(*a, repeats // 4, rng))
            )  # fmt: skip
    for where, setting, measure in simulated:
        yield Coverage(where, setting, 0.95, *share(measure()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the experiments")
    print(f"{'where':34} {'setting':36} nominal measured")
    for row in rows(parser.parse_args().quick):
        print(f"{row.where:34} {row.setting:36} {row.nominal:.2f}    "
              f"{row.measured:.3f} ± {row.error:.3f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
