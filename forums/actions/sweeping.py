"""Removing what a banned person wrote in a forum: in the background, one thing at a time, so that nobody who writes waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.actions.audit import audit
from accounts.actions.reports import close_reports
from accounts.background import background
from accounts.models import Report
from chatter.core.errors import Refused
from forums.actions.counted import change_comment, change_post
from forums.models import Comment, Forum, Post, Rule, Sweep
from forums.occasions import note_gone
from forums.permissions import Standing
from forums.telling import tell_comment, tell_gone, tell_post

# How far back; EVER is all of it.
EVER = timedelta(days=36500)
SPANS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), timedelta(days=30), EVER)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
FOUND_AT_ONCE = 1000


def begin_sweep(standing: Standing, person_id: UUID, span: timedelta, *, rule: Rule | None, reason: str) -> Sweep:
    """Have all removed that the person wrote within `span`; in the transaction of the ban."""
    if span not in SPANS:
        raise Refused("invalid")
    since = BEGINNING if span == EVER else timezone.now() - span
    sweep = Sweep.objects.create(
        forum=standing.forum, user_id=person_id, actor=standing.person, since=since, rule=rule, reason=reason
    )
    sweep_written.enqueue(str(sweep.pk))
    return sweep


@background()
def sweep_written(key: str) -> None:
    """Go on with a sweep, or begin it. What is removed already is not found again, so it may run twice."""
    sweep = Sweep.objects.select_related("forum").filter(pk=key, finished_at=None).first()
    if sweep is None:
        return
    posts, comments = _left(sweep)
    Sweep.objects.filter(pk=sweep.pk).update(found_count=F("done_count") + posts.count() + comments.count())
    for post_id in _keys(posts):
        _remove_post(sweep, post_id)
    for comment_id in _keys(comments):
        _remove_comment(sweep, comment_id)
    _finish(sweep)


def _left(sweep: Sweep) -> tuple[QuerySet[Post], QuerySet[Comment]]:
    there = {"author": sweep.user_id, "removed_at": None, "deleted_at": None, "created_at__gte": sweep.since}
    # What is written after the ban they do not write.
    there["created_at__lte"] = sweep.created_at
    return Post.objects.filter(forum=sweep.forum, **there), Comment.objects.filter(post__forum=sweep.forum, **there)


def _keys(rows: QuerySet[Any]) -> Iterator[UUID]:
    """Few at a time, each once; the next are asked for when these are done."""
    last = UUID(int=0)
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:FOUND_AT_ONCE]):
        yield from keys
        last = keys[-1]


def _remove_post(sweep: Sweep, post_id: UUID) -> None:
    with transaction.atomic():
        Forum.objects.select_for_update(no_key=True).filter(pk=sweep.forum_id).first()
        post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
        if post.removed_at is None and post.deleted_at is None:
            change_post(post, **_removal(sweep), pinned_at=None)
            tell_post(post.pk, post.forum_id)
            tell_gone(post.forum_id)
            _count(sweep, post)


def _remove_comment(sweep: Sweep, comment_id: UUID) -> None:
    post_id, parent_id = Comment.objects.values_list("post_id", "parent_id").get(pk=comment_id)
    with transaction.atomic():
        post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
        if parent_id:
            Comment.objects.select_for_update(no_key=True).get(pk=parent_id)
        comment = Comment.objects.select_for_update(no_key=True).get(pk=comment_id)
        comment.post = post
        if comment.removed_at is None and comment.deleted_at is None:
            change_comment(comment, **_removal(sweep))
            tell_comment(comment, "deleted")
            _count(sweep, comment)


def _removal(sweep: Sweep) -> dict[str, Any]:
    return {
        "removed_at": timezone.now(),
        "removed_by_id": sweep.actor_id,
        "removed_for_id": sweep.rule_id,
        "removal_reason": sweep.reason,
        "approved_at": None,
    }


def _count(sweep: Sweep, written: Post | Comment) -> None:
    note_gone(written)
    if sweep.actor is not None:
        close_reports(moderator=sweep.actor, target=written, state=Report.State.RESOLVED)
    Sweep.objects.filter(pk=sweep.pk).update(done_count=F("done_count") + 1)


def _finish(sweep: Sweep) -> None:
    with transaction.atomic():
        if not Sweep.objects.filter(pk=sweep.pk, finished_at=None).update(finished_at=timezone.now()):
            return
        sweep.refresh_from_db()
        audit(
            actor=sweep.actor_id,
            action="forum.person.swept",
            place=sweep.forum_id,
            target=("user", sweep.user_id),
            since=sweep.since if sweep.since > BEGINNING else None,
            removed=sweep.done_count,
        )
