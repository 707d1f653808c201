"""What the staff of the site does in forums without moderating there, through the administration: take away and give back what was
written in public, or was reported; end and restore a forum; end bans. All else is the forum's own people's."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.actions.reports import close_reports
from accounts.lines import checked_text
from accounts.models import Report, User
from chatter.core.errors import NotFound, Refused
from forums.actions.counted import change_comment, change_post
from forums.actions.ending import is_waiting
from forums.discussions import sync_discussions
from forums.models import Ban, Comment, Forum, Post
from forums.occasions import note_comment, note_gone, note_post, notify_approval, notify_ban_lifted, notify_removal
from forums.telling import tell_access, tell_comment, tell_gone, tell_post

REASON_MAX = 500

_REMOVED = {"removed_for": None, "approved_at": None}
_RESTORED = {"removed_at": None, "removed_by": None, "removed_for": None, "removal_reason": "", "held_at": None}


@transaction.atomic
def take_away(*, actor: User, written: Post | Comment, reason: str) -> None:
    """Take a post or comment out of sight; its author is told why, not by whom. Raises NotFound or Refused."""
    words = checked_text(reason, REASON_MAX)
    row = _locked(actor, written)
    if row.removed_at is not None:
        raise Refused("invalid", _("This was removed already."))
    _write(row, removed_at=timezone.now(), removed_by=actor, removal_reason=words, **_REMOVED)
    note_gone(row)
    notify_removal(row, reason=words)
    _end(actor, row, "removed", Report.State.RESOLVED, words)


@transaction.atomic
def give_back(*, actor: User, written: Post | Comment) -> None:
    """Let a removed or held post or comment be seen. Raises NotFound or Refused."""
    row = _locked(actor, written)
    if row.removed_at is None and row.held_at is None:
        raise Refused("invalid", _("This can be seen already."))
    was_held = row.held_at is not None
    _write(row, approved_at=timezone.now(), **_RESTORED)
    if was_held:
        note_post(row) if isinstance(row, Post) else note_comment(row)
    notify_approval(row)
    _end(actor, row, "restored", Report.State.DISMISSED)


@transaction.atomic
def close_forum(*, actor: User, forum: Forum) -> None:
    """Have the forum deleted after its time of grace. Until then its owner, or the staff, can take it back."""
    _check_staff(actor, "forums.delete_forum")
    due = timezone.now() + timedelta(days=settings.CHATTER_FORUM_DELETION_DAYS)
    # After everybody who is just writing there.
    locked = Forum.objects.select_for_update().get(pk=forum.pk)
    if locked.deletion_due_at is not None:
        raise Refused("invalid", _("This forum is to be deleted already."))
    _set_due(locked, due)
    audit(actor=actor, action="forum.deletion.requested", place=forum.pk, target=locked, due=due, by_staff=True)


@transaction.atomic
def reopen_forum(*, actor: User, forum: Forum) -> None:
    """Take the deletion back, in time."""
    _check_staff(actor, "forums.delete_forum")
    locked = _lock_forum(forum.pk)
    if not is_waiting(locked):
        raise Refused("invalid", _("There is no deletion that could be taken back."))
    _set_due(locked, None)
    audit(actor=actor, action="forum.deletion.withdrawn", place=forum.pk, target=locked, by_staff=True)


@transaction.atomic
def forgive_ban(*, actor: User, ban: Ban) -> None:
    """Let somebody take part again, and tell them. Raises NotFound where there is no ban any more."""
    _check_staff(actor, "forums.delete_ban")
    forum = _lock_forum(ban.forum_id)
    if not Ban.objects.filter(pk=ban.pk).delete()[0]:
        raise NotFound
    notify_ban_lifted(forum, ban.user_id)
    audit(actor=actor, action="forum.ban.lifted", place=forum.pk, target=("user", ban.user_id), by_staff=True)


def _locked(actor: User, written: Post | Comment) -> Any:
    """The post or comment as it is now, with what is counted of it: locked in the order that everybody locks in."""
    post_id = written.pk if isinstance(written, Post) else written.post_id
    kind = "post" if isinstance(written, Post) else "comment"
    _check_staff(actor, f"forums.change_{kind}")
    forum = _lock_forum(Post.objects.values_list("forum_id", flat=True).get(pk=post_id))
    post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
    post.forum = forum
    row: Post | Comment = post
    if isinstance(written, Comment):
        if written.parent_id:
            Comment.objects.select_for_update(no_key=True).get(pk=written.parent_id)
        row = Comment.objects.select_for_update(no_key=True).get(pk=written.pk)
        row.post = post
    if row.deleted_at is not None:
        raise Refused("invalid", _("Who wrote this has deleted it already."))
    return row


def _write(row: Post | Comment, **fields: Any) -> None:
    if isinstance(row, Post):
        pin = {"pinned_at": None} if fields["removed_at"] else {}
        change_post(row, **fields, **pin)
    else:
        change_comment(row, **fields)


def _end(actor: User, row: Any, deed: str, state: str, reason: str = "") -> None:
    """What open pages hear, what those hear who reported it, and what is written down."""
    is_post = isinstance(row, Post)
    forum, number = (row.forum_id, row.number) if is_post else (row.post.forum_id, row.post.number)
    if is_post:
        tell_post(row.pk, forum)
    else:
        tell_comment(row, "deleted" if deed == "removed" else "edited")
    tell_gone(forum)
    facts = {"number": number} if is_post else {"number": number, "comment": row.number}
    facts |= {"reports": close_reports(moderator=actor, target=row, state=state), "by_staff": True}
    kind = "post" if is_post else "comment"
    audit(
        actor=actor,
        action=f"forum.{kind}.{deed}",
        place=forum,
        target=row,
        reason=reason,
        author=row.author_id,
        **facts,
    )


def _lock_forum(key: UUID) -> Forum:
    return Forum.objects.select_for_update(no_key=True).get(pk=key)


def _set_due(forum: Forum, due: Any) -> None:
    forum.deletion_due_at = due
    forum.save(update_fields=["deletion_due_at", "updated_at"])
    tell_access(forum.pk)
    sync_discussions(forum.pk)


def _check_staff(actor: User, right: str) -> None:
    if not (actor.is_staff and actor.has_perm(right)):
        raise Refused("forbidden")
