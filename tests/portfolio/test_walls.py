"""The walls one by one: limits by the kernel and by the watch, one budget of time, whose code."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import qmlcourse
from qmlcourse.grading import cgroups, sandbox, seccomp, session, watch
from qmlcourse.grading.cgroups import Group
from qmlcourse.grading.exercise import AnswerError
from qmlcourse.grading.session import Session

MEBIBYTE = 2**20


def answered(source, *, calls=1, isolated=True, seconds=60.0):
    """Return the value of `answer()`, or the status and hint of each call that has none."""
    outcomes = []
    with Session([("answer", source)], seconds=seconds, isolated=isolated) as asked:
        for _ in range(calls):
            try:
                outcomes.append(asked("answer"))
            except AnswerError as error:
                outcomes.append((error.status, error.hint))
    return outcomes if calls > 1 else outcomes[0]


# --- one budget of time


def test_an_answer_that_dies_again_and_again_earns_no_time(monkeypatch):
    monkeypatch.setattr(session, "START", 2.0)
    source = "import os, time\ntime.sleep(1.2)\ndef answer(): os._exit(1)"
    begun = time.monotonic()
    outcomes = answered(source, calls=10, isolated=False)
    assert [status for status, _ in outcomes].count("died") <= 1
    # A busy machine may be late; ten starts would take twelve seconds on any.
    assert time.monotonic() - begun < 11
    last = outcomes[-1]
    assert last == outcomes[2] and last[0] in ("timeout", "not_run")


def test_starting_has_an_end(monkeypatch):
    monkeypatch.setattr(session, "START", 30.0)
    with Session([("answer", "def answer(): pass")], seconds=5, isolated=False) as asked:
        asked.to_start = 0
        with pytest.raises(AnswerError, match="died so often that starting it took 30 s in all"):
            asked("answer")


def test_what_is_made_of_a_reply_is_charged(monkeypatch):
    monkeypatch.setattr(session, "decode", lambda value: time.sleep(0.3))
    with Session([("answer", "def answer(): pass")], seconds=5, isolated=False) as asked:
        asked("answer")
        assert asked.left < 4.7


# --- whose code runs


def test_a_worker_is_of_the_package_that_started_it(tmp_path, monkeypatch):
    """And of no other that is installed, or lies where the grader was started."""
    (tmp_path / "qmlcourse").mkdir()
    (tmp_path / "qmlcourse" / "__init__.py").write_text("raise SystemExit('another one')")
    monkeypatch.chdir(tmp_path)
    source = "import sys\ndef answer(): return [sys.modules['qmlcourse'].__file__, *sys.path]"
    file, *path = answered(source, isolated=False)
    assert file == qmlcourse.__file__ and str(tmp_path) not in path and "" not in path


@pytest.mark.parametrize("machine", ["riscv64", "ppc64le"])
def test_a_machine_whose_calls_are_not_known_has_no_sandbox(machine, monkeypatch):
    monkeypatch.setattr(sandbox.platform, "machine", lambda: machine)
    assert sandbox.problem.__wrapped__() == (
        f"the sandbox knows the calls of x86_64 and aarch64, not of {machine}"
    )


# --- limits, by the kernel and by the watch


HOLD = "def answer():\n    kept = bytearray(b'x' * {0} * 2**20)\n    return len(kept)"
SHARED = """
import os, time
import numpy as np
kept = np.ones({0} * 2**17)
def answer():
    for _ in range(9):
        if os.fork() == 0: time.sleep(600)
    time.sleep(1)
    return 1
"""
STORM = """
import os
def answer():
    while True:
        try:
            if os.fork() == 0: os.setsid()
        except OSError: pass
"""
HIDDEN = """
import os, socket
def answer():
    global kept
    kept = [socket.socketpair() for _ in range(100)]
    for i in range(500): open(f"/tmp/{i}", "w").close()
    with open("/dev/shm/file", "wb") as file: file.write(b"x" * 2**24)
    if os.fork() == 0: os.execv("/bin/sleep", ["sleep", "600"])
