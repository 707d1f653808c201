"""E-mail addresses: confirmed by link, changed, taken by who reads the mailbox; the banner until then; the mails."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actions.addresses import change_address, hold_address
from accounts.actions.signup import register_person
from accounts.models import User
from tests.factories import make_person
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


@pytest.fixture
def dora(client: Client) -> User:
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    client.force_login(person)
    confirm(client)
    return person


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://testserver(/accounts/\S+)", str(mail.body))
    assert found, mail.body
    return found.group(1)


def send_again(client: Client, email: str) -> Any:
    return client.post("/accounts/email/", {"email": email, "action_send": ""})


def addresses(person: User) -> list[tuple[str, bool, bool]]:
    rows = EmailAddress.objects.filter(user=person).order_by("email")
    return [(row.email, row.primary, row.verified) for row in rows]


def test_the_link_confirms_and_the_welcome_follows(client: Client, dora: User, mailoutbox: list[EmailMessage]) -> None:
    send_again(client, "dora@example.org")
    link = link_in(mailoutbox[0])
    page = client.get(link)
    assert "dora@example.org" in page.content.decode()
    assert addresses(dora) == [("dora@example.org", True, False)], "a link that is only fetched confirms nothing"
    assert client.post(link)["Location"] == "/"
    assert addresses(dora) == [("dora@example.org", True, True)]
    assert mailoutbox[1].subject == "Welcome to Chatter"
    assert "does not work any more" in client.get(link).content.decode()
    assert client.post(link).status_code == 404


def test_the_link_works_in_another_browser_too(client: Client, dora: User, mailoutbox: list[EmailMessage]) -> None:
    send_again(client, "dora@example.org")
    assert Client().post(link_in(mailoutbox[0]))["Location"] == "/accounts/login/"
    assert addresses(dora) == [("dora@example.org", True, True)]


def test_a_made_up_link_confirms_nothing(client: Client, dora: User) -> None:
    for key in ("x", "MTIz:1abc:xyz", "0" * 64):
        assert "does not work any more" in client.get(f"/accounts/confirm-email/{key}/").content.decode()
        assert client.post(f"/accounts/confirm-email/{key}/").status_code == 404


def test_a_calm_line_reminds_until_the_address_is_confirmed(
    client: Client, dora: User, django_assert_num_queries: Any, mailoutbox: list[EmailMessage]
) -> None:
    assert "Please confirm your address" in client.get("/settings/profile/").content.decode()
    send_again(client, "dora@example.org")
    client.post(link_in(mailoutbox[0]))
    assert "Please confirm your address" not in client.get("/settings/profile/").content.decode()
    page = client.get("/settings/profile/")
    assert "Please confirm your address" not in page.content.decode()
    # the session with its person, their groups on the rail, and the profile that is edited
    with django_assert_num_queries(3):
        client.get("/settings/profile/")


def test_who_reads_the_mailbox_takes_the_address(mailoutbox: list[EmailMessage]) -> None:
    squatter = register_person(username="squatter", email="dora@example.org", password=PASSWORD)
    dora = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    assert (squatter.email, dora.email) == ("dora@example.org", None)
    browser = Client()
    browser.force_login(dora)
    send_again(browser, "dora@example.org")
    browser.post(link_in(mailoutbox[0]))
    squatter.refresh_from_db()
    dora.refresh_from_db()
    assert (squatter.email, dora.email) == (None, "dora@example.org")
    assert (addresses(squatter), addresses(dora)) == ([], [("dora@example.org", True, True)])


def test_nobody_takes_a_confirmed_address(mailoutbox: list[EmailMessage]) -> None:
    owner = make_person(username="owner", email="dora@example.org")
    EmailAddress.objects.create(user=owner, email="dora@example.org", primary=True, verified=True)
    other = register_person(username="other", email="dora@example.org", password=PASSWORD)
    browser = Client()
    browser.force_login(other)
    send_again(browser, "dora@example.org")
    (mail,) = mailoutbox
    assert "You already have an account" in mail.subject
    assert "confirm-email" not in mail.body
    assert not hold_address(person=other, email="DORA@example.org")


def test_a_new_address_waits_beside_a_confirmed_one(client: Client, dora: User, mailoutbox: list[EmailMessage]) -> None:
    EmailAddress.objects.filter(user=dora).update(verified=True)
    client.post("/accounts/email/", {"email": "New@example.org", "action_add": ""})
    assert addresses(dora) == [("dora@example.org", True, True), ("new@example.org", False, False)]
    assert mailoutbox[0].to == ["new@example.org"]
    client.post(link_in(mailoutbox[0]))
    dora.refresh_from_db()
    assert dora.email == "new@example.org"
    assert addresses(dora) == [("new@example.org", True, True)]
    assert mailoutbox[1].to == ["dora@example.org"]
    assert "changed" in mailoutbox[1].subject, "the old address is told"


def test_a_new_address_replaces_one_never_confirmed(client: Client, dora: User) -> None:
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    dora.refresh_from_db()
    assert dora.email == "new@example.org"
    assert addresses(dora) == [("new@example.org", True, False)]


def test_another_address_is_written_down_only_once_it_is_confirmed_who_asks(client: Client, dora: User) -> None:
    confirm(client, ago=600)
    answer = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Femail%2F"
    assert addresses(dora) == [("dora@example.org", True, False)]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/email/"})
    assert addresses(dora) == [("new@example.org", True, False)]


def test_changing_to_a_taken_address_looks_like_to_a_free_one(client: Client, dora: User) -> None:
    make_person(username="owner", email="owner@example.org")
    answers = [
        client.post("/accounts/email/", {"email": email, "action_add": ""})["Location"]
        for email in ("owner@example.org", "free@example.org")
    ]
    assert answers == ["/accounts/email/"] * 2


def test_the_waiting_address_can_be_taken_back_the_current_one_cannot(client: Client, dora: User) -> None:
    client.post("/accounts/email/", {"email": "dora@example.org", "action_remove": ""})
    assert addresses(dora) == [("dora@example.org", True, False)]
    EmailAddress.objects.filter(user=dora).update(verified=True)
    change_address(person=dora, email="new@example.org")
    client.post("/accounts/email/", {"email": "new@example.org", "action_remove": ""})
    assert addresses(dora) == [("dora@example.org", True, True)]


def test_no_request_makes_an_address_current_that_was_not_confirmed(client: Client) -> None:
    make_person(username="owner", email="taken@example.org")
    dora = register_person(username="dora", email="taken@example.org", password=PASSWORD)
    client.force_login(dora)
    client.post("/accounts/email/", {"email": "taken@example.org", "action_primary": ""})
    dora.refresh_from_db()
    assert dora.email is None


def test_addresses_of_others_are_out_of_reach(client: Client, dora: User) -> None:
    owner = register_person(username="owner", email="owner@example.org", password=PASSWORD)
    for action in ("action_send", "action_remove", "action_primary"):
        client.post("/accounts/email/", {"email": "owner@example.org", action: ""})
    assert addresses(owner) == [("owner@example.org", True, False)]


def test_every_mail_has_text_html_and_a_subject_of_ours(
    client: Client, dora: User, mailoutbox: list[EmailMessage]
) -> None:
    send_again(client, "dora@example.org")
    client.post(link_in(mailoutbox[0]))
    client.post("/accounts/password/reset/", {"email": "dora@example.org"})
    client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    change = {"oldpassword": PASSWORD, "password1": "another-one-99", "password2": "another-one-99"}
    client.post("/accounts/password/change/", change)
    assert len(mailoutbox) == 5
    for mail in mailoutbox:
        (letter,) = mail.alternatives  # type: ignore[attr-defined]
        assert letter.mimetype == "text/html"
        for link in re.findall(r"^http://\S+$", str(mail.body), re.MULTILINE):
            assert f'<a href="{link}">' in letter.content
        assert "[" not in mail.subject
        assert "{" not in mail.body
        assert "Chatter at testserver" in mail.body
