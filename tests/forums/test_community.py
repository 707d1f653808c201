"""A forum as its people make it: who may what to it, and what is written down."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import AuditEntry, Block, Notification, User
from chatter.core.errors import NotFound, Refused
from forums.actions.coming import (
    ask_to_join,
    decide_request,
    join_forum,
    leave_forum,
    put_out_member,
    unsubscribe,
)
from forums.actions.flairs import change_flair, create_flair, delete_flair, open_flairs, order_flair, wear_flair
from forums.actions.forum import create_forum, edit_forum
from forums.actions.invitations import (
    accept_invitation,
    decline_invitation,
    invite_people,
    living_invitations,
    revoke_invitation,
)
from forums.actions.moderators import appoint_moderator, change_moderator, resign
from forums.actions.rules import RULES_MAX, add_rule, change_rule, delete_rule, order_rule
from forums.models import Ban, Flair, Forum, ForumDay, Invitation, JoinRequest, Member, Rule
from forums.notices import show_invitations
from forums.permissions import ALL, Right, standing_in
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(cast: Cast) -> Place:
    return make_forum(cast, is_public=False)


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("number").values_list("action", flat=True))


def titles(place: Place) -> list[str]:
    return list(Rule.objects.filter(forum=place.forum).order_by("position").values_list("title", flat=True))


# --- making and changing -----------------------------------------------------------------------------------------------


def test_who_makes_a_forum_owns_it_and_is_in(cast: Cast) -> None:
    forum = create_forum(
        owner=cast.charlie, name=" Old  maps ", slug="Old maps", rules=["Be kind", "", " Show sources "]
    )
    assert (forum.name, forum.slug, forum.member_count, forum.is_public) == ("Old maps", "old-maps", 1, True)
    assert list(forum.rules.order_by("position").values_list("title", flat=True)) == ["Be kind", "Show sources"]
    assert standing_in(forum.pk, cast.charlie).rights == ALL
    assert deeds()[-1] == "forum.created"
    assert ForumDay.objects.get(forum=forum).joined == 1


def test_guests_make_none(cast: Cast) -> None:
    guest = make_person(is_guest=True)
    with pytest.raises(Refused):
        create_forum(owner=guest, name="Mine", slug="mine")
    assert not Forum.objects.exists()


@pytest.mark.parametrize(
    "wanted",
    [
        *({"name": ""}, {"name": "\u200b"}, {"name": "x" * 101}, {"description": "x" * 501}, {"description": "\x00"}),
        *({"posting": "nobody"}, {"holding": "all"}, {"scores_hidden_minutes": 7}, {"scores_hidden_minutes": 10**9}),
        *({"kinds_off": ["text", "link", "image", "poll"]}, {"needs_flair": True}),
    ],
)
def test_nonsense_changes_nothing(cast: Cast, maps: Place, wanted: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        edit_forum(actor=cast.alice, forum_id=maps.forum.pk, **wanted)
    assert Forum.objects.get().updated_at == maps.forum.updated_at


def test_only_who_has_the_right_changes_a_forum(cast: Cast, maps: Place) -> None:
    for person in (cast.bob, cast.mod, cast.charlie):
        with pytest.raises(Refused):
            edit_forum(actor=person, forum_id=maps.forum.pk, name="Mine")
    Member.objects.filter(user=cast.mod).update(permissions=int(Right.FORUM))
    edit_forum(actor=cast.mod, forum_id=maps.forum.pk, name="Charts", kinds_off=["poll", "nonsense"], owner=cast.mod)
    forum = Forum.objects.get()
    assert (forum.name, forum.kinds_off, forum.owner_id) == ("Charts", ["poll"], cast.alice.pk)
    assert AuditEntry.objects.get(action="forum.edited").facts["changes"]["name"] == ["Maps", "Charts"]


def test_the_same_again_is_no_change(cast: Cast, maps: Place) -> None:
    edit_forum(actor=cast.alice, forum_id=maps.forum.pk, name="Maps", is_public=True)
    assert "forum.edited" not in deeds()


def test_rules_are_added_changed_ordered_and_deleted(cast: Cast, maps: Place) -> None:
    place: dict[str, Any] = {"actor": cast.alice, "forum_id": maps.forum.pk}
    one, two, three = (add_rule(**place, title=title).pk for title in ("one", "two", "three"))
    order_rule(**place, rule_id=three, before=one)
    assert titles(maps) == ["three", "one", "two"]
    order_rule(**place, rule_id=three, by=1)
    order_rule(**place, rule_id=two, by=1)
    assert titles(maps) == ["one", "three", "two"]
    order_rule(**place, rule_id=one)
    assert titles(maps) == ["three", "two", "one"]
    change_rule(**place, rule_id=one, title="uno", text="The first")
    delete_rule(**place, rule_id=three)
    assert titles(maps) == ["two", "uno"]
    assert list(Rule.objects.order_by("position").values_list("position", flat=True)) == [0, 1]
    assert {"forum.rule.added", "forum.rule.moved", "forum.rule.changed", "forum.rule.deleted"} <= set(deeds())


def test_rules_belong_to_their_forum_and_have_an_end(cast: Cast, maps: Place) -> None:
    other = create_forum(owner=cast.charlie, name="Other", slug="other")
    rule = add_rule(actor=cast.charlie, forum_id=other.pk, title="Theirs")
    mine = add_rule(actor=cast.alice, forum_id=maps.forum.pk, title="Mine")
    place: dict[str, Any] = {"actor": cast.alice, "forum_id": maps.forum.pk}
    for deed in (
        lambda: change_rule(**place, rule_id=rule.pk, title="x"),
        lambda: delete_rule(**place, rule_id=rule.pk),
        lambda: order_rule(**place, rule_id=rule.pk, by=1),
        lambda: order_rule(**place, rule_id=mine.pk, before=rule.pk),
    ):
        with pytest.raises(NotFound):
            deed()
    for number in range(RULES_MAX - 1):
        add_rule(**place, title=f"rule {number}")
    with pytest.raises(Refused, match="at most"):
        add_rule(**place, title="one too many")
    with pytest.raises(Refused):
        add_rule(actor=cast.bob, forum_id=maps.forum.pk, title="x")


# --- flairs ------------------------------------------------------------------------------------------------------------


def test_flairs_are_made_ordered_and_deleted(cast: Cast, maps: Place) -> None:
    place: dict[str, Any] = {"actor": cast.alice, "forum_id": maps.forum.pk}
    find, question = (create_flair(**place, name=name, hue=3).pk for name in ("Find", "Question"))
    order_flair(**place, flair_id=question, before=find)
    assert list(Flair.objects.order_by("position").values_list("name", flat=True)) == ["Question", "Find"]
    for wrong in ({"name": "FIND"}, {"name": ""}, {"name": "New", "hue": 12}, {"name": "New", "kind": "both"}):
        with pytest.raises(Refused):
            create_flair(**place, **wrong)
    create_flair(**place, name="Find", kind="member")
    edit_forum(**place, needs_flair=True)
    delete_flair(**place, flair_id=find)
    for deed in (
        lambda: delete_flair(**place, flair_id=question),
        lambda: change_flair(**place, flair_id=question, is_for_moderators=True),
    ):
        with pytest.raises(Refused, match="has to stay"):
            deed()


def test_members_wear_what_is_open_and_moderators_give_the_rest(cast: Cast, maps: Place) -> None:
    key = maps.forum.pk
    made = {
        name: create_flair(
            actor=cast.alice, forum_id=key, name=name, kind="member", is_for_moderators=name == "Expert"
        ).pk
        for name in ("Walker", "Expert")
    }
    of_posts = create_flair(actor=cast.alice, forum_id=key, name="Find").pk
    assert [flair.name for flair in open_flairs(maps.standing(cast.bob), "member")] == ["Walker"]
    wear_flair(actor=cast.bob, forum_id=key, flair_id=made["Walker"])
    with pytest.raises(Refused):
        wear_flair(actor=cast.bob, forum_id=key, flair_id=made["Expert"])
    with pytest.raises(Refused):
        wear_flair(actor=cast.bob, forum_id=key, flair_id=made["Walker"], person_id=cast.mod.pk)
    for wrong in (of_posts, uuid4()):
        with pytest.raises(NotFound):
            wear_flair(actor=cast.bob, forum_id=key, flair_id=wrong)
    with pytest.raises(NotFound):
        wear_flair(actor=cast.charlie, forum_id=key, flair_id=made["Walker"])
    wear_flair(actor=cast.mod, forum_id=key, flair_id=made["Expert"], person_id=cast.bob.pk)
    with pytest.raises(Refused, match="only they"):
        wear_flair(actor=cast.bob, forum_id=key, flair_id=None)
    with pytest.raises(Refused):
        wear_flair(actor=cast.mod, forum_id=key, flair_id=made["Expert"], person_id=cast.alice.pk)
    delete_flair(actor=cast.alice, forum_id=key, flair_id=made["Expert"])
    assert Member.objects.get(user=cast.bob).flair is None


# --- coming and going --------------------------------------------------------------------------------------------------


def test_everybody_joins_a_public_forum_and_leaves_it(cast: Cast, maps: Place) -> None:
    join_forum(person=cast.charlie, forum_id=maps.forum.pk)
    join_forum(person=cast.charlie, forum_id=maps.forum.pk)
    assert Forum.objects.get().member_count == 5
    unsubscribe(person=cast.charlie, forum_id=maps.forum.pk)
    assert not maps.standing(cast.charlie).is_subscribed
    join_forum(person=cast.charlie, forum_id=maps.forum.pk)
    assert maps.standing(cast.charlie).is_subscribed
    leave_forum(person=cast.charlie, forum_id=maps.forum.pk)
    leave_forum(person=cast.charlie, forum_id=maps.forum.pk)
    assert Forum.objects.get().member_count == Member.objects.count() == 4
    with pytest.raises(Refused, match="own this forum"):
        leave_forum(person=cast.alice, forum_id=maps.forum.pk)


def test_the_banned_guests_and_outsiders_do_not_come_in(cast: Cast, maps: Place) -> None:
    Ban.objects.create(forum=maps.forum, user=cast.charlie, reason="Spam")
    with pytest.raises(Refused, match="banned"):
        join_forum(person=cast.charlie, forum_id=maps.forum.pk)
    with pytest.raises(Refused):
        join_forum(person=make_person(is_guest=True), forum_id=maps.forum.pk)
    den = make_forum(cast, is_public=False, slug="den")
    with pytest.raises(NotFound):
        join_forum(person=cast.charlie, forum_id=den.forum.pk)


def test_asking_reaches_moderators_and_the_answer_the_asker(cast: Cast, secret: Place) -> None:
    ask_to_join(person=cast.charlie, slug="maps", text="I draw.")
    ask_to_join(person=cast.charlie, slug="Maps", text="I draw coastlines.")
    request = JoinRequest.objects.get()
    assert request.text == "I draw coastlines."
    for person in (cast.bob, cast.charlie):
        with pytest.raises(Refused):
            decide_request(actor=person, forum_id=secret.forum.pk, request_id=request.pk, accept=True)
    decide_request(actor=cast.mod, forum_id=secret.forum.pk, request_id=request.pk, accept=True)
    assert secret.standing(cast.charlie).member is not None
    assert Notification.objects.filter(recipient=cast.charlie, payload__event="forum_request_accepted").exists()
    with pytest.raises(NotFound):
        decide_request(actor=cast.mod, forum_id=secret.forum.pk, request_id=request.pk, accept=False)
    assert "forum.request.accepted" in deeds()


def test_who_is_declined_is_told_and_not_heard_again_at_once(cast: Cast, secret: Place) -> None:
    ask_to_join(person=cast.charlie, slug="maps")
    key = JoinRequest.objects.get().pk
    decide_request(actor=cast.mod, forum_id=secret.forum.pk, request_id=key, accept=False)
    assert Notification.objects.filter(recipient=cast.charlie, payload__event="forum_request_declined").exists()
    ask_to_join(person=cast.charlie, slug="maps")
    assert JoinRequest.objects.count() == 1
    with pytest.raises(NotFound):
        standing_in(secret.forum.pk, cast.charlie)


def test_asking_tells_nothing(cast: Cast, secret: Place) -> None:
    Ban.objects.create(forum=secret.forum, user=cast.mallory, reason="Spam")
    for person, slug in ((cast.charlie, "nowhere"), (cast.mallory, "maps"), (cast.bob, "maps")):
        ask_to_join(person=person, slug=slug)
    Forum.objects.update(takes_requests=False)
    ask_to_join(person=cast.charlie, slug="maps")
    assert not JoinRequest.objects.exists()


def test_the_banned_are_not_let_in_by_a_request_of_before(cast: Cast, secret: Place) -> None:
    ask_to_join(person=cast.charlie, slug="maps")
    Ban.objects.create(forum=secret.forum, user=cast.charlie, reason="Spam")
    with pytest.raises(Refused, match="banned"):
        decide_request(actor=cast.mod, forum_id=secret.forum.pk, request_id=JoinRequest.objects.get().pk, accept=True)
    assert JoinRequest.objects.get().state == "pending"


def test_an_invitation_is_told_accepted_and_gone(cast: Cast, secret: Place) -> None:
    key = secret.forum.pk
    with pytest.raises(Refused):
        invite_people(actor=cast.bob, forum_id=key, people=[cast.charlie])
    assert invite_people(actor=cast.mod, forum_id=key, people=[cast.charlie, cast.bob]) == 1
    assert invite_people(actor=cast.mod, forum_id=key, people=[cast.charlie]) == 0
    invitation = Invitation.objects.get()
    assert Notification.objects.filter(recipient=cast.charlie, kind="invitation").count() == 1
    with pytest.raises(NotFound):
        accept_invitation(person=cast.mallory, invitation_id=invitation.pk)
    accept_invitation(person=cast.charlie, invitation_id=invitation.pk)
    assert Member.objects.get(user=cast.charlie).invited_by == cast.mod
    assert not Invitation.objects.exists()
    with pytest.raises(NotFound):
        accept_invitation(person=cast.charlie, invitation_id=invitation.pk)


def test_an_invitation_is_good_as_long_as_its_inviter_may_invite(cast: Cast, maps: Place) -> None:
    invite_people(actor=cast.bob, forum_id=maps.forum.pk, people=[cast.charlie])
    key = Invitation.objects.get().pk
    edit_forum(actor=cast.alice, forum_id=maps.forum.pk, is_public=False)
    assert not living_invitations(cast.charlie).exists()
    with pytest.raises(NotFound):
        accept_invitation(person=cast.charlie, invitation_id=key)
    Member.objects.filter(forum=maps.forum, user=cast.bob).update(permissions=int(Right.PEOPLE))
    assert living_invitations(cast.charlie).exists()
    put_out_member(actor=cast.alice, forum_id=maps.forum.pk, person_id=cast.bob.pk)
    assert show_invitations(cast.charlie.pk, list(Notification.objects.filter(recipient=cast.charlie))) == {}
    with pytest.raises(NotFound):
        accept_invitation(person=cast.charlie, invitation_id=key)


def test_nobody_is_invited_past_a_block_or_their_wish(cast: Cast, maps: Place) -> None:
    with pytest.raises(Refused):
        invite_people(actor=cast.mallory, forum_id=maps.forum.pk, people=[cast.alice])
    shy = make_person()
    User.objects.filter(pk=shy.pk).update(privacy={"group": "nobody"})
    with pytest.raises(Refused):
        invite_people(actor=cast.bob, forum_id=maps.forum.pk, people=[shy])
    assert not Invitation.objects.exists()


def test_an_invitation_ends_with_a_block_a_refusal_and_the_forum(cast: Cast, maps: Place) -> None:
    invite_people(actor=cast.bob, forum_id=maps.forum.pk, people=[cast.charlie])
    key = Invitation.objects.get().pk
    Block.objects.create(blocker=cast.bob, blocked=cast.charlie)
    assert not living_invitations(cast.charlie).exists()
    Block.objects.filter(blocker=cast.bob).delete()
    Ban.objects.create(forum=maps.forum, user=cast.charlie, reason="Spam")
    with pytest.raises(Refused, match="banned"):
        accept_invitation(person=cast.charlie, invitation_id=key)
    with pytest.raises(NotFound):
        revoke_invitation(actor=cast.mallory, forum_id=maps.forum.pk, invitation_id=key)
    with pytest.raises(NotFound):
        decline_invitation(person=cast.mallory, invitation_id=key)
    decline_invitation(person=cast.charlie, invitation_id=key)
    assert not Invitation.objects.exists()
    invite_people(actor=cast.bob, forum_id=maps.forum.pk, people=[make_person()])
    revoke_invitation(actor=cast.mod, forum_id=maps.forum.pk, invitation_id=Invitation.objects.get().pk)
    assert not Invitation.objects.exists()


def test_putting_out_goes_down_only(cast: Cast, secret: Place) -> None:
    key = secret.forum.pk
    Member.objects.filter(user=cast.mallory).update(permissions=int(Right.PEOPLE))
    for actor, person in ((cast.bob, cast.mallory), (cast.mod, cast.alice), (cast.mod, cast.mallory)):
        with pytest.raises(Refused):
            put_out_member(actor=actor, forum_id=key, person_id=person.pk)
    put_out_member(actor=cast.mod, forum_id=key, person_id=cast.bob.pk, reason="Too loud")
    with pytest.raises(NotFound):
        secret.standing(cast.bob)
    assert Notification.objects.filter(recipient=cast.bob, payload__event="forum_put_out").exists()
    assert Forum.objects.get().member_count == Member.objects.count() == 3


# --- moderators --------------------------------------------------------------------------------------------------------


def test_nobody_gives_rights_they_lack(cast: Cast, maps: Place) -> None:
    key = maps.forum.pk
    Member.objects.filter(user=cast.mod).update(permissions=int(Right.MODERATORS | Right.POSTS))
    for permissions in (Right.PEOPLE, Right.POSTS | Right.FORUM, ALL):
        with pytest.raises(Refused):
            appoint_moderator(actor=cast.mod, forum_id=key, person_id=cast.bob.pk, permissions=int(permissions))
    appoint_moderator(actor=cast.mod, forum_id=key, person_id=cast.bob.pk, permissions=int(Right.POSTS))
    assert maps.standing(cast.bob).rights == Right.POSTS
    assert Notification.objects.filter(recipient=cast.bob, payload__event="forum_moderator").exists()
    change_moderator(actor=cast.alice, forum_id=key, person_id=cast.bob.pk, grant=int(Right.FORUM))
    with pytest.raises(Refused):
        change_moderator(actor=cast.mod, forum_id=key, person_id=cast.bob.pk, withdraw=int(Right.POSTS))


def test_only_who_may_appoint_does(cast: Cast, maps: Place) -> None:
    key = maps.forum.pk
    for actor in (cast.bob, cast.mod, cast.charlie):
        with pytest.raises(Refused):
            appoint_moderator(actor=actor, forum_id=key, person_id=cast.mallory.pk, permissions=1)
    with pytest.raises(NotFound):
        appoint_moderator(actor=cast.alice, forum_id=key, person_id=cast.charlie.pk, permissions=1)
    with pytest.raises(Refused):
        appoint_moderator(actor=cast.alice, forum_id=key, person_id=cast.mallory.pk, permissions=1)
    with pytest.raises(Refused):
        appoint_moderator(actor=cast.alice, forum_id=key, person_id=cast.bob.pk, permissions=1 << 40)
    with pytest.raises(Refused):
        change_moderator(actor=cast.alice, forum_id=key, person_id=cast.alice.pk, withdraw=1)


def test_rights_are_taken_and_given_back(cast: Cast, maps: Place) -> None:
    change_moderator(actor=cast.alice, forum_id=maps.forum.pk, person_id=cast.mod.pk, withdraw=int(ALL))
    assert not maps.standing(cast.mod).is_moderator
    assert Notification.objects.filter(recipient=cast.mod, payload__event="forum_no_moderator").exists()
    with pytest.raises(NotFound):
        change_moderator(actor=cast.alice, forum_id=maps.forum.pk, person_id=cast.mod.pk, grant=1)
    appoint_moderator(actor=cast.alice, forum_id=maps.forum.pk, person_id=cast.mod.pk, permissions=3)
    resign(person=cast.mod, forum_id=maps.forum.pk)
    with pytest.raises(NotFound):
        resign(person=cast.mod, forum_id=maps.forum.pk)
    assert deeds().count("forum.moderator.resigned") == 1
