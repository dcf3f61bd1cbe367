"""Tests are skipped for a reason that is said, and never where every extra must be there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = '''
"""
>>> import no_such_framework
"""
import pytest

def use():
    try:
        import no_such_framework
    except ImportError:
        raise RuntimeError("pip install it") from None

@pytest.mark.extra("jax")
def test_marked(): use()

@pytest.mark.extra("jax")
def test_marked_and_wrong(): assert 1 == 2

@pytest.mark.extra("jax")
def test_marked_and_there():
    try:
        import json.no_such_part
    except ImportError:
        pass
    assert 1 == 2

def test_unmarked(): use()

def test_named(): pytest.importorskip("no_such_framework")

@pytest.mark.slow
def test_slow(): pass

def test_plain(): pass
'''


@pytest.fixture
def outcomes(tmp_path):
    """Run the tests above where the extra jax is a certain module; give outcomes and output."""
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    extra:\n    slow:\n")

    def run(*options, module="no_such_framework", **variables):
        extras = f"EXTRAS = {{'jax': ('{module}',)}}\n"
        conftest, n = re.subn(
            r"^EXTRAS = .*?^}.*?$", extras, (ROOT / "conftest.py").read_text(), flags=re.M | re.S
        )
        assert n == 1
        (tmp_path / "conftest.py").write_text(conftest)
        command = [sys.executable, "-m", "pytest", "--doctest-modules", "-vra", *options, "."]
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "QMLCOURSE"))}
        result = subprocess.run(
            command, cwd=tmp_path, env=ours | variables, capture_output=True, text=True
        )
        return dict(re.findall(r"^test_it\.py::(\w+)\S* ([A-Z]+)", result.stdout, re.M)), result

    return run


def test_only_a_test_that_says_so_is_skipped_for_an_extra(outcomes):
    found, result = outcomes()
    assert found == {
        "test_it": "SKIPPED",
        "test_marked": "SKIPPED",
        "test_marked_and_wrong": "FAILED",
        "test_marked_and_there": "FAILED",
        "test_unmarked": "FAILED",
        "test_named": "SKIPPED",
        "test_slow": "PASSED",
        "test_plain": "PASSED",
    }
    assert "2 needs the extra jax" in result.stdout
    assert re.search(r"SKIPPED \[1\] test_it.py:\d+: needs the extra jax", result.stdout)


def test_an_extra_that_is_there_is_no_reason_to_skip(outcomes):
    """Whatever part of itself it looks for and does without."""
    found, _ = outcomes(module="json")
    assert found["test_marked_and_there"] == "FAILED"


def test_slow_tests_are_skipped_in_a_hurry_only_and_counted(outcomes):
    found, result = outcomes("--quick")
    assert (found["test_slow"], found["test_plain"]) == ("SKIPPED", "PASSED")
    assert "1 slow: nox -s tests runs it" in result.stdout


def test_where_extras_are_required_none_is_a_reason_to_skip(outcomes):
    """As of one that is there and broken: a module of its own can't be imported."""
    found, result = outcomes(module="json", QMLCOURSE_REQUIRE_EXTRAS="1")
    assert set(found.values()) == {"FAILED", "PASSED"} and found["test_named"] == "FAILED"
    assert "must not be missing here" in result.stdout


def test_where_extras_are_required_a_missing_one_stops_the_run(outcomes):
    found, result = outcomes(QMLCOURSE_REQUIRE_EXTRAS="1")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR and not found
    assert "no_such_framework" in result.stderr
