"""Contacts and blocks: ask, answer, part; want nothing of somebody, and relent.

Invariant: a pair has at most one row of Friendship, and none but a declined one while a block stands between the two.
Every action locks both people first, the smaller id before the larger, so that two who act at once act one after another.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import mark_these, notify
from accounts.contacts import ASK_AGAIN_AFTER, FRIENDS_MAX, Relation, may_ask_again
from accounts.models import Block, Friendship, Notification, User
from accounts.permissions import check_answer, check_member, reach
from accounts.privacy import Way
from accounts.signals import person_blocked
from chatter.core.errors import NotFound, Refused
from chatter.core.events import RelationsChanged
from chatter.core.limits import check_limit
from chatter.core.realtime import publish

State = Friendship.State

REQUESTS_PER_HOUR = 30
SENT_MAX = 100
RECEIVED_MAX = 500
BLOCKS_MAX = 1000
REASON_MAX = 500


def request_contact(*, requester: User, addressee: User) -> Relation:
    """Ask somebody to be friends; to ask whoever asked oneself is to accept. Twice changes nothing. Raises Refused.

    Who was declined reads that they asked, for ASK_AGAIN_AFTER; the one who declined may ask at any time.
    """
    check_member(requester)
    check_limit("contact_request", requester.pk, limit=REQUESTS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        row = _locked(requester, addressee)
        if row is not None and row.state == State.ACCEPTED:
            return Relation.FRIENDS
        if row is not None and row.addressee_id == requester.pk and row.withdrawn_at is None:
            return _befriend(row, requester, addressee)
        _check_request(requester, addressee)
        if row is None or row.requester_id != requester.pk or row.withdrawn_at is not None or _is_over(row):
            _check_room(requester, addressee)
        _ask(row, requester, addressee)
    return Relation.SENT


def accept_contact(*, addressee: User, requester: User) -> Relation:
    """Become friends with whoever asked; twice changes nothing. Raises NotFound where nobody asks (any more)."""
    with transaction.atomic():
        row = _locked(addressee, requester)
        if row is not None and row.state == State.ACCEPTED:
            return Relation.FRIENDS
        if row is None or row.addressee_id != addressee.pk or row.withdrawn_at is not None:
            raise NotFound
        return _befriend(row, addressee, requester)


def decline_contact(*, addressee: User, requester: User) -> Relation:
    """Say no without saying it: the requester goes on reading that they asked. Changes nothing where nobody asks."""
    with transaction.atomic():
        row = _locked(addressee, requester)
        if row is not None and row.addressee_id == addressee.pk and row.state == State.PENDING:
            row.state, row.declined_at = State.DECLINED, timezone.now()
            row.save(update_fields=["state", "declined_at"])
            _settle(requester, addressee)
    return Relation.NONE


def cancel_request(*, requester: User, addressee: User) -> Relation:
    """Take one's request back. One that was declined is only hidden, so that nobody asks again at once."""
    with transaction.atomic():
        row = _locked(requester, addressee)
        if row is None or row.requester_id != requester.pk or row.state == State.ACCEPTED:
            return Relation.NONE
        if row.state == State.PENDING:
            row.delete()
            _settle(requester, addressee)
        else:
            row.withdrawn_at = timezone.now()
            row.save(update_fields=["withdrawn_at"])
    return Relation.NONE


def remove_contact(*, person: User, friend: User) -> Relation:
    """Be friends no longer. Changes nothing where the two are not."""
    with transaction.atomic():
        row = _locked(person, friend)
        if row is not None and row.state == State.ACCEPTED:
            row.delete()
            _publish(person.pk, friend.pk)
    return Relation.NONE


def block_person(*, blocker: User, blocked: User, reason: str = "") -> Relation:
    """Want nothing of somebody: ends the friendship and the requests of the two. Again only changes the reason."""
    if blocker.pk == blocked.pk:
        raise Refused("invalid", _("You cannot do this with yourself."))
    if len(reason) > REASON_MAX:
        raise Refused("too_long", _("A reason has at most 500 characters."))
    with transaction.atomic():
        row = _locked(blocker, blocked)
        if Block.objects.filter(blocker=blocker, blocked=blocked).exists():
            if reason:
                Block.objects.filter(blocker=blocker, blocked=blocked).update(reason=reason)
            return Relation.BLOCKING
        _check_count(Block.objects.filter(blocker=blocker), BLOCKS_MAX, _("You block too many people."))
        Block.objects.create(blocker=blocker, blocked=blocked, reason=reason)
        if row is not None and row.state != State.DECLINED:
            row.delete()
            _settle(row.requester, row.addressee)
        person_blocked.send(Block, blocker_id=blocker.pk, blocked_id=blocked.pk)
        _publish(blocker.pk, blocked.pk)
    return Relation.BLOCKING


