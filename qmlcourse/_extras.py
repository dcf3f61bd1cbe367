"""Packages that not every installation holds: which extra brings one, said in a sentence."""

import importlib
import importlib.util
import sys


def advice(extra: str) -> str:
    """Return how to install an extra: the course is on no index, so from its folder.

    Examples
    --------
    >>> advice("jax")
    "in the course's folder, run python -m pip install '.[jax]'"
    """
    return f"in the course's folder, run python -m pip install '.[{extra}]'"


def absent(*modules: str) -> list[str]:
    """Return which of these top-level modules aren't installed; none is imported.

    Examples
    --------
    >>> absent("numpy", "no_such_module")
    ['no_such_module']
    """
    return [name for name in modules if not _found(name)]


def _found(name: str) -> bool:
    if sys.modules.get(name) is not None:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):  # what a finder may say of a module that is kept away
        return False


def needs(what: str, *modules: str, extra: str) -> None:
    """Import modules; raise ImportError in one sentence where one of an extra is missing.

    Parameters
    ----------
    what : str
        Who needs them, such as ``"VariationalClassifier"``.
    *modules : str
        As ``import`` names them.
    extra : str
        Which extra of the package brings them.

    Raises
    ------
    ImportError
        ModuleNotFoundError where one isn't installed.

    Examples
    --------
    >>> needs("to_fly", "antigravity_engine", extra="flight")
    Traceback (most recent call last):
    ...
    ModuleNotFoundError: to_fly needs antigravity_engine of the extra 'flight': in the course's folder, run python -m pip install '.[flight]'.
    """  # noqa: E501
    for name in modules:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            # What is missing may be something that the module needs in its turn.
            raise ModuleNotFoundError(
                f"{what} needs {error.name or name} of the extra {extra!r}: {advice(extra)}.",
                name=error.name or name,
            ) from error
        except ImportError as error:
            raise ImportError(
                f"{what} needs {name}, which is installed and cannot be imported ({error}): "
                f"{advice(extra)}.",
                name=name,
            ) from error
