"""What must be true of forums, each as a query of what breaks it: `manage.py dbcheck` asks them (chatter/ops/dbcheck.py).

Each reads its tables once, however many rows there are.
"""

from forums.discussions import MAY_BE_IN, ROLE
from forums.ranking import EPOCH, SECONDS_PER_DECADE, Z

_LISTED = "p.deleted_at is null and p.removed_at is null and p.held_at is null"
_SHOWN = "c.deleted_at is null and c.removed_at is null and c.held_at is null"

# As forums/ranking.py, which tests compare: of `up_count`, `down_count`, `created_at`.
HOT = f"""sign(up_count - down_count) * log(greatest(abs(up_count - down_count), 1)::float8)
 + extract(epoch from created_at - timestamptz '{EPOCH.isoformat()}')::float8 / {SECONDS_PER_DECADE!r}"""
BEST = f"""case when up_count + down_count = 0 then 0 else greatest(0,
 (up_count::float8 / (up_count + down_count) + {Z * Z!r} / (2 * (up_count + down_count)) - {Z!r} * sqrt(greatest(0,
   up_count::float8 / (up_count + down_count) * (1 - up_count::float8 / (up_count + down_count)) / (up_count + down_count)
   + {Z * Z!r} / (4 * (up_count + down_count)::float8 ^ 2)))) / (1 + {Z * Z!r} / (up_count + down_count))) end"""
CONTROVERSY = """case when up_count = 0 or down_count = 0 then 0 else
 (up_count + down_count)::float8 ^ (least(up_count, down_count)::float8 / greatest(up_count, down_count)) end"""


def _votes(kind: str) -> str:
    """What stands on posts or comments, beside the votes that there are."""
    return f"""
        select t.id || ': ' || t.up_count || ' up, ' || t.down_count || ' down, score ' || t.score || ' instead of ' ||
               coalesce(v.up, 0) || ' and ' || coalesce(v.down, 0)
          from forums_{kind} t
          left join (select {kind}_id, count(*) filter (where value = 1) up, count(*) filter (where value = -1) down
                       from forums_{kind}vote group by {kind}_id) v on v.{kind}_id = t.id
         where (t.up_count, t.down_count, t.score)
            is distinct from (coalesce(v.up, 0), coalesce(v.down, 0), coalesce(v.up, 0) - coalesce(v.down, 0))"""  # noqa: S608


def _ranks(kind: str, name: str, rank: str) -> str:
    """Ranks that are not those of the counts, as far as the last digits of two computations agree."""
    return f"""
        select id || ': ' || {name} || ', controversy ' || controversy
          from (select id, {name}, controversy, {rank} as wanted, {CONTROVERSY} as disputed from forums_{kind}) t
         where abs({name} - wanted) > 1e-9 * greatest(1, abs(wanted)) or abs(controversy - disputed) > 1e-9 * greatest(1, disputed)"""  # noqa: S608


