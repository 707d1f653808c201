"""Who may reach whom, and how: the rule itself, and every exit that has to ask it.

An exit is anything by which one person reaches, or perceives, another. Each is tried through each relation; a way without an
exit fails, and so does an exit that answers otherwise than `expected`, which knows nothing of the database's function.
"""

import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actions.notifications import notify
from accounts.actions.relationships import request_contact
from accounts.models import Block, Friendship, Notification, User
from accounts.permissions import reach, reachable, visible_statuses
from accounts.privacy import DEFAULTS, Circle, Way
from accounts.search import find_people
from chat import reading
from chat.actions.change import edit_message
from chat.actions.conversation import create_group, open_direct
from chat.actions.membership import add_members
from chat.actions.read import mark_read
from chat.models import Conversation, Mention
from chatter.consumers.truth import relations_of
from chatter.core.errors import Refused
from chatter.core.events import ReceiptGiven
from chatter.core.presence_stores import MemoryStore, shared_store
from chatter.core.rooms import Person, may_see
from forums.actions.comments import create_comment, edit_comment
from forums.actions.following import follow_person, follow_post
from forums.actions.forum import create_forum
from forums.actions.invitations import invite_people
from forums.actions.posts import create_post
from forums.models import Forum, Invitation, Member, PersonFollow
from groups.actions.group import create_group as found_community
from groups.actions.invites import send_invites
from tests.cast import say
from tests.factories import make_person
from tests.forums.telling import spread

pytestmark = pytest.mark.django_db
State = Friendship.State


# --- the rule, slowly --------------------------------------------------------------------------------------------------------

NEEDS_MEMBERS = {Way.MESSAGE, Way.GROUP, Way.INVITE, Way.REQUEST, Way.FIND, Way.EMAIL, Way.PHONE}
NOT_WITH_ONESELF = {Way.MESSAGE, Way.GROUP, Way.INVITE, Way.REQUEST, Way.MENTION}


class Pair(NamedTuple):
    """All that the rule looks at, between two people."""

    same: bool = False
    actor_is_guest: bool = False
    target_is_guest: bool = False
    target_is_gone: bool = False
    actor_blocks: bool = False
    target_blocks: bool = False
    friendship: str = ""
    circle: str = ""


def expected(pair: Pair, way: Way) -> str:
    """What `accounts_reach` is to answer."""
    if pair.target_is_gone:
        return "missing"
    if pair.same:
        return "self" if way in NOT_WITH_ONESELF else "yes"
    if pair.actor_blocks:
        return "blocking"
    if pair.target_blocks:
        return "blocked"
    if way in NEEDS_MEMBERS and (pair.actor_is_guest or pair.target_is_guest):
        return "guest"
    circle = pair.circle or DEFAULTS[wish_for(way)].value
    lets = {"everyone": True, "friends": pair.friendship == "accepted", "nobody": False}
    return "yes" if lets[circle] else "private"


def wish_for(way: Way) -> Way:
    """An invitation is a way into a group."""
    return Way.GROUP if way == Way.INVITE else way


def establish(actor: User, target: User, pair: Pair, way: Way) -> None:
    """Make the database say what `pair` says."""
    Block.objects.all().delete()
    Friendship.objects.all().delete()
    User.objects.filter(pk=actor.pk).update(is_guest=pair.actor_is_guest)
    wishes = {wish_for(way).value: pair.circle} if pair.circle else {}
    gone = timezone.now() if pair.target_is_gone else None
    User.objects.filter(pk=target.pk).update(is_guest=pair.target_is_guest, deleted_at=gone, privacy=wishes)
    if pair.actor_blocks:
        Block.objects.create(blocker=actor, blocked=target)
    if pair.target_blocks:
        Block.objects.create(blocker=target, blocked=actor)
    if pair.friendship:
        Friendship.objects.create(requester=target, addressee=actor, state=pair.friendship)


