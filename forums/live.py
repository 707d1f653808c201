"""Who may watch which posts on their open pages: whoever may read them, asked anew whenever rights may have changed."""

from uuid import UUID

from chatter.core import topics
from chatter.core.database import prepared_cursor

# As permissions.forum_for and seen_posts: the forum is public, or the person belongs to it; what waits for approval is watched by its
# author and by who moderates posts (the owner, or bit 1 of a member who is not banned).
_WATCHED = """
select t.person, t.topic, p.forum_id
  from unnest(%s::uuid[], %s::uuid[]) t(person, topic)
  join accounts_user u on u.id = t.person
  join forums_post p on p.id = t.topic
  join forums_forum f on f.id = p.forum_id and f.deletion_due_at is null
  left join forums_member m on m.forum_id = f.id and m.user_id = u.id and not u.is_guest
 where (f.is_public or m.id is not null)
   and (p.held_at is null or p.author_id = u.id or f.owner_id = u.id
        or (m.permissions & 1 = 1 and not exists (
              select from forums_ban b
               where b.forum_id = f.id and b.user_id = u.id and (b.until is null or b.until > now()))))
"""


def may_watch(person: UUID, topic: UUID) -> UUID | None:
    """The forum of the post; None where the person may not read it."""
    return may_watch_many([(person, topic)]).get((person, topic))


def may_watch_many(pairs: list[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], UUID]:
    """The forums of those posts that these people may read (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_WATCHED, [[person for person, _topic in pairs], [topic for _person, topic in pairs]])
        return {(person, topic): forum for person, topic, forum in cursor.fetchall()}


def register() -> None:
    topics.register(may_watch, may_watch_many)
