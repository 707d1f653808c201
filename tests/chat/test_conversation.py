"""Opening places, and who comes and goes."""

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Block, User
from chat.actions.conversation import (
    create_group,
    join_lobby,
    open_direct,
    rename_conversation,
)
from chat.actions.membership import (
    add_members,
    leave_conversation,
    remove_member,
    transfer_ownership,
)
from chat.models import Conversation, Membership, Message
from chat.permissions import Permission, permissions_of_role
from chat.reading import conversations_of
from chatter.core.errors import Refused
from chatter.core.events import Event, MembershipRemoved
from tests.cast import Cast, say
from tests.factories import UserFactory


def code_of(deed: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def active(place: Conversation) -> set[str]:
    return set(Membership.objects.active().filter(conversation=place).values_list("user__username", flat=True))


def test_there_is_one_lobby_and_one_joins_it_once(cast: Cast) -> None:
    join_lobby(person=cast.alice)
    assert Conversation.objects.filter(kind="lobby").count() == 1
    cast.lobby.refresh_from_db()
    assert cast.lobby.member_count == 5


def test_superusers_administer_the_lobby_for_as_long_as_they_are(cast: Cast) -> None:
    def rights() -> tuple[str, int]:
        row = Membership.objects.get(conversation=cast.lobby, user=cast.bob)
        return row.role, row.permissions

    for is_superuser, role in ((True, "admin"), (False, "member")):
        cast.bob.is_superuser = is_superuser
        join_lobby(person=cast.bob)
        assert rights() == (role, permissions_of_role("lobby", role))
    Membership.objects.filter(conversation=cast.lobby, user=cast.bob).update(role="moderator")
    join_lobby(person=cast.bob)
    assert rights()[0] == "moderator"


def test_a_pair_has_one_direct_conversation_whoever_asks(cast: Cast) -> None:
    assert (
        open_direct(person=cast.bob, other=cast.alice).pk
        == open_direct(person=cast.alice, other=cast.bob).pk
        == cast.direct.pk
    )
    assert active(cast.direct) == {"alice", "bob"}


def test_a_direct_conversation_is_unlisted_until_its_first_message(cast: Cast) -> None:
    for person in (cast.alice, cast.bob):
        assert cast.direct.pk not in {row.id for row in conversations_of(person.pk)}
    say(cast.alice, cast.direct)
    row = next(row for row in conversations_of(cast.bob.pk) if row.id == cast.direct.pk)
    assert (row.title, row.unread, row.other_username) == ("Alice", 1, "alice")


def test_whom_one_cannot_write_to(cast: Cast) -> None:
    guest = UserFactory(username="guest", is_guest=True)
    gone = UserFactory(username="gone", deleted_at=timezone.now())
    assert code_of(lambda: open_direct(person=cast.alice, other=cast.alice)) == "invalid"
    assert code_of(lambda: open_direct(person=cast.alice, other=cast.mallory)) == "blocked"
    assert code_of(lambda: open_direct(person=cast.mallory, other=cast.alice)) == "forbidden"
    assert code_of(lambda: open_direct(person=cast.alice, other=guest)) == "forbidden"
    assert code_of(lambda: open_direct(person=guest, other=cast.alice)) == "forbidden"
    assert code_of(lambda: open_direct(person=cast.alice, other=gone)) == code_of(
        lambda: open_direct(person=cast.alice, other=uuid4())
    )
    assert not Conversation.objects.filter(kind="direct").exclude(pk=cast.direct.pk).exists()


def test_a_group_is_called_after_its_people_unless_it_has_a_name(cast: Cast) -> None:
    assert create_group(owner=cast.alice, title="", members=[cast.bob, cast.mod]).title == "Alice, Bob, Mod"
    assert create_group(owner=cast.alice, title="  Map\n room ", members=[cast.bob]).title == "Map room"
    assert code_of(lambda: create_group(owner=cast.alice, title="x" * 101, members=[cast.bob])) == "too_long"
    assert code_of(lambda: create_group(owner=cast.alice, title="alone", members=[cast.alice])) == "invalid"


def test_what_one_does_oneself_is_not_unread(cast: Cast) -> None:
    group = create_group(owner=cast.alice, title="Map room", members=[cast.bob])
    read = dict(Membership.objects.filter(conversation=group).values_list("user_id", "last_read_number"))
    assert read == {cast.alice.pk: 1, cast.bob.pk: 0}


def test_nobody_is_brought_into_a_group_across_a_block(cast: Cast) -> None:
    groups = Conversation.objects.filter(kind="group").count()
    assert (
        code_of(lambda: create_group(owner=cast.mallory, title="trap", members=[cast.bob, cast.alice])) == "forbidden"
    )
    assert code_of(lambda: create_group(owner=cast.alice, title="oops", members=[cast.mallory])) == "blocked"
    assert Conversation.objects.filter(kind="group").count() == groups
    Block.objects.create(blocker=cast.charlie, blocked=cast.bob)
    assert (
        code_of(lambda: add_members(actor=cast.bob, conversation_id=cast.group.pk, people=[cast.charlie]))
        == "forbidden"
    )
    assert "charlie" not in active(cast.group)


def test_adding_is_idempotent_and_newcomers_have_read_what_was_said(cast: Cast) -> None:
    last = say(cast.alice, cast.group).number
    assert (
        add_members(
            actor=cast.bob,
            conversation_id=cast.group.pk,
            people=[cast.charlie, cast.mod],
        )
        == 1
    )
    assert add_members(actor=cast.bob, conversation_id=cast.group.pk, people=[cast.charlie]) == 0
    row = Membership.objects.get(conversation=cast.group, user=cast.charlie)
    assert row.last_read_number == last
    cast.group.refresh_from_db()
    assert cast.group.member_count == 4
    note = Message.objects.filter(conversation=cast.group, kind="system").latest("number")
    assert note.metadata == {"event": "added", "actor_id": str(cast.bob.pk), "people_ids": [str(cast.charlie.pk)]}


def test_who_leaves_loses_access_and_may_come_back(cast: Cast, published: list[Event]) -> None:
    leave_conversation(person=cast.bob, conversation_id=cast.group.pk)
    assert active(cast.group) == {"alice", "mod"}
    removed = next(event for event in published if isinstance(event, MembershipRemoved))
    cast.group.refresh_from_db()
    assert (removed.user, removed.access_version) == (
        cast.bob.pk,
        cast.group.access_version,
    )
    assert cast.group.access_version == 1
    assert code_of(lambda: leave_conversation(person=cast.bob, conversation_id=cast.group.pk)) == "not_found"
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[cast.bob])
    assert Membership.objects.filter(conversation=cast.group, user=cast.bob).count() == 1
    assert say(cast.bob, cast.group).number > 0


