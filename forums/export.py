"""What forums have of a person, for their export: what they wrote, voted, chose, saved, follow, and where they are. Nothing that
others said, nor what moderators wrote down about them for each other."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import export
from accounts.export import Archive
from accounts.models import User
from forums.albums import POSTS
from forums.models import (
    Ban,
    Comment,
    CommentVote,
    Draft,
    FeedKey,
    Forum,
    Invitation,
    JoinRequest,
    Member,
    Origin,
    PersonFollow,
    PollOption,
    PollVote,
    Post,
    PostFollow,
    PostImage,
    PostVote,
    Revision,
    Saved,
)
from forums.permissions import Right

CHUNK = 1000

_MARKS = ("held_at", "removed_at", "removal_reason", "edited_at", "deleted_at", "created_at")
POST = ("id", "forum_id", "number", "kind", "title", "content", "url", "is_spoiler", "is_nsfw", "cross_of_id", *_MARKS)
COMMENT = ("id", "number", "content", *_MARKS)
BALLOT = ("forum_slug", "post_number", "choice", "words", "created_at")
WHERE = {"forum_slug": F("post__forum__slug"), "post_number": F("post__number")}


def collect(person: User, archive: Archive) -> None:
    archive.add("forums", _("Forums"), list(_forums(person)))
    archive.add_rows("posts", _("Posts you wrote"), _posts(person))
    archive.add_rows("comments", _("Comments you wrote"), _comments(person))
    archive.report(0.6)
    archive.add_rows("votes", _("Your votes"), _votes(person))
    archive.add("ballots", _("What you chose in polls"), _ballots(person))
    archive.add("post_drafts", _("Drafts of posts"), _drafts(person))
    archive.add("saved_posts", _("Posts you saved"), _of(Saved, person, **WHERE))
    archive.add("following", _("What you follow"), _following(person))
    archive.add("forum_doors", _("Requests, invitations and bans in forums"), _doors(person))
    _add_pictures(person, archive)


def _forums(person: User) -> Iterator[dict[str, Any]]:
    members = Member.objects.filter(user=person).select_related("forum", "flair").order_by("created_at")
    for member in members:
        forum = member.forum
        yield {
            "id": forum.pk,
            "slug": forum.slug,
            "name": forum.name,
            "owner": forum.owner_id == person.pk,
            "rights": [str(right.name).lower() for right in Right(member.permissions)],
            "subscribed": member.is_subscribed,
            "told_of": member.notify,
            "flair": member.flair.name if member.flair else "",
            "joined_at": member.created_at,
            "deletion_due_at": forum.deletion_due_at,
        }


def _posts(person: User) -> Iterator[dict[str, Any]]:
    """With their pictures and the answers one could choose, and what they said before."""
    rows = Post.objects.filter(author=person).values(*POST, forum_slug=F("forum__slug"))
    for page in _pages(rows):
        keys = [row["id"] for row in page]
        images = _by(PostImage.objects.filter(post__in=keys).order_by("position"), "post_id", "key", "alt")
        options = _by(PollOption.objects.filter(poll__in=keys).order_by("position"), "poll_id", "text")
        made_of = _by(Origin.objects.filter(post__in=keys), "post_id", "conversation_id", "numbers")
        before = _before("post_id", keys)
        for row in page:
            more = {"images": images, "options": options, "made_of_messages": made_of, "said_before": before}
            yield row | {name: found.get(row["id"], []) for name, found in more.items()}


def _comments(person: User) -> Iterator[dict[str, Any]]:
    rows = Comment.objects.filter(author=person).values(*COMMENT, **WHERE, answers_number=F("parent__number"))
    for page in _pages(rows):
        before = _before("comment_id", [row["id"] for row in page])
        for row in page:
            yield row | {"said_before": before.get(row["id"], [])}


def _votes(person: User) -> Iterator[dict[str, Any]]:
    """The numbers of what they are on: no words of others."""
    yield from _flat(PostVote.objects.filter(user=person).values("pk", "value", "created_at", **WHERE))
    below = {
        "forum_slug": F("comment__post__forum__slug"),
        "post_number": F("comment__post__number"),
        "comment_number": F("comment__number"),
    }
    yield from _flat(CommentVote.objects.filter(user=person).values("pk", "value", "created_at", **below))


def _ballots(person: User) -> list[dict[str, Any]]:
    """What they chose, by its place; in words where they may read the poll still."""
    mine = Member.objects.filter(forum=OuterRef("forum"), user=person)
    open_posts = Post.objects.filter(pk=OuterRef("poll_id"), deleted_at=None, removed_at=None, held_at=None).filter(
        Q(forum__is_public=True) | Exists(mine)
    )
    rows = PollVote.objects.filter(user=person).annotate(is_open=Exists(open_posts)).order_by("pk")
    found = rows.values_list(
        "poll__post__forum__slug", "poll__post__number", "option__position", "option__text", "created_at", "is_open"
    )
    return [
        dict(zip(BALLOT, (slug, number, choice, words if is_open else "", at), strict=True))
        for slug, number, choice, words, at, is_open in found.iterator()
    ]


def _drafts(person: User) -> list[Any]:
    fields = ("forum__slug", "kind", "title", "content", "url", "options", "created_at", "updated_at")
    return list(Draft.objects.filter(author=person).order_by("created_at").values(*fields))


def _following(person: User) -> dict[str, Any]:
    here = {"user__is_active": True, "user__deleted_at": None}
    people = PersonFollow.objects.filter(follower=person, **here).order_by("pk")
    return {
        "people": list(people.values("created_at", username=F("user__username"))),
        "posts": _of(PostFollow, person, "is_on", **WHERE),
        "feed_key_made_at": FeedKey.objects.filter(user=person).values_list("created_at", flat=True).first(),
    }


def _doors(person: User) -> dict[str, Any]:
    """Why and until when; what a forum is called only where they may know it."""
    return {
        "requests": _of(JoinRequest, person, "forum_id", "text", "state", "decided_at"),
        "invitations": _of(Invitation, person, forum_slug=F("forum__slug"), by=F("inviter__username")),
        "invited": list(
            Invitation.objects.filter(inviter=person).values("forum__slug", "user__username", "created_at")
        ),
        "bans": [_ban(ban, person) for ban in Ban.objects.filter(user=person).select_related("forum").order_by("pk")],
    }


def _ban(ban: Ban, person: User) -> dict[str, Any]:
    knows = ban.forum.is_public or _was_in(ban.forum, person)
    forum = {"forum_id": ban.forum_id, "forum": ban.forum.name if knows else ""}
    return forum | {"reason": ban.reason, "until": ban.until, "created_at": ban.created_at}


def _was_in(forum: Forum, person: User) -> bool:
    return any(
        rows.exists()
        for rows in (
            Member.objects.filter(forum=forum, user=person),
            Post.objects.filter(forum=forum, author=person),
            Comment.objects.filter(post__forum=forum, author=person),
        )
    )


def _add_pictures(person: User, archive: Archive) -> None:
    """The files as they are served, the largest."""
    images = PostImage.objects.filter(post__author=person).order_by("post_id", "position")
    for key in images.values_list("key", flat=True).iterator(CHUNK):
        name = POSTS.name_of(key, POSTS.every_size[-1])
        if default_storage.exists(name):
            with default_storage.open(name) as file:
                archive.add_file(f"files/posts/{key}.webp", _("A picture of a post"), file)


def _of(model: type[Model], person: User, *names: str, **places: Any) -> list[Any]:
    """Rows of a person, the oldest first."""
    rows: QuerySet[Any] = model._default_manager.filter(user=person)  # noqa: SLF001 -- public by documentation
    return list(rows.order_by("created_at").values(*names, "created_at", **places))


def _by(rows: QuerySet[Any], key: str, *names: str) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows.values(key, *names):
        found.setdefault(row.pop(key), []).append(row)
    return found


def _before(key: str, keys: list[UUID]) -> dict[UUID, list[Any]]:
    rows = Revision.objects.filter(**{f"{key}__in": keys}).order_by("created_at")
    return _by(rows, key, "kind", "title", "content", "created_at")


def _pages(rows: QuerySet[Any], key: str = "id") -> Iterator[list[dict[str, Any]]]:
    """By their keys, in order: nobody's rows are held at once, however many they are."""
    last: Any = None
    while page := list((rows.filter(**{f"{key}__gt": last}) if last else rows).order_by(key)[:CHUNK]):
        yield page
        last = page[-1][key]


def _flat(rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    for page in _pages(rows, "pk"):
        for row in page:
            yield {name: row[name] for name in row if name != "pk"}


def register() -> None:
    export.register("forums", collect)
