"""Who may see, find and write to whom. Every exit asks here; issue by issue only these functions learn new rules."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Block, User
from accounts.privacy import Way
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused
from chatter.core.presence import statuses

_BLOCKS = """
select blocked_id from accounts_block where blocker_id = %s
union select blocker_id from accounts_block where blocked_id = %s
"""


def check_member(person: User) -> None:
    """Guests talk in the lobby and nowhere else, until they claim their account."""
    if person.is_guest:
        raise Refused("forbidden", _("Guests can only talk in the lobby. Keep your name with a password to do more."))


def visible_people(viewer: User) -> QuerySet[User]:
    """Whom `viewer` may be shown by name: everybody who is here and has not blocked them. Guests are shown nobody."""
    if viewer.is_guest:
        return User.objects.filter(pk=viewer.pk)
    blocked_by = Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer)
    return User.objects.reachable().exclude(Exists(blocked_by))


def reach(person_id: UUID, other_id: UUID, way: Way) -> str:
    """Whether `person_id` may reach `other_id` that way: "yes", or why not (see accounts/sql/reach_1.sql; one query)."""
    with prepared_cursor() as cursor:
        cursor.execute("select accounts_reach(%s, %s, %s)", [person_id, other_id, way.value])
        return str(cursor.fetchone()[0])


def reach_ways(person_id: UUID, other_id: UUID, ways: Iterable[Way]) -> dict[Way, str]:
    """What `reach` answers for each of `ways` (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "select t.way, accounts_reach(%s, %s, t.way) from unnest(%s::text[]) t(way)",
            [person_id, other_id, [way.value for way in ways]],
        )
        return {Way(way): answer for way, answer in cursor.fetchall()}


def reachable(person_id: UUID, others: Iterable[UUID], way: Way) -> frozenset[UUID]:
    """Those of `others` whom the person may reach that way (one query, none for nobody)."""
    keys = list(others)
    if not keys:
        return frozenset()
    with prepared_cursor() as cursor:
        cursor.execute(
            "select t.id from unnest(%s::uuid[]) t(id) where accounts_reach(%s, t.id, %s) = 'yes'",
            [keys, person_id, way.value],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def check_reach(person: User, other: User, way: Way = Way.MESSAGE) -> None:
    """Raises NotFound or Refused unless `person` may reach `other` that way.

    The one who blocked reads "blocked"; the one who was blocked reads the same as whoever the settings keep away.
    """
    check_answer(reach(person.pk, other.pk, way), person)


def check_answer(answer: str, person: User) -> None:
    """Raises what an answer of `reach` other than "yes" means to `person`."""
    if answer == "missing":
        raise NotFound
    if answer == "self":
        raise Refused("invalid", _("You cannot do this with yourself."))
    if answer == "blocking":
        raise Refused("blocked")
    if answer == "guest":
        check_member(person)
        raise Refused("forbidden", _("Guests can only talk in the lobby."))
    if answer != "yes":
        raise Refused("forbidden", _("This person cannot be reached this way."))


def hidden_from(person_id: UUID) -> frozenset[UUID]:
    """Whom the person neither sees typing, reading or being here, nor lets see it: blocks, both ways (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_BLOCKS, [person_id, person_id])
        return frozenset(row[0] for row in cursor.fetchall())


def blocked_by(person: User) -> frozenset[UUID]:
    """Whom the person blocks: their messages are folded. Comes with the session; one query where it did not."""
    if person.blocked_ids is None:
        person.blocked_ids = frozenset(Block.objects.filter(blocker=person).values_list("blocked_id", flat=True))
    return person.blocked_ids


def visible_statuses(viewer_id: UUID, people: Iterable[UUID]) -> dict[UUID, str]:
    """How those of `people` are who are not offline, as far as the viewer may know (one query)."""
    present = statuses(people)
    visible = reachable(viewer_id, present, Way.PRESENCE)
    return {key: status for key, status in present.items() if key in visible}


def check_not_blocked(person_id: UUID, other_id: UUID) -> None:
    """Raises Refused: "blocked" to the one who blocks, "forbidden" to the blocked."""
    blockers = set(Block.objects.between(person_id, other_id).values_list("blocker_id", flat=True))
    if person_id in blockers:
        raise Refused("blocked")
    if blockers:
        raise Refused("forbidden")


def may_judge(actor: User, person: User) -> bool:
    """May `actor` of the staff change the account of `person`? Nobody touches their own rank or one above."""
    return actor.is_superuser or not (person.is_staff or person.is_superuser)
