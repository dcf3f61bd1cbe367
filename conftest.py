"""What is skipped, and why: tests of extras that are not installed, and slow ones in a hurry."""

import importlib.util
import os
import sys
from collections import Counter
from importlib.abc import MetaPathFinder

import pytest

# What each extra of pyproject.toml brings that the package or its tests import.
EXTRAS = {
    "braket": ("braket",),
    "cirq": ("cirq", "cirq_google", "pennylane_cirq"),
    "dask": ("dask", "distributed"),
    "drift": ("river",),
    "flax": ("flax",),
    "gymnasium": ("gymnasium",),
    "ionq": ("cirq_ionq",),
    "jax": ("jax", "optax"),
    "ocean": ("dimod", "dwave", "minorminer"),
    "pauli-prop": ("pauli_prop",),
    "portfolio": ("otter",),
    "qiskit": (
        "ibm_cloud_sdk_core", "pennylane_qiskit", "qiskit", "qiskit_aer", "qiskit_ibm_runtime",
        "qiskit_machine_learning",
    ),
    "tfq": ("tensorflow", "tensorflow_quantum"),
}  # fmt: skip
OF = {module: extra for extra, modules in EXTRAS.items() for module in modules}
# Where all of them belong (nox -s tests), a broken installation must not pass by skipping.
REQUIRED = bool(os.environ.get("QMLCOURSE_REQUIRE_EXTRAS"))


class Absent(MetaPathFinder):
    """Stands last among the finders, so it is asked only for what nobody else finds."""

    asked: set[str] = set()  # noqa: RUF012 (one finder for the process)

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        # Not by a part of it: TensorFlow asks for some that no build has.
        extra = OF.get(fullname)
        if extra:
            self.asked.add(extra)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="skip the tests that are marked slow")


def pytest_configure(config: pytest.Config) -> None:
    sys.meta_path.append(Absent())
    # TensorFlow Quantum has no build for Windows.
    wanted = [name for name in OF if sys.platform != "win32" or OF[name] != "tfq"]
    missing = [name for name in wanted if importlib.util.find_spec(name) is None]
    if REQUIRED and missing:
        raise pytest.UsageError(
            f"QMLCOURSE_REQUIRE_EXTRAS is set, and these can't be imported: {', '.join(missing)}."
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        unknown = allowed(item) - set(EXTRAS)
        if unknown:
            raise pytest.UsageError(f"{item.nodeid}: extra must be of {sorted(EXTRAS)}: {unknown}")
        if config.getoption("--quick") and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: nox -s tests runs it"))


def allowed(item: pytest.Item) -> set[str]:
    """Return the extras that a test may ask for: those it is marked with, a doctest any."""
    if isinstance(item, pytest.DoctestItem):
        return set(EXTRAS)
    return {extra for mark in item.iter_markers("extra") for extra in mark.args}


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    Absent.asked.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    """Skip, rather than fail, where a test marked with an extra met that it is missing."""
    report = yield
    missing = sorted(Absent.asked & allowed(item))
    if report.failed and missing and not REQUIRED:
        path, line, _ = report.location
        report.outcome = "skipped"
        report.longrepr = (path, (line or 0) + 1, f"needs the extra {', '.join(missing)}")
    return required(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    return required((yield))


def required(report):
    """Fail for ``pytest.importorskip`` where nothing may be missing."""
    if REQUIRED and report.skipped and "could not import" in str(report.longrepr):
        report.outcome, report.longrepr = "failed", f"must not be missing here: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter) -> None:
    """Print how many were skipped, by reason."""
    reasons = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        reasons[str(reason).removeprefix("Skipped: ")] += 1
    if reasons:
        terminalreporter.section(f"{sum(reasons.values())} skipped")
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f"{count:5} {reason}")
