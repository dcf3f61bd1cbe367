"""The bibliography says what its sources say, and holds what the course cites and nothing else."""

import copy
import datetime
import json

import citations
import pytest
import reference_sources
import references
import requests

WORKS, ANSWERS = references.entries(), references.stored()


def test_every_entry_says_what_its_source_says_and_is_cited(capsys):
    assert references.main([]) == 0, capsys.readouterr().out
    assert len(WORKS) >= 60 and f"{len(WORKS)} works, 0 differences" in capsys.readouterr().out


def test_an_entry_that_nothing_cites_is_a_difference(monkeypatch, capsys):
    alone = {"title": "Dreams", "year": "1900"}
    monkeypatch.setattr(references, "entries", lambda: {"new1900dreams": alone})
    monkeypatch.setattr(references, "stored", lambda: {"new1900dreams": alone})
    assert references.main([]) == 1
    assert "new1900dreams: cited nowhere" in capsys.readouterr().out


def test_every_answer_says_where_and_when_or_why_not():
    for key, answer in ANSWERS.items():
        assert answer["from"] and datetime.date.fromisoformat(answer["on"]), key
        unchecked = answer.get("unchecked", {})
        assert {*answer} <= {*references.FIELDS, "from", "on", "unchecked"}, key
        assert all(why and field not in answer for field, why in unchecked.items()), key
    # A work is not its entry's word alone: most fields of each come from a source.
    assert all(len(ANSWERS[key].get("unchecked", {})) <= 1 for key in WORKS)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("title", "Data re-loading for a universal quantum classifier", "title is Data re-loading"),
        ("author", "Gil-Fuster, Elies and Latorre, J. I.", "author is Gil-Fuster"),
        ("year", "2019", "year is 2019; the source has 2020"),
        ("journal", None, "journal is missing; the source has Quantum"),
        ("volume", "5", "volume is 5; the source has 4"),
        ("number", "2", "number is 2; the source has none"),
        ("pages", "226--230", "pages is 226--230; the source has 226"),
        ("doi", "10.22331/q-2020-02-06-227", "the source has 10.22331/q-2020-02-06-226"),
        ("eprint", "1907.02086", "eprint is 1907.02086; the source has 1907.02085"),
        ("publisher", "Springer", "publisher is Springer; the source has none"),
    ],
)
def test_a_difference_is_named(field, value, said):
    key = "perezsalinas2020reuploading"
    work = {**WORKS[key], field: value}
    (line,) = references.differences({key: {k: v for k, v in work.items() if v}}, ANSWERS)
    assert line.startswith(f"{key}: ") and said in line


def test_what_was_not_looked_up_is_named_and_what_is_unchecked_is_let_be():
    work = {"title": "Dreams", "year": "1900", "note": "Lost"}
    assert [*references.differences({"new": work}, {})] == ["new: not looked up"]
    answer = {"title": "Dreams", "unchecked": {"year": "the imprint is later"}}
    assert [*references.differences({"new": work}, {"new": answer})] == []


