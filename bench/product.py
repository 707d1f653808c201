"""The real thing, started for measuring: embedded PostgreSQL and Valkey with their defaults, `manage.py serve`."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import machine
from chatter.ops.postgres import Postgres
from chatter.ops.server import EmbeddedServer
from chatter.ops.valkey import Valkey


class Product:
    """The running product. `restart` gives a figure a fresh web process on the same data."""

    def __init__(self, folder: Path, environment: dict[str, str], servers: dict[str, EmbeddedServer]) -> None:
        self.folder = folder
        self.servers = servers
        self.environment = environment
        self.port = machine.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}/ws/"
        self.log = folder / "web.log"
        self._web: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The web server's process."""
        assert self._web is not None
        return self._web.pid

    def restart(self) -> None:
        """Start the web server, ending the one before."""
        self.stop()
        program = ["manage.py", "serve", "--host=127.0.0.1", f"--port={self.port}"]
        self._web = machine.spawn(program, self.environment, self.log)
        machine.wait_for(lambda: machine.serves(f"{self.url}/livez"), self._web, self.log)

    def stop(self) -> None:
        if self._web is not None:
            machine.end(self._web)
            self._web = None

    def processor_seconds(self) -> dict[str, float]:
        """What web server, database and Valkey have used of their core so far."""
        used = {"web": machine.processor_seconds(self.pid)}
        for name, server in self.servers.items():
            assert server.process is not None
            used[name] = sum(machine.processor_seconds(pid) for pid in machine.family(server.process.pid))
        return used

    def complaints(self) -> str:
        """What the web server wrote; it has nothing to say while all is well."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextmanager
def product() -> Iterator[Product]:
    """Start everything in a folder of its own, and have Django in this process see the same database."""
    with tempfile.TemporaryDirectory(prefix="chatter-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres, valkey = Postgres(folder), Valkey(folder)
        with machine.on_server_core():
            postgres.start(holder="bench")
            valkey.start()
        servers: dict[str, EmbeddedServer] = {"database": postgres, "valkey": valkey}
        running = Product(folder, _environment(folder, postgres, valkey), servers)
        try:
            os.environ.update(running.environment)
            _migrate(running.environment)
            yield running
        finally:
            running.stop()
            valkey.stop()
            postgres.stop()


def _environment(folder: Path, postgres: Postgres, valkey: Valkey) -> dict[str, str]:
    """The settings of a production server, with nothing switched off but the limits on people."""
    return {
        **os.environ,
        "CHATTER_VAR": str(folder),
        "DATABASE_URL": postgres.url("app"),
        "DATABASE_OWNER_URL": postgres.url("owner"),
        "REDIS_URL": valkey.url,
        "DEBUG": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "CHATTER_RATE_LIMITS": "off",
        "DJANGO_SETTINGS_MODULE": "chatter.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }


def _migrate(environment: dict[str, str]) -> None:
    program = ["manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run([sys.executable, *program], cwd=machine.PROJECT, env=environment, check=True)
    import django  # noqa: PLC0415 -- settings read the environment made above

    django.setup()
