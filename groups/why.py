"""Why somebody may do something in a group, or may not: each step of docs/permissions.md in words, and what it did.

Says nothing that the membership row does not say: tests/groups/test_why.py compares both, bit by bit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.models import Channel, Group, Member, Override, Role
from groups.permissions import ALL, IN_CHANNELS, NEEDS_SEND, Right
from groups.wording import Words, name_of

# So many roles are named in one step; of the rest it says how many.
NAMED = 3


@dataclass(frozen=True)
class Subject:
    """Somebody with these roles beside @everyone: a member, or nobody in particular (seen as a role)."""

    everyone: Role
    roles: Sequence[Role]
    member: Member | None = None
    is_owner: bool = False

    @property
    def base(self) -> Right:
        """What they may in all of the group."""
        bits = self.everyone.permissions
        for role in self.roles:
            bits |= role.permissions
        return ALL if self.is_owner or bits & Right.ADMINISTRATOR else Right(bits)

    @property
    def is_above(self) -> bool:
        return bool(self.base & Right.ADMINISTRATOR)


@dataclass(frozen=True)
class Place:
    """A channel with the overrides that hold there: its own, or its category's while it follows it."""

    channel: Channel
    overrides: Sequence[Override] = ()

    @property
    def name(self) -> str:
        return f"#{self.channel.conversation.title}"

    @property
    def is_following(self) -> bool:
        return self.channel.is_synced and self.channel.category_id is not None

    @property
    def decided_at(self) -> UUID | None:
        """The id of the channel, or of the category that it follows."""
        return self.channel.category_id if self.is_following else self.channel.pk


@dataclass(frozen=True)
class Step:
    """One step: who or what speaks, what it says, whether the right is there after it, and whether this step made it so."""

    source: str
    words: str
    has: bool
    is_turn: bool = False


@dataclass(frozen=True)
class Answer:
    """The steps and where they lead. `silent_until`: they may, but are timed out until then."""

    right: Right
    steps: list[Step] = field(default_factory=list)
    silent_until: datetime | None = None

    @property
    def name(self) -> Words:
        return name_of(self.right)

    @property
    def can(self) -> bool:
        return self.steps[-1].has


class Trail:
    """Steps on their way: each begins with what the one before left."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.has = False

    def add(self, source: str, words: str, *, has: bool | None = None) -> None:
        """A step that makes the right be there or not, or (None) leaves it as it is."""
        after = self.has if has is None else has
        self.steps.append(Step(source, words, after, is_turn=after != self.has))
        self.has = after


def explain(subject: Subject, right: Right, place: Place | None = None) -> Answer:
    """Whether they may do it in all of the group, or in this place, step by step. What channels do not know is decided for
    the whole group, wherever it is asked."""
    trail = Trail()
    _in_group(trail, subject, right)
    if subject.is_above:
        _above(trail, subject)
        return Answer(right, trail.steps)
    if place is None or not right & IN_CHANNELS:
        if place is not None:
            trail.add(_("Channels"), _("This is decided for the whole group: channels change nothing about it."))
        return Answer(right, trail.steps)
    _in_place(trail, subject, right, place)
    _needs(trail, subject, right, place)
    return Answer(right, trail.steps, _silence(subject, right) if trail.has else None)


def bits_in(subject: Subject, place: Place) -> Right:
    """Everything they may in the place: nothing where they do not see it. Their row keeps of it what is asked in channels."""
    if subject.is_above:
        return ALL
    bits = int(subject.base)
    for overrides in _in_order(subject, place):
        for override in overrides:
            bits &= ~(override.deny & IN_CHANNELS)
        for override in overrides:
            bits |= override.allow & IN_CHANNELS
    if not bits & Right.VIEW:
        return Right(0)
    return Right(bits if bits & Right.SEND else bits & ~NEEDS_SEND)


def _in_group(trail: Trail, subject: Subject, right: Right) -> None:
    gives = bool(subject.everyone.permissions & right)
    words = _("All members have this right.") if gives else _("Not all members have this right.")
    trail.add("@everyone", words, has=gives)
    giving = [role for role in subject.roles if role.permissions & right]
    if giving:
        trail.add(_roles_named(giving), ngettext("gives it.", "give it.", len(giving)), has=True)
    if rest := len(subject.roles) - len(giving):
        source = ngettext("%(count)d other role", "%(count)d other roles", rest) if giving else _("Roles")
        words = ngettext("does not give it.", "do not give it.", rest) if giving else _("None of their roles gives it.")
        trail.add(source % {"count": rest} if giving else source, words)


def _above(trail: Trail, subject: Subject) -> None:
    """The owner and administrators: nothing that follows concerns them."""
    if subject.is_owner:
        trail.add(_("Owner"), _("Who owns the group may do everything, everywhere."), has=True)
        return
    makers = [role for role in (subject.everyone, *subject.roles) if role.permissions & Right.ADMINISTRATOR]
    trail.add(_roles_named(makers), _("Administrators may do everything, everywhere."), has=True)


def _in_place(trail: Trail, subject: Subject, right: Right, place: Place) -> None:
    if place.is_following:
        category = place.channel.category
        words = _("It follows its category “%(name)s”: what is said there holds.")
        trail.add(place.name, words % {"name": category.name if category else ""})
    else:
        trail.add(place.name, _("What is said of this channel itself holds."))
    everyone, roles, own = _in_order(subject, place)
    _weigh(trail, right, everyone, _("@everyone, there"))
    _weigh(trail, right, roles, _("Roles, there"))
    _weigh(trail, right, own, _("This member, there"))


def _in_order(subject: Subject, place: Place) -> Iterator[list[Override]]:
    """The overrides that concern them: @everyone's, those of their roles, their own."""
    held = {role.pk for role in subject.roles}
    yield [one for one in place.overrides if one.role_id == subject.everyone.pk]
    yield [one for one in place.overrides if one.role_id in held]
    member = subject.member.pk if subject.member else None
    yield [one for one in place.overrides if member is not None and one.member_id == member]


