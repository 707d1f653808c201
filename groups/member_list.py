"""Who is in a group, as its list of members shows it: a page at a time, filtered, or the best a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils import timezone

from accounts.search import parameters
from chatter.core.database import prepared_cursor
from groups.models import Group, Member, MemberRole, Role
from groups.permissions import OWNER_RANK, Standing

PER_PAGE = 50
FOUND_MAX = 100
JOINED, NAME = "joined", "name"
ROLES_SHOWN = 2

# So many are looked at of each kind of name, by its own index: a search costs the same in a group of any size.
_SEARCH = """
(select m.id from groups_member m where m.group_id = %(group)s and m.nickname <> ''
    and (upper(m.nickname) like upper(%(inside)s) or upper(m.nickname) like upper(%(word)s)) limit %(candidates)s)
union
(select m.id from accounts_user u join groups_member m on m.user_id = u.id and m.group_id = %(group)s
  where upper(u.username) like upper(%(inside)s) limit %(candidates)s)
union
(select m.id from accounts_user u join groups_member m on m.user_id = u.id and m.group_id = %(group)s
  where upper(u.display_name) like upper(%(inside)s) or upper(u.display_name) like upper(%(word)s) limit %(candidates)s)
"""


@dataclass
class MemberLine:
    """A member with the roles they hold, highest first. `is_below`: the reader stands above them."""

    member: Member
    group: Group
    roles: list[Role] = field(default_factory=list)
    is_below: bool = False

    @cached_property
    def name(self) -> str:
        return self.member.nickname or self.member.user.name

    @cached_property
    def is_owner(self) -> bool:
        return self.group.owner_id == self.member.user_id

    @cached_property
    def rank(self) -> int:
        return OWNER_RANK if self.is_owner else max((role.position for role in self.roles), default=0)

    @cached_property
    def hue(self) -> int | None:
        return next((role.hue for role in self.roles if role.hue is not None), None)

    @property
    def shown_roles(self) -> list[Role]:
        """Those a row has room for."""
        return self.roles[:ROLES_SHOWN]

    @property
    def more_roles(self) -> int:
        return max(0, len(self.roles) - ROLES_SHOWN)

    @property
    def more_names(self) -> str:
        return ", ".join(role.name for role in self.roles[ROLES_SHOWN:])

    @cached_property
    def timed_out_until(self) -> datetime | None:
        until = self.member.timed_out_until
        return until if until is not None and until > timezone.now() else None


def lines_of(standing: Standing, members: Iterable[Member]) -> list[MemberLine]:
    """The members with their roles (one query)."""
    lines = {member.pk: MemberLine(member, standing.group) for member in members}
    held = MemberRole.objects.filter(member__in=lines).select_related("role").order_by("-role__position")
    for row in held:
        lines[row.member_id].roles.append(row.role)
    for line in lines.values():
        line.is_below = line.rank < standing.rank and line.member.pk != standing.member.pk
    return list(lines.values())


def members_page(
    group: Group, *, words: str = "", role: UUID | None = None, sort: str = JOINED, after: str = ""
) -> tuple[list[Member], str]:
    """A page of members, and what the next begins after ("" where there is none). Of a search the first FOUND_MAX."""
    rows = Member.objects.filter(group=group).select_related("user")
    if role is not None:
        rows = rows.filter(pk__in=MemberRole.objects.filter(role=role, role__group=group).values("member"))
    if words:
        rows = rows.filter(pk__in=_called(group, words))
    rows = _by_name(rows, after) if sort == NAME else _by_time(rows, after)
    most = FOUND_MAX if words else PER_PAGE
    found = list(rows[: most + 1])
    has_more = len(found) > most and not words
    return found[:most], _token(found[most - 1], sort) if has_more else ""


def _called(group: Group, words: str) -> list[UUID]:
    wanted = " ".join(words.replace("\0", "").split()).removeprefix("@")
    if not wanted:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(_SEARCH, {"group": group.pk, **_patterns(wanted)})
        return [row[0] for row in cursor.fetchall()]


def _patterns(words: str) -> dict[str, str | int]:
    patterns = parameters(words)
    return {name: patterns[name] for name in ("word", "inside", "candidates")}


def _by_time(rows: QuerySet[Member], after: str) -> QuerySet[Member]:
    """The last to come first."""
    said, _tilde, key = after.partition("~")
    rows = rows.order_by("-joined_at", "-pk")
    try:
        moment, last = datetime.fromisoformat(said), UUID(key)
    except ValueError:
        return rows
    if timezone.is_naive(moment):
        return rows
    return rows.filter(joined_at__lte=moment).filter(Q(joined_at__lt=moment) | Q(pk__lt=last))


def _by_name(rows: QuerySet[Member], after: str) -> QuerySet[Member]:
    called = Coalesce(NullIf("nickname", Value("")), NullIf("user__display_name", Value("")), F("user__username"))
    rows = rows.annotate(called=Lower(called)).order_by("called", "pk")
    name, _tilde, key = after.rpartition("~")
    try:
        last = UUID(key)
    except ValueError:
        return rows
    return rows.filter(Q(called__gt=name) | Q(called=name, pk__gt=last))


def _token(member: Member, sort: str) -> str:
    said = member.called if sort == NAME else member.joined_at.isoformat()  # type: ignore[attr-defined]  # annotated
    return f"{said}~{member.pk}"
