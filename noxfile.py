"""Sessions of the course. All share one environment, made from requirements.lock."""

import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

sys.path.insert(0, "book/tools")
import catalog

nox.options.sessions = ["lint", "tests", "book"]
# The sessions share one environment, so nox makes none of its own for each: it takes gigabytes,
# and what is tested is what is run.
nox.options.default_venv_backend = "none"

LOCK = Path("requirements.lock")
SHARED = Path(".nox/course")
BIN = SHARED.resolve() / ("Scripts" if os.name == "nt" else "bin")
# Before TensorFlow loads: its native log lines would become part of a chapter's output.
ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
if platform.machine() in ("x86_64", "AMD64"):
    # OpenBLAS has other sums for newer processors. A small network that is trained to its end
    # makes of their last bits another second decimal, and pages are compared with what runs here.
    ENV["OPENBLAS_CORETYPE"] = os.environ.get("OPENBLAS_CORETYPE", "Haswell")


def run(session: nox.Session, *command: str) -> None:
    """Run a program of the shared environment, which holds the lock and the package."""
    inputs = [LOCK.read_bytes(), sys.version.encode()]
    wanted = hashlib.sha256(b"".join([*inputs, str(SHARED.resolve()).encode()])).hexdigest()
    stamp = SHARED / "installed.sha256"
    if not stamp.is_file() or stamp.read_text() != wanted:
        # virtualenv comes with nox; the venv module may lack pip.
        session.run(sys.executable, "-m", "virtualenv", "--clear", "--quiet", str(SHARED))
        pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet"]
        session.run(*pip, "--require-hashes", "-r", str(LOCK), external=True)
        session.run(*pip, "--no-deps", "-e", ".", external=True)
        stamp.write_text(wanted)
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    program = str(BIN / command[0])
    session.run(program, *command[1:], external=True, env={**ENV, "PATH": path})


@contextmanager
def part(session: nox.Session, name: str, summary: list[str]) -> Iterator[None]:
    """Time one part, for the summary at the end."""
    started = time.monotonic()
    state = "failed"
    try:
        yield
        state = "passed"
    finally:
        summary.append(f"{name:28} {state:7} {(time.monotonic() - started) / 60:5.1f} min")
        session.log(summary[-1])


def notebooks() -> list[str]:
    """Return the committed notebooks with outputs: the chapters and the worked solutions."""
    return [f"book/{name}.ipynb" for name in catalog.executed()]


@nox.session
def tests(session: nox.Session) -> None:
    """Run every gate: package, chapters by nbval, claims by papermill. Arguments go to pytest."""
    if session.posargs:
        run(session, "python", "-m", "pytest", *session.posargs)
        return
    summary: list[str] = []
    # Two workers on two cores: threads of linear algebra would only wait for each other.
    session.env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    try:
        with part(session, "package and book checks", summary):
            run(session, "python", "-m", "pytest", "-n", "2", "-m", "not chapters")
        with part(session, "chapters by nbval", summary):
            # A notebook's cells need one kernel, hence one worker a file.
            run(
                session, "python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "--nbval",
                "--nbval-current-env", "--nbval-kernel-name", "python3", *notebooks(),
            )  # fmt: skip
        with part(session, "claims by papermill", summary):
            # One run at a time for each worker: a handful of them takes minutes.
            run(
                session, "python", "-m", "pytest", "-n", "2", "--maxschedchunk", "1",
                "-m", "chapters", "tests/book",
            )  # fmt: skip
    finally:
        session.log("Summary:\n" + "\n".join(summary))


@nox.session
def book(session: nox.Session) -> None:
    """Build the site into _build/html from the committed, executed chapters."""
    run(session, "jupyter-book", "build", ".", "--warningiserror", "--keep-going", *session.posargs)


@nox.session
def chapters(session: nox.Session) -> None:
    """Regenerate the notebooks from book/src (NAME ...; --check; --runtimes)."""
    run(session, "python", "book/tools/chapters.py", *session.posargs)


