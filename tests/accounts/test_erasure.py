"""After erasure nothing of a person is left in any table or file, but what they said."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.actions.account import change_username, set_phone
from accounts.actions.data import erase_person
from accounts.actions.exports import build_export, request_export
from accounts.actions.notifications import notify
from accounts.actions.pictures import file_of
from accounts.actions.tokens import make_token
from accounts.actions.wallets import link_wallet
from accounts.mail import mail_of, sealed_mail, send_later
from accounts.models import (
    Block,
    Export,
    FormerName,
    Friendship,
    Notification,
    PushSubscription,
    QuietException,
    Setting,
    User,
    Wallet,
)
from chat.actions.conversation import create_group
from chat.models import Membership
from forums import models as forums
from forums.actions.comments import create_comment
from forums.actions.forum import create_forum
from forums.actions.members import admit_member as admit_to_forum
from forums.actions.posts import create_post
from groups.access import Scope, sync_access
from groups.actions import group as groups_actions
from groups.actions.members import admit_member
from groups.models import Ban, Group, Invite, InviteUse, Member, MemberRole, Override, Purge, Role
from groups.permissions import IN_CHANNELS, top_position
from tests.cast import Cast, make_cast, say
from tests.factories import make_person
from tests.groups.cast import make_community
from tests.wallet_keys import WalletKey

pytestmark = pytest.mark.django_db
PASSWORD = "secret-of-alice"


# Words that stand nowhere else.
TRACES = {
    "username": "Quirin_Zz-9",
    "former": "Xaverl-8",
    "display_name": "Quirina Öztürk",
    "first_name": "Firstquirin",
    "last_name": "Lastquirin",
    "email": "quirin@zz9.example",
    "phone": "+4915199988877",
    "bio": "Biographyquirin",
    "status_text": "Statusquirin",
    "device": "Deviceagentquirin",
    "push": "pushquirin",
    "token": "Tokenquirin",
    "address": WalletKey("quirin").plain,
    "subject": "subjectquirin",
    "draft": "Draftquirin",
    "reason": "Reasonquirin",
    "nickname": "Nickquirin",
}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def due(person: User) -> User:
    User.objects.filter(pk=person.pk).update(deletion_due_at=timezone.now() - timedelta(seconds=1), is_active=False)
    person.refresh_from_db()
    return person


def rich_person(cast: Cast, client: Client) -> User:
    """Somebody with something of every kind, in the circle of the cast."""
    person = make_person(username=TRACES["former"], email=TRACES["email"], password=PASSWORD)
    change_username(person=person, username=TRACES["username"])
    set_phone(person=person, number=TRACES["phone"])
    said = {name: TRACES[name] for name in ("display_name", "first_name", "last_name", "bio", "status_text")}
    User.objects.filter(pk=person.pk).update(**said, avatar="cd" * 16, privacy={"message": "friends"})
    default_storage.save(file_of("cd" * 16, 64), ContentFile(b"picture"))
    person.refresh_from_db()
    EmailAddress.objects.create(user=person, email=TRACES["email"], primary=True, verified=True)
    client.post(
        "/accounts/login/",
        {"login": TRACES["username"], "password": PASSWORD},
        headers={"User-Agent": TRACES["device"]},
    )
    make_token(person=person, name=TRACES["token"], scope="read")
    link_wallet(person=person, address=TRACES["address"])
    SocialAccount.objects.create(
        user=person, provider="oidc", uid=TRACES["subject"], extra_data={"email": TRACES["email"]}
    )
    Authenticator.objects.create(user=person, type="totp", data={"secret": TRACES["subject"]})
    PushSubscription.objects.create(user=person, endpoint=f"https://{TRACES['push']}.example/", p256dh="x", auth="y")
    Setting.objects.create(user=person, key="theme", value="dark")
    QuietException.objects.create(user=person, person=cast.bob)
    QuietException.objects.create(user=cast.bob, person=person)
    Friendship.objects.create(requester=person, addressee=cast.bob, state="accepted")
    Block.objects.create(blocker=person, blocked=cast.mallory, reason=TRACES["reason"])
    Block.objects.create(blocker=cast.charlie, blocked=person, reason=TRACES["reason"])
    group = create_group(owner=person, title="", members=[cast.bob, cast.mod])
    say(person, group, "I have been here")
    say(cast.bob, group, f"@{TRACES['username']} was here")
    Membership.objects.filter(user=person, conversation=group).update(draft=TRACES["draft"])
    notify(recipient=person, kind="system", group_key="x", payload={"event": "sign_in", "address": TRACES["device"]})
    build_export.call(str(request_export(person=person).pk))
    LogEntry.objects.create(
        user=cast.mod,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(person.pk),
        object_repr=TRACES["username"],
        action_flag=2,
        change_message=TRACES["email"],
    )
    fill_groups(cast, person)
    fill_forums(cast, person)
    return person


def fill_groups(cast: Cast, person: User) -> None:
    """Something of theirs in every table of groups, or about them."""
    theirs = groups_actions.create_group(owner=person, name="Passed on")
    alone = groups_actions.create_group(owner=person, name="Of nobody else", is_public=True)
    with transaction.atomic():
        admit_member(theirs, cast.bob, invited_by=person.pk)
    group = make_community(cast).group
    with transaction.atomic():
        member = admit_member(group, person)
        Member.objects.filter(pk=member.pk).update(nickname=TRACES["nickname"])
        MemberRole.objects.create(member=member, role=group.roles.get(name="Moderators"))
        sync_access(Scope(group=group.pk, users=(person.pk,)))
    Override.objects.create(channel=group.channels.all()[0], member=member, deny=1)
    sync_access(Scope(group=group.pk))
    invite = Invite.objects.create(group=group, code="x" * 20, creator=person)
    InviteUse.objects.create(invite=invite, user=person)
    Ban.objects.create(group=alone, user=cast.mallory, actor=person, reason="spam")
    Ban.objects.create(group=group, user=person, actor=cast.alice, reason=TRACES["reason"])
    for user, actor in ((person, cast.alice), (cast.mallory, person)):
        Purge.objects.create(group=group, user=user, actor=actor, since=timezone.now())
    say(person, theirs.channels.all()[0].conversation, "Here, too")


def fill_forums(cast: Cast, person: User) -> None:
    """Something of theirs in every table of forums, or about them."""
    create_forum(owner=person, name="Of nobody else", slug="alone")
    forum = create_forum(owner=cast.alice, name="Maps", slug="maps")
    with transaction.atomic():
        member = admit_to_forum(forum, person)
        admit_to_forum(forum, cast.bob, invited_by=person)
    flair = forums.Flair.objects.create(forum=forum, name="x", kind="member")
    forums.Member.objects.filter(pk=member.pk).update(flair=flair, permissions=1)
    post = create_post(author=person, forum_id=forum.pk, title="Mine", content="I was here, too")
    forums.Post.objects.filter(pk=post.pk).update(removed_by=person, removal_reason=TRACES["reason"])
    said = create_comment(author=cast.bob, post_id=post.pk, content=f"@{TRACES['username']} was here")
    forums.Comment.objects.filter(pk=said.pk).update(removed_by=person)
    create_comment(author=person, post_id=post.pk, content="And here", parent_id=said.pk)
    for model in (forums.PostFollow, forums.Saved):
        model.objects.create(post=post, user=person)
    forums.Draft.objects.create(author=person, title=TRACES["draft"], content=TRACES["draft"])
    forums.FeedKey.objects.create(user=person, digest=b"7" * 32)
    forums.Upload.objects.create(author=person, key="ef" * 16, width=1, height=1)
    for one, other in ((person, cast.bob), (cast.bob, person)):
        forums.PersonFollow.objects.create(follower=one, user=other)
    for user, doer in ((person, cast.alice), (cast.mallory, person)):
        said_of = {"forum": forum, "user": user}
        forums.Ban.objects.create(**said_of, actor=doer, reason=TRACES["reason"] if user == person else "x", note="x")
        forums.Note.objects.create(**said_of, author=doer, text=TRACES["reason"] if user == person else "x")
        forums.Invitation.objects.create(**said_of, inviter=doer)
        forums.JoinRequest.objects.create(**said_of, decided_by=doer, text=TRACES["reason"] if user == person else "x")
        forums.Sweep.objects.create(**said_of, actor=doer, since=timezone.now())
    poll = forums.Poll.objects.create(post=post, voter_count=1)
    option = forums.PollOption.objects.create(poll=poll, position=0, text="x", vote_count=1)
    forums.PollVote.objects.create(poll=poll, option=option, user=person)


def columns() -> Iterator[tuple[str, str]]:
    """Every column of every table that can hold words, as (table, column)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
                where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
                  and a.attnum > 0 and not a.attisdropped
                  and a.atttypid::regtype::text in ('text', 'character varying', 'jsonb', 'json', 'bytea', 'inet', 'tsvector')"""
        )
        yield from cursor.fetchall()


# What people said is theirs and the others'; its search text and its side bar line are made of it.
SAID = {
    ("chat_message", "content"),
    ("chat_message", "html"),
    ("chat_message", "search"),
    ("chat_messagerevision", "content"),
    ("chat_conversation", "preview"),
    *((f"forums_{table}", column) for table in ("post", "comment") for column in ("content", "html", "search")),
    *(("forums_revision", column) for column in ("title", "content")),
    *(("forums_post", column) for column in ("title", "excerpt")),
}


def found_traces() -> set[tuple[str, str, str]]:
    found = set()
    with connection.cursor() as cursor:
        for table, column in columns():
            if (table, column) in SAID:
                continue
            # `bytea` is shown in hexadecimal: its letters are looked at as such.
            for trace, words in TRACES.items():
                cursor.execute(
                    f'select exists (select from "{table}" where "{column}"::text ilike %s or "{column}"::text ilike %s)',
                    [f"%{words.replace('_', r'\_')}%", f"%{words.encode().hex()}%"],
                )
                if cursor.fetchone()[0]:
                    found.add((table, column, trace))
    return found


def test_no_column_of_any_table_holds_a_trace(
    cast: Cast, client: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    person = rich_person(cast, client)
    before = found_traces()
    assert {trace for _table, _column, trace in before} == set(TRACES), "the test writes everything it looks for"
    assert ("chat_conversation", "title", "display_name") in before
    with django_capture_on_commit_callbacks(execute=True):
        erase_person(person=due(person))
    assert found_traces() == set()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Session.objects.exists()


# What of them stays, by model: what they said and where, which the others share; and that somebody did something.
STAYS = {
    *("chat.Membership", "chat.Message", "chat.Reaction", "chat.Change", "chat.Conversation"),
    *("forums.Post", "forums.Comment", "forums.PostVote", "forums.CommentVote", "forums.PollVote"),
    *("admin.LogEntry", "accounts.AuditEntry"),
}


def test_no_row_is_theirs_any_more(cast: Cast, client: Client) -> None:
    person = rich_person(cast, client)
    erase_person(person=due(person))
    left = set()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            points_at_people = field.is_relation and field.concrete and field.related_model is User
            if not points_at_people or field.many_to_many:
                continue
            if model._base_manager.filter(**{field.name: person}).exists():
                left.add(model._meta.label)
    assert left - STAYS - {"accounts.Notification"} == set()
    assert not Notification.objects.filter(recipient=person).exists()


def test_the_checks_of_the_database_agree(cast: Cast, client: Client) -> None:
    from chatter.ops.dbcheck import INVARIANTS

    erase_person(person=due(rich_person(cast, client)))
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name


def test_what_they_owned_goes_to_the_highest_or_ends(cast: Cast, client: Client) -> None:
    person = rich_person(cast, client)
    group = Group.objects.get(name="Passed on")
    with transaction.atomic():
        admit_member(group, cast.mod)
    # Bob is the older, Mod the higher; who is suspended gets nothing.
    role = groups_role(group)
    for heir in (cast.mod, cast.mallory):
        with transaction.atomic():
            member = admit_member(group, heir)
        MemberRole.objects.create(member=member, role=role)
    User.objects.filter(pk=cast.mallory.pk).update(suspended_at=timezone.now())
    erase_person(person=due(person))
    group.refresh_from_db()
    assert (group.owner, group.member_count) == (cast.mod, 3)
    row = Membership.objects.get(user=cast.mod, conversation__channel__group=group, conversation__title="general")
    assert row.permissions == IN_CHANNELS
    assert not Group.objects.filter(name="Of nobody else").exists()


def groups_role(group: Group) -> Role:
    return Role.objects.create(group=group, name="High", position=top_position(group) + 1)


def test_others_keep_theirs(cast: Cast, client: Client) -> None:
    Wallet.objects.create(user=cast.bob, address=WalletKey("bob").plain)
    FormerName.objects.create(user=cast.bob, username="bobby", given_up_at=timezone.now())
    Export.objects.create(user=cast.bob)
    kept = [list(model.objects.filter(user=cast.bob)) for model in (Wallet, FormerName, Export)]
    erase_person(person=due(rich_person(cast, client)))
    assert [list(model.objects.filter(user=cast.bob)) for model in (Wallet, FormerName, Export)] == kept
    cast.bob.refresh_from_db()
    assert (cast.bob.username, cast.bob.is_active) == ("bob", True)


def test_a_deleted_person_cannot_come_back(cast: Cast, client: Client) -> None:
    erase_person(person=due(cast.alice))
    for login in ("alice", "alice@example.org", cast.alice.username, str(uuid4())):
        assert client.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_no_letter_for_them_lies_in_the_queue(cast: Cast, client: Client) -> None:
    """Sealed, but there: those that wait, and those that left lately or failed. Who claims the same address keeps theirs."""
    person = rich_person(cast, client)
    EmailAddress.objects.create(user=person, email="shared@zz9.example")
    EmailAddress.objects.create(user=cast.bob, email="Shared@zz9.example", verified=True)
    for to in (TRACES["email"].upper(), TRACES["email"], "bob@example.org", "shared@zz9.example"):
        send_later.enqueue(sealed_mail(EmailMessage("s", "b", to=[to])))
    oldest = DBTaskResult.objects.filter(queue_name="mail").values("pk")[:1]
    DBTaskResult.objects.filter(pk__in=oldest).update(status="FAILED")
    erase_person(person=due(person))
    left = [mail_of(row.args_kwargs["args"][0]).to for row in DBTaskResult.objects.filter(queue_name="mail")]
    assert sorted(left) == [["bob@example.org"], ["shared@zz9.example"]]
