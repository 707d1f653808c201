"""Site maps (sitemaps.org) of public forums and their posts. A forum's posts are cut by their numbers: each part is one walk along an
index, however many there are."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from chatter.core.errors import NotFound
from forums.addresses import post_url
from forums.models import Forum, Post
from forums.models.post import LISTED
from forums.permissions import visible_forums
from forums.web.heads import absolute

# One file may hold 50,000 addresses; smaller ones are quicker to make.
PART = 5000
PARTS_MAX = 50_000

type Entry = tuple[str, datetime | None]


def parts() -> Iterator[Entry]:
    """Addresses of all site maps: the forums, then the posts of each by their numbers."""
    yield absolute(reverse("sitemap_forums")), None
    left = PARTS_MAX
    for forum in _indexed().exclude(post_count=0).only("pk", "last_number").order_by("pk")[:PARTS_MAX]:
        for part in range((forum.last_number + PART - 1) // PART):
            left -= 1
            if left <= 0:
                return
            yield absolute(reverse("sitemap_posts", args=[forum.pk, part])), None


def forums() -> Iterator[Entry]:
    """The directory, and the largest forums."""
    yield absolute(reverse("forum_directory")), None
    for slug in _indexed().order_by("-member_count", "pk").values_list("slug", flat=True)[:PART]:
        yield absolute(reverse("forum", args=[slug])), None


def posts(forum_id: UUID, part: int) -> Iterator[Entry]:
    """Posts of a forum whose numbers lie in that part. Raises NotFound for a forum that is not for everybody."""
    forum = _indexed().filter(pk=forum_id).first()
    if forum is None or part * PART > forum.last_number:
        raise NotFound
    rows = Post.objects.filter(
        LISTED, forum=forum, is_nsfw=False, number__gt=part * PART, number__lte=(part + 1) * PART
    )
    columns = rows.order_by("number").values_list("number", "title", "created_at", "edited_at")
    for number, title, created_at, edited_at in columns:
        yield absolute(post_url(forum.slug, number, title)), edited_at or created_at


def _indexed() -> QuerySet[Forum]:
    return visible_forums(None).filter(is_nsfw=False)
