"""`make run`: database, Valkey, worker and web server, started, watched and ended by one process without Django."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from chatter.ops.errors import OpsError
from chatter.ops.listener import open_listener
from chatter.ops.lock import Lock
from chatter.ops.part import Part, command
from chatter.ops.paths import var_folder
from chatter.ops.postgres import Postgres
from chatter.ops.valkey import Valkey

WATCH_SECONDS = 0.25
END_SECONDS = 15.0
DEMO = "Demo accounts: alice, bob, charlie and admin (may use /admin/), password chatter-demo."


class Interrupted(BaseException):
    """SIGINT or SIGTERM came: end in good order."""


def main(arguments: Sequence[str]) -> int:
    """Run Chatter until a signal ends it; returns the exit status."""
    options = _options(arguments)
    try:
        with _signals(), ExitStack() as stack:
            _run(stack, options.host, options.port, var_folder())
    except Interrupted:
        _say("Chatter has stopped.")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="manage.py run", description="Start everything Chatter needs and serve it.")
    parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
    parser.add_argument(
        "--port", default=os.environ.get("PORT") or "8000", help="default: PORT of the environment, 8000"
    )
    options = parser.parse_args(arguments)
    if not options.port.isdecimal() or not 0 < int(options.port) < 65536:
        raise OpsError(f"PORT must be a number from 1 to 65535, not {options.port!r}.")
    options.port = int(options.port)
    return options


def _run(stack: ExitStack, host: str, port: int, var: Path) -> None:
    _claim(stack, var, f"http://{_shown(host)}:{port}")
    listener = stack.enter_context(open_listener(host, port))
    environment, servers = _addresses(var)
    if not environment.get("ALLOWED_HOSTS"):
        environment.setdefault("CHATTER_URL", f"http://{_shown(host)}:{port}")
    gate, opener = os.pipe()
    serve = ["serve", f"--listener={listener.fileno()}", f"--gate={gate}"]
    web = Part("web server", serve, environment, inherits=[listener.fileno(), gate])
    worker = Part("background worker", ["worker"], environment)
    stack.callback(_end_all, servers, [web, worker], listener)
    # The web server imports the application while the database starts and is upgraded.
    web.start()
    for server in servers:
        server.start()
    demo = _upgrade(environment)
    os.write(opener, b"+")
    # A web server that is started again finds the gate open.
    web.command = serve[:-1]
    web.inherits = [listener.fileno()]
    os.close(opener)
    os.close(gate)
    _wait_for_page(web, host, port)
    worker.start()
    _say(f"Chatter runs at http://{_shown(host)}:{port}/ with its data in {var}. Ctrl-C ends it.")
    if demo:
        _say(DEMO)
    _watch(servers, [web, worker])


def _claim(stack: ExitStack, var: Path, address: str) -> None:
    """Be the only run on the data of `var`."""
    lock = Lock(var / "run.lock")
    if not lock.acquire():
        raise OpsError(f"Chatter runs already on the data in {var} ({lock.holder()}).")
    lock.sign(address)
    stack.callback(lock.discard)


def _addresses(var: Path) -> tuple[dict[str, str], list[Postgres | Valkey]]:
    """The environment of the parts, and the servers that are ours to run."""
    environment, servers = {**os.environ, "CHATTER_VAR": str(var)}, list[Postgres | Valkey]()
    if not environment.get("DATABASE_URL"):
        postgres = Postgres(var)
        environment |= {"DATABASE_URL": postgres.url("app"), "DATABASE_OWNER_URL": postgres.url("owner")}
        servers.append(postgres)
    if not environment.get("REDIS_URL"):
        valkey = Valkey(var)
        environment["REDIS_URL"] = valkey.url
        servers.append(valkey)
    return environment, servers


def _upgrade(environment: dict[str, str]) -> bool:
    """Migrate what is missing and seed an empty database; True when the demo's people are there."""
    process = command(["upgrade", "--report", "--verbosity=0"], environment, output=subprocess.PIPE)
    answer, _ = process.communicate()
    if process.returncode != 0:
        raise OpsError("The database could not be brought up to date; the reason stands above.")
    report: dict[str, bool] = json.loads(answer)
    if not report["empty"] or not report["may_seed"]:
        return report["demo"]
    _say("The database is new: making the demo …")
    if command(["seed"], environment).wait() != 0:
        raise OpsError("The demo could not be made; the reason stands above.")
    return True


def _wait_for_page(web: Part, host: str, port: int) -> None:
    while web.process is not None and web.process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{_shown(host)}:{port}/livez", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise OpsError("The web server did not start; the reason stands above.")


def _watch(servers: Sequence[Postgres | Valkey], parts: Sequence[Part]) -> None:
    """Start again what ends by itself, until a signal comes."""
    while True:
        time.sleep(WATCH_SECONDS)
        for server in servers:
            if server.process is not None and server.process.poll() is not None:
                _say(f"{server.name} ended; starting it again (log: {server.log}).")
                server.start()
        for part in parts:
            if part.revive():
                _say(f"The {part.name} ended; it is started again.")


def _end_all(servers: Sequence[Postgres | Valkey], parts: Sequence[Part], listener: socket.socket) -> None:
    """End the parts together, then what they stand on."""
    listener.close()
    for part in parts:
        part.ask_to_end()
    deadline = time.monotonic() + END_SECONDS
    for part in parts:
        part.end(seconds=max(0.1, deadline - time.monotonic()))
    for server in reversed(servers):
        server.stop()


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the first SIGINT, SIGTERM or SIGHUP into Interrupted; while we end, further ones change nothing."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    yield


def _shown(host: str) -> str:
    """The name a browser on this machine can use for `host`."""
    if host in {"", "0.0.0.0", "::", "127.0.0.1"}:  # noqa: S104 -- compared, not bound
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
