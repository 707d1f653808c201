"""Changing and resetting a password: one answer for all addresses, links that work once, sessions that end."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actions.sessions import set_password
from accounts.actions.signup import register_person
from accounts.models import User
from chatter.core.events import SessionRenewed, SessionsEnded

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "long-and-unlike-7", "another-one-99"


@pytest.fixture
def dora() -> User:
    return register_person(username="dora", email="dora@example.org", password=PASSWORD)


def browser_of(person: User) -> Client:
    browser = Client()
    browser.post("/accounts/login/", {"login": person.username, "password": PASSWORD})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/settings/profile/").status_code == 200


def ask(email: str) -> Any:
    return Client().post("/accounts/password/reset/", {"email": email}, follow=True)


def test_changing_keeps_this_browser_and_ends_the_others(dora: User) -> None:
    here, there = browser_of(dora), browser_of(dora)
    before = here.session.session_key
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert (is_in(here), is_in(there)) == (True, False)
    assert here.session.session_key != before
    dora.refresh_from_db()
    assert dora.check_password(NEW)


def test_changing_asks_for_the_old_password(dora: User) -> None:
    here = browser_of(dora)
    answer = here.post("/accounts/password/change/", {"oldpassword": "wrong", "password1": NEW, "password2": NEW})
    assert answer.context["form"].errors == {"oldpassword": ["This is not your current password."]}


def test_asking_for_a_reset_answers_the_same_for_every_address(dora: User, mailoutbox: list[EmailMessage]) -> None:
    answers = [ask("dora@example.org"), ask("nobody@example.org")]
    assert [answer.redirect_chain for answer in answers] == [[("/accounts/password/reset/done/", 302)]] * 2
    tokens = re.compile(r'(?<=csrfmiddlewaretoken" value=")\w+')
    assert len({tokens.sub("", answer.content.decode()) for answer in answers}) == 1
    assert [mail.to for mail in mailoutbox] == [["dora@example.org"], ["nobody@example.org"]], "and as much work"


def test_the_link_of_a_reset_works_once(dora: User, mailoutbox: list[EmailMessage]) -> None:
    there = browser_of(dora)
    ask("DORA@example.org")
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", str(mailoutbox[0].body))
    browser = Client()
    page = browser.get(link, follow=True)
    assert page.redirect_chain[0][0].endswith("-set-password/"), "the key does not stay in the address bar"
    browser.post(page.redirect_chain[0][0], {"password1": NEW, "password2": NEW})
    dora.refresh_from_db()
    assert dora.check_password(NEW)
    assert not is_in(there)
    assert "does not work any more" in Client().get(link, follow=True).content.decode()
    assert mailoutbox[-1].subject == "Your password was reset"


def test_a_reset_does_not_let_in_by_itself(dora: User, mailoutbox: list[EmailMessage]) -> None:
    ask("dora@example.org")
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", str(mailoutbox[0].body))
    browser = Client()
    browser.post(browser.get(link)["Location"], {"password1": NEW, "password2": NEW})
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("link", ["0-x", "zz-set-password", "deadbeef-abc-123", f"{'f' * 32}-a-b"])
def test_made_up_links_lead_to_one_page(client: Client, link: str) -> None:
    answer = client.get(f"/accounts/password/reset/key/{link}/", follow=True)
    assert answer.status_code == 200
    assert "does not work any more" in answer.content.decode()


def test_a_confirmed_owner_alone_is_sent_the_link(dora: User, mailoutbox: list[EmailMessage]) -> None:
    EmailAddress.objects.filter(user=dora).update(verified=True)
    register_person(username="double", email="dora@example.org", password=PASSWORD)
    ask("dora@example.org")
    (mail,) = mailoutbox
    assert "“dora”" in mail.body


def test_a_password_set_by_the_staff_ends_every_session(dora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("accounts.actions.sessions.publish", told.append)
    here = browser_of(dora)
    set_password(person=dora, password=NEW)
    assert not is_in(here)
    assert told == [SessionsEnded(user=dora.pk)]


def test_open_sockets_hear_of_it_at_once(
    dora: User, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    told: list[Any] = []
    for module in ("accounts.visits", "accounts.actions.sessions"):
        monkeypatch.setattr(f"{module}.publish", told.append)
    here = browser_of(dora)
    before = here.session.session_key
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    key, told_of_it = here.session.session_key, here.session["_auth_user_hash"]
    assert key and before
    assert told == [
        SessionRenewed(user=dora.pk, session_key=key, formerly=before),
        SessionsEnded(user=dora.pk, keep=key, auth_hash=told_of_it),
    ]
    here.post("/accounts/logout/")
    assert told[2:] == [SessionsEnded(user=dora.pk, session_key=key)]
    ask("dora@example.org")
    (link,) = re.findall(r"http://testserver(/accounts/password/reset/key/\S+)", str(mailoutbox[-1].body))
    browser = Client()
    browser.post(browser.get(link)["Location"], {"password1": PASSWORD, "password2": PASSWORD})
    assert told[3:] == [SessionsEnded(user=dora.pk)]