flags = st.booleans()
rare = st.sampled_from([False, False, False, True])
pairs = st.builds(
    Pair,
    same=st.just(False),
    actor_is_guest=rare,
    target_is_guest=rare,
    target_is_gone=rare,
    actor_blocks=rare,
    target_blocks=rare,
    friendship=st.sampled_from(["", "pending", "accepted", "declined"]),
    circle=st.sampled_from(["", *[circle.value for circle in Circle]]),
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pair=pairs, way=st.sampled_from(list(Way)), turned=flags)
def test_the_function_says_what_the_rule_says(two: tuple[User, User], pair: Pair, way: Way, turned: bool) -> None:
    actor, target = two[::-1] if turned else two
    establish(two[0], two[1], Pair(), way)
    establish(actor, target, pair, way)
    said = reach(actor.pk, target.pk, way)
    assert said == expected(pair, way)
    assert reachable(actor.pk, [target.pk], way) == ({target.pk} if said == "yes" else set())


@pytest.mark.parametrize("way", Way)
def test_one_reaches_oneself_only_where_that_makes_sense(two: tuple[User, User], way: Way) -> None:
    assert reach(two[0].pk, two[0].pk, way) == expected(Pair(same=True), way)


@pytest.fixture
def two() -> tuple[User, User]:
    return make_person(username="x"), make_person(username="y")


# --- every exit ----------------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """X reaches for Y. They share a group that somebody else owns, and a direct conversation in which Y never wrote."""

    x: User
    y: User
    owner: User
    group: Conversation
    direct: Conversation
    published: list[Any]

    def client(self, person: User | None = None) -> Client:
        client = Client()
        client.force_login(person or self.x)
        return client

    def page(self, address: str, **headers: str) -> str:
        return self.client().get(address, headers=headers).content.decode()


Exit = Callable[[World], bool]
EXITS: dict[str, tuple[Way, Exit]] = {}


def exit_of(way: Way) -> Callable[[Exit], Exit]:
    """Register an exit: does X get through to Y?"""

    def register(exit_: Exit) -> Exit:
        EXITS[exit_.__name__] = (way, exit_)
        return exit_

    return register


def allowed(deed: Callable[[], Any]) -> bool:
    try:
        deed()
    except Refused:
        return False
    return True


@exit_of(Way.MESSAGE)
def opens_a_direct_conversation(world: World) -> bool:
    Conversation.objects.filter(pk=world.direct.pk).delete()
    return allowed(lambda: open_direct(person=world.x, other=world.y))


@exit_of(Way.MESSAGE)
def opens_one_on_the_page(world: World) -> bool:
    Conversation.objects.filter(pk=world.direct.pk).delete()
    answer = world.client().post("/new/", {"username": world.y.username})
    return answer.status_code == 302


@exit_of(Way.MESSAGE)
def writes_in_an_old_direct_conversation(world: World) -> bool:
    return allowed(lambda: say(world.x, world.direct))


@exit_of(Way.MESSAGE)
def is_offered_to_write_on_the_profile(world: World) -> bool:
    return 'action="/new/"' in world.page(f"/people/{world.y.username}/")


@exit_of(Way.GROUP)
def makes_a_group_with_them(world: World) -> bool:
    return allowed(lambda: create_group(owner=world.x, title="New", members=[world.y]))


@exit_of(Way.GROUP)
def adds_them_to_a_group(world: World) -> bool:
    place = create_group(owner=world.x, title="Own", members=[world.owner])
    return allowed(lambda: add_members(actor=world.x, conversation_id=place.pk, people=[world.y]))


@exit_of(Way.GROUP)
def adds_them_on_the_page(world: World) -> bool:
    place = create_group(owner=world.x, title="Own", members=[world.owner])
    world.client().post(f"/c/{place.pk}/add/", {"members": [world.y.username]})
    return place.memberships.filter(user=world.y, left_at=None).exists()


@exit_of(Way.INVITE)
def invites_them_into_a_community(world: World) -> bool:
    place = found_community(owner=world.x, name="Atlas")
    return allowed(lambda: send_invites(actor=world.x, group_id=place.pk, people=[world.y]))


@exit_of(Way.INVITE)
def invites_them_on_the_page(world: World) -> bool:
    place = found_community(owner=world.x, name="Atlas")
    world.client().post(f"/g/{place.pk}/invite/", {"members": [world.y.username]})
    return Notification.objects.filter(recipient=world.y, kind="invitation", place=None).exists()


