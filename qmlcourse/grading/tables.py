"""Tables as teachers have them: CSV that spreadsheets wrote, and what gradebooks import."""

from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from .submission import Unreadable, read_bytes

# Cells that a spreadsheet would compute begin so; ours have an apostrophe before them.
COMPUTED = ("=", "+", "-", "@", "\t", "\r")


def moodle(table: pd.DataFrame, title: str) -> pd.DataFrame:
    """Return what Moodle's grade import takes: map the first column to the same field there."""
    columns = {"id": "ID number", "email": "Email address", "name": "Full name"}
    kept = {new: table[old] for old, new in columns.items() if old in table}
    return pd.DataFrame(kept | {title: table["total"]})


def canvas(table: pd.DataFrame, title: str) -> pd.DataFrame:
    """Return what the gradebook of Canvas imports, with its row of possible points.

    Columns of the roster that Canvas itself exports (`ID`, `SIS User ID`, `SIS Login ID`,
    `Section`) are kept; without them the roster's `id` is the SIS user's.
    """
    made = pd.DataFrame({"Student": table["name"] if "name" in table else table["submission"]})
    for column in ("ID", "SIS User ID", "SIS Login ID", "Section"):
        made[column] = table.get(column, "")
    if "SIS User ID" not in table and "id" in table:
        made["SIS User ID"] = table["id"]
    made[title] = table["total"]
    first = dict.fromkeys(made, "") | {
        "Student": "    Points Possible",
        title: table["out_of"].max(),
    }
    return pd.concat([pd.DataFrame([first]), made.astype(object)], ignore_index=True)


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV; a text that a spreadsheet would compute is made harmless."""

    def harmless(cell: Any) -> Any:
        if isinstance(cell, float) and cell.is_integer():
            return int(cell)
        return f"'{cell}" if isinstance(cell, str) and cell.startswith(COMPUTED) else cell

    safe = table.astype(object).map(harmless)
    safe.columns = [harmless(str(column)) for column in table.columns]
    return safe.to_csv(index=False, lineterminator="\n", float_format="%.6g")


def read_table(path: Path | str, needed: tuple[str, ...]) -> pd.DataFrame:
    """Return a CSV file as text, whatever spreadsheet saved it (comma or semicolon, UTF-8).

    Raises
    ------
    ValueError
        Where it can't be read, or lacks a column.
    """
    path = Path(path)
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except Unreadable as error:
        raise ValueError(str(error)) from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not text in UTF-8: save it as 'CSV UTF-8'") from None
    header = text.partition("\n")[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    try:
        table = pd.read_csv(
            StringIO(text), sep=separator, dtype=str, keep_default_na=False, skipinitialspace=True
        )
    except (ValueError, pd.errors.ParserError) as error:
        raise ValueError(f"{path.name} is no table of comma-separated values: {error}") from None
    table.columns = [str(column).strip() for column in table.columns]
    missing = [column for column in needed if column not in table]
    if missing:
        raise ValueError(
            f"{path.name} has no column {missing[0]!r}; it has: {', '.join(table.columns)}"
        )
    return table
