"""What the embedded servers share: a child process with a log, a wait until it answers, a stop that always ends."""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chatter.ops.child import server_user, spawn
from chatter.ops.errors import OpsError

LOG_LIMIT = 10_000_000


class EmbeddedServer:
    """One server process. Start it from a thread that lives as long as the server shall (the kernel watches that)."""

    name = "server"
    stop_signal = signal.SIGTERM

    def __init__(self, log: Path) -> None:
        self.log = log
        self.user = server_user()
        self.process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def launch(self, program: Sequence[str | Path], *, reaches: Sequence[Path]) -> None:
        """Start `program` without waiting for it to answer."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        if self._log_start > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".old.log"))
            self._log_start = 0
        with self.log.open("ab") as output:
            self.process = spawn(
                program, on_parent_death=self.stop_signal, user=self.user, reaches=reaches, output=output
            )

    def wait_until(self, answers: Callable[[], bool], *, seconds: float) -> None:
        """Return when `answers` does; OpsError when the process ends first or the time is over."""
        deadline = time.monotonic() + seconds
        while not answers():
            if self.process is None or self.process.poll() is not None:
                raise OpsError(f"{self.name} did not start: {self.complaint()} (log: {self.log})")
            if time.monotonic() > deadline:
                self.stop()
                raise OpsError(f"{self.name} did not answer within {seconds:.0f} s (log: {self.log})")
            time.sleep(0.01)

    def complaint(self) -> str:
        """The last line of the log that says what is wrong, of this start only."""
        with self.log.open("rb") as file:
            file.seek(self._log_start)
            lines = file.read().decode(errors="replace").splitlines()
        grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
        text = (grave or lines or ["it said nothing"])[-1]
        return text.partition(":  ")[2] or text

    def stop(self, *, seconds: float = 20) -> None:
        """End the process: politely, then with SIGKILL."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
        self.process = None

    def kill(self) -> None:
        """End the process as a crash would (SIGKILL)."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
