"""The stream of messages as html: articles with the viewer's marks, days and the line before the unread between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import User
from accounts.permissions import blocked_by
from chat.calls import EVERYONE, HERE, held_by
from chat.folding import empty_quote, fold, hides
from chat.labels import labels
from chat.models import Membership
from chat.reading import Room
from chat.rendering import Labels, Shown, article, person_wire
from chatter.core.clock import clock_time, is_plain
from chatter.core.text import calls_in

FOLLOW_WITHIN = timedelta(minutes=5)
ARTICLE_WORDS = ("edited", "deleted", "pinned")
_OPENING = '<article class="message'
_REACTIONS = '<div class="reactions">'


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom the stream is marked: their own messages, mentions of them, where the unread begin, what they jumped to.

    `username` is in lower case, as mentions carry it; `blocked` are the ids of those whose messages are folded; `roles` call
    the viewer too (ids); `offshoots` are links to what was made of messages, by number.
    """

    id: str
    username: str
    first_unread: int | None = None
    focus: int | None = None
    blocked: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    offshoots: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        user: User,
        room: Room,
        first_unread: int | None = None,
        focus: int | None = None,
        offshoots: Mapping[int, str] = MappingProxyType({}),
    ) -> "Viewer":
        blocked = frozenset(map(str, blocked_by(user))) if room.is_shared else frozenset()
        roles = frozenset(map(str, held_by(room.membership)))
        return cls(str(user.pk), user.username.lower(), first_unread, focus, blocked, roles, offshoots)


class Manner(NamedTuple):
    """How the reader reads: in which words, and whether their clock shows everybody's time. Asked once for a page."""

    language: str
    words: Mapping[str, str]
    labels: Labels
    is_plain: bool

    @classmethod
    def of_reader(cls) -> "Manner":
        language = get_language() or ""
        return cls(language, _words(language), _labels(language), is_plain())


def timeline(messages: Iterable[Shown], viewer: Viewer) -> SafeString:
    """The messages, oldest first, with everything that stands between them."""
    manner, year, parts = Manner.of_reader(), timezone.localdate().year, []
    before: Shown | None = None
    today = ""
    for shown in messages:
        day = _day(shown, manner)
        if day != today:
            parts.append(_day_line(day, year, manner.language))
            before, today = None, day
        if shown.wire["number"] == viewer.first_unread:
            new = manner.words["new"]
            parts.append(f'<div class="day day--new" id="new"><span data-label="new">{new}</span></div>')
            before = None
        parts.append(_marked(shown, viewer, manner, follows=before is not None and _follows(before, shown)))
        before = shown
    return mark_safe("".join(parts))  # noqa: S308 -- made by templates


def marked_article(shown: Shown, viewer: Viewer) -> str:
    """The article everybody gets, with the classes that are this viewer's."""
    return _marked(shown, viewer, Manner.of_reader(), follows=False)


def _marked(shown: Shown, viewer: Viewer, manner: Manner, *, follows: bool) -> str:
    html, words = article(shown, manner.labels), manner.words
    if not manner.is_plain:
        html = at_readers_time(html, shown)
    folded = hides(viewer.blocked, shown.wire)
    marks = _marks(shown, viewer, follows, folded)
    if viewer.blocked:
        html = empty_quote(fold(html, words) if folded else html, viewer.blocked, shown.wire, words)
    if (made := viewer.offshoots.get(shown.wire["number"])) and not shown.wire["deleted_at"]:
        html = html.replace(_REACTIONS, f"{made}{_REACTIONS}", 1)
    if shown.wire["kind"] == "system":
        html = html.replace("></p>", f">{event_words(shown.wire['metadata'], words)}</p>", 1)
    return html.replace(_OPENING, f"{_OPENING} {' '.join(marks)}", 1) if marks else html


def at_readers_time(html: str, shown: Shown) -> str:
    """The article with the time of its head as the reader's clock shows it; everybody's is in UTC."""
    created = shown.wire["created_at"]
    head = f'<time datetime="{created}">'
    return html.replace(f"{head}{created[11:16]}<", f"{head}{clock_time(_moment(shown))}<", 1)


