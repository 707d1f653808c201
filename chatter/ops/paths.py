"""Where things lie on disk, known without Django (the launcher must not wait for its import)."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from chatter.ops.errors import OpsError

PROJECT = Path(__file__).resolve().parents[2]
# A UNIX socket's address holds 107 bytes; "/.s.PGSQL.5432" and a margin are taken off.
LONGEST_SOCKET_FOLDER = 90


def var_folder() -> Path:
    """CHATTER_VAR: embedded servers, uploads, generated secrets and logs (default: `var` beside manage.py)."""
    return Path(os.environ.get("CHATTER_VAR") or PROJECT / "var").absolute()


def socket_folder(var: Path) -> Path:
    """Where the embedded servers of `var` put their sockets: under it, or hashed where that path is too long.

    Clients read a comma as the end of one host's name.
    """
    folder = var / "run"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and "," not in str(folder):
        return folder
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"chatter-{os.getuid()}-{digest}"


def private_folder(folder: Path, owner: int) -> Path:
    """Make `folder` so that only `owner` may enter; refuse one that somebody else prepared."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid not in {owner, os.getuid()}:
            raise OpsError(f"{folder} is not a folder of this user: remove it, or set CHATTER_VAR to another place.")
        if status.st_uid != owner:
            os.chown(folder, owner, -1)
        folder.chmod(0o700)
    except OSError as error:
        raise OpsError(f"Cannot make the folder {folder}: {error.strerror}.") from error
    return folder
