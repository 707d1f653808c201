"""The embedded PostgreSQL: what it is made of, and the one clear line for everything that can be wrong with its data."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from chatter.ops import cluster
from chatter.ops.errors import InUse, OpsError
from chatter.ops.paths import LONGEST_SOCKET_FOLDER, private_folder, socket_folder
from chatter.ops.postgres import Postgres, check_folder
from tests.session import FORGETFUL, PROJECT


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was made once; tests copy it."""
    var = tmp_path_factory.mktemp("made")
    server = Postgres(var, settings=FORGETFUL)
    server.start()
    server.stop()
    return var


@pytest.fixture
def var(made: Path, tmp_path: Path) -> Path:
    target = tmp_path / "var"
    shutil.copytree(made, target)
    for copied, original in ((target / name, made / name) for name in ("postgres", "run")):
        _same_owner(copied, original.stat().st_uid)
    return target


def _same_owner(folder: Path, owner: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, -1)


@pytest.fixture
def server(var: Path) -> Iterator[Postgres]:
    postgres = Postgres(var, settings=FORGETFUL)
    yield postgres
    postgres.stop()


def test_it_listens_on_a_private_socket_only(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url("superuser")) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(socket_folder(server.var).stat().st_mode) == 0o700
    assert stat.S_IMODE((server.var / "secrets.json").stat().st_mode) == 0o600


def test_it_is_durable_by_default() -> None:
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(Postgres(Path("/nowhere")).settings)


def test_statements_are_counted_and_words_compared_by_code_point(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url("superuser")) as connection:
        connection.execute("select count(*) from pg_stat_statements")
        assert connection.execute(
            "select datlocprovider, datlocale from pg_database where datname = 'chatter'"
        ).fetchone() == (
            "b",
            "C.UTF-8",
        )


def test_the_application_role_can_create_nothing(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url("app"), autocommit=True) as connection:
        for statement in ("create table x ()", "create temp table x ()", "create schema x", "create database x"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
    with psycopg.connect(server.url("owner"), autocommit=True) as connection:
        connection.execute("create table x (y int)")


def test_a_wrong_password_is_refused(server: Postgres) -> None:
    server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url("app").replace("chatter_app:", "chatter_app:x"))


def test_a_second_server_on_the_same_data_is_refused(server: Postgres) -> None:
    server.start(holder="the first")
    with pytest.raises(InUse, match=r"in use already \(the first, process"):
        Postgres(server.var).start()


def test_a_folder_without_its_heart_is_called_broken(server: Postgres) -> None:
    (server.folder / "global" / "pg_control").unlink()
    with pytest.raises(OpsError, match="is broken: it is not a complete PostgreSQL data folder"):
        server.start()


def test_a_folder_that_is_no_data_is_called_broken(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(OpsError, match="is broken"):
        Postgres(tmp_path).start()


def test_damage_inside_is_told_with_the_servers_words(server: Postgres) -> None:
    (server.folder / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(OpsError, match=r"PostgreSQL did not start: .+ \(log: "):
        server.start()


def test_data_of_another_version_are_refused(server: Postgres) -> None:
    (server.folder / "PG_VERSION").write_text("17\n")
    with pytest.raises(OpsError, match="holds data of PostgreSQL 17, this Chatter brings 18"):
        check_folder(server.folder)


def test_lost_passwords_are_told(server: Postgres) -> None:
    (server.var / "secrets.json").unlink()
    with pytest.raises(OpsError, match="belong together"):
        server.start()


def test_missing_binaries_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(OpsError, match="is not installed for this machine: install"):
        cluster.binaries()


def test_a_note_of_a_killed_server_is_forgotten(server: Postgres) -> None:
    # The number belongs to a living process, ours, which is no server.
    note = server.folder / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{server.folder}\n")
    _same_owner(note, server.folder.stat().st_uid)
    server.start()


def test_a_killed_server_recovers(server: Postgres) -> None:
    server.start()
    with psycopg.connect(server.url("owner"), autocommit=True) as connection:
        connection.execute("create table kept as select 1 as one")
    server.kill()
    server.start()
    with psycopg.connect(server.url("owner")) as connection:
        assert connection.execute("select * from kept").fetchone() == (1,)


def test_an_interrupted_beginning_is_begun_again(made: Path, tmp_path: Path) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").touch()
    server = Postgres(tmp_path, settings=FORGETFUL)
    server.start()
    server.stop()
    assert not (tmp_path / "postgres.new").exists()


@pytest.mark.parametrize("name", ["with a space", "with, a comma", "with'quotes", "später 50%"])
def test_any_path_will_do(tmp_path: Path, name: str) -> None:
    server = Postgres(tmp_path / name, settings=FORGETFUL)
    server.start()
    with psycopg.connect(server.url("owner")) as connection:
        assert connection.execute("select current_database()").fetchone() == ("chatter",)
    server.stop()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OpsError, match=r"^Cannot use the folder .*: File exists\.$"):
        Postgres(tmp_path / "file").start()


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    var = tmp_path / ("long" * 30)
    server = Postgres(var, settings=FORGETFUL)
    server.start()
    folder = socket_folder(var)
    server.stop()
    assert len(str(folder)) <= LONGEST_SOCKET_FOLDER
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


def test_a_socket_folder_somebody_else_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OpsError, match="is not a folder of this user"):
        private_folder(tmp_path / "run", os.getuid())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_dies_with_its_parent(var: Path, number: signal.Signals) -> None:
    script = "import sys, time; from pathlib import Path; from chatter.ops.postgres import Postgres; "
    script += "p = Postgres(Path(sys.argv[1])); p.start(); print(p.process.pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, var], cwd=PROJECT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        postmaster = psutil.Process(int(parent.stdout.readline()))
        family = [postmaster, *postmaster.children(recursive=True)]
        parent.send_signal(number)
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert not alive
