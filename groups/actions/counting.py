"""Counting what is said in groups, a day (UTC) at a time: the clock calls it. Comings and goings are counted as they happen.

A message counts on the day of its id, also when it is deleted later: the same day counted again gives the same.
"""

from datetime import UTC, date, datetime

from django.db import transaction

from accounts.days import bounds_of, days_to_count
from chatter.core.database import prepared_cursor

JOB = "group_days"

# Of each member in each channel how much they said. Only rows that change are written, in one order.
SAID = """
select c.group_id, c.id channel_id, g.sender_id, count(*) messages
  from chat_message g join groups_channel c on c.conversation_id = g.conversation_id
 where g.id >= chat_month_bound(%(day)s) and g.id < chat_month_bound(%(next)s) and g.kind <> 'system'
"""
_COUNT = f"""
with said as materialized ({SAID} group by 1, 2, 3),
channels as (
  insert into groups_channelday as d (channel_id, day, messages, active)
  select channel_id, %(day)s, sum(messages), count(*) from said group by channel_id order by channel_id
  on conflict (channel_id, day) do update set messages = excluded.messages, active = excluded.active
   where (d.messages, d.active) is distinct from (excluded.messages, excluded.active)
  returning 1),
whole as (
  insert into groups_groupday as d (group_id, day, joined, "left", messages, active)
  select group_id, %(day)s, 0, 0, sum(messages), count(distinct sender_id) from said group by group_id order by group_id
  on conflict (group_id, day) do update set messages = excluded.messages, active = excluded.active
   where (d.messages, d.active) is distinct from (excluded.messages, excluded.active)
  returning 1)
select (select count(*) from channels) + (select count(*) from whole)
"""  # noqa: S608 -- a query of this module


def count_days(today: date | None = None) -> int:
    """Count today and yesterday again, and the days before on which the clock did not come to it. Returns the changed rows."""
    return sum(count_day(day) for day in days_to_count(JOB, today or datetime.now(UTC).date()))


def count_day(day: date) -> int:
    """What was said on `day`, in all groups; returns how many rows changed. One statement, which locks no message."""
    with transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute(_COUNT, bounds_of(day))
        return int(cursor.fetchone()[0])
