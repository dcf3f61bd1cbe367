"""Sessions of the course. Most share one environment, made from requirements.lock."""

import hashlib
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator
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
# Holds no framework, so that a laptop has it in a minute: a tenth of the bytes.
QUICK = Path(".nox/quick")
# What check-jsonschema knows a schema of, and where such files lie.
SCHEMAS = {
    "github-workflows": ".github/workflows/*.yml",
    "github-issue-forms": ".github/ISSUE_TEMPLATE/[0-9]*.yml",
    "github-issue-config": ".github/ISSUE_TEMPLATE/config.yml",
    "dependabot": ".github/dependabot.yml",
    "citation-file-format": "CITATION.cff",
}
# Before TensorFlow loads: its native log lines would become part of a chapter's output.
ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
if platform.machine() in ("x86_64", "AMD64"):
    # OpenBLAS has other sums for newer processors. A small network that is trained to its end
    # makes of their last bits another second decimal, and pages are compared with what runs here.
    ENV["OPENBLAS_CORETYPE"] = os.environ.get("OPENBLAS_CORETYPE", "Haswell")


def programs(folder: Path) -> Path:
    """Return where an environment keeps its programs."""
    return folder.resolve() / ("Scripts" if os.name == "nt" else "bin")


def start(session: nox.Session, folder: Path, *command: str) -> None:
    """Run a program of an environment."""
    path = f"{programs(folder)}{os.pathsep}{os.environ['PATH']}"
    program = str(programs(folder) / command[0])
    session.run(program, *command[1:], external=True, env={**ENV, "PATH": path})


@contextmanager
def made_anew(session: nox.Session, folder: Path, *inputs: str) -> Iterator[list[str] | None]:
    """Give pip's command in an empty environment, or None where it was made of these inputs."""
    made_of = [*inputs, LOCK.read_text(), sys.version, str(folder.resolve())]
    wanted = hashlib.sha256("".join(made_of).encode()).hexdigest()
    stamp = folder / "installed.sha256"
    if stamp.is_file() and stamp.read_text() == wanted:
        yield None
        return
    # virtualenv comes with nox; the venv module may lack pip.
    session.run(sys.executable, "-m", "virtualenv", "--clear", "--quiet", str(folder))
    yield [str(programs(folder) / "python"), "-m", "pip", "--quiet"]
    stamp.write_text(wanted)


def run(session: nox.Session, *command: str) -> None:
    """Run a program of the shared environment, which holds the lock and the package."""
    with made_anew(session, SHARED) as pip:
        if pip:
            session.run(*pip, "install", "--require-hashes", "-r", str(LOCK), external=True)
            session.run(*pip, "install", "--no-deps", "-e", ".", external=True)
    # It holds every extra: that one is missing is a failure, never a reason to skip a test.
    session.env["QMLCOURSE_REQUIRE_EXTRAS"] = "1"
    start(session, SHARED, *command)


