"""The picture of a person: its files in the storage under a random key, the key on the person's row, and who is told."""

import logging
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.models.user import AVATAR_SIZES
from accounts.permissions import check_member
from chatter.core.errors import Refused
from chatter.core.events import PersonChanged
from chatter.core.images import Crop, squares_of
from chatter.core.limits import check_limit
from chatter.core.realtime import publish, registry

log = logging.getLogger(__name__)

FOLDER = "avatars"
PER_HOUR = 20
_FILE = re.compile(r"\A([0-9a-f]{32})-\d+\.webp\Z")
# Files nobody points to: older than this they are not on their way to somebody either.
ORPHANED_AFTER = timedelta(days=1)


def change_picture(*, person: User, upload: bytes, crop: Crop | None = None) -> None:
    """Give the person a picture made of `upload`; the files of the one before go once this is committed.

    Raises Refused, and then nothing was written: for guests, for what is no usable picture, for too many an hour.
    """
    check_member(person)
    check_limit("picture", person.pk, limit=PER_HOUR, seconds=3600)
    files = squares_of(upload, AVATAR_SIZES, crop)
    key = secrets.token_hex(16)
    try:
        for size, content in files.items():
            _write(file_of(key, size), content)
        _switch(person, key)
    except BaseException:
        delete_files(key)
        raise


def remove_picture(*, person: User) -> None:
    """Initials stand for the person again; the files go once this is committed."""
    _switch(person, "")


def tell_changed(person: User, places: tuple[UUID, ...] | None = None) -> None:
    """Tell who sees the person on an open page what they are called and look like now. Within their transaction.

    `places` are their small conversations, where they are in them no longer.
    """
    publish(
        PersonChanged(
            user=person.pk,
            username=person.username,
            display_name=person.name,
            initials=person.initials,
            avatar=person.avatar_url,
            conversations=registry.small_places(person.pk) if places is None else places,
        )
    )


def file_of(key: str, size: int) -> str:
    """The storage's name of the picture with this key: nothing that people choose is part of it."""
    return f"{FOLDER}/{key[:2]}/{key}-{size}.webp"


def delete_files(key: str) -> None:
    """The files of a picture that nobody has any more. What cannot be deleted now `sweep_pictures` finds."""
    for size in AVATAR_SIZES:
        try:
            default_storage.delete(file_of(key, size))
        except OSError:
            log.warning("A picture's file could not be deleted", exc_info=True)


def sweep_pictures() -> int:
    """Delete files that no row points to (somebody was interrupted, or the storage was away). Returns how many pictures."""
    kept = set(User.objects.exclude(avatar="").values_list("avatar", flat=True))
    found = set(_old_keys())
    for key in found - kept:
        delete_files(key)
    return len(found - kept)


def _switch(person: User, key: str) -> None:
    """The new key for the old one. Of two at once the later wins, and removes the files of the earlier."""
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).only("avatar").get(pk=person.pk)
        old = row.avatar
        if old == key:
            return
        User.objects.filter(pk=person.pk).update(avatar=key, updated_at=timezone.now())
        person.avatar = key
        tell_changed(person)
        if old:
            transaction.on_commit(partial(delete_files, old), robust=True)


def _write(name: str, content: bytes) -> None:
    if default_storage.save(name, ContentFile(content)) != name:
        raise Refused("invalid")


def _old_keys() -> Iterator[str]:
    """Keys of pictures that have lain in the storage for a while."""
    before = timezone.now() - ORPHANED_AFTER
    try:
        folders, _files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for folder in folders:
        _folders, files = default_storage.listdir(f"{FOLDER}/{folder}")
        for name in files:
            match = _FILE.match(name)
            if match and default_storage.get_modified_time(f"{FOLDER}/{folder}/{name}") < before:
                yield match[1]
