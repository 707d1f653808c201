"""Invitations into a group: made, sent to people one knows, revoked, redeemed; never forged, never overused.

One lets people in until it expires, is used up or revoked, or its group is to be deleted. Whoever is kicked or banned takes
theirs along (`end_invites`); those of somebody who left, or may not invite any more, stay until somebody revokes them.
"""

import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.actions.notifications import mark_these
from accounts.actions.telling import News, Recipient, tell
from accounts.models import Notification, User
from accounts.permissions import check_member, check_reach
from accounts.privacy import Way
from chat.actions.log import key_of
from chat.models import Membership
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from groups.actions.coming import JOINS_PER_HOUR, check_may_join_more, welcome
from groups.actions.members import admit_member
from groups.models import Ban, Channel, Group, Invite, InviteUse, Member
from groups.permissions import Right, Standing, lock_group, locked_standing

# Base58: no 0, O, I, l. Twelve of them are 70 random bits.
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CODE_LENGTH = 12
CODE = re.compile(rf"[{ALPHABET}]{{8,24}}")
# What can be chosen; None is for ever, and as often as one likes.
LIFETIMES = (
    *(timedelta(minutes=30), timedelta(hours=1), timedelta(hours=12)),
    *(timedelta(days=1), timedelta(days=7), timedelta(days=30), None),
)
WEEK = timedelta(days=7)
USES = (None, 1, 5, 10, 25, 100)
# Living ones, of one person and of all of them together, in one group.
INVITES_OF_ONE = 50
INVITES_OF_GROUP = 500
# Sent to people: at once, by one person in an hour, and by one person to another into one group in a day.
PEOPLE_AT_ONCE = 20
PEOPLE_AN_HOUR = 60
KEPT_AFTER_END = timedelta(days=90)
PRUNE_CHUNK = 1000


def make_invite(
    *,
    creator: User,
    group_id: UUID,
    lifetime: timedelta | None = WEEK,
    max_uses: int | None = None,
    channel_id: UUID | None = None,
) -> Invite:
    """An invitation that leads into `channel_id`, where its creator may look too, or to where the group begins."""
    if lifetime not in LIFETIMES or max_uses not in USES:
        raise Refused("invalid")
    with transaction.atomic():
        standing = locked_standing(creator, group_id, Right.INVITE)
        invite = _make(standing, lifetime, max_uses, channel=_seen_channel(standing, channel_id))
        _note_made(invite)
    return invite


def send_invites(*, actor: User, group_id: UUID, people: Sequence[User]) -> int:
    """Invite people one knows: each is told, and one invitation has room for all of them. Returns how many were told; members,
    the banned, and whom the actor invited within a day are not, without a word. Raises Refused where one cannot be reached."""
    if len(people) > PEOPLE_AT_ONCE:
        raise Refused("invalid", _("At most %(count)d people at once.") % {"count": PEOPLE_AT_ONCE})
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.INVITE)
        for person in people:
            check_reach(actor, person, Way.INVITE)
        _check_room(standing)
        outsiders = _outsiders(standing.group, people)
        for _person in outsiders:
            check_limit("invite_sent", actor.pk, limit=PEOPLE_AN_HOUR, seconds=3600)
        wanted = [person for person in outsiders if _is_new(standing, person)]
        if wanted:
            invite = _make(standing, WEEK, len(wanted))
            news = News(Notification.Kind.INVITATION, f"invite:{group_id.hex}:{actor.pk.hex}", source=invite)
            tell(news, [Recipient(person.pk, actor.pk) for person in wanted])
            _note_made(invite)
    return len(wanted)


