"""Sessions that bring their person along, in the same statement: nearly every request asks for both."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance
from chatter.core.sessions import SessionStore as PlainStore


class SessionStore(PlainStore):
    """The row of its device names the person; whether the session is theirs, is asked of what is signed in it."""

    person: User | None = None

    def stored(self) -> str | None:
        with prepared_cursor() as cursor:
            cursor.execute(_session_sql(), [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found is None:
            return None
        stored, key, *row = found
        self.person = None if key is None else person_of_row(row)
        return str(stored)


# The session of the request whose person is being asked for: it may have brought them.
_at_hand: ContextVar[SessionStore | None] = ContextVar("session_at_hand", default=None)


@contextmanager
def at_hand(session: SessionStore) -> Iterator[None]:
    token = _at_hand.set(session)
    try:
        yield
    finally:
        _at_hand.reset(token)


def person_with(key: UUID) -> User | None:
    """The person as every request has them: with settings, blocks and what the frame of a page counts. As the session at
    hand brought them, else by one query."""
    session = _at_hand.get()
    if session is not None and session.person is not None and session.person.pk == key:
        return session.person
    with prepared_cursor() as cursor:
        cursor.execute(_person_sql(), [key])
        found = cursor.fetchone()
    return person_of_row(found) if found else None


def person_of_row(row: Any) -> User:
    """The person of a row of `_person_columns`."""
    *values, preferences, blocked, requests, told = row
    person = instance(User, values)
    person.preferences = orjson.loads(preferences) if preferences else {}
    person.blocked_ids, person.requests_waiting = frozenset(blocked), requests
    person.notification_count = told
    return person


@cache
def _person_columns() -> str:
    preferences = "(select json_object_agg(s.key, s.value)::text from accounts_setting s where s.user_id = u.id)"
    blocked = "array(select b.blocked_id from accounts_block b where b.blocker_id = u.id)"
    requests = (
        "(select count(*) from (select from accounts_friendship f"
        " where f.addressee_id = u.id and f.state = 'pending' limit 100) waiting)"
    )
    told = (
        "(select count(*) from (select from accounts_notification n where n.recipient_id = u.id and n.read_at is null"
        " and n.in_app and n.expires_at > now() limit 100) unread)"
    )
    return f"{columns(User, 'u')}, {preferences}, {blocked}, {requests}, {told}"


@cache
def _person_sql() -> str:
    return f"select {_person_columns()} from accounts_user u where u.id = %s"  # noqa: S608 -- names of columns


@cache
def _session_sql() -> str:
    return (
        f"select held.session_data, u.id, {_person_columns()} from django_session held"  # noqa: S608 -- names of columns
        " left join accounts_device d on d.session_key = held.session_key left join accounts_user u on u.id = d.user_id"
        " where held.session_key = %s and held.expire_date > %s"
    )
