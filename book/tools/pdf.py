"""Print the whole course to one PDF: every page in one document, by Chromium.

    pdf.py [TARGET]    default: _build/html/qmlcourse.pdf, where the published site has it

The pages are those of the site, built as a single one, so that the PDF has the same text,
figures and equations, an outline, and links that work inside it.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SINGLE = ROOT / "_build" / "singlehtml"
# For paper only: each page of the site on a new sheet, no bars, code that wraps.
STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm; }
html { font-size: 11pt; }
.bd-header, .bd-header-article, .bd-sidebar-primary, .bd-sidebar-secondary, .bd-footer,
.prev-next-footer, .header-article, .skip-link, .headerlink, .qml-read, .qml-checklist-bar,
dialog { display: none !important; }
.bd-main, .bd-content, .bd-article-container, .bd-article { display: block !important;
  width: 100% !important; max-width: none !important; padding: 0 !important; margin: 0 !important; }
section > h1 { break-before: page; }
#print-main-content { display: none; }
pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
.cell_output, .pst-scrollable-table-container, .math, mjx-container {
  overflow: visible !important; }
table { font-size: 9pt; }
"""
FOOT = """<div style="width: 100%; text-align: center; font-size: 8pt">
<span class="pageNumber"></span></div>"""


def build() -> Path:
    """Build the single page and return where it is."""
    program = str(Path(sys.executable).parent / "jupyter-book")
    command = [program, "build", str(ROOT), "--builder", "singlehtml", "--warningiserror"]
    subprocess.run(command, check=True)
    # Its addresses are those of a page in the root.
    return (SINGLE / "book" / "intro.html").replace(SINGLE / "course.html")


def write(page_file: Path, target: Path) -> None:
    """Print the page: light, without the controls that paper has no use for."""
    with sync_playwright() as playwright:
        # Debian's where there is one; else the one that `playwright install chromium` brings.
        path = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(600_000)
        page.goto(page_file.as_uri(), wait_until="load")
        # Hundreds of equations: wait until the last is drawn.
        page.evaluate("() => window.MathJax.startup.promise")
        # Of each equation a screen reader has a hidden copy in MathML, which no PDF takes over:
        # without them Chromium needs half the memory.
        page.evaluate("document.querySelectorAll('mjx-assistive-mml').forEach(e => e.remove())")
        page.add_style_tag(content=STYLE)
        # Folded answers are no use on paper.
        page.evaluate(
            "document.querySelectorAll('details:not(.qml-answer)').forEach(d => (d.open = true));"
            "document.querySelectorAll('.toggle-hidden').forEach(e =>"
            " e.classList.remove('toggle-hidden'))"
        )
        headings = page.eval_on_selector_all(
            "h1, h2, h3, h4, h5, h6",
            "all => all.filter(h => h.checkVisibility()).map(h => h.innerText)",
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        page.pdf(
            path=target, format="A4", print_background=True, outline=True, tagged=True,
            display_header_footer=True, header_template="<span></span>", footer_template=FOOT,
            prefer_css_page_size=True,
        )  # fmt: skip
        browser.close()
    tidy(target, [" ".join(text.split()) for text in headings])


def tidy(path: Path, titles: list[str]) -> None:
    """Give the outline its titles and the file half its size.

    Chromium writes a title twice where a page begins, and no object is compressed.
    """
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        with pdf.open_outline() as outline:
            entries = list(walk(outline.root))
            if len(entries) != len(titles):
                raise RuntimeError(f"{len(titles)} headings, {len(entries)} entries of the outline")
            for entry, title in zip(entries, titles, strict=True):
                entry.title = title
        pdf.docinfo["/Title"] = "Quantum machine learning, measured"
        pdf.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def walk(items: list[pikepdf.OutlineItem]) -> Iterator[pikepdf.OutlineItem]:
    for item in items:
        yield item
        yield from walk(item.children)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "target", nargs="?", default=ROOT / "_build" / "html" / "qmlcourse.pdf", type=Path
    )
    target = parser.parse_args().target
    write(build(), target)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
