"""Channels and categories as they are made, changed and deleted: by whom, and what everybody sees of it."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import AuditEntry
from chat.models import Membership
from chatter.core.errors import NotFound, Refused
from chatter.core.events import AccessChanged, ConversationChanged, GroupChanged
from groups.access import Scope, sync_access
from groups.actions import channels as deeds
from groups.actions.categories import create_category, delete_category, rename_category
from groups.actions.channels import create_channel, delete_channel, edit_channel
from groups.actions.group import create_group
from groups.actions.opening import set_privacy
from groups.models import Channel, Role
from groups.permissions import Right
from groups.places import Target
from tests.cast import Cast, say
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list:
    """Everything that is published from here on."""
    seen: list = []
    for module in ("groups.access", "groups.actions.overrides", "groups.actions.ordering", "chat.actions.channel"):
        monkeypatch.setattr(f"{module}.publish", lambda *given: seen.extend(given))
    return seen


def grant(atlas: Community, right: Right) -> None:
    """Let the moderators do that, too."""
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(atlas.moderators.permissions | right))
    sync_access(Scope(group=atlas.group.pk))


def seers(channel: Channel) -> set[str]:
    """Who may see the channel now."""
    rows = Membership.objects.active().filter(conversation=channel.conversation)
    return set(rows.values_list("user__username", flat=True))


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("number").values_list("action", flat=True))


EVERYBODY = {"alice", "bob", "mod", "mallory"}


def test_a_new_channel_is_everybodys_and_begins_with_its_history(cast: Cast, atlas: Community, told: list) -> None:
    category = atlas.group.categories.get()
    channel = create_channel(
        actor=cast.alice, group_id=atlas.group.pk, name="  maps ", topic="Old\nand new", category_id=category.pk
    )
    assert (channel.conversation.title, channel.conversation.topic) == ("maps", "Old and new")
    assert channel.conversation.parent == atlas.group.pk
    assert channel.is_synced and channel.category == category and channel.position == 2
    assert seers(channel) == EVERYBODY
    say(cast.bob, channel.conversation, "first")
    assert Membership.objects.get(conversation=channel.conversation, user=cast.mod).history_from == 1
    assert GroupChanged(group=atlas.group.pk) in told
    heard = next(event for event in told if isinstance(event, AccessChanged))
    assert heard.conversation == channel.conversation_id
    assert actions()[-1] == "group.channel.created"


def test_only_who_manages_channels_makes_changes_and_deletes_them(cast: Cast, atlas: Community) -> None:
    actor, group, general = cast.mod, atlas.group.pk, atlas.general.pk
    category = atlas.group.categories.get().pk
    deeds_of_a_doer = (
        lambda: create_channel(actor=actor, group_id=group, name="mine"),
        lambda: edit_channel(actor=actor, group_id=group, channel_id=general, name="mine"),
        lambda: delete_channel(actor=actor, group_id=group, channel_id=general),
        lambda: set_privacy(actor=actor, group_id=group, kind="channel", place_id=general, closed=True),
        lambda: create_category(actor=actor, group_id=group, name="mine"),
        lambda: rename_category(actor=actor, group_id=group, category_id=category, name="mine"),
        lambda: delete_category(actor=actor, group_id=group, category_id=category),
    )
    for deed in deeds_of_a_doer:
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "forbidden"
    with pytest.raises(NotFound):
        create_channel(actor=cast.charlie, group_id=group, name="mine")


def test_a_moderator_with_the_right_may(cast: Cast, atlas: Community) -> None:
    grant(atlas, Right.MANAGE_CHANNELS)
    channel = create_channel(actor=cast.mod, group_id=atlas.group.pk, name="mine")
    edit_channel(actor=cast.mod, group_id=atlas.group.pk, channel_id=channel.pk, name="ours", slow_mode=10)
    channel.conversation.refresh_from_db()
    assert channel.conversation.title == "ours"
    assert channel.conversation.settings == {"slow_mode": 10}


def test_what_is_of_another_group_is_not_found(cast: Cast, atlas: Community) -> None:
    other = create_group(owner=cast.bob, name="Elsewhere")
    theirs, category = other.channels.first(), other.categories.get()
    assert theirs is not None
    for deed in (
        lambda: create_channel(actor=cast.alice, group_id=atlas.group.pk, name="x", category_id=category.pk),
        lambda: edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=theirs.pk, name="x"),
        lambda: delete_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=theirs.pk),
        lambda: delete_category(actor=cast.alice, group_id=atlas.group.pk, category_id=category.pk),
        lambda: create_channel(
            actor=cast.alice,
            group_id=atlas.group.pk,
            name="x",
            closed=True,
            shown_to=[Target("role", other.roles.get().pk)],
        ),
        lambda: create_channel(
            actor=cast.alice,
            group_id=atlas.group.pk,
            name="x",
            closed=True,
            shown_to=[Target("member", other.members.get().pk)],
        ),
    ):
        with pytest.raises(NotFound):
            deed()


def test_names_that_cannot_be_shown_are_refused(cast: Cast, atlas: Community) -> None:
    for name in ("", " \u200b ", "x" * 101, "a\x00b", "\ud800", "\u2800"):
        for deed in (create_channel, create_category):
            with pytest.raises(Refused):
                deed(actor=cast.alice, group_id=atlas.group.pk, name=name)


def test_names_of_every_script_are_kept(cast: Cast, atlas: Community) -> None:
    for name in ("общий", "عام", "一般", "🎉🎉", "हिन्दी", "a-b_c", "עברית 12", "👨‍👩‍👧"):
        channel = create_channel(actor=cast.alice, group_id=atlas.group.pk, name=name, topic=name)
        assert (channel.conversation.title, channel.conversation.topic) == (name, name)
        assert create_category(actor=cast.alice, group_id=atlas.group.pk, name=name).name == name


def test_nothing_in_a_name_turns_the_text_around_it(cast: Cast, atlas: Community) -> None:
    channel = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="a\u202eb\u2066c", topic="\u202eabc")
    assert (channel.conversation.title, channel.conversation.topic) == ("abc", "abc")


def test_a_topic_may_be_empty_but_not_too_long(cast: Cast, atlas: Community) -> None:
    edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, topic="\u200b ")
    with pytest.raises(Refused) as refused:
        edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, topic="x" * 301)
    assert refused.value.code == "too_long"


def test_a_group_has_room_for_so_many(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "CHANNELS_MAX", 3)
    channel = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="third")
    with pytest.raises(Refused) as refused:
        create_channel(actor=cast.alice, group_id=atlas.group.pk, name="fourth")
    assert "3" in str(refused.value)
    delete_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=channel.pk)
    create_channel(actor=cast.alice, group_id=atlas.group.pk, name="third again")


def test_a_private_channel_is_private_from_its_first_moment(cast: Cast, atlas: Community, told: list) -> None:
    grant(atlas, Right.MANAGE_CHANNELS)
    told.clear()
    bob = Target("member", atlas.member(cast.bob).pk)
    channel = create_channel(actor=cast.mod, group_id=atlas.group.pk, name="secret", closed=True, shown_to=[bob])
    assert seers(channel) == {"alice", "mod", "bob"}
    # Nobody was told of it who lost it again.
    heard = [event for event in told if isinstance(event, AccessChanged)]
    assert [event.lost for event in heard] == [()]
    assert cast.mallory.pk not in {key for event in heard for key in event.came}
    moderators = create_channel(
        actor=cast.alice,
        group_id=atlas.group.pk,
        name="staff",
        closed=True,
        shown_to=[Target("role", atlas.moderators.pk)],
    )
    assert seers(moderators) == {"alice", "mod"}


def test_a_channel_is_closed_and_opened(cast: Cast, atlas: Community) -> None:
    where: dict[str, Any] = {
        "actor": cast.alice,
        "group_id": atlas.group.pk,
        "kind": "channel",
        "place_id": atlas.general.pk,
    }
    bob = Target("member", atlas.member(cast.bob).pk)
    say(cast.mallory, atlas.talk, "before")
    set_privacy(**where, closed=True, shown_to=[bob])
    assert seers(atlas.general) == {"alice", "bob"}
    set_privacy(**where, closed=True)
    set_privacy(**where, closed=False)
    assert seers(atlas.general) == EVERYBODY
    assert actions()[-2:] == ["group.channel.closed", "group.channel.opened"]


def test_a_closed_category_closes_what_follows_it(cast: Cast, atlas: Community) -> None:
    category = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Staff", closed=True)
    channel = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="plans", category_id=category.pk)
    assert seers(channel) == {"alice"}
    # Who manages channels and does not see it can neither use nor touch it.
    grant(atlas, Right.MANAGE_CHANNELS | Right.MANAGE_ROLES)
    for deed in (
        lambda: create_channel(actor=cast.mod, group_id=atlas.group.pk, name="x", category_id=category.pk),
        lambda: edit_channel(actor=cast.mod, group_id=atlas.group.pk, channel_id=channel.pk, name="x"),
        lambda: delete_channel(actor=cast.mod, group_id=atlas.group.pk, channel_id=channel.pk),
        lambda: delete_category(actor=cast.mod, group_id=atlas.group.pk, category_id=category.pk),
        lambda: rename_category(actor=cast.mod, group_id=atlas.group.pk, category_id=category.pk, name="x"),
        lambda: set_privacy(
            actor=cast.mod, group_id=atlas.group.pk, kind="category", place_id=category.pk, closed=False
        ),
    ):
        with pytest.raises(NotFound):
            deed()
    set_privacy(actor=cast.alice, group_id=atlas.group.pk, kind="category", place_id=category.pk, closed=False)
    assert seers(channel) == EVERYBODY


def test_deleting_a_category_opens_nothing(cast: Cast, atlas: Community) -> None:
    category = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Staff", closed=True)
    follows = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="plans", category_id=category.pk)
    own = create_channel(
        actor=cast.alice, group_id=atlas.group.pk, name="mine", category_id=category.pk, kind="announcement"
    )
    set_privacy(actor=cast.alice, group_id=atlas.group.pk, kind="channel", place_id=own.pk, closed=False)
    delete_category(actor=cast.alice, group_id=atlas.group.pk, category_id=category.pk)
    for channel in (follows, own):
        channel.refresh_from_db()
        assert channel.category is None
    assert sync_access(Scope(group=atlas.group.pk)) == []
    assert (seers(follows), seers(own)) == ({"alice"}, EVERYBODY)
    with pytest.raises(Refused):
        say(cast.bob, own.conversation)


def test_a_deleted_channel_is_gone_at_once(cast: Cast, atlas: Community, told: list) -> None:
    say(cast.bob, atlas.talk)
    delete_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk)
    assert seers(atlas.general) == set()
    atlas.talk.refresh_from_db()
    assert atlas.talk.archived_at is not None
    assert atlas.talk.member_count == 0
    assert {key for event in told if isinstance(event, AccessChanged) for key in event.lost} == {
        person.pk for person in (cast.alice, cast.bob, cast.mod, cast.mallory)
    }
    for person in (cast.bob, cast.alice):
        with pytest.raises(Refused) as refused:
            say(person, atlas.talk)
        assert refused.value.code == "not_found"
    with pytest.raises(NotFound):
        delete_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk)


def test_announcements_and_back(cast: Cast, atlas: Community) -> None:
    where: dict[str, Any] = {"actor": cast.alice, "group_id": atlas.group.pk, "channel_id": atlas.general.pk}
    edit_channel(**where, kind="announcement")
    atlas.talk.refresh_from_db()
    assert atlas.talk.settings == {"announces": True}
    with pytest.raises(Refused):
        say(cast.bob, atlas.talk)
    say(cast.alice, atlas.talk)
    edit_channel(**where, kind="text")
    atlas.talk.refresh_from_db()
    assert atlas.talk.settings == {}
    say(cast.bob, atlas.talk)
    with pytest.raises(Refused):
        edit_channel(**where, kind="voice")


def test_nobody_makes_themselves_an_announcer(cast: Cast, atlas: Community) -> None:
    grant(atlas, Right.MANAGE_CHANNELS | Right.MANAGE_ROLES)
    where: dict[str, Any] = {"actor": cast.mod, "group_id": atlas.group.pk}
    with pytest.raises(Refused):
        edit_channel(**where, channel_id=atlas.announcements.pk, kind="text")
    # Whoever turns a channel keeps their word in it.
    edit_channel(**where, channel_id=atlas.general.pk, kind="announcement")
    say(cast.mod, atlas.talk)
    with pytest.raises(Refused):
        say(cast.bob, atlas.talk)


def test_slow_mode_holds_members_and_not_moderators(cast: Cast, atlas: Community) -> None:
    edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, slow_mode=300)
    say(cast.bob, atlas.talk)
    with pytest.raises(Refused) as refused:
        say(cast.bob, atlas.talk)
    assert refused.value.code == "slow_mode"
    assert refused.value.retry_after and 290 < refused.value.retry_after <= 300
    say(cast.mod, atlas.talk)
    say(cast.mod, atlas.talk)
    edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, slow_mode=0)
    say(cast.bob, atlas.talk)
    with pytest.raises(Refused):
        edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, slow_mode=7)


def test_a_change_is_told_and_written_down_and_none_is_not(cast: Cast, atlas: Community, told: list) -> None:
    where: dict[str, Any] = {"actor": cast.alice, "group_id": atlas.group.pk, "channel_id": atlas.general.pk}
    edit_channel(**where, name="lounge", topic="Be nice")
    changed = [event for event in told if isinstance(event, ConversationChanged)]
    assert [(event.title, event.topic) for event in changed] == [("lounge", "Be nice")]
    assert GroupChanged(group=atlas.group.pk) in told
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.place, entry.target_id) == ("group.channel.changed", atlas.group.pk, atlas.general.pk)
    assert entry.facts["name"] == "lounge"
    told.clear()
    edit_channel(**where, name="lounge", topic="Be nice", slow_mode=0, kind="text")
    assert told == []
    assert AuditEntry.objects.latest("number").number == entry.number


@pytest.mark.django_db(transaction=True)
def test_the_last_room_goes_to_one(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "CHANNELS_MAX", 3)
    outcomes: list[str] = []

    def make(name: str) -> None:
        try:
            create_channel(actor=cast.alice, group_id=atlas.group.pk, name=name)
            outcomes.append("made")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=(f"c{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["forbidden", "forbidden", "forbidden", "made"]
    with transaction.atomic():
        assert sync_access(Scope(group=atlas.group.pk)) == []


def test_making_and_deleting_channels_has_an_end(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that wait for the clock are still gone through for everybody who comes."""
    monkeypatch.setattr(deeds, "CHANNELS_MAX", 3)
    who: dict[str, Any] = {"actor": cast.alice, "group_id": atlas.group.pk}
    for _number in range(3):
        delete_channel(**who, channel_id=create_channel(**who, name="brief").pk)
    with pytest.raises(Refused) as refused:
        create_channel(**who, name="brief")
    assert refused.value.code == "rate_limited"
    Channel.objects.exclude(deleted_at=None).first().delete()  # type: ignore[union-attr]  # there are some
    assert create_channel(**who, name="brief")
