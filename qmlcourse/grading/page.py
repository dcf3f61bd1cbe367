"""The portfolio page: a graded notebook as one file that a person would publish."""

import base64
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from .report import Report, template
from .submission import cell_source, cell_tags, read

_PNG = b"\x89PNG\r\n\x1a\n"


def portfolio_page(report: Report, notebook: Path | str, *, author: str = "") -> str:
    """Return the page: the report's text, the figures, the marks, and how they were made.

    Only text and PNG images are taken from the notebook; no HTML and no script of it.

    Parameters
    ----------
    report : Report
        The marks of that very notebook.
    notebook : path
        The graded notebook, with its outputs.
    author : str
        As it shall stand on the page.

    Raises
    ------
    ValueError
        Where the notebook is not the one that was graded, or was not run.

    Examples
    --------
    Used in the chapter on the portfolio.

    >>> from .marking import grade
    >>> report = grade(__file__, "barren_plateau", isolated=False)
    >>> portfolio_page(report, __file__)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    qmlcourse.grading.submission.Unreadable: page.py is not JSON: ...
    """
    submission = read(notebook)
    if submission.sha256 != report.sha256:
        raise ValueError(
            f"notebook is {submission.path.name}, which is not the file that was graded: "
            "grade it again"
        )
    cells = submission.notebook["cells"]
    texts = [text for cell in cells if "report" in cell_tags(cell) for text in _texts(cell)]
    if not texts:
        raise ValueError(f"{submission.path.name} has no cell tagged report, or it was not run")
    # No HTML of the learner's: what looks like a tag is shown as text.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    body = "\n".join(_deeper(markdown.render(text)) for text in texts)
    return template("portfolio.html").render(
        report=report,
        author=author,
        body=body,
        figures=list(_figures(cells)),
        commit=_commit(submission.path),
    )


def _deeper(html: str) -> str:
    """Return rendered text with its headings below the page's own."""
    return re.sub(r"<(/?)h([1-5])>", lambda m: f"<{m[1]}h{min(int(m[2]) + 1, 6)}>", html)


def _outputs(cell: Any) -> list[Mapping[str, Any]]:
    found = cell.get("outputs") if isinstance(cell, Mapping) else None
    found = found if isinstance(found, list) else []
    return [
        o["data"] for o in found if isinstance(o, Mapping) and isinstance(o.get("data"), Mapping)
    ]


def _texts(cell: Mapping[str, Any]) -> list[str]:
    """Return a report cell's own text, or the Markdown that its code displayed."""
    if cell.get("cell_type") == "markdown":
        return [cell_source(cell)]
    found = [data.get("text/markdown") for data in _outputs(cell)]
    return ["".join(text) for text in found if isinstance(text, str | list)]


def _figures(cells: list[Any]) -> Iterator[tuple[str, str]]:
    """Yield each PNG of the experiments, in base64, with its description."""
    for cell in cells:
        if not {"experiment", "report"} & set(cell_tags(cell)):
            continue
        metadata: Any = cell["metadata"]
        for key in ("mystnb", "image"):
            metadata = metadata.get(key) if isinstance(metadata, Mapping) else None
        described = metadata.get("alt") if isinstance(metadata, Mapping) else None
        for data in _outputs(cell):
            image = data.get("image/png")
            try:
                raw = base64.b64decode("".join(image or ""))
            except (ValueError, TypeError):
                continue
            if raw.startswith(_PNG):
                alt = described if isinstance(described, str) else "A figure of the experiment"
                yield base64.b64encode(raw).decode(), " ".join(alt.split())


def _commit(path: Path) -> str:
    """Return the commit that holds the notebook, with a mark if it has changed since."""
    git = ["git", "-C", str(path.resolve().parent)]
    options: dict[str, Any] = {"capture_output": True, "text": True, "check": True}
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], **options)
        # Not `git status`, which runs programs that a repository's settings name.
        kept = subprocess.run([*git, "rev-parse", f"HEAD:./{path.name}"], **options)
        now = subprocess.run([*git, "hash-object", "--no-filters", "--", path.name], **options)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("" if kept.stdout == now.stdout else ", with changes since")
