"""Comments outside of their trees: those of a person, and those that search finds."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from accounts.models.user import avatar_url, hue_of, initials_of
from chatter.core.addresses import address
from chatter.core.database import prepared_cursor
from forums.reading import keyset
from forums.reading.keyset import Cursor
from forums.reading.lists import LISTED, PAGE, READABLE

SAID_COLUMNS = """
c.id, c.number, c.content, c.score, c.created_at, p.number, p.title, p.is_spoiler or p.is_nsfw or f.is_nsfw,
f.slug, f.name, f.scores_hidden_minutes, u.id, u.username, u.display_name, u.avatar, u.deleted_at is not null
"""
SHOWN = "c.deleted_at is null and c.removed_at is null and c.held_at is null"
_BY = f"""
select {SAID_COLUMNS} from forums_comment c
  join forums_post p on p.id = c.post_id and {LISTED}
  join forums_forum f on f.id = p.forum_id and {READABLE}
  join accounts_user u on u.id = c.author_id
 where c.author_id = %(author)s and {SHOWN} and c.id < %(id)s order by c.id desc limit {PAGE + 1}
"""  # noqa: S608 -- pieces of this package


class Said(NamedTuple):
    """A comment with where it stands and who wrote it."""

    id: UUID
    number: int
    content: str
    true_score: int
    created_at: datetime
    post_number: int
    post_title: str
    is_veiled: bool
    forum_slug: str
    forum_name: str
    scores_hidden_minutes: int
    author_id: UUID
    author_username: str
    author_display_name: str
    author_avatar: str
    author_is_deleted: bool

    @property
    def address(self) -> str:
        return address("comment", self.forum_slug, self.post_number, self.number)

    @property
    def score(self) -> int | None:
        """None while the forum hides it (as forums.reading.scores)."""
        hidden = timedelta(minutes=self.scores_hidden_minutes)
        return None if hidden and timezone.now() < self.created_at + hidden else self.true_score

    # As the avatar tag asks for a person.
    @property
    def name(self) -> str:
        return self.author_display_name or self.author_username

    @property
    def hue(self) -> int:
        return hue_of(self.author_id)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def avatar_url(self) -> str:
        return avatar_url(self.author_avatar, 128) if self.author_avatar else ""


class Talk(NamedTuple):
    """Comments, and where the next page begins."""

    comments: list[Said]
    after: Cursor | None


def comments_by(author: User, person: User | None, after: Cursor | None) -> Talk:
    """What a person said, the last first, as far as the reader may see it (one query)."""
    reader = None if person is None or person.is_guest else person.pk
    with prepared_cursor() as cursor:
        cursor.execute(_BY, {"author": author.pk, "reader": reader, "id": after.id if after else keyset.START})
        return talk_of([Said(*row) for row in cursor.fetchall()])


def talk_of(found: list[Said]) -> Talk:
    """A page of what was found with one more than fits."""
    more = len(found) > PAGE
    return Talk(found[:PAGE], Cursor(0.0, found[PAGE - 1].id) if more else None)
