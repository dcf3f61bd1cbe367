"""What is not installed is named with the extra that brings it."""

import sys
import types

import pytest

from qmlcourse import _extras


class Kept:
    """A finder before all others that keeps one module away, in one of the ways there are."""

    def __init__(self, name, error):
        self.name, self.error = name, error

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            raise self.error


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a writer of modules that can be imported."""
    monkeypatch.syspath_prepend(tmp_path)

    def write(name, source):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(source)

    return write


def refused(*modules):
    with pytest.raises(ImportError) as raised:
        _extras.needs("to_fly", *modules, extra="wings")
    assert str(raised.value).count("\n") == 0
    assert str(raised.value).endswith(
        "in the course's folder, run python -m pip install '.[wings]'."
    )
    return str(raised.value)


def test_a_module_that_is_there_is_imported(package):
    package("feather_of_a_test", "")
    assert _extras.absent("numpy", "feather_of_a_test", "wax_of_a_test") == ["wax_of_a_test"]
    assert "feather_of_a_test" not in sys.modules
    _extras.needs("to_fly", "feather_of_a_test", extra="wings")
    assert sys.modules.pop("feather_of_a_test")


@pytest.mark.parametrize(
    "error", [ModuleNotFoundError("kept"), ImportError("kept"), ValueError("kept"), None]
)
def test_one_that_is_kept_away_is_absent(error, package, monkeypatch):
    if error is None:
        monkeypatch.setitem(sys.modules, "feather_of_a_test", None)
    else:
        package("feather_of_a_test", "")
        monkeypatch.setattr(sys, "meta_path", [Kept("feather_of_a_test", error), *sys.meta_path])
    assert _extras.absent("feather_of_a_test") == ["feather_of_a_test"]
    if not isinstance(error, ValueError):
        assert "to_fly needs feather_of_a_test" in refused("feather_of_a_test")


def test_one_without_a_spec_is_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "feather_of_a_test", types.ModuleType("feather_of_a_test"))
    sys.modules["feather_of_a_test"].__spec__ = None
    assert _extras.absent("feather_of_a_test") == []


def test_what_a_module_itself_lacks_is_named(package):
    package("feather_of_a_test", "import wax_of_a_test")
    assert "to_fly needs wax_of_a_test of the extra 'wings'" in refused(
        "numpy", "feather_of_a_test"
    )


def test_one_that_is_broken_says_so(package):
    package("feather_of_a_test", "raise ImportError('libwing.so.1: no such file')")
    said = refused("feather_of_a_test")
    assert "is installed and cannot be imported (libwing.so.1: no such file)" in said
