"""People in the administration: what the staff change goes through actions, and nobody climbs above themselves."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.actions.signup import register_person
from accounts.models import User
from chatter.core.events import PersonSuspended, SessionsEnded
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    for module in ("moderation", "sessions"):
        monkeypatch.setattr(f"accounts.actions.{module}.publish", events.append)
    return events


@pytest.fixture
def bob() -> User:
    return make_person(username="bob", display_name="Bob")


@pytest.fixture
def clerk() -> Client:
    """Staff that may change people, and no more."""
    person = make_person(username="clerk", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user", "add_user"]))
    browser = Client()
    browser.force_login(person)
    return browser


def save(browser: Client, person: User, **typed: Any) -> Any:
    form = {
        "display_name": person.display_name,
        "first_name": "",
        "last_name": "",
        "bio": "",
        "is_active": "on",
        "suspended_reason": "",
        "suspension": "",
    } | typed
    form = {name: value for name, value in form.items() if value is not None}
    return browser.post(f"/admin/accounts/user/{person.pk}/change/", form)


def test_a_person_is_made_with_an_address_to_verify(office: Client) -> None:
    form = {"username": "eve", "email": "Eve@Example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert office.post("/admin/accounts/user/add/", form).status_code == 302
    eve = User.objects.get(username="eve")
    assert eve.email == "eve@example.org"
    assert eve.check_password(PASSWORD)
    assert not eve.is_staff
    assert EmailAddress.objects.filter(user=eve, primary=True, verified=False).exists()
    assert LogEntry.objects.get().object_id == str(eve.pk)


@pytest.mark.parametrize("typed", [{"username": "BOB"}, {"username": "a b"}, {"password2": "x"}, {"email": ""}])
def test_nobody_is_made_against_the_rules(office: Client, bob: User, typed: dict[str, str]) -> None:
    form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD} | typed
    assert office.post("/admin/accounts/user/add/", form).status_code == 200
    assert not User.objects.filter(username__in=["eve", "a b"]).exists()


def test_a_profile_is_changed_by_its_action(office: Client, bob: User) -> None:
    assert save(office, bob, display_name=" Bob \u202e T. ").status_code == 302
    bob.refresh_from_db()
    assert bob.display_name == "Bob T."


def test_suspending_and_lifting(office: Client, bob: User, told: list[Any]) -> None:
    save(office, bob, suspension="week", suspended_reason="Spam")
    bob.refresh_from_db()
    assert bob.is_suspended
    assert bob.suspended_reason == "Spam"
    save(office, bob, suspension="lift")
    assert not User.objects.get(pk=bob.pk).is_suspended
    assert told == [PersonSuspended(user=bob.pk)]


def test_many_are_suspended_at_once_and_it_is_written_down(office: Client, bob: User, told: list[Any]) -> None:
    eve = make_person(username="eve")
    chosen = {"action": "suspend_for_good", "_selected_action": [str(bob.pk), str(eve.pk)]}
    answer = office.post("/admin/accounts/user/", chosen, follow=True)
    assert "eve: suspended for good" in answer.content.decode()
    assert all(person.is_suspended for person in User.objects.filter(username__in=["bob", "eve"]))
    assert LogEntry.objects.count() == 2
    assert len(told) == 2


def test_switching_off(office: Client, bob: User, told: list[Any]) -> None:
    save(office, bob, is_active=None)
    bob.refresh_from_db()
    assert not bob.is_active
    assert told == [PersonSuspended(user=bob.pk)]


def test_rights_are_given_by_superusers_and_end_the_sessions(office: Client, bob: User, told: list[Any]) -> None:
    browser = Client()
    browser.force_login(bob)
    assert browser.get("/settings/profile/").status_code == 200
    save(office, bob, is_staff="on")
    bob.refresh_from_db()
    assert bob.is_staff
    assert not bob.is_superuser
    assert browser.get("/settings/profile/").status_code == 302, "no session is older than the rights"
    assert told == [SessionsEnded(user=bob.pk)]


def test_a_clerk_gives_no_rights(clerk: Client, bob: User) -> None:
    save(clerk, bob, is_staff="on", is_superuser="on", display_name="Bobby")
    bob.refresh_from_db()
    assert (bob.is_staff, bob.is_superuser, bob.display_name) == (False, False, "Bobby")


def test_a_clerk_does_not_touch_a_superuser(clerk: Client, root: User) -> None:
    assert save(clerk, root, display_name="Owned").status_code == 403
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert clerk.post(f"/admin/accounts/user/{root.pk}/password/", form).status_code == 403
    clerk.post("/admin/accounts/user/", {"action": "suspend_for_good", "_selected_action": [str(root.pk)]})
    root.refresh_from_db()
    assert (root.display_name, root.is_suspended, root.check_password(PASSWORD)) == ("Root_", False, False)


def test_nobody_takes_their_own_rights_or_suspends_themselves(office: Client, root: User) -> None:
    save(office, root, is_superuser=None, is_staff=None)
    root.refresh_from_db()
    assert root.is_superuser
    assert save(office, root, suspension="ever").status_code == 403
    root.refresh_from_db()
    assert not root.is_suspended


def test_a_refusal_takes_everything_back(office: Client, root: User) -> None:
    save(office, root, display_name="New", suspension="ever")
    root.refresh_from_db()
    assert root.display_name == "Root_"
    assert not LogEntry.objects.exists()


def test_a_password_set_here_ends_sessions(office: Client, bob: User, told: list[Any]) -> None:
    form = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    assert office.post(f"/admin/accounts/user/{bob.pk}/password/", form).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    assert SessionsEnded(user=bob.pk) in told


def test_the_page_of_a_person_leads_to_setting_a_password(office: Client, bob: User) -> None:
    page = office.get(f"/admin/accounts/user/{bob.pk}/change/").content.decode()
    assert "to-password" in page
    assert bob.password not in page
    answer = office.get(f"/admin/accounts/user/{bob.pk}/to-password/")
    assert answer["Location"].endswith(f"/{bob.pk}/password/")


def test_people_are_not_deleted_here(office: Client, bob: User) -> None:
    assert office.post(f"/admin/accounts/user/{bob.pk}/delete/", {"post": "yes"}).status_code == 403
    office.post(
        "/admin/accounts/user/", {"action": "delete_selected", "_selected_action": [str(bob.pk)], "post": "yes"}
    )
    assert User.objects.filter(pk=bob.pk).exists()


def test_an_address_is_taken_as_verified_by_the_action(office: Client) -> None:
    squatter = register_person(username="squatter", email="dora@example.org", password=PASSWORD)
    dora = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    address = EmailAddress.objects.get(user=dora)
    office.post("/admin/account/emailaddress/", {"action": "verify", "_selected_action": [str(address.pk)]})
    for person in (squatter, dora):
        person.refresh_from_db()
    address.refresh_from_db()
    assert (address.verified, dora.email, squatter.email) == (True, "dora@example.org", None)


def test_filters_and_search_find_people(office: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(suspended_at="2026-01-01T00:00Z")
    for query, is_found in (
        ("?suspended=yes", True),
        ("?suspended=no", False),
        ("?is_guest__exact=1", False),
        ("?q=bob", True),
        ("?q=bob@example", True),
        ("?q=zzz", False),
    ):
        page = office.get(f"/admin/accounts/user/{query}").content.decode()
        assert (f"/admin/accounts/user/{bob.pk}/change/" in page) == is_found, query


def staff_with(username: str, *rights: str) -> User:
    person: User = make_person(username=username, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return User.objects.get(pk=person.pk)


def test_the_staff_cannot_take_over_one_another(client: Client) -> None:
    """Else every right of a colleague is a password away."""
    clerk, colleague = staff_with("clerk", "view_user", "change_user"), staff_with("colleague", "view_message")
    client.force_login(clerk)
    secret = {"password1": "Kxw82-hh2hs", "password2": "Kxw82-hh2hs", "usable_password": "true"}
    address = reverse("admin:auth_user_password_change", args=[colleague.pk])
    assert client.post(address, secret).status_code == 403
    colleague.refresh_from_db()
    assert not colleague.check_password("Kxw82-hh2hs")
    client.post(
        reverse("admin:accounts_user_changelist"),
        {"action": "suspend_for_good", "_selected_action": [str(colleague.pk)]},
    )
    colleague.refresh_from_db()
    assert not colleague.is_suspended


def test_staff_roles_are_changed_by_superusers_only(client: Client) -> None:
    clerk, role = staff_with("clerk", "view_group", "change_group", "add_group"), Group.objects.create(name="Clerks")
    clerk.groups.add(role)
    client.force_login(clerk)
    address = reverse("admin:auth_group_change", args=[role.pk])
    assert client.get(address).status_code == 200
    everything = [str(right.pk) for right in Permission.objects.all()]
    assert client.post(address, {"name": "Clerks", "permissions": everything}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert role.permissions.count() == 0