@exit_of(Way.INVITE)
def is_offered_to_invite_a_friend(world: World) -> bool:
    """Friends are offered; whoever is none is not, and is found as everybody is found."""
    place = found_community(owner=world.x, name="Atlas")
    offered = f'value="{world.y.username}"' in world.page(f"/g/{place.pk}/invite/")
    is_friend = Friendship.objects.filter(state=State.ACCEPTED).exists()
    return offered if is_friend else reach(world.x.pk, world.y.pk, Way.INVITE) == "yes"


@exit_of(Way.INVITE)
def invites_them_into_a_forum(world: World) -> bool:
    place = create_forum(owner=world.x, name="Maps", slug="maps")
    allowed(lambda: invite_people(actor=world.x, forum_id=place.pk, people=[world.y]))
    return Invitation.objects.filter(user=world.y).exists()


@exit_of(Way.REQUEST)
def asks_to_be_friends(world: World) -> bool:
    if Friendship.objects.exists():
        return reach(world.x.pk, world.y.pk, Way.REQUEST) == "yes"
    return allowed(lambda: request_contact(requester=world.x, addressee=world.y))


@exit_of(Way.REQUEST)
def asks_on_the_page(world: World) -> bool:
    if Friendship.objects.exists():
        return reach(world.x.pk, world.y.pk, Way.REQUEST) == "yes"
    world.client().post("/contacts/", {"username": world.y.username})
    return Friendship.objects.exists()


@exit_of(Way.MENTION)
def calls_them(world: World) -> bool:
    say(world.x, world.group, f"@{world.y.username} look")
    return Mention.objects.filter(user=world.y).exists()


@exit_of(Way.MENTION)
def calls_them_later(world: World) -> bool:
    sent = say(world.x, world.group, "look")
    edit_message(editor=world.x, message_id=sent.id, content=f"@{world.y.username} look")
    return Mention.objects.filter(user=world.y).exists()


def told_of_a_name(world: World) -> bool:
    spread()
    return Notification.objects.filter(recipient=world.y, kind="mention").exists()


@exit_of(Way.MENTION)
def calls_them_in_a_post(world: World) -> bool:
    create_post(author=world.x, forum_id=forum_of(world).pk, title="Look", content=f"@{world.y.username} look")
    return told_of_a_name(world)


@exit_of(Way.MENTION)
def calls_them_in_a_comment(world: World) -> bool:
    post = create_post(author=world.owner, forum_id=forum_of(world).pk, title="Look")
    create_comment(author=world.x, post_id=post.pk, content=f"@{world.y.username} look")
    return told_of_a_name(world)


@exit_of(Way.MENTION)
def calls_them_in_a_comment_later(world: World) -> bool:
    post = create_post(author=world.owner, forum_id=forum_of(world).pk, title="Look")
    comment = create_comment(author=world.x, post_id=post.pk, content="look")
    edit_comment(editor=world.x, comment_id=comment.pk, content=f"@{world.y.username} look")
    return told_of_a_name(world)


@exit_of(Way.FIND)
def finds_them(world: World) -> bool:
    return find_people(world.x, world.y.username) == [world.y]


@exit_of(Way.FIND)
def finds_them_by_script(world: World) -> bool:
    return '"name"' in world.page(f"/people/search/?q={world.y.username}", Accept="application/json")


@exit_of(Way.FIND)
def finds_them_on_the_page(world: World) -> bool:
    return f'value="{world.y.username}"' in world.page(f"/new/?q={world.y.username[:5]}").partition("<ul")[2]


@exit_of(Way.FIND)
def finds_them_for_a_group(world: World) -> bool:
    return f'value="{world.y.username}"' in world.page(f"/new/group/?q={world.y.username[:5]}&search=1")


@exit_of(Way.PRESENCE)
def reads_their_status(world: World) -> bool:
    return world.y.pk in visible_statuses(world.x.pk, [world.y.pk])


