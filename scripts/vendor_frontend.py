#!/usr/bin/env python3
"""Refresh static/vendor from pinned npm packages: icons, typeface, emoji picker, emoji tables and plots.

Needs `npm`. Change a version in PACKAGES, run it, look at the difference, commit. Nothing under static/vendor is edited
by hand: the sprite and the emoji tables are made here, all else is copied as published.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    folder: str
    purpose: str


PACKAGES = [
    Package("lucide-static", "1.62.0", "ISC", "lucide", "icons, as one sprite"),
    Package("@fontsource-variable/inter", "5.3.0", "OFL-1.1", "inter", "typeface"),
    Package(
        "emoji-picker-element",
        "1.29.1",
        "Apache-2.0",
        "emoji-picker-element",
        "emoji picker; used through `static/js/emoji-panel.js`",
    ),
    Package(
        "emojibase-data",
        "17.0.0",
        "MIT",
        "emojibase",
        "emoji names for the picker, for `:shortcodes:` and for the server",
    ),
    Package("chart.js", "4.5.1", "MIT", "chart", "plots of a group's statistics; used through `chart-plot.js`"),
]

ICONS = (ROOT / "scripts" / "icons.txt").read_text(encoding="utf-8").split()

EMOJI_LANGUAGES = ["en", "de"]
PICKER_LANGUAGES = ["en", "de", "ar"]
# A name means what GitHub says it means, then Slack, then emojibase itself.
SHORTCODE_SETS = ["github", "iamcal", "emojibase"]
SKIN_TONE_COMPONENTS = 2


def unpacked(package: Package, workspace: Path) -> Path:
    """The folder of the package's files, fetched and unpacked under `workspace`."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    result = subprocess.run(command, cwd=workspace, check=True, text=True, stdout=subprocess.PIPE)
    folder = workspace / package.folder
    with tarfile.open(workspace / result.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def vendor_icons(source: Path, target: Path) -> None:
    """One sprite; the stroke's width is left to the page's style."""
    symbols = []
    for name in ICONS:
        svg = (source / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
        assert inner is not None, name
        drawing = re.sub(r"\s+", " ", inner[1]).replace("> <", "><").replace(" />", "/>").strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
            f'stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
        )
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"
    (target / "sprite.svg").write_text(sprite, encoding="utf-8")


def vendor_typeface(source: Path, target: Path) -> None:
    """Upright and italic, variable weight, every subset (a browser loads only those a page needs)."""
    rules = [(source / name).read_text(encoding="utf-8").strip() for name in ("wght.css", "wght-italic.css")]
    (target / "inter.css").write_text("\n\n".join(rules) + "\n", encoding="utf-8")
    (target / "files").mkdir()
    for font in sorted((source / "files").glob("inter-*-wght-*.woff2")):
        shutil.copyfile(font, target / "files" / font.name)


def vendor_picker(source: Path, target: Path) -> None:
    for name in ("picker.js", "picker.js.map", "database.js", "database.js.map"):
        shutil.copyfile(source / name, target / name)
    (target / "i18n").mkdir()
    for language in PICKER_LANGUAGES:
        shutil.copyfile(source / "i18n" / f"{language}.js", target / "i18n" / f"{language}.js")


def canonical(emoji: dict[str, Any]) -> str:
    """The fully-qualified spelling of Unicode's list; emojibase adds a variation selector to more than it needs."""
    shown_as_emoji_by_default = emoji["type"] == 1 and emoji["text"]
    text: str = emoji["emoji"]
    return text.removesuffix("\ufe0f") if shown_as_emoji_by_default else text


def shortcodes_of(source: Path, emojis: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Names of each emoji (by hexcode). A name belongs to one emoji only."""
    names: dict[str, list[str]] = {emoji["hexcode"]: [] for emoji in emojis}
    taken: set[str] = set()
    for preset in SHORTCODE_SETS:
        table = json.loads((source / "en" / "shortcodes" / f"{preset}.json").read_text(encoding="utf-8"))
        for hexcode, found in table.items():
            for name in [found] if isinstance(found, str) else found:
                if hexcode in names and name not in taken:
                    taken.add(name)
                    names[hexcode].append(name)
    return names


def picker_rows(emojis: list[dict[str, Any]], names: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Rows in the shape the picker reads."""
    for emoji in emojis:
        row = {
            "emoji": canonical(emoji),
            "annotation": emoji["label"],
            "tags": emoji.get("tags", []),
            "shortcodes": names[emoji["hexcode"]],
            "group": emoji["group"],
            "order": emoji["order"],
            "version": emoji["version"],
        }
        if "emoticon" in emoji:
            row["emoticon"] = emoji["emoticon"] if isinstance(emoji["emoticon"], str) else emoji["emoticon"][0]
        if "skins" in emoji:
            row["skins"] = [
                {"emoji": canonical(skin), "version": skin["version"], "tone": skin["tone"]} for skin in emoji["skins"]
            ]
        yield row


def vendor_emoji(source: Path, target: Path) -> None:
    for language in EMOJI_LANGUAGES:
        table = json.loads((source / language / "data.json").read_text(encoding="utf-8"))
        emojis = [row for row in table if row.get("group", SKIN_TONE_COMPONENTS) != SKIN_TONE_COMPONENTS]
        emojis.sort(key=lambda row: row["order"])
        names = shortcodes_of(source, emojis)
        rows = list(picker_rows(emojis, names))
        write_json(target / f"{language}.json", rows)
        if language == "en":
            write_json(target / "shortcodes.json", [[row["emoji"], row["shortcodes"]] for row in rows])


def vendor_chart(source: Path, target: Path) -> None:
    """One file that sets `globalThis.Chart`, without the reference to its map, which is five times as large."""
    script = (source / "dist" / "chart.umd.min.js").read_text(encoding="utf-8")
    kept = re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", script)
    (target / "chart.umd.min.js").write_text(kept, encoding="utf-8")


def licence_of(source: Path) -> Path:
    """The text of the package's licence."""
    return next(path for path in (source / "LICENSE", source / "LICENSE.md") if path.exists())


VENDORS = {
    "lucide": vendor_icons,
    "inter": vendor_typeface,
    "emoji-picker-element": vendor_picker,
    "emojibase": vendor_emoji,
    "chart": vendor_chart,
}


def readme() -> str:
    lines = [
        "# Third-party files of the page",
        "",
        "Taken from npm packages by `scripts/vendor_frontend.py`, pinned there; each folder holds its licence.",
        "The sprite and the emoji tables are made from the packages' files, all else is as published: change nothing here",
        "by hand. htmx comes with the Python package `django-htmx`.",
        "",
        "| folder | package | version | licence | what for |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| `{p.folder}` | {p.name} | {p.version} | {p.licence} | {p.purpose} |" for p in PACKAGES]
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as workspace:
        for package in PACKAGES:
            source = unpacked(package, Path(workspace))
            target = VENDOR / package.folder
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            shutil.copyfile(licence_of(source), target / "LICENSE")
            VENDORS[package.folder](source, target)
            sys.stdout.write(f"{package.name} {package.version}\n")
    (VENDOR / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
