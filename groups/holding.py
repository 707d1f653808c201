"""Who holds which roles, as pages show it. Reads; `groups/actions/` writes."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import User
from chatter.core.hues import HUES
from groups.models import Group, Member, MemberRole, Role
from groups.permissions import OWNER_RANK, Right, Standing
from groups.wording import Words

PER_PAGE = 50
FOUND_MAX = 20


@dataclass(frozen=True)
class RoleRow:
    """A role as the list has it. `is_below`: the reader stands above it; `may_rise`: the next one up, too."""

    role: Role
    holders: int
    is_below: bool
    may_rise: bool = False
    may_fall: bool = False

    @property
    def colour(self) -> Words:
        return HUES[self.role.hue] if self.role.hue is not None else ""

    @property
    def is_administrator(self) -> bool:
        return bool(self.role.permissions & Right.ADMINISTRATOR)


@dataclass(frozen=True)
class RoleChoice:
    """A role that a member holds or might. `is_open`: the reader may give and take it."""

    role: Role
    is_held: bool
    is_open: bool


def role_rows(standing: Standing) -> list[RoleRow]:
    """All roles of the group, highest first (one query)."""
    roles = Role.objects.filter(group=standing.group).annotate(holders=Count("held")).order_by("-position")
    rows = []
    for role in roles:
        is_below = standing.rank > role.position
        rows.append(
            RoleRow(
                role,
                standing.group.member_count if role.is_everyone else role.holders,
                is_below,
                may_rise=is_below and not role.is_everyone and role.position + 1 < min(standing.rank, len(roles)),
                may_fall=is_below and role.position > 1,
            )
        )
    return rows


def role_choices(standing: Standing, member: Member) -> list[RoleChoice]:
    """What the member holds and could be given, highest first. The action asks again, and for overrides (one query)."""
    held = Exists(MemberRole.objects.filter(role=OuterRef("pk"), member=member))
    roles = Role.objects.filter(group=standing.group, is_everyone=False).annotate(is_held=held).order_by("-position")
    reaches = member.pk == standing.member.pk or standing.rank > rank_of(standing.group, member)
    return [RoleChoice(role, role.is_held, reaches and may_hand(standing, role)) for role in roles]


def may_hand(standing: Standing, role: Role) -> bool:
    """Does the reader stand above the role, and may they themselves all that it brings to the group?"""
    return standing.rank > role.position and not role.permissions & ~int(standing.rights)


def rank_of(group: Group, member: Member) -> int:
    """How high a member stands (one query)."""
    highest: int = member.roles.aggregate(rank=Coalesce(Max("position"), 0))["rank"]
    return OWNER_RANK if group.owner_id == member.user_id else highest


def with_ranks(members: QuerySet[Member]) -> QuerySet[Member]:
    return members.annotate(rank=Coalesce(Max("held__role__position"), 0))


def holders_of(role: Role, *, after: int | None = None) -> list[MemberRole]:
    """A page of who holds the role, the last to be given it first, and one more where there are more (one query)."""
    held = role.held.select_related("member__user").order_by("-pk")
    return list(held.filter(pk__lt=after) if after else held)[: PER_PAGE + 1]


def members_to_give(standing: Standing, role: Role, words: str) -> list[Member]:
    """Members called so whom the reader may give the role, and who do not hold it yet (one query)."""
    if not (wanted := " ".join(words.replace("\0", "").split()).removeprefix("@")):
        return []
    called = (
        Q(nickname__icontains=wanted) | Q(user__username__icontains=wanted) | Q(user__display_name__icontains=wanted)
    )
    members = Member.objects.filter(called, group=standing.group).exclude(held__role=role)
    reachable = Q(rank__lt=standing.rank) & ~Q(user=standing.group.owner_id) | Q(pk=standing.member.pk)
    return list(with_ranks(members).filter(reachable).select_related("user").order_by("user__username")[:FOUND_MAX])


def members_named(standing: Standing, usernames: list[str]) -> list[User]:
    """The members with these usernames; the unknown are left out (one query)."""
    members = Member.objects.filter(group=standing.group, user__username__in=usernames).select_related("user")
    return [member.user for member in members]


def member_in(standing: Standing, person: UUID) -> Member | None:
    """One query."""
    return Member.objects.filter(group=standing.group, user=person).select_related("user").first()
