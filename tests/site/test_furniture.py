"""What surrounds the text: search, terms, map, progress, cards, sitemap, paper, no scripts."""

import json
import re
from xml.etree import ElementTree

import pytest
import yaml
from built import CHAPTERS, HTML, PAGES, ROOT
from conftest import DRAWN

SITE = yaml.safe_load((ROOT / "_config.yml").read_text())["html"]["baseurl"]
NOT_FOUND = ("404.html", "genindex.html", "py-modindex.html", "search.html")


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("kernel_matrix", "book/api.html#qmlcourse.kernels.kernel_matrix"),
        ("parameter_shift", "book/api.html#qmlcourse.gradients.parameter_shift"),
        ("gradient_variance", "book/api.html#qmlcourse.trainability.gradient_variance"),
        ("QuantumKernelClassifier", "book/api.html#qmlcourse.models.QuantumKernelClassifier"),
        ("fold_global", "book/api.html#qmlcourse.mitigation.fold_global"),
        ("paired_difference", "book/api.html#qmlcourse.comparison.paired_difference"),
        ("encoded_states", "book/api.html#qmlcourse.encodings.encoded_states"),
        ("barren plateau", "book/trainability/barren_plateaus.html"),
        ("amplitude encoding", "book/encoding/encodings.html"),
        ("Fourier spectrum", "book/encoding/fourier.html"),
        ("re-uploading", "book/encoding/fourier.html"),
        ("CHSH", "book/foundations/states.html"),
        ("bandwidth", "book/kernels/when_kernels_help.html"),
        ("geometric difference", "book/kernels/when_kernels_help.html"),
        ("zero-noise extrapolation", "book/hardware/error_mitigation.html"),
        ("readout", "book/hardware/noise.html"),
        ("stand-in", "book/hardware/hardware_project.html"),
        ("RBF", "book/kernels/quantum_kernels.html"),
        ("identity blocks", "book/trainability/mitigation.html"),
        ("Holm", "book/practice/benchmarking.html"),
        ("Binder", "book/running.html"),
        ("rubric", "book/portfolio/index.html"),
        ("θ", "book/notation.html"),
        ("ρ", "book/notation.html"),
    ],
)
def test_search_finds(asked, target, base, page):
    page.goto(base + "404.html")
    page.keyboard.press("Control+k")
    page.locator("input[type=search]:visible").fill(asked)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=*")
    page.wait_for_function(
        "document.querySelector('.search-summary')?.textContent.includes('found')"
    )
    links = page.eval_on_selector_all("ul.search li a", "all => all.map(a => a.href)")
    # A link to a page that holds the word marks it there.
    found = [re.sub(r"\?highlight=[^#]*", "", link.removeprefix(base)) for link in links]
    wanted = target if "#" in target else target.split("#")[0]
    pages = found if "#" in target else [f.split("#")[0] for f in found]
    assert wanted in pages[:10], found[:12]


def test_a_word_that_is_nowhere_is_not_found(base, page):
    page.goto(base + "search.html?q=zyxwvut")
    page.wait_for_selector("text=did not match any documents")
    assert page.locator("ul.search li").count() == 0


def test_a_term_shows_its_meaning_to_pointer_and_keyboard(base, page):
    page.goto(base + "book/trainability/barren_plateaus.html")
    term = page.locator(".bd-article p a[href*='#term-barren-plateau']").first
    box = page.locator(".qml-term")
    term.hover()
    box.wait_for()
    glossary = (HTML / "book/glossary.html").read_text()
    (meaning,) = re.findall(r'id="term-barren-plateau".*?<dd><p>(.*?)</p>', glossary, re.S)
    first = re.sub(r"<[^>]+>", "", meaning).split(".")[0]
    assert " ".join(first.split()) in " ".join(box.inner_text().split())
    assert term.get_attribute("aria-describedby") == box.get_attribute("id")
    # The pointer may rest on it; it goes when the pointer leaves, and by Escape.
    box.hover()
    page.wait_for_timeout(400)
    assert box.is_visible()
    page.mouse.move(5, 5)
    box.wait_for(state="hidden")
    term.focus()
    box.wait_for()
    frame = box.bounding_box()
    assert frame["x"] >= 0 and frame["x"] + frame["width"] <= 1440
    page.keyboard.press("Escape")
    box.wait_for(state="hidden")
    assert term.get_attribute("aria-describedby") is None