@nox.session
def portfolio(session: nox.Session) -> None:
    """Regenerate the exercises' notebooks from their masters (NAME ...; --check; --try)."""
    run(session, "python", "book/tools/portfolio.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, spelling, workflows and the citation file."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "mypy")
    run(session, "codespell")
    workflows = sorted(str(p) for p in Path(".github/workflows").glob("*.yml"))
    run(session, "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    citation = ["--builtin-schema", "vendor.citation-file-format", "CITATION.cff"]
    run(session, "check-jsonschema", *citation)


@nox.session
def site(session: nox.Session) -> None:
    """Open the built site in Chromium: alone, accessible, links resolved (build it first)."""
    run(session, "python", "-m", "pytest", "-n", "2", *(session.posargs or ["tests/site"]))


@nox.session
def pdf(session: nox.Session) -> None:
    """Print the whole course to one PDF by Chromium, beside the built site (TARGET)."""
    run(session, "python", "book/tools/pdf.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Plant one defect at a time in a copy and show which test catches it."""
    run(session, "python", "tests/mutants.py", *session.posargs)


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def mitiq(session: nox.Session) -> None:
    """Compare error mitigation with mitiq's, which can't share the environment of the course."""
    session.install("-r", "tests/cross/requirements-mitiq.txt")
    session.install("--no-deps", "-e", ".")
    session.run("python", "tests/cross/mitiq_check.py")


@nox.session
def bench(session: nox.Session) -> None:
    """Time ours beside what a user would pick instead, results checked equal (NAME ...)."""
    run(session, "python", "-m", "benchmarks", *session.posargs)


@nox.session
def replication(session: nox.Session) -> None:
    """Make the table behind the benchmarking chapter anew; stopped, it resumes."""
    run(session, "python", "book/tools/replication.py", *session.posargs)


@nox.session
def lab(session: nox.Session) -> None:
    """Open JupyterLab on the chapters."""
    run(session, "jupyter", "lab", "--notebook-dir", "book", *session.posargs)


@nox.session
def binder(session: nox.Session) -> None:
    """Build what Binder builds, from nothing; run a chapter there (NAME ...; --all; --colab)."""
    # virtualenv comes with nox.
    run(session, "python", "book/tools/launch.py", "--maker", sys.executable, *session.posargs)


@nox.session
def serve(session: nox.Session) -> None:
    """Serve the built site on http://localhost:8000 (build it with nox -s book first)."""
    if not Path("_build/html/index.html").is_file():
        session.error("There is no site yet: run nox -s book first.")
    session.run(
        sys.executable, "-m", "http.server", "--directory", "_build/html", "--bind", "127.0.0.1",
        *(session.posargs or ["8000"]),
    )  # fmt: skip


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def lock(session: nox.Session) -> None:
    """Resolve pyproject.toml anew into requirements.lock, for Python 3.11 and 3.12."""
    session.install("uv>=0.9.8")
    resolve = ["uv", "pip", "compile", "--universal", "--python-version", "3.11"]
    everything = [*resolve, "--all-extras", "--no-strip-extras", "pyproject.toml"]
    session.run(
        *everything, "--generate-hashes", "--no-header", "--output-file", str(LOCK),
        *session.posargs,
    )  # fmt: skip
    # The lists of environment.yml and Binder hold its pins: pip checks hashes of all or of
    # nothing, and this folder, which both install too, has none.
    plain = ["--no-annotate", "--custom-compile-command", "nox -s lock", "--quiet"]
    plain += ["--constraints", str(LOCK), "--output-file"]
    session.run(*everything, *plain, "requirements.txt")
    session.run(
        *resolve, "--no-emit-package", "qmlcourse", "--excludes", "binder/excludes.txt",
        "binder/requirements.in", *plain, "binder/requirements.txt",
    )  # fmt: skip
