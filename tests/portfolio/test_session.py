"""An answer in a process of its own: what it is asked, how it ends, and the time that it has."""

import contextlib
import json

import numpy as np
import psutil
import pytest

from qmlcourse.grading import AnswerError, Seed, Wrong, untouched
from qmlcourse.grading.local import LocalAnswers
from qmlcourse.grading.session import Session


@pytest.fixture
def session():
    """Return a session of functions, which needs no sandbox."""
    with contextlib.ExitStack() as stack:

        def make(source, seconds=20.0):
            cells = [("setup", "import os, subprocess, sys, time"), ("a", source)]
            return stack.enter_context(Session(cells, seconds=seconds, isolated=False))

        yield make


def failure(session, function, *args):
    with pytest.raises(AnswerError) as caught:
        session(function, *args)
    return caught.value.status, caught.value.hint


def test_an_answer_is_asked_by_name_and_gives_data(session):
    answer = session("""
def scaled(values, by=1, *, rng=None):
    sys.stdout.write("x" * 10**6)  # more than a pipe holds
    sys.stderr.write("x" * 10**6)
    return {"values": by * values, "drawn": rng.random()}
def large(n):
    return ["x" * 10**5] * n
def fails(x):
    y = x
    raise ValueError(y)
""")
    got = answer("scaled", np.arange(3.0), by=2, rng=Seed(5))
    assert got["values"].tolist() == [0, 2, 4]
    assert got["drawn"] == np.random.default_rng(5).random()
    said = "fails raised ValueError: 3 (line 10 of answer a)"
    assert failure(answer, "fails", 3) == ("error", said)
    assert failure(answer, "nothing") == ("error", "There is no function nothing.")
    status, said = failure(answer, "scaled", 1)
    assert status == "error" and "'NoneType' object has no attribute 'random'" in said
    assert len(answer("large", 80)) == 80
    assert failure(answer, "large", 90) == ("protocol", "The reply is larger than 8 MiB.")
    # A worker that was stopped is replaced.
    assert len(answer("large", 1)) == 1
    assert 5 < answer.peak / 2**20 < 500


def test_what_an_answer_raises_is_told_by_the_python_exceptions_it_is(session):
    answer = session("""
class NoDirection(ValueError): ...
class Looks(Exception): ...
Looks.__name__ = "ValueError"
def derived():
    raise NoDirection("no direction")
def looks():
    raise Looks("ValueError: of ValueError")
""")
    found = {}
    for name in ("derived", "looks"):
        with pytest.raises(AnswerError) as caught:
            answer(name)
        found[name] = caught.value
    assert found["derived"].is_a(ValueError) and not found["derived"].is_a(KeyError)
    assert found["derived"].hint.startswith("derived raised NoDirection: no direction")
    # A name is none, nor is a text that holds one.
    assert found["looks"].is_a(Exception) and not found["looks"].is_a(ValueError)


def test_a_forged_reply_names_no_exception_that_is_none(session):
    answer = session("def f(): ...")
    answer("f")
    for said in (["NoDirection", {}, "KeyError"], "ValueError", 7, None):
        answer._exchange = lambda data, seconds, said=said: json.dumps(
            {"nonce": json.loads(data)["nonce"], "status": "error", "hint": "h", "raised": said}
        ).encode()
        with pytest.raises(AnswerError) as caught:
            answer("f")
        assert caught.value.raised == (("KeyError",) if isinstance(said, list) else ())


CHANGED = """
def item(x, n=()):
    x[0] += 1
def both(x, n=()):
    x *= 2; x /= 2
def keeps(x, n=()):
    x = x + 1
def longer(x, n=()):
    n.append(1)
def deeper(x, n=()):
    del n["rows"][0]["a"]
def draws(x, n=()):
    return n.random()
"""


def test_an_argument_that_was_changed_in_place_is_told(session):
    namespace = {}
    exec(CHANGED, namespace)
    x, rows = np.array([1.0, np.nan, 3.0]), {"rows": [{"a": 1}]}
    for answer in (session(CHANGED), LocalAnswers(namespace)):
        for name, more, changed in (
            ("item", (), True), ("both", (), False), ("keeps", (), False), ("longer", ([1],), True),
            ("deeper", (rows,), True), ("draws", (Seed(1),), False), ("keeps", (rows,), False),
        ):  # fmt: skip
            answer(name, x, *more)
            assert answer.changed is changed, name
        answer("item", [1, 2])
        assert answer.changed
        with pytest.raises(Wrong, match="item changes in place what it is given: work on a copy"):
            untouched(answer, "item", x)
        assert untouched(answer, "draws", x, n=Seed(1)) == np.random.default_rng(1).random()
    assert x[0] == 1


def test_an_answer_that_dies_says_how(session):
    answer = session("""
def leaves(code):
    print("one", "x" * 400, sep="\\n", file=sys.stderr, flush=True)
    os._exit(code)
def killed(number):
    os.kill(os.getpid(), number)
def works():
    return 1
""")
    last = f" Its last words: {'x' * 300}"
    ended = "The process of the answer ended"
    assert failure(answer, "leaves", 7) == ("died", f"{ended} with exit code 7.{last}")
    assert failure(answer, "killed", 9) == ("died", f"{ended} by signal SIGKILL.")
    assert answer("works") == 1
    # As a sandbox tells of a signal of what ran inside.
    assert failure(answer, "leaves", 128 + 15) == ("died", f"{ended} by signal SIGTERM.{last}")


def test_an_answer_has_its_time_and_no_more(session):
    answer = session("def sleeps(seconds):\n    time.sleep(seconds)\n    return 1", seconds=2.0)
    assert answer("sleeps", 0) == 1
    assert answer("sleeps", 0.5) == 1 and 0 < answer.left < 1.5
    # The limit is told, not what earlier calls left of it.
    late = "sleeps took too long: all calls of the question together may take 2 s."
    assert failure(answer, "sleeps", 60) == ("timeout", late)
    used = ("not_run", "The question's time of 2 s was used up by earlier calls.")
    assert failure(answer, "sleeps", 0) == failure(answer, "sleeps", 0) == used


def test_what_a_worker_did_not_ask_for_is_refused(session):
    answer = session("""
def forges(text):
    for number in range(3, 20):
        try:
            os.write(number, text.encode())
        except OSError:
            pass
    time.sleep(60)
""")
    for text in ('{"value": 1}\n', "null\n", "[" * 10**4 + "\n"):
        said = "Something that is no reply was written to the grader."
        assert failure(answer, "forges", text) == ("protocol", said)
    said = "More was written to the grader than one reply."
    assert failure(answer, "forges", '{"value": 1}\n{') == ("protocol", said)


def test_cells_that_fail_are_not_run_again(session, tmp_path):
    ran = tmp_path / "ran"
    answer = session(f"open({str(ran)!r}, 'a').write('x')\nraise SystemExit(2)")
    said = ("error", "The cell of a raised SystemExit: 2 (line 2 of answer a)")
    assert failure(answer, "f") == failure(answer, "f") == said and ran.read_text() == "x"


def test_what_an_answer_started_ends_with_it(session):
    answer = session("def starts():\n    return subprocess.Popen(['sleep', '600']).pid")
    process = psutil.Process(answer("starts"))
    assert process.is_running()
    answer.stop()
    _, alive = psutil.wait_procs([process], timeout=10)
    assert not alive
