"""Which chapters and exercises there are, their parts and order: everything else asks here.

A chapter is a source, `book/src/<part>/<chapter>.md`, and `_toc.yml` gives it its place. It has a
notebook, a quiz, claims, sizes for its tests and a row of run times; `disagreements` says where
one of them is missing. The noxfile reads this too, so nothing but Python is imported at the top.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]


class Part(NamedTuple):
    """A part of the course that has chapters."""

    caption: str
    chapters: tuple[str, ...]


def names(root: Path = ROOT) -> list[str]:
    """Return the chapters that have a source, as paths below book/ without the ending, sorted."""
    return _below(root / "book" / "src", "**/*.md")


def exercises(root: Path = ROOT) -> list[str]:
    """Return the exercises of the portfolio that have a master, sorted."""
    return [path.parent.name for path in sorted(root.glob("book/portfolio/*/master.md"))]


def notebooks(root: Path = ROOT) -> dict[str, Path]:
    """Return every notebook, a path below book/ without the ending, and the source of each."""
    found = {name: root / "book" / "src" / f"{name}.md" for name in names(root)}
    for name in exercises(root):
        folder = root / "book" / "portfolio" / name
        found |= {f"portfolio/{name}/{file}": folder / "master.md" for file in (name, "solution")}
    return found


def executed(root: Path = ROOT) -> list[str]:
    """Return the notebooks that are committed with outputs: chapters and worked solutions."""
    chapters = set(names(root))
    return [n for n in notebooks(root) if n in chapters or n.endswith("/solution")]


def toc(root: Path = ROOT) -> dict[str, Any]:
    """Return the table of contents."""
    import yaml  # nox has none

    loaded: dict[str, Any] = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return loaded


def listed(entry: dict[str, Any]) -> Iterator[str]:
    """Yield the files that the table of contents, or a piece of it, names, in order."""
    for key in ("root", "file"):
        if key in entry:
            yield entry[key]
    for key in ("parts", "chapters", "sections"):
        for inner in entry.get(key, []):
            yield from listed(inner)


def parts(root: Path = ROOT) -> list[Part]:
    """Return the parts with their chapters, in order; the first page stands in none."""
    found = [(part["caption"], _chapters(listed(part))) for part in toc(root)["parts"]]
    return [Part(caption, tuple(chapters)) for caption, chapters in found if chapters]


def runtimes(page: str) -> dict[str, tuple[int, int]]:
    """Return the seconds and the peak memory in MiB of each chapter on the page of run times."""
    rows = re.findall(r"^\| \[\]\(/book/(\S+)\.ipynb\) \| (\d+) \| (\d+) \|$", page, re.M)
    return {name: (int(seconds), int(peak)) for name, seconds, peak in rows}


def disagreements(root: Path = ROOT) -> list[str]:
    """Return what does not fit together, one sentence each."""
    book = root / "book"
    files = list(listed(toc(root)))
    data = tomllib.loads((book / "claims.toml").read_text(encoding="utf-8"))
    rows = runtimes((book / "runtimes.md").read_text(encoding="utf-8"))
    solved = [name for name in notebooks(root) if name.startswith("portfolio/")]
    briefs = [f"portfolio/{name}/brief" for name in exercises(root)]
    pages = [f.removeprefix("book/").rpartition(".")[0] for f in files]
    committed = _below(book, "**/*.ipynb")
    kinds = {
        "an entry in _toc.yml": (
            [*names(root), *solved, *briefs],
            [*_chapters(files), *(p for p in pages if re.fullmatch(r"portfolio/\w+/\w+", p))],
        ),
        "a notebook": ([*names(root), *solved], committed),
        "a quiz in book/quizzes": (names(root), _below(book / "quizzes", "**/*.yml")),
        "a [[claim]] in book/claims.toml": (names(root), [c["chapter"] for c in data["claim"]]),
        "a [[small]] in book/claims.toml": (names(root), [s["chapter"] for s in data["small"]]),
        "a row in book/runtimes.md": (names(root), list(rows)),
    }
    found = []
    for kind, (wanted, present) in kinds.items():
        for name in sorted(set(wanted) - set(present)):
            found.append(f"{_source(name)} is there, but {name} lacks {kind}.")
        for name in sorted(set(present) - set(wanted)):
            found.append(f"{name} has {kind}, but {_source(name)} is not there.")
    found += [f"_toc.yml names {f} twice." for f in sorted(set(files)) if files.count(f) > 1]
    found += [f"_toc.yml names {f}, which is not there." for f in files if not (root / f).is_file()]
    return found


def _source(name: str) -> str:
    exercise = re.match(r"portfolio/\w+", name)
    return f"book/{exercise[0]}/master.md" if exercise else f"book/src/{name}.md"


def _chapters(files: Iterable[str]) -> list[str]:
    """Return the notebooks among pages that are no exercise: those are chapters."""
    found = [f.removeprefix("book/") for f in files if f.endswith(".ipynb")]
    return [f.removesuffix(".ipynb") for f in found if not f.startswith("portfolio/")]


def _below(folder: Path, pattern: str) -> list[str]:
    # JupyterLab keeps copies of what it has open.
    paths = [p for p in folder.glob(pattern) if ".ipynb_checkpoints" not in p.parts]
    return sorted(p.relative_to(folder).with_suffix("").as_posix() for p in paths)
