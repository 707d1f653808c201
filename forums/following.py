"""What a person follows: of one post, one person; and the lists of all of it. Reads only."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Block, User
from forums.models import Member, PersonFollow, PostFollow

PAGE = 50


class Page[M: (PersonFollow, PostFollow)](NamedTuple):
    """Some of what is followed, the newest first, and where the next page begins (0 at the end)."""

    rows: Sequence[M]
    next: int


def follows_person(follower: User, person: User) -> bool:
    return PersonFollow.objects.filter(follower=follower, user=person).exists()


def follow_of(reader: User | None, post: Any) -> bool | None:
    """What the reader said of the post: True, they follow it; False, they want to hear nothing of it; None, neither."""
    if reader is None:
        return None
    return PostFollow.objects.filter(post=post, user=reader).values_list("is_on", flat=True).first()


def followed_people(person: User, after: int = 0) -> Page[PersonFollow]:
    """Whom the person follows and may see (one query)."""
    parted = Block.objects.filter(
        Q(blocker=person, blocked=OuterRef("user")) | Q(blocker=OuterRef("user"), blocked=person)
    )
    rows = PersonFollow.objects.filter(follower=person, user__is_active=True, user__deleted_at=None)
    return _page(rows.exclude(Exists(parted)).select_related("user"), after)


def followed_posts(person: User, after: int = 0) -> Page[PostFollow]:
    """Which posts the person follows and may read (one query)."""
    mine = Member.objects.filter(forum=OuterRef("post__forum"), user=person)
    readable = Q(post__forum__is_public=True) | Exists(mine)
    rows = PostFollow.objects.filter(
        readable, user=person, is_on=True, post__deleted_at=None, post__removed_at=None, post__held_at=None,
        post__forum__deletion_due_at=None,
    )  # fmt: skip
    return _page(rows.select_related("post__forum"), after)


def _page[M: (PersonFollow, PostFollow)](rows: QuerySet[M], after: int) -> Page[M]:
    if after:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return Page(found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else 0)
