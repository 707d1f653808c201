"""A forum changes hands, or ends: deletion waits CHATTER_FORUM_DELETION_DAYS, in which nobody sees the forum and its owner can take
it back. What becomes of it afterwards is in `forums.tasks`."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.models import Block, User
from accounts.names import likeness
from chatter.core.errors import NotFound, Refused
from forums.actions.forum import check_may_own_more
from forums.discussions import sync_discussions
from forums.models import Forum, Member
from forums.occasions import notify_owner
from forums.permissions import ALL, check_owner, member_of, shut_forum_for
from forums.telling import tell_access


def transfer_forum(*, actor: User, forum_id: UUID, person_id: UUID, name: str) -> None:
    """Hand the forum to another member; `name` is what the owner typed to confirm it. They stay, as a moderator who may all."""
    with transaction.atomic():
        standing = shut_forum_for(actor, forum_id)
        check_owner(standing)
        check_name(standing.forum, name)
        heir = member_of(standing.forum, person_id)
        if heir is None or heir.user_id == actor.pk:
            raise NotFound
        _check_heir(actor, User.objects.select_for_update(no_key=True).get(pk=person_id))
        crown(standing.forum, heir)
        Member.objects.filter(forum=forum_id, user=actor).update(permissions=int(ALL))
        sync_discussions(forum_id, [actor.pk])
        audit(actor=actor, action="forum.transferred", place=forum_id, target=heir, before=actor.pk, after=heir.user_id)


def crown(forum: Forum, heir: Member) -> None:
    """Let the member own the shut forum, and tell them."""
    forum.owner_id = heir.user_id
    forum.save(update_fields=["owner", "updated_at"])
    sync_discussions(forum.pk, [heir.user_id])
    notify_owner(forum, heir.user_id)


def request_forum_deletion(*, actor: User, forum_id: UUID, name: str) -> datetime:
    """Close the forum to everybody and have it deleted at the moment returned. `name` is what the owner typed."""
    due = timezone.now() + timedelta(days=settings.CHATTER_FORUM_DELETION_DAYS)
    with transaction.atomic():
        standing = shut_forum_for(actor, forum_id)
        check_owner(standing)
        check_name(standing.forum, name)
        _set_due(standing.forum, due)
        audit(actor=actor, action="forum.deletion.requested", place=forum_id, target=standing.forum, due=due)
    return due


def restore_forum(*, actor: User, forum_id: UUID) -> Forum:
    """Take the deletion back, in time. Raises NotFound for all but the owner."""
    with transaction.atomic():
        forum = Forum.objects.select_for_update(no_key=True).filter(pk=forum_id, owner=actor).first()
        if forum is None or not is_waiting(forum):
            raise NotFound
        _set_due(forum, None)
        audit(actor=actor, action="forum.deletion.withdrawn", place=forum_id, target=forum)
    return forum


def is_waiting(forum: Forum) -> bool:
    """Is it to be deleted, and can it still be taken back?"""
    return forum.deletion_due_at is not None and forum.deletion_due_at > timezone.now()


def check_name(forum: Forum, typed: str) -> None:
    """Raises Refused unless `typed` is the forum's name."""
    if likeness(typed) != likeness(forum.name):
        raise Refused("invalid", _("This is not the name of the forum."))


def _check_heir(actor: User, heir: User) -> None:
    """Whoever blocks the owner, cannot log in or owns too many already does not get a forum."""
    is_here = heir.is_active and not heir.is_suspended and not heir.is_guest and heir.deleted_at is None
    if not is_here or Block.objects.filter(blocker=heir, blocked=actor).exists():
        raise Refused("forbidden", _("This member cannot own the forum."))
    check_may_own_more(heir)


def _set_due(forum: Forum, due: datetime | None) -> None:
    forum.deletion_due_at = due
    forum.save(update_fields=["deletion_due_at", "updated_at"])
    tell_access(forum.pk)
    sync_discussions(forum.pk)
