"""Whom what happened in forums concerns: people who may read it, as far as blocks, circles, mute and what they follow allow.

Noted by forums/occasions.py, spread by the worker. A person is told of one thing once: that it names them, else that it answers
them, else that it stands where they follow.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.actions.notifications import withdraw_here
from accounts.actions.telling import News, Recipient, tell
from accounts.models import Notification, Occasion
from accounts.occasions import CHUNK, register
from chatter.core.database import prepared_cursor
from forums.models import Comment, Post

Kind = Notification.Kind

_NAMES = re.compile(r'<a class="mention" data-username="([^"]+)"')

# What is held while its people are told: it cannot be taken back meanwhile, and who takes it back finds what was written.
_OPEN = "p.deleted_at is null and p.removed_at is null and p.held_at is null and f.deletion_due_at is null"
_COMMENT = f"""
select c.html, c.author_id, c.number, c.created_at, p.id, p.forum_id, f.is_public, coalesce(above.author_id, p.author_id), above.id
  from forums_comment c
  join forums_post p on p.id = c.post_id
  join forums_forum f on f.id = p.forum_id
  left join forums_comment above on above.id = c.parent_id
 where c.id = %s and c.deleted_at is null and c.removed_at is null and c.held_at is null and {_OPEN}
   for share of c
"""  # noqa: S608 -- a rule
_POST = f"""
select p.html, p.author_id, p.number, p.created_at, p.id, p.forum_id, f.is_public, null, null
  from forums_post p join forums_forum f on f.id = p.forum_id
 where p.id = %s and {_OPEN}
   for share of p
"""  # noqa: S608 -- a rule
# Whom it names: who muted the post or the forum sees it on the page only.
_NAMED = """
select u.id, coalesce(m.notify = 'muted', false) or coalesce(not w.is_on, false)
  from accounts_user u
  left join forums_member m on m.forum_id = %(forum)s and m.user_id = u.id
  left join forums_postfollow w on w.post_id = %(post)s and w.user_id = u.id
 where upper(u.username) = any(%(names)s) and u.id <> %(author)s and not u.is_guest and (%(is_public)s or m.id is not null)
   and accounts_reach(%(author)s, u.id, 'mention') = 'yes'
 order by u.id
"""
_ANSWERED = """
select u.id
  from accounts_user u
  left join forums_member m on m.forum_id = %(forum)s and m.user_id = u.id
  left join forums_postfollow w on w.post_id = %(post)s and w.user_id = u.id
 where u.id = %(answered)s and u.id <> %(author)s and u.id <> all(%(told)s::uuid[]) and (%(is_public)s or m.id is not null)
   and m.notify is distinct from 'muted' and w.is_on is distinct from false
"""
_FOLLOWERS = """
select w.user_id
  from forums_postfollow w
  left join forums_member m on m.forum_id = %(forum)s and m.user_id = w.user_id
 where w.post_id = %(post)s and w.is_on and w.user_id <> %(author)s and w.user_id <> all(%(told)s::uuid[])
   and (%(is_public)s or m.id is not null) and m.notify is distinct from 'muted'
   and (%(cursor)s::uuid is null or w.user_id > %(cursor)s)
 order by w.user_id limit %(limit)s
"""
# Who follows the author, and who wants every post of the forum: both come once.
_POSTED = """
select user_id, bool_or(by_person) from (
  (select w.follower_id as user_id, true as by_person
     from forums_personfollow w left join forums_member m on m.forum_id = %(forum)s and m.user_id = w.follower_id
    where w.user_id = %(author)s and (%(is_public)s or m.id is not null) and m.notify is distinct from 'muted'
      and (%(cursor)s::uuid is null or w.follower_id > %(cursor)s)
    order by w.follower_id limit %(limit)s)
  union all
  (select m.user_id, false from forums_member m
    where m.forum_id = %(forum)s and m.notify = 'posts' and m.user_id <> %(author)s
      and (%(cursor)s::uuid is null or m.user_id > %(cursor)s)
    order by m.user_id limit %(limit)s)) who
 where user_id <> all(%(told)s::uuid[])
 group by user_id order by user_id limit %(limit)s
