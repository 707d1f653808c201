"""What the database itself guarantees: roles, append-only history, partitions, gapless numbers under concurrency."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from chat.actions.change import edit_message
from chat.actions.membership import remove_member
from chat.actions.send import SendInput, Sent, append_batch, send_message
from chat.models import Change, Conversation, Membership, Message, MessageRevision
from chatter.core.errors import Refused
from chatter.ops.dbcheck import INVARIANTS, find_violations
from forums.invariants import BROKEN_LINES as BROKEN_LINES_OF_FORUMS
from groups.invariants import BROKEN_LINES as BROKEN_LINES_OF_GROUPS
from tests.cast import Cast, make_cast, say


def rows(sql: str, *parameters: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def broken() -> list[str]:
    return [finding.name for finding in find_violations() if finding.broken]


@pytest.mark.parametrize(
    "statement",
    [
        "create table loot (id int)",
        "drop table chat_message",
        "truncate chat_message cascade",
        "alter table chat_messagerevision disable trigger all",
        "insert into chat_messagerevision (message_id, kind, content, created_at) values (uuidv7(), 'edited', 'x', now())",
        "update chat_messagerevision set content = ''",
        "delete from chat_messagerevision",
        "create extension dblink",
        "set role chatter_owner",
    ],
)
def test_the_application_may_not(cast: Cast, statement: str) -> None:
    sent = say(cast.alice, cast.group, "first")
    edit_message(editor=cast.alice, message_id=sent.id, content="second")
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert MessageRevision.objects.filter(content="first").exists()


@pytest.mark.django_db
def test_what_runs_with_the_owners_rights_is_for_the_application_only() -> None:
    """Any role of the server that may use the schema could otherwise speak in anybody's name."""
    guarded = rows("""select proname, has_function_privilege('public', oid, 'execute'),
                             has_function_privilege(current_user, oid, 'execute'), proconfig is not null
                        from pg_proc where prosecdef and pronamespace = current_schema()::regnamespace order by 1""")
    assert guarded == [
        ("accounts_audit", False, True, True),
        ("append_messages", False, True, True),
        ("chat_keep_revision", False, True, True),
        ("chat_make_partitions", False, True, True),
        ("forums_keep_comment", False, True, True),
        ("forums_keep_post", False, True, True),
    ]


def test_no_path_forgets_the_history(cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "first")
    Message.objects.filter(pk=sent.id).update(content="by an update of many")
    assert list(MessageRevision.objects.values_list("content", flat=True)) == ["first"]


def test_a_tombstone_must_be_blank(cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "first")
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("update chat_message set deleted_at = now() where id = %s", [sent.id])


def test_partitions_are_made_ahead_and_once(db: None) -> None:
    assert rows("select chat_make_partitions(12)") == [(0,)]
    with transaction.atomic():
        assert rows("select chat_make_partitions(14)") == [(2,)]
        names = [
            row[0]
            for row in rows(
                "select inhrelid::regclass::text from pg_inherits where inhparent = 'chat_message'::regclass"
            )
        ]
        assert len(names) == 15
        transaction.set_rollback(True)


def test_the_newest_page_touches_each_partition_through_its_index(cast: Cast) -> None:
    plan = "\n".join(
        row[0]
        for row in rows(
            "explain select * from chat_message where conversation_id = %s and number < 100 order by number desc limit 50",
            cast.group.pk,
        )
    )
    assert "Seq Scan" not in plan or "number_once" in plan


