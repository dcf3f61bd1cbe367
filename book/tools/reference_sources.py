"""What Crossref and arXiv say of a work, in BibTeX's fields."""

import html
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from typing import Any

Get = Callable[[str, dict[str, str]], str]

CROSSREF = "https://api.crossref.org/works/"
ARXIV = "https://export.arxiv.org/api/query"
# Their DOIs are kept by DataCite, not by Crossref: arXiv and Zenodo.
ELSEWHERE = ("10.48550/", "10.5281/")
VENUES = {"journal-article": "journal", "proceedings-article": "booktitle"}
ATOM = {"a": "http://www.w3.org/2005/Atom", "x": "http://arxiv.org/schemas/atom"}


def fetch(url: str, parameters: dict[str, str]) -> str:
    """Return what a server sends, and nothing for a page that it hasn't; else raise OSError."""
    import requests

    agent = {"User-Agent": "qmlcourse (https://github.com/qmlcourse/qmlcourse)"}
    reply = requests.get(url, params=parameters, headers=agent, timeout=60)
    if reply.status_code == requests.codes.not_found:
        return ""
    reply.raise_for_status()
    return str(reply.text)


def at_crossref(doi: str) -> bool:
    """Tell whether a DOI is one that Crossref keeps."""
    return bool(doi) and not doi.startswith(ELSEWHERE)


def crossref(doi: str, get: Get = fetch) -> dict[str, str]:
    """Return the publisher's record of a DOI, or nothing if there is no such DOI."""
    if not (reply := get(CROSSREF + doi, {})):
        return {}
    record = json.loads(reply)["message"]
    date = record.get("published-print") or record["issued"]
    venue = VENUES.get(record["type"], "")
    answer = {
        "title": _clean(record["title"][0]),
        "author": " and ".join(map(_name, record.get("author", []))),
        "year": str(date["date-parts"][0][0]),
        venue: _clean(next(iter(record.get("container-title", [])), "")) if venue else "",
        "publisher": "" if venue else record.get("publisher", ""),
        "volume": record.get("volume", "") if venue == "journal" else "",
        "number": record.get("issue", ""),
        "pages": record.get("page") or record.get("article-number", ""),
        "doi": record["DOI"],
    }
    return {field: value for field, value in answer.items() if value}


def arxiv(numbers: Iterable[str], get: Get = fetch) -> dict[str, dict[str, str]]:
    """Return arXiv's records of some preprints by number; one request asks for all."""
    listed = list(numbers)
    if not listed:
        return {}
    feed = get(ARXIV, {"id_list": ",".join(listed), "max_results": str(len(listed))})
    return {
        record["eprint"]: {field: value for field, value in record.items() if value}
        for record in map(_preprint, ET.fromstring(feed).findall("a:entry", ATOM))
    }


def _preprint(entry: ET.Element) -> dict[str, str]:
    def text(path: str) -> str:
        return _clean(entry.findtext(path, "", ATOM))

    names = entry.findall("a:author/a:name", ATOM)
    return {
        "title": text("a:title"),
        "author": " and ".join(_clean(name.text or "") for name in names),
        "year": text("a:published")[:4],
        "doi": text("x:doi"),
        "eprint": re.sub(r"^.*/abs/|v\d+$", "", text("a:id")),
    }


def _name(author: dict[str, Any]) -> str:
    if "family" not in author:
        return f"{{{author['name']}}}"
    return ", ".join(filter(None, (author["family"], author.get("given"))))


def _clean(text: str) -> str:
    """Return a text on one line without tags and entities."""
    return " ".join(re.sub(r"<[^>]+>", "", html.unescape(text)).split())
