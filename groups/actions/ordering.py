"""In which order categories and channels stand, and which channel is in which category. Needs MANAGE_CHANNELS.

A channel that follows its category follows the new one, if whoever moves it may make that change; one with permissions of its
own keeps them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.actions.overrides import check_change, follow, have_followed, write_own
from groups.models import Category, Channel, Group
from groups.permissions import Right, Standing, locked_standing
from groups.places import Reader, Section, category_for, judged, reader_of, sections_of, wishes_of

# Categories in order with their channels in order; those in no category stand at None.
Order = Sequence[tuple[UUID | None, Sequence[UUID]]]


def order_places(*, actor: Any, group_id: UUID, order: Order) -> None:
    """Put what is named into this order. What is not named (made meanwhile, or hidden from the actor) stays behind what it stood
    behind. Doing it again changes nothing. Raises NotFound for what the actor does not see, or Refused."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        reader = reader_of(standing)
        _check_named(order, sections_of(reader))
        _put(reader, order)


def shift_place(*, actor: Any, group_id: UUID, kind: str, place_id: UUID, by: int) -> None:
    """Move a "channel" or "category" one place up (`by` -1) or down (1); a channel goes on into the next category."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        reader = reader_of(standing)
        sections = sections_of(reader)
        order = order_of(sections)
        if kind == "channel":
            hidden = {section.category.pk for section in sections if section.category and not section.is_open}
            _put(reader, _shifted_channel(order, place_id, by, hidden))
        else:
            _put(reader, _shifted_category(order, place_id, by))


def place_channel(*, actor: Any, group_id: UUID, channel_id: UUID, category_id: UUID | None) -> None:
    """Put the channel at the end of that category, or before all categories."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        reader = reader_of(standing)
        order = order_of(sections_of(reader))
        at = {key: where for where, keys in order for key in keys}
        if channel_id not in at:
            raise NotFound
        if category_id is not None:
            category_for(reader, category_id)
        if at[channel_id] != category_id:
            rest = [(where, [key for key in keys if key != channel_id]) for where, keys in order]
            _put(reader, [(where, [*keys, channel_id] if where == category_id else keys) for where, keys in rest])


def order_of(sections: Iterable[Section]) -> list[tuple[UUID | None, list[UUID]]]:
    """The order that a member sees."""
    found = [
        (section.category.pk if section.category else None, [line.channel.pk for line in section.lines])
        for section in sections
    ]
    return found if found and found[0][0] is None else [(None, []), *found]


def move_channel(reader: Reader, channel: Channel, category: Category | None) -> bool:
    """Put the channel into the category, or out of all. Answers whether other overrides hold in it now. Raises NotFound where
    the category is hidden from the reader, or Refused."""
    before = wishes_of(channel)
    followed = channel.is_synced
    if followed and category is None:
        write_own(channel, before)
    after = before
    if category is not None:
        category_for(reader, category.pk)
        after = wishes_of(category) if followed else before
    if after != before:
        try:
            check_change(reader, judged(reader, before), before, after)
        except Refused as refusal:
            words = _("In that category the channel would follow permissions that you may not give it.")
            raise Refused("forbidden", words) from refusal
    channel.category = category
    channel.save(update_fields=["category"])
    if followed and category is not None:
        follow(channel)
    return after != before


def _check_named(order: Order, sections: Sequence[Section]) -> None:
    seen = order_of(sections)
    _check_among([where for where, _keys in order], [where for where, _keys in seen])
    _check_among([key for _where, keys in order for key in keys], [key for _where, keys in seen for key in keys])


def _check_among(named: Sequence[UUID | None], known: Sequence[UUID | None]) -> None:
    """Raises Refused for what is named twice, NotFound for what is not known."""
    if len(set(named)) != len(named):
        raise Refused("invalid")
    if not set(known).issuperset(named):
        raise NotFound


