"""Full-text search in a forum or in all that a reader may read: the newest first. What was removed, deleted or waits is not found.

The words decide the plan: of rare ones all are looked up, of common ones the newest are walked. So these statements are planned each
time with the words in them, and end when they take too long.
"""

from typing import Any, NamedTuple
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import QueryCanceled

from accounts.models import User
from chatter.core.errors import Refused
from forums.addresses import post_url
from forums.models import Forum
from forums.reading import keyset
from forums.reading.cards import Card
from forums.reading.highlight import Wanted
from forums.reading.keyset import Cursor
from forums.reading.lists import LISTED, PAGE, READABLE, cards_by_id
from forums.reading.said import SAID_COLUMNS, SHOWN, Said, Talk, talk_of

LONGEST_MS = 3_000
TITLES_MAX = 10

_POSTS = f"""
select p.id, p.content from forums_post p join forums_forum f on f.id = p.forum_id and {{place}}
 where p.search @@ to_tsquery('simple', %(query)s) and {LISTED} and p.id < %(id)s
 order by p.id desc limit {PAGE + 1}
"""  # noqa: S608 -- pieces of this package
_TITLES = f"""
select p.number, p.title, f.slug, f.name from forums_post p join forums_forum f on f.id = p.forum_id and {{place}}
 where p.search @@ to_tsquery('simple', %(titles)s) and {LISTED} and p.id < %(id)s
 order by p.id desc limit {TITLES_MAX}
"""  # noqa: S608 -- pieces of this package
_COMMENTS = f"""
select {SAID_COLUMNS} from forums_comment c
  join forums_post p on p.id = c.post_id and {LISTED}
  join forums_forum f on f.id = p.forum_id and {{place}}
  join accounts_user u on u.id = c.author_id
 where c.search @@ to_tsquery('simple', %(query)s) and {SHOWN} and c.id < %(id)s
 order by c.id desc limit {PAGE + 1}
"""  # noqa: S608 -- pieces of this package


class FoundTitle(NamedTuple):
    """A post by its title."""

    number: int
    title: str
    forum_slug: str
    forum_name: str

    @property
    def address(self) -> str:
        return post_url(self.forum_slug, self.number, self.title)


class Found(NamedTuple):
    """Posts with their texts, and where the next page begins."""

    posts: list[tuple[Card, str]]
    after: Cursor | None


def find_posts(person: User | None, words: Wanted, after: Cursor | None, forum: Forum | None = None) -> Found:
    """Posts that hold the words, of one forum that the caller has judged, or of all that the reader may read (two queries)."""
    rows = _rows(_POSTS, person, words, after, forum)
    cards = cards_by_id(person, [row[0] for row in rows[:PAGE]])
    posts = [(cards[key], content) for key, content in rows[:PAGE] if key in cards]
    return Found(posts, Cursor(0.0, rows[PAGE - 1][0]) if len(rows) > PAGE else None)


def find_titles(person: User, words: Wanted) -> list[FoundTitle]:
    """The newest posts whose titles hold the words, over all forums (one query)."""
    return [FoundTitle(*row) for row in _rows(_TITLES, person, words, None, None)]


def find_comments(person: User | None, words: Wanted, after: Cursor | None, forum: Forum | None = None) -> Talk:
    """Comments that hold the words (one query)."""
    return talk_of([Said(*row) for row in _rows(_COMMENTS, person, words, after, forum)])


def _rows(
    sql: str, person: User | None, words: Wanted, after: Cursor | None, forum: Forum | None
) -> list[tuple[Any, ...]]:
    """Raises Refused where the words take too long."""
    reader: UUID | None = None if person is None or person.is_guest else person.pk
    place = "f.id = %(forum)s" if forum else READABLE + (" and not f.is_nsfw" if reader is None else "")
    parameters: dict[str, str | UUID | None] = {
        "query": words.query,
        "titles": words.titles,
        "id": after.id if after else keyset.START,
        "reader": reader,
        "forum": forum.pk if forum else None,
    }
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local statement_timeout = {LONGEST_MS}")
            cursor.execute(sql.format(place=place), parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise Refused("invalid", _("These words are too common: add another one.")) from error
        raise
