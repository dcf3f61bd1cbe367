"""Files written whole or not at all, and locks: with kills, full disks and odd names."""

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from qmlcourse import _files
from qmlcourse._files import NoLock, locked, write


def run(code, *arguments, **options):
    """Run code in a process of its own, which may not live long."""
    code = f"import os, signal, sys\nfrom qmlcourse import _files\n{code}"
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], **options)


@pytest.fixture
def read_only():
    """Return a folder with one file that this process may read and not change, even as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.json").write_text("old")
        folder.chmod(0o555)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


@pytest.fixture
def umask():
    before = os.umask(0o027)
    yield
    os.umask(before)


# Paths


@pytest.mark.parametrize("kind", [str, os.fsencode, Path])
@pytest.mark.parametrize(
    ("given", "absolute"),
    [
        (".", "here"),
        ("./", "here"),
        ("a.json", "here/a.json"),
        ("folder/a.json", "here/folder/a.json"),
        ("../a.json", "here/../a.json"),
        ("~", "home"),
        ("~/a.json", "home/a.json"),
        ("~nosuch-user", "here/~nosuch-user"),  # a folder, see below
        ("folder/~nosuch-user", "here/folder/~nosuch-user"),
        ("a\udcff", "here/a\udcff"),
    ],
)
def test_a_path_is_absolute_and_may_start_at_home(given, absolute, kind, tmp_path, monkeypatch):
    (tmp_path / "here" / "~nosuch-user").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found = _files.path(kind(given))
    monkeypatch.chdir("/")  # what was found stays
    assert isinstance(found, Path) and found == tmp_path / absolute
    assert _files.path(found) == found


@pytest.mark.parametrize(
    ("bad", "error", "more"),
    [
        (3, TypeError, ""),
        (None, TypeError, ""),
        (["a"], TypeError, ""),
        ("", ValueError, ""),
        (b"", ValueError, ""),
        ("a\0b", ValueError, ""),
        (b"\0", ValueError, ""),
        ("~nosuch-user", ValueError, ", and there is no user 'nosuch-user' "),
        ("~nosuch-user/a", ValueError, ", and there is no user 'nosuch-user' "),
    ],
)
def test_what_is_no_path_is_named(bad, error, more, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for names, words in [((), "path must be a path"), (("store", "a folder"), "store must be a f")]:
        with pytest.raises(error) as raised:
            _files.path(bad, *names)
        said = str(raised.value)
        assert said.startswith(words) and f"; got {bad!r}{more or '.'}" in said


# Writing


def test_content_is_written_as_it_is(tmp_path):
    path = tmp_path / "a.txt"
    for content, data in [
        ("é\n\r\n", b"\xc3\xa9\n\r\n"),
        ("", b""),
        (b"\x00\n\xff", b"\x00\n\xff"),
    ]:
        write(path, content)
        assert path.read_bytes() == data
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    with pytest.raises(UnicodeEncodeError):
        write(path, "\udcff")
    assert path.read_bytes() == b"\x00\n\xff" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_before_the_end_leaves_the_old_file(moment, tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    kill = f"os.{moment} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    killed = run(f"{kill}\n_files.write(sys.argv[1], 'new' * 10**5)", path)
    assert killed.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    # The dead can't tidy up; nobody takes what is left for a file of this kind.
    assert [p.suffix for p in tmp_path.iterdir() if p != path] == [".part"]
    write(path, "newer")
    assert path.read_text() == "newer"


@pytest.mark.parametrize("moment", ["fsync", "replace"])
@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_fault_leaves_the_old_file_and_no_draft(moment, fault, tmp_path, monkeypatch):
    def fail(*_):
        raise fault

    path = tmp_path / "a.json"
    path.write_text("old")
    monkeypatch.setattr(_files.os, moment, fail)
    with pytest.raises(type(fault)) as raised:
        write(path, "new")
    assert isinstance(fault, KeyboardInterrupt) or raised.value.filename == str(path)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_disk_that_takes_only_a_part_is_named(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("old")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    done = run(f"{limit}\n_files.write(sys.argv[1], b'1' * 10**6)", path, capture_output=True)
    assert done.stderr.decode().endswith(f"OSError: [Errno 27] File too large: '{path}'\n")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_writers_side_by_side_never_mix(tmp_path):
    path, size, stop = tmp_path / "a.json", 2**20, threading.Event()
    write(path, "a" * size)

    def repeat(letter):
        while not stop.is_set():
            write(path, letter * size)

    writers = [threading.Thread(target=repeat, args=letter) for letter in "ab"]
    for writer in writers:
        writer.start()
    try:
        seen = [path.read_text() for _ in range(100)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert set(seen) <= {"a" * size, "b" * size}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_takes_no_file_is_named(read_only):
    for path in (read_only / "a.json", read_only / "new.json"):
        with pytest.raises(PermissionError) as raised:
            write(path, "new")
        assert raised.value.filename == str(path)
    assert (read_only / "a.json").read_text() == "old"
    assert [p.name for p in read_only.iterdir()] == ["a.json"]


def test_what_can_hold_no_file_is_named(tmp_path):
    for path, error in [
        (tmp_path / "gone" / "a.json", FileNotFoundError),
        (tmp_path, IsADirectoryError),
        (Path(__file__) / "a.json", NotADirectoryError),
        (tmp_path / ("x" * 256), OSError),
    ]:
        with pytest.raises(error) as raised:
            write(path, "new")
        assert raised.value.filename == str(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["x" * 255, "é" * 127, "𝒵" * 63, " a b ", "~", "a\nb", "\udcff", ".hidden", "-"]
)
def test_any_name_that_a_file_may_have_will_do(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(name, "one")
    write(name, "two")
    assert (tmp_path / name).read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_link_stays_and_its_file_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "folder").symlink_to("real")
    for name in ("here", "not yet"):
        (tmp_path / name).symlink_to(tmp_path / "folder" / name)
    (tmp_path / "real" / "here").write_text("old")
    for name in ("here", "not yet"):
        write(tmp_path / name, "new")
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / "real" / name).read_text() == "new"
    assert sorted(p.name for p in (tmp_path / "real").iterdir()) == ["here", "not yet"]


def test_permissions_stay_and_new_ones_follow_the_umask(tmp_path, monkeypatch, umask):
    def permissions(path):
        return stat.S_IMODE(path.stat().st_mode)

    drafts, replace = [], os.replace
    monkeypatch.setattr(
        _files.os, "replace", lambda a, b: (drafts.append(permissions(a)), replace(a, b))
    )
    write(tmp_path / "new", "1")
    write(tmp_path / "private", "1", mode=0o600)
    assert permissions(tmp_path / "new") == 0o640
    for before in (0o600, 0o444, 0o666, 0o755):
        path = tmp_path / f"{before}"
        path.touch()
        path.chmod(before)
        write(path, "1", mode=0o600)
        assert permissions(path) == before
    # Nor can others look into the draft of a file that they can't read.
    assert drafts == [0o640, 0o600, 0o600, 0o444, 0o666, 0o755]


def test_a_device_or_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write(pipe, "text")
    reader.join(timeout=10)
    assert got == ["text"] and stat.S_ISFIFO(pipe.stat().st_mode)
    done = run("_files.write('/dev/stdout', 'text')", capture_output=True)
    assert (done.stdout, done.stderr) == (b"text", b"")


# Locks

HOLD = "with _files.locked(sys.argv[1]): print('held', flush=True); signal.pause()"


@pytest.mark.parametrize("name", ["a.json", "a folder"])
def test_a_lock_ends_with_its_process_however_that_ends(name, tmp_path):
    path = tmp_path / name
    path.mkdir() if name == "a folder" else path.touch()
    code = f"import signal, sys\nfrom qmlcourse import _files\n{HOLD}"
    holder = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"held\n"
        said = f"Another process is working on {str(path)!r}: wait for it or stop it."
        with pytest.raises(NoLock) as raised, locked(path):
            pass
        assert str(raised.value) == said
    finally:
        holder.kill()
        holder.communicate()
    with locked(path):
        pass
    assert {p.name for p in tmp_path.rglob("*")} == {
        name,
        {"a.json": "a.json.lock"}.get(name, ".lock"),
    }


def test_a_lock_holds_within_a_process_and_ends_with_its_block(tmp_path):
    found = []

    def other():
        try:
            with locked(tmp_path):
                found.append("free")
        except NoLock:
            found.append("held")

    def elsewhere():
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        other()
        elsewhere()
        raise ZeroDivisionError
    other()
    elsewhere()
    assert found == ["held", "held", "free", "free"]


def test_a_link_and_its_file_have_one_lock(tmp_path):
    (tmp_path / "a.json").touch()
    (tmp_path / "link.json").symlink_to("a.json")
    file, link = tmp_path / "a.json", tmp_path / "link.json"
    with locked(file), pytest.raises(NoLock, match=r"on '.*link.json'"), locked(link):
        raise AssertionError("a second lock")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_refused_and_not_taken_for_a_held_lock(
    number, tmp_path, monkeypatch
):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(NoLock) as raised, locked(tmp_path):
        raise AssertionError("without a lock")
    assert str(raised.value) == (
        f"The file system of {str(tmp_path)!r} has no locks ({os.strerror(number)}), so two "
        "processes could write there at once: choose a folder on a local disk."
    )


def test_another_fault_of_a_lock_is_told_as_it_is(read_only):
    with pytest.raises(PermissionError, match=r"\.lock"), locked(read_only):
        raise AssertionError("without a lock")


def test_neither_locks_nor_displays_are_imported_before_they_are_used():
    code = (
        "import sys, qmlcourse.grading.worker\n"
        "print(*{'filelock', 'tqdm', 'qmlcourse._files'} & set(sys.modules))\n"
        "import qmlcourse.comparison, qmlcourse.trainability, qmlcourse.cli\n"
        "print(*{'filelock', 'tqdm'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (done.stdout, done.stderr) == (b"\n\n", b"")


@pytest.mark.parametrize("place", ["/proc/self/status", "/proc/self", "/dev/null/a"])
def test_a_place_that_takes_no_lock_file_is_named(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="no lock file can be made") as raised, locked(place):
        raise AssertionError("without a lock")
    assert raised.value.filename.endswith(".lock")
