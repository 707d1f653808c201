"""What one person may know of another: their page and their card say this and nothing more. Reads only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.contacts import Relation, relation_between
from accounts.models import User
from accounts.permissions import reach_ways
from accounts.privacy import Way
from chatter.core.database import prepared_cursor
from chatter.core.presence import statuses
from chatter.core.rows import columns, instance, width

MUTUAL_SHOWN = 6
PRESENCE = {"online": _("Online"), "idle": _("Idle"), "dnd": _("Do not disturb"), "offline": _("Offline")}
ASKED = (Way.MESSAGE, Way.REQUEST, Way.PRESENCE, Way.LAST_SEEN, Way.EMAIL, Way.PHONE)

# Friends of both, whom neither the viewer nor anybody else needs to be told apart from strangers: no gone, no blocked.
_MUTUAL_FRIENDS = """
with friends as (
  select case when f.requester_id = %(viewer)s then f.addressee_id else f.requester_id end id
    from accounts_friendship f where f.state = 'accepted' and %(viewer)s in (f.requester_id, f.addressee_id))
select {columns}, count(*) over () total
  from accounts_user u join friends on friends.id = u.id
 where u.is_active and u.deleted_at is null
   and exists (select from accounts_friendship f
                where f.state = 'accepted' and least(f.requester_id, f.addressee_id) = least(u.id, %(person)s)
                  and greatest(f.requester_id, f.addressee_id) = greatest(u.id, %(person)s))
 order by lower(coalesce(nullif(u.display_name, ''), u.username)), u.username limit %(limit)s
"""


class Some(NamedTuple):
    """The first few of something, and how many more there are."""

    shown: Sequence[Any]
    more: int = 0

    @property
    def total(self) -> int:
        return len(self.shown) + self.more


class Profile(NamedTuple):
    """A person as `viewer` may know them. What the viewer may not know is empty."""

    person: User
    relation: Relation
    ways: dict[Way, str]
    presence: str = ""
    presence_words: str | Promise = ""
    status_text: str = ""
    last_seen: datetime | None = None
    email: str = ""
    phone: str = ""
    mutual_friends: Some = Some(())

    @property
    def is_self(self) -> bool:
        return self.relation == Relation.SELF

    @property
    def is_blocked(self) -> bool:
        return self.relation == Relation.BLOCKING

    @property
    def can_write(self) -> bool:
        return self.ways[Way.MESSAGE] == "yes"

    @property
    def can_ask(self) -> bool:
        return self.relation == Relation.NONE and self.ways[Way.REQUEST] == "yes"

    @property
    def keeps_to_themselves(self) -> bool:
        """Their settings, not a block, are why the viewer cannot write."""
        return self.ways[Way.MESSAGE] == "private"


def profile_of(viewer: User, person: User) -> Profile:
    """What `viewer` may know of `person`, who must be visible to them (five queries at most)."""
    relation = relation_between(viewer, person)
    ways = reach_ways(viewer.pk, person.pk, ASKED)
    if relation == Relation.BLOCKING:
        return Profile(person, relation, ways)
    return Profile(
        person,
        relation,
        ways,
        **_presence(person, ways),
        email=shown_address(person) if _may(ways, Way.EMAIL) else "",
        phone=person.phone if _may(ways, Way.PHONE) else "",
        mutual_friends=Some(()) if relation == Relation.SELF else mutual_friends(viewer, person),
    )


def shown_address(person: User) -> str:
    """Never one that waits to be confirmed: it may be somebody else's, and whether it is must not show."""
    if (
        not person.email
        or EmailAddress.objects.filter(user=person, email__iexact=person.email, verified=False).exists()
    ):
        return ""
    return person.email


def mutual_friends(viewer: User, person: User, limit: int = MUTUAL_SHOWN) -> Some:
    """People who are friends of both, by name (one query)."""
    sql = _MUTUAL_FRIENDS.format(columns=columns(User, "u"))
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"viewer": viewer.pk, "person": person.pk, "limit": limit})
        rows = cursor.fetchall()
    shown = [instance(User, row[: width(User)]) for row in rows]
    return Some(shown, rows[0][-1] - len(shown) if rows else 0)


def _may(ways: dict[Way, str], way: Way) -> bool:
    return ways[way] == "yes"


def _presence(person: User, ways: dict[Way, str]) -> dict[str, Any]:
    """How they are, in their own words, and when they were last here; nothing of that for who chose to be invisible."""
    if person.status == User.Status.OFFLINE:
        return {"presence": "offline", "presence_words": PRESENCE["offline"]} if _may(ways, Way.PRESENCE) else {}
    presence = statuses([person.pk]).get(person.pk, "offline")
    known: dict[str, Any] = {}
    if _may(ways, Way.PRESENCE):
        known |= {"presence": presence, "presence_words": PRESENCE[presence], "status_text": person.present_status_text}
    if _may(ways, Way.LAST_SEEN) and presence == "offline":
        known["last_seen"] = person.last_seen_at
    return known
