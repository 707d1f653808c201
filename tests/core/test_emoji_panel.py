"""The emoji picker in a real browser, under a policy as strict as the site's."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, ConsoleMessage, expect

STATIC = Path(settings.BASE_DIR) / "static"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'"
SCRIPT = """
import { createEmojiPanel } from "/js/emoji-panel.js";
const panel = await createEmojiPanel();
panel.addEventListener("emoji-click", (event) => { document.title = event.detail.unicode; });
document.body.append(panel);
panel.focus();
"""
PAGE = """<!doctype html><html lang="{0}" dir="{1}"><meta charset="utf-8"><title>none</title><link rel="icon" href="/img/favicon.svg">
<link rel="stylesheet" href="/css/layers.css"><link rel="stylesheet" href="/css/tokens.css"><script type="module" src="/panel.js"></script>
<body></body></html>"""
OWN_GROUND = "panel => getComputedStyle(panel.shadowRoot.querySelector('.picker')).backgroundColor"
TOKEN = """() => {
  const raised = document.body.appendChild(document.createElement("p"));
  raised.style.background = "var(--raised)";
  return getComputedStyle(raised).backgroundColor;
}"""


class Files(SimpleHTTPRequestHandler):
    """The static files, one page per language, and the policy on everything."""

    def do_GET(self) -> None:
        language, _dot, kind = self.path.lstrip("/").partition(".")
        if self.path == "/panel.js":
            self.answer("text/javascript", SCRIPT)
        elif kind == "html":
            self.answer("text/html", PAGE.format(language, "rtl" if language == "ar" else "ltr"))
        else:
            super().do_GET()

    def answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the test's output is for what goes wrong."""


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=STATIC))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "group", "wanted", "scheme"),
    [
        ("en", "Food and drink", "birthday cake", "light"),
        ("de", "Essen und Trinken", "geburtstagskuchen", "dark"),
        ("ar", "الطعام والشراب", "birthday cake", "light"),
    ],
)
def test_the_picker_works_under_the_strict_policy(
    files: str, browser: Browser, language: str, group: str, wanted: str, scheme: str
) -> None:
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{files}/{language}.html")
    panel = page.locator("emoji-panel")
    panel.get_by_role("tab", name=group).click()
    expect(panel.get_by_role("menuitem", name="🍇").first).to_be_visible()
    panel.get_by_role("combobox").fill(wanted)
    panel.get_by_role("option", name="🎂").click()
    expect(page).to_have_title("🎂")
    assert panel.evaluate(OWN_GROUND) == page.evaluate(TOKEN)
    page.close()
    assert complaints == []