@exit_of(Way.PRESENCE)
def sees_their_dot_in_a_group(world: World) -> bool:
    return f'data-presence="{world.y.pk}" data-is="online"' in world.page(f"/c/{world.group.pk}/")


@exit_of(Way.PRESENCE)
def sees_their_dot_in_the_side_bar(world: World) -> bool:
    say_as_before(world)
    return f'data-presence="{world.y.pk}" data-is="online"' in world.page("/")


@exit_of(Way.PRESENCE)
def sees_their_words_in_a_group(world: World) -> bool:
    return "At home" in world.page(f"/c/{world.group.pk}/members/") + world.page(f"/c/{world.group.pk}/")


@exit_of(Way.PRESENCE)
def sees_their_words_in_a_direct_conversation(world: World) -> bool:
    return "At home" in world.page(f"/c/{world.direct.pk}/")


@exit_of(Way.PRESENCE)
def sees_their_words_on_the_profile(world: World) -> bool:
    return "At home" in world.page(f"/people/{world.y.username}/")


@exit_of(Way.PRESENCE)
def sees_their_words_on_the_card(world: World) -> bool:
    return "At home" in world.page(f"/people/{world.y.username}/card/")


@exit_of(Way.PRESENCE)
def hears_of_their_coming(world: World) -> bool:
    return hears(world, "presence")


@exit_of(Way.TYPING)
def hears_them_type(world: World) -> bool:
    return hears(world, "typing")


@exit_of(Way.LAST_SEEN)
def reads_when_they_were_here(world: World) -> bool:
    leave(world.y)
    return "Last seen" in world.page(f"/people/{world.y.username}/")


@exit_of(Way.LAST_SEEN)
def reads_it_on_the_card(world: World) -> bool:
    leave(world.y)
    return "Last seen" in world.page(f"/people/{world.y.username}/card/")


@exit_of(Way.LAST_SEEN)
def hears_when_they_were_here(world: World) -> bool:
    return hears(world, "last_seen")


@exit_of(Way.RECEIPTS)
def reads_who_has_seen_a_message(world: World) -> bool:
    sent = say(world.x, world.group)
    mark_read(reader=world.y, conversation_id=world.group.pk, number=sent.number)
    room = reading.conversation_for(world.x.pk, world.group.pk)
    return world.y.pk in {member.id for member in reading.readers_of(room, sent.number)}


@exit_of(Way.RECEIPTS)
def hears_that_they_have_read(world: World) -> bool:
    sent = say(world.x, world.group)
    mark_read(reader=world.y, conversation_id=world.group.pk, number=sent.number)
    return any(world.x.pk in event.senders for event in world.published if isinstance(event, ReceiptGiven))


@exit_of(Way.EMAIL)
def reads_their_address(world: World) -> bool:
    return "yolanda@example.org" in world.page(f"/people/{world.y.username}/")


@exit_of(Way.PHONE)
def reads_their_number(world: World) -> bool:
    return "+49 30 1234" in world.page(f"/people/{world.y.username}/")


def forum_of(world: World) -> Forum:
    """A public forum of somebody else."""
    return create_forum(owner=world.owner, name="Maps", slug="maps")


def hears(world: World, circle: str) -> bool:
    """As the hub judges it, from what it reads of the two."""
    listener, relations = Person(world.x.pk), relations_of(world.x.pk)
    listener.hidden, listener.friends = relations.hidden, relations.friends
    return may_see(listener, world.y.pk, getattr(relations_of(world.y.pk).circles, circle))


def leave(person: User) -> None:
    store = shared_store()
    assert isinstance(store, MemoryStore)
    store.said.pop(person.pk, None)


def say_as_before(world: World) -> None:
    """A message in the direct conversation from when there was nothing between the two."""
    Conversation.objects.filter(pk=world.direct.pk).update(message_count=1, version=1, last_message_at=timezone.now())


