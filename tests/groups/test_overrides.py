"""Who may say what holds in a channel or category; and that nobody, by whatever way round, gives what they lack."""

import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest

from accounts.models import AuditEntry
from chat.models import Membership
from chatter.core.errors import NotFound, Refused
from groups.access import Scope, sync_access
from groups.actions import overrides as deeds
from groups.actions.categories import create_category, delete_category
from groups.actions.channels import create_channel, delete_channel, edit_channel
from groups.actions.group import create_group
from groups.actions.opening import set_privacy
from groups.actions.ordering import order_of, order_places, place_channel, shift_place
from groups.actions.overrides import follow_category, set_override
from groups.models import Channel, Group, Member, MemberRole, Override, Role
from groups.permissions import IN_CHANNELS, Right, check_grants, standing_in, top_position
from groups.places import Target, reader_of, said, sections_of, wishes_of
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """The moderators manage channels and roles."""
    atlas = make_community(cast)
    more = Right.MANAGE_CHANNELS | Right.MANAGE_ROLES
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(atlas.moderators.permissions | more))
    sync_access(Scope(group=atlas.group.pk))
    return atlas


def put(atlas: Community, actor: object, target: Target, allow: int = 0, deny: int = 0, place: Any = None):
    set_override(
        actor=actor,
        group_id=atlas.group.pk,
        kind="channel",
        place_id=(place or atlas.general).pk,
        target=target,
        allow=int(allow),
        deny=int(deny),
    )


def bits(channel: Channel, person: Any) -> int:
    row = Membership.objects.active().filter(conversation=channel.conversation, user=person).first()
    return row.permissions if row else 0


def everyone(atlas: Community) -> Target:
    return Target("role", atlas.everyone.pk)


def of(atlas: Community, person: Any) -> Target:
    return Target("member", atlas.member(person).pk)


def test_what_is_set_holds_there_and_the_channel_goes_its_own_way(cast: Cast, atlas: Community) -> None:
    put(atlas, cast.alice, everyone(atlas), deny=Right.SEND)
    atlas.general.refresh_from_db()
    assert not atlas.general.is_synced
    with pytest.raises(Refused):
        say(cast.bob, atlas.talk)
    put(atlas, cast.alice, of(atlas, cast.bob), allow=Right.SEND)
    say(cast.bob, atlas.talk)
    put(atlas, cast.alice, of(atlas, cast.bob))
    assert atlas.general.overrides.count() == 1
    with pytest.raises(Refused):
        say(cast.bob, atlas.talk)
    entry = AuditEntry.objects.latest("number")
    assert entry.action == "group.override.changed"
    assert entry.facts["before"] == [int(Right.SEND), 0]


def test_a_category_decides_for_what_follows_it(cast: Cast, atlas: Community) -> None:
    category = atlas.group.categories.get()
    where: dict[str, Any] = {"actor": cast.alice, "group_id": atlas.group.pk}
    set_override(**where, kind="category", place_id=category.pk, target=everyone(atlas), deny=int(Right.REACT))
    assert not bits(atlas.general, cast.bob) & Right.REACT
    assert bits(atlas.announcements, cast.bob) & Right.REACT
    follow_category(**where, channel_id=atlas.general.pk, follows=False)
    set_override(**where, kind="category", place_id=category.pk, target=everyone(atlas), deny=0)
    assert not bits(atlas.general, cast.bob) & Right.REACT
    follow_category(**where, channel_id=atlas.general.pk, follows=True)
    assert bits(atlas.general, cast.bob) & Right.REACT
    assert atlas.general.overrides.count() == 0
    place_channel(**where, channel_id=atlas.general.pk, category_id=None)
    with pytest.raises(Refused):
        follow_category(**where, channel_id=atlas.general.pk, follows=True)


def test_only_rights_of_channels_can_be_said_of_channels(cast: Cast, atlas: Community) -> None:
    group = (Right.ADMINISTRATOR, Right.KICK, Right.MANAGE_CHANNELS, 1 << 60, 1 << 6, -1)
    for allow, deny in [(int(Right.SEND), int(Right.SEND)), *((int(bit), 0) for bit in group), (0, -1), (0, 1 << 24)]:
        with pytest.raises(Refused) as refused:
            put(atlas, cast.alice, everyone(atlas), allow, deny)
        assert refused.value.code == "invalid"


def test_bits_without_a_name_are_nobodys_to_give(cast: Cast, atlas: Community) -> None:
    with pytest.raises(Refused):
        check_grants(standing_in(atlas.group, cast.alice), 0, 1 << 60)


