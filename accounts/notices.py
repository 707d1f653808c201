"""What notifications show, read with the reader's rights at that time: page, e-mail and push ask here.

A notification holds ids. Whoever causes a kind registers how a batch of it is shown; what may not be seen any more (gone,
forbidden, deleted, blocked since) is simply not among what comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.channels import ALWAYS_IN_APP
from accounts.models import Notification, User
from chatter.templatetags.page import icon_html

Kind = Notification.Kind
FOR_GOOD = timedelta(days=400)

# The picture beside a notification nobody in particular caused.
ICONS: dict[str, str] = {
    Kind.MESSAGE: "message-circle",
    Kind.MENTION: "at-sign",
    Kind.REPLY: "reply",
    Kind.REACTION: "smile-plus",
    Kind.FRIEND_REQUEST: "user-plus",
    Kind.INVITATION: "users",
    Kind.FORUM_REPLY: "message-square-reply",
    Kind.FORUM_FOLLOW: "bell",
    Kind.MODERATION: "shield",
    Kind.SYSTEM: "key",
}


@dataclass(frozen=True, slots=True)
class Words:
    """What one notification says to its reader, in the language of the moment. `person` is who is shown beside it
    (a `User`, or whatever has `pk`, `name`, `initials`, `hue` and `avatar_url`), `url` where it leads."""

    title: str
    url: str
    text: str = ""
    person: Any = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notification ready to be shown."""

    id: UUID
    kind: str
    group_key: str
    count: int
    at: datetime
    is_read: bool
    title: str
    text: str
    url: str
    person: Any

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def icon_html(self) -> SafeString:
        return icon_html(self.icon)


@dataclass(frozen=True, slots=True)
class Place:
    """Where people talk, as the settings name it: to mute it, or to let it break through."""

    id: UUID
    title: str
    muted_until: datetime | None = None
    url: str = ""
    # Where `minutes=0` makes it loud again.
    mute_url: str = ""

    @property
    def is_muted_for_good(self) -> bool:
        """Until the person says otherwise: stored as a time that is years away."""
        return self.muted_until is not None and self.muted_until > timezone.now() + FOR_GOOD


type Show = Callable[[UUID, Sequence[Notification]], dict[UUID, Words]]

_shows: dict[str, Show] = {}
_shows_of: dict[tuple[str, type[Model]], Show] = {}
_places: list[Callable[[UUID], list[Place]]] = []


def register(kind: str, show: Show, *, source: type[Model] | None = None) -> None:
    """Say how notifications of `kind` are shown: `show(recipient id, rows)` gives words by the rows' ids, in a number of
    queries that does not grow with the rows. Rows it leaves out may not be seen. Kinds may share a `show`; with `source` it is
    asked about those which that model caused only."""
    if source is None:
        _shows[kind] = show
    else:
        _shows_of[kind, source] = show


def register_places(places: Callable[[UUID], list[Place]]) -> None:
    """Say which places a person has, newest talk first (one query)."""
    _places.append(places)


def places_of(person: UUID) -> list[Place]:
    """The places of the person, of all applications."""
    return [place for places in _places for place in places(person)]


def offered_kinds() -> list[Kind]:
    """What can happen here: the kinds somebody shows, and those that concern the account."""
    known = _shows.keys() | {kind for kind, _source in _shows_of}
    return [kind for kind in Kind if kind in known or kind in ALWAYS_IN_APP]


def shown(recipient: User | UUID, notifications: Sequence[Notification]) -> list[Notice]:
    """Those of the recipient's notifications that may be seen now, in the same order."""
    key = recipient.pk if isinstance(recipient, User) else recipient
    by_show: dict[Show, list[Notification]] = {}
    for row in notifications:
        if row.recipient_id == key:
            by_show.setdefault(_show_of(row), []).append(row)
    words: dict[UUID, Words] = {}
    for show, rows in by_show.items():
        words |= show(key, rows)
    return [_notice(row, words[row.pk]) for row in notifications if row.pk in words]


def _show_of(row: Notification) -> Show:
    if row.source_type_id is not None:
        model = ContentType.objects.get_for_id(row.source_type_id).model_class()
        if model is not None and (row.kind, model) in _shows_of:
            return _shows_of[row.kind, model]
    return _shows.get(row.kind, show_plain)


def show_plain(_recipient: UUID, rows: Sequence[Notification]) -> dict[UUID, Words]:
    """Of kinds nobody registered: what their payload says (`title`, `text`, `url`), which concerns the reader alone."""
    return {
        row.pk: Words(
            title=str(row.payload.get("title") or _("News about your account")),
            text=str(row.payload.get("text", "")),
            url=str(row.payload.get("url", "")),
        )
        for row in rows
    }


def _notice(row: Notification, words: Words) -> Notice:
    return Notice(
        id=row.pk,
        kind=row.kind,
        group_key=row.group_key,
        count=row.count,
        at=row.updated_at,
        is_read=row.read_at is not None,
        title=words.title,
        text=words.text,
        url=words.url,
        person=words.person,
    )