@pytest.mark.django_db(transaction=True)
def test_the_same_keys_from_six_connections_make_no_double_and_no_gap() -> None:
    cast = make_cast()
    keys = [uuid4() for _ in range(60)]

    def flood(_worker: int) -> set[UUID]:
        seen: set[UUID] = set()
        for start in range(0, len(keys), 6):
            todo = keys[start : start + 12]
            while todo:
                inputs = [
                    SendInput(
                        sender=cast.bob.pk,
                        conversation=cast.lobby.pk,
                        client_id=key,
                        content=str(key),
                    )
                    for key in todo
                ]
                outcomes = append_batch(inputs)
                seen |= {outcome.id for outcome in outcomes if isinstance(outcome, Sent)}
                todo = [key for key, outcome in zip(todo, outcomes, strict=True) if isinstance(outcome, Refused)]
        connection.close()
        return seen

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(flood, range(6)))
    assert all(answer == answers[0] for answer in answers)
    stored = list(Message.objects.filter(conversation=cast.lobby).order_by("number").values_list("number", flat=True))
    assert stored == list(range(1, len(keys) + 1))
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_stored_after_a_committed_kick() -> None:
    cast = make_cast()
    sent: list[int] = []
    refusals: list[str] = []

    def talk() -> None:
        try:
            while True:
                sent.append(say(cast.bob, cast.group).number)
        except Refused as refused:
            refusals.append(refused.code)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        talking = pool.submit(talk)
        while not sent:
            pass
        remove_member(actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
        talking.result(timeout=30)
    assert refusals == ["not_found"]
    note = Message.objects.get(conversation=cast.group, metadata__event="removed").number
    assert max(Message.objects.filter(conversation=cast.group, sender=cast.bob).values_list("number", flat=True)) < note
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_a_locked_room_delays_no_other() -> None:
    cast = make_cast()

    def both() -> list[str]:
        inputs = [
            SendInput(
                sender=cast.bob.pk,
                conversation=place.pk,
                client_id=uuid4(),
                content="x",
            )
            for place in (cast.lobby, cast.group)
        ]
        outcomes = append_batch(inputs)
        connection.close()
        return [outcome.code if isinstance(outcome, Refused) else "sent" for outcome in outcomes]

    with transaction.atomic():
        Conversation.objects.select_for_update(no_key=True).get(pk=cast.lobby.pk)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(both).result(timeout=20) == ["busy", "sent"]
    assert (
        send_message(
            sender=cast.bob,
            conversation_id=cast.lobby.pk,
            client_id=uuid4(),
            content="x",
        ).number
        == 1
    )


BREAKAGES = {
    "message numbers run": "update chat_conversation set message_count = message_count + 1, version = version + 1 where kind = 'group'",
    "versions run": "update chat_conversation set version = version + 1 where kind = 'group'",
    "every logged creation": "update chat_change set number = number + 1 where kind = 'created'",
    "every message newer": "update chat_change set kind = 'edited'",
    "member_count counts": "update chat_conversation set member_count = member_count + 1",
    "permissions equal": "update chat_membership set permissions = permissions | (1::bigint << 40)",
    "ended memberships": "update chat_membership set left_at = now()",
    "nobody has read": "update chat_membership set last_read_number = 10000",
    "a direct conversation has": "delete from chat_membership m using chat_conversation v where v.id = m.conversation_id and v.kind = 'direct'",
    "a group conversation's owner": "update chat_conversation set owner_id = null where kind = 'group'",
    "replies stay": "update chat_message set conversation_id = (select id from chat_conversation where kind = 'lobby'), number = 999 where number = 2",
    "mentions point": "update chat_mention set number = number + 1",
    "edited messages": "update chat_message set edited_at = now()",
    "tombstones carry": "update chat_message set content = '', html = '', deleted_at = now()",
    "no friendship crosses": "insert into accounts_block (id, blocker_id, blocked_id, reason, created_at) select gen_random_uuid(), addressee_id, requester_id, '', now() from accounts_friendship",
    "nothing personal": "update accounts_user set deleted_at = now() where username = 'charlie'",
    "last_message_at": "update chat_conversation set last_message_at = now() - interval '1 day'",
}


@pytest.mark.parametrize("start", BREAKAGES)
def test_dbcheck_notices(cast: Cast, start: str) -> None:
    from chat.actions.change import add_reaction

    first = say(cast.alice, cast.group, "hello @bob")
    say(cast.bob, cast.group, "hello", reply_to=first.id)
    add_reaction(person=cast.bob, message_id=first.id, emoji="👍")
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(BREAKAGES[start])
    assert any(name.startswith(start) for name in broken())


def test_every_invariant_about_rows_is_seen_to_fail() -> None:
    untried = {
        invariant.name for invariant in INVARIANTS if not any(invariant.name.startswith(start) for start in BREAKAGES)
    }
    # tests/groups/test_access_check.py tries those of groups, tests/forums/test_invariants.py those of forums,
    # tests/accounts/test_audit_chain.py the chain.
    assert untried - set(BROKEN_LINES_OF_GROUPS) - set(BROKEN_LINES_OF_FORUMS) == {
        "messages lie in the partition of their month, with this month's and the next two made",
        "the history's triggers stand",
        "the chain of the audit log is whole",
    }


def test_what_members_see_is_one_log(cast: Cast) -> None:
    say(cast.alice, cast.group)
    assert Change.objects.filter(conversation=cast.group).count() == Conversation.objects.get(pk=cast.group.pk).version
    assert Membership.objects.filter(conversation=cast.group).count() == 3