RELATIONS: dict[str, Pair] = {
    "no relation": Pair(),
    "friends": Pair(friendship="accepted"),
    "X blocks Y": Pair(actor_blocks=True),
    "Y blocks X": Pair(target_blocks=True),
    "both block": Pair(actor_blocks=True, target_blocks=True),
    "friends, and Y blocks X": Pair(target_blocks=True, friendship="accepted"),
    "friends only": Pair(circle="friends"),
    "friends only, asked": Pair(circle="friends", friendship="pending"),
    "friends only, friends": Pair(circle="friends", friendship="accepted"),
    "everyone, Y blocks X": Pair(circle="everyone", target_blocks=True),
    "everyone": Pair(circle="everyone"),
    "nobody": Pair(circle="nobody"),
    "nobody, friends": Pair(circle="nobody", friendship="accepted"),
}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    x, y, owner = (make_person(username=name) for name in ("xavier", "yolanda", "owner"))
    User.objects.filter(pk=y.pk).update(
        status_text="At home", bio="About me", phone="+49 30 1234", last_seen_at=timezone.now() - timedelta(hours=1)
    )
    y.refresh_from_db()
    verify(y)
    group = create_group(owner=owner, title="Shared", members=[x, y])
    direct = open_direct(person=x, other=y)
    store = shared_store()
    assert isinstance(store, MemoryStore)
    monkeypatch.setitem(store.said, y.pk, "online")
    published: list[Any] = []
    monkeypatch.setattr("chat.actions.read.publish", lambda *given: published.extend(given))
    return World(x, y, owner, group, direct, published)


def verify(person: User) -> None:
    EmailAddress.objects.create(user=person, email=typing.cast("str", person.email), verified=True, primary=True)


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("name", EXITS)
def test_every_exit_asks_the_rule(world: World, name: str, relation: str) -> None:
    way, get_through = EXITS[name]
    pair = RELATIONS[relation]
    establish(world.x, world.y, pair, way)
    assert get_through(world) is (expected(pair, way) == "yes")


def test_every_way_has_an_exit() -> None:
    assert {way for way, _exit in EXITS.values()} == set(Way)


# --- what a block closes besides ---------------------------------------------------------------------------------------------------

BLOCKS = [name for name in RELATIONS if "block" in name]


@pytest.mark.parametrize("relation", BLOCKS)
def test_an_old_direct_conversation_tells_nothing_new_of_the_other(world: World, relation: str) -> None:
    assert "About me" in world.page(f"/c/{world.direct.pk}/")
    establish(world.x, world.y, RELATIONS[relation], Way.PRESENCE)
    html = world.page(f"/c/{world.direct.pk}/")
    assert "About me" not in html
    assert "At home" not in html
    button = f'class="button button--small" href="/people/{world.y.username}/"'
    assert (button in html) is not RELATIONS[relation].target_blocks


@pytest.mark.parametrize("relation", BLOCKS)
def test_who_wrote_before_is_not_answered_across_a_block(world: World, relation: str) -> None:
    sent = say(world.y, world.direct)
    establish(world.x, world.y, RELATIONS[relation], Way.MESSAGE)
    assert not allowed(lambda: say(world.x, world.direct))
    assert not allowed(lambda: say(world.y, world.direct))
    react = {"emoji": "👍"}
    assert world.client().post(f"/c/{world.direct.pk}/m/{sent.number}/react/", react).status_code == 403


@pytest.mark.parametrize("relation", BLOCKS)
def test_who_reacted_is_not_named_across_a_block(world: World, relation: str) -> None:
    sent = say(world.owner, world.group)
    address = f"/c/{world.group.pk}/m/{sent.number}/"
    for person in (world.y, world.owner):
        world.client(person).post(f"{address}react/", {"emoji": "👍"})

    def named() -> str:
        found = re.search(r"data-reacted-by.*?</li>", world.page(address), re.DOTALL)
        return found[0] if found else ""

    assert "Yolanda" in named()
    establish(world.x, world.y, RELATIONS[relation], Way.PRESENCE)
    assert "Yolanda" not in named()
    assert "Owner" in named()


@pytest.mark.parametrize("relation", BLOCKS)
def test_the_profile_and_card_tell_nothing_across_a_block(world: World, relation: str) -> None:
    establish(world.x, world.y, RELATIONS[relation], Way.PRESENCE)
    for address in (f"/people/{world.y.username}/", f"/people/{world.y.username}/card/"):
        answer = world.client().get(address)
        assert answer.status_code == (404 if RELATIONS[relation].target_blocks else 200)
        assert not [word for word in ("About me", "At home", "+49", "Last seen") if word in answer.content.decode()]


