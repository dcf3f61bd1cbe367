"""The hostile corpus: submissions that attack the grader, made here and never committed.

Each runs in the sandbox and nowhere else: a cell that finds itself outside says so and stops.
`python -m tests.portfolio.hostile` grades all of them and prints a table.
"""

import contextlib
import json
import os
import secrets
import socket
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from qmlcourse.grading import Report, exercise, grade, marking, sandbox, session

EXERCISES = Path(__file__).parent / "exercises"
OUTSIDE = "this cell runs outside the sandbox"
HONEST = "def amplitudes(x):\n    return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])\n"
FALSE = "def amplitudes(x):\n    return [1.0, 0.0]\n"
# No attack is tried where it could do harm.
GUARD = f"""\
import os, sys
if os.getuid() != 65534 or os.getppid() != 1 or os.environ["HOME"] != "/tmp":
    raise SystemExit({OUTSIDE!r})
"""
# What the worker holds on its own stack: where replies go, and the request with its nonce.
STOLEN = """\
import json, threading, time
def stolen():
    frame = sys._getframe()
    while frame.f_code.co_name != "main":
        frame = frame.f_back
    return frame.f_locals["replies"], frame.f_locals["request"]
pipe = None
def send(data):
    global pipe
    if pipe is None:  # the worker's own reply goes nowhere
        own = stolen()[0].fileno()
        pipe = os.fdopen(os.dup(own), "wb")
        os.dup2(os.open("/dev/null", os.O_WRONLY), own)
    pipe.write(data)
    pipe.flush()
def forge(**message):
    send(json.dumps({"nonce": stolen()[1]["nonce"]} | message).encode() + b"\\n")
"""


@dataclass(frozen=True)
class Place:
    """Where an attack is tried: folders and sockets of the test, and its secret."""

    folder: Path
    secret: str
    port: int
    abstract: str


@dataclass(frozen=True)
class Case:
    """A submission, and what its report may say.

    `build(place, path)` writes it. Each check's status, or the report's where the file is
    unreadable, is one of `may`; the points are exactly `points`; a hint contains `says`.
    """

    name: str
    build: Callable[[Place, Path], None]
    may: set[str]
    points: int = 0
    says: str = ""
    file: str = "submission.ipynb"
    # None: all of them.
    questions: list[str] | None = None
    # Short where it is sure to run out.
    start: float = 30
    seconds: float = 5
    memory: int = sandbox.MEMORY


CASES: list[Case] = []


def notebook() -> Any:
    """Return the solution: full marks before it is spoiled."""
    return json.loads((EXERCISES / "toy" / "solution.ipynb").read_text("utf-8"))


def tagged(made: Any, tag: str) -> Any:
    return next(c for c in made["cells"] if tag in c["metadata"].get("tags", []))


