"""Write book/data/advantage.json from advantage.yml: who installs the package alone has no YAML.

With --check, say whether the file is the one that the tool would write.
"""

import argparse
import json
from pathlib import Path

import yaml

from qmlcourse import _files

DATA = Path(__file__).parents[1] / "data"


def text(source: Path = DATA / "advantage.yml") -> str:
    """Return the ledger as JSON, a line for each claim and for each source."""
    ledger = yaml.safe_load(source.read_text(encoding="utf-8"))
    claims = [json.dumps(row, ensure_ascii=False, default=str) for row in ledger["claims"]]
    sources = [
        f"{json.dumps(key)}: {json.dumps(shown, ensure_ascii=False)}"
        for key, shown in ledger["sources"].items()
    ]
    rows, links = ",\n".join(claims), ",\n".join(sources)
    return f'{{"claims": [\n{rows}\n], "sources": {{\n{links}\n}}}}\n'


def main(argv: list[str] | None = None) -> int:
    """Write the file, or compare it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if it differs")
    path = DATA / "advantage.json"
    if parser.parse_args(argv).check:
        same = path.exists() and path.read_text(encoding="utf-8") == text()
        print("as it should be" if same else f"{path.name} is old: run book/tools/ledger.py")
        return int(not same)
    _files.write(path, text())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
