"""What waits for the moderators of a forum: reported and held posts and comments in one list, a page at a time; and what they removed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import Truncator

from accounts.models import Report
from chatter.core.database import prepared_cursor
from forums.addresses import post_url
from forums.models import Comment, Forum, Post

PER_PAGE = 25
# Of each thing so many reports are told in their own words.
TOLD = 5
CONTEXT = 200

_OPEN = """
reported as materialized (
  select target_type_id = %(post)s as is_post, target_id, count(*) as many, max(created_at) as at from accounts_report
   where place = %(forum)s and state in ('pending', 'reviewing') and target_type_id in (%(post)s, %(comment)s) group by 1, 2),
wanted as (
  select true as is_post, id from forums_post
   where forum_id = %(forum)s and held_at is not null and deleted_at is null and removed_at is null
  union select false, c.id from forums_comment c join forums_post p on p.id = c.post_id
   where p.forum_id = %(forum)s and c.held_at is not null and c.deleted_at is null and c.removed_at is null
  union select is_post, target_id from reported),
items as (
  select w.is_post, w.id, coalesce(r.many, 0) as many, coalesce(p.held_at, c.held_at) is not null as is_held,
         greatest(r.at, p.held_at, c.held_at) as at
    from wanted w
    left join forums_post p on w.is_post and p.id = w.id
    left join forums_comment c on not w.is_post and c.id = w.id
    left join reported r on r.target_id = w.id
   where coalesce(p.id, c.id) is not null
     and coalesce(p.deleted_at, c.deleted_at) is null and coalesce(p.removed_at, c.removed_at) is null)"""
_REMOVED = """
items as (
  select true as is_post, id, 0 as many, held_at is not null as is_held, removed_at as at from forums_post
   where forum_id = %(forum)s and removed_at is not null and deleted_at is null
  union all
  select false, c.id, 0, c.held_at is not null, c.removed_at from forums_comment c join forums_post p on p.id = c.post_id
   where p.forum_id = %(forum)s and c.removed_at is not null and c.deleted_at is null)"""
_PAGE = """
with {items}
select is_post, id, many, at from items
 where (%(kind)s = '' or is_post = (%(kind)s = 'post')) and {filter}
   and (%(at)s::timestamptz is null or {after})
 order by {order} limit %(limit)s
