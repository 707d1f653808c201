"""The audit log as it is read, proved whole, taken along and forgotten. Written by accounts/actions/audit.py."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import erasure, export
from accounts.actions.audit import forget_audited
from accounts.export import Archive
from accounts.models import AuditEntry, AuditHead, User

SAMPLES = 20
CHUNK = 1000
# A detail may be missing where somebody of the entry was erased, or is being erased: the salted digest tells nothing of it.
_ERASED = """exists (select from accounts_user u where (u.deleted_at is not null or u.deletion_due_at is not null)
  and (u.id = e.actor_id or (e.target_kind = 'user' and u.id = e.target_id)))"""
_CHAIN = f"""
chain as (
  select e.number, e.digest, e.previous_digest, e.detail_digest, d.entry_id is null as is_bare, {_ERASED} as is_erased,
         accounts_audit_digest(e) as true_digest, accounts_audit_detail_digest(d.salt, d.words) as true_detail,
         coalesce(lag(e.number) over w, 0) as before, coalesce(lag(e.digest) over w, '') as digest_before
    from accounts_auditentry e left join accounts_auditdetail d on d.entry_id = e.number
  window w as (order by e.number))"""  # noqa: S608 -- constants
_BROKEN = """
select number, 'was changed' as problem from chain where digest <> true_digest
union all select before + 1, 'was removed' from chain where number > before + 1
union all select number, 'does not follow the one before' from chain
  where number = before + 1 and previous_digest <> digest_before
union all select number, 'has another detail' from chain where detail_digest <> true_detail
union all select number, 'lost its detail, though nobody of it was erased' from chain where is_bare and not is_erased
union all select coalesce(last.number, 0) + 1, 'was removed, or the head was changed' from accounts_audithead h
  left join (select number, digest from chain order by number desc limit 1) last on true
 where h.number <> coalesce(last.number, 0) or h.digest <> coalesce(last.digest, '')
union all select max(number), 'has no head' from chain where not exists (select from accounts_audithead) having count(*) > 0
"""
# One line of text for each: an invariant of `manage.py dbcheck`.
BROKEN_LINES = f"with {_CHAIN} select number || ' ' || problem from ({_BROKEN}) broken"  # noqa: S608 -- constants
_JUDGE = f"""
with {_CHAIN}, broken as ({_BROKEN})
select (select count(*) from chain), (select count(*) from chain where is_bare and is_erased), (select count(*) from broken),
       array(select number from broken order by 1, problem limit {SAMPLES}),
       array(select problem from broken order by number, 1 limit {SAMPLES})
"""  # noqa: S608 -- constants


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of `count` entries `erased` have no personal detail any more, rightly; `tampered` are not what was written. `samples` are
    the first of them, with what is wrong. `last` is the number and digest to keep elsewhere."""

    count: int
    erased: int
    tampered: int
    samples: list[tuple[int, str]]
    last: tuple[int, str]


def verify_chain() -> Verdict:
    """Read the whole chain and compare every digest."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(_JUDGE)
        count, erased, tampered, numbers, problems = cursor.fetchone()
        head = AuditHead.objects.first() or AuditHead()
    return Verdict(count, erased, tampered, list(zip(numbers, problems, strict=True)), (head.number, head.digest))


def matches(number: int, digest: str) -> bool:
    """Does the entry still have the digest that somebody kept elsewhere? So that not even who rewrites all of it goes unseen."""
    return AuditEntry.objects.filter(number=number, digest=digest).exists()


class Asked(NamedTuple):
    """Which entries: of a place, newest first, before the entry `before`; what is None or empty filters nothing."""

    place: UUID
    actor: UUID | None = None
    target: UUID | None = None
    actions: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries_of(asked: Asked, limit: int) -> list[AuditEntry]:
    """With actor and detail, in one query."""
    found = AuditEntry.objects.filter(place=asked.place).select_related("actor", "detail").order_by("-number")
    if asked.actions:
        found = found.filter(action__in=list(asked.actions))
    wanted = {
        "actor_id": asked.actor,
        "target_id": asked.target,
        "at__gte": asked.since,
        "at__lt": asked.until,
        "number__lt": asked.before,
    }
    return list(found.filter(**{name: value for name, value in wanted.items() if value is not None})[:limit])


def words_of(entry: AuditEntry) -> dict[str, Any]:
    """The personal words of an entry; {} where they were erased."""
    detail = getattr(entry, "detail", None)
    return detail.words if detail else {}


def collect(person: User, archive: Archive) -> None:
    """What the person did, and what was done to them and why; who did it is not theirs."""
    archive.add_rows("audit", _("What you did, and what was done to you, by the rules of a place"), _exported(person))


def _exported(person: User) -> Iterator[dict[str, Any]]:
    mine = Q(actor=person) | Q(target_kind="user", target_id=person.pk)
    rows: QuerySet[AuditEntry] = AuditEntry.objects.filter(mine).select_related("detail").order_by("number")
    for row in rows.iterator(CHUNK):
        words = words_of(row)
        did = row.actor_id == person.pk
        kept = {"reason": words.get("reason", "")} | ({"address": words.get("address", "")} if did else {})
        yield {"action": row.action, "at": row.at, "place": row.place, "did": did, "facts": row.facts, **kept}


erasure.register("audit", forget_audited)
export.register("audit", collect)
