"""The audit log in the administration: found, filtered, never changed; its personal side for superusers alone."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.actions.audit import audit
from accounts.models import AuditEntry
from tests.cast import Cast
from tests.factories import make_person

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/auditentry/"


@pytest.fixture
def entry(cast: Cast) -> AuditEntry:
    audit(actor=cast.mod, action="group.member.banned", place=uuid4(), target=cast.bob, reason="Spam & <b>ham", days=7)
    audit(actor=None, action="group.ban.ended", place=uuid4())
    return AuditEntry.objects.get(number=1)


@pytest.fixture
def clerk() -> Client:
    person = make_person(username="clerk", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    browser = Client()
    browser.force_login(person)
    return browser


def test_an_entry_is_found_by_name_action_number_and_ids(office: Client, entry: AuditEntry) -> None:
    assert entry.actor is not None
    for term in (entry.actor.username, "member.banned", "1", str(entry.place), str(entry.target_id)):
        page = office.get(LIST, {"q": term}).content.decode()
        assert "group.member.banned" in page, term
        assert "group.ban.ended" not in page, term
    assert office.get(LIST, {"q": "9" * 30}).status_code == 200
    assert office.get(LIST, {"action": "ban.ended"}).status_code == 200


def test_personal_details_are_for_superusers(office: Client, clerk: Client, entry: AuditEntry) -> None:
    address = f"{LIST}{entry.pk}/change/"
    assert "Spam &amp; &lt;b&gt;ham" in office.get(address).content.decode()
    page = clerk.get(address)
    assert page.status_code == 200
    assert "group.member.banned" in page.content.decode()
    assert "Spam" not in page.content.decode()


def test_nobody_adds_changes_or_deletes(office: Client, entry: AuditEntry) -> None:
    assert office.get(f"{LIST}add/").status_code == 403
    assert office.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert office.post(f"{LIST}{entry.pk}/change/", {"action": "x"}).status_code == 403
    assert AuditEntry.objects.count() == 2
