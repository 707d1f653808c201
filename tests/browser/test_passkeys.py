"""Second factors and passkeys in a real browser, with Chromium's own virtual authenticator; axe on each page."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.actions.signup import register_person
from accounts.models import User
from chat.actions.conversation import join_lobby
from tests.axe import violations
from tests.browser.conftest import Room
from tests.factors import code_of, give_app, recovery_codes
from tests.servers import Address

pytestmark = pytest.mark.browser
PASSWORD = "long-and-unlike-7"
PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def dora(site: Address) -> User:
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    EmailAddress.objects.filter(user=person).update(verified=True)
    join_lobby(person=person)
    return person


@pytest.fixture
def sit(sit: Room, site: Address) -> Room:
    """Passkeys need a host with a name: the same site, called localhost."""
    sit.site = Address(site.port)
    sit.site.url = f"http://localhost:{site.port}"
    return sit


def device(page: Page, **options: Any) -> Any:
    """A device with a passkey chip, whose owner puts the finger on it at once."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    settings = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": settings | options})
    return session, made["authenticatorId"]


def check(page: Page, name: str) -> None:
    """Nothing for axe, nothing that makes the page scroll sideways."""
    found = violations(page)
    assert not found, (name, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def test_a_passkey_from_making_to_removing(sit: Room, dora: User) -> None:
    page = sit(dora)
    session, chip = device(page)
    page.goto("/settings/security/")
    page.get_by_role("link", name="Add a passkey").click()
    confirm(page)
    page.get_by_label("Name").fill("Blue key")
    check(page, "add a passkey")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert len(session.send("WebAuthn.getCredentials", {"authenticatorId": chip})["credentials"]) == 1

    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator(".passkey__status")).to_contain_text("has a passkey for your account already")

    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.goto("/accounts/login/?next=/settings/security/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text("Blue key")).to_be_visible()
    check(page, "security with a passkey")

    page.get_by_role("link", name="Rename Blue key").click()
    page.get_by_label("Name").fill("Green key")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Green key").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    expect(page.get_by_text("Green key")).to_have_count(0)
    assert not Authenticator.objects.exists()


def test_a_passkey_after_the_password_and_to_confirm(sit: Room, dora: User) -> None:
    page = sit(dora)
    device(page)
    page.goto("/accounts/2fa/webauthn/add/")
    confirm(page)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.context.clear_cookies()

    page.goto("/accounts/login/")
    page.get_by_label("Username or e-mail").fill("dora")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    check(page, "one more step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).not_to_have_url(re.compile(r"/accounts/"))

    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/settings/security/")
    check(page, "confirm with a passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(re.compile(r"/settings/security/$"))


def test_who_declines_is_told_and_may_go_another_way(sit: Room, dora: User) -> None:
    page = sit()
    device(page, isUserVerified=False)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.locator(".passkey__status")).to_contain_text("No passkey was used")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_enabled()


def test_without_scripts_there_is_no_dead_button(sit: Room, dora: User) -> None:
    give_app(dora)
    page = sit(java_script_enabled=False)
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    page.get_by_label("Username or e-mail").fill("dora")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_label("Code").fill(recovery_codes(dora)[0])
    page.get_by_role("button", name="Log in", exact=True).click()
    page.goto("/settings/security/")
    expect(page.get_by_text("9 codes left")).to_be_visible()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk-light", "phone-dark"])
def test_an_app_from_the_picture_to_the_codes(sit: Room, dora: User, options: dict[str, Any]) -> None:
    page = sit(dora, **options)
    page.goto("/settings/security/")
    check(page, "security")
    page.get_by_role("link", name="Set up").click()
    check(page, "confirm with the password")
    confirm(page)
    expect(page.locator("img.qr")).to_be_visible()
    assert page.evaluate("document.querySelector('img.qr').naturalWidth > 0"), "the policy lets the picture through"
    check(page, "set up an app")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code the app shows").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    check(page, "a wrong code")
    page.get_by_label("The code the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    check(page, "recovery codes")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    kept = download.value.path().read_text()
    assert all(code in kept for code in recovery_codes(dora))
    page.goto("/accounts/2fa/recovery-codes/generate/")
    check(page, "new codes")
    page.goto("/accounts/2fa/totp/deactivate/")
    check(page, "turn off")


def test_the_other_tab_stays_when_the_key_changes(sit: Room, dora: User) -> None:
    page = sit(dora)
    other = sit.tab(page.context)
    other.goto("/lobby/")
    expect(other.locator("message-list[data-live]")).to_be_attached()
    page.goto("/accounts/2fa/totp/activate/")
    confirm(page)
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("The code the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".codes code")).to_have_count(10)
    other.get_by_role("textbox", name="Message").first.fill("Still here")
    other.keyboard.press("Enter")
    expect(other.locator("message-list").get_by_text("Still here").first).to_be_visible()


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk-light", "phone-dark"])
def test_confirming_without_a_password(sit: Room, dora: User, options: dict[str, Any]) -> None:
    dora.set_unusable_password()
    dora.save()
    page = sit(dora, **options)
    page.goto("/accounts/2fa/totp/activate/")
    expect(page.get_by_role("button", name="Send the code")).to_be_visible()
    check(page, "before the code")
    page.get_by_role("button", name="Send the code").click()
    check(page, "type the code")
    code = re.search(r"^[A-Z]{3,4}-[A-Z]{3,4}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.get_by_label("Code").fill(code[0])
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("img.qr")).to_be_visible()
    EmailAddress.objects.all().delete()
    page.context.clear_cookies(name="sessionid")
    again = sit(dora, **options)
    again.goto("/accounts/confirm/again/?next=/settings/security/")
    check(again, "enter anew")
