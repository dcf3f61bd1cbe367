"""The numbers that a notebook shows: where data differ by student, two notebooks share few."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .submission import cell_source, cell_tags

# With two significant digits and two behind the point: fewer are shared by chance.
_NUMBER = re.compile(r"(?<![\w.])(?:0\.\d*[1-9]\d+|[1-9]\d*\.\d{2,})(?!\w)")
# So many are needed before a share says anything.
ENOUGH = 10


def shown_numbers(notebook: Mapping[str, Any]) -> set[str]:
    """Return the numbers in a report and in what the experiments put out, as they are written."""
    found: set[str] = set()
    for cell in notebook["cells"]:
        tags = cell_tags(cell)
        if not {"experiment", "report"} & set(tags):
            continue
        texts = list(_outputs(cell))
        if cell.get("cell_type") == "markdown":
            texts.append(cell_source(cell))
        for text in texts:
            found |= {number for number in _NUMBER.findall(text) if float(number) % 1}
    return found


def shared(first: set[str], second: set[str]) -> float:
    """Return which share of the fewer numbers stands among the others; NaN where they are few."""
    fewer = min(len(first), len(second))
    return len(first & second) / fewer if fewer >= ENOUGH else float("nan")


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts that a cell put out: of several kinds of one, the first."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, Mapping):
            continue
        data = output.get("data")
        kinds = data if isinstance(data, Mapping) else {"text/plain": output.get("text")}
        for kind in ("text/markdown", "text/plain"):
            if text := _text(kinds.get(kind)):
                yield text
                break


def _text(value: Any) -> str:
    parts: Iterable[Any] = value if isinstance(value, list) else [value]
    return "".join(part for part in parts if isinstance(part, str))
