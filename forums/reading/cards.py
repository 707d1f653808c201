"""A post as lists show it: all that its card needs in one row, and the card's html. The same for every list, search and person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import orjson
from django.template.loader import get_template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import User
from accounts.models.user import avatar_url, hue_of, initials_of
from accounts.permissions import blocked_by
from chatter.core.addresses import address
from chatter.core.pictures import within
from forums.addresses import post_url
from forums.reading.ages import ago, comments_counted
from forums.reading.moulds import mould
from forums.reading.vote_buttons import votes_html

IMAGE_EDGE = 640

CARD_COLUMNS = """
p.id, p.number, p.kind, p.title, p.excerpt, p.url, p.is_spoiler, p.is_nsfw, p.score, p.comment_count,
p.pinned_at is not null, p.locked_at is not null, p.held_at is not null, p.removed_at is not null, p.edited_at, p.created_at,
f.id, f.slug, f.name, f.icon, f.is_nsfw, f.scores_hidden_minutes,
u.id, u.username, u.display_name, u.avatar, u.deleted_at is not null, l.name, l.hue,
coalesce(v.value, 0), s.id is not null, i.key, i.width, i.height, i.alt, i.many, q.poll
"""
CARD_TABLES = """
join forums_forum f on f.id = p.forum_id
join accounts_user u on u.id = p.author_id
left join forums_flair l on l.id = p.flair_id
left join forums_postvote v on v.post_id = p.id and v.user_id = %(reader)s
left join forums_saved s on s.post_id = p.id and s.user_id = %(reader)s
left join lateral (select i.key, i.width, i.height, i.alt, count(*) over () many from forums_postimage i
  where p.kind in ('image', 'link') and i.post_id = p.id order by i.position limit 1) i on true
left join lateral (select jsonb_build_array(o.voter_count, o.closes_at, (
    select jsonb_agg(jsonb_build_array(c.text, c.vote_count) order by c.position)
      from forums_polloption c where c.poll_id = o.post_id)) poll
  from forums_poll o where p.kind = 'poll' and o.post_id = p.id) q on true
"""


class Card(NamedTuple):
    """A post in a list, with what belongs to it and what the reader did with it."""

    id: UUID
    number: int
    kind: str
    title: str
    excerpt: str
    url: str
    is_spoiler: bool
    is_nsfw: bool
    true_score: int
    comment_count: int
    is_pinned: bool
    is_locked: bool
    is_held: bool
    is_removed: bool
    edited_at: datetime | None
    created_at: datetime
    forum_id: UUID
    forum_slug: str
    forum_name: str
    forum_icon: str
    forum_is_nsfw: bool
    scores_hidden_minutes: int
    author_id: UUID
    author_username: str
    author_display_name: str
    author_avatar: str
    author_is_deleted: bool
    flair_name: str | None
    flair_hue: int | None
    mine: int
    is_saved: bool
    image_key: str | None
    image_width: int | None
    image_height: int | None
    image_alt: str | None
    image_count: int | None
    poll: list[Any] | None

    @property
    def score(self) -> int | None:
        """The score as it is shown: None while the forum hides it (as forums.reading.scores)."""
        hidden = timedelta(minutes=self.scores_hidden_minutes)
        return None if hidden and timezone.now() < self.created_at + hidden else self.true_score

    @property
    def address(self) -> str:
        return _post_url(self.forum_slug, self.number, self.title)

    @property
    def domain(self) -> str:
        return (urlsplit(self.url).hostname or "").removeprefix("www.") if self.kind == "link" else ""

    @property
    def author_name(self) -> str:
        return self.author_display_name or self.author_username

    @property
    def author_hue(self) -> int:
        return hue_of(self.author_id)

    @property
    def author_initials(self) -> str:
        return initials_of(self.author_name)

    @property
    def author_avatar_url(self) -> str:
        return avatar_url(self.author_avatar, 128) if self.author_avatar else ""


_JSONS = tuple(Card._fields.index(name) for name in ("poll",))


def card_of(row: Sequence[Any]) -> Card:
    """The card of a row of CARD_COLUMNS."""
    values = list(row)
    for place in _JSONS:
        if values[place] is not None:
            values[place] = orjson.loads(values[place])
    return Card(*values)


@dataclass(frozen=True, slots=True)
class Look:
    """How a list shows its cards: `view` is "card" or "compact", `with_forum` in lists of several forums. `login`: where a
    visitor's arrows lead."""

    view: str = "card"
    with_forum: bool = False
    may_vote: bool = False
    login: str = ""
    blocked: frozenset[UUID] = frozenset()


