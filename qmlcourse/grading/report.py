"""What a grading found: kept as JSON, shown as a page on which nothing of a submission runs."""

import functools
import hashlib
import json
import platform
from dataclasses import asdict, dataclass, field
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import jinja2

from .. import _files
from .exercise import GRADER_ERROR, PASS, Result

GRADED, UNREADABLE = "graded", "unreadable"
BUBBLEWRAP, NONE = "bubblewrap", "none"


@dataclass
class Report:
    """The marks of one submission.

    `status` is `graded`, `unreadable` (the file is no notebook: 0 points, `problem` says why) or
    `grader_error` (a check itself failed: a person must look, and there is no score).
    `isolation` is `bubblewrap` or `none`, and `limits` says what held memory and processes there.
    `needs_human` lists what no program can judge, `notes` what was left out of the answers and what
    is odd about where they stand. `student` is the id of the student whose data were used, where
    each has their own. `altered` says that the file it was read from is not as the grader wrote it.
    """

    exercise: str
    title: str
    submission: str
    sha256: str
    seed: int
    isolation: str
    environment: dict[str, str]
    results: list[Result]
    out_of: int
    problem: str = ""
    needs_human: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak_mebibytes: float = 0.0
    limits: str = ""
    student: str = ""
    altered: bool = field(default=False, compare=False)

    @property
    def status(self) -> str:
        """One word for the whole: `graded`, `unreadable` or `grader_error`."""
        if self.problem:
            return UNREADABLE
        broken = any(result.status == GRADER_ERROR for result in self.results)
        return GRADER_ERROR if broken else GRADED

    @property
    def points(self) -> int | None:
        """The points of all checks; None where a check itself failed."""
        if self.status == GRADER_ERROR:
            return None
        return sum(result.points for result in self.results)

    @property
    def told(self) -> str:
        """What passing checks say of the submission: whose it is, for example."""
        return "; ".join(r.hint for r in self.results if r.status == PASS and r.hint)

    @property
    def questions(self) -> dict[str, list[Result]]:
        """The results by question."""
        grouped: dict[str, list[Result]] = {}
        for result in self.results:
            grouped.setdefault(result.question, []).append(result)
        return grouped

    @property
    def digest(self) -> str:
        """SHA-256 of all it says: ties marks, notebook and environment together.

        Whoever changes a report by hand changes this; it is no signature, so the page also says
        how to check the notebook again.
        """
        return hashlib.sha256(json.dumps(self._said(), sort_keys=True).encode()).hexdigest()

    def _said(self) -> dict[str, Any]:
        said = asdict(self) | {"status": self.status, "points": self.points}
        del said["altered"]
        return said

    def to_json(self) -> str:
        """Return the report as text of JSON."""
        return json.dumps(self._said() | {"digest": self.digest}, indent=1, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Return the report that `to_json` wrote.

        Raises
        ------
        ValueError
            Where the text is something else.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            said = {name: values.pop(name) for name in ("status", "points")}
            digest = values.pop("digest", None)
            values["results"] = [Result(**result) for result in values["results"]]
            report = _checked(cls(**values))
            same = said == {"status": report.status, "points": report.points}
            report.altered = not same or report.digest != digest
            return report
        except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
            raise ValueError(f"this is not a grading report: {error}") from None

    def to_html(self) -> str:
        """Return the report as one page that needs no other file; all text is escaped."""
        return template("graded.html").render(report=self, passed=PASS)

    def save(self, folder: Path) -> None:
        """Write `report.html` and then `report.json`, each at once or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        write_private(folder / "report.html", self.to_html())
        write_private(folder / "report.json", self.to_json())


def _checked(report: Report) -> Report:
    """Return a report whose fields are of the kinds that a report has."""
    texts = [report.exercise, report.title, report.submission, report.sha256, report.isolation,
             report.problem, report.limits, report.student]  # fmt: skip
    texts += [*report.needs_human, *report.notes]
    texts += report.environment.values()
    numbers = [report.seed, report.out_of]
    for r in report.results:
        texts += [r.question, r.check, r.says, r.status, r.hint]
        numbers += [r.out_of, r.points]
    if not all(isinstance(v, str) for v in texts) or any(type(v) is not int for v in numbers):
        raise TypeError("a field is of the wrong kind")
    if any(not isinstance(v, (int, float)) for v in (report.seconds, report.peak_mebibytes)):
        raise TypeError("a field is of the wrong kind")
    return report


def write_private(path: Path, text: str) -> None:
    """Write a file, whole at any moment, that others than the grader can't read.

    A link or a pipe that stands there is replaced, and nothing is written through it.
    """
    # A lone surrogate, legal in JSON, is legal in no file.
    _files.write(path, text.encode("utf-8", "replace"), mode=0o600, follow=False)


@functools.cache
def environment() -> dict[str, str]:
    """Return what the marks depend on: Python, the course, and a digest of all packages."""
    found = {f"{d.name}=={d.version}".lower() for d in metadata.distributions()}
    packages = hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
    return {
        "python": platform.python_version(),
        "qmlcourse": metadata.version("qmlcourse"),
        "packages_sha256": packages,
    }


@functools.cache
def template(name: str) -> jinja2.Template:
    """Return a template of this package; what it is given is escaped."""
    text = (resources.files(__package__) / "templates" / name).read_text("utf-8")
    loader = jinja2.DictLoader({name: text, "page.css": _style()})
    engine = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return engine.get_template(name)


def _style() -> str:
    return (resources.files(__package__) / "templates" / "page.css").read_text("utf-8")
