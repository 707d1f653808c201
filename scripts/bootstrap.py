"""Makes `.venv` and installs locks into it: `python3 scripts/bootstrap.py requirements.txt …`. Standard library only.

Nothing happens where the locks are installed already, so every `make` target may call it first.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 12)


def main(locks: list[str]) -> None:
    wanted = {lock: PROJECT / lock for lock in locks}
    if not _works():
        _make_venv()
    for name, lock in wanted.items():
        stamp = VENV / f".{name}.stamp"
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
            _say(f"Installing {name} into .venv …")
            _install(lock)
            stamp.write_text(digest, encoding="ascii")


def _works() -> bool:
    """Whether `.venv` is there, of a Python that is new enough and still installed."""
    if not PYTHON.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    return subprocess.run([PYTHON, "-c", check], check=False, capture_output=True).returncode == 0


def _make_venv() -> None:
    _say(f"Making .venv with Python {sys.version.split()[0]} …")
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], "uv could not make .venv.")
        return
    _run(
        [sys.executable, "-m", "venv", str(VENV)],
        "This Python cannot make virtual environments: install its venv module (Debian: apt install python3-venv).",
    )


def _install(lock: Path) -> None:
    uv = shutil.which("uv")
    failed = f"{lock.name} could not be installed; the reason stands above."
    if uv:
        _run([uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)], failed)
        return
    if subprocess.run([PYTHON, "-m", "pip", "--version"], check=False, capture_output=True).returncode != 0:
        _run([str(PYTHON), "-m", "ensurepip"], "This Python has no pip: install it, or uv.")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    _run([*pip, "--require-hashes", "-r", str(lock)], failed)


def _run(command: list[str], failed: str) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        sys.exit(failed)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit(f"Chatter needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}.")
    main(sys.argv[1:])
