"""What axe finds on a page in both themes, once nothing on it moves any more: half-way through a fade every colour is pale."""

from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STAND_STILL = """() => {
  for (const animation of document.getAnimations()) {
    const { endTime } = animation.effect?.getComputedTiming() ?? {};
    if (Number.isFinite(endTime)) animation.finish();
  }
}"""


IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}


def violations(page: Page) -> list[dict[str, Any]]:
    """axe's findings of the page as it is, and of its colours in the system's other theme, each with `id` and `nodes`."""
    themes: tuple[Literal["light", "dark"], ...] = ("dark", "light") if page.evaluate(IS_DARK) else ("light", "dark")
    found = findings(page)
    page.emulate_media(color_scheme=themes[1])
    found += findings(page, COLOURS)
    page.emulate_media(color_scheme=themes[0])
    return found


def findings(page: Page, options: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    page.evaluate(STAND_STILL)
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return found
