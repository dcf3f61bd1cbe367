"""The figure "skills-map": what it lists for each role against the file that it is made of."""

import json

import pytest
import yaml
from built import ROOT
from figure import Figure

RAW = yaml.safe_load((ROOT / "book" / "career" / "roles.yml").read_text("utf-8"))
ROLES = {role["name"]: role for role in RAW["roles"]}


class SkillsMap(Figure):
    name, chapter = "skills-map", "career/role"


def wanted(role, stages=("first", "then")):
    """Return the chapters of a role with the stage of each, in no order."""
    found = {}
    for stage in stages:
        for skill in ROLES[role][stage]:
            for name in RAW["skills"][skill]["chapters"]:
                found.setdefault(name, stage)
    return found


def links(figure):
    hrefs = figure.root.locator(".qml-skills-lists a").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    return [h.removeprefix("../").removesuffix(".html") for h in hrefs]


@pytest.fixture(scope="module")
def opened(tab, base):
    return SkillsMap(tab, base)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_its_chapters_minutes_and_exercises(role, figure):
    figure.put({"Role": role})
    need = wanted(role)
    rows = {row[0]: row for row in figure.rows()}
    chapters = figure.data["chapters"]
    assert set(rows) == {chapters[name]["title"] for name in need}
    for name, stage in need.items():
        chapter = chapters[name]
        _, part, minutes, when, _ = rows[chapter["title"]]
        assert (part, int(minutes), when) == (chapter["part"], chapter["minutes"], stage)
    assert figure.said.startswith(f"{role}: {ROLES[role]['work']} {len(need)} chapters, ")
    briefs = {
        exercise
        for stage in ("first", "then")
        for skill in ROLES[role][stage]
        for exercise in RAW["skills"][skill]["exercises"]
    }
    listed = links(figure)
    assert {link for link in listed if "/brief" not in link} == set(need)
    assert {link for link in listed if "/brief" in link} == {
        f"portfolio/{name}/brief" for name in briefs
    }
    assert f"{len(briefs)} of the portfolio" in figure.said


def test_what_is_needed_first_can_stand_alone(figure):
    figure.put({"Role": "Consultancy", "Show": "first only"})
    assert {row[3] for row in figure.rows()} == {"first"}
    assert len(figure.rows()) == len(wanted("Consultancy", ["first"]))


def test_what_was_read_is_left_out(figure):
    role = next(iter(ROLES))
    figure.put({"Role": role})
    first = next(iter(wanted(role)))
    kept = json.dumps({"read": {first: True}})
    figure.page.evaluate("v => localStorage.setItem('qmlcourse.progress', v)", kept)
    figure.key("leave out what I have ticked as read", "Space")
    assert len(figure.rows()) == len(wanted(role)) - 1
    figure.page.evaluate("localStorage.clear()")


def test_links_lead_to_pages(figure):
    for link in set(links(figure)):
        assert (ROOT / "_build" / "html" / "book" / f"{link}.html").is_file()


def test_bars_stay_within_the_axis(figure):
    for role in ROLES:
        figure.put({"Role": role})
        total = {}
        for _, part, minutes, *_ in figure.rows():
            total[part] = total.get(part, 0) + int(minutes)
        assert max(total.values()) <= 110
