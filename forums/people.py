"""A person as the moderators of a forum know them: what they wrote there, what was removed, notes, bans."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.audit import Asked, entries_of
from accounts.log import LogLine
from accounts.models import User
from accounts.permissions import visible_people
from chatter.core.errors import NotFound
from forums.actions.bans import has_been_here
from forums.log import log_lines
from forums.models import Ban, Comment, Flair, Member, Note, Post, Sweep
from forums.permissions import Right, Standing
from forums.queue import Item

SHOWN = 20
NOTES_SHOWN = 50
HISTORY = 10
# More are not counted: the page says "at least".
COUNTED = 1000


@dataclass(frozen=True)
class Record:
    """`written` is the latest of both kinds, `removed` of it what moderators took away."""

    person: User
    member: Member | None
    ban: Ban | None
    flairs: list[Flair]
    written: list[Item]
    removed: list[Item]
    post_count: int
    comment_count: int
    removed_count: int
    notes: list[Note]
    history: list[LogLine]
    sweep: Sweep | None


def person_here(standing: Standing, username: str) -> User:
    """Somebody whom the moderator may see, or who is or was here. Raises NotFound."""
    if "\0" in username or len(username) > 60:
        raise NotFound
    person = User.objects.filter(username__iexact=username, is_guest=False, deleted_at=None).first()
    if person is None or standing.person is None:
        raise NotFound
    if not visible_people(standing.person).filter(pk=person.pk).exists() and not has_been_here(
        standing.forum, person.pk
    ):
        raise NotFound
    return person


def record_of(standing: Standing, person: User, *, with_notes: bool) -> Record:
    """Notes and history only for who looks after people, and not of oneself."""
    forum = standing.forum
    posts = Post.objects.filter(forum=forum, author=person)
    comments = Comment.objects.filter(post__forum=forum, author=person)
    gone = Q(removed_at__isnull=False)
    sees_all = standing.can(Right.POSTS)
    return Record(
        person=person,
        member=Member.objects.filter(forum=forum, user=person).select_related("flair").first(),
        ban=Ban.objects.filter(forum=forum, user=person).select_related("actor").first(),
        flairs=list(Flair.objects.filter(forum=forum, kind=Flair.Kind.MEMBER).order_by("position", "pk")),
        written=_latest(standing, posts.exclude(gone), comments.exclude(gone)) if sees_all else [],
        removed=_latest(standing, posts.filter(gone), comments.filter(gone)) if sees_all else [],
        post_count=posts[:COUNTED].count(),
        comment_count=comments[:COUNTED].count(),
        removed_count=posts.filter(gone)[:COUNTED].count() + comments.filter(gone)[:COUNTED].count(),
        notes=_notes(standing, person.pk) if with_notes else [],
        history=_history(standing, person.pk) if with_notes else [],
        sweep=Sweep.objects.filter(forum=forum, user=person).order_by("-created_at").first(),
    )


def _latest(standing: Standing, posts: Any, comments: Any) -> list[Item]:
    """The newest of both, newest first."""
    related = ("author", "removed_for", "removed_by")
    found: list[Item] = []
    for post in posts.filter(deleted_at=None).select_related(*related).defer("search").order_by("-pk")[:SHOWN]:
        post.forum = standing.forum
        found.append(Item(post, post, post.removed_at or post.created_at, 0))
    rows = comments.filter(deleted_at=None).select_related(*related, "post").defer("search", "post__search")
    for comment in rows.order_by("-pk")[:SHOWN]:
        comment.post.forum = standing.forum
        found.append(Item(comment, comment.post, comment.removed_at or comment.created_at, 0))
    return sorted(found, key=lambda item: item.at, reverse=True)[:SHOWN]


def _notes(standing: Standing, person_id: UUID) -> list[Note]:
    notes = Note.objects.filter(forum=standing.forum, user=person_id).select_related("author")
    return list(notes.order_by("-created_at", "-pk")[:NOTES_SHOWN])


def _history(standing: Standing, person_id: UUID) -> list[LogLine]:
    return log_lines(standing, entries_of(Asked(place=standing.forum.pk, target=person_id), HISTORY))
