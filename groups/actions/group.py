"""A group as a whole: made with places to begin with, and changed. How it ends is in `groups.actions.ending`.

Lock order everywhere in groups: group → conversations by id → memberships → …
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_line, checked_text
from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import Refused
from chatter.core.events import GroupChanged
from chatter.core.limits import check_limit
from chatter.core.realtime import publish
from groups.access import Scope, sync_access
from groups.actions.channels import make_channel
from groups.actions.members import admit_member
from groups.actions.pictures import ICONS
from groups.beginnings import BEGINNINGS
from groups.models import Category, Channel, Group, Override, Role
from groups.permissions import EVERYONE_DEFAULT, Right, locked_standing

NAME_MAX_LENGTH = 100
DESCRIPTION_MAX_LENGTH = 1000
GROUPS_OWNED_MAX = 200
CREATED_PER_HOUR = 30
# What a person who manages the group changes at once with the others.
EDITED = ("name", "description", "is_public", "greets")


def create_group(
    *,
    owner: User,
    name: str,
    description: str = "",
    is_public: bool = False,
    beginning: str = "usual",
    icon: bytes | None = None,
) -> Group:
    """A group with the places of `beginning` (a key of BEGINNINGS). Raises Refused, and then nothing was made."""
    check_member(owner)
    check_limit("group", owner.pk, limit=CREATED_PER_HOUR, seconds=3600)
    title, about = checked_line(name, NAME_MAX_LENGTH), checked_text(description, DESCRIPTION_MAX_LENGTH)
    with _icon_of(icon) as key, transaction.atomic():
        # Of two made at once the second is counted after the first.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        check_may_own_more(owner)
        group = Group.objects.create(owner=owner, name=title, description=about, is_public=is_public, icon=key)
        Role.objects.create(
            group=group, name="everyone", is_everyone=True, position=0, permissions=int(EVERYONE_DEFAULT)
        )
        admit_member(group, owner)
        furnish(group, beginning)
        sync_access(Scope(group=group.pk))
        audit(actor=owner, action="group.created", place=group.pk, target=group, name=title, is_public=is_public)
    return group


def edit_group(*, actor: User, group_id: UUID, **wanted: Any) -> None:
    """Change what is given of EDITED. Who is in and what they may stays as it is, also when a public group becomes private."""
    if "name" in wanted:
        wanted["name"] = checked_line(wanted["name"], NAME_MAX_LENGTH)
    if "description" in wanted:
        wanted["description"] = checked_text(wanted["description"], DESCRIPTION_MAX_LENGTH)
    with transaction.atomic():
        group = locked_standing(actor, group_id, Right.MANAGE_GROUP).group
        before = {name: getattr(group, name) for name in EDITED}
        changed = {name: wanted[name] for name in EDITED if wanted.get(name, before[name]) != before[name]}
        if not changed:
            return
        for name, value in changed.items():
            setattr(group, name, value)
        group.save(update_fields=[*changed, "updated_at"])
        publish(GroupChanged(group=group.pk))
        audit(
            actor=actor,
            action="group.edited",
            place=group.pk,
            target=group,
            changes={name: [before[name], value] for name, value in changed.items()},
        )


def check_may_own_more(person: User) -> None:
    """Raises Refused where `person` owns as many groups as one can. Their row is locked."""
    if Group.objects.filter(owner=person).count() >= GROUPS_OWNED_MAX:
        raise Refused("forbidden", _("One person can own %(most)s groups.") % {"most": GROUPS_OWNED_MAX})


def furnish(group: Group, beginning: str) -> None:
    """The places a group begins with, called so in the language of the moment."""
    if beginning not in BEGINNINGS:
        raise Refused("invalid")
    everyone = group.roles.get(is_everyone=True)
    position = 0
    for at, (heading, channels) in enumerate(BEGINNINGS[beginning].places):
        category = Category.objects.create(group=group, name=str(heading), position=at) if heading else None
        for name, kind in channels:
            channel = make_channel(group, name=str(name), category=category, position=position, kind=kind)
            if kind == Channel.Kind.ANNOUNCEMENT:
                Channel.objects.filter(pk=channel.pk).update(is_synced=False)
                Override.objects.create(channel=channel, role=everyone, deny=int(Right.SEND))
            position += 1


@contextmanager
def _icon_of(upload: bytes | None) -> Iterator[str]:
    """The key of the stored icon, "" without one; its files go when what follows fails."""
    key = ICONS.put(upload) if upload else ""
    try:
        yield key
    except BaseException:
        if key:
            ICONS.delete(key)
        raise
