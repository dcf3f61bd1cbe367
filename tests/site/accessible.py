"""What axe finds on a page, by WCAG 2.2 AA and what it builds on."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What hangs on the colours hangs on the theme; all else is judged in the light one.
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
THEMES = {"light": RULES, "dark": COLOURS}
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async ([part, rules]) => {
    const found = await axe.run(part ?? document, {runOnly: rules, resultTypes: ["violations"]});
    return found.violations;
}"""


def dressed(page: Page, theme: str) -> None:
    """Put the page into the light or the dark theme, without movements."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.wait_for_function("t => document.documentElement.dataset.theme === t", arg=theme)


def violations(page: Page, rules: list[str] | dict, part: str | None = None) -> dict:
    """Return the elements that break each broken rule, in a part of the page or all of it."""
    if not page.evaluate("!!window.axe"):
        page.evaluate(AXE)
    found = page.evaluate(RUN, [part, rules])
    return {v["id"]: [node["html"][:200] for node in v["nodes"]] for v in found}
