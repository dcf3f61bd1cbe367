"""River's detectors through our door, and what they have in common with CUSUM."""

import sys

import numpy as np
import pytest

from qmlcourse.monitoring import adwin, cusum, first_alarm, page_hinkley

pytestmark = pytest.mark.extra("drift")


def test_page_hinkley_is_a_cusum_about_the_running_mean():
    rng = np.random.default_rng(0)
    for shift in (-1.0, 0.0, 1.5):
        x = np.concatenate([rng.normal(size=150), rng.normal(shift, size=150)])
        about = x - np.cumsum(x) / np.arange(1, 301)
        paths = cusum(about, slack=0.4)
        ours = first_alarm(paths, 9.0)
        theirs = page_hinkley(x, delta=0.4, threshold=9.0, min_instances=1)
        assert ours == (theirs[0] if theirs else -1)


def test_adwin_sees_a_step_and_begins_anew():
    x = [0.0] * 200 + [1.0] * 200 + [0.0] * 200
    found = adwin(x, clock=1)
    assert len(found) == 2 and 200 < found[0] < 240 and 400 < found[1] < 440
    assert adwin([0.5] * 500, clock=1) == []


def test_adwin_is_rivers_own():
    from river import drift

    x = np.random.default_rng(1).normal(size=400) + 2 * (np.arange(400) > 200)
    watch, found = drift.ADWIN(delta=0.01, clock=8), []
    for t, v in enumerate(x):
        watch.update(v)
        if watch.drift_detected:
            found.append(t)
    assert adwin(x, delta=0.01, clock=8) == found != []


def test_without_river_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "river", None)
    monkeypatch.delitem(sys.modules, "river.drift", raising=False)
    for detector in (adwin, page_hinkley):
        with pytest.raises(ModuleNotFoundError, match="extra 'drift'"):
            detector([1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: adwin([]), "values must not be empty"),
        (lambda: adwin([[1.0]]), "values must be a 1-D array"),
        (lambda: adwin([1.0, np.inf]), "values must hold finite"),
        (lambda: adwin([1.0], delta=1.0), "delta"),
        (lambda: adwin([1.0], clock=0), "clock"),
        (lambda: page_hinkley([1.0], delta=-1), "delta must be at least 0"),
        (lambda: page_hinkley([1.0], threshold=0), "threshold"),
        (lambda: page_hinkley([1.0], alpha=1.1), "alpha must be above 0 and at most 1"),
        (lambda: page_hinkley([1.0], min_instances=0), "min_instances"),
    ],
)
def test_what_they_refuse_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
