"""Which works the course's texts and docstrings cite: by key, by arXiv number, by DOI."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS = {".md", ".py", ".toml", ".yml", ".js"}
# Made from other files, or about how the course is made.
NOT_TEXT = {"book/tools", "book/_ext", "book/_static/vendor"}

KEYS = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
ARXIV = re.compile(r"(?i)\barxiv(?:\.org/\w+/|[.:]|\s+)([a-z-]+/\d{7}|\d{4}\.\d{4,5})(?!\d)")
DOI = re.compile(r"(?i)(?<![\w.])10\.\d{4,9}/(?:[^\s()\[\]<>\"'`,;]|\([^\s()]*\))+")


def files(root: Path = ROOT) -> list[Path]:
    """Return the files whose text counts: the book's and the package's."""
    return [
        path
        for folder in ("book", "qmlcourse")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in KINDS and not any(path.is_relative_to(root / apart) for apart in NOT_TEXT)
    ]


def keys(text: str) -> set[str]:
    """Return the keys in `cite` roles."""
    return {key.strip() for group in KEYS.findall(text) for key in group.split(",")}


def numbers(text: str) -> set[str]:
    """Return arXiv numbers, and DOIs in small letters; a preprint's DOI counts as its number."""
    dois = {doi.rstrip(".:").lower() for doi in DOI.findall(text)}
    own = {doi for doi in dois if doi.startswith("10.48550/arxiv.")}
    return {*ARXIV.findall(text)} | (dois - own) | {d.removeprefix("10.48550/arxiv.") for d in own}


def problems(works: Mapping[str, Mapping[str, str]], root: Path = ROOT) -> Iterator[str]:
    """Yield what is cited and has no entry in ``works``, and entries that nothing cites."""
    owners = {
        number: key
        for key, work in works.items()
        for number in (work.get("eprint", ""), *numbers(work.get("doi", "")))
    }
    cited = set()
    for path in files(root):
        text = path.read_text(encoding="utf-8")
        for name in sorted(keys(text) | numbers(text)):
            key = owners.get(name, name)
            cited.add(key)
            if key not in works:
                yield f"{path.relative_to(root)}: {name} has no entry"
    yield from (f"{key}: cited nowhere" for key in works if key not in cited)
