"""What notifications show, read with the reader's rights at that time: page, e-mail and push ask here.

A notification holds ids. Whoever causes a kind registers how a batch of it is shown; what may not be seen any more (gone,
forbidden, deleted, blocked since) is simply not among what comes back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import Notification, User

Kind = Notification.Kind

# The picture beside a notification nobody in particular caused.
ICONS: dict[str, str] = {
    Kind.MESSAGE: "message-circle",
    Kind.MENTION: "at-sign",
    Kind.REPLY: "reply",
    Kind.REACTION: "smile-plus",
    Kind.FRIEND_REQUEST: "user-plus",
    Kind.INVITATION: "users",
    Kind.FORUM_REPLY: "message-square-reply",
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


type Show = Callable[[UUID, Sequence[Notification]], dict[UUID, Words]]

_shows: dict[str, Show] = {}


def register(kind: str, show: Show) -> None:
    """Say how notifications of `kind` are shown: `show(recipient id, rows)` gives words by the rows' ids, in a number of
    queries that does not grow with the rows. Rows it leaves out may not be seen."""
    _shows[kind] = show


def shown(recipient: User | UUID, notifications: Sequence[Notification]) -> list[Notice]:
    """Those of the recipient's notifications that may be seen now, in the same order."""
    key = recipient.pk if isinstance(recipient, User) else recipient
    by_kind: dict[str, list[Notification]] = {}
    for row in notifications:
        if row.recipient_id == key:
            by_kind.setdefault(row.kind, []).append(row)
    words: dict[UUID, Words] = {}
    for kind, rows in by_kind.items():
        words |= _shows.get(kind, show_plain)(key, rows)
    return [_notice(row, words[row.pk]) for row in notifications if row.pk in words]


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
