"""Makes the README's pictures from the real pages: a demo of its own is started, alice signs in, Chromium looks.

`make screenshots` writes docs/screenshots/*.png.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.chromium import installed  # noqa: E402 -- the project is no installed package
from tests.servers import free_port  # noqa: E402

TARGET = PROJECT / "docs" / "screenshots"
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


@contextmanager
def demo() -> Iterator[str]:
    """A fresh demo, as `make run` makes it; gives its address."""
    with tempfile.TemporaryDirectory(prefix="chatter-screenshots-") as var:
        port = free_port()
        cleared = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": ""}
        ours = {**cleared, "CHATTER_VAR": var, "PORT": str(port), "CHATTER_PARENT": str(os.getpid())}
        command = [sys.executable, "manage.py", "run"]
        run = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **ours}, stdout=subprocess.PIPE, text=True)
        assert run.stdout is not None
        try:
            if not any("Chatter runs at" in line for line in run.stdout):
                sys.exit("The demo did not start; the reason stands above.")
            yield f"http://localhost:{port}"
        finally:
            run.terminate()
            run.communicate()


def signed_in(browser: Browser, url: str, username: str, **how: Any) -> Page:
    """A page of `username`, in a browser context of its own."""
    page = browser.new_context(locale="en-GB", **how).new_page()
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", "chatter-demo")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/accounts/login/" not in address)
    return page


def picture(browser: Browser, address: str, name: str, **how: Any) -> None:
    """What alice sees at `address`, in one size and colour scheme."""
    url, _, path = address.partition("/c/")
    page = signed_in(browser, url, "alice", device_scale_factor=1.5, **how)
    page.goto(f"{url}/c/{path}")
    page.wait_for_load_state("networkidle")
    # Bob is here and his presence has arrived.
    page.wait_for_function("document.body.innerText.includes('online') || innerWidth < 800")
    page.screenshot(path=TARGET / f"{name}.png")
    page.context.close()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox"] if os.getuid() == 0 else []
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=flags)
        bob = signed_in(browser, url, "bob")
        bob.locator("a[href^='/c/']", has_text="Saturday").first.click()
        bob.wait_for_url("**/c/**")
        talk = bob.url.partition("?")[0]
        picture(browser, talk, "talk-light", viewport=DESK, color_scheme="light")
        picture(browser, talk, "talk-dark", viewport=DESK, color_scheme="dark")
        picture(browser, talk, "talk-phone", viewport=PHONE, color_scheme="light")
        browser.close()


if __name__ == "__main__":
    main()
