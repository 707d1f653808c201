"""Finds a Chromium for the browser tests, or gets one. `python -m tests.chromium` makes sure there is one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NONE = (
    "The browser tests need Chromium, and none could be had: set CHROMIUM to a browser's path, or install the package "
    "chromium."
)


def installed() -> str | None:
    """The browser of this machine: CHROMIUM, else one on the PATH that starts."""
    given = os.environ.get("CHROMIUM")
    candidates = [given] if given else [path for path in map(shutil.which, NAMES) if path]
    return next((path for path in candidates if _starts(path)), None)


def playwrights_own() -> str | None:
    """The browser Playwright downloaded, where it did and its libraries are there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _download() -> None:
    _say("No Chromium here: Playwright downloads its own …")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def _install_package() -> None:
    if not shutil.which("apt-get"):
        return
    _say("Trying the system's package chromium …")
    prefix = [] if os.getuid() == 0 else ["sudo", "-n"]
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        try:
            subprocess.run([*prefix, "apt-get", "--quiet", "--quiet", *arguments], check=False)
        except FileNotFoundError:
            return


def main() -> int:
    if os.environ.get("CHROMIUM") and not installed():
        _say(f"CHROMIUM={os.environ['CHROMIUM']} does not start.")
        return 1
    if installed() or playwrights_own():
        return 0
    _download()
    if playwrights_own():
        return 0
    _install_package()
    if installed():
        return 0
    _say(NONE)
    return 1


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
