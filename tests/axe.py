"""What axe finds on a page, once nothing on it moves any more: half-way through a fade every colour is pale."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

STAND_STILL = """() => {
  for (const animation of document.getAnimations()) {
    const { endTime } = animation.effect?.getComputedTiming() ?? {};
    if (Number.isFinite(endTime)) animation.finish();
  }
}"""


def violations(page: Page) -> list[dict[str, Any]]:
    """axe's findings of the page as it is, each with `id` and `nodes`."""
    page.evaluate(STAND_STILL)
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return found
