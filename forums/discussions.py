"""The rooms where people talk live about a post: who is in them follows from who may read the post, and nobody else is.

One row decides there as everywhere: an active `chat.Membership` of a discussion belongs to somebody who may read the post now and is
not banned, moderators of posts are its moderators. Whoever takes a right away in a forum calls `sync_discussions`, whoever changes
a post `follow_post`, each in their own transaction. Who lost a room and may read again later comes back by themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.actions.notifications import withdraw_all
from accounts.background import background, enqueue_once
from chat.actions.channel import change_channel, set_closed
from chat.models import Conversation, Membership
from chat.permissions import permissions_of_role
from chatter.core.database import prepared_cursor
from chatter.core.events import AccessChanged
from chatter.core.realtime import publish
from forums.models import Post
from forums.permissions import Right, Standing

# So many rows follow within the transaction of their cause; more of them wait for the worker, so many at a time.
ROWS_AT_ONCE = 2000
# Whoever lost a right has it until the task is done: it is tried for weeks, an hour apart at last.
TRIES = 500
TITLE_MAX = 100

_MEMBER, _MODERATOR = Membership.Role.MEMBER.value, Membership.Role.MODERATOR.value
_MODERATES = f"(f.owner_id = m.user_id or coalesce(fm.permissions, 0) & {int(Right.POSTS)} <> 0)"
# As permissions.may_read and check_takes_part. A room whose post is gone is nobody's.
MAY_BE_IN = f"""coalesce(f.deletion_due_at is null and (f.is_public or fm.id is not null) and p.deleted_at is null
  and (p.removed_at is null and p.held_at is null or p.author_id = m.user_id or {_MODERATES})
  and not exists (select from forums_ban b where b.forum_id = f.id and b.user_id = m.user_id
                     and (b.until is null or b.until > now())), false)"""
ROLE = f"case when {_MODERATES} then '{_MODERATOR}' else '{_MEMBER}' end"
# What is not as it should be of the rows in scope.
_ASTRAY = f"""
select m.id, m.conversation_id, m.user_id, not {MAY_BE_IN} as is_gone, {ROLE} as role
  from forums_post p
  join forums_forum f on f.id = p.forum_id
  join chat_membership m on m.conversation_id = p.discussion_id and m.left_at is null
  left join forums_member fm on fm.forum_id = f.id and fm.user_id = m.user_id
 where p.forum_id = %(forum)s and p.discussion_id is not null
   and (%(post)s::uuid is null or p.id = %(post)s) and (%(people)s::uuid[] is null or m.user_id = any(%(people)s))
   and (not {MAY_BE_IN} or m.role <> {ROLE})
 limit {ROWS_AT_ONCE}
"""  # noqa: S608 -- pieces of this module
_PLACES = f"select distinct conversation_id from ({_ASTRAY}) astray order by 1"  # noqa: S608
_LOCK = "select from chat_conversation where id = any(%s) order by id for no key update"
_APPLY = f"""
with astray as materialized ({_ASTRAY}),
moved as (
  update chat_membership m
     set left_at = case when a.is_gone then clock_timestamp() end,
         role = case when a.is_gone then '{_MEMBER}' else a.role end,
         permissions = case when a.is_gone then 0 when a.role = '{_MODERATOR}' then %(moderates)s else %(talks)s end,
         draft = case when a.is_gone then '' else m.draft end
    from astray a where m.id = a.id and m.conversation_id = any(%(places)s)
  returning m.conversation_id, m.user_id, a.is_gone),
counted as (
  update chat_conversation v set member_count = v.member_count - x.gone, access_version = v.access_version + 1
    from (select conversation_id, count(*) filter (where is_gone) gone from moved group by 1) x where v.id = x.conversation_id
  returning v.id, v.access_version)
select moved.conversation_id, moved.user_id, moved.is_gone, counted.access_version
  from moved join counted on counted.id = moved.conversation_id
"""  # noqa: S608 -- pieces of this module
_COUNT = """
select coalesce(sum(v.member_count), 0) from forums_post p join chat_conversation v on v.id = p.discussion_id
 where p.forum_id = %(forum)s and p.discussion_id is not null and (%(post)s::uuid is null or p.id = %(post)s)
"""


class Change(NamedTuple):
    """What became of one row, and its room's `access_version` since."""

    conversation: UUID
    user: UUID
    is_gone: bool
    access_version: int


