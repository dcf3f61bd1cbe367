"""Sessions of the course. All share one environment, made from requirements.lock."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "tests", "book"]

LOCK = Path("requirements.lock")
# One environment for all sessions: it takes gigabytes, and what is tested is what is run.
SHARED = {"reuse_venv": True, "venv_location": ".nox/course"}
# Before TensorFlow loads: its native log lines would become part of a chapter's output.
ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}


def install(session: nox.Session) -> None:
    """Install the lock and the package, unless this environment holds just that already."""
    wanted = hashlib.sha256(
        LOCK.read_bytes() + Path("pyproject.toml").read_bytes() + str(Path.cwd()).encode()
    ).hexdigest()
    stamp = Path(session.virtualenv.location) / "installed.sha256"
    if not stamp.is_file() or stamp.read_text() != wanted:
        # Compiled now and once: every chapter and test starts a fresh interpreter.
        session.env["UV_COMPILE_BYTECODE"] = "1"
        session.install("--require-hashes", "-r", str(LOCK))
        session.install("--no-deps", "-e", ".")
        stamp.write_text(wanted)
    session.env.update(ENV)


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
    """Return the committed notebooks."""
    sources = sorted(Path("book/src").rglob("*.md"))
    return [str(Path("book") / p.relative_to("book/src").with_suffix(".ipynb")) for p in sources]


@nox.session(**SHARED)
def tests(session: nox.Session) -> None:
    """Run every gate: package, chapters by nbval, claims by papermill. Arguments go to pytest."""
    install(session)
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    summary: list[str] = []
    try:
        with part(session, "package and book checks", summary):
            session.run("python", "-m", "pytest", "-n", "2", "-m", "not chapters")
        with part(session, "chapters by nbval", summary):
            # A notebook's cells need one kernel, hence one worker a file.
            session.run(
                "python", "-m", "pytest", "-n", "2", "--dist", "loadfile", "--nbval",
                "--nbval-current-env", "--nbval-kernel-name", "python3", *notebooks(),
            )  # fmt: skip
        with part(session, "claims by papermill", summary):
            session.run("python", "-m", "pytest", "-n", "2", "-m", "chapters", "tests/book")
    finally:
        session.log("Summary:\n" + "\n".join(summary))


@nox.session(**SHARED)
def book(session: nox.Session) -> None:
    """Build the site into _build/html from the committed, executed chapters."""
    install(session)
    session.run("jupyter-book", "build", ".", "--warningiserror", "--keep-going", *session.posargs)


@nox.session(**SHARED)
def chapters(session: nox.Session) -> None:
    """Regenerate the notebooks from book/src (NAME ...; --check; --runtimes)."""
    install(session)
    session.run("python", "book/tools/chapters.py", *session.posargs)


@nox.session(**SHARED)
def lint(session: nox.Session) -> None:
    """Check style, types, spelling, workflows and the citation file."""
    install(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("codespell")
    workflows = sorted(str(p) for p in Path(".github/workflows").glob("*.yml"))
    session.run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)


@nox.session(**SHARED)
def mutants(session: nox.Session) -> None:
    """Plant one defect at a time in a copy and show which test catches it."""
    install(session)
    session.run("python", "tests/mutants.py", *session.posargs)


@nox.session(**SHARED)
def lab(session: nox.Session) -> None:
    """Open JupyterLab on the chapters."""
    install(session)
    session.run("jupyter", "lab", "--notebook-dir", "book", *session.posargs)


@nox.session(**SHARED)
def serve(session: nox.Session) -> None:
    """Serve the built site on http://localhost:8000 (build it with nox -s book first)."""
    if not Path("_build/html/index.html").is_file():
        session.error("There is no site yet: run nox -s book first.")
    session.run(
        "python", "-m", "http.server", "--directory", "_build/html", "--bind", "127.0.0.1",
        *(session.posargs or ["8000"]),
    )  # fmt: skip


@nox.session(reuse_venv=True)
def lock(session: nox.Session) -> None:
    """Resolve pyproject.toml anew into requirements.lock, for Python 3.11 and 3.12."""
    session.install("uv>=0.5")
    session.run(
        "uv", "pip", "compile", "--universal", "--generate-hashes", "--no-strip-extras",
        "--python-version", "3.11", "--all-extras", "--no-header", "pyproject.toml",
        "--output-file", str(LOCK), *session.posargs,
    )  # fmt: skip
