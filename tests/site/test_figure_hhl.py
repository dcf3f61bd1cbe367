"""The figure "hhl": its factors, error and success against a circuit, its controls."""

import re

import numpy as np
import pennylane as qml
import pytest
from figure import Figure, number

KAPPAS = [4, 8, 16, 32, 64, 128]


class Hhl(Figure):
    name, chapter = "hhl", "algorithms/linear_algebra"

    def numbers(self):
        return np.array([[number(cell) for cell in row] for row in self.rows()]).T


@pytest.fixture(scope="module")
def opened(tab, base):
    return Hhl(tab, base)


def by_circuit(eigenvalues, b, m):
    """Return what flag and clock leave of b, where A is diagonal: phase estimation by matrices."""
    M = 2**m
    fourier = np.exp(-2j * np.pi * np.outer(np.arange(M), np.arange(M)) / M) / np.sqrt(M)
    flag = np.append(0, np.minimum(1, 0.7 * eigenvalues[0] * M / (2 * np.arange(1, M))))
    kept = []
    for value, part in zip(eigenvalues, b, strict=True):
        tone = np.exp(1j * np.pi * value * np.arange(M))
        clock = fourier @ (tone / np.sqrt(M)) * flag
        back = np.conj(tone) * (fourier.conj().T @ clock)
        kept.append(part * back.sum() / np.sqrt(M))  # Hadamards, then all zeros
    return np.array(kept)


def distance(x, y):
    return np.linalg.norm(x / np.linalg.norm(x) - y / np.linalg.norm(y))


@pytest.mark.parametrize(("kappa", "m"), [(4, 3), (32, 6), (64, 5), (128, 10)])
@pytest.mark.parametrize("source", ["the solution x", "the right side b"])
def test_shows_what_the_circuit_does(figure, kappa, m, source):
    figure.put({"Random is": source})
    figure.slide("Condition number", KAPPAS.index(kappa))
    figure.slide("Clock qubits", m - 3)
    data = figure.data
    eigenvalues = 1 / kappa + (1 - 1 / kappa) * np.array([0, *data["uniform"], 1])
    b = np.array(data["noise"])
    if source == "the solution x":
        b = eigenvalues * np.array(data["solution"])
    b /= np.linalg.norm(b)
    kept = by_circuit(eigenvalues, b, m)
    assert np.abs(kept.imag).max() < 1e-12
    shown = figure.numbers()
    factors = kept.real / b / (0.7 / kappa)
    for column, wanted in zip(shown, (eigenvalues, b, factors, 1 / eigenvalues), strict=True):
        np.testing.assert_allclose(column, wanted, rtol=5.1e-3)
    error, tries = figure.found(r"the error of x is (\S+)\. One run in (\S+) succeeds")
    assert error == pytest.approx(distance(kept.real, b / eigenvalues), rel=0.051)
    assert tries == pytest.approx(1 / np.sum(kept.real**2), rel=0.051)
    assert f"{2 * (2**m - 1):,} evolutions" in figure.said
    assert ("can't see it" in figure.said) == (2**m < 2 * kappa)


def test_its_readings_are_those_of_phase_estimation(figure):
    m, value = 4, 0.37

    @qml.qnode(qml.device("default.qubit", wires=m + 1))
    def clock():
        qml.X(m)
        qml.QuantumPhaseEstimation(
            qml.PhaseShift(np.pi * value, wires=m), estimation_wires=range(m)
        )
        return qml.probs(wires=range(m))

    np.testing.assert_allclose(figure.js(f"m.readings({value}, {m})"), clock(), atol=1e-12)


def test_start_is_the_chapters(figure):
    assert (figure.data["kappa"], figure.data["clock"]) == (32, 6)
    assert "condition number of 32 and 6 clock qubits" in figure.said
    assert re.search(r"the error of x is 0\.0\d+", figure.said)
