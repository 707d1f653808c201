"""Who may what in a group, as docs/permissions.md says it, step by step: slow, in memory, and knowing nothing of the SQL."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

VIEW, READ_HISTORY, SEND, ADMINISTRATOR = 1 << 11, 1 << 12, 1 << 0, 1 << 24
NEED_SEND = 1 << 2 | 1 << 13 | 1 << 4
ASKED_IN_CHANNELS = 1 << 11 | 1 << 12 | 1 << 0 | 1 << 1 | 1 << 2 | 1 << 13 | 1 << 4 | 1 << 3 | 1 << 5
EVERYTHING = ASKED_IN_CHANNELS | sum(1 << bit for bit in range(14, 25))


@dataclass
class Role:
    key: UUID
    position: int
    rights: int
    hue: int | None = None


@dataclass
class Member:
    key: UUID
    user: UUID
    nickname: str = ""
    timed_out_until: datetime | None = None
    roles: set[UUID] = field(default_factory=set)


@dataclass
class Channel:
    key: UUID
    conversation: UUID
    category: UUID | None
    is_synced: bool
    is_deleted: bool = False
    message_count: int = 0


@dataclass
class World:
    """One group: `overrides` are (place, role or member) → (allowed, denied), a place a channel or category."""

    owner: UUID
    everyone: Role
    roles: dict[UUID, Role] = field(default_factory=dict)
    members: dict[UUID, Member] = field(default_factory=dict)
    categories: list[UUID] = field(default_factory=list)
    channels: dict[UUID, Channel] = field(default_factory=dict)
    overrides: dict[tuple[UUID, UUID], tuple[int, int]] = field(default_factory=dict)
    is_being_deleted: bool = False


@dataclass(frozen=True)
class Row:
    """What one member has in one channel."""

    rights: int
    nickname: str
    hue: int | None
    timed_out_until: datetime | None
    history_from: int


def rights_in_group(world: World, member: Member) -> int:
    rights = world.everyone.rights
    for key in member.roles:
        rights |= world.roles[key].rights
    return EVERYTHING if member.user == world.owner or rights & ADMINISTRATOR else rights


def stands_above(world: World, member: Member) -> bool:
    return bool(rights_in_group(world, member) & ADMINISTRATOR)


def rights_in_channel(world: World, member: Member, channel: Channel) -> int:
    if channel.is_deleted or world.is_being_deleted:
        return 0
    rights = rights_in_group(world, member)
    if stands_above(world, member):
        return rights
    place = channel.category if channel.is_synced and channel.category else channel.key
    rights = overridden(world, place, [world.everyone.key], rights)
    rights = overridden(world, place, sorted(member.roles), rights)
    rights = overridden(world, place, [member.key], rights)
    if not rights & VIEW:
        return 0
    return rights if rights & SEND else rights & ~NEED_SEND


def overridden(world: World, place: UUID, targets: list[UUID], rights: int) -> int:
    """All that is denied goes, then all that is allowed comes."""
    said = [world.overrides[place, target] for target in targets if (place, target) in world.overrides]
    for _allowed, denied in said:
        rights &= ~(denied & ASKED_IN_CHANNELS)
    for allowed, _denied in said:
        rights |= allowed & ASKED_IN_CHANNELS
    return rights


def hue_of(world: World, member: Member) -> int | None:
    coloured = [role for key in member.roles if (role := world.roles[key]).hue is not None]
    return max(coloured, key=lambda role: role.position).hue if coloured else None


def past_of(rights: int, before: Row | None, message_count: int) -> int:
    """The number of the first message that is seen."""
    if rights & READ_HISTORY:
        return 1
    if before is None or before.rights & READ_HISTORY:
        return message_count + 1
    return before.history_from


type Rows = dict[tuple[UUID, UUID], Row]


def rows_of(world: World, before: Rows) -> Rows:
    """(conversation, user) → the row there is after a change; `before` are those there were."""
    found: Rows = {}
    for member in world.members.values():
        for channel in world.channels.values():
            rights = rights_in_channel(world, member, channel)
            if rights:
                key = (channel.conversation, member.user)
                found[key] = Row(
                    rights & ASKED_IN_CHANNELS,
                    member.nickname,
                    hue_of(world, member),
                    None if stands_above(world, member) else member.timed_out_until,
                    past_of(rights, before.get(key), channel.message_count),
                )
    return found