def test_words_are_compared_without_accents_and_signs():
    ours = r"M{\"o}bius, Erd{\H o}s {\&} {Zo\"e}: on 2--3 {NISQ} devices"
    assert references.words(ours) == references.words("Mobius Erdős and Zoë on 2–3 nisq devices")


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (r"Garc{\'i}a-Mart{\'i}n, Diego", "Diego García-Martín", True),
        ("Huang, Hsin-Yuan", "H.-Y. Huang", True),
        ("van der Smagt, Patrick", "P. van der Smagt", True),
        (r"Stilck Fran{\c{c}}a, Daniel", "Daniel Stilck França", True),
        ("Brand{\\~a}o, Fernando G. S. L.", "Fernando Brandão", True),
        ("{Cirq Developers}", "{Cirq Developers}", True),
        ("Li, Ying and Benjamin, Simon C.", "Simon Benjamin and Ying Li", False),
        ("Li, Ying", "Y. Li and S. Benjamin", False),
        ("Li, Ying and others", "Y. Li and S. Benjamin and S. Endo", True),
        ("Li, Ying and Endo, S. and others", "Y. Li and S. Benjamin and S. Endo", False),
        ("Li, Ying", "X. Li", False),
        ("Li, Ying", "Ying Lin", False),
    ],
)
def test_names_are_compared_as_people_write_them(ours, theirs, same):
    assert references.same_people(ours, theirs) is same


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "As {cite:t}`one2020a` and {cite}`two2021b, three2022c` show.",
            "one2020a two2021b three2022c",
        ),
        ("Source: arXiv:2107.12390, arXiv:1803.00745v2.", "2107.12390 1803.00745"),
        ("of arXiv quant-ph/0407010; measured", "quant-ph/0407010"),
        ("[here](https://arxiv.org/abs/2211.16551).", "2211.16551"),
        ("([N](https://doi.org/10.1023/A:1024068626366)).", "10.1023/a:1024068626366"),
        ("Higham, doi 10.1016/0024-3795(88)90223-6. Used", "10.1016/0024-3795(88)90223-6"),
        ("https://doi.org/10.48550/arXiv.2403.07059)", "2403.07059"),
        ("1024.10245 and 10.5 arXiv ids; 110.1234/5", ""),
    ],
)
def test_what_a_text_names(text, named):
    assert citations.keys(text) | citations.numbers(text) == {*named.split()}


def test_what_is_cited_without_entry_and_listed_without_citation(tmp_path):
    (tmp_path / "book" / "tools").mkdir(parents=True)
    (tmp_path / "book" / "page.md").write_text("{cite}`a2020x,b2020y` and arXiv:2001.00001")
    (tmp_path / "book" / "tools" / "tool.py").write_text("# arXiv:2001.00009")
    (tmp_path / "qmlcourse").mkdir()
    (tmp_path / "qmlcourse" / "module.py").write_text('"""Source: doi 10.1000/ABC."""')
    works = {"a2020x": {}, "c2020z": {"doi": "10.1000/abc"}, "d2020w": {"eprint": "2001.00009"}}
    assert [*citations.problems(works, tmp_path)] == [
        "book/page.md: 2001.00001 has no entry",
        "book/page.md: b2020y has no entry",
        "d2020w: cited nowhere",
    ]


# Recorded answers: what the two say of one work, as far as it is read.
CROSSREF = {
    "type": "journal-article",
    "title": ["Error mitigation with <i>Clifford</i>\n quantum-circuit data &amp; more"],
    "author": [
        {"given": "Piotr", "family": "Czarnik", "sequence": "first"},
        {"family": "Arrasmith", "given": "Andrew"},
        {"name": "The Quantum Group"},
    ],
    "container-title": ["Quantum"],
    "publisher": "Verein",
    "volume": "5",
    "issue": "2",
    "article-number": "592",
    "DOI": "10.1000/q",
    "issued": {"date-parts": [[2020, 11, 26]]},
    "published-print": {"date-parts": [[2021]]},
}
ARXIV = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><entry>
<id>http://arxiv.org/abs/2005.10189v3</id><published>2020-05-20T17:00:00Z</published>
<title>Error mitigation with Clifford
  quantum-circuit data</title>
