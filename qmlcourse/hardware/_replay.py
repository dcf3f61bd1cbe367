"""Records in files: written as a whole, read in any schema and checked."""

import json
import os
from collections.abc import Iterable
from typing import Any

from .. import _files
from ._record_checks import from_dict
from ._record_schema_1 import from_schema_1
from ._records import Record, checked_path


def replay(path: str | bytes | os.PathLike[Any]) -> Any:
    """Read a file of records, and check that nothing in it was lost or changed.

    The digests show damage and hasty edits. They are no signature: who rewrites all of them
    can write any record.

    Parameters
    ----------
    path : path
        What :meth:`Record.save` or :func:`save` wrote, or a record of the older schema 1.

    Returns
    -------
    Record, or a list of them if a list was saved

    Raises
    ------
    ValueError
        In one sentence, naming the field that is damaged, missing or changed.
    OSError
        If the file can't be read.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml, tempfile
    >>> from qmlcourse.hardware import run
    >>> flip = qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0])])
    >>> record = run(flip, "shots", 10, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record.save(f"{folder}/flip.json")
    ...     replay(f"{folder}/flip.json") == record
    True
    """
    file = checked_path(path)
    text = file.read_bytes()
    try:
        data = json.loads(text.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_nan)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is no complete JSON file: {error}.") from None
    return [from_dict(item) for item in data] if isinstance(data, list) else from_any(data)


def save(records: Record | Iterable[Record], path: str | bytes | os.PathLike[Any]) -> None:
    """Write one record or several to a file, all of them or nothing.

    Parameters
    ----------
    records : Record, or sequence of them
        What :func:`run` returned.
    path : path
        For :func:`replay`, which returns what was saved, or for the backend ``record/<file>``.

    Raises
    ------
    TypeError, ValueError
        If ``records`` is something else, or empty.

    Notes
    -----
    Used in the chapter *Hardware project*.

    Examples
    --------
    >>> import pennylane as qml, tempfile
    >>> from qmlcourse.hardware import run
    >>> flip = qml.tape.QuantumScript([qml.X(0)], [qml.probs(wires=[0])])
    >>> records = run([flip, flip], "shots", 10, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(records, f"{folder}/flips.json")
    ...     replay(f"{folder}/flips.json") == records
    True
    """
    if isinstance(records, Record):
        records.save(path)
        return
    items = list(records) if isinstance(records, Iterable) else [records]
    if not all(isinstance(item, Record) for item in items):
        raise TypeError(f"records must be a Record or a list of them; got {records!r:.80}.")
    if not items:
        raise ValueError("records must hold a record at least; got an empty list.")
    file = checked_path(path)
    content = [item.to_dict() for item in items]
    _files.write(file, json.dumps(content, indent=1, allow_nan=False) + "\n")


def from_any(data: Any) -> Record | list[Record]:
    """Return the record of this schema, or those that a record of schema 1 held."""
    if isinstance(data, dict) and "schema" not in data and "is_hardware" in data:
        return from_schema_1(data)
    return from_dict(data)


def _no_nan(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"the field {max(names, key=names.count)!r} stands there twice")
    return dict(pairs)