def test_an_owner_who_leaves_passes_the_place_on(cast: Cast) -> None:
    leave_conversation(person=cast.alice, conversation_id=cast.group.pk)
    cast.group.refresh_from_db()
    assert cast.group.owner_id == cast.mod.pk
    row = Membership.objects.get(conversation=cast.group, user=cast.mod)
    assert (row.role, row.permissions) == (
        "owner",
        permissions_of_role("group", "owner"),
    )


def test_the_last_one_closes_the_door(cast: Cast) -> None:
    for person in (cast.alice, cast.mod, cast.bob):
        leave_conversation(person=person, conversation_id=cast.group.pk)
    cast.group.refresh_from_db()
    assert (
        cast.group.owner_id,
        cast.group.member_count,
        cast.group.archived_at is None,
    ) == (None, 0, False)


@pytest.mark.parametrize("place", ["lobby", "direct"])
def test_lobby_and_direct_talk_cannot_be_left_renamed_or_filled(cast: Cast, place: str) -> None:
    key = getattr(cast, place).pk
    assert code_of(lambda: leave_conversation(person=cast.bob, conversation_id=key)) == "unsupported"
    assert code_of(lambda: rename_conversation(actor=cast.bob, conversation_id=key, title="Mine")) == "forbidden"
    assert code_of(lambda: add_members(actor=cast.bob, conversation_id=key, people=[cast.charlie])) == "forbidden"
    assert code_of(lambda: remove_member(actor=cast.bob, conversation_id=key, person_id=cast.alice.pk)) == "forbidden"
    assert (
        code_of(lambda: transfer_ownership(actor=cast.bob, conversation_id=key, person_id=cast.alice.pk)) == "forbidden"
    )


