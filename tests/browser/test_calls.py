"""@everyone and roles as people meet them: offered, asked about when they are many, marked for whom they call."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts.models import Occasion
from accounts.occasions import spread_due
from chat.models import Message
from groups.actions.members import admit_member
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, article, settled, write
from tests.cast import Cast
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.browser
_CALLS_ME = re.compile("message--mention")


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Alice and fifty-one others."""
    community = make_community(cast)
    with transaction.atomic():
        for number in range(48):
            admit_member(community.group, make_person(username=f"extra-{number}"))
    Occasion.objects.all().delete()
    return community


def test_calls_are_offered_confirmed_and_marked(sit: Room, cast: Cast, atlas: Community) -> None:
    alice, mod, bob = sit.at(cast.alice, atlas.talk), sit.at(cast.mod, atlas.talk), sit(cast.bob)
    enter(bob, cast.lobby)
    area(alice).press_sequentially("@mod")
    options = alice.locator(".composer .completion__option")
    expect(options.filter(has_text="@Moderators").locator(".callee.hue-8")).to_be_visible()
    area(alice).press("Escape")
    write(alice, "@moderators quick")
    settled(alice, "@moderators quick")
    expect(article(mod, "@moderators quick")).to_have_class(_CALLS_ME)
    expect(alice.locator("#confirm-calls")).to_be_hidden()

    write(alice, "@everyone come")
    dialog = alice.locator("#confirm-calls")
    expect(dialog).to_contain_text("This will notify 51 people.")
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(area(alice)).to_have_value("@everyone come")
    assert Message.objects.filter(conversation=atlas.talk).count() == 1
    area(alice).press("Enter")
    dialog.get_by_role("button", name="Send").click()
    settled(alice, "@everyone come")
    expect(area(alice)).to_have_value("")
    expect(article(mod, "@everyone come")).to_have_class(_CALLS_ME)
    expect(article(alice, "@everyone come")).not_to_have_class(_CALLS_ME)
    while spread_due():
        pass
    # The other one is that he was brought into a group conversation.
    expect(bob.locator("notification-bell .badge").first).to_contain_text("2")
