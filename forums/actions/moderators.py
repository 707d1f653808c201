"""Who looks after a forum: appointed by the owner, or by moderators who may, with rights that they have themselves."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.models import Block, User
from chatter.core.errors import NotFound, Refused
from forums.actions.ordered import touch
from forums.discussions import sync_discussions
from forums.models import Forum, Member
from forums.occasions import notify_moderator
from forums.permissions import (
    ALL,
    Right,
    Standing,
    check_above,
    check_right,
    check_takes_part,
    member_of,
    shut_forum_for,
)

MODERATORS_MAX = 50


def appoint_moderator(*, actor: User, forum_id: UUID, person_id: UUID, permissions: int) -> Member:
    """Let a member look after the forum with these rights. Raises NotFound or Refused."""
    if not permissions & ALL:
        raise Refused("invalid", _("Choose at least one right."))
    with transaction.atomic():
        standing, member = _touched(actor, forum_id, person_id)
        _check_may_be(standing, member)
        return _set(standing, actor, member, permissions)


def change_moderator(*, actor: User, forum_id: UUID, person_id: UUID, grant: int = 0, withdraw: int = 0) -> Member:
    """Give and take bits; bits that are neither granted nor withdrawn stay as somebody else may just have set them. Without any
    left they are a member like others. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, member = _touched(actor, forum_id, person_id)
        if not member.permissions:
            raise NotFound
        return _set(standing, actor, member, (member.permissions | grant) & ~withdraw)


def resign(*, person: User, forum_id: UUID) -> None:
    """Give one's own rights back, and stay a member. Raises NotFound where one has none."""
    with transaction.atomic():
        standing = shut_forum_for(person, forum_id)
        member = standing.member
        if member is None or not member.permissions:
            raise NotFound
        Member.objects.filter(pk=member.pk).update(permissions=0)
        sync_discussions(forum_id, [person.pk])
        touch(standing.forum)
        audit(actor=person, action="forum.moderator.resigned", place=forum_id, target=member)


def moderators_of(forum: Forum) -> list[Member]:
    """With their people: the owner first, then those who have moderated longest."""
    rows = Member.objects.filter(forum=forum, permissions__gt=0) | Member.objects.filter(
        forum=forum, user=forum.owner_id
    )
    found = rows.select_related("user").order_by("created_at", "pk")
    return sorted(found, key=lambda member: member.user_id != forum.owner_id)


def _touched(actor: User, forum_id: UUID, person_id: UUID) -> tuple[Standing, Member]:
    """The forum, shut, and a member whom the actor may give rights and take them from."""
    standing = shut_forum_for(actor, forum_id)
    check_takes_part(standing)
    check_right(standing, Right.MODERATORS)
    member = member_of(standing.forum, person_id)
    if member is None:
        raise NotFound
    if member.user_id == actor.pk:
        raise Refused("forbidden", _("Nobody changes their own rights; you can give them back."))
    check_above(standing, member, member.user_id)
    return standing, member


def _check_may_be(standing: Standing, member: Member) -> None:
    person = User.objects.get(pk=member.user_id)
    is_here = person.is_active and not person.is_suspended and person.deleted_at is None
    if not is_here or Block.objects.between(standing.forum.owner_id, person.pk).exists():
        raise Refused("forbidden", _("This member cannot look after the forum."))
    if Member.objects.filter(forum=standing.forum, permissions__gt=0).count() >= MODERATORS_MAX:
        raise Refused("forbidden", _("There can be at most %(count)d moderators.") % {"count": MODERATORS_MAX})


def _set(standing: Standing, actor: User, member: Member, permissions: int) -> Member:
    """Nobody gives or takes what they may not do themselves."""
    before, after = member.permissions, permissions & int(ALL)
    if (before ^ after) & ~int(standing.rights):
        raise Refused("forbidden", _("You can only give and take rights that you have yourself."))
    if before == after:
        return member
    member.permissions = after
    member.save(update_fields=["permissions"])
    sync_discussions(standing.forum.pk, [member.user_id])
    touch(standing.forum)
    if not before or not after:
        notify_moderator(member, standing.forum)
    action = "appointed" if not before else "changed" if after else "removed"
    place = standing.forum.pk
    audit(actor=actor, action=f"forum.moderator.{action}", place=place, target=member, before=before, after=after)
    return member
