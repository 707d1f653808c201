"""What the hub asks the database: memberships, versions, blocks and friends, sessions. One query each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from accounts.actions.devices import touch_connected
from accounts.actions.tokens import living_families
from accounts.models import Friendship, User
from accounts.permissions import hidden_from
from accounts.privacy import Way, circle_of
from chat.models import Conversation, Membership
from chat.permissions import Permission
from chatter.core.delivery import SESSION_ENDED, SUSPENDED
from chatter.core.rooms import COMMON_MEMBER, Circles, Credential, Member, Relations, Roster, Standing

MEMBER_FIELDS = ("history_from", "permissions", "timed_out_until", "conversation__archived_at")


def member_of(
    history_from: int, permissions: int, timed_out_until: datetime | None, archived_at: datetime | None
) -> Member:
    """One membership row as the hub keeps it; the common case is one object for all."""
    if archived_at is not None or not permissions & Permission.SEND:
        return Member(history_from, inf)
    if history_from == COMMON_MEMBER.history_from and timed_out_until is None:
        return COMMON_MEMBER
    return Member(history_from, timed_out_until.timestamp() if timed_out_until else 0.0)


def standings_of(person: UUID) -> list[Standing]:
    """All conversations of a person, listed or not (one query)."""
    rows = (
        Membership.objects.active()
        .filter(user_id=person)
        .values_list(
            "conversation_id",
            "conversation__version",
            "conversation__access_version",
            "conversation__member_count",
            "conversation__parent",
            *MEMBER_FIELDS,
        )
    )
    return [
        Standing(key, version, access, count, member_of(*member), parent)
        for key, version, access, count, parent, *member in rows
    ]


def relations_of(person: UUID) -> Relations:
    """Blocks both ways, friends, and who may see the person (three queries)."""
    friends = Friendship.objects.filter(
        Q(requester=person) | Q(addressee=person), state=Friendship.State.ACCEPTED
    ).values_list("requester_id", "addressee_id")
    return Relations(hidden_from(person), others(friends, person), circles_of(person))


def circles_of(person: UUID) -> Circles:
    wishes = User.objects.filter(pk=person).values_list("privacy", flat=True).first() or {}
    return Circles(*(circle_of(wishes, way).value for way in (Way.PRESENCE, Way.LAST_SEEN, Way.TYPING)))


def others(pairs: Iterable[tuple[UUID, UUID]], person: UUID) -> frozenset[UUID]:
    return frozenset(key for pair in pairs for key in pair if key != person)


class DatabaseTruth:
    """`chatter.core.rooms.Truth`, read from our tables."""

    def rosters(self, conversations: list[UUID], people: list[UUID]) -> dict[UUID, Roster]:
        """Members are read after the access versions: never older than they say."""
        rows = Conversation.objects.filter(pk__in=conversations).values_list(
            "pk", "version", "access_version", "member_count", "parent"
        )
        rosters = {key: Roster(version, access, count, {}, parent) for key, version, access, count, parent in rows}
        members = (
            Membership.objects.active()
            .filter(conversation_id__in=conversations, user_id__in=people)
            .values_list("conversation_id", "user_id", *MEMBER_FIELDS)
        )
        for conversation, person, *member in members:
            if conversation in rosters:
                rosters[conversation].members[person] = member_of(*member)
        return rosters

    def versions(self, conversations: list[UUID]) -> dict[UUID, tuple[int, int]]:
        rows = Conversation.objects.filter(pk__in=conversations).values_list("pk", "version", "access_version")
        return {key: (version, access_version) for key, version, access_version in rows}

    def relations(self, person: UUID) -> Relations:
        return relations_of(person)

    def ended(self, credentials: list[Credential]) -> dict[Credential, int]:
        """Session or tokens gone or run out, password changed, account switched off or deleted: 4410; suspended: 4403.
        Those that stay are noted as in use."""
        people = User.objects.in_bulk({credential.person for credential in credentials})
        alive = living_sessions([credential.session_key for credential in credentials if credential.session_key])
        families = [credential.token for credential in credentials if credential.token]
        living: set[str | UUID] = {*alive, *(living_families(families) if families else ())}
        touch_connected(session_keys=list(alive))
        found = {credential: ending(credential, people.get(credential.person), living) for credential in credentials}
        return {credential: code for credential, code in found.items() if code is not None}


def living_sessions(keys: list[str]) -> set[str]:
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    return set(sessions.values_list("session_key", flat=True))


def ending(credential: Credential, user: User | None, living: set[str | UUID]) -> int | None:
    """The code that the socket closes with; `living` are sessions and families of tokens."""
    if user is not None and user.is_suspended:
        return SUSPENDED
    if user is None or not user.is_active or user.deleted_at is not None:
        return SESSION_ENDED
    if credential.auth_hash != user.get_session_auth_hash():
        return SESSION_ENDED
    return None if (credential.token or credential.session_key) in living else SESSION_ENDED
