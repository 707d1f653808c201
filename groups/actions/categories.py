"""Categories: made, renamed, deleted. Needs MANAGE_CHANNELS, and the sight of the category."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.lines import checked_line
from chatter.core.errors import Refused
from groups.actions.opening import closed_to_everyone
from groups.actions.overrides import tell, write_own
from groups.models import Category, Group, Override
from groups.permissions import Right, locked_standing
from groups.places import Target, category_for, judged, reader_of, wishes_of

CATEGORIES_MAX = 100
NAME_MAX_LENGTH = 100


def create_category(
    *, actor: Any, group_id: UUID, name: str, closed: bool = False, shown_to: Sequence[Target] = ()
) -> Category:
    """A category below all others; what follows it is `closed` to all but `shown_to`, or open. Raises NotFound or Refused."""
    title = checked_line(name, NAME_MAX_LENGTH)
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        if standing.group.categories.count() >= CATEGORIES_MAX:
            words = _("A group can have %(count)d categories, and this one has them. Delete one first.")
            raise Refused("forbidden", words % {"count": CATEGORIES_MAX})
        category = Category.objects.create(group=standing.group, name=title, position=_end_of(standing.group))
        if closed:
            reader = reader_of(standing)
            write_own(category, closed_to_everyone(reader, judged(reader, {}), {}, shown_to))
        tell(standing, category, "group.category.created", closed=closed)
    return category


def rename_category(*, actor: Any, group_id: UUID, category_id: UUID, name: str) -> None:
    title = checked_line(name, NAME_MAX_LENGTH)
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        category, _rights = category_for(reader_of(standing), category_id)
        old = category.name
        if old == title:
            return
        category.name = title
        category.save(update_fields=["name"])
        tell(standing, category, "group.category.renamed", with_access=False, before=old)


def delete_category(*, actor: Any, group_id: UUID, category_id: UUID) -> None:
    """Its channels stay, in no category, and hidden ones stay hidden: what followed it keeps a copy of its overrides."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        category, _rights = category_for(reader_of(standing), category_id)
        wishes = wishes_of(category)
        followers = category.channels.filter(is_synced=True)
        keys = list(followers.values_list("pk", flat=True))
        Override.objects.filter(channel__in=keys).delete()
        Override.objects.bulk_create(
            (
                Override(channel_id=key, **{f"{target.kind}_id": target.id}, allow=wish.allow, deny=wish.deny)
                for key in keys
                for target, wish in wishes.items()
            ),
            batch_size=1000,
        )
        followers.update(is_synced=not wishes)
        category.channels.update(category=None)
        # Told while there is still something to tell of; nobody's access changes.
        tell(standing, category, "group.category.deleted", with_access=False)
        Category.objects.filter(pk=category.pk).delete()


def _end_of(group: Group) -> int:
    last: int | None = Category.objects.filter(group=group).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1
