"""How far a run is: with the time left on a terminal, and nothing anywhere else."""

import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import tqdm
from sklearn.dummy import DummyClassifier
from terminals import resize, terminal

from qmlcourse import comparison, datasets, trainability
from qmlcourse._progress import progress

LEFT = r"\|[^|]*\| (\?|\d\d:\d\d) left"


@pytest.fixture(autouse=True)
def _each_step_shows(monkeypatch):
    """Show every step, also of runs too quick for an eye."""
    monkeypatch.setattr("tqdm.tqdm", partial(tqdm.tqdm, mininterval=0))


def compare(**options):
    """Run three cells."""
    data = partial(datasets.two_curves, 40, 2)
    comparison.compare({"m": DummyClassifier()}, {"d": data}, seeds=3, **options)


def scan(**options):
    """Compute three variances."""
    rng = np.random.default_rng(0)
    trainability.variance_scan([1, 2, 3], [1], n_samples=2, rng=rng, **options)


def shown(run, monkeypatch, columns=80, **options):
    """Return what a run shows on a terminal."""
    with terminal(columns) as seen:
        with open(seen.side, "w") as stderr, monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", stderr)
            run(**options)
        seen.close()
        return seen.text


@pytest.mark.parametrize(
    ("run", "unit"),
    [(compare, "cells"), (partial(compare, n_jobs=2), "cells"), (scan, "settings")],
)
def test_a_run_says_on_a_terminal_how_far_it_is_and_leaves_a_clean_line(run, unit, monkeypatch):
    text = shown(run, monkeypatch)
    lines = re.split("\r", text)
    for done in range(4):
        assert re.fullmatch(f"{done} of 3 {unit} {LEFT}", lines[1 + done]), text
    assert re.fullmatch(r"\r *\r", text[text.rindex("left") + 4 :])
    assert shown(run, monkeypatch, verbose=False) == ""


@pytest.mark.parametrize("run", [compare, scan])
def test_a_pipe_and_a_notebook_get_nothing(run, monkeypatch):
    far, side = os.pipe()
    with open(side, "w") as stderr, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stderr)
        run()
    with open(far) as pipe:
        assert pipe.read() == ""


def test_the_time_left_is_the_mean_of_this_run_times_what_is_left(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])

    def run():
        # 50 were done by an earlier run, in no time of this one.
        with progress(53, "steps", done=50) as display:
            for seconds in (100, 10, 1):
                now[0] += seconds
                display.update()

    text = shown(run, monkeypatch)
    assert re.findall(r"(\d+) of 53 steps \|.*?\| (\S+) left", text) == [
        ("50", "?"), ("51", "03:20"), ("52", "00:55"), ("53", "00:00")]  # fmt: skip


def test_a_line_fits_on_a_terminal_that_is_made_narrower(monkeypatch):
    def run():
        with progress(3, "steps") as display:
            resize(sys.stderr.fileno(), 30)
            display.update()
            display.update()

    before, *after = re.findall(r"\r(\d of 3 .*?left)", shown(run, monkeypatch))
    assert len(before) > 70 and [len(line) for line in after] == [29, 29]


@pytest.mark.parametrize("columns", [10, 25, 200])
def test_a_line_fits_on_a_narrow_terminal(columns, monkeypatch):
    lines = re.split("[\r\n]", shown(compare, monkeypatch, columns))
    assert "3 of 3 ce" in lines or any(line.startswith("3 of 3 cells") for line in lines)
    assert max(map(len, lines)) < columns


def test_ctrl_c_leaves_the_cursor_on_a_clean_line():
    # The child takes the terminal itself: a function between fork and exec is no way for a process
    # with threads.
    code = (
        "import fcntl, sys, termios; fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from fakes import PLAN\nfrom qmlcourse.comparison import compare\ncompare(**PLAN)"
    )
    fakes = Path(__file__).parent / "comparison"

    with terminal() as seen:
        process = subprocess.Popen(
            [sys.executable, "-c", code, fakes], stdin=seen.side, stderr=seen.side,
            env=os.environ | {"PAUSE": "0.05"}, start_new_session=True,
        )  # fmt: skip
        os.close(seen.side)
        try:
            deadline = time.monotonic() + 100
            while "2 of 24 cells" not in seen.text and process.poll() is None:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            seen.press(b"\x03")
            process.wait(timeout=60)
        finally:
            process.kill()
        seen.close()
        assert re.search("\r +\rTraceback", seen.text), seen.text
        assert seen.text.rstrip().endswith("KeyboardInterrupt")
