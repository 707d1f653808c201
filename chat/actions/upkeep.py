"""What time does to talk: the change log is kept CHATTER_CHANGES_DAYS days."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

CHUNK = 5000

# The rows' ids are in order of time, so the boundary is found by halving, without an index on the time.
_BOUNDARY = """
with recursive step(low, high) as (
  select coalesce(min(id), 1), coalesce(max(id), 0) + 1 from chat_change
  union all
  select case when older then middle + 1 else low end, case when older then high else middle end
    from (select low, high, (low + high) / 2 middle,
                 coalesce((select c.created_at < %s from chat_change c where c.id >= (low + high) / 2 order by c.id limit 1), false) older
            from step where low < high) probe)
select low from step where low >= high
"""

_PRUNE = """
with oldest as (select id, conversation_id from chat_change where id < %s order by id limit %s),
held as (select id from chat_conversation where id in (select conversation_id from oldest) order by id for no key update),
gone as (delete from chat_change c using oldest o, held h where c.id = o.id and h.id = o.conversation_id
         returning c.conversation_id, c.version),
floors as (select conversation_id, max(version) version from gone group by 1)
update chat_conversation v set floor_version = greatest(v.floor_version, f.version) from floors f where v.id = f.conversation_id
returning (select count(*) from gone)
"""


def prune_changes() -> int:
    """Forget logged changes that are too old, in committed chunks; returns how many went.

    `floor_version` moves in the same transaction: a client that is older is told to start afresh.
    """
    before = timezone.now() - timedelta(days=settings.CHATTER_CHANGES_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDARY, [before])
        boundary = cursor.fetchone()[0]
    pruned = 0
    while gone := _prune_chunk(boundary):
        pruned += gone
    return pruned


def _prune_chunk(boundary: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PRUNE, [boundary, CHUNK])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
