"""What invitations into groups say to those whom somebody sent one, as long as it lets them in."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Block, Notification
from accounts.notices import Words, register
from chat.notices import show_invitations as show_conversations
from groups.models import Invite, Member


def show_invitations(recipient: UUID, rows: Sequence[Notification]) -> dict[UUID, Words]:
    """Invitations into groups; and conversations somebody was added to, as the talk shows them (one query each)."""
    sent = [row for row in rows if row.place is None]
    others = [row for row in rows if row.place is not None]
    return (show_conversations(recipient, others) if others else {}) | (_sent(recipient, sent) if sent else {})


def _sent(recipient: UUID, rows: Sequence[Notification]) -> dict[UUID, Words]:
    """Nothing of one that has ended, of whom a block parts from the reader, and to who is in by now."""
    parted = Block.objects.filter(
        Q(blocker=OuterRef("creator"), blocked=recipient) | Q(blocker=recipient, blocked=OuterRef("creator"))
    )
    inside = Member.objects.filter(group=OuterRef("group"), user=recipient)
    found = Invite.objects.living().filter(
        pk__in=[row.source_id for row in rows], creator__is_active=True, creator__deleted_at=None
    )
    living = found.exclude(Exists(parted)).exclude(Exists(inside)).select_related("group", "creator").in_bulk()
    return {row.pk: _words(living[row.source_id]) for row in rows if row.source_id in living}


def _words(invite: Invite) -> Words:
    names = {"name": invite.creator.name if invite.creator else "", "group": invite.group.name}
    title = _("%(name)s invites you to “%(group)s”") % names
    return Words(title, invite.get_absolute_url(), invite.group.description, invite.creator)


def register_all() -> None:
    register(Notification.Kind.INVITATION, show_invitations)
