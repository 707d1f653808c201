"""Groups in the browser: the rail and the side bar follow what happens, roles are given and taken live, who is out is told."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import Locator, Page, expect

from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.actions.members import admit_member, part_member
from groups.models import Channel, Group, Override, Role
from groups.permissions import EVERYONE_DEFAULT, Right, lock_group
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import area, write
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

# A name in each colour that a role may have, wherever names stand.
NAMES = """() => {
  for (const place of document.querySelectorAll(".people, .message--mention, .place--channel[aria-current] .place__text"))
    for (let hue = 0; hue < 12; hue++) {
      const name = document.createElement("span");
      name.className = `tinted hue-${hue}`;
      name.textContent = `Name ${hue}`;
      place.append(name);
    }
}"""


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast)


def mark(page: Page, atlas: Community) -> Locator:
    return page.locator(f'.rail__group[data-group="{atlas.group.pk}"]')


def everybody_may(atlas: Community, rights: Right) -> None:
    """Change what @everyone may, as the page of roles would."""
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(rights))
        change_access(Scope(group=atlas.group.pk))
        publish(GroupChanged(group=atlas.group.pk))


def test_news_of_a_group_show_on_the_rail_and_in_the_tab(sit: Room, cast: Cast, atlas: Community) -> None:
    bob = sit(cast.bob)
    bob.goto("/")
    expect(bob.locator("html[data-connection=ready]")).to_be_attached()
    expect(mark(bob, atlas)).not_to_have_class(re.compile("unread"))
    asked: list[str] = []
    bob.on("request", lambda request: asked.append(request.url) if request.resource_type == "fetch" else None)
    say(cast.alice, atlas.talk, "to nobody")
    expect(mark(bob, atlas)).to_have_class(re.compile("unread"))
    before = bob.title()
    say(cast.alice, atlas.talk, "@bob to you")
    expect(mark(bob, atlas).locator(".badge")).to_have_text("1")
    assert bob.title() != before and bob.locator(f'a.place[href="/c/{atlas.talk.pk}/"]').count() == 0
    # The list of messages does not look for a channel it does not show.
    assert asked == []
    enter_group(bob, atlas)
    expect(bob.locator("message-list")).to_contain_text("to you")
    expect(mark(bob, atlas).locator(".badge")).to_be_hidden()


def enter_group(page: Page, atlas: Community) -> None:
    mark(page, atlas).click()
    expect(page.locator("message-list[data-live]")).to_be_attached()


def test_channels_close_with_their_category_are_found_and_walked_by_keyboard(
    sit: Room, cast: Cast, atlas: Community
) -> None:
    bob = sit.at(cast.bob, atlas.talk)
    category = bob.locator("details[data-category]").first
    category.locator("summary").press("Enter")
    expect(category).not_to_have_attribute("open", "")
    bob.reload()
    expect(category).not_to_have_attribute("open", "")
    bob.keyboard.press("Control+k")
    bob.keyboard.type("announ")
    expect(bob.locator("conversation-list a.place:visible")).to_have_count(1)
    bob.locator("#search").fill("")
    category.locator("summary").press("Enter")
    expect(category).to_have_attribute("open", "")
    bob.keyboard.press("Alt+ArrowDown")
    bob.wait_for_url(f"**/c/{atlas.announcements.conversation_id}/")
    expect(bob.locator(".talk .composer--locked")).to_be_visible()


def test_rights_names_and_order_change_under_the_reader(sit: Room, cast: Cast, atlas: Community) -> None:
    bob = sit.at(cast.bob, atlas.talk)
    area(bob).fill("half a thought")
    everybody_may(atlas, EVERYONE_DEFAULT & ~Right.SEND)
    expect(bob.locator(".talk .composer--locked")).to_be_visible()
    everybody_may(atlas, EVERYONE_DEFAULT)
    expect(area(bob)).to_have_value("half a thought")
    write(bob, "and the rest")
    with transaction.atomic():
        Group.objects.filter(pk=atlas.group.pk).update(name="Open Atlas")
        Channel.objects.filter(pk=atlas.general.pk).update(position=9)
        publish(GroupChanged(group=atlas.group.pk))
    expect(bob.locator(".bar--group")).to_contain_text("Open Atlas")
    expect(mark(bob, atlas)).to_have_attribute("title", "Open Atlas")
    expect(bob.locator("conversation-list a.place").first).to_contain_text("announcements")


def test_who_loses_a_channel_or_the_group_is_told_and_led_on(sit: Room, cast: Cast, atlas: Community) -> None:
    bob = sit.at(cast.bob, atlas.talk)
    sit.forgiven.append("404")
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
        Override.objects.create(channel=atlas.general, role=atlas.everyone, deny=int(Right.VIEW))
        change_access(Scope(group=atlas.group.pk, channels=(atlas.general.pk,)))
    bob.wait_for_url(f"**/c/{atlas.announcements.conversation_id}/")
    expect(bob.locator(".toast")).to_contain_text("no longer read that channel")
    expect(bob.locator("message-list[data-live]")).to_be_attached()
    with transaction.atomic():
        part_member(lock_group(atlas.group.pk), atlas.member(cast.bob))
    bob.wait_for_url("**/")
    expect(bob.locator(".toast")).to_contain_text("no longer in that group")
    expect(bob.locator("html[data-connection=ready]")).to_be_attached()
    expect(mark(bob, atlas)).to_have_count(0)
    with transaction.atomic():
        admit_member(lock_group(atlas.group.pk), cast.bob)
    expect(mark(bob, atlas)).to_be_visible()


def test_a_channel_can_be_read_by_everybody(sit: Room, cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(is_shown_apart=True)
    say(cast.alice, atlas.announcements.conversation, "@bob news")
    say(cast.alice, atlas.talk, "@bob here too")
    bob = sit.at(cast.bob, atlas.talk)
    bob.evaluate(NAMES)
    assert violations(bob) == []
    bob.set_viewport_size({"width": 390, "height": 800})
    bob.locator("header.bar .only-phone").first.click()
    bob.wait_for_url("**/g/**")
    expect(bob.locator(".rail__group")).to_be_visible()
    assert violations(bob) == []


def test_search_leads_out_of_a_group(sit: Room, cast: Cast, atlas: Community) -> None:
    bob = sit(cast.bob)
    bob.goto(f"/c/{atlas.talk.pk}/")
    expect(bob.locator("html[data-connection=ready]")).to_be_attached()
    bob.keyboard.press("Control+k")
    bob.keyboard.type("atl")
    expect(bob.locator(f'place-search a[href="/g/{atlas.group.pk}/"]')).to_be_visible()
    bob.keyboard.press("ArrowDown")
    expect(bob.locator("place-search a.place").first).to_be_focused()
    bob.keyboard.press("ArrowUp")
    bob.keyboard.press("Escape")
    expect(area(bob)).to_be_focused()
    expect(bob.locator("place-search a.place")).to_have_count(0)
    expect(bob.locator("conversation-list a.place").first).to_be_visible()
