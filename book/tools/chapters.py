"""Make the notebooks: book/src/<part>/<chapter>.md, executed, to book/<part>/<chapter>.ipynb.

    chapters.py [NAME ...]            regenerate these chapters, or all
    chapters.py --text [NAME ...]     take over changed text, where no code is another: seconds
    chapters.py --check [NAME ...]    say which notebooks are not in step with their source
    chapters.py --runtimes [NAME ...] measure chapters and write their rows in book/runtimes.md
    chapters.py --new PART/NAME       begin a chapter: all its files, such that the tests pass
    chapters.py --remove PART/NAME    undo that, if nothing was changed since

Regeneration is byte-identical: cell ids are counted, times and versions are left out.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import catalog
import jupytext
import nbformat
import reading_time
import skeleton
from colab import RUNTIME, with_colab_cell
from nbclient import NotebookClient

from qmlcourse import _files
from qmlcourse._progress import progress

BOOK = catalog.ROOT / "book"
SOURCES = BOOK / "src"
RUNTIMES = BOOK / "runtimes.md"
# Set before a kernel starts: native log lines would become part of the page.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
if platform.machine() in ("x86_64", "AMD64"):
    # The sums that every such processor gives: see the noxfile.
    QUIET["OPENBLAS_CORETYPE"] = os.environ.get("OPENBLAS_CORETYPE", "Haswell")
TIMEOUT = 600
# Seconds that a chapter takes which was never measured.
USUAL = 30
# A version in the metadata would differ between machines.
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py"},
    "colab": {"runtime_attributes": {"runtime_version": RUNTIME}},
}


def from_source(name: str) -> nbformat.NotebookNode:
    """Return a chapter's notebook, not executed."""
    return from_text((SOURCES / f"{name}.md").read_text(encoding="utf-8"))


def from_text(source: str) -> nbformat.NotebookNode:
    """Return the notebook of a source, not executed, with counted cell ids."""
    notebook: nbformat.NotebookNode = jupytext.reads(source, fmt="md:myst")
    notebook.cells = with_colab_cell(notebook.cells, source)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:03d}"
    notebook.metadata = dict(KERNEL)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Run a notebook from a fresh kernel, in the folder of this book."""
    metadata = json.loads(json.dumps(notebook.metadata))
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(BOOK)}},
        # Output that comes in two pieces on one run comes in one on the next.
        coalesce_streams=True,
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(metadata)
    return notebook


def write(name: str) -> None:
    """Regenerate one chapter."""
    finish(name, execute(from_source(name)))


def write_text(name: str) -> str:
    """Take over a source's text, and keep the outputs if its code is that of the notebook."""
    fresh, committed = from_source(name), nbformat.read(BOOK / f"{name}.ipynb", as_version=4)
    cells, done = ([c for c in n.cells if c.cell_type == "code"] for n in (fresh, committed))
    if [cell.source for cell in cells] != [cell.source for cell in done]:
        raise Changed(f"the code of {name} is another than that of its notebook: run it whole")
    for cell, old in zip(cells, done, strict=True):
        cell.outputs, cell.execution_count = old.outputs, old.execution_count
    finish(name, fresh)
    return "text"


class Changed(Exception):
    """A chapter's code is another: its outputs can't be kept."""


def finish(name: str, notebook: nbformat.NotebookNode) -> None:
    """Write a chapter, and the line of its source that says how long it takes a reader."""
    path = SOURCES / f"{name}.md"
    source = reading_time.with_line(path.read_text(encoding="utf-8"), notebook)
    for cell, fresh in zip(notebook.cells, from_text(source).cells, strict=True):
        cell.source = fresh.source
    put({path: source, BOOK / f"{name}.ipynb": nbformat.writes(notebook) + "\n"})


def put(texts: Mapping[Path, str | None]) -> None:
    """Write files, or take away those that have no text, and folders that are left empty."""
    for path, text in texts.items():
        if text is None:
            path.unlink(missing_ok=True)
            if path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _files.write(path, text)


def in_step(name: str) -> bool:
    """Return whether the committed notebook's cells are those of its source."""
    path = BOOK / f"{name}.ipynb"
    if not path.is_file():
        return False
    committed, fresh = nbformat.read(path, as_version=4), from_source(name)
    parts = [
        [(c.cell_type, c.source, c.id, dict(c.metadata)) for c in n.cells]
        for n in (committed, fresh)
    ]
    return parts[0] == parts[1] and committed.metadata == fresh.metadata


def timed(notebook: nbformat.NotebookNode) -> tuple[float, float]:
    """Run a notebook; return the seconds and the peak memory in MiB of the largest run so far."""
    started = time.perf_counter()
    execute(notebook)
    # The kernel is this process's only child, and it has ended.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return time.perf_counter() - started, peak / 1024


def measure(name: str) -> tuple[float, float]:
    """Return the seconds and the peak memory of one run of a chapter, in a process of its own."""
    command = [sys.executable, __file__, "--measured", name]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds, peak = json.loads(said.splitlines()[-1])
    return seconds, peak


