"""Keeping people out of a forum, and letting them in again. Nobody acts on who stands above them; the person is told why, never by
whom. What a ban takes with it: forums/actions/sweeping.py."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.lines import checked_text
from accounts.models import User
from accounts.permissions import visible_people
from chatter.core.errors import NotFound, Refused
from forums.actions.members import part_member
from forums.actions.moderation import rule_of
from forums.actions.sweeping import begin_sweep
from forums.discussions import sync_discussions
from forums.models import Ban, Comment, Forum, Invitation, JoinRequest, Member, Post
from forums.occasions import notify_ban, notify_ban_lifted
from forums.permissions import Right, Standing, check_above, check_right, member_of, shut_forum_for
from forums.telling import tell_access

REASON_MAX = NOTE_MAX = 500
# None is for good.
SPANS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30), timedelta(days=365), None)
BANS_AT_ONCE = 500


def ban_person(
    *,
    moderator: User,
    forum_id: UUID,
    person_id: UUID,
    reason: str,
    note: str = "",
    lasts: timedelta | None = None,
    rule_id: UUID | None = None,
    sweep: timedelta | None = None,
) -> Ban:
    """Let somebody take no part for as long as `lasts`; a member is one no longer. `note` is for the moderators. What they wrote
    within `sweep` is removed in the background, for the rule. Banned again, the latest word counts. Raises NotFound or Refused."""
    words, private = checked_reason(reason), checked_text(note, NOTE_MAX)
    if lasts not in SPANS:
        raise Refused("invalid")
    with transaction.atomic():
        standing, member = _judged(moderator, forum_id, person_id)
        forum, rule = standing.forum, rule_of(standing.forum, rule_id)
        now = timezone.now()
        until = now + lasts if lasts else None
        fields = {"actor": moderator, "reason": words, "note": private, "until": until, "created_at": now}
        ban, _new = Ban.objects.update_or_create(forum=forum, user_id=person_id, defaults=fields)
        _put_out(forum, person_id, member)
        if sweep is not None:
            begin_sweep(standing, person_id, sweep, rule=rule, reason=words)
        notify_ban(forum, person_id, until=until, reason=words)
        tell_access(forum.pk, person_id)
        audit(
            actor=moderator,
            action="forum.member.banned",
            place=forum_id,
            target=("user", person_id),
            reason=words,
            until=until,
            was_member=member is not None,
            sweep=sweep.total_seconds() if sweep else None,
        )
    return ban


def lift_ban(*, moderator: User, forum_id: UUID, person_id: UUID, reason: str = "") -> None:
    """Let somebody take part again. Raises NotFound where there is no ban."""
    words = checked_text(reason, REASON_MAX)
    with transaction.atomic():
        standing = shut_forum_for(moderator, forum_id)
        check_right(standing, Right.PEOPLE)
        if not Ban.objects.filter(forum=standing.forum, user=person_id).delete()[0]:
            raise NotFound
        notify_ban_lifted(standing.forum, person_id)
        audit(actor=moderator, action="forum.ban.lifted", place=forum_id, target=("user", person_id), reason=words)


def end_bans() -> int:
    """Delete the bans whose time has come; they bind nobody already. Returns how many there were."""
    ended = Ban.objects.filter(until__lte=timezone.now()).order_by("until", "pk")
    return sum(_end_ban(*keys) for keys in ended.values_list("pk", "forum_id")[:BANS_AT_ONCE])


def checked_reason(raw: str) -> str:
    reason = checked_text(raw, REASON_MAX)
    if not reason:
        raise Refused("invalid", _("Say why: the person reads it, and so does whoever reads the log."))
    return reason


def has_been_here(forum: Forum, person_id: UUID) -> bool:
    """Do the forum's moderators know of the person, whoever else does?"""
    return any(
        rows.exists()
        for rows in (
            Member.objects.filter(forum=forum, user=person_id),
            Ban.objects.filter(forum=forum, user=person_id),
            Post.objects.filter(forum=forum, author=person_id),
            Comment.objects.filter(post__forum=forum, author=person_id),
        )
    )


def _judged(moderator: User, forum_id: UUID, person_id: UUID) -> tuple[Standing, Member | None]:
    """Who bans, in the shut forum, and the member row of whom they ban. They ban whom they may see, or who was here."""
    standing = shut_forum_for(moderator, forum_id)
    check_right(standing, Right.PEOPLE)
    if person_id == moderator.pk:
        raise Refused("forbidden", _("You cannot do this to yourself."))
    person = User.objects.filter(pk=person_id, is_guest=False, deleted_at=None).first()
    seen = person is not None and visible_people(moderator).filter(pk=person_id).exists()
    if person is None or not (seen or has_been_here(standing.forum, person_id)):
        raise NotFound
    member = member_of(standing.forum, person_id)
    check_above(standing, member, person_id)
    return standing, member


def _put_out(forum: Forum, person_id: UUID, member: Member | None) -> None:
    if member is not None:
        part_member(forum, member)
    else:
        sync_discussions(forum.pk, [person_id])
    Invitation.objects.filter(forum=forum, user=person_id).delete()
    JoinRequest.objects.filter(forum=forum, user=person_id, state=JoinRequest.State.PENDING).delete()


def _end_ban(key: UUID, forum_id: UUID) -> int:
    """Nobody's deed. Of a forum that is gone meanwhile, or a ban that was changed, nothing is left to do."""
    with transaction.atomic():
        Forum.objects.select_for_update().filter(pk=forum_id).first()
        ban = Ban.objects.filter(pk=key, until__lte=timezone.now()).first()
        if ban is None:
            return 0
        ban.delete()
        audit(actor=None, action="forum.ban.ended", place=forum_id, target=("user", ban.user_id))
    return 1
