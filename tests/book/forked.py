"""Kernels for papermill that begin with the libraries loaded, by a fork.

To import PennyLane, Cirq and the rest takes a kernel some five seconds, and about a hundred are
started. One process for each worker imports them, does nothing else, and forks for each kernel,
which is a new one in every other way. Only what starts no thread may be loaded: a fork has but one
thread. So JAX is imported but not set to work, and TensorFlow is not imported.
"""

import multiprocessing
import os
import sys
import threading
import uuid
from multiprocessing.context import ForkServerProcess

from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

LOADED = [
    "ipykernel.kernelapp", "cirq_google", "jax.numpy", "matplotlib.pyplot", "optax", "pandas",
    "pennylane", "scipy.optimize", "scipy.stats", "sklearn.model_selection", "sklearn.svm",
]  # fmt: skip


def end_with_parent() -> None:
    """End this kernel if the tests are killed: the process that forked it would wait for it."""
    multiprocessing.parent_process().join()
    os._exit(1)


def kernel(command: list[str], env: dict[str, str], cwd: str) -> None:
    """Become the kernel that the command would start."""
    os.setsid()
    os.chdir(cwd)
    threads = os.listdir(f"/proc/{os.getppid()}/task")
    if len(threads) > 1 or not {"ipykernel.kernelapp", "numpy"} <= set(sys.modules):
        os.execve(command[0], command, env)
    os.environ.clear()
    os.environ.update(env)
    # Else all forks would draw the same numbers where a seed was forgotten.
    sys.modules["numpy"].random.seed()
    threading.Thread(target=end_with_parent, daemon=True).start()
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(command[command.index("-f") :])


class Forked(ForkServerProcess):
    """What the provisioner asks of a ``subprocess.Popen``."""

    stdin = stdout = stderr = None

    def poll(self) -> int | None:
        return self.exitcode

    def wait(self) -> int | None:
        self.join()
        return self.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


class Provisioner(LocalProvisioner):
    """Start a kernel by a fork; all else is as for any local process."""

    async def launch_kernel(self, cmd, *, env, cwd=None, **options):
        multiprocessing.get_context("forkserver").set_forkserver_preload(LOADED)
        self.process = Forked(target=kernel, args=(cmd, env, str(cwd or os.getcwd())))
        self.process.start()
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class Manager(AsyncKernelManager):
    """Start kernels by a fork, where the system is Linux."""

    def __init__(self, **options):
        super().__init__(**options)
        if sys.platform == "linux":
            self.kernel_id = str(uuid.uuid4())
            self.provisioner = Provisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
