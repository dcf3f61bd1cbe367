"""Attacks on the grader: no point, no crash, nothing written, nobody called, no process left."""

import csv
import io
import os
import shutil
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import hostile
import psutil
import pytest

from qmlcourse.cli import _terminal
from qmlcourse.grading import Report, sandbox
from qmlcourse.grading.classroom import grades_csv

VOID = {"meta", "br", "hr", "img", "input", "link"}


pytestmark = [pytest.mark.usefixtures("walls"), pytest.mark.slow]


class Page(HTMLParser):
    """Reads a page; fails on a tag that is not closed, a script, or anything from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shown = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "embed", "link", "a", "form", "svg"}
        for name, _ in attrs:
            assert name not in {"src", "href", "action", "style"} and not name.startswith("on")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.shown += data


def processes(marker: str) -> list[psutil.Process]:
    """Return every process that carries the marker in its environment or its command."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.environ().values(), *process.cmdline()]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and marker in words:
            found.append(process)
    return found


def contents(folder: Path) -> dict[str, object]:
    """Return what lies in a folder: kinds, modes, times and texts."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        # Python keeps what it compiled beside the checks.
        if "__pycache__" not in path.parts and not path.is_dir():
            found[str(path)] = (about.st_mode, about.st_size, about.st_mtime_ns)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[hostile.Place]:
    with hostile.attacked(tmp_path) as (place, listeners):
        yield place
        for listener in listeners:
            with pytest.raises(BlockingIOError):
                listener.accept()


def survived(case: hostile.Case, place: hostile.Place) -> Report:
    """Grade a case; check what holds for every submission, whatever it is."""
    marker = f"marker-of-{os.getpid()}-{time.monotonic_ns()}"
    before = contents(hostile.EXERCISES), contents(place.folder), set(os.listdir(place.folder))
    family = {p.pid for p in psutil.Process().children(recursive=True)}
    report = hostile.graded(case, place, marker=marker)
    # The kernel ends what is left in a sandbox when its first process dies: soon, not at once.
    deadline = time.monotonic() + 20
    while left := processes(marker):
        assert time.monotonic() < deadline, left
        time.sleep(0.02)
    assert {p.pid for p in psutil.Process().children(recursive=True)} <= family
    handed_in = place.folder / case.file
    if handed_in.is_dir() and not handed_in.is_symlink():
        handed_in.rmdir()
    else:
        handed_in.unlink(missing_ok=True)
    after = contents(hostile.EXERCISES), contents(place.folder), set(os.listdir(place.folder))
    assert after == before
    return report


@pytest.mark.parametrize("case", hostile.CASES, ids=lambda case: case.name)
def test_nothing_is_won_and_nothing_is_broken(case, place, tmp_path_factory):
    report = survived(case, place)
    statuses = {result.status for result in report.results} or {report.status}
    hints = "\n".join([report.problem, *(result.hint for result in report.results)])
    assert statuses <= case.may, hints
    assert report.points == case.points
    assert report.status == ("unreadable" if case.may == {"unreadable"} else "graded")
    assert report.isolation == "bubblewrap"
    assert case.says in hints
    assert all(len(result.hint) <= 3000 for result in report.results)

    out = tmp_path_factory.mktemp("out")
    report.save(out)
    text = (out / "report.json").read_text("utf-8")
    assert Report.from_json(text) == report
    page = (out / "report.html").read_text("utf-8")
    shown = Page(page).shown
    assert "<script" not in page.lower() and "url(" not in page and "@import" not in page
    assert case.says in shown
    told = _terminal.told(report)
    assert all(c == "\n" or c.isprintable() for c in told)
    table = grades_csv([place.folder / case.file], [report])
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert not any(cell.startswith(("=", "@", "+", "-")) for cell in cells)
    for leak in (place.secret, hostile.OUTSIDE):
        assert leak not in text + page + told + table


def test_the_corpus_is_large_and_each_case_has_a_name():
    names = [case.name for case in hostile.CASES]
    assert len(set(names)) == len(names) >= 50
    # Right answers stand between the attacks: a grader that gives 0 to all would fail.
    assert sum(case.points > 0 for case in hostile.CASES) >= 10


def by_name(name: str) -> hostile.Case:
    return next(case for case in hostile.CASES if case.name == name)


def test_checks_inside_a_folder_that_the_sandbox_shows_are_hidden(place, monkeypatch):
    """An environment may hold the exercises; then the sandbox binds their folder with it."""
    # Where an administrator grades, the answer runs as nobody, whom pytest's folders keep out.
    monkeypatch.setattr(sandbox, "_as_nobody", list)
    shutil.copytree(hostile.EXERCISES, place.folder / "exercises")
    monkeypatch.setenv("QMLCOURSE_EXERCISES", str(place.folder / "exercises"))
    bound = [*sandbox._python_folders(), str(place.folder)]
    monkeypatch.setattr(sandbox, "_python_folders", lambda: bound)
    # The rest of that folder is seen, or the test would show nothing.
    shown = survived(by_name("reads the home"), place)
    assert all(place.secret in result.hint for result in shown.results)
    hidden = survived(by_name("walks to the checks"), place)
    assert all("found: []" in result.hint for result in hidden.results)
    # And nothing there can be written.
    written = survived(by_name("writes everywhere"), place)
    assert all("found: []" in result.hint for result in written.results)