def _put(reader: Reader, order: Order) -> None:
    """Write the order, moving channels between categories; nothing is written or told where nothing changes."""
    group = reader.standing.group
    categories = list(Category.objects.filter(group=group).order_by("position", "pk"))
    channels = list(
        Channel.objects.alive()
        .filter(group=group)
        .select_related("category", "conversation")
        .order_by("position", "pk")
    )
    lines = _lines(channels, order)
    wanted = merged([each.pk for each in categories], [where for where, _keys in order if where is not None], set())
    moves = _move(reader, channels, {each.pk: each for each in categories}, lines)
    changed = _number(Category, categories, wanted)
    changed |= _number(Channel, channels, [key for where in (None, *wanted) for key in lines.get(where, [])])
    if moves or changed:
        _tell(reader.standing, moves)


def _lines(channels: Sequence[Channel], order: Order) -> dict[UUID | None, list[UUID]]:
    """By category all channels of the group, hidden ones too, as they are to stand."""
    held: dict[UUID | None, list[UUID]] = defaultdict(list)
    for channel in channels:
        held[channel.category_id].append(channel.pk)
    named = {key for _where, keys in order for key in keys}
    wishes = dict(order)
    return {where: merged(held[where], wishes.get(where, ()), named) for where in {**held, **wishes}}


def merged(held: Sequence[UUID], wanted: Sequence[UUID], elsewhere: set[UUID]) -> list[UUID]:
    """`wanted`, and what is `held` besides, each behind what it stood behind; without what is wanted `elsewhere`."""
    found = list(wanted)
    behind = 0
    for key in held:
        if key in wanted:
            behind = found.index(key) + 1
        elif key not in elsewhere:
            found.insert(behind, key)
            behind += 1
    return found


def _move(
    reader: Reader,
    channels: Iterable[Channel],
    categories: Mapping[UUID, Category],
    lines: Mapping[UUID | None, Sequence[UUID]],
) -> list[tuple[Channel, bool]]:
    """The channels that were put into another category, and of each whether other overrides hold there now."""
    wanted = {key: where for where, keys in lines.items() for key in keys}
    return [
        (channel, move_channel(reader, channel, categories[where] if (where := wanted[channel.pk]) else None))
        for channel in channels
        if wanted[channel.pk] != channel.category_id
    ]


def _number(model: type[Category | Channel], rows: Sequence[Any], order: Sequence[UUID]) -> bool:
    """Write the positions that differ."""
    position = {key: number for number, key in enumerate(order)}
    changed = [row for row in rows if row.position != position[row.pk]]
    for row in changed:
        row.position = position[row.pk]
    model.objects.bulk_update(changed, ["position"])
    return bool(changed)


def _tell(standing: Standing, moves: Sequence[tuple[Channel, bool]]) -> None:
    group: Group = standing.group
    have_followed(standing, [channel.pk for channel, other in moves if other])
    publish(GroupChanged(group=group.pk))
    moved = [[str(channel.pk), str(channel.category_id or "")] for channel, _other in moves]
    audit(actor=standing.member.user, action="group.places.ordered", place=group.pk, moved=moved)


def _shifted_channel(order: Order, channel_id: UUID, by: int, hidden: set[UUID]) -> Order:
    """Past the end of a category it goes on into the next one that is not hidden, where there is one."""
    found = [(where, list(keys)) for where, keys in order]
    number, line = next(((number, keys) for number, (_, keys) in enumerate(found) if channel_id in keys), (0, []))
    if not line:
        raise NotFound
    at = line.index(channel_id)
    if 0 <= at + by < len(line):
        line.insert(at + by, line.pop(at))
        return found
    ways = found[number + 1 :] if by > 0 else found[:number][::-1]
    other = next((keys for where, keys in ways if where not in hidden), None)
    if other is not None:
        other.insert(0 if by > 0 else len(other), line.pop(at))
    return found


def _shifted_category(order: Order, category_id: UUID, by: int) -> Order:
    top, *rest = order
    keys = [where for where, _keys in rest]
    if category_id not in keys:
        raise NotFound
    at = keys.index(category_id)
    row = rest.pop(at)
    rest.insert(max(0, at + by), row)
    return [top, *rest]