def look_for(person: User | None, *, view: str, with_forum: bool, login: str = "", may_take_part: bool = True) -> Look:
    """The look for this reader, with whom they block."""
    if person is None:
        return Look(view, with_forum, login=login)
    return Look(view, with_forum, may_take_part and not person.is_guest, blocked=blocked_by(person))


def cards_html(cards: Sequence[Card], look: Look) -> SafeString:
    """All of them, in order."""
    now, language = timezone.now(), get_language()
    return mark_safe("\n".join(_html(card, look, now, language) for card in cards))  # noqa: S308 -- moulds, filled in escaped


PLACES = (
    *("id", "address", "title", "excerpt", "domain", "link", "votes", "forum", "forum_address", "author"),
    *("author_address", "flair", "hue", "time", "ago", "comments", "image", "poll"),
)


def _mould(card: Card, look: Look, *, has_image: bool) -> str:
    """The template of all cards that look like this one."""
    is_blurred = card.is_spoiler or card.is_nsfw or card.forum_is_nsfw
    return mould(
        "forums/_post_row.html" if look.view == "compact" else "forums/_post_card.html",
        PLACES,
        kind=card.kind,
        with_forum=look.with_forum,
        is_known=not look.login,
        may_act=look.may_vote,
        is_pinned=card.is_pinned and not look.with_forum,
        is_locked=card.is_locked,
        is_held=card.is_held,
        is_removed=card.is_removed,
        is_edited=card.edited_at is not None,
        is_spoiler=card.is_spoiler,
        is_nsfw=card.is_nsfw or card.forum_is_nsfw,
        is_blurred=is_blurred,
        is_folded=card.author_id in look.blocked,
        is_saved=card.is_saved,
        has_author=not card.author_is_deleted,
        has_flair=card.flair_name is not None,
        has_excerpt=bool(card.excerpt) and not is_blurred,
        has_image=has_image,
        has_poll=card.poll is not None,
        has_link=bool(card.url) and card.kind == "link",
    )


def _html(card: Card, look: Look, now: datetime, language: str | None) -> str:
    image = _image(card)
    return _mould(card, look, has_image=bool(image)) % {
        "id": str(card.id),
        "address": card.address,
        "title": escape(card.title),
        "excerpt": escape(card.excerpt),
        "domain": card.url and escape(card.domain),
        "link": card.url and escape(card.url),
        "votes": votes_html("post", card.id, card.score, card.mine, may_vote=look.may_vote, login=look.login),
        "forum": escape(card.forum_name),
        "forum_address": _forum_url(card.forum_slug),
        "author": escape(card.author_name),
        "author_address": f"/people/{card.author_username}/",
        "flair": escape(card.flair_name) if card.flair_name else "",
        "hue": card.flair_hue or 0,
        "time": card.created_at.isoformat(),
        "ago": ago(card.created_at, now),
        "comments": comments_counted(card.comment_count, language),
        "image": image,
        "poll": _poll(card.poll, now) if card.poll else "",
    }


@lru_cache(maxsize=16384)
def _post_url(slug: str, number: int, title: str) -> str:
    # Percent signs, letters and "-": nothing in it means anything to html.
    return post_url(slug, number, title)


@lru_cache(maxsize=4096)
def _forum_url(slug: str) -> str:
    return escape(address("forum", slug))


def _image(card: Card) -> str:
    """The first picture of the post; of a link, that of the page it leads to."""
    if not card.image_key or not card.image_width or not card.image_height:
        return ""
    return _picture(
        card.image_key, card.image_width, card.image_height, card.image_alt or "", (card.image_count or 1) - 1
    )


@lru_cache(maxsize=8192)
def _picture(key: str, width: int, height: int, alt: str, others: int) -> str:
    wide, high = within(width, height, IMAGE_EDGE)
    src = address("post_image", key, IMAGE_EDGE)
    if not src:
        return ""
    context = {"src": src, "width": wide, "height": high, "alt": alt, "others": others}
    return get_template("forums/_post_picture.html").render(context).strip()


def _poll(poll: list[Any], now: datetime) -> str:
    """Bars and numbers; ballots are cast on the post's page."""
    voters, closes_at, options = poll
    is_closed = closes_at is not None and datetime.fromisoformat(closes_at) <= now
    return _bars(voters, is_closed, tuple((text, count) for text, count in options or ()), get_language())


@lru_cache(maxsize=2048)
def _bars(voters: int, is_closed: bool, options: tuple[tuple[str, int], ...], _language: str | None) -> str:
    ballots = sum(count for _text, count in options)
    lines = [{"text": text, "count": count, "share": round(100 * count / max(ballots, 1))} for text, count in options]
    context = {"voters": voters, "is_closed": is_closed, "lines": lines}
    return get_template("forums/_post_poll.html").render(context).strip()