def role_in(standing: Standing) -> str:
    """What a person who may be there is in the rooms of a forum's posts."""
    return _MODERATOR if standing.can(Right.POSTS) else _MEMBER


def sync_discussions(forum_id: UUID, people: Collection[UUID] | None = None, *, post_id: UUID | None = None) -> None:
    """Have who is in the rooms (of all posts, or one) follow a change that the caller makes in this transaction, the forum or
    the post locked: of some people, or of everybody. At once where they are few, else by the worker."""
    scope = {"forum": forum_id, "post": post_id, "people": None if people is None else list(people)}
    if people is None and _count(scope) > ROWS_AT_ONCE:
        enqueue_once(sync_many, str(forum_id), str(post_id) if post_id else None)
        return
    while _sync(scope):
        pass


@background(queue="access", retries=TRIES)
def sync_many(forum: str, post: str | None) -> None:
    """`sync_discussions` in the background, some rows in each transaction. Begun again, it finds what is left to do."""
    scope = {"forum": UUID(forum), "post": UUID(post) if post else None, "people": None}
    is_left = True
    while is_left:
        with transaction.atomic(), prepared_cursor() as cursor:
            cursor.execute("select from forums_forum where id = %s for no key update", [scope["forum"]])
            is_left = _sync(scope)


def follow_post(post: Post) -> None:
    """The locked post was changed: its room has its title, is closed while nobody writes under it, and only they are in it who may
    read it. Who loses it loses it first."""
    if post.discussion_id is None:
        return
    sync_discussions(post.forum_id, post_id=post.pk)
    change_channel(actor=None, conversation_id=post.discussion_id, title=title_of(post))
    set_closed(conversation_id=post.discussion_id, is_closed=post.locked_at is not None or not post.is_listed)


def tell_changed(conversation: Conversation, person: UUID) -> None:
    """What one person may do in the locked conversation changed."""
    conversation.access_version += 1
    conversation.save(update_fields=["access_version"])
    version = conversation.access_version
    publish(AccessChanged(conversation=conversation.pk, access_version=version, changed=(person,)))


def title_of(post: Post) -> str:
    """What the room is called: as the post; "" where that says nothing any more."""
    return post.title if len(post.title) <= TITLE_MAX else f"{post.title[: TITLE_MAX - 1].rstrip()}…"


def names_of(places: Collection[UUID]) -> dict[UUID, str]:
    """ "Fountains of the city · Maps" of each conversation that is a discussion (one query)."""
    rows = Post.objects.filter(discussion__in=list(places))
    named = rows.values_list("discussion_id", "discussion__title", "forum__name")
    return {place: f"{title} · {forum}" for place, title, forum in named}


def discussed_post(conversation: Conversation) -> Post | None:
    """What is discussed there, with its forum (one query)."""
    return Post.objects.select_related("forum").filter(discussion=conversation).first()


def _count(scope: dict[str, Any]) -> int:
    with prepared_cursor() as cursor:
        cursor.execute(_COUNT, scope)
        return int(cursor.fetchone()[0])


def _sync(scope: dict[str, Any]) -> bool:
    """Set some rows right; answers whether there were any. Lock order: the forum or the post (the caller's), rooms by id, rows."""
    with transaction.atomic(savepoint=False), prepared_cursor() as cursor:
        cursor.execute(_PLACES, scope)
        places = [row[0] for row in cursor.fetchall()]
        if not places:
            return False
        cursor.execute(_LOCK, [places])
        bits = {name: permissions_of_role("discussion", role) for name, role in BITS.items()}
        cursor.execute(_APPLY, {**scope, **bits, "places": places})
        changes = [Change(*row) for row in cursor.fetchall()]
    _tell(changes)
    return bool(changes)


BITS = {"talks": _MEMBER, "moderates": _MODERATOR}


def _tell(changes: Iterable[Change]) -> None:
    """One event for each room; who lost one is not told any more of what happened there."""
    found: dict[tuple[UUID, int], dict[bool, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        found[change.conversation, change.access_version][change.is_gone].append(change.user)
    withdraw_all([(user, place) for (place, _version), people in found.items() for user in people[True]])
    publish(
        *(
            AccessChanged(
                conversation=place, access_version=version, lost=tuple(people[True]), changed=tuple(people[False])
            )
            for (place, version), people in found.items()
        )
    )
