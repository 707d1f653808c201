"""What must be true of the data, each as one query that finds what breaks it: `manage.py dbcheck`."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.audit import BROKEN_LINES
from chat.models import Conversation, Membership
from chat.permissions import permissions_of_role
from forums.invariants import BROKEN_LINES as BROKEN_LINES_OF_FORUMS
from groups.invariants import BROKEN_LINES as BROKEN_LINES_OF_GROUPS

SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Invariant:
    """`sql` selects one text column: a line for each row that breaks the invariant."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How often an invariant is broken, and the first few places."""

    name: str
    broken: int
    samples: list[str]


_DERIVED = " union all ".join(
    f"select '{kind.value}' kind, '{role}' role, {permissions_of_role(kind, role)}::bigint permissions"
    for kind in (
        Conversation.Kind.LOBBY,
        Conversation.Kind.DIRECT,
        Conversation.Kind.GROUP,
        Conversation.Kind.DISCUSSION,
    )
    for role in Membership.Role.values
)

INVARIANTS = (
    Invariant(
        "message numbers run from 1 to message_count without a gap",
        """select v.id || ': message_count ' || v.message_count || ', ' || count(t.number) || ' messages, last ' || coalesce(max(t.number), 0)
             from chat_conversation v left join chat_message t on t.conversation_id = v.id
            group by v.id having count(t.number) <> v.message_count or coalesce(max(t.number), 0) <> v.message_count
               or count(distinct t.number) <> count(t.number)""",
    ),
    Invariant(
        "versions run from floor_version to version without a gap",
        """select v.id || ': version ' || v.version || ', floor ' || v.floor_version || ', ' || count(c.version) || ' changes'
             from chat_conversation v left join chat_change c on c.conversation_id = v.id and c.version > v.floor_version
            group by v.id having count(c.version) <> v.version - v.floor_version or coalesce(max(c.version), v.version) <> v.version""",
    ),
    Invariant(
        "every logged creation has its message, under the same number",
        """select c.conversation_id || ' v' || c.version from chat_change c left join chat_message t on t.id = c.message_id
            where c.message_id is not null and (t.id is null or t.number <> c.number or t.conversation_id <> c.conversation_id)""",
    ),
    Invariant(
        "every message newer than the log's floor was logged once as created",
        """select t.conversation_id || ' #' || t.number from chat_message t join chat_conversation v on v.id = t.conversation_id
             left join chat_change c on c.conversation_id = t.conversation_id and c.message_id = t.id and c.kind = 'created'
            where v.floor_version = 0 group by t.conversation_id, t.number having count(c.version) <> 1""",
    ),
    Invariant(
        "member_count counts the active memberships",
        """select v.id || ': ' || v.member_count || ' instead of ' || count(m.id) from chat_conversation v
             left join chat_membership m on m.conversation_id = v.id and m.left_at is null
            group by v.id having count(m.id) <> v.member_count""",
    ),
    Invariant(
        "permissions equal what the role derives",
        f"""select m.id || ': ' || m.permissions || ' instead of ' || d.permissions from chat_membership m
              join chat_conversation v on v.id = m.conversation_id join ({_DERIVED}) d on d.kind = v.kind and d.role = m.role
             where m.left_at is null and m.overrides = '{{}}' and m.permissions <> d.permissions""",
    ),
    Invariant(
        "ended memberships permit nothing",
        "select id::text from chat_membership where left_at is not null and permissions <> 0",
    ),
    Invariant(
        "nobody has read or received past the end",
        """select m.id::text from chat_membership m join chat_conversation v on v.id = m.conversation_id
            where m.last_read_number > v.message_count or m.last_delivered_number > v.message_count""",
    ),
    Invariant(
        "a direct conversation has the two members of its key",
        """select v.id::text from chat_conversation v left join chat_membership m on m.conversation_id = v.id
            where v.kind = 'direct' group by v.id
           having count(m.id) <> 2 or string_agg(m.user_id::text, ':' order by m.user_id::text) is distinct from v.direct_key""",
    ),
    Invariant(
        "a group conversation's owner is its one member with that role",
        """select v.id::text from chat_conversation v left join chat_membership m
               on m.conversation_id = v.id and m.left_at is null and m.role = 'owner'
            where v.kind = 'group' and v.archived_at is null group by v.id
           having count(m.id) <> 1 or min(m.user_id::text) is distinct from v.owner_id::text""",
    ),
    Invariant(
        "replies stay in their conversation",
        """select t.conversation_id || ' #' || t.number from chat_message t join chat_message r on r.id = t.reply_to_id
            where r.conversation_id <> t.conversation_id""",
    ),
    Invariant(
        "mentions point at the message they were made in",
        """select x.id::text from chat_mention x join chat_message t on t.id = x.message_id
            where t.conversation_id <> x.conversation_id or t.number <> x.number or t.deleted_at is not null""",
    ),
    Invariant(
        "edited messages and tombstones have a history",
        """select t.conversation_id || ' #' || t.number from chat_message t
            where (t.edited_at is not null or (t.deleted_at is not null and t.kind <> 'system'))
              and not exists (select from chat_messagerevision r where r.message_id = t.id)""",
    ),
    Invariant(
        "tombstones carry no reactions",
        """select distinct t.conversation_id || ' #' || t.number from chat_reaction r join chat_message t on t.id = r.message_id
            where t.deleted_at is not null""",
    ),
    Invariant(
        "last_message_at is the time of the last message",
        """select v.id::text from chat_conversation v join chat_message t on t.conversation_id = v.id and t.number = v.message_count
            where v.last_message_at is distinct from t.created_at""",
    ),
    Invariant(
        "no friendship crosses a block",
        """select f.id::text from accounts_friendship f join accounts_block b
               on (b.blocker_id, b.blocked_id) in ((f.requester_id, f.addressee_id), (f.addressee_id, f.requester_id))""",
    ),
    Invariant(
        "nothing personal is left of a deleted account",
        """select u.id::text from accounts_user u where u.deleted_at is not null and (u.email is not null or u.avatar <> ''
               or concat(u.display_name, u.first_name, u.last_name, u.bio, u.phone, u.status_text) <> ''
               or exists (select from account_emailaddress e where e.user_id = u.id)
               or exists (select from accounts_device d where d.user_id = u.id)
               or exists (select from accounts_apitoken t where t.user_id = u.id)
               or exists (select from accounts_wallet w where w.user_id = u.id)
               or exists (select from accounts_pushsubscription p where p.user_id = u.id)
               or exists (select from accounts_setting s where s.user_id = u.id))""",
    ),
    Invariant("the chain of the audit log is whole", BROKEN_LINES),
    Invariant(
        "messages lie in the partition of their month, with this month's and the next two made",
        """select 'missing: ' || to_char(month, 'YYYY-MM')
             from generate_series(date_trunc('month', now()), date_trunc('month', now()) + interval '2 months', '1 month') month
            where to_regclass('chat_message_' || to_char(month, 'YYYY_MM')) is null""",
    ),
    Invariant(
        "the history's triggers stand",
        """select name from (values ('chat_keep_revision'), ('chat_refuse_rewriting'), ('forums_keep_post'), ('forums_keep_comment'),
                 ('forums_refuse_rewriting')) wanted(name)
            where not exists (select from pg_trigger where tgname = name and tgenabled <> 'D')""",
    ),
    *(Invariant(name, sql) for name, sql in BROKEN_LINES_OF_GROUPS.items()),
    *(Invariant(name, sql) for name, sql in BROKEN_LINES_OF_FORUMS.items()),
)


def find_violations() -> Iterator[Finding]:
    """Check every invariant in turn; yields a finding for each, `broken` 0 where it holds."""
    return map(check, INVARIANTS)


def check(invariant: Invariant) -> Finding:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(f"select line, count(*) over () from ({invariant.sql}) found(line) limit {SAMPLES}")
        rows = cursor.fetchall()
    return Finding(invariant.name, rows[0][1] if rows else 0, [str(row[0]) for row in rows])
