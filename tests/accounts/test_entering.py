"""Logging in and out: by username or address, one answer to every mistake, a new session key, nowhere else to go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from accounts.actions.moderation import lift_suspension, suspend_person
from accounts.actions.sessions import set_password
from accounts.actions.signup import register_person
from accounts.models import User
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


@pytest.fixture
def dora() -> User:
    return register_person(username="Dora", email="dora@example.org", password=PASSWORD)


def enter(client: Client, login: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": login, "password": password} | more)


@pytest.mark.parametrize("login", ["Dora", "dora", "DORA", "dora@example.org", "DORA@Example.org", " Dora "])
def test_username_or_address_in_any_case(client: Client, dora: User, login: str) -> None:
    answer = enter(client, login)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(dora.pk)


def test_somebody_who_wrote_down_a_taken_address_enters_with_it_like_anybody(client: Client, dora: User) -> None:
    double = register_person(username="double", email="dora@example.org", password="quite-another-8")
    enter(client, "dora@example.org", "quite-another-8")
    assert client.session["_auth_user_id"] == str(double.pk)


def test_every_mistake_gets_the_same_answer(dora: User) -> None:
    tries = [("dora", "wrong"), ("nobody", "wrong"), ("dora@example.org", "wrong"), ("no@example.org", "wrong")]
    pages = []
    for login, password in tries:
        answer = enter(Client(), login, password)
        assert answer.status_code == 200
        (words,) = answer.context["form"].non_field_errors()
        pages.append(words)
    assert len(set(pages)) == 1


@pytest.mark.parametrize(("known", "unknown"), [("dora", "nobody"), ("dora@example.org", "no@example.org")])
@pytest.mark.parametrize("doubles", [0, 1, 3])
def test_known_and_unknown_cost_the_same_hashes(
    dora: User, hashes: list[str], known: str, unknown: str, doubles: int
) -> None:
    for number in range(doubles):
        register_person(username=f"double{number}", email="dora@example.org", password=PASSWORD)
    counts = []
    for login in (known, unknown):
        hashes.clear()
        enter(Client(), login, "wrong")
        counts.append(len(hashes))
    assert counts[0] == counts[1] > 0


def test_a_wrong_password_names_neither_field(client: Client, dora: User) -> None:
    form = enter(client, "dora", "wrong").context["form"]
    assert list(form.errors) == ["__all__"]


def test_the_session_key_changes_at_the_door(client: Client, dora: User) -> None:
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)
    enter(client, "dora")
    assert client.session.session_key != planted
    assert not Client(headers={"cookie": f"sessionid={planted}"}).session.get("_auth_user_id")


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "https:evil.example"],
)
def test_next_leads_nowhere_else(dora: User, elsewhere: str) -> None:
    for path, form in (
        ("/accounts/login/", {"login": "dora", "password": PASSWORD}),
        ("/accounts/logout/", {}),
        ("/accounts/signup/", {"username": "x", "email": "x@example.org", "password1": PASSWORD}),
    ):
        answer = Client().post(path, form | {"next": elsewhere})
        assert (answer.status_code, answer["Location"]) == (302, "/lobby/" if "signup" in path else "/"), path


def test_next_leads_where_one_wanted_to_go(client: Client, dora: User) -> None:
    assert enter(client, "dora", next="/people/Dora/")["Location"] == "/people/Dora/"


def test_out_is_out(client: Client, dora: User) -> None:
    enter(client, "dora")
    key = str(client.session.session_key)
    assert client.get("/accounts/logout/").status_code == 200
    assert "_auth_user_id" in client.session, "a link logs nobody out"
    client.post("/accounts/logout/")
    assert "_auth_user_id" not in client.session
    assert not client.session.exists(key)


def test_a_suspended_person_learns_until_when_and_why(client: Client, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(
        suspended_at=timezone.now(), suspended_until=timezone.now() + timedelta(days=2), suspended_reason="<b>Spam</b>"
    )
    answer = enter(client, "dora")
    assert answer.status_code == 403
    assert "Your account is suspended" in answer.content.decode()
    assert "&lt;b&gt;Spam" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_does_not_tell_of_a_suspension(client: Client, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(suspended_at=timezone.now(), suspended_reason="Spam")
    answer = enter(client, "dora", "wrong")
    assert answer.status_code == 200
    assert "Your account is suspended" not in answer.content.decode()
    assert "Spam" not in answer.content.decode()


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"deleted_at": timezone.now()},
    ],
)
def test_a_session_ends_with_the_state_of_the_account(client: Client, dora: User, fields: dict[str, Any]) -> None:
    enter(client, "dora")
    assert client.get("/settings/profile/").status_code == 200
    User.objects.filter(pk=dora.pk).update(**fields)
    answer = client.get("/settings/profile/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.fixture
def judge() -> User:
    return make_person(username="judge", is_superuser=True)


@pytest.mark.parametrize("path", ["/", "/settings/profile/", "/accounts/login/?next=/new/"])
def test_a_suspended_person_reads_why_wherever_they_go(client: Client, dora: User, judge: User, path: str) -> None:
    enter(client, "dora")
    until = datetime(2126, 11, 22, 2, 46, tzinfo=UTC)
    for reason in ("Spam", "Still spam"):
        suspend_person(actor=judge, person=dora, reason=reason, until=until)
        answer = client.get(path)
        assert answer.status_code == 403
        page = answer.content.decode()
        assert reason in page
        assert 'datetime="2126-11-22T02:46:00+00:00"' in page
        assert "22 November 2126, 02:46 UTC" in page
    assert "spam" not in Client().get("/accounts/login/").content.decode().lower(), "strangers learn nothing"


def test_a_suspended_person_may_leave(client: Client, dora: User, judge: User) -> None:
    enter(client, "dora")
    suspend_person(actor=judge, person=dora)
    assert client.post("/new/", {"username": "judge"}).status_code == 403
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert "_auth_user_id" not in client.session
    assert client.get("/accounts/login/").status_code == 200


def test_another_password_since_then_tells_nothing(client: Client, dora: User, judge: User) -> None:
    enter(client, "dora")
    suspend_person(actor=judge, person=dora, reason="Spam")
    set_password(person=User.objects.get(pk=dora.pk), password="quite-another-8")
    assert client.get("/settings/profile/").status_code == 302


@pytest.mark.parametrize("ends", ["lifted", "over"])
def test_no_session_comes_back_after_a_suspension(client: Client, dora: User, judge: User, ends: str) -> None:
    enter(client, "dora")
    suspend_person(actor=judge, person=dora)
    if ends == "lifted":
        lift_suspension(actor=judge, person=dora)
    else:
        User.objects.filter(pk=dora.pk).update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert client.get("/settings/profile/")["Location"].startswith("/accounts/login/")
    assert enter(client, "dora").status_code == 302
    assert client.get("/settings/profile/").status_code == 200


def test_a_suspension_that_is_over_keeps_nobody_out(client: Client, dora: User) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    User.objects.filter(pk=dora.pk).update(suspended_at=yesterday, suspended_until=yesterday)
    assert enter(client, "dora").status_code == 302


def test_an_account_switched_off_is_told_so_after_the_password(client: Client, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(is_active=False)
    answer = client.post("/accounts/login/", {"login": "dora", "password": PASSWORD}, follow=True)
    assert "switched off" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_guest_has_no_password_to_guess(client: Client) -> None:
    guest = User(username="guest-x", is_guest=True)
    guest.set_unusable_password()
    guest.save()
    for password in ("", "!", guest.password):
        assert enter(client, "guest-x", password).status_code == 200


def test_an_address_of_an_account_made_by_hand_works_too(client: Client) -> None:
    make_person(username="byhand", email="By.Hand@example.org", password=PASSWORD)
    assert enter(client, "by.hand@example.org").status_code == 302
    assert not EmailAddress.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ['"aaaaaaaaaaaa\\000bb"', "'; select 1 --", "x" * 5000, "caf\xe9-in-a-cookie"])
def test_a_cookie_that_is_no_session_is_nobody(client: Client, key: str) -> None:
    assert client.get("/", headers={"Cookie": f"sessionid={key}"}).status_code == 200
