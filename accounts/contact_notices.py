"""What notifications of contact requests and their answers say, as long as they hold."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Block, Friendship, Notification
from accounts.notices import Words, register

State = Friendship.State


def show_contacts(recipient: UUID, rows: Sequence[Notification]) -> dict[UUID, Words]:
    """A request while it waits, a friendship while it lasts, and neither across a block (one query)."""
    parted = Block.objects.filter(
        Q(blocker=OuterRef("requester"), blocked=OuterRef("addressee"))
        | Q(blocker=OuterRef("addressee"), blocked=OuterRef("requester"))
    )
    pairs = Friendship.objects.filter(pk__in=[row.source_id for row in rows if row.source_id])
    pairs = pairs.exclude(Exists(parted)).select_related("requester", "addressee")
    found = {pair.pk: pair for pair in pairs}
    words = ((row, _words(recipient, row, found.get(row.source_id))) for row in rows if row.source_id)
    return {row.pk: told for row, told in words if told is not None}


def _words(recipient: UUID, row: Notification, pair: Friendship | None) -> Words | None:
    if pair is None or recipient not in (pair.requester_id, pair.addressee_id):
        return None
    other = pair.requester if pair.addressee_id == recipient else pair.addressee
    if other.deleted_at or not other.is_active:
        return None
    if pair.state == State.ACCEPTED:
        return Words(_("%(name)s is your friend now") % {"name": other.name}, other.get_absolute_url(), person=other)
    if pair.state == State.PENDING and other.pk == pair.requester_id:
        url = f"{reverse('contacts')}?show=received"
        return Words(_("%(name)s would like to be your friend") % {"name": other.name}, url, person=other)
    return None


register(Notification.Kind.FRIEND_REQUEST, show_contacts)
