"""Whom a person knows, asked and blocked, as their own pages show it; and how two people stand. Reads only.

Pages are keyset pages: `after` is what `key_of` says of the last row of the page before.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone

from accounts.models import Block, Friendship, User
from accounts.permissions import visible_statuses
from chatter.core.clock import moment_in

PAGE = 50
ONLINE_MAX = 200
FRIENDS_MAX = 2000
# So long a request, answered or not, is not repeated; its requester sees no difference between declined and unanswered.
ASK_AGAIN_AFTER = timedelta(days=30)
State = Friendship.State


class Relation(StrEnum):
    """How two people stand, as one of them may know it."""

    SELF = "self"
    NONE = "none"
    FRIENDS = "friends"
    SENT = "sent"
    RECEIVED = "received"
    BLOCKING = "blocking"


class Friends(NamedTuple):
    """One page of friends: those who are here stand on the first page, above the others."""

    here: list[User]
    away: list[User]
    statuses: dict[UUID, str]
    since: dict[UUID, datetime | None]
    next: str


class Requests(NamedTuple):
    rows: list[Friendship]
    next: str


class Blocks(NamedTuple):
    rows: list[Block]
    next: str


def relation_between(person: User, other: User) -> Relation:
    """How the two stand, as `person` may know it: declined reads like unanswered (one query, two where nothing is)."""
    if person.pk == other.pk:
        return Relation.SELF
    if Block.objects.filter(blocker=person, blocked=other).exists():
        return Relation.BLOCKING
    row = Friendship.objects.between(person.pk, other.pk).first()
    if row is None:
        return Relation.NONE
    if row.state == State.ACCEPTED:
        return Relation.FRIENDS
    if row.requester_id == person.pk:
        return Relation.NONE if row.withdrawn_at else Relation.SENT
    return Relation.RECEIVED if row.state == State.PENDING else Relation.NONE


def may_ask_again(row: Friendship) -> bool:
    """Whether the page offers to ask again: told by when the request was made, never by how it was answered."""
    return row.created_at <= timezone.now() - ASK_AGAIN_AFTER


def friends_of(person: UUID) -> dict[UUID, datetime | None]:
    """Everybody the person is friends with, and since when (one query, by index)."""
    pairs = Friendship.objects.filter(Q(requester=person) | Q(addressee=person), state=State.ACCEPTED)
    found = pairs.values_list("requester_id", "addressee_id", "accepted_at")[:FRIENDS_MAX]
    return {requester if addressee == person else addressee: since for requester, addressee, since in found}


def friends_page(person: User, *, words: str = "", after: str = "") -> Friends:
    """Friends in order of name, the present before the absent; with `words`, those whose names hold them."""
    keys = friends_of(person.pk)
    statuses = visible_statuses(person.pk, keys)
    named = _by_name(User.objects.reachable().filter(pk__in=list(keys)), words)
    here = [] if after else list(named.filter(pk__in=list(statuses)[:ONLINE_MAX]))
    away = named.exclude(pk__in=list(statuses)[:ONLINE_MAX])
    if after:
        name, _slash, username = after.rpartition("/")
        away = away.filter(Q(sorted_name__gt=name) | Q(sorted_name=name, username__gt=username))
    rows = list(away[: PAGE + 1])
    more = rows[PAGE:] and rows[PAGE - 1]
    return Friends(here, rows[:PAGE], statuses, keys, _key_of(more) if more else "")


def _key_of(friend: Any) -> str:
    return f"{friend.sorted_name}/{friend.username}"


def _by_name(people: "QuerySet[User]", words: str) -> "QuerySet[User]":
    shown = Lower(Coalesce(NullIf("display_name", Value("")), "username"))
    people = people.annotate(sorted_name=shown).order_by("sorted_name", "username")
    if words:
        people = people.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
    return people


def received_page(person: User, *, after: str = "") -> Requests:
    """Who asks, the newest first. Nobody whom a block parts from the person."""
    rows = Friendship.objects.filter(addressee=person, state=State.PENDING)
    return _requests(_without_blocks(rows, person, "requester").select_related("requester"), after)


def sent_page(person: User, *, after: str = "") -> Requests:
    """Whom the person asked and who did not say yes (yet), the newest first."""
    rows = Friendship.objects.sent_by(person.pk).filter(addressee__deleted_at=None)
    return _requests(_without_blocks(rows, person, "addressee").select_related("addressee"), after)


def blocks_page(person: User, *, after: str = "") -> Blocks:
    """Whom the person blocked, the newest first."""
    rows = Block.objects.filter(blocker=person).select_related("blocked")
    page, onward = _newest(rows, after)
    return Blocks(list(page), onward)


def _without_blocks(rows: "QuerySet[Friendship]", person: User, other: str) -> "QuerySet[Friendship]":
    """An action leaves no request beside a block; a block made otherwise hides it."""
    parted = Block.objects.filter(
        Q(blocker=person, blocked=OuterRef(other)) | Q(blocker=OuterRef(other), blocked=person)
    )
    return rows.exclude(Exists(parted)).filter(**{f"{other}__is_active": True, f"{other}__deleted_at": None})


def _requests(rows: "QuerySet[Friendship]", after: str) -> Requests:
    page, onward = _newest(rows, after)
    return Requests(list(page), onward)


def _newest[M: (Friendship, Block)](rows: "QuerySet[M]", after: str) -> tuple[Sequence[M], str]:
    """A page of rows by time, newest first, and the key of the next one ("" where there is none)."""
    moment, key = _parsed(after)
    if moment and key:
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=key))
    found = list(rows.order_by(F("created_at").desc(), "-pk")[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return found[:PAGE], f"{last.created_at.isoformat()}/{last.pk}" if last else ""


def _parsed(after: str) -> tuple[datetime | None, UUID | None]:
    """What the address says, if it makes sense: else the list begins anew."""
    moment, _slash, key = after.partition("/")
    try:
        return moment_in(moment), UUID(key)
    except ValueError:
        return None, None