def test_who_does_not_manage_roles_may_not(cast: Cast, atlas: Community) -> None:
    for person, error in ((cast.bob, Refused), (cast.charlie, NotFound)):
        with pytest.raises(error):
            put(atlas, person, everyone(atlas), deny=Right.SEND)
        with pytest.raises(error):
            follow_category(actor=person, group_id=atlas.group.pk, channel_id=atlas.general.pk, follows=False)
    assert Override.objects.filter(channel=atlas.general).count() == 0


def test_nobody_gives_or_takes_what_they_may_not_do_there(cast: Cast, atlas: Community) -> None:
    """Mod may not write in #announcements, nor pin anywhere."""
    bob = of(atlas, cast.bob)
    for allow, deny in ((Right.SEND, 0), (0, Right.SEND), (Right.ATTACH, 0)):
        with pytest.raises(Refused):
            put(atlas, cast.mod, bob, allow, deny, atlas.announcements)
    with pytest.raises(Refused):
        put(atlas, cast.mod, everyone(atlas), 0, 0, atlas.announcements)
    for target in (bob, everyone(atlas)):
        with pytest.raises(Refused):
            put(atlas, cast.mod, target, allow=Right.PIN)
    put(atlas, cast.mod, bob, allow=Right.MANAGE_MESSAGES, deny=Right.REACT)
    assert bits(atlas.general, cast.bob) & Right.MANAGE_MESSAGES


def test_nobody_touches_who_stands_as_high(cast: Cast, atlas: Community) -> None:
    """They may let them see what they see themselves, and nothing else."""
    high = Role.objects.create(group=atlas.group, name="High", position=top_position(atlas.group) + 1)
    own, above, self_ = Target("role", atlas.moderators.pk), Target("role", high.pk), of(atlas, cast.mod)
    for target in (own, above, self_, of(atlas, cast.alice)):
        for allow, deny in ((Right.SEND, 0), (0, Right.SEND), (0, Right.VIEW), (Right.VIEW | Right.SEND, 0)):
            with pytest.raises(Refused):
                put(atlas, cast.mod, target, allow, deny)
        put(atlas, cast.mod, target, allow=Right.VIEW)
        # ... which is not theirs to take again.
        with pytest.raises(Refused):
            put(atlas, cast.mod, target)
    put(atlas, cast.alice, above, allow=Right.VIEW, deny=Right.SEND)
    put(atlas, cast.alice, self_)


def test_nobody_lifts_what_keeps_the_higher_out(cast: Cast, atlas: Community) -> None:
    high = Role.objects.create(group=atlas.group, name="High", position=top_position(atlas.group) + 1)
    put(atlas, cast.alice, Target("role", high.pk), deny=Right.VIEW)
    with pytest.raises(Refused):
        put(atlas, cast.mod, Target("role", high.pk), allow=Right.VIEW)
    where: dict[str, Any] = {
        "actor": cast.mod,
        "group_id": atlas.group.pk,
        "kind": "channel",
        "place_id": atlas.general.pk,
    }
    with pytest.raises(Refused):
        set_privacy(**where, closed=True, shown_to=[Target("role", high.pk)])


def test_nobody_shuts_themselves_out(cast: Cast, atlas: Community) -> None:
    with pytest.raises(Refused) as refused:
        put(atlas, cast.mod, everyone(atlas), deny=Right.VIEW)
    assert "yourself" in str(refused.value)
    category = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Staff", closed=True)
    with pytest.raises(NotFound):
        place_channel(actor=cast.mod, group_id=atlas.group.pk, channel_id=atlas.general.pk, category_id=category.pk)


def test_the_unknown_and_what_is_of_others_is_not_found(cast: Cast, atlas: Community) -> None:
    other = create_group(owner=cast.bob, name="Elsewhere")
    role, member, place = other.roles.get(), other.members.get(), other.channels.first()
    for target in (Target("role", role.pk), Target("member", member.pk), Target("member", cast.bob.pk)):
        with pytest.raises(NotFound):
            put(atlas, cast.alice, target, allow=Right.SEND)
    with pytest.raises(NotFound):
        put(atlas, cast.alice, everyone(atlas), deny=Right.SEND, place=place)
    with pytest.raises(NotFound):
        set_override(
            actor=cast.alice,
            group_id=atlas.group.pk,
            kind="category",
            place_id=other.categories.get().pk,
            target=everyone(atlas),
        )


def test_a_place_has_room_for_so_many(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deeds, "OVERRIDES_PER_PLACE", 1)
    put(atlas, cast.alice, everyone(atlas), deny=Right.SEND)
    with pytest.raises(Refused) as refused:
        put(atlas, cast.alice, of(atlas, cast.bob), allow=Right.SEND)
    assert "1" in str(refused.value)
    put(atlas, cast.alice, everyone(atlas), deny=Right.SEND | Right.REACT)


