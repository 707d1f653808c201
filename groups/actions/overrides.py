"""Who may what in one place: overrides, and whether a channel follows its category. The rules in words: docs/permissions.md.

Nobody gives or takes in a place what they may not do there, nor touches what holds for a role or member as high as themselves,
but that they may let anybody see what they see. Nobody locks themselves out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.models import Channel, Group, Member, Override, Role
from groups.permissions import IN_CHANNELS, OWNER_RANK, Right, Standing, check_right, locked_standing
from groups.places import (
    NEUTRAL,
    Place,
    Reader,
    Target,
    Wish,
    Wishes,
    category_for,
    channel_for,
    judged,
    reader_of,
    wishes_of,
)

OVERRIDES_PER_PLACE = 100


def set_override(
    *,
    actor: Any,
    group_id: UUID,
    kind: str,
    place_id: UUID,
    target: Target,
    allow: int = 0,
    deny: int = 0,
    among: int = int(IN_CHANNELS),
) -> None:
    """Let hold for `target` in the place ("channel" or "category") what is given, `among` these rights, and what held of the
    others; nothing at all takes the override away. A channel that followed its category keeps what held and goes its own way.
    Raises NotFound or Refused."""
    given = _checked(allow, deny)
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_ROLES)
        reader = reader_of(standing)
        place, rights = place_for(reader, kind, place_id)
        before = wishes_of(place)
        old = before.get(target, NEUTRAL)
        wish = Wish(old.allow & ~among | given.allow & among, old.deny & ~among | given.deny & among)
        after = with_wish(before, target, wish)
        check_change(reader, rights, before, after)
        if after == before:
            return
        write_own(place, after)
        facts: dict[str, Any] = {
            target.kind: str(target.id),
            "allow": wish.allow,
            "deny": wish.deny,
            "before": [old.allow, old.deny],
        }
        tell(standing, place, "group.override.changed", **facts)


def follow_category(*, actor: Any, group_id: UUID, channel_id: UUID, follows: bool) -> None:
    """Have the channel follow its category's overrides, its own are gone then; or part from them with a copy of its own."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_ROLES)
        reader = reader_of(standing)
        channel, rights = channel_for(reader, channel_id)
        if channel.category is None:
            raise Refused("invalid", _("This channel is in no category."))
        if channel.is_synced == follows:
            return
        before = wishes_of(channel)
        if follows:
            check_change(reader, rights, before, wishes_of(channel.category))
            follow(channel)
        else:
            write_own(channel, before)
        tell(standing, channel, "group.channel.followed" if follows else "group.channel.parted")


def place_for(reader: Reader, kind: str, place_id: UUID) -> tuple[Place, Right]:
    """The place, and what the reader may there. Raises NotFound where they do not see it."""
    return channel_for(reader, place_id) if kind == "channel" else category_for(reader, place_id)


def check_change(reader: Reader, rights: Right, before: Wishes, after: Wishes) -> None:
    """May who may `rights` in a place make `after` of its overrides? Raises NotFound or Refused."""
    changed = [target for target in {**before, **after} if before.get(target, NEUTRAL) != after.get(target, NEUTRAL)]
    if not changed:
        return
    check_right(reader.standing, Right.MANAGE_ROLES)
    ranks = _ranks(reader.standing.group, changed)
    for target in changed:
        _check_wish(reader.standing, rights, ranks, target, before.get(target, NEUTRAL), after.get(target, NEUTRAL))
    check_fits(after)
    if not judged(reader, after):
        raise Refused("forbidden", _("Then you would no longer see it yourself."))


def rank_of_target(standing: Standing, target: Target) -> int:
    """How high the role or member stands. Raises NotFound for who is not of the group."""
    ranks = _ranks(standing.group, [target])
    if target not in ranks:
        raise NotFound
    return ranks[target]


def check_fits(wishes: Wishes) -> None:
    """Raises Refused where these are more than one place may have."""
    if len(wishes) > OVERRIDES_PER_PLACE:
        words = _("One place can have permissions of its own for at most %(count)d roles and members.")
        raise Refused("forbidden", words % {"count": OVERRIDES_PER_PLACE})


