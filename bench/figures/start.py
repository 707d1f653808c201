"""`make run` with everything installed and migrated: how long until the first page."""

import os
import signal
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from bench import machine
from bench.figures import Effort, figure
from bench.product import Product
from bench.report import Row


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
    log = var.with_suffix(".log")
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=machine.PROJECT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        machine.wait_for(lambda: machine.serves(f"http://127.0.0.1:{port}/"), process, log)
        return time.perf_counter() - began
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
        log.unlink()
