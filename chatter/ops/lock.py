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
        while True:
            file = self._open()
            try:
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                os.close(file)
                return False
            if self._is_there(file):
                self._file = file
                return True
            os.close(file)

    @property
    def file(self) -> int:
        """The descriptor that holds the lock: a child that inherits it holds it too."""
        assert self._file is not None
        return self._file

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def discard(self) -> None:
        """Release the lock and take its file away. For locks that nobody shares."""
        if self._file is not None:
            self.path.unlink(missing_ok=True)
            self.release()

    def sign(self, name: str) -> None:
        """Write who holds the lock: this process, under `name`."""
        os.truncate(self.file, 0)
        os.pwrite(self.file, f"{name}, process {os.getpid()}".encode(), 0)

    def holder(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8") or "another process"
        except OSError:
            return "another process"

    def _is_there(self, file: int) -> bool:
        """Is it still the file at `path`? Who held it before may have taken it away while we waited."""
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False

    def _open(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OpsError(f"Cannot use the folder {self.path.parent}: {error.strerror}.") from error