<author><name>Piotr Czarnik</name></author><author><name>A. Arrasmith</name></author>
<author><name>The Quantum Group</name></author>{doi}</entry></feed>"""
DOI = '<doi xmlns="http://arxiv.org/schemas/atom">10.1000/q</doi>'


PREPRINT = ARXIV.format(doi="")


def recorded(crossref=CROSSREF, arxiv=PREPRINT):
    """Return a network that has just these answers, and the list of what it was asked."""
    asked = []

    def get(url, parameters):
        asked.append(url.rpartition("/")[2] + parameters.get("id_list", ""))
        if url == reference_sources.ARXIV:
            return arxiv
        return json.dumps({"message": crossref}) if crossref else ""

    return get, asked


def asked_again(work, old=(), **answers):
    get, _ = recorded(**answers)
    return references.refresh({"a": work}, {"a": dict(old)}, get)["a"]


def test_a_published_work_is_what_crossref_says_and_its_preprint_what_arxiv_has():
    answer = asked_again({"doi": "10.1000/q", "eprint": "2005.10189"}, {"on": "2020-01-01"})
    assert answer == {
        "title": "Error mitigation with Clifford quantum-circuit data & more",
        "author": "Czarnik, Piotr and Arrasmith, Andrew and {The Quantum Group}",
        "year": "2021",
        "journal": "Quantum",
        "volume": "5",
        "number": "2",
        "pages": "592",
        "doi": "10.1000/q",
        "eprint": "2005.10189",
        "from": "Crossref and arXiv",
        "on": str(datetime.date.today()),
    }


def test_a_preprint_of_others_a_doi_of_nobody_and_a_late_publication_are_found():
    work = {"doi": "10.1000/q", "eprint": "2005.10189", "journal": "Quantum", "year": "2021"}
    others = PREPRINT.replace("Czarnik", "Zurek")
    assert "eprint" not in asked_again(work, {"eprint": "2005.10189"}, arxiv=others)
    nobody = asked_again(work, {"doi": "10.1000/q", "year": "2021"}, crossref=None)
    assert "doi" not in nobody and nobody["year"] == "2021"
    preprint = {"eprint": "2005.10189", "year": "2020"}
    assert asked_again(preprint)["year"] == "2020" and "doi" not in asked_again(preprint)
    assert asked_again(preprint, arxiv=ARXIV.format(doi=DOI))["doi"] == "10.1000/q"


def test_what_is_confirmed_is_no_longer_unchecked_and_the_rest_is_kept():
    old = {"url": "kept", "unchecked": {"eprint": "no source", "year": "of the edition"}}
    answer = asked_again({"doi": "10.1000/q", "eprint": "2005.10189", "year": "2010"}, old)
    assert answer["unchecked"] == {"year": "of the edition"} and answer["url"] == "kept"
    answer = asked_again({"doi": "10.1000/q", "eprint": "2005.10189", "year": "2021"}, old)
    assert "unchecked" not in answer


def test_a_book_has_a_publisher_and_datacite_is_not_asked_for():
    book = {**CROSSREF, "type": "book", "container-title": []}
    answer = asked_again({"doi": "10.1000/q"}, crossref=book)
    assert answer["publisher"] == "Verein" and "journal" not in answer
    get, asked = recorded()
    works = {
        "a": {"doi": "10.48550/arXiv.2005.10189", "eprint": "2005.10189"},
        "b": {"doi": "10.5281/zenodo.1"},
        "c": {"doi": "10.1000/q"},
    }
    answers = references.refresh(works, {"b": {"title": "Kept"}}, get)
    assert asked == ["query2005.10189", "q"] and answers["b"] == {"title": "Kept"}


def test_online_stores_what_it_was_told_and_no_answer_changes_nothing(
    tmp_path, monkeypatch, capsys
):
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(ANSWERS))
    before = copy.deepcopy(ANSWERS)
    key = "czarnik2021clifford"
    monkeypatch.setattr(references, "CHECKED", file)
    monkeypatch.setattr(references, "stored", lambda: json.loads(file.read_text()))
    assert references.main(["--online", key], recorded()[0]) == 1
    assert f"{key}: title is Error mitigation with" in capsys.readouterr().out
    after = json.loads(file.read_text())
    assert after.pop(key)["from"] == "Crossref and arXiv" and before.pop(key) and after == before

    def silent(url, parameters):
        raise requests.ConnectionError("no network")

    text = file.read_text()
    for arguments, said in (([key], "no network"), (["nobody1900x"], "nobody1900x")):
        with pytest.raises(SystemExit, match="2"):
            references.main(["--online", *arguments], silent)
        assert said in capsys.readouterr().err and file.read_text() == text


@pytest.mark.parametrize(("status", "body"), [(200, "record"), (404, "")])
def test_a_page_that_is_not_there_is_nothing(monkeypatch, status, body):
    reply = requests.Response()
    reply.status_code, reply._content = status, b"record"
    monkeypatch.setattr(requests, "get", lambda *_, **__: reply)
    assert reference_sources.fetch("https://example.org", {}) == body
    reply.status_code = 503
    with pytest.raises(OSError, match="503"):
        reference_sources.fetch("https://example.org", {})
