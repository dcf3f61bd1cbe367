"""How far a long run is and how long the rest may take, on a terminal."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


def progress(total: int, unit: str, *, done: int = 0, show: bool | None = None) -> "tqdm[Any]":
    """Return a display that is a context: ``update()`` it for each of ``total`` that is done.

    It is one line on stderr, by default only where that is a terminal, and gone at the end.
    """
    # Late, for most who import the package don't need it.
    from tqdm import tqdm

    return tqdm(
        total=total,
        initial=done,
        unit=unit,
        bar_format="{n_fmt} of {total_fmt} {unit} |{bar}| {remaining} left",
        disable=None if show is None else not show,
        dynamic_ncols=True,
        leave=False,
        miniters=1,
        smoothing=0,  # the mean of all: one cell or submission says little of the next
    )
