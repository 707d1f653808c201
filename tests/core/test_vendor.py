"""Third-party files: licensed, listed as pinned, and holding every icon the pages ask for."""

import importlib.util
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
ICON_TAG = re.compile(
    r"""\{%\s*icon\s+["']([\w-]+)["']|\bicon(?:_html|Markup)?\(["']([\w-]+)["']|sprite\.svg#([\w-]+)"""
)


def test_every_folder_holds_its_licence_and_is_listed_as_pinned() -> None:
    spec = importlib.util.spec_from_file_location("vendor_frontend", ROOT / "scripts" / "vendor_frontend.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(__import__("sys").modules, spec.name, script)
        spec.loader.exec_module(script)
    folders = {path.name for path in VENDOR.iterdir() if path.is_dir()}
    assert folders == {package.folder for package in script.PACKAGES}
    assert all((VENDOR / folder / "LICENSE").stat().st_size for folder in folders)
    assert (VENDOR / "README.md").read_text(encoding="utf-8") == script.readme()


def test_the_sprite_holds_every_icon_that_is_listed_or_used() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (VENDOR / "lucide" / "sprite.svg").read_text(encoding="utf-8")))
    listed = (ROOT / "scripts" / "icons.txt").read_text(encoding="utf-8").split()
    sources = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static" / "js").rglob("*.js")]
    texts = [path.read_text(encoding="utf-8") for path in sources]
    used = {name for text in texts for groups in ICON_TAG.findall(text) for name in groups if name}
    assert drawn == set(listed)
    assert used
    assert used <= drawn


def test_the_typeface_is_whole() -> None:
    sheet = (VENDOR / "inter" / "inter.css").read_text(encoding="utf-8")
    named = set(re.findall(r"url\(\./files/([^)]+)\)", sheet))
    assert named == {path.name for path in (VENDOR / "inter" / "files").iterdir()}
    assert sheet.count("unicode-range") == sheet.count("@font-face") == len(named)