"""


class Said(NamedTuple):
    """A post or comment that everybody who reads its forum may read. `number` counts in the forum, or in the post."""

    html: str
    author: UUID
    number: int
    created_at: datetime
    post: UUID
    forum: UUID
    is_public: bool
    answered: UUID | None
    above: UUID | None


def names_in(html: str) -> list[str]:
    """Who is mentioned in it, as they were called then (lower-case)."""
    return _NAMES.findall(html)


def spread_comment(occasion: Occasion) -> UUID | None:
    """A new comment: whom it names, whom it answers, and a chunk of those who follow the post."""
    said = _said(_COMMENT, occasion)
    if said is None:
        return None
    named = _named(said, names_in(said.html))
    told = [person for person, _muted in named]
    answered = [row[0] for row in _rows(_ANSWERED, _asked(said, told, occasion))]
    followers = [row[0] for row in _rows(_FOLLOWERS, _asked(said, told + answered, occasion))]
    if occasion.cursor is None:
        _tell_named(occasion, said, Comment, named)
        _tell(occasion, said, Kind.FORUM_REPLY, f"forum_reply:{said.above or said.post}", answered)
    _tell(occasion, said, Kind.FORUM_FOLLOW, f"forum_follow:{said.post}", followers)
    return followers[-1] if len(followers) == CHUNK else None


def spread_post(occasion: Occasion) -> UUID | None:
    """A new post: whom it names, and a chunk of those who follow its author or its forum."""
    said = _said(_POST, occasion)
    if said is None:
        return None
    named = _named(said, names_in(said.html))
    if occasion.cursor is None:
        _tell_named(occasion, said, Post, named)
    rows = _rows(_POSTED, _asked(said, [person for person, _muted in named], occasion))
    source = (Post, said.post)
    ms = int(said.created_at.timestamp() * 1000)
    for place, position, people in (
        (said.author, ms, [person for person, by_person in rows if by_person]),
        (said.forum, said.number, [person for person, by_person in rows if not by_person]),
    ):
        key, payload = f"forum_follow:{place}", {"since": position}
        news = News(Kind.FORUM_FOLLOW, key, source=source, place=place, within=said.forum, payload=payload)
        tell(news, [Recipient(person, said.author, position) for person in people])
    return rows[-1][0] if len(rows) == CHUNK else None


def spread_edit(occasion: Occasion) -> UUID | None:
    """It was changed: who is named only now."""
    model, sql = (Post, _POST) if occasion.source_id == occasion.place else (Comment, _COMMENT)
    said = _said(sql, occasion)
    if said is not None:
        before = set(names_in(occasion.detail["before"]))
        _tell_named(occasion, said, model, _named(said, [name for name in names_in(said.html) if name not in before]))
    return None


def spread_gone(occasion: Occasion) -> UUID | None:
    """It is not to be seen any more: what is unread of it goes, a chunk at a time. Of several things, what is left is shown."""
    assert occasion.place is not None
    is_post = occasion.source_id == occasion.place
    places = [occasion.place, *_where_posted(occasion.place)] if is_post else [occasion.place]
    gone: list[UUID] = []
    for place in places:
        source = None if is_post and place == occasion.place else occasion.source_id
        gone += withdraw_here(place=place, source=source, limit=CHUNK)
    return gone[-1] if len(gone) >= CHUNK else None


def register_all() -> None:
    register("forums.comment", spread_comment)
    register("forums.post", spread_post)
    register("forums.edit", spread_edit)
    register("forums.gone", spread_gone)


def _said(sql: str, occasion: Occasion) -> Said | None:
    rows = _rows(sql, [occasion.source_id])
    return Said(*rows[0]) if rows else None


def _named(said: Said, names: Sequence[str]) -> list[tuple[UUID, bool]]:
    if not names:
        return []
    asked = {"names": [name.upper() for name in names], "forum": said.forum, "post": said.post}
    return [(row[0], row[1]) for row in _rows(_NAMED, asked | {"author": said.author, "is_public": said.is_public})]


def _asked(said: Said, told: list[UUID], occasion: Occasion) -> dict[str, Any]:
    return {
        "forum": said.forum,
        "post": said.post,
        "author": said.author,
        "answered": said.answered,
        "is_public": said.is_public,
        "told": told,
        "cursor": occasion.cursor,
        "limit": CHUNK,
    }


def _tell_named(occasion: Occasion, said: Said, model: type[Post | Comment], named: list[tuple[UUID, bool]]) -> None:
    source, number = (model, occasion.source_id), occasion.position
    news = News(Kind.MENTION, f"mention:{occasion.source_id}", source=source, place=said.post, within=said.forum)
    tell(news, [Recipient(person, said.author, number, muted=muted) for person, muted in named])


def _tell(occasion: Occasion, said: Said, kind: str, key: str, people: list[UUID]) -> None:
    """Of a comment, beside what is unread there already: how many there are is counted when it is shown."""
    source, payload = (Comment, occasion.source_id), {"since": said.number}
    news = News(kind, key, source=source, place=said.post, within=said.forum, payload=payload)
    tell(news, [Recipient(person, said.author, said.number) for person in people])


def _where_posted(post: UUID) -> list[UUID]:
    """Where else people are told of a post: at its author, at its forum."""
    rows = _rows("select author_id, forum_id from forums_post where id = %s", [post])
    return list(rows[0]) if rows else []


def _rows(sql: str, parameters: Any) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
