"""Reading the pages that the grader writes: their tags and text, and that they load nothing."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    VOID = frozenset({"meta", "img", "br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text, self.style, self.open = "", "", []
        self.feed(html)
        assert not self.open, "a tag is never closed"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ["style"]:
            self.style += data
        else:
            self.text += data

    def all(self, attribute: str) -> list[str]:
        return [found[attribute] for _, found in self.tags if attribute in found]


def check_that_nothing_is_loaded(page: Page) -> None:
    """Fail where a page could run or fetch anything."""
    policy = [found["content"] for _, found in page.tags if "http-equiv" in found]
    assert len(policy) == 1 and policy[0].startswith("default-src 'none'; style-src ")
    assert "script-src" not in policy[0] and "http" not in policy[0]
    refused = {"script", "link", "iframe", "object", "embed", "form", "base", "svg", "video"}
    assert not refused & {tag for tag, _ in page.tags}
    kinds = ("png", "jpeg", "svg+xml")  # as images, drawings run nothing either
    starts = tuple(f"data:image/{kind};base64," for kind in kinds)
    assert all(source.startswith(starts) for source in page.all("src"))
    assert {name for _, found in page.tags for name in found} <= {
        "lang", "charset", "name", "content", "http-equiv", "class", "tabindex", "role",
        "aria-label", "scope", "src", "alt", "href", "start", "display", "stretchy",
    }  # fmt: skip
    assert page.style and "url(" not in page.style and "@" not in page.style.replace("@media", "")