def cell(source: Any, *tags: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": []}


def answer(name: str, source: str, *may: str, points: int = 0, **options: Any) -> None:
    """Add a case whose answer to `amplitudes` is `source`; capital names are filled in."""

    def build(place: Place, path: Path) -> None:
        made, text = notebook(), GUARD + source
        filled = {
            "FOLDER": repr(str(place.folder)), "PORT": str(place.port),
            "ABSTRACT": repr(place.abstract), "PREFIX": repr(sys.prefix),
        }  # fmt: skip
        for key, value in filled.items():
            text = text.replace(key, value)
        tagged(made, "question-amplitudes")["source"] = text
        path.write_text(json.dumps(made), "utf-8")

    options = {"questions": ["amplitudes"]} | options
    CASES.append(Case(name, build, set(may), points, **options))


def body(name: str, lines: str, *may: str, points: int = 0, **options: Any) -> None:
    """Add a case whose function `amplitudes(x)` is `lines`."""
    indented = "".join(f"    {line}\n" for line in lines.strip("\n").splitlines())
    answer(name, f"{STOLEN}def amplitudes(x):\n{indented}", *may, points=points, **options)


def changed(name: str, change: Callable[[Any], None], *may: str, **options: Any) -> None:
    """Add a case that is the solution's notebook, changed."""

    def build(place: Place, path: Path) -> None:
        made = notebook()
        change(made)
        path.write_text(json.dumps(made), "utf-8")

    CASES.append(Case(name, build, set(may), **options))


def raw(name: str, data: Callable[[], bytes], **options: Any) -> None:
    """Add a case whose file holds these bytes."""
    build = options.pop("build", lambda place, path: path.write_bytes(data()))
    CASES.append(Case(name, build, {"unreadable"}, **options))


# --- Right answers: the corpus would pass if everything got 0.
changed("honest", lambda made: None, "pass", points=10)
answer("honest, alone", HONEST, "pass", points=7)

# --- Nothing, or nothing that runs.
answer("blank", "def amplitudes(x):\n    ...\n", "wrong", says="is None")
answer("empty cell", "", "error", says="There is no function amplitudes")
answer("a comment", "# amplitudes", "error")
answer("syntax error", "def amplitudes(x)\n", "error", says="SyntaxError")
answer("missing module", "import no_such_module\n" + HONEST, "error", says="no_such_module")
answer("no function but a number", "amplitudes = 1", "error")
answer("wrong signature", "def amplitudes(): return 1", "error", says="TypeError")
answer("null byte in the source", HONEST + "\0", "error")
answer("parentheses beyond the parser", "(" * 100_000, "error", "died")
answer("input is asked for", HONEST + "input()", "error", says="EOF")

# --- Leaving.
answer("sys.exit at import", HONEST + "sys.exit(0)", "error", says="SystemExit")
body("sys.exit in a call", "sys.exit(0)", "error", says="SystemExit")
answer("os._exit at import", HONEST + "os._exit(0)", "died", says="exit code 0")
body("os._exit in a call", "os._exit(7)", "died", says="exit code 7")
body("os.abort", "os.abort()", "died", says="SIGABRT")
body("KeyboardInterrupt", "raise KeyboardInterrupt", "error")
body("GeneratorExit", "raise GeneratorExit", "error")
body("exec of another program", 'os.execv("/bin/true", ["true"])', "died")
body("raise in an atexit, then leave", """
import atexit
atexit.register(lambda: forge(value=1))
sys.exit()
""", "error", "protocol")  # fmt: skip

# --- Never coming back.
answer("infinite loop at import", "while True: pass", "timeout", start=3)
answer("sleep at import", "import time; time.sleep(1000)", "timeout", start=3)
body("infinite loop that swallows", """
while True:
    try:
        while True: pass
    except BaseException: pass
""", "timeout", "not_run", seconds=1)  # fmt: skip
body("deaf to signals", """
import signal
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True: time.sleep(1)
""", "timeout", "not_run", seconds=1)  # fmt: skip
body("stops itself", """
import signal
os.kill(os.getpid(), signal.SIGSTOP)
""", "timeout", "not_run", seconds=1)  # fmt: skip
answer("a regular expression without end",
       "import re\ndef amplitudes(x): return re.match('(a+)+$', 'a' * 50 + 'b')",
       "timeout", "not_run", seconds=1)  # fmt: skip
answer("waits for a request of its own", HONEST + "os.read(3, 1)", "timeout", start=3)

# --- Too much. Some are stopped by the walls and some by the watch, whichever is first.
small = {"memory": 400 * 2**20, "seconds": 60}
body("memory bomb", """
kept = []
while True: kept.append(bytearray(b"x" * 2**24))
""", "died", says="memory", **small)  # fmt: skip
body("one array larger than the machine", "return np.ones(10**12)", "died", says="memory")
body("memory bomb of many processes", """
for _ in range(30):
    if os.fork() == 0:
        kept = bytearray(b"x" * 2**25)
        time.sleep(600)
time.sleep(600)
""", "died", says="memory", **small)  # fmt: skip
answer("memory bomb at import", "kept = []\nwhile True: kept.append(bytearray(b'x' * 2**24))",
       "died", says="memory", **small)  # fmt: skip
answer("memory that no process maps", """
import ctypes, errno, mmap, socket
libc, found = ctypes.CDLL(None, use_errno=True), []
def tried(name, act):
    ctypes.set_errno(0)
    try:
        if act() != -1 or not ctypes.get_errno(): found.append(name)
    except OSError: pass
    # A null pointer would be an error too, but not of permission.
    if ctypes.get_errno() not in (0, errno.EPERM): found.append((name, ctypes.get_errno()))
open("/tmp/file", "w").close()
file, pair, (out, into) = os.open("/tmp/file", os.O_RDWR), socket.socketpair(), os.pipe()
os.write(file, b"x")
shared = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS
for name, act in {
    "memfd_create": lambda: os.memfd_create("hidden"),
    "splice": lambda: os.splice(file, into, 1, offset_src=0),
    "sendfile": lambda: os.sendfile(pair[0].fileno(), file, 0, 1),
    "setxattr": lambda: os.setxattr("/tmp/file", "user.x", b"x"),
    "shmget": lambda: libc.shmget(0, 4096, 0o1600),
    "semget": lambda: libc.semget(0, 1, 0o1600),
    "msgget": lambda: libc.msgget(0, 0o1600),
    "mq_open": lambda: libc.mq_open(b"/q", 0o102, 0o600, None),
    "tee": lambda: libc.tee(out, into, 1, 0),
    "vmsplice": lambda: libc.vmsplice(into, None, 0, 0),
    "inotify_init": lambda: libc.inotify_init(),
    "fanotify_init": lambda: libc.fanotify_init(0, 0),
    "shared memory without a file": lambda: mmap.mmap(-1, 4096, flags=shared),
    "/dev/zero": lambda: os.open("/dev/zero", os.O_RDWR),
    "a terminal": lambda: os.open("/dev/ptmx", os.O_RDWR),
    "a larger buffer": lambda: pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**20),
    "a larger pipe": lambda: __import__("fcntl").fcntl(into, 1031, 2**20),
    "a lock of one byte": lambda: __import__("fcntl").lockf(file, 2, 1),
    "a network": lambda: socket.socket(socket.AF_INET),
    "packets": lambda: socket.socket(17, socket.SOCK_RAW),
    "sock_diag": lambda: socket.socket(16, socket.SOCK_RAW, 4),
}.items(): tried(name, act)
def amplitudes(x): raise RuntimeError(f"found: {found}")
""", "error", says="found: []")  # fmt: skip
answer("calls that the filter refuses", """
import ctypes, errno
from qmlcourse.grading import seccomp
libc, machine = ctypes.CDLL(None, use_errno=True), list(seccomp._MACHINES).index(os.uname().machine)
def said(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()
numbers = [call[machine] for call in seccomp._refused()]
found = [n for n in numbers if n < 1000 and said(n, 0, 0, 0, 0, 0) != (-1, errno.EPERM)]
found += [n for n in ((188, 189, 190), (5, 6, 7))[machine] if said(n, 0)[1] != errno.ENOTSUP]
clone = (56, 220)[machine]
flags = (0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x00020000)
found += [f for f in flags if said(clone, f | 17, 0, 0, 0, 0) != (-1, errno.EPERM)]
found += [n for n in (435, 451, 0x40000000 + 39) if said(n, 0, 0, 0, 0) != (-1, errno.ENOSYS)]
found += [n for n in numbers if n < 1000 and len(numbers) < 30]
def amplitudes(x): raise RuntimeError(f"found: {found}")
""", "error", says="found: []")  # fmt: skip
answer("the first process is within the walls", """
def status(number):
    lines = open(f"/proc/{number}/status").read().splitlines()
    return dict(line.split(":\\t", 1) for line in lines if ":\\t" in line)
def limits(number): return open(f"/proc/{number}/limits").read()
found = [] if limits(1) == limits("self") else ["limits"]
if "Max processes             128" not in limits(1): found.append("processes")
for what in ("Seccomp", "NoNewPrivs", "CapEff", "CapPrm", "CapAmb", "Uid", "Gid"):
    if status(1)[what] != status("self")[what]: found.append(what)
if status(1)["Seccomp"].strip() != "2" or int(status(1)["CapEff"], 16): found.append("filter")
if b"bwrap" in open("/proc/1/cmdline", "rb").read(): found.append("bubblewrap")
def amplitudes(x): raise RuntimeError(f"found: {found}")
""", "error", says="found: []")  # fmt: skip
answer("looks into the first process and writes to it", """
import ctypes
libc, found = ctypes.CDLL(None), []
for what, flags in (("mem", os.O_RDONLY), ("mem", os.O_RDWR), ("environ", os.O_RDONLY),
                    ("maps", os.O_RDONLY), ("root", os.O_RDONLY), ("cwd", os.O_RDONLY)):
    try: found.append((what, os.open(f"/proc/1/{what}", flags)))
    except OSError: pass
try: found += os.listdir("/proc/1/fd")
except OSError: pass
for request in (0, 16, 0x4206):
    if libc.ptrace(request, 1, None, None) != -1: found.append(f"ptrace {request}")
iovec = (ctypes.c_ulong * 2)(id(libc), 8)
for call in (libc.process_vm_readv, libc.process_vm_writev):
    if call(1, iovec, 1, iovec, 1, 0) != -1: found.append("memory")
    if call(os.getpid(), iovec, 1, iovec, 1, 0) != -1: found.append("own memory")
def amplitudes(x): raise RuntimeError(f"found: {found}")
""", "error", says="found: []")  # fmt: skip
body("what waits in sockets", """
import socket
for _ in range(30):
    if os.fork() == 0: break
kept = []
for _ in range(100):
    kept.append(socket.socketpair())
    kept[-1][0].setblocking(False)
    try:
        while True: kept[-1][0].send(b"x" * 60_000)
    except OSError: pass
time.sleep(600)
""", "died", "timeout", "not_run", **small | {"seconds": 20})  # fmt: skip
body("tables of pages", """
import mmap
for _ in range(40):
    if os.fork() == 0: break
room = mmap.mmap(-1, 6 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
for i in range(0, 6 * 2**30, 2**21): room[i]
time.sleep(600)
""", "died", says="memory", **small)  # fmt: skip
body("fork bomb", """
while True:
    try: os.fork()
    except OSError: pass
""", "died", "timeout", "not_run", seconds=2)  # fmt: skip
body("fork bomb that dies and is born", """
while True:
    try:
        if os.fork(): os._exit(0)
    except OSError: pass
""", "died", "timeout", "not_run", seconds=2)  # fmt: skip
body("fork storm that leaves its session", """
while True:
    try:
        if os.fork() == 0: os.setsid()
    except OSError: pass
""", "died", "timeout", "not_run", seconds=2)  # fmt: skip
body("fork storm, each deaf and with a mind to live", """
import signal
for n in range(1, 65):
    try: signal.signal(n, signal.SIG_IGN)
    except (OSError, ValueError): pass
while True:
    try:
        if os.fork() == 0 and os.fork() == 0: os.setsid()
    except OSError: pass
""", "died", "timeout", "not_run", seconds=2)  # fmt: skip
body("thread bomb", """
while True:
    try: threading.Thread(target=time.sleep, args=(600,)).start()
    except BaseException: pass
""", "died", "timeout", "not_run", seconds=2)  # fmt: skip
body("150 threads", """
for _ in range(150): threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
time.sleep(600)
""", "died", "error", says="thread")  # fmt: skip
body("open files without end", """
kept = []
while True: kept.append(open("/dev/null"))
""", "error", says="Too many open files")  # fmt: skip
body("processor time of many", """
for _ in range(8):
    if os.fork() == 0:
        while True: pass
while True: pass
""", "timeout", "not_run", seconds=1)  # fmt: skip
body("150 processes that share what they hold", """
kept = np.ones(20_000_000)
for _ in range(150):
    if os.fork() == 0: time.sleep(600)
""", "died", "error", seconds=60)  # fmt: skip
body("processes that work together", """
import multiprocessing
context, shared = multiprocessing.get_context("fork"), np.ones(2 * 10**7)
queue = context.SimpleQueue()
def part(i): queue.put(shared[i::8].sum())
workers = [context.Process(target=part, args=(i,)) for i in range(8)]
for worker in workers: worker.start()
if sum(queue.get() for _ in workers) != 2 * 10**7: return None
return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
""", "pass", points=7, seconds=60)  # fmt: skip
body("fills the disk", """
written = 0
for folder in ("/tmp", "/dev/shm", ".", "/dev", "/", "/var/tmp", FOLDER, PREFIX):
    for i in range(8):
        try:
            with open(f"{folder}/{i}", "wb") as file:
                for _ in range(256): written += file.write(b"x" * 2**20)
        except OSError: pass
if written > 200 * 2**20: raise RuntimeError(f"{written} bytes written")
return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
""", "pass", points=7)  # fmt: skip
body("empty files without end", """
i = 0
while True:
    open(f"/tmp/{i}", "w").close()
    i += 1
""", "died", says="files", seconds=60)  # fmt: skip
body("names of one file without end", """
open("/dev/shm/file", "w").close()
i = 0
while True:
    os.link("/dev/shm/file", f"/dev/shm/{i}")
    i += 1
""", "died", says="files", seconds=60)  # fmt: skip

# --- Crashes.
body("segfault", "import ctypes; ctypes.string_at(0)", "died", says="SIGSEGV")
answer("segfault at import", "import ctypes; ctypes.string_at(0)", "died", says="SIGSEGV")
body("deep recursion", "return amplitudes(x)", "error", says="RecursionError")
body("recursion into the stack's end", """
sys.setrecursionlimit(10**9)
f = lambda: eval("f()", {"f": f})
return f()
""", "died", "error", "timeout", "not_run")  # fmt: skip
body("kills itself", "os.kill(os.getpid(), 9)", "died", says="SIGKILL")
body("closes all files", "os.closerange(0, 256)", "died", "protocol")
body("writes into its own code", """
import ctypes
ctypes.memset(id(amplitudes), 0, 512)
return amplitudes(x)
""", "died", "error", "wrong", "timeout", "not_run", seconds=2)  # fmt: skip

# --- Values of all kinds.
VALUES = {
    "a string": '"pass"', "the right answer as text": "str([np.cos(x / 2), -1j * np.sin(x / 2)])",
    "a boolean": "True", "booleans": "[True, True]", "NaN": 'float("nan")', "None": "None",
    "NaNs": "np.array([np.nan, np.nan])", "infinities": "[float('inf')] * 2",
    "complex NaNs": "np.array([np.nan, 1j * np.nan])", "numbers near the end of floats":
    "np.array([1.7e308 + 1.7e308j, 1e308])", "an empty list": "[]", "another shape": "np.ones(3)",
    "no shape": "np.float64(1)", "an array of arrays": "np.ones((2, 2))",
    "a ragged list": "[[1.0], [1.0, 2.0]]", "an empty axis": "np.ones((0, 2))",
    "a dictionary": "{'0': 1.0, '1': 0.0}", "a list of texts": "['1.0', '0.0']",
    "a text as long as may be, and many":
    "['x' * 99_999] + [''] * 199_999", "hints of its own": "{'status': 'pass', 'points': 7}",
    "a huge integer in a list": "[10**300, 10**300]", "a set": "{1, 2}",
    "a structured array": "np.zeros(2, dtype='f8,f8')",
    "dates": "np.array(['2024-01-01'] * 2, dtype='M8')", "a generator": "(i for i in range(2))",
}  # fmt: skip
for name, value in VALUES.items():
    body(name, f"return {value}", "wrong")
OBJECTS = {
    "a huge array": "np.ones(10**7)", "a huge list": "[0.0] * 10**7", "an object": "object()",
    "a huge integer": "10**400", "an integer too long to print": "10**5000",
    "a function": "amplitudes", "a generator without end": "iter(int, 1)",
    "bytes": "b'pass'", "a pickled object": "__import__('pickle').dumps([1, 0])",
    "an array of objects": "np.array([object(), object()])",
    "a key that the wire uses": "{'$seed': 1}", "a number as a key": "{1: 1}",
    "a huge text": "'x' * 10**7", "a class": "int",
}  # fmt: skip
for name, value in OBJECTS.items():
    body(name, f"return {value}", "protocol", "died")
body("nested beyond reason", """
value = 1.0
for _ in range(100_000): value = [value]
return value
""", "protocol", "died")  # fmt: skip
body("a list that holds itself", """
value = []
value.append(value)
return value
""", "protocol")  # fmt: skip

# --- Objects that lie.
answer("a lying __eq__", """
class Yes:
    def __eq__(self, other): return True
    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__
    def __sub__(self, other): return 0
    __rsub__ = __abs__ = __float__ = __sub__
    def __hash__(self): return 1
def amplitudes(x): return Yes()
""", "protocol")  # fmt: skip
answer("a lying __array__", """
class Yes:
    calls = 0
    def __array__(self, dtype=None, copy=None):
        Yes.calls += 1
        return np.full(2, Yes.calls / 10)
def amplitudes(x): return Yes()
""", "wrong")  # fmt: skip
answer("an __array__ of objects", """
class Yes:
    def __eq__(self, other): return True
    def __array__(self, dtype=None, copy=None): return np.array([self, self], dtype=object)
def amplitudes(x): return Yes()
""", "protocol", "died", "error")  # fmt: skip
answer("a lying array", """
class Yes(np.ndarray):
    def __eq__(self, other): return np.ones(2, dtype=bool)
    def __sub__(self, other): return np.zeros(2)
    __rsub__ = __sub__
    def __array_ufunc__(self, *a, **k): return np.zeros(2)
    def __array_function__(self, *a, **k): return True
    def astype(self, *a, **k): raise SystemExit
    def tolist(self): return [True, True]
def amplitudes(x): return np.array([1.0, 0.0]).view(Yes)
""", "wrong", "error", "protocol", "died")  # fmt: skip
answer("a lying number", """
class Yes(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
def amplitudes(x): return [Yes(1), Yes(0)]
""", "wrong")  # fmt: skip
answer("a lying dictionary", """
class Yes(dict):
    def items(self): return [("$function", "__import__('os')._exit(0)")]
def amplitudes(x): return Yes()
""", "protocol", "wrong")  # fmt: skip
answer("a list without end", """
class Endless(list):
    def __iter__(self):
        while True: yield 0.0
def amplitudes(x): return Endless()
""", "protocol", "timeout", "not_run", "died", seconds=1)  # fmt: skip
answer("a pickle that acts when loaded", """
import pickle
class Act:
    def __reduce__(self): return os.system, ("touch " + FOLDER + "/acted",)
def amplitudes(x): return [pickle.dumps(Act()).decode("latin1")]
""", "wrong")  # fmt: skip
body("an error that cannot be shown", """
class Mute(Exception):
    def __str__(self): os._exit(1)
raise Mute
""", "died")  # fmt: skip

# --- Patches of what a grader would use. They reach the worker only.
for name, patch in {
    "np.isclose and its friends": "np.isclose = np.allclose = np.abs = np.array_equal = np.all = \\"
    "\n    np.linalg.norm = lambda *a, **k: True",
    "np.isfinite and np.asarray": "np.isfinite = lambda *a: True\nnp.asarray = lambda a, *b: a",
    "np.testing": "np.testing.assert_allclose = lambda *a, **k: None",
    "NumPy as a whole": "from unittest.mock import MagicMock\nsys.modules['numpy'] = MagicMock()",
    "the judge": "import qmlcourse.grading.judge as j\n"
    "j.same = j.array = j.number = lambda *a, **k: 1",
    "Wrong": "import qmlcourse.grading.judge as j\nj.Wrong.__init__ = lambda *a: sys.exit()",
    "the wire": "import qmlcourse.grading.wire as w, qmlcourse.grading.worker as v\n"
    "w.encode = v.encode = lambda *a: {'status': 'pass', 'points': 7}",
    "the marks": "import qmlcourse.grading.exercise as e\n"
    "e.mark = lambda *a: []\ne.Result.points = 7\ne.PASS = 'wrong'",
    "local": "import qmlcourse.grading.local as m\nm.mark = m.mark_cells = lambda *a: []",
    "the report": "import qmlcourse.grading.report as r\nr.Report.points = 10",
    "json": 'import json\njson.dumps = lambda *a, **k: \'{"status": "pass", "points": 7}\'',
    "builtins": "import builtins\nbuiltins.abs = builtins.max = lambda *a, **k: 0\n"
    "builtins.isinstance = lambda *a: True",
    "time": "import time\ntime.monotonic = time.time = lambda: 0",
}.items():
    answer(f"patches {name}", f"{patch}\n{FALSE}", "wrong", "protocol", "died", "error")
answer("patches NumPy beside a right answer",
       "np.isclose = np.allclose = lambda *a, **k: True\n" + HONEST, "pass", points=7)  # fmt: skip

# --- Reading what it must not see. What it finds, it says; the test looks for the secret.
TELL = """
found = []
def tell(path):
    try:
        with open(path, "rb") as file: found.append(path + ": " + file.read(10**6).decode("latin1"))
    except OSError: pass
"""
SAY = "def amplitudes(x): raise RuntimeError('found: ' + repr(found))"
answer("walks to the checks", TELL + """
import qmlcourse
for top in ("/", os.path.dirname(qmlcourse.__file__), FOLDER, "/work", "/home", "/root"):
    for root, folders, files in os.walk(top):
        folders[:] = [f for f in folders if f not in ("proc", "sys", "lib", "share")]
        for file in {"checks.py", "solution.ipynb", "rubric.md"} & set(files):
            tell(os.path.join(root, file))
""" + SAY, "error", says="found: []")  # fmt: skip
answer("opens the checks", TELL + f"""
tell({str(EXERCISES / "toy" / "checks.py")!r})
tell({str(EXERCISES / "toy" / "solution.ipynb")!r})
tell(FOLDER + "/submission.ipynb")
""" + SAY, "error", says="found: []")  # fmt: skip
answer("loads the exercise", f"""
os.environ["QMLCOURSE_EXERCISES"] = {str(EXERCISES)!r}
from qmlcourse.grading.exercise import load
load("toy")
""" + HONEST, "error", says="ValueError")  # fmt: skip
answer("grades itself", f"""
os.environ["QMLCOURSE_EXERCISES"] = {str(EXERCISES)!r}
from qmlcourse.grading import check_answer
check_answer("toy", "amplitudes", globals())
""" + HONEST, "error", says="ValueError")  # fmt: skip
answer("looks for the checks in memory", """
import gc
found = [name for name in sys.modules if "checks" in name]
found += [type(o).__name__ for o in gc.get_objects()
          if type(o).__name__ in ("Exercise", "Check", "Question")]
""" + SAY, "error", says="found: []")  # fmt: skip
answer("reads the home", TELL + """
for path in (FOLDER + "/home/secret", "/etc/passwd", "/etc/shadow", "/etc/hostname",
             "/root/.bashrc", os.path.expanduser("~/secret")): tell(path)
found += [folder for folder in (FOLDER, "/var", "/mnt", "/sys", "/run") if os.path.exists(folder)]
""" + SAY, "error", says="found: []")  # fmt: skip
answer("reads the environment", """
def amplitudes(x): raise RuntimeError(sorted(os.environ.values()))
""", "error")  # fmt: skip
answer("reads the processes", TELL + """
for number in filter(str.isdigit, os.listdir("/proc")):
    for what in ("environ", "cmdline"): tell(f"/proc/{number}/{what}")
    tell(f"/proc/{number}/root" + FOLDER + "/home/secret")
    tell(f"/proc/{number}/cwd/home/secret")
found = [f for f in found if "worker" not in f]
def amplitudes(x): raise RuntimeError(f"{len(os.listdir('/proc')) and found}")
""", "error")  # fmt: skip
answer("counts the processes", """
seen = [n for n in os.listdir("/proc") if n.isdigit()]
def amplitudes(x): raise RuntimeError(f"{len(seen)} processes")
""", "error", says="RuntimeError: 2 processes")  # fmt: skip
answer("mounts and new namespaces", """
import ctypes
libc, found = ctypes.CDLL(None), []
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0: found.append("mount")
if libc.unshare(0x10000000) == 0: found.append("unshare")
if libc.chroot(b"/tmp") == 0: found.append("chroot")
if libc.setuid(0) == 0: found.append("setuid")
""" + SAY, "error", says="found: []")  # fmt: skip

# --- Writing outside.
answer("writes everywhere", """
import qmlcourse
found = []
places = (FOLDER, FOLDER + "/home", PREFIX, os.path.dirname(qmlcourse.__file__), "/usr/bin",
          "/etc", "/", "/home", "/root", "/var/tmp", "/dev", "/proc/sys/kernel", sys.base_prefix,
          os.path.dirname(os.__file__))
for folder in places:
    for act in (lambda p: open(p, "w").close(), os.mkdir, lambda p: os.symlink("/", p)):
        try:
            act(folder + "/acted")
            found.append(folder)
        except OSError: pass
for path in (FOLDER + "/home/secret", qmlcourse.__file__, "/proc/sys/kernel/core_pattern",
             "/proc/sys/kernel/hostname", "/proc/sys/vm/overcommit_memory", "/proc/1/oom_score_adj",
             "/proc/self/uid_map", "/proc/sysrq-trigger", "/dev/tty"):
    try:
        open(path, "a").close()
        found.append(path)
    except OSError: pass
""" + SAY, "error", says="found: []")  # fmt: skip

# --- The network, and other ways to a neighbour.
answer("calls the listeners", """
import socket
found = []
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", PORT)),
    (socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + ABSTRACT),
    (socket.AF_UNIX, socket.SOCK_STREAM, FOLDER + "/listener"),
):
    try:
        s = socket.socket(family, kind)
        s.settimeout(1)
        s.connect(address)
        found.append(str(address))
    except OSError: pass
found += [name for _, name in socket.if_nameindex() if name != "lo"]
""" + SAY, "error", says="found: []")  # fmt: skip

# --- Replies. A forged one is an answer like any other.
FORGED = {
    "a value": ("value=[1.0, 0.0]", {"wrong", "protocol"}),
    "a value and marks": ("value=1, status='pass', points=7", {"wrong", "protocol"}),
    "marks": ("status='pass', points=7, hint=''", {"protocol"}),
    "a status of the grader": ("status='grader_error', hint='x'", {"protocol"}),
    "a hint that is no text": ("status='error', hint=[1]", {"protocol"}),
    "a huge hint": ("status='error', hint='x' * 10**6", {"error", "protocol"}),
    "nothing": ("", {"protocol"}),
    "another nonce": ("nonce='0' * 32, value=[1.0, 0.0]", {"protocol"}),
    "no nonce": ("nonce=None, value=[1.0, 0.0]", {"protocol"}),
    "NaN": ("value=[float('nan')] * 2", {"wrong", "protocol"}),
    "a seed": ("value={'$seed': 1}", {"protocol"}),
    "a function": ('value={"$function": "__import__(\'os\')._exit(0)"}', {"protocol"}),
    "a function that writes": (
        'value={"$function": f"open({FOLDER + \'/acted\'!r}, \'w\')"}', {"protocol"}
    ),
    "an array of text": (
        "value={'$array': ['1', '0'], 'shape': [2], 'kind': 'f'}", {"protocol"}
    ),
    "another shape": ("value={'$array': [1.0], 'shape': [2], 'kind': 'f'}", {"protocol"}),
    "a huge shape": ("value={'$array': [], 'shape': [10**9] * 3, 'kind': 'f'}", {"protocol"}),
    "a huge shape without numbers": (
        "value={'$array': [], 'shape': [0] + [200_000] * 6, 'kind': 'f'}", {"protocol"}
    ),
    "a negative shape": ("value={'$array': [], 'shape': [-1, -2], 'kind': 'f'}", {"protocol"}),
    "a true shape": ("value={'$array': [1.0], 'shape': [True], 'kind': 'f'}", {"protocol"}),
    "an unknown kind": ("value={'$array': [], 'shape': [0], 'kind': 'O'}", {"protocol"}),
    "a kind that is a list": ("value={'$array': [], 'shape': [0], 'kind': []}", {"protocol"}),
    "complex without parts": ("value={'$array': [1], 'shape': [1], 'kind': 'c'}", {"protocol"}),
    "huge integers": (
        "value={'$array': [10**400] * 2, 'shape': [2], 'kind': 'i'}", {"protocol"}
    ),
    "huge complex integers": (
        "value={'$array': [[10**400], [0]], 'shape': [1], 'kind': 'c'}", {"protocol"}
    ),
    "a huge plain integer": ("value=[10**400, 1.0]", {"wrong", "protocol"}),
    "texts that fill memory": ("value=['x' * 4 * 10**6] + [''] * 10**5", {"wrong", "protocol"}),
    "millions of lists": ("value=[[]] * 3 * 10**5", {"wrong", "timeout", "not_run"}),
}  # fmt: skip
for name, (message, may) in FORGED.items():
    body(f"forges {name}", f"forge({message})", *may)
for name, data in {
    "garbage": r'b"\x00\x01garbage\n"', "no UTF-8": r'b"\xff\xfe\xfa\n"',
    "50 MB": "b'x' * 50 * 10**6",
    "50 MB of lines": r"b'{}\n' * 10**7", "an empty line": r'b"\n"',
    "nested JSON": r"b'[' * 10**6 + b'\n'",
    "a number too long": "b'1' * 10**5 + b'\\n'", "a list": r"b'[1, 2]\n'", "null": r"b'null\n'",
}.items():  # fmt: skip
    body(f"writes {name}", f"send({data})", "protocol", "died")
body("writes nested JSON with the nonce", """
send(b'{"nonce": "' + stolen()[1]["nonce"].encode() + b'", "value": ' + b'[' * 900 + b']' * 900
     + b'}\\n')
""", "wrong", "protocol")  # fmt: skip
body("two replies", """
forge(value=[1.0, 0.0])
forge(value=[1.0, 0.0])
""", "wrong", "protocol")  # fmt: skip
answer("the nonce of an earlier request", STOLEN + """
earlier = [stolen()[1]["nonce"]]
def amplitudes(x):
    send(json.dumps({"nonce": earlier[0], "value": [1.0, 0.0]}).encode() + b"\\n")
""", "protocol")  # fmt: skip
answer("replies before it is asked", STOLEN + """
send(b'{"value": [1.0, 0.0]}\\n' * 3)
""" + HONEST, "protocol")  # fmt: skip
answer("replies to being loaded", STOLEN + """
forge(value=None)
time.sleep(600)
""", "timeout", "not_run", seconds=1)  # fmt: skip
body("half a reply, then death", "send(b'{\"nonce\"')\nos._exit(0)", "died")
# An error where the answer runs as nobody: the pipe is the grader's.
body("steals its own replies", """
fd = stolen()[0].fileno()
thief = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_NONBLOCK)
# Two at it: what the grader saw is often gone when it reads.
os.fork()
while True:
    os.write(fd, b"x")
    try: os.read(thief, 10)
    except BlockingIOError: pass
""", "timeout", "not_run", "protocol", "error", seconds=3)  # fmt: skip
body("fills its own requests", """
for fd in range(3, 20):
    try: pipe = os.open(f"/proc/self/fd/{fd}", os.O_WRONLY | os.O_NONBLOCK)
    except OSError: continue
    def fill(pipe=pipe):
        while True:
            try: os.write(pipe, b"{}\\n")
            except BlockingIOError: pass
    threading.Thread(target=fill, daemon=True).start()
return [1.0, 0.0]
""", "wrong", "protocol", "died", "timeout", "not_run", seconds=2)  # fmt: skip

# --- Other processes.
for name, act in {
    "its parent": "os.kill(os.getppid(), 9)",
    "everybody": "os.kill(-1, 9)",
    "the first": "os.kill(1, 9); os.kill(1, 15); os.kill(1, 19)",
    "its group": "os.killpg(0, 9)",
    "all numbers": "[os.kill(n, 9) for n in range(3, 10**5) if os.access(f'/proc/{n}', 0)]",
}.items():
    body(f"kills {name}", f"try: {act}\nexcept OSError: pass\nreturn [1.0, 0.0]", "wrong", "died",
         "error", "timeout", "not_run")  # fmt: skip
ORPHAN = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {close}
        os.execv("/bin/sleep", ["sleep", "600"])
    os._exit(0)
os.wait()
"""
answer("an orphan that sleeps", ORPHAN.format(close="os.closerange(0, 256)") + HONEST,
       "pass", points=7)  # fmt: skip
HOLD = "[os.set_inheritable(f, True) for f in (3, 4)]"
answer("an orphan that holds the pipes", ORPHAN.format(close=HOLD) + HONEST,
       "pass", points=7)  # fmt: skip
answer("an orphan that holds the pipes, and death",
       ORPHAN.format(close=HOLD) + "os._exit(5)",
       "died")  # fmt: skip
answer("an orphan that replies", STOLEN + HONEST.replace("amplitudes", "right") + """
def amplitudes(x):
    if os.fork() == 0:
        forge(value=[1.0, 0.0])
        os._exit(0)
    time.sleep(600)
""", "wrong", "protocol", "timeout", "not_run", seconds=1)  # fmt: skip

# --- Answers that know the order, or the number of calls.
# Constants of norm 1 do have norm 1, which is worth 2 points.
answer("constants by order", """
calls = iter([[1.0, 0.0], [0.8, -0.6j], [0.6, -0.8j]] * 3)
def amplitudes(x): return next(calls)
""", "wrong", "pass", points=2)  # fmt: skip
answer("a constant", "def amplitudes(x): return np.array([1, -1j]) / np.sqrt(2)", "wrong")
answer("its own input", "def amplitudes(x): return [x, x]", "wrong")

# --- What a report shows.
SCRIPT = "<script>alert(1)</script>"
body("a script in an error", f"raise ValueError({SCRIPT!r} + '</div></td><img src=x onerror=y>')",
     "error", says=SCRIPT)  # fmt: skip
body("a script that it prints", f"print({SCRIPT!r}, flush=True)\nos._exit(1)", "died", says=SCRIPT)
body("a script that it returns", f"return {SCRIPT!r}", "wrong", says=SCRIPT[:10])
answer("a script as the type of an error", f"""
Evil = type({SCRIPT!r}, (Exception,), {{}})
def amplitudes(x): raise Evil("x")
""", "error", says=SCRIPT)  # fmt: skip
body("terminal codes in an error",
     r"raise ValueError('\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r\x08 {{ 7 * 7 }} \ud800')", "error",
     says="{{ 7 * 7 }}")  # fmt: skip
body("terminal codes that it prints", r"os.write(2, b'\x1b[2Jowned\x07\n')" "\nos._exit(1)", "died",
     says="owned")  # fmt: skip
body("an endless message", "raise ValueError('x' * 10**8)", "error")
body("10 MB of output beside a right answer", """
for _ in range(1000): print("x" * 10_000)
return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
""", "pass", points=7)  # fmt: skip
body("output without end", """
while True: os.write(2, b"x" * 65536)
""", "timeout", "not_run", seconds=1)  # fmt: skip
body("output that is no UTF-8 beside a right answer", r"""
os.write(1, b"\xff\xfe" * 100_000)
return np.array([np.cos(x / 2), -1j * np.sin(x / 2)])
""", "pass", points=7)  # fmt: skip
body("last words that are no UTF-8", r"os.write(2, b'\xff\xfe\n')" "\nos._exit(1)", "died")

# --- Notebooks that are spoiled.
ANSWERS = ("question-amplitudes", "question-expectation")


def strip(made: Any) -> None:
    for one in made["cells"]:
        one["metadata"].pop("tags", None)


def drop(made: Any) -> None:
    made["cells"] = [c for c in made["cells"] if not {*c["metadata"].get("tags", [])} & {*ANSWERS}]


def swap(made: Any) -> None:
    first, second = (tagged(made, tag) for tag in ANSWERS)
    first["metadata"]["tags"], second["metadata"]["tags"] = [ANSWERS[1]], [ANSWERS[0]]


def both(made: Any) -> None:
    tagged(made, ANSWERS[1])["metadata"]["tags"] = []
    tagged(made, ANSWERS[0])["metadata"]["tags"] = list(ANSWERS)


def set_source(value: Any) -> Callable[[Any], None]:
    return lambda made: tagged(made, ANSWERS[0]).update(source=value)


def odd_cells(made: Any) -> None:
    odd = [None, 1, "cell", [], {}, {"metadata": 1}, {"cell_type": "code", "metadata": {"tags": 1}}]
    odd += [{"cell_type": "code", "metadata": {"tags": [1, None, [], {}]}, "source": {}}]
    odd += [cell(["x", 1], "setup"), cell("1/0", "question-nothing"), cell("1/0", "question-")]
    made["cells"] = odd + made["cells"]


def learner(made: Any) -> None:
    blank = EXERCISES / "toy" / "toy.ipynb"
    made.update(json.loads(blank.read_text("utf-8")))


changed("the learner's notebook, unfilled", learner, "wrong")
changed("no answer cells", drop, "not_run", says="qmlcourse exercises")
changed("stripped tags", strip, "not_run")
changed("no cells", lambda made: made.update(cells=[]), "not_run")
# Both cells run before the second question, so its function is there and right.
changed("tags of another question", swap, "error", "pass", points=3)
changed("both tags on one cell", both, "pass", "error", points=7)
changed("an answer twice, the last one false",
        lambda made: made["cells"].append(cell(FALSE, ANSWERS[0])), "wrong")  # fmt: skip
changed("an answer twice, both right",
        lambda made: made["cells"].append(cell(HONEST, ANSWERS[0])), "pass", points=10)  # fmt: skip
changed("a setup of its own",
        lambda made: made["cells"].insert(0, cell("1/0", "setup")), "pass", points=10)  # fmt: skip
changed("odd cells beside right ones", odd_cells, "pass", points=10)
changed("a cell without source", lambda made: tagged(made, ANSWERS[0]).pop("source"), "error")
changed("a number as source", set_source(1), "error", says="There is no function")
changed("a list of numbers as source", set_source([1, 2]), "error")
changed("lone surrogates", set_source(f"y = '\ud800'\n{HONEST}"), "error")
changed("an answer as Markdown",
        lambda made: tagged(made, ANSWERS[0]).update(cell_type="markdown"), "not_run")  # fmt: skip
changed("a tag 100,000 times on a megabyte",
        lambda made: tagged(made, ANSWERS[0]).update(
            cell("#" * 2**20 + "\n" + HONEST, *[ANSWERS[0]] * 100_000)),
        "pass", points=10)  # fmt: skip
changed("10 MB of comments", set_source("# x\n" * 2_500_000 + HONEST), "pass", points=10)
changed("metadata that are a list", lambda made: made.update(metadata=[1], nbformat="x"), "pass",
        points=10)  # fmt: skip
changed("another exercise in the metadata",
        lambda made: made["metadata"].update(qmlcourse={"exercise": "../../etc"}), "pass",
        points=10)  # fmt: skip
changed("a script as the name of the file", strip, "not_run", file="<script>alert(1)<!--.ipynb")
changed("terminal codes in the name of the file", strip, "not_run", file="\x1b[2J\x07\n.ipynb")


# --- Files that are no notebook.
def bound(place: Place, path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def sparse(place: Place, path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2**40)


CELLS = b'{"cells": '
raw("empty", lambda: b"")
raw("text", lambda: b"I have no notebook", says="not JSON")
raw("binary", lambda: secrets.token_bytes(10_000))
raw("truncated", lambda: json.dumps(notebook()).encode()[:-500], says="not JSON")
raw("UTF-16", lambda: json.dumps(notebook()).encode("utf-16"))
raw("25 MB", lambda: CELLS + b"[" + b'"x",' * 6_250_000 + b'"x"]}', says="larger than 20 MiB")
raw("deeply nested", lambda: CELLS + b"[" * 200_000 + b"]" * 200_000 + b"}", says="nested")
raw("deeply nested dictionaries", lambda: b'{"cells":' * 200_000 + b"1" + b"}" * 200_000)
raw("cells that are no list", lambda: CELLS + b'{"0": 1}}', says="no list of cells")
raw("cells that are null", lambda: CELLS + b"null}")
raw("a list as a notebook", lambda: b"[]")
raw("a number as a notebook", lambda: b"1" * 10_000)
raw("no cells at all", lambda: b'{"metadata": {}}')
raw("a script that is no JSON", lambda: SCRIPT.encode(), file="<script>alert(1)<!--.ipynb")
raw("a formula as a name", lambda: b"", file="=cmd|'x'!A1.ipynb")
raw("an archive that unpacks to much", lambda: zlib.compress(b"0" * 10**7))
raw("missing", bytes, build=lambda place, path: None)
raw("a folder", bytes, build=lambda place, path: path.mkdir())
raw("a named pipe", bytes, build=lambda place, path: os.mkfifo(path))
raw("a link to the secret", bytes, says="symbolic link",
    build=lambda place, path: path.symlink_to(place.folder / "home" / "secret"))  # fmt: skip
raw("a link to the solution", bytes, says="symbolic link",
    build=lambda place, path: path.symlink_to(EXERCISES / "toy" / "solution.ipynb"))  # fmt: skip
raw("a link to itself", bytes, build=lambda place, path: path.symlink_to(path))
raw("a link to a device", bytes, build=lambda place, path: path.symlink_to("/dev/zero"))
raw("a socket", bytes, build=bound)
raw("a file of a tebibyte", bytes, build=sparse, says="larger than 20 MiB")


@contextlib.contextmanager
def attacked(folder: Path) -> Iterator[tuple[Place, list[socket.socket]]]:
    """Make a place with a secret in its home, its environment, and listeners."""
    secret = secrets.token_hex(16)
    (folder / "home").mkdir()
    (folder / "home" / "secret").write_text(secret)
    listeners = [socket.socket(kind) for kind in (socket.AF_INET, socket.AF_UNIX, socket.AF_UNIX)]
    abstract = f"qmlcourse-{secrets.token_hex(8)}"
    # A path of a socket is short; the sandbox would see it through the same folder.
    addresses = [("127.0.0.1", 0), f"\0{abstract}", str(folder / "listener")]
    variables = {
        "QMLCOURSE_EXERCISES": str(EXERCISES),
        "HOME": str(folder / "home"),
        "HOSTILE_SECRET": secret,
    }
    with contextlib.ExitStack() as stack:
        for listener, address in zip(listeners, addresses, strict=True):
            stack.enter_context(listener)
            listener.bind(address)
            listener.listen()
            listener.setblocking(False)
        stack.enter_context(mock.patch.dict(os.environ, variables))
        yield Place(folder, secret, listeners[0].getsockname()[1], abstract), listeners


def graded(case: Case, place: Place, *, marker: str = "") -> Report:
    """Write a case and grade it, with its limits; every process of it carries the marker."""
    path = place.folder / case.file
    case.build(place, path)

    def load(name: str) -> exercise.Exercise:
        loaded = exercise.load(name)
        for question in loaded.questions.values():
            question.seconds = case.seconds
        return loaded

    with (
        mock.patch.dict(sandbox.ENVIRONMENT, {"HOSTILE_RUN": marker}),
        mock.patch.object(session, "START", case.start),
        mock.patch.object(session, "MEMORY", case.memory),
        mock.patch.object(marking, "load", load),
    ):
        return grade(path, "toy", questions=case.questions, jobs=2)


def main() -> None:
    """Grade the corpus and print the table."""
    begun = time.monotonic()
    for case in CASES:
        with (
            tempfile.TemporaryDirectory() as folder,
            attacked(Path(folder)) as (place, _),
        ):
            started = time.monotonic()
            report = graded(case, place)
            statuses = sorted({r.status for r in report.results}) or [report.status]
            seconds = time.monotonic() - started
            print(f"{case.name:48} {', '.join(statuses):20} {report.points:2} {seconds:6.1f} s")
    print(f"{len(CASES)} cases, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
