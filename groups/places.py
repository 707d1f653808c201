"""The places of a group as one member sees them: which, and what they may in each. Reads; `groups/actions/` writes.

What holds in a channel is its category's while it follows it. `judged` says the same as groups/sql/, of one member and from
the overrides at hand: for the pages, and for what may be given there.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q

from chatter.core.errors import NotFound
from groups.models import Category, Channel, Member, Override, Role
from groups.permissions import ALL, IN_CHANNELS, NEEDS_SEND, Right, Standing, standing_of

Place = Channel | Category


class Target(NamedTuple):
    """Whom an override is for: "role" or "member", and the id of its row."""

    kind: str
    id: UUID


class Wish(NamedTuple):
    """What is allowed and denied; no bit is both."""

    allow: int = 0
    deny: int = 0


Wishes = Mapping[Target, Wish]
NEUTRAL = Wish()


@dataclass(frozen=True)
class Reader:
    """A member, and the roles that decide for them: `roles` without @everyone."""

    standing: Standing
    everyone: Target
    roles: frozenset[UUID]

    @property
    def target(self) -> Target:
        return Target("member", self.standing.member.pk)


@dataclass(frozen=True)
class Line:
    """A channel as the reader sees it."""

    channel: Channel
    rights: Right
    is_private: bool

    @property
    def follows(self) -> bool:
        """Do its category's overrides hold?"""
        return self.channel.category_id is not None and self.channel.is_synced


@dataclass
class Section:
    """A category (None: above all of them) with those of its channels that the reader sees. `is_open`: they see the category
    itself, and may touch it; else it is only the heading over what they see."""

    category: Category | None
    is_open: bool = True
    is_private: bool = False
    lines: list[Line] = field(default_factory=list)


def reader_of(standing: Standing) -> Reader:
    """One query."""
    held = Role.objects.filter(Q(is_everyone=True) | Q(held__member=standing.member), group=standing.group)
    keys: dict[bool, list[UUID]] = {True: [], False: []}
    for key, is_everyone in held.values_list("pk", "is_everyone"):
        keys[is_everyone].append(key)
    return Reader(standing, Target("role", keys[True][0]), frozenset(keys[False]))


def judged(reader: Reader, wishes: Wishes) -> Right:
    """What the reader may where these overrides hold. Without VIEW nothing, and without SEND nothing that needs it."""
    rights = said(reader, wishes)
    if not rights & Right.SEND:
        rights &= ~NEEDS_SEND
    return rights if rights & Right.VIEW else Right(0)


def said(reader: Reader, wishes: Wishes) -> Right:
    """What roles and overrides say, in the order of docs/permissions.md."""
    if reader.standing.can(Right.ADMINISTRATOR):
        return ALL
    bits = int(reader.standing.rights)
    held = [wishes.get(Target("role", role), NEUTRAL) for role in reader.roles]
    roles = Wish(_union(wish.allow for wish in held), _union(wish.deny for wish in held))
    for wish in (wishes.get(reader.everyone, NEUTRAL), roles, wishes.get(reader.target, NEUTRAL)):
        bits = bits & ~(wish.deny & int(IN_CHANNELS)) | wish.allow & int(IN_CHANNELS)
    return Right(bits)


def _union(parts: Iterable[int]) -> int:
    found = 0
    for part in parts:
        found |= part
    return found


def deciding(channel: Channel) -> Place:
    """The place whose overrides hold in the channel."""
    return channel.category if channel.is_synced and channel.category is not None else channel


def wishes_of(place: Place) -> dict[Target, Wish]:
    """The overrides that hold in a channel, or that a category has (one query)."""
    where = deciding(place) if isinstance(place, Channel) else place
    return {_target(row): Wish(row.allow, row.deny) for row in where.overrides.all()}


def _target(row: Override) -> Target:
    if row.role_id is not None:
        return Target("role", row.role_id)
    assert row.member_id is not None
    return Target("member", row.member_id)


def is_private(reader: Reader, wishes: Wishes) -> bool:
    """Is the place closed to who has no role that opens it?"""
    return bool(wishes.get(reader.everyone, NEUTRAL).deny & Right.VIEW)


def channel_for(reader: Reader, channel_id: UUID) -> tuple[Channel, Right]:
    """The channel and what the reader may there. Raises NotFound where they do not see it (two queries)."""
    channels = Channel.objects.alive().select_related("conversation", "category")
    channel = channels.filter(group=reader.standing.group, pk=channel_id).first()
    if channel is None:
        raise NotFound
    return channel, _seen(judged(reader, wishes_of(channel)))


def category_for(reader: Reader, category_id: UUID) -> tuple[Category, Right]:
    """The category and what the reader may in channels that follow it. Raises NotFound where they do not see those."""
    category = Category.objects.filter(group=reader.standing.group, pk=category_id).first()
    if category is None:
        raise NotFound
    return category, _seen(judged(reader, wishes_of(category)))


def _seen(rights: Right) -> Right:
    if not rights & Right.VIEW:
        raise NotFound
    return rights


def sections_of(reader: Reader) -> list[Section]:
    """All that the reader sees of the group's channels, in order (three queries). A hidden category is there when one of its
    channels is seen."""
    group = reader.standing.group
    categories = list(Category.objects.filter(group=group).order_by("position", "pk"))
    by_place = _wishes_by_place(group.pk)
    found: dict[UUID | None, Section] = {None: Section(None)}
    for category in categories:
        wishes = by_place[category.pk]
        is_open = bool(judged(reader, wishes))
        found[category.pk] = Section(category, is_open, is_private(reader, wishes))
    channels = Channel.objects.alive().filter(group=group).select_related("conversation")
    for channel in channels.order_by("position", "pk"):
        follows = channel.is_synced and channel.category_id is not None
        wishes = by_place[channel.category_id if follows else channel.pk]
        if rights := judged(reader, wishes):
            found[channel.category_id].lines.append(Line(channel, rights, is_private(reader, wishes)))
    return [section for section in found.values() if section.lines or (section.category and section.is_open)]


def _wishes_by_place(group_id: UUID) -> dict[UUID | None, dict[Target, Wish]]:
    found: dict[UUID | None, dict[Target, Wish]] = defaultdict(dict)
    for row in Override.objects.filter(Q(channel__group=group_id) | Q(category__group=group_id)):
        found[row.channel_id or row.category_id][_target(row)] = Wish(row.allow, row.deny)
    return found


def otherwise(standing: Standing, wishes: Wishes, target: Target) -> Right:
    """What `target` may in a place by all that holds there but the override for it. Raises NotFound for who is not of the group
    (at most three queries)."""
    group = standing.group
    rest = {key: wish for key, wish in wishes.items() if key != target}
    if target.kind == "member":
        member = Member.objects.filter(group=group, pk=target.id).select_related("user").first()
        if member is None:
            raise NotFound
        return said(reader_of(standing_of(group, member)), rest)
    found = {role.pk: role for role in Role.objects.filter(Q(is_everyone=True) | Q(pk=target.id), group=group)}
    if target.id not in found:
        raise NotFound
    bits = _union(role.permissions for role in found.values())
    for key in found:
        wish = rest.get(Target("role", key), NEUTRAL)
        bits = bits & ~wish.deny | wish.allow
    return ALL if bits & Right.ADMINISTRATOR else Right(bits) & ALL
