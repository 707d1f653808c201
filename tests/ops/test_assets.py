"""Static files as production serves them: every file that a page or a script asks for has a name made of its content."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("assets")
    environment = {**os.environ, "CHATTER_VAR": str(var), "DEBUG": "0"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, timeout=100)
    return var / "static"


def test_scripts_import_each_other_by_hashed_names(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    main = (collected / names["js/main.js"]).read_text()
    imported = re.findall(r"""(?:from|import)\s*["']([^"']+\.js)["']""", main)
    assert imported
    for name in imported:
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), name
        assert (collected / "js" / name).exists()


def test_what_is_collected_is_compressed(collected: Path) -> None:
    names = json.loads((collected / "staticfiles.json").read_text())["paths"]
    assert (collected / f"{names['js/socket.js']}.gz").exists()
    assert (collected / f"{names['css/tokens.css']}.gz").exists()