def test_moving_gives_nothing_that_is_not_the_movers_to_give(cast: Cast, atlas: Community) -> None:
    """#general follows its category; another category lets members pin, which Mod may not."""
    generous = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Generous")
    set_override(
        actor=cast.alice,
        group_id=atlas.group.pk,
        kind="category",
        place_id=generous.pk,
        target=of(atlas, cast.bob),
        allow=int(Right.MENTION_ALL),
    )
    where: dict[str, Any] = {"actor": cast.mod, "group_id": atlas.group.pk}
    with pytest.raises(Refused) as refused:
        place_channel(**where, channel_id=atlas.general.pk, category_id=generous.pk)
    assert refused.value.code == "forbidden"
    follow_category(**where, channel_id=atlas.general.pk, follows=False)
    place_channel(**where, channel_id=atlas.general.pk, category_id=generous.pk)
    with pytest.raises(Refused):
        follow_category(**where, channel_id=atlas.general.pk, follows=True)
    assert not bits(atlas.general, cast.bob) & Right.MENTION_ALL
    place_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, category_id=generous.pk)
    follow_category(actor=cast.alice, group_id=atlas.group.pk, channel_id=atlas.general.pk, follows=True)
    assert bits(atlas.general, cast.bob) & Right.MENTION_ALL
    # Out of all categories it keeps what held.
    place_channel(actor=cast.mod, group_id=atlas.group.pk, channel_id=atlas.general.pk, category_id=None)
    assert bits(atlas.general, cast.bob) & Right.MENTION_ALL


# They open and close what else is said.
KEYS = int(Right.VIEW | Right.SEND)