def run_quick(session: nox.Session, *command: str) -> None:
    """Run a program of the quick environment: the core, its tests and linters, as locked."""
    project = nox.project.load_toml("pyproject.toml")["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["lint"]]
    with made_anew(session, QUICK, *wanted) as pip:
        if pip:
            # Constraints may name no extras; their hashes are checked all the same.
            pins = QUICK / "constraints.txt"
            pins.write_text(re.sub(r"^([\w.-]+)\[[^]]*\]", r"\1", LOCK.read_text(), flags=re.M))
            install = [*pip, "install", "--no-compile"]
            session.run(*install, "-c", str(pins), *wanted, external=True)
            session.run(*install, "--no-deps", "-e", ".", external=True)
            # A simulator that PennyLane asks for and only the benchmarks use.
            session.run(*pip, "uninstall", "--yes", "pennylane-lightning", external=True)
    start(session, QUICK, *command)


def style_and_types(session: nox.Session, run: Callable[..., None]) -> None:
    """Check what takes seconds, in either environment."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")
    run(session, "mypy")
    run(session, "lint-imports")


def check_schemas(session: nox.Session, run: Callable[..., None]) -> None:
    """Check the files that GitHub reads, in either environment."""
    for schema, pattern in SCHEMAS.items():
        files = sorted(str(path) for path in Path().glob(pattern))
        run(session, "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files)


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


def workers() -> str:
    """Return how many tests run side by side: one a core, with 3 GiB each, two to eight."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        cores = min(cores or 2, memory // (3 * 2**30))
    return str(min(max(cores or 2, 2), 8))


def tests_of(name: str) -> list[str]:
    """Return pytest's arguments for a part of the tests."""
    # What takes the time is said where it is taken.
    side_by_side = ["-n", workers(), "--durations=12", "--durations-min=5"]
    if name == "package":
        # Tests differ in length by a factor of a thousand: whoever is done takes from the others.
        return [*side_by_side, "--dist", "worksteal", "-m", "not chapters"]
    if name == "pages":
        # A notebook's cells need one kernel, hence one worker a file.
        nbval = ["--nbval", "--nbval-current-env", "--nbval-kernel-name", "python3"]
        return [*side_by_side, "--dist", "loadfile", *nbval, *notebooks()]
    # One run at a time for each worker: a handful of them takes minutes.
    kind = "seeds" if name == "seeds" else "chapters and not seeds"
    return [*side_by_side, "--maxschedchunk", "1", "-m", kind, "tests/book"]


PARTS = {
    "package": "package and book checks",
    "pages": "chapters by nbval",
    "claims": "claims by papermill",
    "seeds": "claims under more seeds",
}
# The workflow of each push runs this one too, on a machine of its own.
EXTRA = {"seeds"}


@nox.session
def tests(session: nox.Session) -> None:
    """Run every gate (--only package, pages, claims, seeds). Other arguments go to pytest."""
    only, parts = session.posargs[:1] == ["--only"], [name for name in PARTS if name not in EXTRA]
    if only:
        parts = session.posargs[1:]
        if not parts or not set(parts) <= set(PARTS):
            session.error(f"--only takes some of {', '.join(PARTS)}; got {' '.join(parts)!r}")
    elif session.posargs:
        run(session, "python", "-m", "pytest", *session.posargs)
        return
    summary: list[str] = []
    # A worker for each core: threads of linear algebra would only wait for each other.
    session.env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    try:
        for name in parts:
            with part(session, PARTS[name], summary):
                run(session, "python", "-m", "pytest", *tests_of(name))
    finally:
        session.log("Summary:\n" + "\n".join(summary))


@nox.session
def quick(session: nox.Session) -> None:
    """Check style, types and the core package without a framework. Arguments go to pytest."""
    summary: list[str] = []
    session.env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    try:
        with part(session, "style and types", summary):
            style_and_types(session, run_quick)
        with part(session, "package", summary):
            # The tests of the book need Jupyter.
            ours = ["-n", workers(), "--quick", "--ignore", "tests/book", "-q", "-r", "fE"]
            run_quick(session, "python", "-m", "pytest", *ours, *session.posargs)
    finally:
        session.log("Summary:\n" + "\n".join(summary))


@nox.session
def style(session: nox.Session) -> None:
    """Check style and spelling of some files: what pre-commit calls (FILE ...)."""
    sources = [name for name in session.posargs or ["."] if name.endswith((".py", "."))]
    if sources:
        run_quick(session, "ruff", "check", "--force-exclude", *sources)
        run_quick(session, "ruff", "format", "--check", "--force-exclude", *sources)
    run_quick(session, "codespell", *session.posargs)


@nox.session
def schemas(session: nox.Session) -> None:
    """Check the files that GitHub reads: what pre-commit calls."""
    check_schemas(session, run_quick)


@nox.session
def book(session: nox.Session) -> None:
    """Build the site into _build/html from the committed, executed chapters."""
    # Sphinx keeps pages whose own source is the same, with the menus of the day they were made.
    made_of = Path("_toc.yml").read_bytes() + Path("_config.yml").read_bytes()
    menus, stamp = hashlib.sha256(made_of).hexdigest(), Path("_build/menus.sha256")
    known = stamp.is_file() and stamp.read_text() == menus
    strict = ["--warningiserror", "--keep-going", *([] if known else ["--all"])]
    run(session, "jupyter-book", "build", ".", *strict, *session.posargs)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(menus)


@nox.session
def chapters(session: nox.Session) -> None:
    """Regenerate the notebooks from book/src (NAME ...; --check; --runtimes; --new; --remove)."""
    run(session, "python", "book/tools/chapters.py", *session.posargs)


@nox.session
def portfolio(session: nox.Session) -> None:
    """Regenerate the exercises' notebooks from their masters (NAME ...; --check; --try)."""
    run(session, "python", "book/tools/portfolio.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, imports, spelling, GitHub's files and the citation file."""
    style_and_types(session, run)
    run(session, "codespell")
    check_schemas(session, run)


@nox.session
def site(session: nox.Session) -> None:
    """Open the built site in Chromium: alone, accessible, links resolved (build it first)."""
    run(session, "python", "-m", "pytest", "-n", workers(), *(session.posargs or ["tests/site"]))


@nox.session
def pdf(session: nox.Session) -> None:
    """Print the whole course to one PDF by Chromium, beside the built site (TARGET)."""
    run(session, "python", "book/tools/pdf.py", *session.posargs)


@nox.session
def slides(session: nox.Session) -> None:
    """Make slides of the core chapters, a file each, in _build/slides (NAME ...; --out FOLDER)."""
    run(session, "python", "book/tools/slides.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Plant one defect at a time in a copy and show which test catches it."""
    run(session, "python", "tests/mutants.py", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the package by machine and show what no test notices (MODULE ...; --ending 3)."""
    # Each worker runs its tests in one process.
    session.env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    run(session, "python", "tests/mutation.py", *session.posargs)


@nox.session
def wrong_answers(session: nox.Session) -> None:
    """Plant defects in the exercises' solutions; show which keep full marks (EXERCISE ...)."""
    session.env.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    run(session, "python", "tests/portfolio/wrong_answers.py", *session.posargs)


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def mitiq(session: nox.Session) -> None:
    """Compare error mitigation with mitiq's, which can't share the environment of the course."""
    session.install("-r", "tests/cross/requirements-mitiq.txt")
    session.install("--no-deps", "-e", ".")
    session.run("python", "tests/cross/mitiq_check.py")


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def mlflow(session: nox.Session) -> None:
    """Track a run in MLflow, which can't share the environment of the course (--write)."""
    session.install("-r", "tests/cross/requirements-mlflow.txt")
    session.env.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
    session.run("python", "tests/cross/mlflow_check.py", *session.posargs)


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def braket(session: nox.Session) -> None:
    """Run the frameworks chapter's model in Braket's SDK, which needs its own environment."""
    session.install("-r", "tests/cross/requirements-braket.txt")
    session.run("python", "tests/cross/braket_check.py", *session.posargs)


@nox.session(venv_backend="virtualenv", reuse_venv=True)
def torch(session: nox.Session) -> None:
    """Run the chapters' PyTorch code, which the lock has no room for, against stored losses."""
    session.install("-r", "tests/cross/requirements-torch.txt")
    session.run("python", "book/data/hybrid_torch.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Time ours beside what a user would pick instead, results checked equal (NAME ...)."""
    run(session, "python", "-m", "benchmarks", *session.posargs)


@nox.session
def replication(session: nox.Session) -> None:
    """Make the table behind the benchmarking chapter anew; stopped, it resumes."""
    run(session, "python", "book/tools/replication.py", *session.posargs)


@nox.session
def references(session: nox.Session) -> None:
    """Compare the bibliography with its sources (--online [KEY ...] asks Crossref and arXiv)."""
    run(session, "python", "book/tools/references.py", *session.posargs)


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
