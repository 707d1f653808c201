"""What `make` does before anything is installed: finds a Python, makes `.venv`, installs locks once."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests import chromium
from tests.session import PROJECT

Commands = list[list[str]]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, at work in a folder of its own whose `.venv` is there already."""
    specification = importlib.util.spec_from_file_location("bootstrap", PROJECT / "scripts" / "bootstrap.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    for name, path in (("PROJECT", tmp_path), ("VENV", tmp_path / ".venv"), ("PYTHON", python)):
        monkeypatch.setattr(module, name, path)
    (tmp_path / "requirements.txt").write_text("one==1 --hash=sha256:1\n")
    return module


@pytest.fixture
def ran(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Commands:
    commands: Commands = []
    monkeypatch.setattr(bootstrap, "_run", lambda command, _failed: commands.append(command))
    return commands


def test_a_lock_is_installed_once_and_again_when_it_changes(bootstrap: ModuleType, ran: Commands) -> None:
    bootstrap.main(["requirements.txt"])
    bootstrap.main(["requirements.txt"])
    assert len(ran) == 1
    (bootstrap.PROJECT / "requirements.txt").write_text("one==2 --hash=sha256:2\n")
    bootstrap.main(["requirements.txt"])
    assert len(ran) == 2


def test_a_failed_installation_is_tried_again(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_run", lambda _command, failed: sys.exit(failed))
    for _attempt in range(2):
        with pytest.raises(SystemExit, match=r"^requirements\.txt could not be installed; the reason stands above\.$"):
            bootstrap.main(["requirements.txt"])


@pytest.mark.parametrize("uv", ["/usr/bin/uv", None])
def test_hashes_are_required_of_uv_and_pip_alike(
    bootstrap: ModuleType, ran: Commands, monkeypatch: pytest.MonkeyPatch, uv: str | None
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: uv)
    bootstrap.main(["requirements.txt"])
    (command,) = ran
    assert "--require-hashes" in command
    assert ("/usr/bin/uv" in command) is bool(uv)


def test_a_venv_that_does_not_work_is_made_anew(
    bootstrap: ModuleType, ran: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "_install", lambda _lock: bootstrap.VENV.mkdir(exist_ok=True))
    bootstrap.PYTHON.unlink()
    bootstrap.PYTHON.symlink_to("/nowhere/python")
    bootstrap.main(["requirements.txt"])
    assert "venv" in ran[0]


def test_without_a_new_enough_python_make_says_so() -> None:
    # `make test` may be what runs us.
    environment = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make", "run", "PYTHON="], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert done.stdout.startswith("Chatter needs Python 3.12 or newer, and there is none")


def test_the_locks_pin_every_package_by_hash_and_name_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        assert "://" not in text
        packages = [block for block in text.replace("\\\n", " ").splitlines() if block and block[0] not in " #-"]
        assert packages
        assert [block for block in packages if "==" not in block or "--hash=sha256:" not in block] == []


def test_a_browser_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    assert chromium.main() == 1
    assert capsys.readouterr().out == "CHROMIUM=/nowhere/chromium does not start.\n"


def test_without_any_browser_the_tests_fail_clearly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    tried: list[str] = []
    monkeypatch.delenv("CHROMIUM", raising=False)
    for name in ("installed", "playwrights_own"):
        monkeypatch.setattr(chromium, name, lambda: None)
    for name in ("_download", "_install_package"):
        monkeypatch.setattr(chromium, name, lambda name=name: tried.append(name))
    assert chromium.main() == 1
    assert tried == ["_download", "_install_package"]
    assert capsys.readouterr().out.startswith("The browser tests need Chromium, and none could be had")


def test_the_browser_that_is_there_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "google-chrome"
    browser.write_text("#!/bin/sh\necho Chrome\n")
    browser.chmod(0o755)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: str(browser) if name == "google-chrome" else None)
    assert chromium.installed() == str(browser)
