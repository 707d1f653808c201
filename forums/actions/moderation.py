"""What moderators decide about posts and comments: removed or approved, with a reason of the forum's rules. Authors are told why,
never by whom; who reported it hears how it ended. Nobody removes what somebody above them wrote."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.actions.reports import close_reports
from accounts.lines import checked_text
from accounts.models import Report, User
from chatter.core.errors import NotFound, Refused
from forums.actions.counted import change_comment, change_post
from forums.models import Comment, Forum, Post, Rule
from forums.occasions import note_comment, note_gone, note_post, notify_approval, notify_removal
from forums.permissions import (
    Right,
    Standing,
    check_above,
    check_right,
    held_forum_for,
    locked_forum_for,
    member_of,
    seen_posts,
)
from forums.telling import tell_comment, tell_gone, tell_post

REASON_MAX = 500


def remove_post(*, moderator: User, post_id: UUID, rule_id: UUID | None = None, reason: str = "") -> Post:
    """Take a post out of sight: its page stays as a tombstone with the comments. Raises NotFound or Refused."""
    words = checked_text(reason, REASON_MAX)
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        rule = _judge_removal(standing, post, rule_id, words)
        change_post(post, **_removal(moderator, rule, words), pinned_at=None)
        tell_post(post.pk, post.forum_id)
        tell_gone(post.forum_id)
        _end_removal(standing, post, rule, words, number=post.number)
    return post


def remove_comment(*, moderator: User, comment_id: UUID, rule_id: UUID | None = None, reason: str = "") -> Comment:
    """As `remove_post`: what answers the comment stays."""
    words = checked_text(reason, REASON_MAX)
    with transaction.atomic():
        standing, comment = judged_comment(moderator, comment_id)
        rule = _judge_removal(standing, comment, rule_id, words)
        change_comment(comment, **_removal(moderator, rule, words))
        tell_comment(comment, "deleted")
        _end_removal(standing, comment, rule, words, number=comment.post.number, comment=comment.number)
    return comment


def approve_post(*, moderator: User, post_id: UUID) -> Post:
    """It may stand: what was held or removed is listed, what was reported about it is dismissed. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        was_held, deed = _judge_approval(standing, post)
        change_post(post, **_approval())
        if was_held:
            note_post(post)
        tell_post(post.pk, post.forum_id)
        _end_approval(standing, post, deed, is_news=was_held or deed == "restored", number=post.number)
    return post


def approve_comment(*, moderator: User, comment_id: UUID) -> Comment:
    """As `approve_post`."""
    with transaction.atomic():
        standing, comment = judged_comment(moderator, comment_id)
        was_held, deed = _judge_approval(standing, comment)
        change_comment(comment, **_approval())
        if was_held:
            note_comment(comment)
        tell_comment(comment, "created" if was_held else "edited")
        is_news = was_held or deed == "restored"
        facts = {"number": comment.post.number, "comment": comment.number}
        _end_approval(standing, comment, deed, is_news=is_news, **facts)
    return comment


