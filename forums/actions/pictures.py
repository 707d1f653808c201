"""Icon and banner of a forum: their files in the storage, the keys of them on the forum's row."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.actions.audit import audit
from accounts.models import User
from chatter.core.images import Crop
from chatter.core.limits import check_limit
from chatter.core.pictures import Album, Shelf
from forums.models import Forum
from forums.models.forum import BANNER_EDGES, ICON_SIZES
from forums.permissions import Right, check_right, locked_forum_for, standing_in

ICONS = Shelf("forum-icons", ICON_SIZES)
BANNERS = Album("banners", edges=BANNER_EDGES, cover=(3, 1))
PER_HOUR = 20


def change_icon(*, actor: User, forum_id: UUID, upload: bytes, crop: Crop | None = None) -> Forum:
    """Give the forum an icon made of `upload`; the files of the one before go once this is committed. Raises Refused."""
    _check(actor, forum_id)
    return _stood(ICONS, "icon", actor, forum_id, ICONS.put(upload, crop))


def remove_icon(*, actor: User, forum_id: UUID) -> Forum:
    """Initials stand for the forum again."""
    return _switch(ICONS, "icon", actor, forum_id, "")


def change_banner(*, actor: User, forum_id: UUID, upload: bytes) -> Forum:
    """Give the forum a banner, cut to three times as wide as high. Raises Refused."""
    _check(actor, forum_id)
    return _stood(BANNERS, "banner", actor, forum_id, BANNERS.put(upload).key)


def remove_banner(*, actor: User, forum_id: UUID) -> Forum:
    return _switch(BANNERS, "banner", actor, forum_id, "")


def sweep_pictures() -> int:
    """Delete icons and banners that no forum has. Returns how many."""
    return sum(
        shelf.sweep(set(Forum.objects.exclude(**{field: ""}).values_list(field, flat=True)))
        for shelf, field in ((ICONS, "icon"), (BANNERS, "banner"))
    )


@contextmanager
def stored_icon(upload: bytes | None) -> Iterator[str]:
    """The key of the stored icon, "" without one; its files go when what follows fails."""
    key = ICONS.put(upload) if upload else ""
    try:
        yield key
    except BaseException:
        if key:
            ICONS.delete(key)
        raise


def _check(actor: User, forum_id: UUID) -> None:
    """Before anything is decoded."""
    check_right(standing_in(forum_id, actor), Right.FORUM)
    check_limit("picture", actor.pk, limit=PER_HOUR, seconds=3600)


def _stood(shelf: Shelf | Album, field: str, actor: User, forum_id: UUID, key: str) -> Forum:
    try:
        return _switch(shelf, field, actor, forum_id, key)
    except BaseException:
        shelf.delete(key)
        raise


@transaction.atomic
def _switch(shelf: Shelf | Album, field: str, actor: User, forum_id: UUID, key: str) -> Forum:
    """The new key for the old one. Of two at once the later wins, and removes the files of the earlier."""
    standing = locked_forum_for(actor, forum_id)
    check_right(standing, Right.FORUM)
    forum = standing.forum
    old = getattr(forum, field)
    if old == key:
        return forum
    setattr(forum, field, key)
    forum.save(update_fields=[field, "updated_at"])
    if old:
        transaction.on_commit(partial(shelf.delete, old), robust=True)
    audit(actor=actor, action=f"forum.{field}.changed", place=forum.pk, target=forum, is_there=bool(key))
    return forum
