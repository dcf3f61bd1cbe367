"""Shared by the grader's tests: the toy exercise stands where the course's own would."""

import os
from pathlib import Path

import pytest

from qmlcourse.grading import sandbox

EXERCISES = Path(__file__).parent / "exercises"


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(EXERCISES))
    return "toy"


@pytest.fixture(scope="session")
def walls() -> None:
    """Skip where there is no sandbox; a machine that promises one (CI does) must have it."""
    problem = sandbox.problem()
    if problem and os.environ.get("QMLCOURSE_REQUIRE_SANDBOX"):
        pytest.fail(problem)
    if problem:
        pytest.skip(problem)