def judged_post(moderator: User, post_id: UUID) -> tuple[Standing, Post]:
    """A moderator, and a post of the locked forum, locked. Raises NotFound where they may not see it, Refused to who does not
    moderate posts."""
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = locked_forum_for(moderator, forum_id)
    post = seen_posts(standing).select_for_update(no_key=True, of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    check_right(standing, Right.POSTS)
    post.forum = standing.forum
    return standing, post


def judged_comment(moderator: User, comment_id: UUID) -> tuple[Standing, Comment]:
    """As `judged_post`; the post and what the comment answers are locked before it."""
    found = Comment.objects.filter(pk=comment_id).values_list("post__forum_id", "post_id", "parent_id").first()
    if found is None:
        raise NotFound
    forum_id, post_id, parent_id = found
    standing = held_forum_for(moderator, forum_id)
    post = seen_posts(standing).select_for_update(no_key=True, of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    if parent_id:
        Comment.objects.select_for_update(no_key=True).get(pk=parent_id)
    comment = Comment.objects.select_for_update(no_key=True).get(pk=comment_id)
    if comment.held_at and comment.author_id != moderator.pk and not standing.can(Right.POSTS):
        raise NotFound
    check_right(standing, Right.POSTS)
    post.forum = standing.forum
    comment.post = post
    return standing, comment


def check_removable(standing: Standing, author_id: UUID) -> None:
    """Raises Refused where a person of their rank may not take away what the author wrote. One's own one may."""
    if standing.person is None or author_id != standing.person.pk:
        check_above(standing, member_of(standing.forum, author_id), author_id)


def rule_of(forum: Forum, rule_id: UUID | None) -> Rule | None:
    """Raises Refused where the forum has no such rule."""
    rule = Rule.objects.filter(forum=forum, pk=rule_id).first() if rule_id else None
    if rule_id and rule is None:
        raise Refused("invalid", _("The forum has no such rule (any more)."))
    return rule


def _judge_removal(standing: Standing, written: Post | Comment, rule_id: UUID | None, reason: str) -> Rule | None:
    if written.deleted_at is not None:
        raise Refused("invalid", _("Who wrote this has deleted it already."))
    if written.removed_at is not None:
        raise Refused("invalid", _("This was removed already."))
    check_removable(standing, written.author_id)
    rule = rule_of(standing.forum, rule_id)
    if rule is None and not reason:
        raise Refused("invalid", _("Choose a rule, or say why: who wrote it reads it."))
    return rule


def _removal(moderator: User, rule: Rule | None, reason: str) -> dict[str, Any]:
    return {
        "removed_at": timezone.now(),
        "removed_by": moderator,
        "removed_for": rule,
        "removal_reason": reason,
        "approved_at": None,
    }


def _end_removal(standing: Standing, written: Post | Comment, rule: Rule | None, reason: str, **facts: int) -> None:
    note_gone(written)
    if standing.person is not None and written.author_id != standing.person.pk:
        notify_removal(written, rule=rule.title if rule else "", reason=reason)
    facts |= {"reports": _close(standing, written, Report.State.RESOLVED)}
    named = {"rule": rule.title} if rule else {}
    _write_down(standing, written, "removed", reason, **facts, **named)


def _judge_approval(standing: Standing, written: Post | Comment) -> tuple[bool, str]:
    """Whether it had been held, and what the deed is called."""
    if written.deleted_at is not None:
        raise Refused("invalid", _("Who wrote this has deleted it already."))
    is_own = standing.person is not None and written.author_id == standing.person.pk
    if is_own and not standing.is_owner:
        raise Refused("forbidden", _("Somebody else has to decide about what you wrote."))
    if written.removed_at is not None:
        _check_restores(standing, written)
        return written.held_at is not None, "restored"
    return written.held_at is not None, "approved"


def _check_restores(standing: Standing, written: Post | Comment) -> None:
    """Nobody gives back what somebody above them took away: the owner, or the site's staff, who do not moderate here."""
    remover = written.removed_by
    if remover is None:
        return
    if remover.pk == standing.forum.owner_id:
        if not standing.is_owner:
            raise Refused("forbidden", _("The owner of the forum removed this; they alone restore it."))
        return
    member = member_of(standing.forum, remover)
    if remover.is_staff and not (member and member.permissions & Right.POSTS):
        raise Refused("forbidden")


def _approval() -> dict[str, Any]:
    return {
        "held_at": None,
        "removed_at": None,
        "removed_by": None,
        "removed_for": None,
        "removal_reason": "",
        "approved_at": timezone.now(),
    }


def _end_approval(standing: Standing, written: Post | Comment, deed: str, *, is_news: bool, **facts: int) -> None:
    """`is_news`: nobody saw it until now. That something was reported its author does not learn."""
    if is_news:
        notify_approval(written)
    reports = _close(standing, written, Report.State.DISMISSED)
    _write_down(standing, written, deed, "", reports=reports, **facts)


def _close(standing: Standing, written: Post | Comment, state: str) -> int:
    if standing.person is None:
        return 0
    return close_reports(moderator=standing.person, target=written, state=state)


def _write_down(standing: Standing, written: Post | Comment, deed: str, reason: str, **facts: Any) -> None:
    """Titles and texts are people's: the log reads them when it is shown."""
    kind = "post" if isinstance(written, Post) else "comment"
    audit(
        actor=standing.person,
        action=f"forum.{kind}.{deed}",
        place=standing.forum.pk,
        target=written,
        reason=reason,
        author=written.author_id,
        **facts,
    )
