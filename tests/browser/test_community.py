"""Groups from outside and as a whole, in browsers: an icon that everybody sees at once, somebody who joins while others look on,
and pages that everybody can use."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from groups.models import Group
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import article
from tests.browser.test_pictures import choose
from tests.cast import Cast
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast, is_public=True)


def test_an_icon_is_cut_and_shown_at_once(sit: Room, cast: Cast, atlas: Community) -> None:
    alice = sit(cast.alice)
    alice.goto(f"/g/{atlas.group.pk}/settings/overview/")
    dialog = choose(alice)
    dialog.get_by_role("button", name="Use this picture").click()
    expect(dialog).to_be_hidden()
    shown = alice.locator(f'[data-avatar="{atlas.group.pk}"] img')
    expect(alice.locator("picture-crop .avatar img")).to_be_visible()
    expect(alice.locator(".rail .avatar--place img")).to_be_visible()
    assert shown.count() >= 2, "in the settings, beside them and on the rail"
    assert Group.objects.get().icon
    assert alice.locator(f'[data-avatar="{cast.alice.pk}"] img').count() == 0, "her own face stays as it is"


def test_who_joins_lands_in_the_talk_and_is_welcomed_there(sit: Room, cast: Cast, atlas: Community) -> None:
    alice = sit.at(cast.alice, atlas.talk)
    charlie = sit(cast.charlie)
    charlie.goto("/groups/")
    charlie.get_by_role("searchbox").fill("maps")
    charlie.get_by_role("searchbox").press("Enter")
    charlie.get_by_role("link", name=re.compile("Atlas")).click()
    charlie.get_by_role("button", name="Join").click()
    expect(charlie).to_have_url(re.compile(rf"/c/{atlas.talk.pk}/"))
    for page in (alice, charlie):
        expect(article(page, "Charlie joined")).to_be_visible()
    charlie.goto(f"/g/{atlas.group.pk}/leave/")
    charlie.get_by_role("button", name="Leave").click()
    expect(charlie).to_have_url(re.compile("/groups/$"))
    expect(charlie.locator(".rail .avatar--place")).to_have_count(0)


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_every_page_is_for_everybody(sit: Room, cast: Cast, atlas: Community, options: dict[str, Any]) -> None:
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 2
    Group.objects.update(name=long.strip(), description=f"{long * 5}\n\n{'x' * 300}")
    User.objects.filter(pk=cast.bob.pk).update(display_name=long[:80].strip())
    charlie, alice = sit(cast.charlie, **options), sit(cast.alice, **options)
    group = f"/g/{atlas.group.pk}"
    pages = [(charlie, path) for path in ("/groups/", "/groups/?q=nothing", "/groups/new/", f"{group}/")]
    pages += [(alice, f"{group}/{path}") for path in ("settings/", "settings/overview/", "leave/")]
    for page, path in pages:
        page.goto(path)
        assert violations(page) == [], path
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        inside = page.evaluate(
            "(box => box ? box.scrollWidth - box.clientWidth : 0)(document.querySelector('.talk__scroll'))"
        )
        assert (wider, inside) == (0, 0), path