def unblock_person(*, blocker: User, blocked: User) -> Relation:
    """Let the person come near again, as a stranger. Changes nothing where they are not blocked."""
    with transaction.atomic():
        _locked(blocker, blocked)
        gone, _rows = Block.objects.filter(blocker=blocker, blocked=blocked).delete()
        if gone:
            _publish(blocker.pk, blocked.pk)
    return Relation.NONE


def _locked(one: User, other: User) -> Friendship | None:
    """Lock both people, then read what there is between them."""
    keys = sorted([one.pk, other.pk])
    list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    return Friendship.objects.between(one.pk, other.pk).first()


def _befriend(row: Friendship, addressee: User, requester: User) -> Relation:
    """Turn a request into a friendship. Privacy is no obstacle to an answer; a block, or a gone account, is."""
    answer = reach(addressee.pk, requester.pk, Way.REQUEST)
    if answer != "private":
        check_answer(answer, addressee)
    for person in (addressee, requester):
        _check_friends(person)
    row.state, row.accepted_at, row.declined_at = State.ACCEPTED, timezone.now(), None
    row.save(update_fields=["state", "accepted_at", "declined_at"])
    _settle(requester, addressee)
    notify(
        recipient=requester,
        kind="friend_request",
        group_key=f"contact_accepted:{addressee.pk}",
        actor=addressee,
        source=row,
        payload={"event": "accepted"},
    )
    _publish(addressee.pk, requester.pk)
    return Relation.FRIENDS


def _check_request(requester: User, addressee: User) -> None:
    answer = reach(requester.pk, addressee.pk, Way.REQUEST)
    if answer == "blocking":
        raise Refused("blocked", _("You have blocked this person. Unblock them first."))
    check_answer(answer, requester)


def _check_room(requester: User, addressee: User) -> None:
    """Nobody collects requests without end, neither those sent nor those received."""
    _check_friends(requester)
    too_many = _("You wait for too many answers. Take a request back first.")
    _check_count(Friendship.objects.sent_by(requester.pk), SENT_MAX, too_many)
    received = Friendship.objects.filter(addressee=addressee, state=State.PENDING)
    _check_count(received, RECEIVED_MAX, _("This person has very many requests already. Try again another day."))


def _check_friends(person: User) -> None:
    mine = Friendship.objects.filter(Q(requester=person) | Q(addressee=person), state=State.ACCEPTED)
    _check_count(mine, FRIENDS_MAX, _("No more friends fit into one list."))


def _check_count(rows: QuerySet[Any], most: int, words: object) -> None:
    if len(rows.values_list("pk")[:most]) >= most:
        raise Refused("forbidden", words)


def _ask(row: Friendship | None, requester: User, addressee: User) -> None:
    """Write the request down anew, or leave the one that was made lately; tell the addressee of what is new to them."""
    now = timezone.now()
    if row is None:
        row = Friendship.objects.create(requester=requester, addressee=addressee)
    elif row.requester_id == requester.pk and not _is_over(row):
        _show_again(row)
        return
    else:
        row.requester, row.addressee, row.state = requester, addressee, State.PENDING
        row.created_at, row.declined_at, row.withdrawn_at = now, None, None
        row.save()
    notify(
        recipient=addressee,
        kind="friend_request",
        group_key=_key_of(requester),
        actor=requester,
        source=row,
        payload={"event": "requested"},
    )


def _settle(requester: User, addressee: User) -> None:
    """What told the addressee of the request is read: it was answered, or is gone."""
    told = Notification.objects.filter(recipient=addressee, group_key=_key_of(requester), read_at=None)
    mark_these(recipient=addressee, notifications=list(told.values_list("pk", flat=True)))


def _key_of(requester: User) -> str:
    return f"contact_request:{requester.pk}"


def _is_over(row: Friendship) -> bool:
    """Is the last word between the two, the question or the silent no, so old that one may ask again?"""
    return (row.declined_at or row.created_at) <= timezone.now() - ASK_AGAIN_AFTER


def _show_again(row: Friendship) -> None:
    """A declined request that was taken back and made again: its requester sees it, the addressee hears nothing."""
    if row.withdrawn_at is not None or (row.state == State.DECLINED and may_ask_again(row)):
        row.created_at, row.withdrawn_at = timezone.now(), None
        row.save(update_fields=["created_at", "withdrawn_at"])


def _publish(one: UUID, other: UUID) -> None:
    publish(RelationsChanged(user=one), RelationsChanged(user=other))
