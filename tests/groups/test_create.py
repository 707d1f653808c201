"""A new group: what it begins with, and who may do what there."""

import pytest

from chat.models import Membership
from chatter.core.errors import Refused
from groups.actions.group import create_group
from groups.permissions import IN_CHANNELS, Right
from tests.cast import Cast, say
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db


def test_it_begins_with_a_category_a_place_to_talk_and_one_for_announcements(cast: Cast) -> None:
    atlas = make_community(cast)
    assert [channel.conversation.title for channel in atlas.group.channels.order_by("position")] == [
        "general",
        "announcements",
    ]
    assert atlas.group.categories.count() == 1
    assert atlas.group.member_count == 4
    owner = Membership.objects.get(conversation=atlas.talk, user=cast.alice)
    assert owner.permissions == IN_CHANNELS


def test_members_talk_and_read_announcements(cast: Cast) -> None:
    atlas = make_community(cast)
    assert say(cast.bob, atlas.talk, "Hello maps").number == 1
    with pytest.raises(Refused) as refused:
        say(cast.bob, atlas.announcements.conversation)
    assert refused.value.code == "forbidden"
    say(cast.alice, atlas.announcements.conversation, "News")
    row = Membership.objects.get(conversation=atlas.announcements.conversation, user=cast.bob)
    assert row.permissions & Right.READ_HISTORY
    assert row.history_from == 1


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 101])
def test_a_group_needs_a_name(cast: Cast, name: str) -> None:
    with pytest.raises(Refused):
        create_group(owner=cast.alice, name=name)
