"""The numbers that a notebook shows: where data differ by student, two notebooks share few."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .submission import cell_source, cell_tags

# With two significant digits and two behind the point: fewer are shared by chance.
_NUMBER = re.compile(r"(?<![\w.])(?:0\.\d*[1-9]\d+|[1-9]\d*\.\d{2,})(?!\w)")
# So many are needed before a share says anything.
ENOUGH = 10


class Shown(NamedTuple):
    """The numbers, as they are written, that the experiments put out and that a report holds."""

    experiments: frozenset[str]
    report: frozenset[str]


NOTHING = Shown(frozenset(), frozenset())


def shown_numbers(notebook: Mapping[str, Any]) -> Shown:
    """Return the numbers that a notebook shows."""
    found: dict[str, set[str]] = {"experiment": set(), "report": set()}
    for cell in notebook["cells"]:
        for tag in found.keys() & set(cell_tags(cell)):
            texts = [*_outputs(cell)]
            if cell.get("cell_type") == "markdown":
                texts.append(cell_source(cell))
            found[tag] |= {n for t in texts for n in _NUMBER.findall(t) if float(n) % 1}
    return Shown(frozenset(found["experiment"]), frozenset(found["report"]))


def shared(first: Shown, second: Shown) -> float:
    """Return which share of the numbers of one stands in the other; NaN where there are few.

    The larger of two shares: of all numbers, and of those in a report that its own experiments
    don't show, as where a report was taken over and the experiments were not.
    """
    one, two = (shown.experiments | shown.report for shown in (first, second))
    fewer, more = sorted((one, two), key=len)
    pairs = [
        (fewer, more),
        (first.report - first.experiments, two),
        (second.report - second.experiments, one),
    ]
    shares = [len(some & others) / len(some) for some, others in pairs if len(some) >= ENOUGH]
    return max(shares, default=float("nan"))


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