class Walk:
    """Random deeds of one member with MANAGE_CHANNELS and MANAGE_ROLES in a group of hidden, open and odd places."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        owner, self.actor, *others = (make_person() for _number in range(5))
        self.group = create_group(owner=owner, name="Walkers")
        for number, person in enumerate((self.actor, *others)):
            member = Member.objects.create(group=self.group, user=person)
            role = Role.objects.create(
                group=self.group, name=f"r{number}", position=number + 1, permissions=self.bits()
            )
            MemberRole.objects.create(member=member, role=role)
        self.group.members.filter(user=self.actor).get().held.update(
            role=Role.objects.create(
                group=self.group,
                name="does",
                position=9,
                permissions=int(Right.MANAGE_CHANNELS | Right.MANAGE_ROLES) | self.bits(),
            )
        )
        Role.objects.create(group=self.group, name="top", position=10, permissions=self.bits())
        for number in range(3):
            create_category(actor=owner, group_id=self.group.pk, name=f"c{number}", closed=number == 2)
        for category in (None, *self.group.categories.all()):
            create_channel(actor=owner, group_id=self.group.pk, name="x", category_id=category.pk if category else None)
        for place in (*self.group.channels.all(), *self.group.categories.all()):
            self.scatter(place)
        sync_access(Scope(group=self.group.pk))

    def bits(self) -> int:
        return sum(bit for bit in IN_CHANNELS if self.random.random() < 0.4)

    def targets(self) -> list[Target]:
        roles = [Target("role", key) for key in self.group.roles.values_list("pk", flat=True)]
        return [*roles, *(Target("member", key) for key in self.group.members.values_list("pk", flat=True))]

    def scatter(self, place: object) -> None:
        """Overrides that somebody higher made."""
        where: dict[str, Any] = {"channel" if isinstance(place, Channel) else "category": place}
        for target in self.random.sample(self.targets(), 2):
            deny = self.bits() & ~Right.VIEW
            wish = {"allow": self.bits() & ~deny, "deny": deny}
            Override.objects.update_or_create(**where, **{f"{target.kind}_id": target.id}, defaults=wish)  # type: ignore[arg-type]
        if isinstance(place, Channel):
            Channel.objects.filter(pk=place.pk).update(is_synced=self.random.random() < 0.5)

    def truth(self) -> dict[tuple[UUID, UUID], int]:
        """(channel, person) → what they may there."""
        rows = Membership.objects.active().filter(conversation__channel__group=self.group)
        return {
            (row.conversation.channel.pk, row.user_id): row.permissions
            for row in rows.select_related("conversation__channel")
        }

    def raw(self) -> dict[tuple[UUID, UUID], int]:
        """As `truth`, of those who do not see the place, too: only what overrides and roles say."""
        found = {}
        for member in self.group.members.select_related("user"):
            reader = reader_of(standing_in(Group.objects.get(pk=self.group.pk), member.user))
            for channel in self.group.channels.alive().select_related("category"):
                found[channel.pk, member.user_id] = int(said(reader, wishes_of(channel)))
        return found

    def one(self, rows: Iterable[Any]) -> Any:
        return self.random.choice(list(rows))

    def step(self) -> None:
        who: dict[str, Any] = {"actor": self.actor, "group_id": self.group.pk}
        channel, category = self.one(self.group.channels.alive()), self.one([None, *self.group.categories.all()])
        place = self.one([channel, *([category] if category else [])])
        at: dict[str, Any] = {"kind": "channel" if isinstance(place, Channel) else "category", "place_id": place.pk}
        deny = self.bits() if self.random.random() < 0.5 else 0
        category_id = category.pk if category else None
        flip = self.random.random() < 0.5
        act = self.one(
            [
                lambda: set_override(
                    **who, **at, target=self.one(self.targets()), allow=self.bits() & ~deny, deny=deny
                ),
                lambda: set_override(
                    **who, **at, target=self.one(self.targets()), allow=int(self.one(IN_CHANNELS)) & ~deny
                ),
                lambda: set_privacy(
                    **who, **at, closed=flip, shown_to=self.random.sample(self.targets(), self.random.randrange(3))
                ),
                lambda: follow_category(**who, channel_id=channel.pk, follows=flip),
                lambda: place_channel(**who, channel_id=channel.pk, category_id=category_id),
                lambda: shift_place(**who, **at, by=1 if flip else -1),
                lambda: edit_channel(**who, channel_id=channel.pk, kind="text" if flip else "announcement"),
                lambda: create_channel(
                    **who, name="new", category_id=category_id, closed=flip, kind=self.one(["text", "announcement"])
                ),
                lambda: self.delete(delete_category, who, category),
                lambda: self.delete(delete_channel, who, channel),
            ]
        )
        act()

    def delete(self, deed: Any, who: dict[str, Any], place: Any) -> None:
        """Now and then, and never the last ones."""
        if place is None or self.random.random() < 0.5 or self.group.channels.alive().count() < 5:
            return
        deed(**who, **{"channel_id" if isinstance(place, Channel) else "category_id": place.pk})


@pytest.mark.parametrize("seed", range(3))
def test_whatever_somebody_does_with_places_nobody_gains_what_they_lack(seed: int) -> None:
    walk = Walk(seed)
    done = 0
    actor = walk.actor.pk
    for _step in range(50):
        before, raw = walk.truth(), walk.raw()
        try:
            walk.step()
        except Refused:
            assert walk.truth() == before
            continue
        done += 1
        known = {channel for channel, _person in raw}
        for (channel, person), now in walk.raw().items():
            if channel in known:
                gained = now & ~raw[channel, person] & ~KEYS
                assert not gained & ~before.get((channel, actor), 0), "gave what they may not do there"
        for (channel, person), now in walk.truth().items():
            if channel not in known:
                continue
            # Who is let in may do at once what they were allowed to do before.
            gained = (
                now & ~before.get((channel, person), 0) & KEYS & ~(raw.get((channel, person), 0) & ~int(Right.VIEW))
            )
            assert not gained & ~before.get((channel, actor), 0), "let somebody see or write where they may not"
        seen = {channel for channel, person in before if person == actor}
        assert not {c for c, person in walk.truth() if person == actor and c in known} - seen, "saw what was hidden"
    assert done > 5
    assert sync_access(Scope(group=walk.group.pk)) == []


@pytest.mark.parametrize("seed", range(4, 6))
def test_places_say_what_the_database_derives(seed: int) -> None:
    walk = Walk(seed)
    truth = walk.truth()
    for member in walk.group.members.select_related("user"):
        sections = sections_of(reader_of(standing_in(walk.group, member.user)))
        said = {line.channel.pk: int(line.rights & IN_CHANNELS) for section in sections for line in section.lines}
        assert said == {channel: rights for (channel, person), rights in truth.items() if person == member.user_id}
        assert order_of(sections)[0][0] is None


def test_of_hidden_places_who_orders_knows_nothing(cast: Cast, atlas: Community) -> None:
    category = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Staff", closed=True)
    hidden = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="plans", category_id=category.pk)
    talk = atlas.group.categories.get(name="Talk")
    general, news = atlas.general.pk, atlas.announcements.pk
    for order in (
        [(None, []), (talk.pk, [general, news, hidden.pk])],
        [(None, []), (talk.pk, [general, news]), (category.pk, [])],
    ):
        with pytest.raises(NotFound):
            order_places(actor=cast.mod, group_id=atlas.group.pk, order=order)
    order_places(actor=cast.mod, group_id=atlas.group.pk, order=[(talk.pk, [news]), (None, [general])])
    assert sync_access(Scope(group=atlas.group.pk)) == []
    hidden.refresh_from_db()
    assert hidden.category == category