"""


@pytest.fixture(params=["by the machine", "by the watch"])
def limited(request, walls, monkeypatch):
    """Hold answers to 300 MiB: as this machine can, and as one without cgroups can."""
    monkeypatch.setattr(session, "MEMORY", 300 * MEBIBYTE)
    if request.param == "by the watch":
        monkeypatch.setattr(session, "group", lambda memory, tasks: Group())


@pytest.mark.slow
@pytest.mark.usefixtures("limited")
def test_memory_is_limited_and_what_is_shared_counts_once():
    assert answered(HOLD.format(50)) == 50 * MEBIBYTE
    status, hint = answered(HOLD.format(600))
    assert status == "died" and hint == "It held more than 0.29 GiB of memory."
    assert answered(SHARED.format(60)) == 1


@pytest.mark.slow
@pytest.mark.usefixtures("limited")
def test_a_storm_ends_soon_after_its_time():
    begun = time.monotonic()
    status, _ = answered(STORM, seconds=2)
    assert status in ("died", "timeout") and time.monotonic() - begun < session.START + 2 + 15


@pytest.mark.usefixtures("walls")
def test_an_answer_is_the_first_to_go_where_memory_runs_out():
    source = "def answer(): return int(open('/proc/self/oom_score_adj').read())"
    assert answered(source) == 1000


def test_a_process_outside_is_never_taken_for_a_sandbox():
    """While bubblewrap builds the walls, what it started still sees all of the machine."""
    with subprocess.Popen(["/bin/sh", "-c", "sleep 60; true"]) as process:
        while not (children := psutil.Process(process.pid).children()):
            time.sleep(0.01)
        assert watch._first(process.pid) is None
        for child in (*children, process):
            child.kill()


@pytest.mark.usefixtures("walls")
def test_the_watch_sees_what_is_in_no_process():
    with Session([("answer", HIDDEN)], seconds=60, isolated=True) as asked:
        asked._start()
        deadline = time.monotonic() + 30
        while asked._watch.first is None:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        first = asked._watch.first.pid
        before = watch.usage(first)
        asked("answer")
        after = watch.usage(first)
        waiting = 200 * int(watch._SOCKET.read_text())
        assert 0 <= after.of_kernel - before.of_kernel - waiting - 2**24 < 2 * MEBIBYTE
        assert (before.tasks, after.tasks, after.files - before.files) == (2, 3, 501)
        assert watch.together(first, 5) < after.of_processes
    assert not Path(f"/proc/{first}/root/proc").exists()


@pytest.mark.usefixtures("walls")
def test_the_grader_says_what_limits_an_answer(monkeypatch):
    most = "at most 2 GiB of memory and 128 processes"
    for kind, user, told in (
        ("cgroup v2", 0, f"{most}, limited by the kernel (cgroup v2)"),
        ("", 1000, f"{most}, memory watched 20 times a second; no cgroup"),
        ("", 0, f"{most}, watched 20 times a second; no cgroup, and the grader ran as root"),
    ):
        monkeypatch.setattr(sandbox, "kind", lambda kind=kind: kind)
        monkeypatch.setattr(os, "getuid", lambda user=user: user)
        monkeypatch.setattr(sandbox, "_as_nobody", list)
        assert sandbox.limits() == told


@pytest.mark.skipif(not sandbox.seccomp.supported(), reason="its calls are not known")
def test_a_filter_is_made_for_each_machine():
    for machine in seccomp._MACHINES:
        lines = seccomp.program(machine)
        assert len(lines) < 256, "a jump reaches no further"
        for i, (operation, true, false, operand) in enumerate(lines):
            # Each jump stays inside, and each way ends.
            jumps = (operand,) if operation == seccomp._JUMP else (true, false)
            assert all(i + 1 + jump < len(lines) for jump in jumps) or i == len(lines) - 1
        assert lines[-1] == (seccomp._RETURN, 0, 0, seccomp._ALLOW)


# --- cgroups: real where there are any, else a stand-in for the kernel's files


@pytest.fixture
def asked_anew():
    """Let the machine be asked again which groups it gives."""
    cgroups.kind.cache_clear()
    yield
    cgroups.kind.cache_clear()


def within(group, code):
    """Return how a Python program ends in a group, and what it printed."""
    script = 'for file; do echo $$ >"$file"; done; exec "$PYTHON" -c "$CODE"'
    done = subprocess.run(
        [*group.before, "/bin/sh", "-c", script, "sh", *group.enter], capture_output=True,
        text=True, env=os.environ | {"PYTHON": sys.executable, "CODE": code},
    )  # fmt: skip
    return done.returncode, done.stdout


def test_the_kernel_holds_a_group_to_its_limits():
    if not cgroups.kind():
        pytest.skip("this machine gives no cgroups")
    made = cgroups.group(64 * MEBIBYTE, 8)
    fork = "import os\nfor i in range(20): os.fork() or os.execv('/bin/sleep', ['sleep', '2'])"
    assert within(made, fork)[0] == 1 and not made.exceeded()
    assert within(made, "print(len(bytearray(2**20)))") == (0, "1048576\n")
    if not made.before:
        # Shared memory without a file: no process holds it when it is let go.
        hide = "import mmap\nroom = mmap.mmap(-1, 2**27)\nfor i in range(0, 2**27, 2**20):\n"
        hide += " room[i:i + 2**20] = bytes(2**20); room.madvise(mmap.MADV_DONTNEED, i, 2**20)"
        assert within(made, hide)[0] != 0 and made.exceeded()
    made.close()
    assert not any(folder.exists() for folder in made.folders)


class Kernel:
    """Makes of an empty folder what a kernel shows: groups that have their files at once."""

    FILES = ("cgroup.procs", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max")

    def __init__(self, root, monkeypatch):
        self.root, self.made = root, []
        mkdir, rmdir = Path.mkdir, Path.rmdir

        def make(path, *arguments, **options):
            mkdir(path, *arguments, **options)
            if path.name.startswith("qmlcourse-"):
                self.made.append(path)
                for name in self.FILES:
                    (path / name).touch()

        def remove(path):
            for name in self.FILES if path in self.made else ():
                (path / name).unlink()
            rmdir(path)

        monkeypatch.setattr(Path, "mkdir", make)
        monkeypatch.setattr(Path, "rmdir", remove)
        monkeypatch.setattr(cgroups, "ROOT", root)
        monkeypatch.setenv("PATH", f"{root}/programs:/usr/bin:/bin")
        monkeypatch.delenv(cgroups.VARIABLE, raising=False)


@pytest.fixture
def kernel(asked_anew, tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "_paths", lambda process: {"": "/mine/shell"})
    (tmp_path / "mine" / "shell").mkdir(parents=True)
    return Kernel(tmp_path, monkeypatch)


def test_without_cgroups_a_group_limits_nothing(kernel):
    assert cgroups.kind() == "" and cgroups.group(1, 1) == Group()


@pytest.mark.parametrize(
    ("place", "variable", "kind"),
    [
        ("mine/shell", None, "cgroup v2"), ("mine", None, "cgroup v2"),
        ("given", "given", "a delegated cgroup"),
    ],
)  # fmt: skip
def test_a_group_of_version_2_is_made_where_limits_are_passed_on(
    place, variable, kind, kernel, monkeypatch
):
    parent = kernel.root / place
    parent.mkdir(exist_ok=True)
    (parent / "cgroup.subtree_control").write_text("cpu memory\n")
    if variable:
        monkeypatch.setenv(cgroups.VARIABLE, str(kernel.root / variable))
    assert cgroups.kind() == "", "no limit of processes is passed on"
    cgroups.kind.cache_clear()
    (parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
    stale = parent / "qmlcourse-999999999-ab"
    stale.mkdir()
    assert cgroups.kind() == kind and not stale.exists()
    made = cgroups.group(2**20, 5)
    (folder,) = made.folders
    assert folder.parent == parent and made.enter == [f"{folder}/cgroup.procs"]
    assert [(folder / name).read_text() for name in kernel.FILES[1:]] == ["1048576", "0", "1", "5"]
    assert not made.exceeded()
    (folder / "memory.events").write_text("low 0\noom_kill 2\n")
    assert made.exceeded()
    (folder / "memory.events").unlink()
    made.close()
    assert not folder.exists()


# In systemd's place; `memory` is what it takes for a limit of memory.
SYSTEMD = """#!/bin/sh
place={root}"$(sed -n s/^0:://p /proc/self/cgroup)"
mkdir -p "$place"
while [ "$1" != -- ]; do
    case "$1" in
        --property=MemoryMax=*) echo "{memory}" >"$place/memory.max" ;;
        --property=TasksMax=*) echo "${{1##*=}}" >"$place/pids.max" ;;
    esac
    shift
