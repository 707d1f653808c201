"""`make run`: a page comes, the second run is told, and however it ends no process is left."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chatter.ops.errors import OpsError
from chatter.ops.listener import open_listener
from tests import session
from tests.servers import free_port
from tests.session import PROJECT

END_SECONDS = 30

# One worker makes the demo's data, once.
pytestmark = pytest.mark.xdist_group("run")


class Run:
    """A `manage.py run` on data of its own."""

    def __init__(self, var: Path, port: int) -> None:
        self.var, self.port = var, port
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "run"],
            cwd=PROJECT,
            env=environment(var, port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def until(self, words: str) -> None:
        """Read what it prints up to the line with `words`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if words in line:
                return
        pytest.fail(f"it ended without saying {words!r}:\n{''.join(self.lines)}")

    def family(self) -> list[psutil.Process]:
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def environment(var: Path, port: int | str, **more: str) -> dict[str, str]:
    """As in a terminal where nothing was set but the folder and the port."""
    inherited = {name: text for name, text in os.environ.items() if name not in session.ENVIRONMENT}
    ours = {"CHATTER_VAR": str(var), "PORT": str(port), "DATABASE_URL": "", "DATABASE_OWNER_URL": ""}
    return {**inherited, **ours, **more}


def attempt(var: Path, port: int | str, **more: str) -> subprocess.CompletedProcess[str]:
    """A run that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=PROJECT,
        env=environment(var, port, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def first_words(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """New data, and what the run that made them said."""
    var = tmp_path_factory.mktemp("run")
    for first in running(var):
        first.until("Demo accounts")
        words = "".join(first.lines)
    return var, words


@pytest.fixture(scope="module")
def var(first_words: tuple[Path, str]) -> Path:
    return first_words[0]


def running(var: Path) -> Iterator[Run]:
    started = Run(var, free_port())
    started.until("Chatter runs at")
    yield started
    started.close()


@pytest.fixture
def scratch_sheet() -> Iterator[Path]:
    path = PROJECT / "static" / f"scratch-{session.WORKER}.css"
    yield path
    path.unlink()


@pytest.fixture(scope="class")
def one_run(var: Path) -> Iterator[Run]:
    yield from running(var)


@pytest.fixture
def run(var: Path) -> Iterator[Run]:
    yield from running(var)


class TestRunning:
    """One run serves them all."""

    def test_only_the_first_run_makes_the_demo(self, first_words: tuple[Path, str], one_run: Run) -> None:
        assert "The database is new" in first_words[1]
        assert "The database is new" not in "".join(one_run.lines)

    def test_it_names_the_demo_accounts_and_serves_a_page(self, one_run: Run) -> None:
        one_run.until("alice, bob, charlie and admin")
        with urllib.request.urlopen(f"http://localhost:{one_run.port}/", timeout=20) as answer:
            assert answer.status == 200
            assert "text/html" in answer.headers["Content-Type"]

    def test_static_files_may_be_edited_while_it_runs(self, one_run: Run, scratch_sheet: Path) -> None:
        url = f"http://localhost:{one_run.port}/static/{scratch_sheet.name}"
        for text in ("a {}", "a { color: inherit }"):
            scratch_sheet.write_text(text)
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.read().decode() == text

    def test_a_second_run_on_the_same_data_is_told_so(self, one_run: Run) -> None:
        second = attempt(one_run.var, free_port())
        assert second.returncode == 1
        assert second.stderr.startswith(
            f"Chatter runs already on the data in {one_run.var} (http://localhost:{one_run.port}"
        )
        assert second.stderr.count("\n") == 1

    def test_commands_use_the_running_database(self, one_run: Run) -> None:
        command = [sys.executable, "manage.py", "partitions"]
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=environment(one_run.var, 1),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "0 partitions made; 12 months ahead are ready." in done.stdout

    def test_the_web_server_is_started_again_when_it_dies(self, one_run: Run) -> None:
        serve = next(process for process in one_run.family() if "serve" in process.cmdline())
        serve.kill()
        one_run.until("The web server ended; it is started again.")
        with urllib.request.urlopen(f"http://localhost:{one_run.port}/livez", timeout=30) as answer:
            assert answer.read() == b"ok"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_when_it_ends(run: Run, number: signal.Signals) -> None:
    family = run.family()
    names = " ".join(" ".join(process.cmdline()) for process in family)
    for part in ("postgres", "valkey-server", "worker", "serve"):
        assert part in names
    run.process.send_signal(number)
    _gone, alive = psutil.wait_procs(family, timeout=END_SECONDS)
    assert not alive
    if number != signal.SIGKILL:
        assert run.process.wait() == 0


def test_it_ends_with_the_make_that_started_it(var: Path) -> None:
    script = 'export CHATTER_PARENT=$$; "$0" manage.py run & echo $!; wait'
    shell = subprocess.Popen(
        ["sh", "-c", script, sys.executable],
        cwd=PROJECT,
        env=environment(var, free_port()),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert shell.stdout is not None
    runner = psutil.Process(int(shell.stdout.readline()))
    for line in shell.stdout:
        if "Chatter runs at" in line:
            break
    family = [runner, *runner.children(recursive=True)]
    shell.kill()
    shell.wait()
    _gone, alive = psutil.wait_procs(family, timeout=END_SECONDS)
    shell.stdout.close()
    assert not alive


def test_a_taken_port_is_one_line(var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = attempt(var, port)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert (
        ended.stderr == f"Port {port} is taken by another program: stop it, or choose another with PORT={port + 1}.\n"
    )
    assert not (var / "run.lock").exists()


@pytest.mark.parametrize("port", ["nonsense", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_line(var: Path, port: str) -> None:
    assert attempt(var, port).stderr == f"PORT must be a number from 1 to 65535, not {port!r}.\n"


def test_an_address_of_another_machine_is_one_line() -> None:
    with pytest.raises(OpsError, match=r"^Cannot listen on 192\.0\.2\.1:8000: Cannot assign requested address\.$"):
        open_listener("192.0.2.1", 8000)


def test_a_database_out_of_reach_is_one_line(tmp_path: Path) -> None:
    url = f"postgres://nobody:x@127.0.0.1:{free_port()}/none"
    ended = attempt(tmp_path, free_port(), DATABASE_URL=url, DATABASE_OWNER_URL=url)
    assert ended.returncode == 1
    first, second = ended.stderr.splitlines()
    assert first.startswith("Cannot reach the database: ")
    assert second == "The database could not be brought up to date; the reason stands above."


def test_a_broken_data_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    ended = attempt(tmp_path, free_port())
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{tmp_path}/postgres is broken: ")
    assert ended.stderr.count("\n") == 1
