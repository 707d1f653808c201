"""Where things run: the servers on the first core, the load generator on the second, and what a process takes."""

import os
import platform
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PAGE_BYTES = resource.getpagesize()
START_SECONDS = 60


def cores() -> tuple[set[int], set[int]]:
    """The core of the servers and that of the load generator; the same where there is only one."""
    usable = sorted(os.sched_getaffinity(os.getppid() if os.getpid() == 1 else 0))
    return {usable[0]}, {usable[1 % len(usable)]}


SERVERS, GENERATOR = cores()


@contextmanager
def on_server_core() -> Iterator[None]:
    """What is started inside runs on the servers' core."""
    os.sched_setaffinity(0, SERVERS)
    try:
        yield
    finally:
        os.sched_setaffinity(0, GENERATOR)


def prepare() -> None:
    """Pin this process to its core and let it hold as many sockets as the figures need."""
    os.sched_setaffinity(0, GENERATOR)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def spawn(program: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a Python program (module or script) on the servers' core; it writes to `log`."""
    with on_server_core(), log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *program], cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )


def wait_for(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; RuntimeError with the log's end when the process ends first."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"the server did not start:\n{tail}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether something takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def serves(url: str) -> bool:
    """Whether a page is there: redirects followed, the whole of it read."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 -- our own address
            return bool(answer.read())
    except OSError:
        return False


def end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, and SIGKILL where that is not enough."""
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def resident_bytes(pid: int) -> int:
    """The memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES


def processor_seconds(pid: int) -> float:
    """What a process, and children of it that it has waited for, used of a core so far, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process and its living children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def description() -> dict[str, Any]:
    """What the figures were measured on."""
    models = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": models[0].partition(":")[2].strip() if models else platform.machine(),
        "cores": os.cpu_count(),
        "servers_on": sorted(SERVERS),
        "generator_on": sorted(GENERATOR),
        "python": platform.python_version(),
        "system": platform.platform(),
        "load_at_start": os.getloadavg()[0],
    }
