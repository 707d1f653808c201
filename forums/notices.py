"""What notifications about forums show. Each is read with the reader's rights when it is shown: of what is private, held, removed,
deleted or across a block nothing is left, and of several things those that may still be read are counted.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import FormerName, Notification, User
from accounts.notices import Place, Words, register, register_places
from chat.rendering import PREVIEW_LENGTH, preview_of
from chatter.core.database import prepared_cursor
from forums.addresses import post_url
from forums.models import Comment, Invitation, Member, Post
from forums.permissions import valid_invitations
from forums.spreads import names_in

Kind = Notification.Kind
Rows = Sequence[Notification]

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
# Of what came since somebody looked, so many are counted.
COUNTED = 1000

_PERSON = "s.id, s.username, s.display_name, s.avatar, s.deleted_at"
_OPEN = "p.deleted_at is null and p.removed_at is null and p.held_at is null and f.deletion_due_at is null"
_READS = "(f.is_public or exists (select from forums_member m where m.forum_id = f.id and m.user_id = %(reader)s))"
_SHOWN = "c.deleted_at is null and c.removed_at is null and c.held_at is null"
_NOT_BLOCKED = """not exists (select from accounts_block b
         where (b.blocker_id, b.blocked_id) in ((%(reader)s, {person}), ({person}, %(reader)s)))"""
_ASKED = """unnest(%(ids)s::uuid[], %(places)s::uuid[], %(sinces)s::bigint[], %(positions)s::bigint[], %(above)s::uuid[])
    asked(id, place, since, position, above)"""
# The newest comment of those a notification stands for (all of the post, or what answers `above`: itself, the post), and how many.
_COMMENTS = f"""
select asked.id, f.slug, f.name, p.number, p.title, news.count, news.number, news.content, news.html, {_PERSON}
  from {_ASKED}
  join forums_post p on p.id = asked.place
  join forums_forum f on f.id = p.forum_id and {_OPEN} and {_READS}
 cross join lateral (
   select c.number, c.content, c.html, c.author_id, count(*) over () as count
     from forums_comment c
    where c.post_id = p.id and c.number between greatest(asked.since, asked.position - {COUNTED - 1}) and asked.position
      and (asked.above is null or coalesce(c.parent_id, c.post_id) = asked.above)
      and c.author_id <> %(reader)s and {_SHOWN} and {_NOT_BLOCKED.format(person="c.author_id")}
    order by c.number desc limit 1) news
  join accounts_user s on s.id = news.author_id
"""  # noqa: S608 -- names of columns, and rules
# The newest post of those a notification stands for (numbers of the forum, or times of its author), and how many there are.
_POSTS = f"""
select asked.id, news.slug, news.name, news.number, news.title, news.count, 0, news.content, news.html, {_PERSON}
  from {_ASKED}
 cross join lateral (
   select f.slug, f.name, p.number, p.title, case when p.is_spoiler then '' else p.content end as content, p.html, p.author_id,
          count(*) over () as count
     from forums_post p join forums_forum f on f.id = p.forum_id
    where {{which}}
      and p.author_id <> %(reader)s and {_OPEN} and {_READS} and {_NOT_BLOCKED.format(person="p.author_id")}
    order by p.id desc limit 1) news
  join accounts_user s on s.id = news.author_id
"""  # noqa: S608 -- names of columns, and rules
_OF_FORUM = _POSTS.format(
    which=f"p.forum_id = asked.place and p.number between greatest(asked.since, asked.position - {COUNTED - 1})"
    " and asked.position"
)
_OF_PERSON = _POSTS.format(
    which="p.author_id = asked.place and p.created_at >= to_timestamp(asked.since / 1000.0)"
    " and p.created_at < to_timestamp((asked.position + 1) / 1000.0)"
)
_OF_ITSELF = _POSTS.format(which="p.id = asked.place")
_OWN = """
select f.id, f.name, f.slug, m.notify
  from forums_member m join forums_forum f on f.id = m.forum_id and f.deletion_due_at is null
 where m.user_id = %(reader)s
 order by f.name, f.id limit 500
