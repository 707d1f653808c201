"""Lock files: one process at a time runs the servers of a data folder; the kernel frees the lock when it dies."""

import fcntl
import os
from pathlib import Path

from chatter.ops.errors import OpsError


class Lock:
    """An advisory lock on `path`; the file's text says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self, *, shared: bool = False, wait: bool = False) -> bool:
        """Take the lock (many may share it); False when another process holds it and `wait` is off."""
        if self._file is not None:
            return True
        file = self._open()
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    @property
    def file(self) -> int:
        """The descriptor that holds the lock: a child that inherits it holds it too."""
        assert self._file is not None
        return self._file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def sign(self, name: str) -> None:
        """Write who holds the lock: this process, under `name`."""
        os.truncate(self.file, 0)
        os.pwrite(self.file, f"{name}, process {os.getpid()}".encode(), 0)

    def holder(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OpsError(f"Cannot use the folder {self.path.parent}: {error.strerror}.") from error