def test_the_map_leads_to_every_chapter(base, page):
    page.goto(base + "book/intro.html")
    links = page.eval_on_selector_all(
        ".qml-map a", "all => all.map(a => new URL(a.getAttribute('href'), location.href).href)"
    )
    wanted = {f"{base}book/{name}.html" for name in CHAPTERS if name != "intro"}
    assert set(links) == wanted and len(links) == len(wanted)
    # Each arrow starts at a chapter that the other one's box at the top names.
    arrows = page.locator(".qml-map-arrow").count()
    assert arrows >= len(wanted) - 1
    page.locator(".qml-map a", has_text="Encodings").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/encoding/encodings.html")


def test_progress_is_kept_shown_saved_and_forgotten(base, page):
    chapter = "encoding/encodings"
    page.goto(f"{base}book/{chapter}.html")
    page.get_by_label("I have read this chapter").check()
    page.get_by_label("I have solved this exercise").nth(1).check()
    page.reload()
    assert page.get_by_label("I have read this chapter").is_checked()
    solved = page.get_by_label("I have solved this exercise")
    assert [solved.nth(k).is_checked() for k in range(3)] == [False, True, False]
    mark = page.locator(f"nav.bd-links a[href$='{chapter.split('/')[1]}.html'] .qml-read-mark")
    assert mark.count() == 0 or "read" in mark.inner_text()
    page.goto(base + "book/checklist.html")
    assert page.locator(f"[data-read='{chapter}']").is_checked()
    assert page.locator("[data-read]:checked").count() == 1
    count = page.locator(f"[data-count=solved][data-page='{chapter}']")
    assert count.inner_text() == "1 of 3"
    page.locator("[data-handed=encoding_study]").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    kept = download.value.path().read_text()
    assert json.loads(kept)["handed"] == {"encoding_study": True}
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget everything").click()
    assert page.locator("input:checked").count() == 0
    assert count.inner_text() == "0 of 3"
    # A file that is not ours changes nothing; ours brings all back.
    load = page.locator("input[type=file]")
    load.set_input_files(files=[{"name": "x", "mimeType": "text/plain", "buffer": b"[1]"}])
    page.wait_for_selector("text=Nothing was changed")
    assert page.locator("input:checked").count() == 0
    load.set_input_files(files=[{"name": "x", "mimeType": "", "buffer": kept.encode()}])
    page.wait_for_selector("text=shows what the file holds")
    assert page.locator("[data-handed=encoding_study]").is_checked()
    assert count.inner_text() == "1 of 3"


