"""A forum in the browser: an address that suggests itself, rules in order by pointer and keyboard, pages for everybody."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from forums.actions.coming import ask_to_join
from forums.actions.flairs import create_flair
from forums.actions.forum import create_forum
from forums.actions.rules import add_rule
from forums.models import Forum, Rule
from tests.axe import violations
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.browser
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft-und-mehr-davon-hier"


@pytest.fixture
def maps(cast: Cast) -> Place:
    return make_forum(cast)


def names(page: Page) -> Locator:
    return page.locator("#rules .role__name")


def test_a_forum_is_made_with_an_address_that_suggests_itself(sit: Room, cast: Cast, maps: Place) -> None:
    bob = sit(cast.bob)
    bob.goto("/forums/new/")
    bob.get_by_label("Name").fill("Maps!")
    address = bob.get_by_label("Address")
    expect(address).to_have_value("maps")
    expect(bob.locator("[data-words]")).to_contain_text("taken")
    bob.get_by_label("Name").fill("Old maps & more")
    expect(address).to_have_value("old-maps-more")
    expect(bob.locator("[data-words]")).to_contain_text("f/old-maps-more")
    address.fill("Vote")
    expect(bob.locator("[data-words]")).to_contain_text("reserved")
    address.fill("old-maps")
    expect(bob.locator("[data-words]")).to_contain_text("f/old-maps")
    bob.get_by_label("Rules to start with").fill("Be kind\nShow the source")
    bob.get_by_role("button", name="Make the forum").click()
    bob.wait_for_url("**/f/old-maps/")
    expect(bob.locator("#about")).to_contain_text("Show the source")
    expect(bob.locator('.places a[href="/f/old-maps/"]')).to_have_attribute("aria-current", "page")


def test_rules_are_ordered_by_pointer_and_by_keyboard(sit: Room, cast: Cast, maps: Place) -> None:
    for title in ("A", "B", "C"):
        add_rule(actor=cast.alice, forum_id=maps.forum.pk, title=title)
    alice = sit(cast.alice)
    alice.goto("/f/maps/settings/rules/")
    down = alice.get_by_role("button", name="Move A down")
    down.focus()
    down.press("Enter")
    expect(names(alice)).to_have_text(["B", "A", "C"])
    expect(alice.locator("#announcer")).to_have_text("A is number 2 of 3 now")
    expect(alice.get_by_role("button", name="Move A down")).to_be_focused()
    with alice.expect_response(re.compile(r"/rules/$")):
        grip = alice.locator(".role", has_text="C").locator(".role__grip").bounding_box()
        there = alice.locator(".role", has_text="B").bounding_box()
        assert grip and there
        alice.mouse.move(grip["x"] + 8, grip["y"] + grip["height"] / 2)
        alice.mouse.down()
        alice.mouse.move(grip["x"] + 8, there["y"] + 4, steps=6)
        alice.mouse.up()
    expect(names(alice)).to_have_text(["C", "B", "A"])
    alice.reload()
    expect(names(alice)).to_have_text(["C", "B", "A"])
    assert list(Rule.objects.order_by("position").values_list("title", flat=True)) == ["C", "B", "A"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_a_forum_are_for_everybody(sit: Room, cast: Cast, maps: Place, width: int) -> None:
    sit.forgiven.append("404")
    forum = create_forum(owner=cast.alice, name=LONG, slug="x" * 50, description=LONG, rules=[LONG], is_public=False)
    for kind in ("post", "member"):
        create_flair(actor=cast.alice, forum_id=forum.pk, name="Donaudampfschifffahrtsgesellschaft", kind=kind)
    ask_to_join(person=cast.charlie, slug=forum.slug, text=LONG)
    alice = sit(cast.alice, viewport={"width": width, "height": 844})
    there = f"/f/{forum.slug}/"
    pages = ["/forums/", "/forums/new/", "/f/nowhere/", f"{there}about/", f"{there}invite/", f"{there}flair/"]
    parts = ("", "overview/", "options/", "rules/", "flairs/", "flairs/new/", "members/", "moderators/", "requests/")
    for page in [*pages, *(f"{there}settings/{part}" for part in parts)]:
        alice.goto(page)
        assert violations(alice) == [], page
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
    assert Forum.objects.count() == 2