"""
_FILTERS = {"waiting": "true", "removed": "true", "reported": "many > 0", "held": "is_held"}
_ORDERS = {
    "new": ("at desc, id desc", "(at, id) < (%(at)s, %(id)s)"),
    "old": ("at, id", "(at, id) > (%(at)s, %(id)s)"),
    "reports": ("many desc, at desc, id desc", "(many, at, id) < (%(many)s, %(at)s, %(id)s)"),
}
SHOWN, ORDERS = tuple(_FILTERS), tuple(_ORDERS)


class Asked(NamedTuple):
    """`show` is one of SHOWN, `kind` "post", "comment" or "" for both, `order` one of ORDERS; `after` is the last of the page before:
    how often reported, when, id."""

    show: str = "waiting"
    kind: str = ""
    order: str = "new"
    after: tuple[int, datetime, UUID] | None = None


@dataclass(frozen=True)
class Item:
    """A thing in its context: under which post and which comment. `reasons` say why it was reported, how often each; `told` what
    some wrote besides. Who reported nobody is told."""

    written: Post | Comment
    post: Post
    at: datetime
    report_count: int
    above: str = ""
    reasons: list[tuple[str, int]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return kind_of(self.written)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.written.pk}"

    @property
    def url(self) -> str:
        if isinstance(self.written, Comment):
            return reverse("comment", args=[self.post.forum.slug, self.post.number, self.written.number])
        return post_url(self.post.forum.slug, self.post.number, self.post.title)

    @property
    def tools(self) -> str:
        return tools_url(self.post.forum.slug, self.post.number, self._comment)

    @property
    def remove_url(self) -> str:
        return tools_url(self.post.forum.slug, self.post.number, self._comment, deed="remove")

    @property
    def _comment(self) -> int | None:
        return self.written.number if isinstance(self.written, Comment) else None


def kind_of(written: Post | Comment) -> str:
    return "post" if isinstance(written, Post) else "comment"


def tools_url(slug: str, post: int, comment: int | None = None, *, deed: str = "moderate") -> str:
    """Where moderators decide about a post, or a comment of it."""
    if comment is None:
        return reverse(f"post_{deed}", args=[slug, post])
    return reverse(f"comment_{deed}", args=[slug, post, comment])


def waiting_count(forum: Forum) -> int:
    """How many things wait (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(f"with {_OPEN} select count(*) from items", _named(forum))  # noqa: S608 -- constants
        return int(cursor.fetchone()[0])


def queue_page(forum: Forum, asked: Asked, limit: int = PER_PAGE) -> tuple[list[Item], tuple[Any, ...] | None]:
    """A page, and what the next one is after (None: this is the last); five queries, however long it is."""
    rows = _rows(forum, asked, limit + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return _items(forum, shown), (last[2], last[3], last[1]) if last else None


def item_of(forum: Forum, written: Post | Comment) -> Item:
    """One thing, with what is open about it (four queries)."""
    key, is_post = written.pk, isinstance(written, Post)
    return _items(forum, [(is_post, key, 0, written.removed_at or written.held_at or written.created_at)])[0]


def _items(forum: Forum, rows: Sequence[tuple[bool, UUID, int, datetime]]) -> list[Item]:
    posts, comments = _written(forum, rows)
    reasons, told = _reports([key for _is_post, key, _many, _at in rows])
    items = []
    for is_post, key, _many, at in rows:
        written = posts.get(key) if is_post else comments.get(key)
        if written is not None:
            post, why = (written if isinstance(written, Post) else written.post), sorted_reasons(reasons[key])
            items.append(Item(written, post, at, sum(reasons[key].values()), _above(written), why, told[key]))
    return items


def _rows(forum: Forum, asked: Asked, limit: int) -> list[tuple[bool, UUID, int, datetime]]:
    order, after = _ORDERS[asked.order]
    many, at, key = asked.after or (None, None, None)
    query = _PAGE.format(
        items=_REMOVED if asked.show == "removed" else _OPEN, filter=_FILTERS[asked.show], order=order, after=after
    )
    with prepared_cursor() as cursor:
        cursor.execute(query, _named(forum) | {"kind": asked.kind, "many": many, "at": at, "id": key, "limit": limit})
        rows: list[tuple[bool, UUID, int, datetime]] = cursor.fetchall()
        return rows


def _named(forum: Forum) -> dict[str, Any]:
    types = ContentType.objects.get_for_models(Post, Comment)
    return {"forum": forum.pk, "post": types[Post].pk, "comment": types[Comment].pk}


def _written(
    forum: Forum, rows: Iterable[tuple[bool, UUID, int, datetime]]
) -> tuple[dict[UUID, Post], dict[UUID, Comment]]:
    keys: dict[bool, list[UUID]] = {True: [], False: []}
    for is_post, key, _many, _at in rows:
        keys[is_post].append(key)
    people = ("author", "removed_by", "removed_for")
    posts = Post.objects.select_related(*people, "flair").defer("search").filter(pk__in=keys[True])
    comments = Comment.objects.select_related(*people, "post", "parent").filter(pk__in=keys[False])
    comments = comments.defer("search", "post__search", "parent__search")
    found = (posts.in_bulk() if keys[True] else {}, comments.in_bulk() if keys[False] else {})
    for post in [*found[0].values(), *(comment.post for comment in found[1].values())]:
        post.forum = forum
    return found


def _reports(keys: Sequence[UUID]) -> tuple[dict[UUID, dict[str, int]], dict[UUID, list[str]]]:
    """Why each was reported, how often; and what the latest wrote besides."""
    reasons: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    told: dict[UUID, list[str]] = defaultdict(list)
    found = Report.objects.filter(target_id__in=keys, state__in=("pending", "reviewing")) if keys else ()
    for report in found.order_by("-created_at") if keys else ():  # type: ignore[union-attr]
        reasons[report.target_id][report.rule or str(report.get_reason_display())] += 1
        if report.details and len(told[report.target_id]) < TOLD:
            told[report.target_id].append(report.details)
    return reasons, told


def sorted_reasons(reasons: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))


def _above(written: Post | Comment) -> str:
    """The first words of what a comment answers, but for the post."""
    if isinstance(written, Post) or written.parent is None:
        return ""
    return Truncator(strip_tags(written.parent.html).strip()).chars(CONTEXT)
