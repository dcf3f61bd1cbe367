"""IonQ's and IBM's HTTP interfaces on this machine, with faults to order.

What the servers speak is what the providers document and what their clients, cirq-ionq 1.5.0 and
qiskit-ibm-runtime 0.45.1, send and read. A job runs once it was looked at ``polls`` times; the
servers count what ran, which is what an account would be billed for.
"""

import base64
import contextlib
import json
import os
import socket
import sys
import threading
import time
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import numpy as np

from qmlcourse.hardware._network import Patience

TOKEN = "token-f3a1c97e-must-never-be-seen"
QUICK = Patience(attempts=30, first=0.01, most=0.05, settle=0.02, timeout=0.3, poll=0.01)
FAULTS = (
    "drop before",  # the request never arrives
    "drop after",  # it is obeyed, its answer never arrives
    "late",  # it is obeyed after the client gave up
    "silent",  # it is obeyed at once, the answer comes after the client gave up
    "429",
    "500",
    "503 after",  # obeyed, and yet an error
    "cut",  # the answer stops in the middle
    "garbled",  # half an answer, said to be whole
    "twice",  # the network delivers the request two times
    "restart",  # obeyed, then the server is gone for a while
)


class Server:
    """Jobs, the faults still to inject and an HTTP server on a free port."""

    slow = 0.6  # of "late" and "silent", beyond the client's timeout in the tests
    away = 0.2  # of "restart"

    def __init__(self, polls=2):
        self.polls, self.jobs, self.faults, self.injected = polls, {}, [], []
        self.requests, self.tokens, self.errors = [], set(), []
        self.lock = threading.RLock()
        self.arrived = threading.Event()  # a submission was obeyed
        self.looked = threading.Event()  # a client waits for a job
        self.port = 0
        self._up()

    def _up(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # 40 ms an answer
            wbufsize = -1

            def log_message(self, *args):
                pass

            def do(self):
                server.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do  # noqa: N815

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True
            block_on_close = False

            def handle_error(self, request, client_address):
                if not isinstance(sys.exception(), OSError):
                    server.errors.append(traceback.format_exc())

        self.http = Quiet(("127.0.0.1", self.port), Handler)
        self.port = self.http.server_port
        serve = threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True)
        serve.start()

    def _down(self):
        self.http.shutdown()
        self.http.server_close()

    close = _down

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def ran(self):
        return [job for job in self.jobs.values() if job["status"] == "completed"]

    def shots_run(self):
        return sum(job["shots"] * job["circuits"] for job in self.ran)

    def handle(self, http):
        length = int(http.headers.get("Content-Length") or 0)
        body = http.rfile.read(length)
        method, url = http.command, urlsplit(http.path)
        route = self.route(method, url.path)
        with self.lock:
            self.requests.append((method, http.path, time.monotonic()))
            self.tokens.add(http.headers.get("Authorization"))
            fault = None
            if self.faults and self.faults[0][0] == route:
                fault = self.faults.pop(0)[1]
                self.injected.append((route, fault))

        def obey():
            with self.lock:
                code, answer = self.answer(method, url, body)
            if route == "submit":
                self.arrived.set()
            if route == "job":
                self.looked.set()
            return code, answer if isinstance(answer, bytes) else json.dumps(answer).encode()

        if fault in ("401", "429", "500"):
            headers = {"Retry-After": "0.35"} if fault == "429" else {}
            return self.reply(http, int(fault), b"{}", headers)
        if fault == "drop before":
            return self.drop(http)
        if fault == "late":
            time.sleep(self.slow)
        if fault == "twice":
            obey()
        code, answer = obey()
        if fault == "silent":
            time.sleep(self.slow)
        if fault == "restart":
            self.drop(http)
            self._down()
            time.sleep(self.away)
            return self._up()
        if fault == "drop after":
            return self.drop(http)
        if fault == "503 after":
            return self.reply(http, 503, b"{}")
        if fault == "cut":
            return self.reply(http, code, answer, cut=True)
        if fault == "garbled":
            return self.reply(http, code, answer[: len(answer) // 2])
        return self.reply(http, code, answer)

    @staticmethod
    def reply(http, code, body, headers=None, cut=False):
        with contextlib.suppress(OSError):
            http.send_response(code)
            http.send_header("Content-Type", "application/json")
            http.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                http.send_header(name, value)
            http.end_headers()
            http.wfile.write(body[: len(body) // 2] if cut else body)
            http.wfile.flush()
        if cut:
            Server.drop(http)

    @staticmethod
    def drop(http):
        http.close_connection = True
        with contextlib.suppress(OSError):
            http.connection.shutdown(socket.SHUT_RDWR)

    def look(self, job):
        job["looks"] += 1
        if job["status"] == "ready" and job["looks"] > self.polls:
            job["status"] = "completed"


@contextlib.contextmanager
def account(server):
    """Point the providers' own clients at a server, by the environment alone.

    One address is fixed in IBM's client, that of the key exchange, so that it is replaced.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, server.environment(TOKEN)))
        if isinstance(server, IBMServer):
            stack.enter_context(exchange_keys_here())
        yield


def exchange_keys_here():
    """Send IBM's key exchange to the host that the servers know."""
    from ibm_cloud_sdk_core import IAMTokenManager

    def manager(key, url, **options):
        return IAMTokenManager(key, url="http://iam.ibm.test", **options)

    return mock.patch("qiskit_ibm_runtime.api.auth.IAMTokenManager", manager)


class IonQServer(Server):
    """POST /jobs, GET /jobs, GET /jobs/id, GET /jobs/id/results, PUT /jobs/id/status/cancel."""

    def environment(self, token):
        return {"IONQ_REMOTE_HOST": self.url, "IONQ_API_KEY": token}

    @staticmethod
    def route(method, path):
        parts = path.strip("/").split("/")[1:]
        if parts[0] != "jobs":
            return parts[0]
        if len(parts) == 1:
            return "submit" if method == "POST" else "list"
        return {2: "job", 3: "results", 4: "cancel"}[len(parts)]

    def answer(self, method, url, body):
        route = self.route(method, url.path)
        parts = url.path.strip("/").split("/")
        if parts[0] != "v0.3":
            return 404, {}
        if route == "calibrations":
            return 200, {"date": "2026-01-02T03:04:05.006Z", "fidelity": {"2q": {"mean": 0.99}}}
        if route == "submit":
            sent = json.loads(body)
            job_id = str(uuid.uuid4())
            self.jobs[job_id] = {
                "id": job_id,
                "status": "ready",
                "looks": 0,
                "shots": int(sent["shots"]),
                "circuits": 1,
                "name": sent["name"],
                "target": sent["target"],
                "qubits": str(sent["body"]["qubits"]),
                "metadata": sent["metadata"],
                "request": 1000 + len(self.jobs),
                "start": 1490932821,
                "response": 1490932834,
                "sent": sent,
            }
            return 200, {"id": job_id, "status": "ready"}
        if route == "list":
            # Two a page, so that a client that reads the first one only is found out.
            jobs = list(self.jobs.values())[::-1]
            start = int(parse_qs(url.query).get("next", ["0"])[0])
            page = {"jobs": [self.shown(job) for job in jobs[start : start + 2]]}
            return 200, page | ({"next": str(start + 2)} if start + 2 < len(jobs) else {})
        job = self.jobs.get(parts[2])
        if job is None:
            return 404, {}
        if route == "cancel":
            job["status"] = "canceled"
        if route == "results":
            return 200, self.histogram(job)
        self.look(job)
        return 200, self.shown(job)

    @staticmethod
    def shown(job):
        return {k: v for k, v in job.items() if k not in ("looks", "sent", "circuits")}

    def histogram(self, job):
        chances = ionq_probabilities(job["sent"]["body"])
        n, shots = int(job["qubits"]), job["shots"]
        if job["target"] != "simulator":
            chances = whole(chances, shots) / shots
        # IonQ's integers have qubit 0 as the least significant bit.
        little = {int(f"{k:0{n}b}"[::-1], 2): float(p) for k, p in enumerate(chances) if p > 0}
        return {str(k): p * job.get("doubled", 1) for k, p in little.items()}


def whole(chances, shots):
    """Return counts next to ``shots * chances`` that sum to ``shots``."""
    counts = np.floor(chances * shots + 1e-9)
    order = np.argsort(counts - chances * shots, kind="stable")
    counts[order[: int(shots - counts.sum())]] += 1
    return counts


def ionq_probabilities(body):
    """Return the outcome probabilities of IonQ's JSON circuit, from the matrices it documents."""
    n = body["qubits"]
    state = np.zeros((2,) * n, complex)
    state[(0,) * n] = 1
    for gate in body["circuit"]:
        targets = gate.get("targets", [gate["target"]] if "target" in gate else [])
        if "control" in gate:
            targets = [gate["control"], gate["target"]]
        matrix = ionq_matrix(gate).reshape((2,) * (2 * len(targets)))
        k = len(targets)
        state = np.tensordot(matrix, state, axes=(range(k, 2 * k), targets))
        state = np.moveaxis(state, range(k), targets)
    return np.abs(state.ravel()) ** 2


def ionq_matrix(gate):
    name, turn = gate["gate"], 2j * np.pi
    x, y, z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    eye = np.eye(2)

    def exp(a, pauli):
        return np.cos(a) * np.eye(len(pauli)) - 1j * np.sin(a) * pauli

    if name == "gpi":
        p = turn * gate["phase"]
        return np.array([[0, np.exp(-p)], [np.exp(p), 0]])
    if name == "gpi2":
        p = turn * gate["phase"]
        return np.array([[1, -1j * np.exp(-p)], [-1j * np.exp(p), 1]]) / np.sqrt(2)
    if name == "ms":
        a, b = (np.cos(2 * np.pi * p) * x + np.sin(2 * np.pi * p) * y for p in gate["phases"])
        return exp(np.pi * (gate.get("angle") or 0.25), np.kron(a, b))
    if name == "zz" and "phase" in gate:
        return exp(np.pi * gate["phase"], np.kron(z, z))
    if name in ("xx", "yy", "zz"):
        p = {"x": x, "y": y, "z": z}[name[0]]
        return exp(gate["rotation"] / 2, np.kron(p, p))
    if name in ("rx", "ry", "rz"):
        return exp(gate["rotation"] / 2, {"x": x, "y": y, "z": z}[name[1]])
    if name in ("v", "vi"):
        return exp(np.pi / 4 * (1 if name == "v" else -1), x)
    phases = {"s": 1j, "si": -1j, "t": np.exp(1j * np.pi / 4), "ti": np.exp(-1j * np.pi / 4)}
    if name in phases:
        return np.diag([1, phases[name]])
    if name == "cnot":
        return np.block([[eye, 0 * eye], [0 * eye, x]])
    return {"x": x, "y": y, "z": z, "h": (x + z) / np.sqrt(2)}[name]


class IBMServer(Server):
    """IAM, resource search, catalog and the Runtime's REST interface, as an HTTP proxy.

    The client is given ``QISKIT_IBM_URL=http://ibm.test``, from which it builds the addresses of
    four hosts; ``HTTP_PROXY`` sends all of them here.
    """

    def __init__(self, polls=5):  # the client asks twice each time it looks
        super().__init__(polls)

    crn = "crn:v1:bluemix:public:quantum-computing:us-east:a/1:2::"
    device = "ibm_manila"

    def environment(self, token):
        return {
            "QISKIT_IBM_TOKEN": token,
            "QISKIT_IBM_URL": "http://ibm.test",
            "USAGE_DATA_OPT_OUT": "True",  # reads the whole call stack at each request
            "HTTP_PROXY": self.url,
            "http_proxy": self.url,
            "NO_PROXY": "",
            "no_proxy": "",
        }

    @staticmethod
    def route(method, path):
        parts = path.strip("/").split("/")
        if "jobs" not in parts:
            return parts[-1]
        parts = parts[parts.index("jobs") :]
        if len(parts) == 1:
            return "submit" if method == "POST" else "list"
        return "job" if len(parts) == 2 else parts[2]

    def answer(self, method, url, body):
        if url.netloc.startswith("iam."):
            expires = int(time.time()) + 3600
            claims = json.dumps({"iat": expires - 3600, "exp": expires}).encode()
            parts = (b'{"alg":"HS256","typ":"JWT"}', claims, b"signature")
            token = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
            return 200, {
                "access_token": token.decode(),
                "refresh_token": "refresh",
                "token_type": "Bearer",
                "expires_in": 3600,
                "expiration": expires,
            }
        if url.netloc.startswith("api.global-search"):
            item = {
                "crn": self.crn,
                "name": "mine",
                "tags": [],
                "service_plan_unique_id": "plan",
                "doc": {"extensions": [1]},
            }
            return 200, {"items": [item]}
        if url.netloc.startswith("globalcatalog."):
            return 200, {
                "overview_ui": {"en": {"display_name": "Open"}},
                "metadata": {"pricing": {"type": "free"}},
            }
        route = self.route(method, url.path)
        if "jobs" in url.path.split("/"):
            return self.job_answer(route, url, body)
        return 200, self.backend_answer(route)

    def backend_answer(self, route):
        from qiskit_ibm_runtime.fake_provider import FakeManilaV2

        if route == "backends":
            return {"devices": [{"name": self.device, "status": {"name": "online"}, "qubits": 5}]}
        if route == "usage":
            return {"usage_limit_seconds": 600, "usage_consumed_seconds": 60}
        if route == "status":
            return {"state": True, "status": "active", "length_queue": 0}
        fake = FakeManilaV2()
        folder = f"{fake.dirname}/"
        name = fake.conf_filename if route == "configuration" else fake.props_filename
        with open(folder + name, encoding="utf-8") as file:
            content = json.load(file)
        return content | {"backend_name": self.device}

    def job_answer(self, route, url, body):
        from qiskit_ibm_runtime.utils import RuntimeDecoder

        parts = url.path.strip("/").split("/")
        if route == "submit":
            sent = json.loads(body, cls=RuntimeDecoder)
            job_id = f"d{uuid.uuid4().hex[:19]}"
            pubs = sent["params"]["pubs"]
            self.jobs[job_id] = {
                "id": job_id,
                "status": "ready",
                "looks": 0,
                "shots": pubs[0][2],
                "circuits": len(pubs),
                "tags": sent.get("tags", []),
                "pubs": pubs,
                "reason": None,
            }
            return 200, {"id": job_id, "backend": self.device}
        if route == "list":
            tags = parse_qs(url.query).get("tags", [])
            jobs = [j for j in self.jobs.values() if set(tags) <= set(j["tags"])]
            return 200, {"jobs": [self.shown(job) for job in jobs], "count": len(jobs)}
        job = self.jobs.get(parts[parts.index("jobs") + 1])
        if job is None:
            return 404, {"errors": [{"message": "not found"}]}
        if route == "cancel":
            job["status"] = "canceled"
            return 204, b""
        if route == "results":
            return 200, self.result(job)
        if route == "metrics":
            times = {"running": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:04:09Z"}
            return 200, {"timestamps": times}
        self.look(job)
        return 200, self.shown(job)

    def shown(self, job):
        status = {"ready": "Queued", "completed": "Completed", "canceled": "Cancelled"}
        state = {"status": status.get(job["status"], "Failed"), "reason": job["reason"]}
        return {
            "id": job["id"],
            "backend": self.device,
            "state": state,
            "tags": job["tags"],
            "program": {"id": "sampler"},
        }

    @staticmethod
    def result(job):
        from qiskit import QuantumCircuit
        from qiskit.primitives import StatevectorSampler
        from qiskit_ibm_runtime.utils import RuntimeEncoder

        pubs = []
        for sent, *_ in job["pubs"]:
            circuit = QuantumCircuit(*sent.qregs, *sent.cregs)  # without the layout
            for instruction in sent.data:
                circuit.append(instruction)
            pubs.append((circuit, None, job["shots"] * job.get("doubled", 1)))
        result = StatevectorSampler(seed=1).run(pubs).result()
        return json.dumps(result, cls=RuntimeEncoder).encode()
