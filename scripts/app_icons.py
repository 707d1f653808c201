"""Makes the icons of the installed application from the logo: `python -m scripts.app_icons` after the logo was changed.

Plain ones keep the logo's round corners, maskable ones fill the square (the system cuts its own shape), the badge is white on
nothing (Android shows it in the status bar).
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.chromium import installed

IMAGES = Path(__file__).resolve().parent.parent / "static" / "img"


def variants(logo: str) -> dict[str, tuple[str, int]]:
    """File name → (SVG, pixels)."""
    square = re.sub(r' rx="\d+"', "", logo, count=1)
    badge = re.sub(r"<rect[^>]*/>", "", logo, count=1).replace("#ffd166", "#fff")
    return {
        "app-192.png": (logo, 192),
        "app-512.png": (logo, 512),
        "app-maskable-192.png": (square, 192),
        "app-maskable-512.png": (square, 512),
        "app-badge.png": (badge, 96),
    }


def main() -> None:
    logo = (IMAGES / "logo.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=["--no-sandbox"])
        for name, (svg, size) in variants(logo).items():
            page = browser.new_page(viewport={"width": size, "height": size})
            sized = svg.replace("<svg ", f'<svg width="{size}" height="{size}" style="display:block" ', 1)
            page.set_content(f"<body style='margin:0;background:transparent'>{sized}</body>")
            page.screenshot(path=IMAGES / name, omit_background=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