def revoke_invite(*, actor: Any, group_id: UUID, invite_id: UUID) -> Invite:
    """End an invitation: who made it may, and who manages the group. Twice changes nothing. Raises NotFound or Refused."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id)
        invite = own_or_managed(standing, invite_id)
        if invite.revoked_at is None:
            invite.revoked_at = timezone.now()
            invite.save(update_fields=["revoked_at"])
            audit(actor=key_of(actor), action="group.invite.revoked", place=group_id, target=invite)
    return invite


def redeem_invite(*, person: User, code: str) -> Invite:
    """Let the person in by the invitation; who is in already spends nothing, who comes again by the same one no second use.

    Raises NotFound where there is none that lets anybody in, Refused for guests and for whom the group keeps out.
    """
    check_member(person)
    with transaction.atomic():
        named = living_invite(code)
        group = lock_group(named.group_id) if named else None
        # Read again: until the group was locked somebody else could have used it up, or ended it.
        invite = living_invite(code)
        if group is None or invite is None:
            raise NotFound
        if not Member.objects.filter(group=group, user=person).exists():
            check_limit("group_join", person.pk, limit=JOINS_PER_HOUR, seconds=3600)
            check_may_join_more(person)
            admit_member(group, person, invited_by=invite.creator_id)
            _spend(invite, person)
            welcome(group, person)
        _read_invitations(group, person)
    return invite


def living_invite(code: str) -> Invite | None:
    """The invitation with this code, if it lets anybody in."""
    if not CODE.fullmatch(code):
        return None
    return Invite.objects.living().select_related("group", "creator", "channel").filter(code=code).first()


def end_invites(group: Group, creator: Any) -> int:
    """End what somebody who is put out of the locked group had made. Returns how many ended."""
    return Invite.objects.living().filter(group=group, creator=key_of(creator)).update(revoked_at=timezone.now())


def prune_invites() -> int:
    """Delete what ended long ago, a chunk at a time; who came by it stays a member. Returns how many went."""
    past = timezone.now() - KEPT_AFTER_END
    is_used_up = Q(use_count__gte=F("max_uses"), created_at__lt=past)
    ended = Invite.objects.filter(Q(expires_at__lt=past) | Q(revoked_at__lt=past) | is_used_up)
    total, gone = 0, PRUNE_CHUNK
    while gone == PRUNE_CHUNK:
        keys = list(ended.order_by("pk").values_list("pk", flat=True)[:PRUNE_CHUNK])
        Invite.objects.filter(pk__in=keys).delete()
        gone = len(keys)
        total += gone
    return total


def own_or_managed(standing: Standing, invite_id: UUID) -> Invite:
    """An invitation that the member made, or any where they manage the group. Raises NotFound."""
    found = Invite.objects.select_related("creator", "channel__conversation").filter(pk=invite_id, group=standing.group)
    if not standing.can(Right.MANAGE_GROUP):
        found = found.filter(creator=standing.member.user_id)
    invite = found.first()
    if invite is None:
        raise NotFound
    return invite


def _make(
    standing: Standing, lifetime: timedelta | None, max_uses: int | None, channel: Channel | None = None
) -> Invite:
    """In the locked group, as far as it has room for one more."""
    _check_room(standing)
    return Invite.objects.create(
        group=standing.group,
        code="".join(secrets.choice(ALPHABET) for _letter in range(CODE_LENGTH)),
        creator=standing.member.user,
        channel=channel,
        max_uses=max_uses,
        expires_at=timezone.now() + lifetime if lifetime else None,
    )


def _note_made(invite: Invite) -> None:
    """The last line, as the log of deeds is held from then on."""
    facts: dict[str, Any] = {"expires_at": invite.expires_at, "max_uses": invite.max_uses}
    audit(actor=invite.creator, action="group.invite.created", place=invite.group_id, target=invite, **facts)


def _check_room(standing: Standing) -> None:
    """Raises Refused where the member, or all members together, have as many living invitations as there may be."""
    living = Invite.objects.living().filter(group=standing.group)
    of_one = living.filter(creator=standing.member.user_id)
    if of_one.count() >= INVITES_OF_ONE or living.count() >= INVITES_OF_GROUP:
        raise Refused("forbidden", _("There are too many invitations that still work. Revoke some of them first."))


def _seen_channel(standing: Standing, channel_id: UUID | None) -> Channel | None:
    """The channel to land in: one that the member reads themselves. Raises NotFound."""
    if channel_id is None:
        return None
    channel = Channel.objects.alive().filter(pk=channel_id, group=standing.group).first()
    rows = Membership.objects.active().filter(user=standing.member.user_id)
    if channel is None or not rows.filter(conversation=channel.conversation_id).exists():
        raise NotFound
    return channel


def _outsiders(group: Group, people: Sequence[User]) -> list[User]:
    """Those who are not in the group and may come."""
    keys = [person.pk for person in people]
    known = set(Member.objects.filter(group=group, user__in=keys).values_list("user_id", flat=True))
    known |= set(Ban.objects.filter(group=group, user__in=keys).values_list("user_id", flat=True))
    return [person for person in people if person.pk not in known]


def _is_new(standing: Standing, person: User) -> bool:
    """Has the member not invited the person here today? From now on they have."""
    pair = f"{standing.group.pk}:{standing.member.user_id}:{person.pk}"
    try:
        check_limit("invite_pair", pair, limit=1, seconds=24 * 3600)
    except Refused:
        return False
    return True


def _spend(invite: Invite, person: User) -> None:
    _use, is_first = InviteUse.objects.get_or_create(invite=invite, user=person)
    if is_first:
        Invite.objects.filter(pk=invite.pk).update(use_count=F("use_count") + 1)


def _read_invitations(group: Group, person: User) -> None:
    """Who is in needs not be told of invitations any more."""
    told = Notification.objects.filter(recipient=person, kind=Notification.Kind.INVITATION, read_at=None)
    told = told.filter(source_id__in=Invite.objects.filter(group=group).values("pk"))
    mark_these(recipient=person, notifications=list(told.values_list("pk", flat=True)))
