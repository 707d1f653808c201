"""One watched process of `make run`: started, started again when it dies, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

from chatter.ops.errors import OpsError
from chatter.ops.paths import PROJECT

MOST_STARTS = 5
WITHIN_SECONDS = 60.0


class Part:
    """A `manage.py` command that runs as long as Chatter does."""

    def __init__(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, inherits: Sequence[int] = ()
    ) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.inherits = inherits
        self.process: subprocess.Popen[bytes] | None = None
        self._starts: list[float] = []

    def start(self) -> None:
        self._starts.append(time.monotonic())
        self.process = command(self.command, self.environment, inherits=self.inherits)

    def revive(self) -> bool:
        """Start the process again if it has ended; OpsError when that happens too often."""
        if self.process is None or self.process.poll() is None:
            return False
        recent = [at for at in self._starts if at > time.monotonic() - WITHIN_SECONDS]
        if len(recent) >= MOST_STARTS:
            raise OpsError(f"The {self.name} ended {len(recent)} times within a minute; its last words stand above.")
        self.start()
        return True

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self, *, seconds: float) -> None:
        """Wait for the end `ask_to_end` asked for, then insist."""
        if self.process is None:
            return
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def command(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    *,
    inherits: Sequence[int] = (),
    output: int | None = None,
) -> subprocess.Popen[bytes]:
    """A `manage.py` command in a session of its own (Ctrl-C is ours to pass on) that dies with this process."""
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        cwd=PROJECT,
        env={**environment, "CHATTER_PARENT": str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=output,
        pass_fds=inherits,
        start_new_session=True,
    )