@pytest.mark.parametrize("stored", ["[]", "{", '{"read": 3, "quiz": {"encoding/encodings": 7}}'])
def test_a_spoilt_storage_counts_as_empty(stored, base, page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(f"localStorage.setItem('qmlcourse.progress', {json.dumps(stored)})")
    page.goto(base + "book/encoding/encodings.html")
    assert not page.get_by_label("I have read this chapter").is_checked()
    assert page.locator(".qml-quiz-total").inner_text().startswith("0 of")
    assert errors == []


def test_pages_describe_themselves_to_those_who_meet_a_link(base, page):
    described = {}
    for name in (p for p in PAGES if p.startswith("book/")):
        html = (HTML / name).read_text()
        meta = dict(re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)"', html))
        assert meta["og:url"] == SITE + name
        assert meta["og:site_name"] == "Quantum machine learning, measured"
        assert len(meta["og:description"]) >= 30, name
        assert meta["description"] == meta["og:description"]
        card = HTML / meta["og:image"].removeprefix(SITE)
        assert card.read_bytes().startswith(b"\x89PNG")
        described.setdefault((meta["og:title"], meta["og:description"]), []).append(name)
    assert [names for names in described.values() if len(names) > 1] == []


def test_the_sitemap_lists_every_page():
    tree = ElementTree.parse(HTML / "sitemap.xml")
    listed = [e.text for e in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(listed) == sorted(SITE + p for p in PAGES if p not in (*NOT_FOUND, "index.html"))


def test_an_address_that_is_not_there_gets_a_page_that_works(base, page):
    failed = []
    page.on("requestfailed", lambda r: failed.append(r.url))
    page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
    answer = page.goto(base + "book/no/such/page.html")
    assert answer.status == 404 and failed == [page.url]
    assert page.locator("article h1").inner_text().strip("#\n ") == "This page is not here"
    page.locator("main").get_by_role("link", name="the first page").click()
    page.wait_for_url(base + "book/intro.html")


def test_the_address_of_the_site_leads_to_the_first_page(base, page):
    page.goto(base)
    page.wait_for_url(base + "book/intro.html")


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_can_be_copied_downloaded_and_read_on(name, base, page):
    page.goto(f"{base}book/{name}.html")
    blocks = page.locator("div.cell_input div.highlight, div.highlight-python div.highlight")
    assert page.locator("div.highlight button.copybtn").count() >= blocks.count() > 0
    source = page.locator("a.btn-download-source-button")
    answer = page.request.get(page.evaluate("a => a.href", source.element_handle()))
    assert answer.body() == (ROOT / "book" / f"{name}.ipynb").read_bytes()
    assert page.locator("a.right-next").count() == 1
    assert page.locator("a.left-prev").count() == (name != "intro")


def test_paper_shows_text_and_still_figures_and_nothing_to_press(base, page):
    page.goto(base + "book/trainability/barren_plateaus.html")
    page.evaluate(DRAWN)
    page.locator("[data-figure]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure][data-state=ready]")
    assert page.locator("img.qml-figure-still").is_hidden()
    page.emulate_media(media="print")
    assert page.locator("img.qml-figure-still").is_visible()
    for gone in (".qml-figure", ".bd-sidebar-primary", ".qml-button", ".copybtn", ".qml-answer"):
        for element in page.locator(gone).all():
            assert element.is_hidden(), gone
    assert page.locator(".qml-question label").first.is_visible()


def test_without_scripts_everything_can_be_read(base, browser):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(base + "book/trainability/barren_plateaus.html")
        still = page.locator(".cell_output:has([data-figure]) img")
        assert still.count() == 1 and still.is_visible()
        assert page.locator(".qml-figure-note").is_visible()
        answer = page.locator(".qml-option details").first
        answer.locator("summary").click()
        assert answer.locator("p").is_visible()
        # What only a script could fill is not shown.
        assert page.locator(".qml-read").is_hidden()


def test_looks_follow_the_reader(base, page):
    page.emulate_media(color_scheme="dark")
    page.goto(base + "book/intro.html")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert page.evaluate(background) != dark
    button = page.locator("button.theme-switch-button").first
    button.click()
    assert page.evaluate("document.documentElement.dataset.mode") != "auto"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.mode") != "auto"


def test_a_page_opened_as_a_file_says_what_is_missing_and_what_to_do(page, base):
    page.goto((HTML / "index.html").as_uri())
    note = page.locator(".qml-opened-as-file")
    note.wait_for()  # index.html leads on to the first page
    assert "python -m nox -s serve" in note.inner_text()
    page.goto(base)
    assert note.count() == 0


@pytest.mark.parametrize("name", ["book/intro", "book/applications/vqe"])
def test_a_page_waits_for_its_styles_and_next_to_no_script(name, base, page):
    """On a slow connection the text is there before figures, equations and search have come."""
    page.goto(base + name + ".html")
    page.evaluate(DRAWN)
    waited = page.evaluate(
        "performance.getEntriesByType('resource')"
        ".filter(r => r.renderBlockingStatus === 'blocking')"
        ".map(r => [r.name.split('/').pop().split('?')[0], r.encodedBodySize])"
    )
    assert [name for name, _ in waited if name.endswith(".js")] == ["documentation_options.js"]
    assert sum(size for _, size in waited) < 100_000, waited
    asked = page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")
    assert not [address for address in asked if "searchindex" in address]
