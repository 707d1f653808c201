"""Many comments under a post, written straight into the database: what a busy forum holds after years."""

from django.db import connection

from accounts.models import User
from forums.models import Post

_WRITE = """
insert into forums_comment (id, post_id, number, parent_id, depth, author_id, content, html, up_count, down_count, score, best, reply_count)
select md5(%(post)s || i)::uuid, %(post)s, i,
       case when i >= %(fan)s then md5(%(post)s || i / %(fan)s)::uuid end,
       case when i >= %(fan)s then floor(ln(i) / ln(%(fan)s) + 1e-9) else 0 end,
       (%(authors)s::uuid[])[1 + i %% cardinality(%(authors)s)], 'Said', '<p dir="auto">Said ' || i || '</p>',
       i %% 50, 0, i %% 50, (i %% 50) / 50.0,
       greatest(0, least(i * %(fan)s + %(fan)s - 1, %(count)s) - i * %(fan)s + 1)
  from generate_series(1, %(count)s) i
"""
_CHAIN = """
insert into forums_comment (id, post_id, number, parent_id, depth, author_id, content, html, up_count, score, reply_count)
select md5(%(post)s || i)::uuid, %(post)s, i, case when i > 1 then md5(%(post)s || i - 1)::uuid end, i - 1,
       %(author)s, 'Said', '<p dir="auto">Said ' || i || '</p>', 1, 1, case when i < %(count)s then 1 else 0 end
  from generate_series(1, %(count)s) i
"""


def fill(post: Post, count: int, authors: list[User], *, fan: int) -> None:
    """`count` comments of which each has `fan` answers, as far as they go (1 … fan-1 answer the post); a fan above `count`: all
    answer the post."""
    with connection.cursor() as cursor:
        keys = [person.pk for person in authors]
        cursor.execute(_WRITE, {"post": str(post.pk), "count": count, "fan": fan, "authors": keys})
    _counted(post, count)


def chain(post: Post, count: int, author: User) -> None:
    """`count` comments, each of which answers the one before."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, {"post": str(post.pk), "count": count, "author": author.pk})
    _counted(post, count)


def _counted(post: Post, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("analyze forums_comment")
    Post.objects.filter(pk=post.pk).update(last_comment_number=count, comment_count=count)
    post.refresh_from_db()
