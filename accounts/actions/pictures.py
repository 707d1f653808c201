"""The picture of a person: its files in the storage under a random key, the key on the person's row, and who is told."""

from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.models.user import AVATAR_SIZES
from accounts.permissions import check_member
from chatter.core.events import PersonChanged
from chatter.core.images import Crop
from chatter.core.limits import check_limit
from chatter.core.pictures import Shelf
from chatter.core.realtime import publish, registry

AVATARS = Shelf("avatars", AVATAR_SIZES)
PER_HOUR = 20


def change_picture(*, person: User, upload: bytes, crop: Crop | None = None) -> None:
    """Give the person a picture made of `upload`; the files of the one before go once this is committed.

    Raises Refused, and then nothing was written: for guests, for what is no usable picture, for too many an hour.
    """
    check_member(person)
    check_limit("picture", person.pk, limit=PER_HOUR, seconds=3600)
    key = AVATARS.put(upload, crop)
    try:
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
    """The storage's name of the picture with this key."""
    return AVATARS.name_of(key, size)


def delete_files(key: str) -> None:
    """The files of a picture that nobody has any more."""
    AVATARS.delete(key)


def sweep_pictures() -> int:
    """Delete files that no row points to (somebody was interrupted, or the storage was away). Returns how many pictures."""
    return AVATARS.sweep(set(User.objects.exclude(avatar="").values_list("avatar", flat=True)))


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
