"""The audit log: what is written, by nobody else than the one function, in one chain."""

import threading
from itertools import pairwise
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from accounts.actions.audit import audit
from accounts.models import AuditDetail, AuditEntry, AuditHead
from chatter.core.asking import asker_address
from chatter.core.errors import Refused
from tests import session
from tests.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("number"))


def test_an_entry_says_who_did_what_to_whom_and_keeps_words_about_people_apart(cast: Cast) -> None:
    group = uuid4()
    audit(
        actor=cast.mod,
        action="group.member.banned",
        place=group,
        target=cast.bob,
        reason="Spam",
        said={"x": "y"},
        days=7,
    )
    [entry] = entries()
    assert (entry.number, entry.actor_id, entry.action, entry.place) == (1, cast.mod.pk, "group.member.banned", group)
    assert (entry.target_kind, entry.target_id, entry.facts) == ("user", cast.bob.pk, {"days": 7})
    assert entry.detail.words == {"reason": "Spam", "x": "y", "actor": cast.mod.username, "target": cast.bob.username}


def test_facts_may_be_ids_times_and_sets_of_bits(cast: Cast) -> None:
    key, moment = uuid4(), timezone.now()
    audit(actor=None, action="group.role.changed", target=("role", key), channel=key, until=moment, roles=[key])
    [entry] = entries()
    assert entry.facts["roles"] == [str(key)]
    assert (entry.target_kind, entry.target_id, entry.actor) == ("role", key, None)


def test_the_address_of_the_request_is_kept_with_the_personal_words(cast: Cast) -> None:
    token = asker_address.set("192.0.2.7")
    audit(actor=cast.mod, action="group.member.kicked", target=cast.bob)
    asker_address.reset(token)
    assert AuditDetail.objects.get().words["address"] == "192.0.2.7"


def test_no_program_fills_it_in_somebodys_name(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for has an end; what follows from it in the background has not."""
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)
    monkeypatch.setattr("accounts.actions.audit.DEEDS_PER_HOUR", 2)
    for _number in range(3):
        audit(actor=cast.alice, action="group.edited")
    token = asker_address.set("192.0.2.1")
    try:
        for actor in (cast.alice, cast.alice, cast.bob, None, None, None):
            audit(actor=actor, action="group.edited")
        with pytest.raises(Refused) as refused:
            audit(actor=cast.alice, action="group.edited")
    finally:
        asker_address.reset(token)
    assert refused.value.code == "rate_limited"
    assert AuditEntry.objects.filter(actor=cast.alice).count() == 5


@pytest.mark.parametrize("name", ["", "kicked", "Group.kicked", "group.", "group kicked", "group.kicked; drop"])
def test_actions_have_names_of_one_form(cast: Cast, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        audit(actor=cast.mod, action=name)


def test_each_entry_holds_the_digest_of_the_one_before(cast: Cast) -> None:
    for _number in range(3):
        audit(actor=cast.mod, action="group.created")
    first, second, third = entries()
    assert (first.previous_digest, second.previous_digest) == ("", first.digest)
    assert third.previous_digest == second.digest
    assert len({first.digest, second.digest, third.digest}) == 3
    assert AuditHead.objects.get().digest == third.digest


@pytest.mark.parametrize(
    "statement",
    [
        "insert into accounts_auditentry select * from accounts_auditentry",
        "update accounts_auditentry set action = 'x'",
        "delete from accounts_auditentry",
        "truncate accounts_auditentry cascade",
        "insert into accounts_auditdetail values (99, '', '{}')",
        "update accounts_auditdetail set words = '{}'",
        "truncate accounts_auditdetail",
        "update accounts_audithead set number = 0",
        "delete from accounts_audithead",
        "insert into accounts_audithead values (1, 0, '')",
    ],
)
def test_the_applications_role_has_no_right_to_rewrite(cast: Cast, statement: str) -> None:
    audit(actor=cast.mod, action="group.created")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "update accounts_auditentry set action = 'x'",
        "delete from accounts_auditentry",
        "truncate accounts_auditentry cascade",
        "update accounts_auditdetail set words = '{}'",
        "truncate accounts_auditdetail",
        "delete from accounts_audithead",
        "truncate accounts_audithead",
    ],
)
def test_the_owner_of_the_tables_cannot_rewrite_either(statement: str) -> None:
    audit(actor=None, action="group.created")
    with psycopg.connect(session.server().url("owner", database=session.DATABASE)) as owner:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            owner.execute(statement)
        owner.rollback()


@pytest.mark.django_db(transaction=True)
def test_parallel_deeds_make_one_chain_without_a_gap() -> None:
    def work(number: int) -> None:
        for step in range(10):
            with transaction.atomic():
                audit(actor=None, action="group.created", number=number)
                # What is taken back leaves no gap.
                transaction.set_rollback(step % 5 == 4)
        connections["default"].close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = entries()
    assert [row.number for row in rows] == list(range(1, 49))
    assert all(after.previous_digest == before.digest for before, after in pairwise(rows))
