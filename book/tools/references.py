"""Hold book/references.bib to what sources say of each work, and to what the course cites.

    references.py                      compare with the stored answers; needs no network
    references.py --online [KEY ...]   ask Crossref and arXiv first, and store what they say

An answer in references_checked.json has BibTeX's fields as the source gave them, `from` and `on`:
where and when it was looked up, and `unchecked`: fields that no source confirmed, and why. What
neither Crossref nor arXiv knows of a work is written there by hand. An answer may come before its
entry. Each difference is a line, and any makes the status 1; it is 2 if no answer came.
"""

import argparse
import datetime
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import citations
import reference_sources
from pybtex.bibtex.utils import split_name_list
from pybtex.database import Person, parse_file
from pybtex.richtext import Text

from qmlcourse import _files

BOOK = Path(__file__).parents[1]
BIBLIOGRAPHY, CHECKED = BOOK / "references.bib", BOOK / "references_checked.json"
# Sources differ in giving the number of an issue, so an entry need not have it.
OPTIONAL = "number"
FIELDS = (
    *("title", "author", "year", "journal", "booktitle", "publisher"),
    *("volume", OPTIONAL, "pages", "doi", "eprint"),
)


def entries(path: Path = BIBLIOGRAPHY) -> dict[str, dict[str, str]]:
    """Return the fields of each work of the bibliography; authors as BibTeX lists them."""
    found = {}
    for key, entry in parse_file(str(path)).entries.items():
        people = {role: " and ".join(map(str, who)) for role, who in entry.persons.items()}
        found[key] = {name.lower(): value for name, value in entry.fields.items()} | people
    return found


def stored(path: Path = CHECKED) -> dict[str, dict[str, Any]]:
    """Return the answers."""
    answers: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return answers


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, without accents, LaTeX and punctuation."""
    decomposed = unicodedata.normalize("NFKD", str(Text.from_latex(text)).replace("&", " and "))
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return re.findall(r"[a-z0-9]+", bare.casefold())


def same_person(ours: list[str], theirs: list[str]) -> bool:
    """Tell whether two names can be one person's: given names may be short or left out."""
    short, rest = sorted((ours, theirs), key=len)
    words_left = iter(rest)
    return ours[-1] == theirs[-1] and all(
        any(a.startswith(b) or b.startswith(a) for b in words_left) for a in short
    )


def same_people(ours: str, theirs: str) -> bool:
    """Tell whether two lists name the same authors in order, up to their `others`."""
    lists = [[_name(who) for who in split_name_list(text)] for text in (ours, theirs)]
    whole = not any(["others"] in names for names in lists)
    left, right = ([name for name in names if name != ["others"]] for names in lists)
    return (not whole or len(left) == len(right)) and all(map(same_person, left, right))


def _name(who: str) -> list[str]:
    person = Person(who)
    parts = (person.first_names, person.middle_names, person.prelast_names, person.last_names)
    return words(" ".join(name for part in parts for name in part))


def agree(field: str, ours: str, theirs: str) -> bool:
    """Tell whether an entry's field says what the source's says."""
    if field == "author" and ours and theirs:
        return same_people(ours, theirs)
    return words(ours) == words(theirs)


def differences(
    works: Mapping[str, Mapping[str, str]], answers: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield where an entry says something else than its source."""
    for key, work in works.items():
        if key not in answers:
            yield f"{key}: not looked up"
            continue
        answer = answers[key]
        for field in FIELDS:
            ours, theirs = work.get(field, ""), answer.get(field, "")
            if field in answer.get("unchecked", {}) or (field == OPTIONAL and not ours):
                continue
            if not agree(field, ours, theirs):
                yield f"{key}: {field} is {ours or 'missing'}; the source has {theirs or 'none'}"


def refresh(
    works: Mapping[str, Mapping[str, str]],
    answers: Mapping[str, Mapping[str, Any]],
    get: reference_sources.Get = reference_sources.fetch,
) -> dict[str, dict[str, Any]]:
    """Return the answers, those for ``works`` as Crossref and arXiv give them today.

    What neither is asked for stays, as a venue without DOI; a field is no longer `unchecked` when
    they confirm it.
    """
    preprints = reference_sources.arxiv([w["eprint"] for w in works.values() if "eprint" in w], get)
    fresh = {key: dict(answer) for key, answer in answers.items()}
    for key, work in works.items():
        asked = {"arXiv": "eprint"} if "eprint" in work else {}
        if reference_sources.at_crossref(work.get("doi", "")):
            asked = {"Crossref": "doi"} | asked
        if not asked:
            continue
        preprint = preprints.get(work.get("eprint", ""), {})
        record = reference_sources.crossref(work["doi"], get) if "Crossref" in asked else {}
        if not record:
            # The year of a preprint is not that of its publication.
            not_told = {"year"} if {"journal", "booktitle"} & {*work} else set()
            record = {field: value for field, value in preprint.items() if field not in not_told}
        elif preprint and same_people(record["author"], preprint["author"]):
            record["eprint"] = preprint["eprint"]
        old = {k: v for k, v in fresh.get(key, {}).items() if k not in asked.values()}
        old["unchecked"] = {
            field: why
            for field, why in old.get("unchecked", {}).items()
            if not agree(field, work.get(field, ""), record.get(field, ""))
        }
        when = {"from": " and ".join(asked), "on": str(datetime.date.today())}
        fresh[key] = {k: v for k, v in (old | record | when).items() if v}
    return fresh


def main(
    argv: list[str] | None = None, get: reference_sources.Get = reference_sources.fetch
) -> int:
    """Compare, after a refresh if asked; print each difference; 1 if there is any."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--online", nargs="*", metavar="KEY", help="ask Crossref and arXiv again")
    online = parser.parse_args(argv).online
    works, answers = entries(), stored()
    if online is not None:
        if unknown := {*online} - {*works}:
            parser.error(f"no entry has the key {', '.join(sorted(unknown))}")
        try:
            answers = refresh({key: works[key] for key in online or works}, answers, get)
        except OSError as error:
            parser.exit(2, f"No answer, so nothing is stored: {error}\n")
        text = json.dumps(dict(sorted(answers.items())), indent=2, ensure_ascii=False)
        _files.write(CHECKED, text + "\n")
    found = [*differences(works, answers), *citations.problems(works)]
    print(*found, sep="\n", end="\n" if found else "")
    unchecked = [
        f"{key}: {field}" for key in works for field in answers.get(key, {}).get("unchecked", {})
    ]
    print(f"{len(works)} works, {len(found)} differences. Unchecked: {'; '.join(unchecked)}.")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
