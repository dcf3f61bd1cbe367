"""The built site, served here and opened in Chromium. Run by `nox -s site` only."""

import functools
import gzip
import http.server
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from built import FOLDER, HTML, MEASURED, PAGES
from figure import Figure
from playwright.sync_api import Browser, Page, sync_playwright

WIDE = {"width": 1440, "height": 900}
DRAWN = "() => window.MathJax?.startup?.promise?.then(() => true) ?? true"


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves text compressed, as the hosts of static sites do."""

    def log_message(self, *arguments: object) -> None:
        pass

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(FOLDER))

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        found = path.is_file() and self.path.startswith(FOLDER)
        # What is not found is answered as the host does.
        path = path if found else HTML / "404.html"
        body = _compressed(path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    """Says nothing of a browser that left before it had all."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


COMPRESSED = (".html", ".js", ".css", ".svg", ".json", ".xml", ".txt")


@functools.cache
def _compressed(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.compress(content, 6) if path.suffix in COMPRESSED else content


@pytest.fixture(scope="session")
def base() -> Iterator[str]:
    """The address of the site."""
    if not PAGES:
        pytest.fail("There is no site in _build/html: run nox -s book first.")
    handler = functools.partial(Handler, directory=str(HTML))
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{FOLDER}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Debian's where there is one; else the one that `playwright install chromium` brings.
        path = shutil.which("chromium")
        # In a container Chromium has no sandbox of its own; it opens nothing but this site.
        with playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as browser:
            yield browser


def _page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=WIDE) as context:
        yield context.new_page()


wide = contextmanager(_page)
page = pytest.fixture(_page)
# One for all tests of a module: loading a page takes longer than most of them.
tab = pytest.fixture(_page, scope="module")


@pytest.fixture
def figure(opened: Figure) -> Iterator[Figure]:
    """The figure that the module opened, all its controls as they were at first."""
    opened.reset()
    yield opened
    assert opened.errors == []


def pytest_terminal_summary(terminalreporter) -> None:
    """Print what each page took, the heaviest first."""
    rows = {}
    for path in MEASURED.glob("*.json"):
        row = json.loads(path.read_text())
        rows.setdefault(row["page"], {}).update(row)
    if not rows:
        return
    terminalreporter.section("pages, heaviest first")
    line = "{:50} {:>8} {:>9} {:>9} {:>8} {:>5} {:>7}".format
    heads = ("requests", "kB", "figure kB", "ready ms", "axe", "console")
    terminalreporter.write_line(line("page", *heads))
    for row in sorted(rows.values(), key=lambda r: -r.get("bytes", 0)):
        terminalreporter.write_line(
            line(
                row["page"], row.get("requests", "-"), f"{row.get('bytes', 0) / 1e3:.0f}",
                f"{row.get('figure_bytes', 0) / 1e3:.0f}", f"{row.get('ready_ms', 0):.0f}",
                row.get("axe", "-"), row.get("console", "-"),
            )
        )  # fmt: skip
    size = sum(p.stat().st_size for p in HTML.rglob("*") if p.is_file())
    terminalreporter.write_line(f"the whole site: {size / 1e6:.1f} MB, {len(PAGES)} pages")