done
shift
echo "$XDG_RUNTIME_DIR" >{root}/asked
exec "$@"
"""


@pytest.fixture(params=["${1##*=}", "max"])
def systemd(request, kernel):
    """Return whether there is a systemd that limits memory; one of old only says that it does."""
    (kernel.root / "programs").mkdir()
    program = kernel.root / "programs" / "systemd-run"
    program.write_text(SYSTEMD.format(root=kernel.root, memory=request.param))
    program.chmod(0o755)
    return request.param != "max"


def test_a_scope_of_systemd_is_used_where_it_limits(systemd):
    assert cgroups.kind() == ("a scope of systemd" if systemd else "")


def test_an_answer_runs_in_a_scope(systemd, kernel, walls, monkeypatch):
    if not systemd:
        pytest.skip("there is none")
    ours = {"PATH": os.environ["PATH"]}
    monkeypatch.setattr(session, "ENVIRONMENT", session.ENVIRONMENT | ours)
    events = kernel.root / "mine" / "shell" / "memory.events"
    events.write_text("oom_kill 0\n")
    # systemd-run finds its systemd by what the answer does not see.
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/5")
    seen = answered("import os\ndef answer(): return list(os.environ)")
    assert "HOME" in seen and "XDG_RUNTIME_DIR" not in seen
    assert (kernel.root / "asked").read_text() == "/run/user/5\n"
    events.write_text("oom_kill 1\n")
    status, hint = answered("import time\ndef answer(): time.sleep(600)", seconds=20)
    assert (status, hint) == ("died", "It held more than 2 GiB of memory.")