def test_nobody_removes_their_own_rank_or_above(cast: Cast) -> None:
    def remove(actor: User, target: User) -> str:
        return code_of(lambda: remove_member(actor=actor, conversation_id=cast.group.pk, person_id=target.pk))

    assert remove(cast.bob, cast.mod) == "forbidden"
    assert remove(cast.mod, cast.alice) == "forbidden"
    assert remove(cast.mod, cast.mod) == "forbidden"
    assert remove(cast.mod, cast.charlie) == "not_found"
    remove_member(actor=cast.mod, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    assert active(cast.group) == {"alice", "mod"}


def test_ownership_is_handed_over_by_the_owner_only(cast: Cast) -> None:
    key = cast.group.pk
    assert (
        code_of(lambda: transfer_ownership(actor=cast.mod, conversation_id=key, person_id=cast.bob.pk)) == "forbidden"
    )
    assert (
        code_of(lambda: transfer_ownership(actor=cast.alice, conversation_id=key, person_id=cast.charlie.pk))
        == "not_found"
    )
    assert (
        code_of(lambda: transfer_ownership(actor=cast.alice, conversation_id=key, person_id=cast.alice.pk)) == "invalid"
    )
    transfer_ownership(actor=cast.alice, conversation_id=key, person_id=cast.bob.pk)
    roles = dict(Membership.objects.filter(conversation=cast.group).values_list("user__username", "role"))
    assert roles == {"alice": "admin", "bob": "owner", "mod": "moderator"}
    cast.group.refresh_from_db()
    assert cast.group.owner_id == cast.bob.pk


def test_renaming_is_one_change_and_a_note(cast: Cast) -> None:
    version = rename_conversation(actor=cast.alice, conversation_id=cast.group.pk, title="Atlas", topic="Maps")
    assert rename_conversation(actor=cast.alice, conversation_id=cast.group.pk, title="Atlas", topic="Maps") == version
    cast.group.refresh_from_db()
    assert (cast.group.title, cast.group.topic, cast.group.version) == (
        "Atlas",
        "Maps",
        version,
    )
    for title, code in (
        ("", "invalid"),
        ("x" * 101, "too_long"),
        ("a\0b", "invalid"),
        ("\ud800", "invalid"),
        ("\u200b\u202e\u3164", "invalid"),
    ):
        assert (
            code_of(partial(rename_conversation, actor=cast.alice, conversation_id=cast.group.pk, title=title)) == code
        )


def test_names_of_places_hold_nothing_that_cannot_be_seen(cast: Cast) -> None:
    """An override of direction would turn about the sentence that tells of the renaming."""
    rename_conversation(actor=cast.alice, conversation_id=cast.group.pk, title=" A\u202etlas\u200b ", topic="\u200b")
    cast.group.refresh_from_db()
    assert (cast.group.title, cast.group.topic) == ("Atlas", "")
    unseen = create_group(owner=cast.alice, title="\u2800\u200d", members=[cast.bob])
    assert unseen.title == "Alice, Bob"


def test_roles_only_grow_with_rank() -> None:
    for kind in ("lobby", "direct", "group"):
        bits = [permissions_of_role(kind, role) for role in ("member", "moderator", "admin", "owner")]
        for lower, higher in itertools.pairwise(bits):
            assert lower & higher == lower
    assert not permissions_of_role("channel", "owner")
    assert all(bit < 1 << 53 for bit in Permission)
