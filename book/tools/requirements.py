"""Derive the lists that environments are built from: the pins of requirements.lock, no hashes.

    requirements.py            write them
    requirements.py --check    say which are not in step with the lock

pip checks hashes of all or of nothing, and a local directory has none; so an environment file
that names this package needs a list without. `requirements.txt` holds every pin of the lock;
`binder/requirements.txt` what running the notebooks needs, with TensorFlow's build for CPUs.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = "requirements.lock"
FULL, SLIM = "requirements.txt", "binder/requirements.txt"
# What the notebooks import, and JupyterLab to open them in; the rest builds, tests and checks.
RUNNING = ("jax", "cirq", "tfq", "qiskit", "ionq", "lab")
# Large, asked for, and never loaded by a notebook: PennyLane's other simulator, what TensorFlow is
# built with and its access to Google's storage, and a browser that only otter's PDFs need.
LEFT_OUT = {
    "libclang", "nbconvert[webpdf]", "pennylane-lightning", "playwright",
    "tensorflow-io-gcs-filesystem",
}  # fmt: skip
# The same version without the code for GPUs, which Binder has none of: a gigabyte less.
REPLACED = {"tensorflow": "tensorflow-cpu"}
HEADS = {
    FULL: "# The pins of requirements.lock without its hashes.",
    SLIM: "# The pins of requirements.lock that running the notebooks needs; see postBuild.",
}


def normal(name: str) -> str:
    """Return a distribution's name as the lock writes it, without extras and versions."""
    found = re.match(r"[A-Za-z0-9._-]+", name)
    return re.sub(r"[-_.]+", "-", found[0] if found else "").lower()


def pins(lock: str) -> tuple[list[str], dict[str, set[str]]]:
    """Return the lines `name==version ; marker` of a lock, and for each name what asks for it."""
    lines: list[str] = []
    askers: dict[str, set[str]] = {}
    for line in lock.splitlines():
        if re.match(r"[A-Za-z0-9]", line):
            lines.append(line.rstrip("\\ "))
        elif said := re.match(r" +# (?:via)? *(\S.*)", line):
            askers.setdefault(normal(lines[-1]), set()).add(said[1].split()[0])
    return lines, askers


def needed(askers: dict[str, set[str]], roots: set[str]) -> set[str]:
    """Return the roots and whatever they ask for, directly or not."""
    found, grown = set[str](), roots
    while grown - found:
        found |= grown
        grown = {name for name, by in askers.items() if by & found}
    return found


def derived(root: Path = ROOT) -> dict[str, str]:
    """Return the lists, path → text."""
    lines, askers = pins((root / LOCK).read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in RUNNING:
        wanted += project["optional-dependencies"][extra]
    for name in LEFT_OUT:
        askers.pop(name, None)
    keep = needed(askers, {normal(requirement) for requirement in wanted})
    slim = []
    for line in lines:
        name = normal(line)
        if name in keep and line.split("==")[0] not in LEFT_OUT:
            slim.append(line.replace(name, REPLACED.get(name, name), 1))
    made = "# Made by nox -s lock, never edited."
    texts = {FULL: lines, SLIM: sorted(slim)}
    return {path: "\n".join([HEADS[path], made, *text, ""]) for path, text in texts.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    stale = []
    for path, text in derived().items():
        file = ROOT / path
        if check:
            stale += [] if file.is_file() and file.read_text(encoding="utf-8") == text else [path]
        else:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path} is not in step with {LOCK}: run nox -s lock")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
