"""The administration behind a second factor (CHATTER_ADMIN_MFA), whichever way one comes; and giving back a lost one."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.actions.factors import remove_second_factor
from accounts.actions.signup import register_person
from accounts.models import Notification, User
from chatter.core.errors import Refused
from tests.admin.conftest import tables
from tests.architecture.test_access import addresses
from tests.factories import make_person
from tests.factors import code_of, give_app

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


@pytest.fixture
def boss() -> User:
    person = register_person(username="boss", email="boss@example.org", password=PASSWORD)
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=True)
    return User.objects.get(pk=person.pk)


@pytest.fixture
def strict(settings: Any) -> None:
    settings.CHATTER_ADMIN_MFA = True


def at(person: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return client


def pages() -> list[str]:
    """Every address of the administration that needs no id, and each table's first."""
    plain = ["/admin/", "/admin/jsi18n/", "/admin/autocomplete/", "/admin/password_change/", "/admin/no-such/page/"]
    return plain + list(tables().values()) + [f"{path}add/" for path in tables().values()]


def test_off_it_asks_for_nothing_more(boss: User) -> None:
    assert at(boss).get("/admin/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_staff_without_one_is_led_to_set_one_up(boss: User) -> None:
    client = at(boss)
    for path in pages():
        for method in ("get", "post"):
            answer = getattr(client, method)(path)
            assert (answer.status_code, answer["Location"]) == (302, "/settings/security/"), (method, path)
    assert "asks for a second factor" in client.get("/settings/security/").content.decode()


@pytest.mark.usefixtures("strict")
def test_a_session_opened_without_it_steps_up(boss: User) -> None:
    secret = give_app(boss)
    client = at(boss)
    for path in pages():
        answer = client.get(path)
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=%2Fadmin%2F"), path
        assert client.post(path)["Location"].startswith("/accounts/2fa/reauthenticate/?next="), path
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/admin/").status_code == 302, "a password is no second factor"
    back = client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret), "next": "/admin/accounts/user/"})
    assert back["Location"] == "/admin/accounts/user/"
    assert client.get("/admin/accounts/user/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_a_session_opened_with_it_goes_straight_in(boss: User) -> None:
    secret = give_app(boss)
    client = Client()
    client.post("/accounts/login/", {"login": "boss", "password": PASSWORD, "next": "/admin/"})
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
    assert client.post("/admin/accounts/user/add/", {}).status_code == 200


@pytest.mark.usefixtures("strict")
def test_what_was_shown_counts_no_more_once_the_factor_is_gone(boss: User) -> None:
    secret = give_app(boss)
    client = at(boss)
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get("/admin/")["Location"] == "/settings/security/"


@pytest.mark.usefixtures("strict")
def test_staff_with_a_passkey_only_is_asked_for_it(boss: User) -> None:
    Authenticator.objects.create(user=boss, type="webauthn", data={"name": "x", "credential": {}})
    assert at(boss).get("/admin/")["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/?next=")


@pytest.mark.parametrize("mfa", [True, False])
def test_there_is_no_door_of_djangos_own(boss: User, settings: Any, mfa: bool) -> None:
    settings.CHATTER_ADMIN_MFA = mfa
    clerk = make_person(username="clerk", is_staff=True)
    typed = {"username": "boss", "password": PASSWORD, "next": "/admin/"}
    for client in (Client(), at(clerk), at(make_person(username="eve"))):
        before = client.session.get("_auth_user_id")
        for path in ("/admin/login/", "/admin/login/?next=/admin/", "/admin/"):
            client.post(path, typed)
            client.get(path)
            assert client.session.get("_auth_user_id") == before, path


@pytest.mark.usefixtures("strict")
def test_a_token_is_no_way_in(boss: User) -> None:
    for scheme in ("Bearer x", "Token x", "Basic Ym9zczpsb25nLWFuZC11bmxpa2UtNw=="):
        answer = Client(headers={"authorization": scheme}).get("/admin/", follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/"), scheme


@pytest.mark.usefixtures("strict")
def test_every_page_of_the_administration_stands_behind_the_gate(boss: User) -> None:
    """But its entrance, which only leads on."""
    client = at(boss)
    inside = [(name, path) for name, path in addresses() if name.startswith("admin:") and name != "admin:login"]
    assert len(inside) > 50
    for name, path in inside:
        assert client.get(path).headers.get("Location") == "/settings/security/", name


# --- A lost factor --------------------------------------------------------------------------------------------------


@pytest.fixture
def dora() -> User:
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    give_app(person)
    return person


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_remove_second_factor", args=[person.pk])


def test_a_lost_factor_is_taken_away_with_a_reason(boss: User, dora: User) -> None:
    office, theirs = at(boss), at(dora)
    path = page_of(dora)
    assert "Remove the second factor of dora" in office.get(path).content.decode()
    assert Authenticator.objects.count() == 2, "looking changes nothing"
    assert office.post(path, {"reason": " "}).status_code == 200
    assert Authenticator.objects.count() == 2
    answer = office.post(path, {"reason": "Lost the phone; called me <b>"})
    assert answer["Location"] == reverse("admin:accounts_user_change", args=[dora.pk])
    assert not Authenticator.objects.exists()
    (letter,) = mail.outbox
    assert letter.to == ["dora@example.org"]
    assert "Lost the phone; called me <b>" in str(letter.body)
    assert "127.0.0.1" not in str(letter.body), "where the staff sits is nobody's business"
    assert Notification.objects.get(recipient=dora).payload["event"] == "factor_removed"
    assert theirs.get("/settings/profile/").status_code == 302
    history = office.get(reverse("admin:accounts_user_history", args=[dora.pk])).content.decode()
    assert "Second factor removed: Lost the phone" in history
    client = Client()
    client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(dora.pk)


def test_only_superusers_do_it_to_the_staff_and_nobody_to_themselves(boss: User, dora: User) -> None:
    clerk = make_person(username="clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    give_app(boss)
    give_app(clerk)
    office = at(clerk)
    for person in (boss, clerk):
        office.post(page_of(person), {"reason": "Let me"})
    assert Authenticator.objects.count() == 6
    for actor, person in ((clerk, boss), (clerk, clerk), (boss, boss)):
        with pytest.raises(Refused):
            remove_second_factor(actor=actor, person=person, reason="Let me")
    office.post(page_of(dora), {"reason": "Lost"})
    assert not Authenticator.objects.filter(user=dora).exists()
    remove_second_factor(actor=boss, person=clerk, reason="Lost")
    assert not Authenticator.objects.filter(user=clerk).exists()


def test_strangers_and_staff_without_the_right_do_not(dora: User) -> None:
    for person in (make_person(username="eve"), make_person(username="clerk", is_staff=True)):
        at(person).post(page_of(dora), {"reason": "Let me"})
    assert Authenticator.objects.count() == 2


def test_secrets_are_not_shown(boss: User, dora: User) -> None:
    office = at(boss)
    rows = list(Authenticator.objects.all())
    for row in rows:
        page = office.get(reverse("admin:mfa_authenticator_change", args=[row.pk])).content.decode()
        assert not any(str(part) in page for part in row.data.values() if part != 0)
        assert office.post(reverse("admin:mfa_authenticator_delete", args=[row.pk])).status_code == 403
    assert Authenticator.objects.count() == len(rows)
