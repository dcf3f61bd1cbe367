"""The portfolio page: a graded notebook as one file that a person would publish."""

import json
import re
import shlex
import subprocess
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._prose import prose
from ._results import outputs, results, text_of
from .exercise import folder
from .report import Report, template
from .submission import cell_source, cell_tags, read

# What a phone on a slow connection still opens.
BYTES = 10**6


def portfolio_page(
    report: Report, notebook: Path | str, *, author: str = "", code: str = ""
) -> str:
    """Return the page: the learner's report, figures and results, the marks, how to check them.

    Text, formulas, tables and images are taken from the notebook; no HTML and no script of it.
    What is missing without making the page wrong, such as a caption, is warned of.

    Parameters
    ----------
    report : Report
        The marks of that very notebook.
    notebook : path
        The graded notebook, with its outputs.
    author : str
        As it shall stand on the page.
    code : str
        Address of the code; without it that of the notebook's repository, if it has one.

    Raises
    ------
    ValueError
        Where the notebook is not the one that was graded, holds no report, or still holds what
        it came with in place of a report.

    Examples
    --------
    Used in the chapter on the portfolio.

    >>> from .marking import grade
    >>> report = grade(__file__, "barren_plateau", isolated=False)
    >>> portfolio_page(report, __file__)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    qmlcourse.grading.submission.Unreadable: page.py is not JSON: ...
    """
    if code and not re.match(r"https?://[^\s\"<>]+\Z", code):
        raise ValueError(f"code is {code!r}; allowed: an address that begins with https://")
    submission = read(notebook)
    if submission.sha256 != report.sha256:
        raise ValueError(
            f"notebook is {submission.path.name}, which is not the file that was graded: "
            "grade it again"
        )
    cells = submission.notebook["cells"]
    placeholders = _placeholders(report.exercise)
    texts = _written(cells, placeholders, submission.path.name)
    # The highest headings of the report, whichever they are, stand right below the title.
    levels = [len(m[1]) for text, _ in texts for m in re.finditer(r"^(#+) ", text, re.MULTILINE)]
    body = "\n".join(prose(*text, top=min(levels, default=1)) for text in texts)
    shown = list(results(cells, placeholders))
    for number, drawn in enumerate([s for s in shown if s.images], 1):
        if drawn.caption:
            continue
        warnings.warn(
            f"Figure {number} of the page has no caption: write one into a Markdown cell right "
            "below the cell that draws it, beginning with 'Caption:'",
            stacklevel=2,
        )
    place, commit = _repository(submission.path)
    page = template("portfolio.html").render(
        report=report,
        author=author,
        body=body,
        shown=shown,
        commit=commit,
        code=code or place,
        command_name=shlex.quote(submission.path.name),
    )
    if len(page) > BYTES:
        warnings.warn(
            f"The page has {len(page) / 1e6:.1f} MB; below 1 it opens at once on a phone: lower "
            "the dpi of the figures",
            stacklevel=2,
        )
    return page


def _placeholders(exercise: str) -> set[str]:
    """Return the paragraphs in italics that stand in the notebook where a learner shall write."""
    path = folder() / exercise / f"{exercise}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"] if path.is_file() else []
    mine = [cell_source(c) for c in cells if {"report", "caption"} & set(cell_tags(c))]
    found = (" ".join(p.split()) for text in mine for p in text.split("\n\n"))
    return {p for p in found if p.startswith("_") and p.endswith("_")}


def _written(
    cells: list[Any], placeholders: set[str], name: str
) -> list[tuple[str, Mapping[str, Any] | None]]:
    """Return the texts of the report, each with the images attached to its cell.

    They are the cells tagged report, or what their code displays, and all text without a tag
    that stands below them, or below a heading "Report" where no cell has the tag any more.
    """
    tagged = [n for n, cell in enumerate(cells) if "report" in cell_tags(cell)]
    headed = [n for n, cell in enumerate(cells) if _is_heading(cell)]
    start = min(tagged) if tagged else headed[-1] + 1 if headed else len(cells)
    texts: list[tuple[str, Mapping[str, Any] | None]] = []
    for cell in cells[start:]:
        tags = set(cell_tags(cell))
        if ("report" not in tags and tags) or not isinstance(cell, Mapping):
            continue
        if cell.get("cell_type") == "markdown":
            texts.append((cell_source(cell), cell.get("attachments")))
            continue
        data = [o["data"] for o in outputs(cell) if isinstance(o.get("data"), Mapping)]
        texts += [(text_of(d["text/markdown"]), None) for d in data if "text/markdown" in d]
    written = [text for text in texts if _own_words(text[0], placeholders)]
    if not written:
        raise ValueError(
            f"{name} holds no report: write it into the cell tagged report, or display it with "
            "Markdown there, run the notebook and save it"
        )
    for text, _ in written:
        for paragraph in text.split("\n\n"):
            if " ".join(paragraph.split()) in placeholders:
                raise ValueError(
                    f"the report of {name} still holds {' '.join(paragraph.split())[:70]!r}: put "
                    "your own words in its place, or delete it"
                )
    return written


def _own_words(text: str, placeholders: set[str]) -> bool:
    """Return whether a text holds more than headings and what the notebook came with."""
    paragraphs = [
        " ".join(p.split()) for p in re.sub(r"^#+ .*$", "\n", text, flags=re.M).split("\n\n")
    ]
    return any(p and p not in placeholders for p in paragraphs)


def _is_heading(cell: Any) -> bool:
    return isinstance(cell, Mapping) and bool(re.match(r"#+ report\b", cell_source(cell), re.I))


def _repository(path: Path) -> tuple[str, str]:
    """Return a repository's address, and the commit with a mark if the notebook has changed."""
    # Not `git status`, which runs programs that a repository's settings name.
    head = _git(path, "rev-parse", "HEAD")
    kept = _git(path, "rev-parse", f"HEAD:./{path.name}")
    now = _git(path, "hash-object", "--no-filters", "--", path.name)
    if not head or not kept:
        return "", ""
    address = _git(path, "config", "--get", "remote.origin.url")
    address = re.sub(r"^(?:ssh://)?git@([^:/]+)[:/]", r"https://\1/", address).removesuffix(".git")
    # Nothing that an address may hold besides: some keep a password there.
    address = re.sub(r"^(https?://)[^/@]*@", r"\1", address)
    fits = re.match(r"https?://[^\s\"<>]+\Z", address)
    return address if fits else "", head + ("" if kept == now else ", with changes since")


def _git(path: Path, *command: str) -> str:
    git = ["git", "-C", str(path.resolve().parent), *command]
    try:
        return subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
