"""A notebook's own check, `check` and `grade` say the same of every answer."""

import os
import re
import subprocess
import sys

import agreement
import pytest

from qmlcourse.grading import grade, session


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    return agreement.write(tmp_path_factory.mktemp("agreement"))


NAMES = list(agreement.ANSWERS)
WANTED = {name: status for name, *_, status in agreement.numbered()}


def test_the_notebook_says_of_each_answer_what_it_should(notebook):
    command = [sys.executable, agreement.__file__, str(notebook)]
    environment = os.environ | {
        "QMLCOURSE_EXERCISES": str(notebook.parent), "IPYTHONDIR": str(notebook.parent / "ipython")
    }  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.partition("-- checked\n")[2]
    lines = re.findall(r"^  (\w+) +\d of 1  answer (\d+)$", said, re.MULTILINE)
    assert {NAMES[int(number)]: status for status, number in lines} == WANTED


@pytest.mark.parametrize("isolated", [False, True], ids=["check", "grade"])
def test_check_and_grade_agree_with_the_notebook(isolated, notebook, monkeypatch, request):
    if isolated:
        request.getfixturevalue("walls")
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(notebook.parent))
    # A busy machine changes no mark.
    monkeypatch.setattr(session, "START", 500)
    report = grade(notebook, isolated=isolated, seed=1)
    found = {NAMES[int(r.check.removeprefix("check"))]: r.status for r in report.results}
    assert found == WANTED
    told = "\n".join(report.notes)
    for left_out in ("%matplotlib inline", "!true", "%%time", "display", "%%bash and what", "len?"):
        assert left_out in told
