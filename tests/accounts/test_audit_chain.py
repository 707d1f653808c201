"""The chain is proved: whatever somebody changes with all rights of the server is found, and what erasure takes is not."""

from io import StringIO
from uuid import uuid4

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.actions.audit import audit
from accounts.actions.data import erase_person
from accounts.asker import AskerMiddleware
from accounts.audit import Asked, entries_of, verify_chain, words_of
from accounts.models import AuditDetail
from chatter.core.asking import asker_address
from chatter.ops.dbcheck import find_violations
from tests import session
from tests.cast import Cast, make_cast

ALONE = """
update accounts_auditentry set facts = '{}' where number = 3;
update accounts_auditentry e set digest = accounts_audit_digest(e) where number = 3
"""
SWAP = """
update accounts_auditdetail d set words = o.words, salt = o.salt from accounts_auditdetail o
 where d.entry_id in (4, 5) and o.entry_id = 9 - d.entry_id
"""
REST = "set session_replication_role = replica; "


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def write(cast: Cast, times: int = 5) -> None:
    for number in range(times):
        audit(actor=cast.mod, action="group.member.kicked", target=cast.bob, reason="Spam", number=number)


def verified(*arguments: str) -> str:
    out = StringIO()
    call_command("verify_audit", *arguments, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "number", "problem"),
    [
        ("update accounts_auditentry set action = 'group.member.banned' where number = 3", 3, "was changed"),
        ("update accounts_auditentry set facts = '{}' where number = 1", 1, "was changed"),
        ("update accounts_auditentry set at = at + interval '1 second' where number = 5", 5, "was changed"),
        ("delete from accounts_auditdetail where entry_id = 2; delete from accounts_auditentry where number = 2", 2, "was removed"),
        ("delete from accounts_auditdetail where entry_id = 5; delete from accounts_auditentry where number = 5", 5, "removed"),
        ("update accounts_auditdetail set words = '{\"reason\": \"Ham\"}' where entry_id = 4", 4, "another detail"),
        ("update accounts_auditdetail set salt = 'x' where entry_id = 4", 4, "another detail"),
        ("delete from accounts_auditdetail where entry_id = 4", 4, "lost its detail"),
        (SWAP, 4, "another detail"),
        (
            ALONE,
            4,
            "does not follow",
        ),
        ("delete from accounts_audithead", 5, "has no head"),
        ("update accounts_audithead set number = 4", 6, "head"),
    ],
)  # fmt: skip
def test_what_was_changed_removed_or_swapped_is_named(cast: Cast, statement: str, number: int, problem: str) -> None:
    write(cast)
    assert verify_chain().tampered == 0
    with psycopg.connect(session.server().url("superuser", database=session.DATABASE)) as superuser:
        superuser.execute(REST + statement)
    verdict = verify_chain()
    assert verdict.samples[0][0] == number
    assert problem in verdict.samples[0][1]
    with pytest.raises(CommandError, match="tampered"):
        verified()
    [finding] = [found for found in find_violations() if "audit" in found.name]
    assert finding.broken == verdict.tampered


@pytest.mark.parametrize("whom", ["mod", "bob"])
def test_what_is_erased_with_a_person_is_no_tampering(cast: Cast, whom: str) -> None:
    write(cast, 2)
    audit(actor=cast.alice, action="group.created", name="Atlas")
    erase_person(person=getattr(cast, whom))
    verdict = verify_chain()
    assert (verdict.count, verdict.erased, verdict.tampered) == (3, 2, 0)
    assert "3 entries, 2 of them erased" in verified()
    assert "Spam" not in str(list(AuditDetail.objects.values()))


def test_an_anchor_finds_a_log_that_was_written_anew(cast: Cast) -> None:
    write(cast, 2)
    kept = verified().rpartition("The last: ")[2].strip()
    write(cast, 1)
    verified("--anchor", kept)
    with pytest.raises(CommandError):
        verified("--anchor", "2:" + "0" * 64)
    with pytest.raises(CommandError, match="reads"):
        verified("--anchor", "zwei")


def test_an_empty_log_is_whole(db: None) -> None:
    assert "0 entries" in verified()


def test_entries_are_read_newest_first_and_filtered_in_one_question(
    cast: Cast, django_assert_num_queries: object
) -> None:
    place = uuid4()
    for actor in (cast.alice, cast.mod):
        audit(actor=actor, action="group.created", place=place)
        audit(actor=actor, action="group.member.kicked", place=place, target=cast.bob, reason="Spam")
    audit(actor=cast.mod, action="group.created", place=uuid4())
    with django_assert_num_queries(1):  # type: ignore[operator]
        rows = entries_of(Asked(place=place), 10)
        assert [(row.actor, words_of(row).get("reason")) for row in rows] == [
            (cast.mod, "Spam"), (cast.mod, None), (cast.alice, "Spam"), (cast.alice, None),
        ]  # fmt: skip
    assert len(entries_of(Asked(place=place, actor=cast.mod.pk, actions=["group.created"]), 10)) == 1
    assert len(entries_of(Asked(place=place, target=cast.bob.pk), 10)) == 2
    assert len(entries_of(Asked(place=place, before=rows[1].number), 10)) == 2


def answer(request: HttpRequest) -> HttpResponse:
    audit(actor=None, action="group.created")
    return HttpResponse("")


def test_a_forged_header_does_not_change_the_address(cast: Cast) -> None:
    asked = RequestFactory(REMOTE_ADDR="192.0.2.1").post("/", headers={"X-Forwarded-For": "203.0.113.9"})
    AskerMiddleware(answer)(asked)
    assert AuditDetail.objects.get().words["address"] == "192.0.2.1"
    assert asker_address.get() == ""


async def test_the_address_reaches_pages_that_threads_answer() -> None:
    seen = []

    async def get_response(request: HttpRequest) -> HttpResponse:
        await sync_to_async(lambda: seen.append(asker_address.get()))()
        return HttpResponse("")

    await AskerMiddleware(get_response)(RequestFactory(REMOTE_ADDR="192.0.2.2").get("/"))  # type: ignore[misc]
    assert seen == ["192.0.2.2"]