"""


class Shown(NamedTuple):
    """What a notification of the reader stands for, as far as they may read it: the newest, and how many there are."""

    slug: str
    forum: str
    post: int
    title: str
    many: int
    number: int
    content: str
    html: str
    person: User

    @property
    def url(self) -> str:
        """The comment, or the post itself."""
        if self.number:
            return reverse("comment", args=[self.slug, self.post, self.number])
        return post_url(self.slug, self.post, self.title)

    @property
    def names(self) -> dict[str, Any]:
        return {"name": self.person.name, "title": self.title, "forum": self.forum, "count": self.many}

    @property
    def excerpt(self) -> str:
        """One line of what it says. Not cut before it is read where cutting could part the bars of a spoiler."""
        line = preview_of(self.content if "||" in self.content else self.content[:400])
        return f"{line.rstrip()}…" if len(line) == PREVIEW_LENGTH else line

    @property
    def said(self) -> str:
        """The excerpt, and whose it is, where the title names nobody."""
        return _("%(name)s: %(words)s") % {"name": self.person.name, "words": self.excerpt}


def show_mentions(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """What names the reader, still: one may have been called otherwise then."""
    in_posts = [row for row in rows if row.source_id == row.place]
    found = _found(_COMMENTS, reader, [row for row in rows if row.source_id != row.place])
    found |= _found(_OF_ITSELF, reader, in_posts)
    mine = _names_of(reader) if found else frozenset()
    return {
        key: Words(_("%(name)s mentioned you in “%(title)s”") % it.names, it.url, it.excerpt, it.person)
        for key, it in found.items()
        if not mine.isdisjoint(names_in(it.html))
    }


def show_replies(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """What was written under a post or a comment of the reader."""
    above = {row.pk: UUID(row.group_key.partition(":")[2]) for row in rows}
    posts = {row.pk for row in rows if above[row.pk] == row.place}
    found = _found(_COMMENTS, reader, rows, above)
    return {key: _reply_words(it, on_post=key in posts) for key, it in found.items()}


def show_comments(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """What is new under posts the reader follows."""
    return {key: _comment_words(it) for key, it in _found(_COMMENTS, reader, rows).items()}


def show_posts(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """New posts of people and of forums the reader follows (one query each)."""
    of_people = [row for row in rows if row.place == row.actor_id]
    of_forums = [row for row in rows if row.place != row.actor_id]
    words = {key: _person_words(it) for key, it in _found(_OF_PERSON, reader, of_people).items()}
    return words | {key: _forum_words(it) for key, it in _found(_OF_FORUM, reader, of_forums).items()}


def show_invitations(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """Invitations into forums, while they stand and no block parts the two."""
    found = (
        valid_invitations()
        .filter(pk__in=[row.source_id for row in rows], user=reader, inviter__deleted_at=None)
        .exclude(inviter__blocks_made__blocked=reader)
    )
    standing = found.exclude(inviter__blocks_received__blocker=reader).select_related("forum", "inviter").in_bulk()
    return {row.pk: _invitation_words(standing[row.source_id]) for row in rows if row.source_id in standing}


def places_of(person: UUID) -> list[Place]:
    """The person's forums, and whether they are muted."""
    return [
        Place(key, name, FOREVER if notify == Member.Notify.MUTED else None, f"/f/{slug}/", f"/f/{slug}/follow/")
        for key, name, slug, notify in _ask(_OWN, reader=person)
    ]


def register_all() -> None:
    for source in (Post, Comment):
        register(Kind.MENTION, show_mentions, source=source)
    register(Kind.FORUM_REPLY, show_replies)
    register(Kind.FORUM_FOLLOW, show_posts, source=Post)
    register(Kind.FORUM_FOLLOW, show_comments, source=Comment)
    register(Kind.INVITATION, show_invitations, source=Invitation)
    register_places(places_of)


def _reply_words(it: Shown, *, on_post: bool) -> Words:
    if it.many == 1:
        one = _("%(name)s commented on your post “%(title)s”") if on_post else _("%(name)s answered you in “%(title)s”")
        return Words(one % it.names, it.url, it.excerpt, it.person)
    if on_post:
        many = ngettext(
            "%(count)d new comment on your post “%(title)s”",
            "%(count)d new comments on your post “%(title)s”",
            it.many,
        )
    else:
        many = ngettext(
            "%(count)d new answer to you in “%(title)s”", "%(count)d new answers to you in “%(title)s”", it.many
        )
    return Words(many % it.names, post_url(it.slug, it.post, it.title), it.said, it.person)


def _comment_words(it: Shown) -> Words:
    if it.many == 1:
        return Words(_("%(name)s commented on “%(title)s”") % it.names, it.url, it.excerpt, it.person)
    many = ngettext("%(count)d new comment on “%(title)s”", "%(count)d new comments on “%(title)s”", it.many)
    return Words(many % it.names, post_url(it.slug, it.post, it.title), it.said, it.person)


def _person_words(it: Shown) -> Words:
    if it.many == 1:
        return Words(_("%(name)s posted in “%(forum)s”") % it.names, it.url, it.title, it.person)
    many = ngettext("%(count)d new post by %(name)s", "%(count)d new posts by %(name)s", it.many)
    return Words(many % it.names, reverse("person_posts", args=[it.person.username]), it.title, it.person)


def _forum_words(it: Shown) -> Words:
    if it.many == 1:
        return Words(_("%(name)s posted in “%(forum)s”") % it.names, it.url, it.title, it.person)
    many = ngettext("%(count)d new post in “%(forum)s”", "%(count)d new posts in “%(forum)s”", it.many)
    return Words(many % it.names, f"{reverse('forum', args=[it.slug])}?sort=new", it.title, it.person)


def _invitation_words(invitation: Invitation) -> Words:
    names = {"name": invitation.inviter.name, "forum": invitation.forum.name}
    title = _("%(name)s invites you to the forum “%(forum)s”") % names
    return Words(
        title, reverse("forum_invitation", args=[invitation.pk]), invitation.forum.description, invitation.inviter
    )


def _names_of(reader: UUID) -> frozenset[str]:
    former = FormerName.objects.filter(user=reader).values_list("username", flat=True)
    present = User.objects.filter(pk=reader).values_list("username", flat=True)
    return frozenset(name.lower() for name in present.union(former))


def _found(sql: str, reader: UUID, rows: Rows, above: Mapping[UUID, UUID] = {}) -> dict[UUID, Shown]:
    """What the rows stand for, by their ids; one query, none for no row."""
    if not rows:
        return {}
    asked = {
        "ids": [row.pk for row in rows],
        "places": [row.place for row in rows],
        "sinces": [row.payload.get("since", row.position) for row in rows],
        "positions": [row.position for row in rows],
        "above": [above.get(row.pk) for row in rows],
    }
    return {row[0]: Shown._make((*row[1:9], _person(row[9:]))) for row in _ask(sql, reader=reader, **asked)}


def _person(columns: Sequence[Any]) -> User:
    key, username, display_name, avatar, deleted_at = columns
    return User(id=key, username=username, display_name=display_name, avatar=avatar, deleted_at=deleted_at)


def _ask(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
