"""`make run` with everything installed and migrated: how long until the first page."""

import os
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench import machine
from bench.figures import Effort, figure
from bench.product import Product
from bench.report import Row

PATIENCE = 120


@figure("start")
async def start(product: Product, effort: Effort) -> list[Row]:
    """On all cores, as a person starts it; the first start makes the data and is not counted."""
    product.stop()
    first, *others = _starts(1 + max(effort.rounds, 2))
    notes = {"with_new_data_s": round(first, 2), "rounds": [round(seconds, 2) for seconds in others]}
    return [Row("start", "make run: seconds to the first page", statistics.median(others), "s", 3, True, notes=notes)]


def _starts(count: int) -> list[float]:
    os.sched_setaffinity(0, machine.SERVERS | machine.GENERATOR)
    try:
        with tempfile.TemporaryDirectory(prefix="chatter-bench-", ignore_cleanup_errors=True) as folder:
            Path(folder).chmod(0o755)
            return [_run_once(Path(folder)) for _ in range(count)]
    finally:
        machine.prepare()


def _run_once(var: Path) -> float:
    port = machine.free_port()
    # A person's shell knows nothing of the servers measured beside it.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = kept | {"CHATTER_VAR": str(var), "PORT": str(port)}
    began = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run"], cwd=machine.PROJECT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while not _shows_page(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError("make run did not come up")
            time.sleep(0.02)
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)


def _shows_page(port: int) -> bool:
    """Whether the first page is there: redirects followed, the whole of it read."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return b"</html>" in answer.read()
    except (urllib.error.URLError, OSError):
        return False