def _weigh(trail: Trail, right: Right, overrides: list[Override], source: str) -> None:
    """What is denied goes first, then what is allowed comes."""
    denying = [one for one in overrides if one.deny & right]
    allowing = [one for one in overrides if one.allow & right]
    if denying:
        trail.add(_speakers(denying, source), _("Denied."), has=False)
    if allowing:
        words = _("Allowed, which counts for more.") if denying else _("Allowed.")
        trail.add(_speakers(allowing, source), words, has=True)
    if not denying and not allowing:
        trail.add(source, _("Nothing is said."))


def _speakers(overrides: list[Override], source: str) -> str:
    """Of roles their names; of @everyone and a member what the step is called."""
    roles = [one.role for one in overrides if one.role is not None and not one.role.is_everyone]
    return _roles_named(roles) if roles else source


def _needs(trail: Trail, subject: Subject, right: Right, place: Place) -> None:
    """Nothing is there for who does not see the channel, and little for who may not write."""
    bits = bits_in(subject, place)
    if right != Right.VIEW and not bits & Right.VIEW:
        words = _("They do not see this channel: there is nothing they could do in it.")
        trail.add(str(name_of(Right.VIEW)), words, has=False)
    elif right & NEEDS_SEND and not bits & Right.SEND:
        trail.add(str(name_of(Right.SEND)), _("Only who may write has this right, and they may not."), has=False)


def _silence(subject: Subject, right: Right) -> datetime | None:
    """Until when they are timed out, where that stops this."""
    until = subject.member.timed_out_until if subject.member else None
    stops = right & (NEEDS_SEND | Right.SEND)
    return until if stops and until is not None and until > timezone.now() else None


def _roles_named(roles: Sequence[Role]) -> str:
    """The highest of them by name, and how many more."""
    ordered = sorted(roles, key=lambda role: -role.position)
    names = ", ".join("@everyone" if role.is_everyone else role.name for role in ordered[:NAMED])
    more = len(ordered) - NAMED
    if more <= 0:
        return names
    return ngettext("%(names)s and %(count)d more", "%(names)s and %(count)d more", more) % {
        "names": names,
        "count": more,
    }


# --- reading ----------------------------------------------------------------------------------------------------------


def subject_of(group: Group, member: Member) -> Subject:
    """A member, with what they hold (one query)."""
    roles = Role.objects.filter(Q(is_everyone=True) | Q(held__member=member), group=group)
    return _subject(roles, member, is_owner=group.owner_id == member.user_id)


def somebody_with(roles: Iterable[Role]) -> Subject:
    """Nobody in particular, who holds these; @everyone must be among them."""
    return _subject(roles)


def _subject(roles: Iterable[Role], member: Member | None = None, *, is_owner: bool = False) -> Subject:
    held = list(roles)
    everyone = next(role for role in held if role.is_everyone)
    return Subject(everyone, [role for role in held if not role.is_everyone], member, is_owner)


def places_seen(group: Group, person: UUID) -> list[Place]:
    """The channels that `person` sees, in the order of the side bar, with the overrides that hold there (two queries)."""
    return places_of(
        group,
        Channel.objects.filter(conversation__memberships__user=person, conversation__memberships__left_at=None),
    )


def places_of(group: Group, channels: QuerySet[Channel]) -> list[Place]:
    """Those of `channels` that are the group's."""
    found = list(
        channels.filter(group=group, deleted_at=None)
        .select_related("conversation", "category")
        .order_by(F("category__position").asc(nulls_first=True), "category_id", "position", "id")
    )
    said: dict[UUID | None, list[Override]] = {}
    overrides = Override.objects.filter(Q(channel__group=group) | Q(category__group=group)).select_related("role")
    for override in overrides:
        said.setdefault(override.channel_id or override.category_id, []).append(override)
    places = [Place(channel) for channel in found]
    return [replace(place, overrides=said.get(place.decided_at, [])) for place in places]
