"""What the wheel takes from the book: the claims, and the exercises without their solutions."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Book(BuildHookInterface):
    """Add files of `book/` to the wheel; every folder with a `checks.py` is an exercise."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout reads them where they are
            return
        book = Path(self.root, "book")
        files = build_data["force_include"]
        files[str(book / "claims.toml")] = "qmlcourse/claims.toml"
        for checks in sorted(book.glob("portfolio/*/checks.py")):
            name = checks.parent.name
            # What a learner and a grader need; the solutions stay on the site.
            for file in ("checks.py", "rubric.md", f"{name}.ipynb"):
                files[str(checks.parent / file)] = f"qmlcourse/portfolio/{name}/{file}"
