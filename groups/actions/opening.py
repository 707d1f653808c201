"""Places closed to everyone or open, for talk or for announcements: what whoever manages channels decides without managing
roles. Whoever does it keeps their own sight and word there, by an override of their own if nothing else gives it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chatter.core.errors import Refused
from groups.actions.overrides import check_bits, check_fits, check_known, place_for, tell, with_wish, write_own
from groups.permissions import Right, locked_standing
from groups.places import NEUTRAL, Reader, Target, Wish, Wishes, is_private, judged, reader_of, wishes_of


def set_privacy(
    *, actor: Any, group_id: UUID, kind: str, place_id: UUID, closed: bool, shown_to: Sequence[Target] = ()
) -> None:
    """Close the channel or category to everyone but `shown_to` and whom roles open it, or open it to everyone."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        reader = reader_of(standing)
        place, rights = place_for(reader, kind, place_id)
        before = wishes_of(place)
        if closed == is_private(reader, before):
            return
        after = (
            closed_to_everyone(reader, rights, before, shown_to) if closed else open_to_everyone(reader, rights, before)
        )
        write_own(place, after)
        tell(standing, place, f"group.{kind}.closed" if closed else f"group.{kind}.opened")


def closed_to_everyone(reader: Reader, rights: Right, before: Wishes, shown_to: Sequence[Target]) -> dict[Target, Wish]:
    """The overrides with which only `shown_to` and who is let in already see the place. Raises NotFound or Refused."""
    check_bits(rights, Right.VIEW)
    check_known(reader.standing.group, shown_to)
    after = _for_everyone(reader, before, Right.VIEW, allowed=False)
    for target in shown_to:
        wish = before.get(target, NEUTRAL)
        if wish.deny & Right.VIEW:
            raise Refused("forbidden", _("Somebody you chose is kept out of here. Change the permissions first."))
        after[target] = Wish(wish.allow | Right.VIEW, wish.deny)
    return _kept(reader, after, Right.VIEW)


def open_to_everyone(reader: Reader, rights: Right, before: Wishes) -> dict[Target, Wish]:
    check_bits(rights, Right.VIEW)
    return _for_everyone(reader, before, Right.VIEW, allowed=True)


def for_announcements(reader: Reader, rights: Right, before: Wishes) -> dict[Target, Wish]:
    """The overrides with which only those write whom a role or an override lets."""
    check_bits(rights, Right.SEND)
    return _kept(reader, _for_everyone(reader, before, Right.SEND, allowed=False), Right.SEND)


def for_talk(reader: Reader, rights: Right, before: Wishes) -> dict[Target, Wish]:
    check_bits(rights, Right.SEND)
    return _for_everyone(reader, before, Right.SEND, allowed=True)


def _for_everyone(reader: Reader, wishes: Wishes, right: Right, *, allowed: bool) -> dict[Target, Wish]:
    """As the roles have it, or denied."""
    wish = wishes.get(reader.everyone, NEUTRAL)
    changed = Wish(wish.allow, wish.deny & ~right) if allowed else Wish(wish.allow & ~right, wish.deny | right)
    return with_wish(wishes, reader.everyone, changed)


def _kept(reader: Reader, wishes: dict[Target, Wish], right: Right) -> dict[Target, Wish]:
    """The overrides, with one for the reader where they would lose the right that they have."""
    if not judged(reader, wishes) & right:
        wish = wishes.get(reader.target, NEUTRAL)
        wishes[reader.target] = Wish(wish.allow | right, wish.deny & ~right)
    check_fits(wishes)
    return wishes