def check_known(group: Group, targets: Sequence[Target]) -> None:
    """Raises NotFound for roles and members that are not of the group."""
    if len(_ranks(group, targets)) != len(set(targets)):
        raise NotFound


def check_bits(rights: Right, bits: int) -> None:
    """Raises Refused unless all of `bits` are among the rights."""
    if bits & ~int(rights):
        raise Refused("forbidden", _("You can only give and take what you may do here yourself."))


def with_wish(wishes: Wishes, target: Target, wish: Wish) -> dict[Target, Wish]:
    """The overrides, with that of `target` as given."""
    return {key: value for key, value in {**wishes, target: wish}.items() if value != NEUTRAL}


def write_own(place: Place, wishes: Mapping[Target, Wish]) -> None:
    """Let exactly these hold in the place, which follows no category from now on."""
    place.overrides.all().delete()
    where = {"channel": place} if isinstance(place, Channel) else {"category": place}
    Override.objects.bulk_create(
        Override(**where, **{f"{target.kind}_id": target.id}, allow=wish.allow, deny=wish.deny)
        for target, wish in wishes.items()
    )
    if isinstance(place, Channel):
        _set_synced(place, is_synced=not wishes and place.category is None)


def follow(channel: Channel) -> None:
    """Let its category's overrides hold in the channel, and no others."""
    channel.overrides.all().delete()
    _set_synced(channel, is_synced=True)


def tell(standing: Standing, place: Place, action: str, *, with_access: bool = True, **facts: Any) -> None:
    """What every change of a place ends with: access follows, pages hear of it, it is written down."""
    if with_access:
        have_followed(standing, channels_of(place))
    publish(GroupChanged(group=standing.group.pk))
    facts = {"name": name_of_place(place), place_kind(place): str(place.pk), **facts}
    audit(actor=standing.member.user, action=action, place=standing.group.pk, target=place, **facts)


def have_followed(standing: Standing, channels: Sequence[UUID]) -> None:
    """The rows of these channels follow; those of who acts at once."""
    if channels:
        change_access(Scope(group=standing.group.pk, channels=tuple(channels)), first=(standing.member.user_id,))


def channels_of(place: Place) -> list[UUID]:
    """The channels in which the place decides."""
    if isinstance(place, Channel):
        return [place.pk]
    return list(place.channels.alive().filter(is_synced=True).order_by("pk").values_list("pk", flat=True))


def place_kind(place: Place) -> str:
    return "channel" if isinstance(place, Channel) else "category"


def name_of_place(place: Place) -> str:
    return place.conversation.title if isinstance(place, Channel) else place.name


def _set_synced(channel: Channel, *, is_synced: bool) -> None:
    channel.is_synced = is_synced
    channel.save(update_fields=["is_synced"])


def _checked(allow: int, deny: int) -> Wish:
    """Raises Refused for bits that are none of a channel's, or are both."""
    if allow < 0 or deny < 0 or allow & deny or (allow | deny) & ~int(IN_CHANNELS):
        raise Refused("invalid")
    return Wish(allow, deny)


def _check_wish(
    standing: Standing, rights: Right, ranks: Mapping[Target, int], target: Target, before: Wish, after: Wish
) -> None:
    if target not in ranks:
        raise NotFound
    check_bits(rights, (before.allow ^ after.allow) | (before.deny ^ after.deny))
    only_shows = after == Wish(before.allow | Right.VIEW, before.deny)
    if standing.rank <= ranks[target] and not only_shows:
        raise Refused("forbidden", _("Who stands as high as you, or higher, can only be let in by you."))


def _ranks(group: Group, targets: Iterable[Target]) -> dict[Target, int]:
    """How high the roles and members stand; without those who are not of this group (two queries)."""
    keys: dict[str, list[UUID]] = {"role": [], "member": []}
    for target in targets:
        keys[target.kind].append(target.id)
    roles = Role.objects.filter(group=group, pk__in=keys["role"]).values_list("pk", "position")
    members = Member.objects.filter(group=group, pk__in=keys["member"])
    highest = members.annotate(rank=Coalesce(Max("held__role__position"), 0)).values_list("pk", "user_id", "rank")
    found = {Target("role", key): position for key, position in roles}
    for key, user, rank in highest:
        found[Target("member", key)] = OWNER_RANK if user == group.owner_id else rank
    return found
