"""`manage.py seed`: what the demo holds, that it comes once and only into an empty database, and that big ones are sound."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Delivery, Friendship, Notification, Occasion, User
from chat.models import Change, Conversation, Membership, Message, MessageRevision, Reaction
from chat.reading import conversation_for, conversations_of, page_of
from chatter.ops import large_talk, seed, seed_large
from chatter.ops.dbcheck import find_violations
from chatter.ops.demo_groups import GROUPS
from chatter.ops.demo_groups import TALKS as GROUP_TALKS
from chatter.ops.demo_talk import TALKS
from chatter.ops.progress import Progress
from forums.models import Comment, Forum, Member, PollVote, Post
from groups.models import Group

pytestmark = pytest.mark.django_db


# A large community has a million comments besides; how those are made is tried by itself.
FEW_POSTS = ("--forums=2", "--posts=20", "--comments=60", "--votes=200")


def run(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("seed", *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def broken() -> list[str]:
    return [finding.name for finding in find_violations() if finding.broken]


@pytest.fixture
def demo(settings: Any) -> None:
    settings.CHATTER_DEMO = True
    run()


def test_the_demo_has_its_people(demo: None) -> None:
    for name in ("alice", "bob", "charlie", "admin"):
        person = User.objects.get(username=name)
        assert person.check_password("chatter-demo")
        assert person.email == f"{name}@example.org"
        assert EmailAddress.objects.get(user=person).verified
        assert person.is_superuser is person.is_staff is (name == "admin")
    friends = Friendship.objects.filter(state=Friendship.State.ACCEPTED)
    pairs = {frozenset((row.requester.username, row.addressee.username)) for row in friends}
    assert pairs == {frozenset(("alice", "bob")), frozenset(("alice", "charlie")), frozenset(("bob", "charlie"))}


def test_the_demo_has_its_places(demo: None) -> None:
    def inside(place: Conversation) -> set[str]:
        return set(Membership.objects.active().filter(conversation=place).values_list("user__username", flat=True))

    lobby = Conversation.objects.get(kind="lobby")
    assert inside(lobby) == {"alice", "bob", "charlie", "admin"}
    direct = [inside(place) for place in Conversation.objects.filter(kind="direct")]
    assert sorted(direct, key=sorted) == [{"alice", "bob"}, {"alice", "charlie"}]
    assert inside(Conversation.objects.get(kind="group")) == {"alice", "bob", "charlie"}


def test_the_demo_has_its_groups(demo: None) -> None:
    assert {group.name for group in Group.objects.all()} == {group.name for group in GROUPS}
    atlas = Group.objects.get(name="Open Atlas")
    assert (atlas.owner.username, atlas.member_count, atlas.is_public) == ("alice", 4, True)
    readers = Membership.objects.active().filter(conversation__channel__group=atlas)
    by_name = {
        name: set(readers.filter(conversation__title=name).values_list("user__username", flat=True))
        for name in ("general", "editors")
    }
    assert by_name == {"general": {"alice", "bob", "charlie", "admin"}, "editors": {"alice", "bob"}}
    assert readers.get(conversation__title="general", user__username="bob").hue is not None


def test_the_demo_has_its_forums(demo: None) -> None:
    assert set(Forum.objects.values_list("slug", flat=True)) == {"general", "announcements", "help"}
    assert all(forum.member_count == 4 and forum.post_count > 2 for forum in Forum.objects.all())
    posts = Post.objects.order_by("pk")
    assert posts.count() >= 25 and set(posts.values_list("kind", flat=True)) == set(Post.Kind.values)
    times = list(posts.values_list("created_at", flat=True))
    assert times == sorted(times) and times[0] < timezone.now() - timedelta(days=5)
    assert Comment.objects.filter(depth__gte=4).exists() and PollVote.objects.count() > 8
    assert Member.objects.exclude(flair=None).exists() and posts.exclude(pinned_at=None).exists()
    assert Forum.objects.get(slug="announcements").posting == "moderators"


def test_the_demo_talks(demo: None) -> None:
    alice = User.objects.get(username="alice")
    rows = conversations_of(alice.pk)
    assert sum(row.message_count - row.last_read_number for row in rows) > 3
    assert sum(row.mention_count for row in rows) >= 2
    assert Message.objects.filter(reply_to__isnull=False).count() > 5
    assert Message.objects.filter(edited_at__isnull=False).exists() and MessageRevision.objects.exists()
    assert Message.objects.filter(content__contains="```").exists()
    assert Reaction.objects.count() > 10
    for row in rows:
        times = [shown.wire["created_at"] for shown in page_of(conversation_for(alice.pk, row.id)).messages]
        assert times == sorted(times) and len(times) == row.message_count
    assert broken() == []


def test_the_bells_of_the_demo_have_rung_and_no_letter_waits(demo: None) -> None:
    told = Notification.objects.filter(recipient__username="alice", read_at=None, in_app=True)
    assert {"mention", "reaction"} <= set(told.values_list("kind", flat=True))
    said: dict[object, object] = {}
    for model in (Message, Post, Comment, Forum):
        said |= dict(model.objects.values_list("pk", "created_at"))
    assert all(row.updated_at == said[row.source_id] for row in told)
    assert not Delivery.objects.exists() and not Occasion.objects.exists()


def test_every_line_of_the_demo_is_said(demo: None) -> None:
    assert Message.objects.filter(kind="text").count() == sum(len(talk.lines) for talk in (*TALKS, *GROUP_TALKS))


def test_the_demo_comes_once(demo: None) -> None:
    before = Change.objects.count()
    assert "already" in run()
    assert (Change.objects.count(), User.objects.count()) == (before, 4)


def test_the_demo_keeps_away_from_other_data(settings: Any) -> None:
    settings.CHATTER_DEMO = True
    User.objects.create_user("somebody", None, "x")
    with pytest.raises(CommandError, match="holds data"):
        run()
    with pytest.raises(CommandError, match="holds data"):
        run("--size=large", "--messages=10")
    assert User.objects.count() == 1


def test_somebody_called_alice_is_no_demo(settings: Any) -> None:
    settings.CHATTER_DEMO = True
    for name in seed.PEOPLE:
        User.objects.create_user(name, f"{name}@elsewhere.example", "x")
    with pytest.raises(CommandError, match="holds data"):
        run()


def test_production_wants_it_said(settings: Any) -> None:
    settings.CHATTER_DEMO = False
    with pytest.raises(CommandError, match="--demo"):
        run()
    assert not User.objects.exists()
    run("--demo")
    assert User.objects.count() == 4


def test_the_demo_comes_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(seed, "mark_read", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        seed.seed_demo()
    assert seed.is_empty()


@pytest.mark.django_db(transaction=True)  # copying drops constraints, which waits for whoever reads
def test_a_large_community_is_sound(settings: Any) -> None:
    settings.CHATTER_DEMO = True
    said = run("--size=large", "--people=60", "--conversations=20", "--groups=3", "--messages=3000", *FEW_POSTS)
    assert "3,000 messages" in said
    demo_lines = sum(len(talk.lines) for talk in (*TALKS, *GROUP_TALKS))
    assert Message.objects.filter(kind="text").count() == 3000 + demo_lines
    channels = Conversation.objects.filter(kind="channel")
    assert (User.objects.count(), Conversation.objects.count() - channels.count()) == (64, 23)
    first = Group.objects.get(member_count=60)
    rows = Membership.objects.active().filter(conversation__channel__group=first)
    assert (first.channels.count(), rows.count()) == (20, 1200)
    assert broken() == []
    big = Conversation.objects.get(kind="lobby")
    assert 0 < big.floor_version < big.version, "the log of old messages is pruned, as it would be"
    alice = User.objects.get(username="alice")
    page = page_of(conversation_for(alice.pk, big.pk))
    times = [shown.wire["created_at"] for shown in page.messages]
    assert len(page.messages) == 50 and times == sorted(times)


@pytest.mark.django_db(transaction=True)  # copying drops constraints, which waits for whoever reads
def test_filling_a_place_goes_on_where_it_ended(settings: Any) -> None:
    settings.CHATTER_DEMO = True
    run("--size=large", "--people=20", "--conversations=5", "--groups=0", "--messages=200", *FEW_POSTS)
    place = Conversation.objects.filter(kind="group").exclude(title__contains="Saturday").first()
    assert place is not None
    before = place.message_count
    assert sum(seed_large.fill(place, 150)) == 150
    place.refresh_from_db()
    assert place.message_count == before + 150
    times = list(Message.objects.filter(conversation=place).order_by("number").values_list("created_at", flat=True))
    assert times == sorted(times), "a jump to a date searches by time"
    assert broken() == []


def test_shares_add_up() -> None:
    shares = seed_large._shares(1_000, 7)
    assert sum(shares) == 1_000 and shares == sorted(shares, reverse=True)


def test_large_talk_is_the_same_every_time() -> None:
    assert list(large_talk.lines()) == list(large_talk.lines())
    assert len(set(large_talk.lines())) > large_talk.VARIANTS / 2


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_moves_on_a_terminal_and_is_brief_elsewhere() -> None:
    for stream in (Terminal(), StringIO()):
        with Progress(stream, "messages") as progress:
            for done in range(0, 1001, 5):
                progress.show(done, 1000)
        text = stream.getvalue()
        assert text.count("\n") == (1 if stream.isatty() else 11)
        assert "100%  1,000 messages" in text