def pending_article(membership: Membership, viewer: User) -> SafeString:
    """The article of a message that is on its way: the viewer's, without text, number or time."""
    wire = {
        "id": "",
        "conversation": str(membership.conversation_id),
        "number": 0,
        "kind": "text",
        "content": "",
        "created_at": "",
    }
    empty: dict[str, Any] = {
        "reply_to": None,
        "reactions": {},
        "edited_at": None,
        "deleted_at": None,
        "pinned_at": None,
        "metadata": {},
    }
    sender = person_wire(
        viewer.pk,
        viewer.username,
        viewer.display_name,
        avatar=viewer.avatar,
        nickname=membership.nickname,
        hue=membership.hue,
    )
    return mark_safe(article(Shown(wire | empty | {"sender": sender}, "")))  # noqa: S308 -- made by a template


def event_words(metadata: Mapping[str, object], words: Mapping[str, str]) -> str:
    """What a system message says, escaped."""
    people = metadata.get("people")
    names = ", ".join(str(name) for name in people) if isinstance(people, list) else ""
    sentence = words.get(f"event_{metadata.get('event')}", "")
    fields = {
        "actor": metadata.get("actor", ""),
        "people": names,
        "title": metadata.get("title", ""),
    }
    return escape(sentence.format_map({key: str(value) for key, value in fields.items()}))


def _marks(shown: Shown, viewer: Viewer, follows: bool, folded: bool) -> list[str]:
    sender = shown.wire["sender"]
    marks = ["message--follow"] if follows else []
    if sender and sender["id"] == viewer.id:
        marks.append("message--mine")
    if not folded and 'class="mention"' in shown.body and _calls(shown, viewer):
        marks.append("message--mention")
    if shown.wire["number"] == viewer.focus:
        marks.append("message--found")
    return marks


def _calls(shown: Shown, viewer: Viewer) -> bool:
    """Is the viewer named in it, or called with others (not by themselves)?"""
    if f'data-username="{viewer.username}"' in shown.body:
        return True
    is_mine = shown.wire["sender"] is not None and shown.wire["sender"]["id"] == viewer.id
    return not is_mine and not calls_in(shown.body).isdisjoint({EVERYONE, HERE, *viewer.roles})


def _follows(before: Shown, shown: Shown) -> bool:
    """Does the same person simply go on speaking, on the same day?"""
    one, two = before.wire, shown.wire
    if two["sender"] is None or one["sender"] is None or two["reply_to"] or two["deleted_at"] or one["deleted_at"]:
        return False
    return bool(one["sender"]["id"] == two["sender"]["id"] and _moment(shown) - _moment(before) < FOLLOW_WITHIN)


def _moment(shown: Shown) -> datetime:
    return datetime.fromisoformat(shown.wire["created_at"])


def _day(shown: Shown, manner: Manner) -> str:
    """The day where the reader is."""
    if manner.is_plain:
        return str(shown.wire["created_at"][:10])
    return timezone.localtime(_moment(shown)).date().isoformat()


@lru_cache(maxsize=2048)
def _day_line(day: str, year: int, language: str) -> str:
    """A day's separator; the year is told where it is not this one. `language` is part of what is remembered by."""
    moment = date.fromisoformat(day)
    words = date_format(moment, "l, j F" if moment.year == year else "l, j F Y")
    return format_html(
        '<div class="day" data-day="{}"><time datetime="{}">{}</time></div>',
        day,
        day,
        words,
    )


@lru_cache(maxsize=64)
def _words(language: str) -> dict[str, str]:
    """The page's words, once for each language."""
    return labels()


@lru_cache(maxsize=64)
def _labels(language: str) -> Labels:
    """Those of them that stand in articles."""
    words = _words(language)
    return tuple((key, words[key]) for key in ARTICLE_WORDS)
