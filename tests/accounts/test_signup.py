"""Registering: who may be called what, one answer for free and taken addresses, and what is sent."""

import re
import threading
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import identify_hasher
from django.core.mail import EmailMessage
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.actions.signup import register_person
from accounts.models import User
from chatter.core.errors import Refused
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


def sign_up(client: Client, username: str = "dora", email: str = "dora@example.org", **typed: str) -> Any:
    form = {"username": username, "email": email, "password1": PASSWORD, "password2": PASSWORD} | typed
    return client.post("/accounts/signup/", form)


def test_who_registers_is_in_at_once(client: Client, mailoutbox: list[EmailMessage]) -> None:
    answer = sign_up(client)
    assert (answer.status_code, answer["Location"]) == (302, "/lobby/")
    person = User.objects.get(username="dora")
    assert client.session["_auth_user_id"] == str(person.pk)
    assert (person.email, person.is_guest, person.is_staff) == ("dora@example.org", False, False)
    assert not EmailAddress.objects.get(user=person, primary=True).verified
    (mail,) = mailoutbox
    assert mail.to == ["dora@example.org"]
    assert "/accounts/confirm-email/" in mail.body


def test_who_registers_lands_in_the_lobby_or_where_they_were_going(client: Client) -> None:
    sign_up(client)
    lobby = client.get("/lobby/", follow=True)
    assert 'class="places' in lobby.content.decode()
    assert lobby.redirect_chain[-1][0].startswith("/c/")
    home = client.get("/").content.decode()
    assert 'button--primary" href="/lobby/"' in home, "the only place there is"
    assert sign_up(Client(), username="erik", email="e@example.org", next="/new/")["Location"] == "/new/"


def test_the_second_password_is_asked_for_but_may_be_left_out_by_a_client(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert 'name="password2"' in page
    client.post("/accounts/signup/", {"username": "dora", "email": "d@example.org", "password1": PASSWORD})
    assert User.objects.filter(username="dora").exists()


def test_two_passwords_that_differ_are_refused(client: Client) -> None:
    answer = sign_up(client, password2="something-else-8")
    assert answer.status_code == 200
    assert "password2" in answer.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.parametrize("username", ["a", "A-b_9", "x" * 50, "_", "-", "0"])
def test_usernames_of_letters_digits_and_two_signs(client: Client, username: str) -> None:
    assert sign_up(client, username=username).status_code == 302
    assert User.objects.get().username == username


@pytest.mark.parametrize(
    "username", ["", "x" * 51, "a b", "ä", "a.b", "a@b", "王", "a/b", "<b>", "Admin", "search", "guest-7"]
)
def test_other_usernames_are_refused(client: Client, username: str) -> None:
    answer = sign_up(client, username=username)
    assert answer.status_code == 200
    assert "username" in answer.context["form"].errors
    assert not User.objects.exists()


def test_a_username_is_taken_in_any_case(client: Client) -> None:
    make_person(username="Dora")
    answer = sign_up(client, username="dORA", email="other@example.org")
    assert answer.context["form"].errors["username"] == ["This username is taken."]
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["short", "12345678901", "password1", "dora-dora"])
def test_weak_passwords_are_refused(client: Client, password: str) -> None:
    answer = sign_up(client, username="dora-dora", password1=password, password2=password)
    assert "password1" in answer.context["form"].errors


def neutral(browser: Client, name: str) -> str:
    """The pages of one's own account, without what differs between any two people."""
    pages = "".join(browser.get(path).content.decode() for path in ("/accounts/email/", f"/people/{name}/"))
    for private in (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r'(?<=csrfmiddlewaretoken" value=")\w+', r"hue-\d+"):
        pages = re.sub(private, "", pages)
    return pages.replace(name, "NAME").replace(f">{name[0].upper()}<", ">N<")


def test_a_taken_address_answers_like_a_free_one(mailoutbox: list[EmailMessage]) -> None:
    owner = make_person(username="owner", email="tak3n@example.org")
    EmailAddress.objects.create(user=owner, email="tak3n@example.org", primary=True, verified=True)
    free, taken = Client(), Client()
    answers = [sign_up(free, "fr33", "fr33@example.org"), sign_up(taken, "tak3n", "TAK3N@example.org")]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, "/lobby/")] * 2
    assert neutral(free, "fr33") == neutral(taken, "tak3n")
    assert [message.to for message in mailoutbox] == [["fr33@example.org"], ["tak3n@example.org"]]
    assert "already" in mailoutbox[1].subject
    assert "confirm-email" not in mailoutbox[1].body


def test_a_taken_address_takes_nothing_from_its_owner(client: Client) -> None:
    owner = make_person(username="owner", email="owner@example.org")
    sign_up(client, "taken", "Owner@Example.org")
    owner.refresh_from_db()
    assert owner.email == "owner@example.org"
    assert User.objects.get(username="taken").email is None


def test_both_answers_cost_one_hash(hashes: list[str]) -> None:
    make_person(username="owner", email="owner@example.org")
    hashes.clear()
    sign_up(Client(), "free", "free@example.org")
    free, hashes[:] = len(hashes), []
    sign_up(Client(), "taken", "owner@example.org")
    assert free == len(hashes) == 1


def test_names_and_addresses_are_unique_in_the_database_too() -> None:
    make_person(username="dora", email="dora@example.org")
    for double in (User(username="DORA"), User(username="other", email="DORA@example.ORG")):
        with pytest.raises(IntegrityError), transaction.atomic():
            double.save()


def test_the_database_refuses_other_usernames_and_empty_addresses() -> None:
    for wrong in (User(username="a b"), User(username=""), User(username="ok", email="")):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()


def test_accounts_without_an_address_do_not_collide() -> None:
    make_person(username="one", email=None)
    make_person(username="two", email=None)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_sign_ups_one_gets_the_name() -> None:
    together = threading.Barrier(4)
    verdicts: list[str] = []

    def register(number: int) -> None:
        together.wait()
        try:
            register_person(username=("dora", "DORA")[number % 2], email=f"d{number}@example.org", password=PASSWORD)
            verdicts.append("in")
        except Refused as refusal:
            verdicts.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=register, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == ["This username is taken."] * 3 + ["in"]
    assert User.objects.count() == EmailAddress.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_sign_ups_one_gets_the_address_and_all_get_in() -> None:
    together = threading.Barrier(3)

    def register(number: int) -> None:
        together.wait()
        register_person(username=f"dora{number}", email="dora@example.org", password=PASSWORD)
        connection.close()

    threads = [threading.Thread(target=register, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 3
    assert User.objects.filter(email="dora@example.org").count() == 1


def test_a_name_taken_between_check_and_write_is_told_in_the_form(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(username="dora")
    monkeypatch.setattr("accounts.adapter.AccountAdapter.clean_username", lambda _self, name, shallow=False: name)
    answer = sign_up(client)
    assert answer.status_code == 200
    assert answer.context["form"].errors["username"] == ["This username is taken."]


def test_the_real_hasher_is_argon2id(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    assert person.password.startswith("argon2$argon2id$")
    assert identify_hasher(person.password).algorithm == "argon2"
    assert person.check_password(PASSWORD)


def test_the_site_prefers_argon2(request: pytest.FixtureRequest) -> None:
    from chatter import settings as written

    assert written.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"


def test_no_form_without_its_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/accounts/signup/", "/accounts/login/", "/guest/", "/accounts/password/reset/"):
        assert strict.post(path, {"name": "x"}).status_code == 403, path
