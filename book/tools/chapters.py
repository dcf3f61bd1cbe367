"""Make the notebooks: book/src/<part>/<chapter>.md, executed, to book/<part>/<chapter>.ipynb.

    chapters.py [NAME ...]            regenerate these chapters, or all
    chapters.py --check [NAME ...]    say which notebooks are not in step with their source
    chapters.py --runtimes            measure every chapter and write book/runtimes.md

Regeneration is byte-identical: cell ids are counted, times and versions are left out.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import catalog
import jupytext
import nbformat
import yaml
from nbclient import NotebookClient

BOOK = Path(__file__).parents[1]
SOURCES = BOOK / "src"
# Set before a kernel starts: native log lines would become part of the page.
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
if platform.machine() in ("x86_64", "AMD64"):
    # The sums that every such processor gives: see the noxfile.
    QUIET["OPENBLAS_CORETYPE"] = os.environ.get("OPENBLAS_CORETYPE", "Haswell")
TIMEOUT = 600
# Colab's own Python is too new for TensorFlow Quantum; its earlier runtimes can be asked for.
RUNTIME = "2026.07"
# A version in the metadata would differ between machines.
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py"},
    "colab": {"runtime_attributes": {"runtime_version": RUNTIME}},
}
# What stands in a notebook's code → the extra of the package that it needs.
USES = {
    "cirq": r"\bcirq(_google)?\b|\bto_cirq\b|google/",
    "ionq": r"\bionq\b",
    "jax": r"\bjax\b|\boptax\b|VariationalClassifier|ReuploadingClassifier|quantum_models",
    "qiskit": r"\bqiskit\b|ibm/",
    "tfq": r"\btensorflow|\btfq_",
}
# The first code cell of every notebook.
COLAB = """# On Google Colab this installs what is missing. Anywhere else it does nothing.
import importlib.util
import sys

if "google.colab" in sys.modules and importlib.util.find_spec("qmlcourse") is None:
    if sys.version_info >= (3, 13):
        raise RuntimeError("First choose Runtime > Change runtime type > version {runtime}.")
    print("About {time}. Ignore errors about other packages; restart the session if asked to.")
    %pip install -q "qmlcourse{extras} @ git+{url}@{branch}"
"""
COLAB_DATA = """    for name in {names}:
        !curl -sSfL --create-dirs -o data/{{name}} {url}/raw/{branch}/book/data/{{name}}
"""


def extras(source: str) -> list[str]:
    """Return the extras of the package that a source's code needs, solutions of exercises too."""
    cells = re.findall(r"^```(?:\{code-cell\}[^\n]*|python)\n(.*?)^```", source, re.M | re.S)
    return [extra for extra, use in USES.items() if re.search(use, "\n".join(cells))]


def colab_cell(source: str) -> nbformat.NotebookNode:
    """Return the cell that prepares Colab for the notebook of this source: nobody else sees it."""
    config = yaml.safe_load((BOOK.parent / "_config.yml").read_text(encoding="utf-8"))
    where = {key: config["repository"][key] for key in ("url", "branch")}
    needs = extras(source)
    listed = f"[{','.join(needs)}]" if needs else ""
    # On a busy machine with two cores, as Colab's; measure with nox -s binder -- --colab NAME.
    time = "three minutes" if "tfq" in needs else "two minutes" if needs else "one minute"
    text = COLAB.format(runtime=RUNTIME, time=time, extras=listed, **where)
    files = sorted(p.name for p in (BOOK / "data").iterdir() if p.is_file())
    names = [name for name in files if f'"{name}"' in source]
    if names:
        text += COLAB_DATA.format(names=json.dumps(names), **where)
    cell = nbformat.v4.new_code_cell(text.rstrip())
    hidden = {"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}
    cell.metadata = nbformat.from_dict(hidden)
    return cell


def with_colab_cell(cells: list[nbformat.NotebookNode], source: str) -> list[nbformat.NotebookNode]:
    """Return a notebook's cells with Colab's one before all other code."""
    first = next(k for k, cell in enumerate(cells) if cell.cell_type == "code")
    return [*cells[:first], colab_cell(source), *cells[first:]]


def from_source(name: str) -> nbformat.NotebookNode:
    """Return a chapter's notebook, not executed, with counted cell ids."""
    path = SOURCES / f"{name}.md"
    notebook = jupytext.read(path)
    notebook.cells = with_colab_cell(notebook.cells, path.read_text(encoding="utf-8"))
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
    notebook = execute(from_source(name))
    target = BOOK / f"{name}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


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


def measure(name: str) -> tuple[float, float]:
    """Return the seconds and the peak memory in MiB of one run, in processes of its own."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, __file__, "--measured", name, str(Path(scratch) / "peak")]
        subprocess.run(command, check=True)
        peak = float((Path(scratch) / "peak").read_text())
    return time.perf_counter() - started, peak


def runtimes() -> None:
    """Write the page of run times and peak memory."""
    rows = []
    for name in catalog.names():
        seconds, peak = measure(name)
        print(f"{name:40} {seconds:6.1f} s {peak:7.0f} MiB", flush=True)
        rows.append(f"| [](/{BOOK.name}/{name}.ipynb) | {seconds:.0f} | {peak:.0f} |")
    table = "\n".join(rows)
    (BOOK / "runtimes.md").write_text(RUNTIMES.format(table=table, cores=os.cpu_count()))


RUNTIMES = """# Run times and memory

How long each chapter takes from a fresh kernel to its last cell, imports included, and the
largest memory its kernel held. Measured with {cores} processor cores and no GPU by
`nox -s chapters -- --runtimes`. The limits are 60 seconds and 1,536 MiB, so that every
chapter fits the free Binder service.

| chapter | seconds | peak memory, MiB |
| --- | ---: | ---: |
{table}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help="chapters, as encoding/fourier; default: all")
    parser.add_argument("--check", action="store_true", help="only compare with the sources")
    parser.add_argument("--runtimes", action="store_true", help="measure every chapter")
    parser.add_argument("--measured", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.update(QUIET)
    # A kernel that inherits another backend stores no figure, and says nothing.
    os.environ.pop("MPLBACKEND", None)
    if arguments.measured:
        name, target = arguments.measured
        execute(from_source(name))
        # The kernel is this process's only child, and it has ended.
        kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        Path(target).write_text(str(kib / 1024))
        return 0
    if arguments.runtimes:
        runtimes()
        return 0
    unknown = sorted(set(arguments.name) - set(catalog.names()))
    if unknown:
        parser.error(
            f"no such chapter: {', '.join(unknown)}; there are: {', '.join(catalog.names())}"
        )
    stale = []
    for name in arguments.name or catalog.names():
        if arguments.check:
            stale += [] if in_step(name) else [name]
        else:
            print(f"{name} ...", end=" ", flush=True)
            started = time.perf_counter()
            write(name)
            print(f"{time.perf_counter() - started:.0f} s", flush=True)
    for name in stale:
        print(f"book/{name}.ipynb is not in step with book/src/{name}.md: run nox -s chapters")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
