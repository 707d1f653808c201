"""One post as its reader may see it: with their vote, whether they follow and saved it, its pictures, its poll, what it is made of."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound
from chatter.core.link_preview import domain_of
from chatter.core.pictures import within
from chatter.core.rows import columns, instance, width
from forums.addresses import post_url
from forums.albums import EDGES
from forums.models import Flair, Poll, PollOption, PollVote, Post, PostImage, Rule
from forums.permissions import Right, Standing, may_read, standing_in
from forums.reading.scores import shown_score

NUMBER_MAX = 2**31 - 1

# Of a post all but the words it is searched by.
_FIELDS = [field for field in Post._meta.concrete_fields if field.attname != "search"]  # noqa: SLF001 -- public by documentation
_ATTRIBUTES = [field.attname for field in _FIELDS]
_PREVIEW = _ATTRIBUTES.index("preview")
# Where in a row author, flair, rule and the rest begin.
_PARTS = list(accumulate([len(_FIELDS), width(User), width(Flair), width(Rule)]))
_SEEN = f"""
select {", ".join(f"p.{field.column}" for field in _FIELDS)}, {columns(User, "a")}, {columns(Flair, "f")}, {columns(Rule, "r")},
       coalesce(v.value, 0), w.is_on,
       exists (select from forums_saved s where s.post_id = p.id and s.user_id = %(reader)s::uuid),
       coalesce(room.member_count, 0),
       exists (select from chat_membership m
                where m.conversation_id = p.discussion_id and m.user_id = %(reader)s::uuid and m.left_at is null),
       o.conversation_id, o.number,
       exists (select from accounts_notification n
                where n.recipient_id = %(reader)s::uuid and n.read_at is null and n.place in (p.id, p.forum_id, p.author_id)
                  and (n.place = p.id and n.position <= p.last_comment_number or n.source_id = p.id and n.count = 1))
  from forums_post p
  join accounts_user a on a.id = p.author_id
  left join forums_flair f on f.id = p.flair_id
  left join forums_rule r on r.id = p.removed_for_id
  left join forums_postvote v on v.post_id = p.id and v.user_id = %(reader)s::uuid
  left join forums_postfollow w on w.post_id = p.id and w.user_id = %(reader)s::uuid
  left join chat_conversation room on room.id = p.discussion_id
  left join lateral (
    select i.conversation_id, i.numbers[1] number from forums_origin i
      join chat_membership m on m.conversation_id = i.conversation_id and m.user_id = %(reader)s::uuid and m.left_at is null
       and m.history_from <= i.numbers[1]
     where i.post_id = p.id) o on true
 where p.forum_id = %(forum)s::uuid and p.number = %(number)s::int
   and (p.held_at is null or %(moderates)s::bool or p.author_id = %(reader)s::uuid)
