"""Child processes that die with their parent, and run without root's rights where asked.

Also a program of its own (standard library only): it prepares itself, then becomes the program it was given. That is
safe in a parent with threads, where code between fork and exec is not.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
CAPABILITY_VERSION_3 = 0x20080522


def server_user() -> int:
    """The user id embedded servers run as: ourselves, but `nobody` for root (PostgreSQL refuses root)."""
    return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else os.getuid()


def spawn(
    program: Sequence[str | Path],
    *,
    on_parent_death: signal.Signals = signal.SIGKILL,
    user: int,
    reaches: Sequence[Path],
    output: IO[bytes],
    typed: IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `program` as `user`, in `/`, reading `typed`; the kernel sends it `on_parent_death` when our thread ends.

    `reaches` are the paths it must be able to come to, whoever the folders above them belong to.
    """
    passage = user != os.getuid() and any(closed_to_others(path) for path in reaches)
    facts = [os.getpid(), int(on_parent_death), user, int(passage)]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, *map(str, facts), *map(str, program)],
        stdin=typed or subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=env,
        start_new_session=True,
    )


def die_with_parent(parent: int, number: int) -> None:
    """Ask the kernel for signal `number` when process `parent` ends; ends at once if it already has."""
    if sys.platform != "linux":
        return
    _prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        sys.exit(1)


def closed_to_others(path: Path) -> bool:
    """Whether users other than the owner cannot come as far as `path`."""
    return any(not folder.stat().st_mode & 0o001 for folder in path.resolve().parents)


def _prctl(option: int, value: int, extra: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, *(ctypes.c_ulong(argument) for argument in (value, extra, 0, 0))) != 0:
        raise OSError(ctypes.get_errno(), "prctl failed")


def _become(user: int, *, passage: bool) -> None:
    if user == os.getuid():
        return
    if passage:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    group = pwd.getpwuid(user).pw_gid
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    if passage:
        _keep_passage()


def _keep_passage() -> None:
    """Keep the one right to pass folders closed to others: root's checkouts lie under /root, which nobody may enter."""
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE):
        bits = 1 << capability
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        wanted = (ctypes.c_uint32 * 6)(bits, bits, bits, 0, 0, 0)
        if libc.capset(header, wanted) == 0:
            _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)
            return
    raise OSError(ctypes.get_errno(), "this folder is closed to the user nobody: use one that others may enter")


def main(arguments: list[str]) -> None:
    parent, number, user, passage, *program = arguments
    os.umask(0o077)
    try:
        _become(int(user), passage=passage == "1")
    except OSError as error:
        sys.exit(f"FATAL:  cannot become user {user}: {error.strerror}")
    die_with_parent(int(parent), int(number))
    os.execv(program[0], program)  # noqa: S606 -- the program is our own launcher's choice


if __name__ == "__main__":
    main(sys.argv[1:])
