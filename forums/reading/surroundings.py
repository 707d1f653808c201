"""What stands around every page of forums: the reader's own forums at the side, what a forum is beside it."""

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import orjson
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.models.user import avatar_url, hue_of, initials_of
from chatter.core.database import prepared_cursor
from forums.models import Forum

MINE_MAX = 200
MODERATORS_SHOWN = 12
# Names and pictures of moderators change without the forum's row: they are this old at most.
ABOUT_SECONDS = 60

_MINE = f"""
select f.id, f.slug, f.name, f.icon, f.is_public, m.permissions > 0 or f.owner_id = m.user_id
  from forums_member m join forums_forum f on f.id = m.forum_id and f.deletion_due_at is null
 where m.user_id = %s and (m.is_subscribed or m.permissions > 0 or f.owner_id = m.user_id)
 order by lower(f.name), f.id limit {MINE_MAX}
"""  # noqa: S608 -- a number
_ABOUT = """
select coalesce((select jsonb_agg(jsonb_build_array(r.title, r.text) order by r.position, r.id)
                   from forums_rule r where r.forum_id = %(forum)s), '[]'),
       coalesce((select jsonb_agg(jsonb_build_array(l.id, l.name, l.hue) order by l.position, l.id)
                   from forums_flair l where l.forum_id = %(forum)s and l.kind = 'post'), '[]'),
       coalesce((select jsonb_agg(p.line order by p.owns desc, p.since)
                   from (select jsonb_build_array(u.id, u.username, coalesce(nullif(u.display_name, ''), u.username), u.avatar,
                                                  m.user_id = %(owner)s) line, m.user_id = %(owner)s owns, m.created_at since
                           from forums_member m join accounts_user u on u.id = m.user_id and u.deleted_at is null
                          where m.forum_id = %(forum)s and (m.permissions > 0 or m.user_id = %(owner)s)
                          order by owns desc, m.created_at limit %(limit)s) p), '[]')
"""


class MyForum(NamedTuple):
    """A forum of the side bar."""

    pk: UUID
    slug: str
    name: str
    icon: str
    is_public: bool
    is_kept: bool
    """Does the reader own it or moderate in it?"""

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    def icon_url(self, size: int) -> str:
        return reverse("forum_icon", args=[self.icon, size]) if self.icon else ""


class AboutRule(NamedTuple):
    title: str
    text: str


class AboutFlair(NamedTuple):
    pk: UUID
    name: str
    hue: int


class AboutPerson(NamedTuple):
    """Somebody who looks after the forum, as the avatar tag and a link want them."""

    pk: UUID
    username: str
    name: str
    avatar_url: str
    is_owner: bool

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)


class About(NamedTuple):
    """What everybody who may read a forum sees of it beside its posts."""

    rules: tuple[AboutRule, ...]
    flairs: tuple[AboutFlair, ...]
    people: tuple[AboutPerson, ...]


def my_forums(person: User) -> list[MyForum]:
    """The forums that a person subscribes to or looks after, by name (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_MINE, [person.pk])
        return [MyForum(*row) for row in cursor.fetchall()]


def about(forum: Forum) -> About:
    """Rules, flairs of posts and who looks after it. Whoever changes one of them touches the forum's `updated_at`, so that what
    is remembered here is never older than that; the caller has judged that the reader may read the forum."""
    return _about(
        forum.pk, forum.owner_id, forum.updated_at.timestamp(), int(timezone.now().timestamp()) // ABOUT_SECONDS
    )


@lru_cache(maxsize=2048)
def _about(forum: UUID, owner: UUID, _changed: float, _minute: int) -> About:
    with prepared_cursor() as cursor:
        cursor.execute(_ABOUT, {"forum": forum, "owner": owner, "limit": MODERATORS_SHOWN})
        # Some connections give JSON as text.
        rules, flairs, people = (orjson.loads(each) if isinstance(each, str) else each for each in cursor.fetchone())
    return About(
        tuple(AboutRule(*line) for line in rules),
        tuple(AboutFlair(UUID(key), name, hue) for key, name, hue in flairs),
        tuple(_person(*line) for line in people),
    )


def _person(key: str, username: str, name: str, avatar: str, is_owner: bool) -> AboutPerson:
    return AboutPerson(UUID(key), username, name, avatar_url(avatar, 128) if avatar else "", is_owner)