"""  # noqa: S608 -- names of columns


@dataclass(frozen=True)
class Seen:
    """A post and how its reader stands to it. `vote` -1, 0 or 1; `follow` as PostFollow.is_on, None without a row."""

    standing: Standing
    post: Post
    vote: int = 0
    follow: bool | None = None
    is_saved: bool = False
    # Of its live discussion: how many are in it, and whether the reader is.
    room_count: int = 0
    is_in_room: bool = False
    # The conversation and the first message that it was made of, if the reader may read them (still).
    origin: UUID | None = None
    origin_number: int | None = None
    # Is anything unread that told the reader of it?
    is_news: bool = False

    @property
    def may_discuss(self) -> bool:
        """Is there a live discussion, or may this reader open one?"""
        is_open = self.post.is_listed and self.post.locked_at is None and self.takes_part
        may_open = is_open and (self.is_author or self.standing.can(Right.POSTS))
        return self.is_readable and (self.post.discussion_id is not None or may_open)

    @property
    def made_of(self) -> str:
        """Where the messages stand that it was made of; "" for who may not read them (any more), and for other posts."""
        if self.origin is None or not self.is_readable:
            return ""
        return f"/c/{self.origin}/?at={self.origin_number}#m-{self.origin_number}"

    @property
    def score(self) -> int | None:
        return shown_score(self.standing.forum, self.post)

    @property
    def shown_title(self) -> str:
        """ "" for who may not read it: the address must not say it either."""
        return self.post.title if self.is_readable else ""

    @property
    def url(self) -> str:
        return post_url(self.standing.forum.slug, self.post.number, self.shown_title)

    @property
    def is_author(self) -> bool:
        return self.standing.person is not None and self.post.author_id == self.standing.person.pk

    @property
    def is_readable(self) -> bool:
        return may_read(self.standing, self.post)

    @property
    def takes_part(self) -> bool:
        person = self.standing.person
        return person is not None and not person.is_guest and self.standing.ban is None

    @property
    def is_gone(self) -> bool:
        return self.post.deleted_at is not None or self.post.removed_at is not None

    @property
    def is_open(self) -> bool:
        """Does anything still happen under it? As permissions.check_open."""
        return not self.is_gone and (self.post.locked_at is None or self.standing.can(Right.POSTS))

    @property
    def may_vote(self) -> bool:
        return self.takes_part and not self.is_gone

    @property
    def may_edit(self) -> bool:
        return self.is_author and self.takes_part and self.is_open

    @property
    def may_delete(self) -> bool:
        return self.is_author and self.post.deleted_at is None

    @property
    def may_read_history(self) -> bool:
        """Who reads the post; of a deleted one its moderators."""
        if self.post.deleted_at is not None:
            return self.standing.can(Right.POSTS)
        return self.post.edited_at is not None and self.is_readable

    @property
    def may_cross(self) -> bool:
        return self.takes_part and self.post.is_listed and self.standing.forum.is_public

    @property
    def is_nsfw(self) -> bool:
        return self.post.is_nsfw or self.standing.forum.is_nsfw

    @property
    def is_covered(self) -> bool:
        """Opened by a click only."""
        return self.post.is_nsfw or self.post.is_spoiler

    @cached_property
    def domain(self) -> str:
        return domain_of(self.post.url) if self.post.url else ""


@dataclass(frozen=True)
class Picture:
    """A picture as the page shows it: the small file where it is narrow, the large one where there is room."""

    key: str
    width: int
    height: int
    alt: str = ""
    pk: UUID | None = None

    @property
    def small(self) -> tuple[int, int]:
        return within(self.width, self.height, EDGES[0])


@dataclass(frozen=True)
class Choice:
    """An option with its count; `share` in percent of those who voted."""

    pk: UUID
    text: str
    votes: int
    share: int
    is_mine: bool


@dataclass(frozen=True)
class ShownPoll:
    poll: Poll
    choices: list[Choice] = field(default_factory=list)
    is_open: bool = False
    may_vote: bool = False

    @property
    def has_voted(self) -> bool:
        return any(choice.is_mine for choice in self.choices)

    @property
    def is_final(self) -> bool:
        """Has the reader voted for good?"""
        return self.has_voted and not self.poll.may_change

    @property
    def asks(self) -> bool:
        """Is there anything for this reader to choose?"""
        return self.may_vote and self.is_open and not self.is_final

    @property
    def closes_at(self) -> datetime | None:
        return self.poll.closes_at


def seen_post(standing: Standing, number: int) -> Seen:
    """The post of that number (one query). Raises NotFound."""
    person = standing.person
    reader = None if person is None or person.is_guest else person.pk
    asked: dict[str, Any] = {"forum": standing.forum.pk, "number": min(number, NUMBER_MAX), "reader": reader}
    with prepared_cursor() as cursor:
        cursor.execute(_SEEN, asked | {"moderates": standing.can(Right.POSTS)})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return Seen(standing, _post_of(standing, row), *row[_PARTS[-1] :])


def _post_of(standing: Standing, row: tuple[Any, ...]) -> Post:
    """The row with what the page shows of other tables."""
    of_author, of_flair, of_rule, rest = _PARTS
    values = [
        orjson.loads(each) if place == _PREVIEW and isinstance(each, str) else each
        for place, each in enumerate(row[:of_author])
    ]
    post = Post.from_db(DEFAULT_DB_ALIAS, _ATTRIBUTES, values)
    post.forum = standing.forum
    post.author = instance(User, row[of_author:of_flair])
    if row[of_flair] is not None:
        post.flair = instance(Flair, row[of_flair:of_rule])
    if row[of_rule] is not None:
        post.removed_for = instance(Rule, row[of_rule:rest])
    return post


def pictures_of(post: Post) -> list[Picture]:
    """In their order; none of a post of another kind (no query)."""
    if post.kind != Post.Kind.IMAGE:
        return []
    images = PostImage.objects.filter(post=post).order_by("position")
    return [Picture(each.key, each.width, each.height, each.alt, each.pk) for each in images]


def preview_picture(post: Post) -> Picture | None:
    """Of the page that is linked."""
    image = post.preview.get("image") if post.kind == Post.Kind.LINK else None
    return Picture(image["key"], image["width"], image["height"]) if image else None


def poll_of(seen: Seen) -> ShownPoll | None:
    """The poll with its counts and the reader's own ballot (one query); None for posts of other kinds."""
    post, person = seen.post, seen.standing.person
    if post.kind != Post.Kind.POLL:
        return None
    options = PollOption.objects.filter(poll=post.pk).select_related("poll").order_by("position")
    if person is not None:
        mine = PollVote.objects.filter(option=OuterRef("pk"), user=person)
        options = options.annotate(is_mine=Exists(mine))
    rows = list(options)
    if not rows:
        return None
    poll = rows[0].poll
    choices = [_choice(row, poll.voter_count) for row in rows]
    is_open = seen.is_open and (poll.closes_at is None or poll.closes_at > timezone.now())
    return ShownPoll(poll, choices, is_open, seen.takes_part)


def _choice(option: PollOption, voters: int) -> Choice:
    share = round(100 * option.vote_count / voters) if voters else 0
    return Choice(option.pk, option.text, option.vote_count, share, bool(getattr(option, "is_mine", False)))


def original_of(post: Post, person: User | None) -> Seen | None:
    """What a post is posted again of, if this reader may read it there (two queries, none for other posts)."""
    if post.cross_of_id is None:
        return None
    original = Post.objects.filter(pk=post.cross_of_id).values_list("forum_id", "number").first()
    if original is None:
        return None
    try:
        seen = seen_post(standing_in(original[0], person), original[1])
    except NotFound:
        return None
    return seen if seen.is_readable else None
