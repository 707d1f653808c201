"""The icon of a group: its files in the storage, the key of them on the group's row."""

from functools import partial
from uuid import UUID

from django.db import transaction

from accounts.actions.audit import audit
from accounts.models import User
from chatter.core.events import GroupChanged
from chatter.core.images import Crop
from chatter.core.limits import check_limit
from chatter.core.pictures import Shelf
from chatter.core.realtime import publish
from groups.models import Group
from groups.models.group import ICON_SIZES
from groups.permissions import Right, check_right, locked_standing, visible_group

ICONS = Shelf("icons", ICON_SIZES)
PER_HOUR = 20


def change_icon(*, actor: User, group_id: UUID, upload: bytes, crop: Crop | None = None) -> Group:
    """Give the group an icon made of `upload`; the files of the one before go once this is committed. Raises Refused."""
    check_right(visible_group(actor, group_id), Right.MANAGE_GROUP)
    check_limit("picture", actor.pk, limit=PER_HOUR, seconds=3600)
    key = ICONS.put(upload, crop)
    try:
        return _switch(actor, group_id, key)
    except BaseException:
        ICONS.delete(key)
        raise


def remove_icon(*, actor: User, group_id: UUID) -> Group:
    """Initials stand for the group again."""
    return _switch(actor, group_id, "")


def sweep_icons() -> int:
    """Delete icons that no group has. Returns how many."""
    return ICONS.sweep(set(Group.objects.exclude(icon="").values_list("icon", flat=True)))


@transaction.atomic
def _switch(actor: User, group_id: UUID, key: str) -> Group:
    """The new key for the old one. Of two at once the later wins, and removes the files of the earlier."""
    group = locked_standing(actor, group_id, Right.MANAGE_GROUP).group
    old, group.icon = group.icon, key
    if old == key:
        return group
    group.save(update_fields=["icon", "updated_at"])
    if old:
        transaction.on_commit(partial(ICONS.delete, old), robust=True)
    publish(GroupChanged(group=group.pk))
    audit(actor=actor, action="group.icon.changed", place=group.pk, target=group, has_icon=bool(key))
    return group