def with_row(page: str, name: str, row: tuple[float, float] | None) -> str:
    """Return the page of run times with a chapter's row written anew, or taken away."""
    rows = catalog.runtimes(page)
    head = page.split("| [](")[0]
    rows.pop(name, None)
    if row:
        rows[name] = round(row[0]), round(row[1])
    listed = [f"| [](/book/{n}.ipynb) | {s} | {peak} |\n" for n, (s, peak) in sorted(rows.items())]
    return head + "".join(listed)


def one_by_one(names: Sequence[str], work: Callable[[str], object]) -> None:
    """Do the work for each chapter, a line for each; on a terminal, say how long it may take."""
    known = catalog.runtimes(RUNTIMES.read_text(encoding="utf-8"))
    expected = {name: known.get(name, (USUAL, 0))[0] for name in names}
    with progress(sum(expected.values()), "s") as display:
        for name in names:
            started = time.perf_counter()
            said = work(name)
            took = f"{time.perf_counter() - started:.0f} s"
            display.write(f"{name:40} {said or took}")
            display.update(expected[name])


def write_runtime(name: str) -> str:
    """Measure a chapter and write its row; the others stay."""
    seconds, peak = measure(name)
    page = RUNTIMES.read_text(encoding="utf-8")
    put({RUNTIMES: with_row(page, name, (seconds, peak))})
    return f"{seconds:6.1f} s {peak:7.0f} MiB"


def note_cores() -> None:
    """Say so if this machine is not like the one that the page of run times names."""
    page = RUNTIMES.read_text(encoding="utf-8")
    if f" {os.cpu_count()} processor cores" not in page:
        print(
            f"{RUNTIMES.name} names another number of cores than this machine's {os.cpu_count()}."
        )


def create(name: str, title: str | None, caption: str | None) -> None:
    """Write a chapter that passes every test, to be filled: all of its files, or none."""
    skeleton.refuse(name, title, caption)
    notebook = from_text(skeleton.source(name, title))
    with tempfile.TemporaryDirectory() as scratch:
        claims = Path(scratch) / "claims.toml"
        claims.write_text(skeleton.source(name, title, "claims.toml"), encoding="utf-8")
        os.environ["QMLCOURSE_CLAIMS"] = str(claims)
        row = timed(notebook)
    # Only now, in an instant: whoever stops the run above finds nothing half made.
    texts = skeleton.added(name, title, caption)
    texts[BOOK / f"{name}.ipynb"] = nbformat.writes(notebook) + "\n"
    texts[RUNTIMES] = with_row(RUNTIMES.read_text(encoding="utf-8"), name, row)
    put(texts)
    print("wrote", *sorted(str(path.relative_to(catalog.ROOT)) for path in texts), sep="\n  ")


def remove(name: str) -> None:
    """Take away what create() wrote, if nothing of it was changed since."""
    texts = skeleton.removed(name)
    texts[BOOK / f"{name}.ipynb"] = None
    texts[RUNTIMES] = with_row(RUNTIMES.read_text(encoding="utf-8"), name, None)
    # The source goes last: while it is there, a removal that was stopped can be done again.
    texts[SOURCES / f"{name}.md"] = texts.pop(SOURCES / f"{name}.md")
    put(texts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="chapters, as encoding/fourier; default: all")
    does = parser.add_mutually_exclusive_group()
    does.add_argument("--text", action="store_true", help="take over text; code must be the same")
    does.add_argument("--check", action="store_true", help="only compare with the sources")
    does.add_argument("--runtimes", action="store_true", help="measure, for book/runtimes.md")
    does.add_argument("--new", metavar="PART/NAME", help="begin a chapter, with all its files")
    does.add_argument("--remove", metavar="PART/NAME", help="undo --new, if nothing was changed")
    does.add_argument("--measured", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--title", help="of the new chapter; default: from its name")
    parser.add_argument("--caption", help="of the new chapter's part, if that is new too")
    arguments = parser.parse_args()
    os.environ.update(QUIET)
    # A kernel that inherits another backend stores no figure, and says nothing.
    os.environ.pop("MPLBACKEND", None)
    new, gone = arguments.new is not None, arguments.remove is not None
    if not new and (arguments.title, arguments.caption) != (None, None):
        parser.error("--title and --caption go with --new")
    if (new or gone) and arguments.name:
        parser.error("--new and --remove take one chapter, and no other name")
    unknown = sorted(set(arguments.name) - set(catalog.names()))
    if unknown:
        known = ", ".join(catalog.names())
        parser.error(f"no such chapter: {', '.join(unknown)}; there are: {known}")
    names = arguments.name or catalog.names()
    stale = []
    try:
        if arguments.measured:
            print(json.dumps(timed(from_source(arguments.measured))))
        elif new:
            create(arguments.new, arguments.title, arguments.caption)
        elif gone:
            remove(arguments.remove)
        elif arguments.runtimes:
            one_by_one(names, write_runtime)
            note_cores()
        elif arguments.text:
            one_by_one(names, write_text)
        elif arguments.check:
            stale = [
                f"book/{name}.ipynb is not in step with book/src/{name}.md: run nox -s chapters"
                for name in names
                if not in_step(name)
            ]
            stale += [] if arguments.name else catalog.disagreements()
            print(*stale, sep="\n", end="\n" if stale else "")
        else:
            one_by_one(names, write)
    except (skeleton.Refused, Changed) as refused:
        parser.error(str(refused))
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
