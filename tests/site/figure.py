"""One interactive figure of the built site, opened in the browser."""

import json
import re

import numpy as np
from playwright.sync_api import Locator, Page

START = "root => [...root.querySelectorAll('input, select')].map(c => [c.value, c.checked])"
RESET = """(root, start) => [...root.querySelectorAll('input, select')].forEach((c, i) => {
    const [value, checked] = start[i];
    if (c.value === value && c.checked === checked) return;
    [c.value, c.checked] = [value, checked];
    c.dispatchEvent(new Event(c.type === 'range' ? 'input' : 'change'));
})"""
# Waits until what was asked for has been drawn: at most one drawing a frame.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def without_equations(page: Page) -> None:
    """Load no MathJax: it takes most of the loading time, and has no part in what is tested."""
    page.route(re.compile("mathjax", re.I), lambda route: route.abort())


def ready(page: Page, name: str) -> Locator:
    """Scroll to a figure of the page, and return it when it is drawn."""
    root = page.locator(f"[data-figure={name}]")
    root.scroll_into_view_if_needed()
    page.wait_for_selector(f"[data-figure={name}][data-state=ready]")
    return root


def number(text: str) -> float:
    """Read a number as the figures write it, with a dash where there is none."""
    text = text.strip("\N{ZERO WIDTH SPACE}").replace("\N{MINUS SIGN}", "-")
    return float(text.replace("\N{EN DASH}", "nan"))


def amplitudes(rows: list[list[str]]) -> np.ndarray:
    """Read the state in a table of amplitudes."""
    return np.array([number(re) + 1j * number(im) for _, re, im, *_ in rows])


class Figure:
    """A figure on its page, its numbers unfolded. What sets or reads it waits for the drawing."""

    name: str
    chapter: str  # its path below book/, without the ending

    def __init__(self, page: Page, base: str):
        self.page, self.errors = page, []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        without_equations(page)
        page.goto(f"{base}book/{self.chapter}.html", wait_until="domcontentloaded")
        self.root = ready(page, self.name)
        self.data = json.loads(self.root.locator("script").text_content())
        self.scripts = base + "_static/figures/"
        self.root.locator("summary").click()
        self.root.locator("table").first.wait_for()
        self.start = self.root.evaluate(START)

    def js(self, call: str, argument=None):
        """Give the value of an expression of m, the figure's script, load() of others, and a."""
        code = f"""async ([scripts, a]) => {{
            const load = (name) => import(`${{scripts}}${{name}}.js`);
            const m = await load("{self.name}");
            return {call};
        }}"""
        return self.page.evaluate(code, [self.scripts, argument])

    def settle(self) -> None:
        """Wait until what was asked for has been drawn."""
        self.page.evaluate(DRAWN)

    def reset(self) -> None:
        """Put all controls back to where they were at first."""
        self.page.mouse.move(0, 0)
        self.root.evaluate(RESET, self.start)
        self.settle()

    def control(self, label: str) -> Locator:
        fields = self.root.locator("input, select")
        return self.root.get_by_label(label, exact=True).and_(fields)

    def put(self, controls: dict[str, bool | str | float]) -> None:
        """Set controls by their labels: a tick, a text or a place to choose, a slider's value."""
        for label, value in controls.items():
            control = self.control(label)
            if isinstance(value, bool):
                control.set_checked(value)
            elif isinstance(value, str):
                control.select_option(label=value)
            elif control.evaluate("c => c.tagName") == "SELECT":
                control.select_option(index=value)
            else:
                control.fill(f"{value:g}")
        self.settle()

    def slide(self, label: str, index: int) -> None:
        """Move a slider to a step by keys, from its left end."""
        control = self.control(label)
        control.press("Home")
        for _ in range(index):
            control.press("ArrowRight")
        self.settle()

    def key(self, label: str, key: str) -> None:
        self.control(label).press(key)
        self.settle()

    def button(self, name: str) -> Locator:
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button by its key."""
        self.button(name).press("Enter")
        self.settle()

    @property
    def said(self) -> str:
        self.settle()
        return self.root.locator("output").inner_text()

    def found(self, pattern: str) -> list[float]:
        """Read the numbers that a pattern finds in the sentence."""
        said = self.said
        match = re.search(pattern, said)
        assert match, said
        return [number(group) for group in match.groups()]

    def rows(self, table: int | None = None) -> list[list[str]]:
        """Read the cells of all tables, or of one by its place."""
        self.settle()
        tables = self.root.locator("table")
        tables = tables if table is None else tables.nth(table)
        return tables.locator("tbody tr").evaluate_all(
            "rows => rows.map(r => [...r.cells].map(c => c.innerText))"
        )

    def table(self) -> dict[str, list[float]]:
        """Read the numbers of the table by the names of their rows."""
        return {name: [number(value) for value in values] for name, *values in self.rows()}

    def assert_inside(self, parts: str) -> None:
        """Check that no part reaches over the figure's left or right edge."""
        outer = self.root.bounding_box()
        for part in self.root.locator(parts).all():
            box = part.bounding_box()
            assert box["x"] >= outer["x"]
            assert box["x"] + box["width"] <= outer["x"] + outer["width"]

    def assert_agrees(self, cases: str) -> None:
        """Check what the figure says of its states against the chapter's."""
        text = self.root.locator(".qml-check", has_text="difference").inner_text()
        assert cases in text
        assert number(re.search(r"difference of an amplitude ([\d.e−]+)\.", text)[1]) < 1e-8


def places(marks: Locator) -> np.ndarray:
    """Where a plot has its marks: x and y of each."""
    moved = "m => m.map(p => p.getAttribute('transform').match(/\\(([^,]+),([^)]+)\\)/).slice(1))"
    return np.array(marks.evaluate_all(moved), dtype=float)


def scale(drawn: np.ndarray, values: np.ndarray) -> float:
    """Return the pixels a unit of a straight axis, and fail where a mark stands off it."""
    slope, start = np.polyfit(values, drawn, 1)
    np.testing.assert_allclose(start + slope * np.asarray(values), drawn, atol=0.6)
    return slope