@pytest.mark.parametrize("relation", BLOCKS)
def test_nothing_is_told_across_a_block(world: World, relation: str) -> None:
    establish(world.x, world.y, RELATIONS[relation], Way.PRESENCE)
    for person, actor in ((world.x, world.y), (world.y, world.x)):
        assert not notify(recipient=person, kind="mention", group_key="k", actor=actor)
    assert not Notification.objects.filter(group_key="k").exists()


@pytest.mark.parametrize("relation", BLOCKS)
def test_nobody_answers_across_a_block_in_a_forum(world: World, relation: str) -> None:
    forum = forum_of(world)
    theirs = create_post(author=world.y, forum_id=forum.pk, title="Look")
    others = create_post(author=world.owner, forum_id=forum.pk, title="Look")
    said = create_comment(author=world.y, post_id=others.pk, content="look")
    establish(world.x, world.y, RELATIONS[relation], Way.MESSAGE)
    assert not allowed(lambda: create_comment(author=world.x, post_id=theirs.pk, content="x"))
    assert not allowed(lambda: create_comment(author=world.x, post_id=others.pk, parent_id=said.pk, content="x"))
    assert allowed(lambda: create_comment(author=world.x, post_id=others.pk, content="x")), "what concerns others"
    assert allowed(lambda: create_comment(author=world.owner, post_id=theirs.pk, content="x"))


@pytest.mark.parametrize("relation", BLOCKS)
def test_nobody_follows_across_a_block(world: World, relation: str) -> None:
    establish(world.x, world.y, RELATIONS[relation], Way.MESSAGE)
    assert not allowed(lambda: follow_person(follower=world.x, person=world.y, on=True))
    answer = world.client().post(f"/people/{world.y.username}/follow/", {"on": "1"})
    assert answer.status_code == (404 if RELATIONS[relation].target_blocks else 403)
    assert not PersonFollow.objects.exists()
    assert f"/people/{world.y.username}/follow/" not in world.page(f"/people/{world.y.username}/")


@pytest.mark.parametrize("relation", BLOCKS)
def test_nothing_of_forums_is_told_across_a_block(world: World, relation: str) -> None:
    """However it came to be that one follows the other, or what the other writes to."""
    forum = forum_of(world)
    post = create_post(author=world.owner, forum_id=forum.pk, title="Look")
    mine = create_comment(author=world.y, post_id=post.pk, content="mine")
    follow_post(person=world.y, post_id=post.pk, on=True)
    Member.objects.create(forum=forum, user=world.y, notify="posts")
    PersonFollow.objects.create(follower=world.y, user=world.x)
    spread()
    establish(world.x, world.y, RELATIONS[relation], Way.MENTION)
    create_post(author=world.x, forum_id=forum.pk, title="Mine", content=f"@{world.y.username}")
    create_comment(author=world.x, post_id=post.pk, content=f"@{world.y.username}")
    allowed(lambda: create_comment(author=world.x, post_id=post.pk, parent_id=mine.pk, content="x"))
    spread()
    assert not Notification.objects.filter(recipient=world.y, actor=world.x).exists()


@pytest.mark.parametrize("relation", BLOCKS)
def test_the_posts_of_a_person_are_not_listed_to_whom_they_block(world: World, relation: str) -> None:
    create_post(author=world.y, forum_id=forum_of(world).pk, title="Xyzzy of Yolanda")
    address = f"/people/{world.y.username}/posts/"
    assert "Xyzzy of Yolanda" in world.page(address)
    establish(world.x, world.y, RELATIONS[relation], Way.PRESENCE)
    if RELATIONS[relation].target_blocks:
        assert world.client().get(address).status_code == 404
    else:
        assert "Xyzzy of Yolanda" not in re.sub(r"<details.*?</details>", "", world.page(address), flags=re.DOTALL), (
            "folded"
        )