BROKEN_LINES = {
    "a forum counts the posts that are listed, and the last number": f"""
        select f.id || ': ' || f.post_count || ' up to ' || f.last_number || ' instead of ' || coalesce(t.listed, 0) || ' up to '
               || coalesce(t.last, 0)
          from forums_forum f
          left join (select p.forum_id, count(*) filter (where {_LISTED}) listed, max(p.number) last
                       from forums_post p group by p.forum_id) t on t.forum_id = f.id
         where f.post_count <> coalesce(t.listed, 0) or f.last_number < coalesce(t.last, 0)""",  # noqa: S608 -- a rule
    "a forum counts its members, and its owner is one": """
        select f.id || ': ' || f.member_count || ' instead of ' || count(m.id)
          from forums_forum f left join forums_member m on m.forum_id = f.id
         group by f.id having count(m.id) <> f.member_count or count(*) filter (where m.user_id = f.owner_id) <> 1""",
    "a post counts the comments that are shown, and the last number": f"""
        select p.id || ': ' || p.comment_count || ' up to ' || p.last_comment_number || ' instead of ' || coalesce(t.shown, 0)
               || ' up to ' || coalesce(t.last, 0)
          from forums_post p
          left join (select c.post_id, count(*) filter (where {_SHOWN}) shown, max(c.number) last
                       from forums_comment c group by c.post_id) t on t.post_id = p.id
         where p.comment_count <> coalesce(t.shown, 0) or p.last_comment_number < coalesce(t.last, 0)""",  # noqa: S608 -- a rule
    "a comment counts the answers that do not wait": """
        select c.id || ': ' || c.reply_count || ' instead of ' || coalesce(t.placed, 0)
          from forums_comment c
          left join (select parent_id, count(*) filter (where held_at is null) placed
                       from forums_comment where parent_id is not null group by parent_id) t on t.parent_id = c.id
         where c.reply_count <> coalesce(t.placed, 0)""",
    "an answer stands in the post of what it answers, after it, one deeper": """
        select c.id::text from forums_comment c join forums_comment above on above.id = c.parent_id
         where c.post_id <> above.post_id or c.number <= above.number or c.depth <> above.depth + 1""",
    "posts count their votes": _votes("post"),
    "comments count their votes": _votes("comment"),
    "posts rank by their votes and their age": _ranks("post", "hot", HOT),
    "comments rank by their votes": _ranks("comment", "best", BEST),
    "polls count their voters and their ballots": """
        select q.post_id || ': ' || q.voter_count || ' instead of ' || count(distinct b.user_id)
          from forums_poll q left join forums_pollvote b on b.poll_id = q.post_id
         group by q.post_id having count(distinct b.user_id) <> q.voter_count
             or not q.is_multiple and count(b.id) <> count(distinct b.user_id)
         union all
        select 'option ' || o.id || ': ' || o.vote_count || ' instead of ' || count(b.id)
          from forums_polloption o left join forums_pollvote b on b.option_id = o.id
         group by o.id having count(b.id) <> o.vote_count or count(*) filter (where b.poll_id <> o.poll_id) > 0""",
    "flairs and rules are those of the forum": """
        select 'post ' || p.id from forums_post p join forums_flair l on l.id = p.flair_id
         where l.forum_id <> p.forum_id or l.kind <> 'post'
         union all
        select 'member ' || m.id from forums_member m join forums_flair l on l.id = m.flair_id
         where l.forum_id <> m.forum_id or l.kind <> 'member'
         union all
        select 'post ' || p.id from forums_post p join forums_rule r on r.id = p.removed_for_id where r.forum_id <> p.forum_id
         union all
        select 'comment ' || c.id from forums_comment c join forums_rule r on r.id = c.removed_for_id
          join forums_post p on p.id = c.post_id where r.forum_id <> p.forum_id""",
    "who is in a discussion may read its post, is not banned, and moderates where the forum says so": f"""
        select m.id::text from chat_membership m
          join chat_conversation v on v.id = m.conversation_id and v.kind = 'discussion'
          left join forums_post p on p.discussion_id = v.id
          left join forums_forum f on f.id = p.forum_id
          left join forums_member fm on fm.forum_id = f.id and fm.user_id = m.user_id
         where m.left_at is null and (not {MAY_BE_IN} or m.role <> {ROLE})""",  # noqa: S608 -- a rule
    "discussions are closed while nobody writes under their posts": """
        select v.id::text from forums_post p join chat_conversation v on v.id = p.discussion_id
         where v.kind <> 'discussion' or (v.archived_at is not null) is distinct from
               (p.locked_at is not null or p.deleted_at is not null or p.removed_at is not null or p.held_at is not null)""",
    "nobody follows across a block": """
        select w.id::text from forums_personfollow w join accounts_block b
            on (b.blocker_id, b.blocked_id) in ((w.follower_id, w.user_id), (w.user_id, w.follower_id))""",
    "what was edited or deleted in forums has a history": """
        select 'post ' || p.id from forums_post p
         where p.deleted_at is not null and not exists (select from forums_revision r where r.post_id = p.id)
         union all
        select 'comment ' || c.id from forums_comment c
         where (c.edited_at is not null or c.deleted_at is not null)
           and not exists (select from forums_revision r where r.comment_id = c.id)""",
}
