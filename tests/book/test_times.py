"""The sums of hours on the first page follow what the pages state, and its cards lead on."""

import re
import sys

import catalog
import chapters
import pytest

sys.path.append(str(chapters.BOOK / "_ext"))
import times


@pytest.mark.parametrize("name", chapters.NAMES)
def test_every_page_states_how_long_it_takes_to_read(name):
    stated = times.minutes(name)
    assert 5 <= stated <= 60
    assert f"{stated} minutes" in chapters.prose(chapters.committed(name))


def test_the_hours_at_home_are_those_of_the_plan():
    table = times.PLAN.read_text("utf-8").split("## Ten weeks\n\n")[1].split("\n\n")[0]
    last = [int(row.split("|")[-2]) for row in table.splitlines()[2:]]
    assert len(last) == 10 and times.hours_at_home() == sum(last)


@pytest.mark.parametrize(
    ("total", "text"), [(8, "8 minutes"), (63, "63 minutes"), (120, "2 hours"), (400, "7 hours")]
)
def test_minutes_are_said_as_a_person_says_them(total, text):
    assert times.spoken(total) == text


def test_a_card_adds_up_the_chapters_it_names():
    prose = chapters.prose(chapters.committed("intro"))
    (cards,) = re.findall(r"^## Four ways through$(.*?)^## ", prose, re.M | re.S)
    texts = dict(re.findall(r"^### (\w+).*?$(.*?)(?=^### |\Z)", cards, re.M | re.S))
    assert list(texts) == ["Curious", "Engineer", "Researcher", "Teacher"]
    for text in texts.values():
        linked = [n for n in re.findall(r"\]\(/book/(\S+)\.ipynb\)", text) if n in chapters.NAMES]
        for summed in re.findall(r"\{reading-time\}`(.*?)`", text):
            if summed != "all":
                assert sorted(summed.split()) == sorted(linked + ["intro"] * ("intro" in summed))
        assert re.search(r"\{reading-time\}|\{home-hours\}", text)
        for page in re.findall(r"\]\(/(book/\S+?)\)", text):
            assert (catalog.ROOT / page).is_file()
    (curious,) = re.findall(r"\{reading-time\}`(.*?)`", texts["Curious"])
    assert 45 <= sum(map(times.minutes, curious.split())) <= 75  # an hour
