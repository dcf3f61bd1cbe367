"""The files that begin a chapter, from the templates in chapter_template/, and how to undo them."""

import re
import tomllib
from datetime import date
from pathlib import Path

import catalog
import yaml
from catalog import ROOT
from jinja2 import Environment, FileSystemLoader, StrictUndefined

CONTENTS, CLAIMS = ROOT / "_toc.yml", ROOT / "book" / "claims.toml"
HISTORY = ROOT / "book" / "claims_history.toml"
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("chapter_template")),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,  # no HTML
)
# An entry of the table of contents with what is said of it, such as a title.
ENTRY = r"^(?P<dash> *)- file: book/{}\.ipynb\n(?:(?P=dash) +.*\n)*"


class Refused(Exception):
    """What was asked for can't be done; the text says why, in a sentence."""


def source(name: str, title: str | None, template: str = "source.md") -> str:
    """Return a chapter's source, or another of its files, as it begins."""
    text = TEMPLATES.get_template(template)
    words = title or _words(name.split("/")[1])
    return text.render(name=name, id=_id(name), title=words, today=date.today())


def refuse(name: str, title: str | None, caption: str | None) -> None:
    """Raise Refused if a chapter of that name can't be added."""
    _named(name)
    part = name.split("/")[0]
    book = ROOT / "book"
    chapters = [chapter for part in catalog.parts() for chapter in part.chapters]
    folders = {chapter.split("/")[0] for chapter in chapters}
    if part not in folders and (book / part).exists():
        raise Refused(
            f"name must not begin with {part!r}: book/{part} is there, for something else"
        )
    files = [book / "src" / f"{name}.md", book / f"{name}.ipynb", book / "quizzes" / f"{name}.yml"]
    for path in files:
        if path.exists():
            raise Refused(f"{path.relative_to(ROOT)} is there already; --remove undoes a --new")
    claims = tomllib.loads(CLAIMS.read_text(encoding="utf-8"))["claim"]
    for claim in claims:
        if claim["id"].startswith(f"{_id(name)}."):
            raise Refused(
                f"name must end with another word: {claim['chapter']} has claims {_id(name)!r} too"
            )
    for key, value in {"title": title, "caption": caption}.items():
        if value is not None and not re.fullmatch(r"[^\W_][^\n]*", value):
            raise Refused(f"{key} must be one line that begins with a letter; got {value!r}")
    heading = _heading(source(name, title))
    for other in catalog.names():
        if _heading((book / "src" / f"{other}.md").read_text(encoding="utf-8")) == heading:
            raise Refused(f"title must not be that of another chapter, {other}; got {heading!r}")
    if part in folders:
        if caption:
            raise Refused(f"caption is for a new part; {part!r} is there already")
    elif (caption or _words(part)) in {p["caption"] for p in catalog.toc()["parts"]}:
        raise Refused(f"caption must not be that of another part; got {caption or _words(part)!r}")


def added(name: str, title: str | None, caption: str | None) -> dict[Path, str | None]:
    """Return the new texts of the files that a chapter needs, but for its notebook."""
    claims, history = (
        file.read_text(encoding="utf-8") + source(name, title, file.name)
        for file in (CLAIMS, HISTORY)
    )
    return {
        ROOT / "book" / "src" / f"{name}.md": source(name, title),
        ROOT / "book" / "quizzes" / f"{name}.yml": source(name, title, "quiz.yml"),
        CLAIMS: claims,
        HISTORY: history,
        CONTENTS: _listed(name, caption),
    }


def removed(name: str) -> dict[Path, str | None]:
    """Return the files of a chapter that are to go (None), and the others without it.

    What was changed since it was begun is not thrown away: Refused names it. Parts of it that are
    missing are no reason to keep the rest.
    """
    _named(name)
    path, quiz = (ROOT / "book" / f for f in (f"src/{name}.md", f"quizzes/{name}.yml"))
    if not path.is_file():
        raise Refused(f"there is no source {path.relative_to(ROOT)}")
    text, title = path.read_text(encoding="utf-8"), _heading(path.read_text(encoding="utf-8"))
    claims, block = CLAIMS.read_text(encoding="utf-8"), source(name, title, "claims.toml")
    changed = [path] if text != source(name, title) else []
    if quiz.is_file() and quiz.read_text(encoding="utf-8") != source(name, title, "quiz.yml"):
        changed.append(quiz)
    if f'chapter = "{name}"' in claims.replace(block, ""):
        changed.append(CLAIMS)
    if changed:
        files = ", ".join(str(p.relative_to(ROOT)) for p in changed)
        raise Refused(f"--remove undoes --new only, and {files} changed since: use git for that")
    stated = rf'\n\["{_id(name)}\.[^"]+"\]\nstated = .*\n'  # on another day, perhaps
    return {
        path: None,
        quiz: None,
        CLAIMS: claims.replace(block, ""),
        HISTORY: re.sub(stated, "", HISTORY.read_text(encoding="utf-8")),
        CONTENTS: _unlisted(name),
    }


def _listed(name: str, caption: str | None) -> str:
    """Return the table of contents with a chapter at the end of its part; all else stays."""
    text, part = CONTENTS.read_text(encoding="utf-8"), name.split("/")[0]
    entry = f"- file: book/{name}.ipynb\n"
    if inside := list(re.finditer(ENTRY.format(rf"{part}/\w+"), text, re.M)):
        last = inside[-1]
        new = f"{last['dash']}{entry}"
    else:
        # After the last part that has chapters: those for reference follow.
        last = list(re.finditer(ENTRY.format(r"(?!portfolio/)\w+/\w+"), text, re.M))[-1]
        outer = re.findall(r"^( *)- caption:", text[: last.start()], re.M)[-1]
        said = yaml.safe_dump([caption or _words(part)], allow_unicode=True, width=10**6)
        new = f"{outer}- caption: {said[2:]}{outer}  numbered: true\n"
        new += f"{outer}  chapters:\n{last['dash']}{entry}"
    return text[: last.end()] + new + text[last.end() :]


def _unlisted(name: str) -> str:
    """Return the table of contents without a chapter, and without a part that then has none."""
    text = CONTENTS.read_text(encoding="utf-8")
    alone = any(part.chapters == (name,) for part in catalog.parts())
    part = r"^ *- caption:.*\n(?: *numbered:.*\n)? *chapters:\n" if alone else ""
    return re.sub(part + ENTRY.format(name), "", text, count=1, flags=re.M)


def _named(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", name):
        raise Refused(f"name must be part/name in lower_case, as encoding/fourier; got {name!r}")


def _id(name: str) -> str:
    return name.split("/")[1].replace("_", "-")


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _heading(text: str) -> str:
    found = re.search(r"^# (.+)$", text, re.M)
    return found[1] if found else ""
