"""The figure "crossover": break-even against the formula and published numbers, its controls."""

import numpy as np
import pytest
from figure import Figure, number

NAMES = {2: "quadratic", 3: "cubic", 4: "quartic"}


class Crossover(Figure):
    name, chapter = "crossover", "algorithms/fault_tolerance"


@pytest.fixture(scope="module")
def opened(tab, base):
    return Crossover(tab, base)


def expected(k, gate, rate, oracle):
    """Quantum calls and seconds at break-even, by bisection of the two times."""
    low, high = -30.0, 60.0
    for _ in range(200):
        middle = (low + high) / 2
        slower = middle + np.log(gate) < k * middle - np.log(rate)
        low, high = (low, middle) if slower else (middle, high)
    return np.exp(low), oracle * gate * np.exp(low)


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("case", [(170e-6, 3e9, 100), (1e-5, 5.5e14, 1), (1e-9, 1e12, 1e6)])
def test_break_even_is_where_both_take_as_long(figure, k, case):
    found = figure.js("m.breakEven(a.k, ...a.case)", {"k": k, "case": case})
    np.testing.assert_allclose([found["calls"], found["seconds"]], expected(k, *case), rtol=1e-9)


@pytest.mark.parametrize(
    ("k", "operations", "chip", "printed"),
    [
        (2, 10.5e3, 550e12, 0.2),
        (3, 10.5e3, 550e12, 45_800),
        (4, 10.5e3, 550e12, 2.8e6),
        (2, 0.83e3, 215e12, 0.003),
        (3, 0.83e3, 215e12, 1_630),
        (4, 0.83e3, 215e12, 1.3e5),
        (2, 2.3e6, 77.4e15, 68),
    ],
)
def test_published_operations_a_call(figure, k, operations, chip, printed):
    found = figure.js("m.affordable(...a)", [k, 1 / operations, chip])
    assert found == pytest.approx(printed, rel=0.08)


def test_times_have_a_unit(figure):
    for seconds, said in [
        (0.02, "20 milliseconds"),
        (2, "2 seconds"),
        (8670, "2.4 hours"),
        (8.67e6, "100 days"),
        (3.2e10, "1000 years"),
    ]:
        assert figure.js("m.duration(a)", seconds) == said


def test_it_starts_with_the_published_hours(figure):
    assert "quadratic speed-up breaks even after 2.4 hours" in figure.said
    seconds = [number(row[2]) for row in figure.rows()]
    wanted = [expected(k, 170e-6, 3e9, 100)[1] for k in NAMES]
    np.testing.assert_allclose(seconds, wanted, rtol=6e-3)


def test_the_degree_is_chosen_by_its_name(figure):
    for k, name in NAMES.items():
        figure.put({"Speed-up": name})
        assert figure.said.startswith(f"A {name} speed-up breaks even")
        calls = figure.found(r"at ([\d.e+,]+\d) quantum calls")
        assert calls == pytest.approx([expected(k, 170e-6, 3e9, 100)[0]], rel=0.051)


def test_a_dearer_function_costs_once_and_a_slower_gate_twice(figure):
    def seconds():
        return number(figure.rows()[0][2])

    before = seconds()
    for _ in range(20):  # steps of a twentieth of a power of ten
        figure.key("Operations a call of the function", "ArrowRight")
    assert seconds() / before == pytest.approx(10, rel=0.15)
    figure.reset()
    for _ in range(20):
        figure.key("Time of a quantum operation", "ArrowLeft")
    assert before / seconds() == pytest.approx(100, rel=0.3)


def test_a_quantum_operation_that_is_no_slower_leads_at_once(figure):
    figure.key("Time of a quantum operation", "Home")
    figure.key("Classical operations a second", "Home")
    assert "leads from the first call" in figure.said


def test_no_error_was_thrown(figure):
    assert figure.errors == []
