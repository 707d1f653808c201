"""`manage.py dbcheck` sees what is not as it must be in groups."""

import pytest
from django.db import connection

from chatter.ops.dbcheck import INVARIANTS, check, find_violations
from groups.invariants import BROKEN_LINES
from tests.cast import make_cast
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db

DERIVED = "rows of channels are"
IN_CHANNELS = "conversation_id in (select conversation_id from groups_channel)"
BREAKAGES = [
    (DERIVED, f"update chat_membership set permissions = permissions | (1::bigint << 40) where {IN_CHANNELS}"),
    (DERIVED, f"update chat_membership set nickname = 'Somebody' where {IN_CHANNELS}"),
    (DERIVED, f"update chat_membership set hue = 3 where {IN_CHANNELS}"),
    (DERIVED, f"update chat_membership set timed_out_until = now() where {IN_CHANNELS}"),
    (DERIVED, f"update chat_membership set history_from = 2 where {IN_CHANNELS}"),
    (DERIVED, f"update chat_membership set left_at = now(), permissions = 0 where {IN_CHANNELS}"),
    (DERIVED, "update groups_role set permissions = permissions | 32"),
    (
        DERIVED,
        """insert into chat_membership (id, conversation_id, user_id, role, permissions, overrides, joined_at, history_from,
                                       last_read_number, last_delivered_number, draft)
           select gen_random_uuid(), c.conversation_id, u.id, 'member', 2048, '{}', now(), 1, 0, 0, ''
             from groups_channel c, accounts_user u where u.username = 'charlie'""",
    ),
    ("a group's member_count", "update groups_group set member_count = member_count + 1"),
    (
        "who owns a group",
        "update groups_group set owner_id = (select id from accounts_user where username = 'charlie')",
    ),
    ("who owns a group", "update groups_role set is_everyone = false, position = 99 where is_everyone"),
    ("nobody is in a channel", "update groups_channel set deleted_at = now()"),
    ("nobody is in a channel", "update groups_group set deletion_due_at = now()"),
    ("a channel's conversation", "update chat_conversation set parent = gen_random_uuid() where kind = 'channel'"),
    ("a channel's conversation", "update chat_conversation set kind = 'group' where kind = 'channel'"),
    (
        "roles, categories and overrides",
        """insert into groups_memberrole (member_id, role_id)
           select m.id, r.id from groups_member m, groups_role r where r.is_everyone and m.group_id = r.group_id""",
    ),
    (
        "an invitation",
        """with made as (insert into groups_invite (id, group_id, code, creator_id, use_count, created_at)
             select gen_random_uuid(), id, 'abcdefghijkm', owner_id, 0, now() from groups_group returning id, creator_id)
           insert into groups_inviteuse (invite_id, user_id, created_at) select id, creator_id, now() from made""",
    ),
]


@pytest.fixture
def community() -> Community:
    return make_community(make_cast())


def broken() -> list[str]:
    return [finding.name for finding in find_violations() if finding.broken]


def test_a_new_community_is_as_it_must_be(community: Community) -> None:
    assert broken() == []


@pytest.mark.parametrize(("start", "sql"), BREAKAGES)
def test_dbcheck_notices(community: Community, start: str, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    [invariant] = [each for each in INVARIANTS if each.name.startswith(start)]
    finding = check(invariant)
    assert finding.broken
    assert all(finding.samples)


def test_every_invariant_is_seen_to_fail() -> None:
    assert {name for name in BROKEN_LINES if not any(name.startswith(start) for start, _sql in BREAKAGES)} == set()
