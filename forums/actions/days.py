"""Counting what happens in forums, a day (UTC) at a time: the clock calls it. Comings and goings are counted as they happen.

Posts and comments count on the day of their ids, also when they are removed later; votes on the day they were first cast, but for
those that authors begin with. The same day counted again gives the same.
"""

from datetime import UTC, date, datetime

from django.db import transaction

from accounts.days import bounds_of, days_to_count
from chatter.core.database import prepared_cursor

JOB = "forum_days"

# Only rows that change are written, in one order.
_COUNT = """
with did as materialized (
  select forum_id, author_id as person, 1 as post, 0 as comment, 0 as vote from forums_post
   where id >= chat_month_bound(%(day)s) and id < chat_month_bound(%(next)s)
  union all
  select p.forum_id, c.author_id, 0, 1, 0 from forums_comment c join forums_post p on p.id = c.post_id
   where c.id >= chat_month_bound(%(day)s) and c.id < chat_month_bound(%(next)s)
  union all
  select p.forum_id, v.user_id, 0, 0, 1 from forums_postvote v join forums_post p on p.id = v.post_id
   where v.created_at >= %(day)s::timestamp at time zone 'utc' and v.created_at < %(next)s::timestamp at time zone 'utc'
     and v.user_id <> p.author_id
  union all
  select p.forum_id, v.user_id, 0, 0, 1 from forums_commentvote v
    join forums_comment c on c.id = v.comment_id join forums_post p on p.id = c.post_id
   where v.created_at >= %(day)s::timestamp at time zone 'utc' and v.created_at < %(next)s::timestamp at time zone 'utc'
     and v.user_id <> c.author_id),
written as (
  insert into forums_forumday as d (forum_id, day, joined, "left", posts, comments, votes, active)
  select forum_id, %(day)s, 0, 0, sum(post), sum(comment), sum(vote), count(distinct person)
    from did group by forum_id order by forum_id
  on conflict (forum_id, day) do update
     set posts = excluded.posts, comments = excluded.comments, votes = excluded.votes, active = excluded.active
   where (d.posts, d.comments, d.votes, d.active)
         is distinct from (excluded.posts, excluded.comments, excluded.votes, excluded.active)
  returning 1)
select count(*) from written
"""


def count_forum_days(today: date | None = None) -> int:
    """Today and yesterday again, and the days before on which the clock did not come to it. Returns the changed rows."""
    return sum(count_forum_day(day) for day in days_to_count(JOB, today or datetime.now(UTC).date()))


def count_forum_day(day: date) -> int:
    """What was done on `day`, in all forums; returns how many rows changed. One statement, which locks nothing people write."""
    with transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute(_COUNT, bounds_of(day))
        return int(cursor.fetchone()[0])
