"""People, their sessions and the places they share, made quickly; rooms through the product's own actions."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from itertools import count

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone

from accounts.models import User
from chat.actions.conversation import create_group, ensure_lobby, open_direct
from chat.models import Conversation, Membership, Message
from chat.permissions import permissions_of_role
from groups.access import Scope, sync_access
from groups.actions.group import create_group as create_community
from groups.models import Channel, Group, Member

_numbers = count(1)


def make_people(number: int) -> list[User]:
    """So many people that nobody has met, with verified addresses and without passwords."""
    people = []
    for _ in range(number):
        place = next(_numbers)
        name = f"person-{place}"
        person = User(username=name, display_name=f"Person Number {place}", email=f"{name}@example.org")
        person.set_unusable_password()
        people.append(person)
    User.objects.bulk_create(people, batch_size=1000)
    addresses = [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people]
    EmailAddress.objects.bulk_create(addresses, batch_size=1000)
    return people


def cookies_of(people: Sequence[User]) -> list[str]:
    """The Cookie header of a new session for each of them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    expires = timezone.now() + timedelta(days=1)
    rows = []
    for person in people:
        said = {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
        key = secrets.token_hex(16)
        rows.append(Session(session_key=key, session_data=store.encode(said), expire_date=expires))
    Session.objects.bulk_create(rows, batch_size=1000)
    return [f"{settings.SESSION_COOKIE_NAME}={row.session_key}" for row in rows]


def room_of(people: Sequence[User], title: str = "Room") -> Conversation:
    """A group conversation of all of them, the first one owning it."""
    return create_group(owner=people[0], title=title, members=list(people[1:]))


def community_of(owner: User, people: Sequence[User]) -> Conversation:
    """The first channel of a group that `owner` has made and `people` are members of."""
    group = create_community(owner=owner, name="Everybody")
    Member.objects.bulk_create((Member(group=group, user=person) for person in people), batch_size=1000)
    Group.objects.filter(pk=group.pk).update(member_count=len(people) + 1)
    sync_access(Scope(group=group.pk))
    return group.channels.filter(kind=Channel.Kind.TEXT).earliest("position").conversation


def pair_of(one: User, other: User) -> Conversation:
    return open_direct(person=one, other=other)


def enter_lobby(people: Sequence[User]) -> Conversation:
    """Everybody into the lobby at once."""
    lobby, role = ensure_lobby(), Membership.Role.MEMBER
    bits = permissions_of_role(lobby.kind, role)
    rows = [Membership(conversation=lobby, user=person, role=role, permissions=bits) for person in people]
    Membership.objects.bulk_create(rows, batch_size=1000)
    Conversation.objects.filter(pk=lobby.pk).update(member_count=Membership.objects.filter(conversation=lobby).count())
    return lobby


def stored(places: Sequence[Conversation]) -> int:
    """How many messages people wrote there, as the database holds them."""
    return Message.objects.filter(conversation__in=places, sender__isnull=False).count()


def tidy() -> None:
    """VACUUM ANALYZE by the tables' owner: what autovacuum does a minute later, now."""
    import psycopg  # noqa: PLC0415 -- its own connection, outside Django's role

    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        owner.execute("vacuum analyze")
    connection.close()
