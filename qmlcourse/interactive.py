"""Interactive figures of the website: a chapter hands its own numbers to a script of the page.

The script draws them in the reader's browser, with no kernel and no server. A notebook shows
the still figure of the same cell instead, and so does a page without scripts.
"""

import html
import json
import math
import numbers
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from . import _checks

__all__ = ["figure"]

NOTE = "On the course's website, this figure is interactive."


def figure(name: str, data: Any = None, *, alt: str, digits: int = 4) -> None:
    """Show the numbers behind an interactive figure, for ``book/_static/figures/NAME.js``.

    Call it at the end of the cell that draws the still figure: where scripts run, the
    interactive one takes its place.

    Parameters
    ----------
    name : str
        Name of the script, lower-case letters, digits and hyphens.
    data : mapping, list, array, DataFrame or number, optional
        What the script gets, as JSON. A DataFrame becomes a list of values per column; a NaN,
        an infinity, a masked and a missing entry become null.
    alt : str
        What the figure shows, for readers who don't see it.
    digits : int
        Significant digits that are kept of every float, 1 to 15. The page is compared with what
        the code prints, so keep those that another machine gives as well.

    Raises
    ------
    ValueError
        If the name, the text or the digits are not as above.
    TypeError
        If the data hold something that has no form in JSON.

    Notes
    -----
    Used in every chapter with an interactive figure, *Circuits* first.

    Examples
    --------
    >>> figure("variance", {"qubits": {2, 3}}, alt="Variance against qubits.")
    Traceback (most recent call last):
    ...
    TypeError: data must hold numbers, texts, lists and mappings; got a set.
    """
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name must be of lower-case letters, digits and hyphens; got {name!r}.")
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a text; got {alt!r}.")
    if not alt.strip():
        raise ValueError("alt must say what the figure shows; got an empty text.")
    digits = _checks.integer(digits, "digits", low=1, high=15)
    text = json.dumps(_plain(data, digits), separators=(",", ":"), allow_nan=False)
    # A "<" could end the script element that holds the data.
    text = text.replace("<", "\\u003c")
    div = (
        f'<div class="qml-figure" data-figure="{name}" data-alt="{html.escape(alt)}">'
        f'<script type="application/json">{text}</script>'
        f'<p class="qml-figure-note">{NOTE}</p></div>'
    )
    from IPython.display import display

    display({"text/plain": f"Interactive figure: {alt} {NOTE}", "text/html": div}, raw=True)  # type: ignore[no-untyped-call]


def _plain(value: Any, digits: int) -> Any:
    """Return a value as JSON has it, its floats rounded."""
    if value is pd.NA or value is np.ma.masked:
        return None
    if value is None or isinstance(value, (str, bool, np.bool_)):
        return bool(value) if isinstance(value, np.bool_) else value
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, (numbers.Real, Decimal)):
        try:
            rounded = float(f"{float(value):.{digits}g}") + 0.0
        except (OverflowError, ValueError):  # a fraction too large, a NaN that may not be touched
            return None
        return rounded if math.isfinite(rounded) else None
    if isinstance(value, (pd.DataFrame, Mapping)):
        names = [str(name) for name in value]
        if len(set(names)) < len(names):
            raise ValueError(f"data must have different names in a mapping or table; got {names}.")
        return {str(name): _plain(v, digits) for name, v in value.items()}
    if isinstance(value, (np.ndarray, pd.Series, pd.Index)):
        return _plain(value.tolist(), digits)
    if hasattr(value, "__array__"):  # of another framework
        return _plain(np.asarray(value), digits)
    if isinstance(value, (list, tuple, range)):
        return [_plain(v, digits) for v in value]
    raise TypeError(
        f"data must hold numbers, texts, lists and mappings; got a {type(value).__name__}."
    )
