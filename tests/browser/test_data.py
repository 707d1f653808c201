"""Your data in the browser: an export whose progress shows by itself, the end of an account in another open tab; and
every page about ways in and about data: nothing for axe, nothing wider than the screen."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actions.data import request_deletion
from accounts.actions.exports import build_export
from accounts.actions.wallets import link_wallet
from accounts.models import Export, User
from tests.axe import violations
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, serve
from tests.wallet_keys import WalletKey

pytestmark = pytest.mark.browser
SCREENS: dict[str, Any] = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
# Where pictures of the pages go, for whoever wants to look at them.
PICTURES = os.environ.get("CHATTER_TEST_PICTURES")


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with serve() as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.url, "House key"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        yield provider


def log_in(page: Page, name: str, wanted: str) -> None:
    page.goto(f"/accounts/login/?next={wanted}")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(f"secret-of-{name}")
    page.keyboard.press("Enter")


def test_an_export_is_made_before_ones_eyes(sit: Room, cast: Cast) -> None:
    page = sit()
    log_in(page, "alice", "/settings/data/")
    page.get_by_role("button", name="Make an export").click()
    bar = page.locator("export-progress progress")
    expect(bar).to_have_attribute("value", "0")
    row = Export.objects.get()
    Export.objects.update(progress=40, state="running")
    expect(bar).to_have_attribute("value", "40")
    build_export.call(str(row.pk))
    link = page.get_by_role("link", name="Download")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename.endswith(".zip")
    expect(page.locator("export-progress")).not_to_have_attribute("data-again", "")


def test_the_end_closes_every_open_tab(sit: Room, cast: Cast) -> None:
    elsewhere = sit.at(cast.alice, cast.lobby)
    page = sit()
    log_in(page, "alice", "/settings/data/delete/")
    page.get_by_label("Your username").fill("alice")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator(".toast").first).to_contain_text("will be deleted on")
    elsewhere.wait_for_url("**/accounts/login/**")
    sit.forgiven.append("status of 403")
    log_in(page, "alice", "/")
    page.get_by_role("button", name="Keep my account").click()
    expect(page.locator(".toast").first).to_contain_text("stays")
    log_in(page, "alice", "/settings/data/")
    expect(page.get_by_role("heading", name="Take your data along")).to_be_visible()


def looked_at(page: Page, name: str) -> None:
    if PICTURES:
        page.wait_for_timeout(300)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    found = violations(page)
    assert not found, (name, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_and_fits(sit: Room, cast: Cast, provider: Provider, screen: str) -> None:
    sit.forgiven.append("status of 40[13]")
    link_wallet(person=cast.alice, address=WalletKey("one").plain)
    said = {"preferred_username": "a-very-long-name-of-somebody" * 3}
    SocialAccount.objects.create(user=cast.alice, provider="oidc", uid="7", extra_data=said)
    now = timezone.now()
    for state, more in (("failed", {}), ("ready", {}), ("ready", {"file": "x", "size": 123456}), ("running", {})):
        Export.objects.create(user=cast.alice, state=state, progress=40, expires_at=now + timedelta(days=7), **more)
    page = sit(viewport=SCREENS[screen])
    page.add_init_script("window.ethereum = { request: async () => [] }")

    def look(name: str) -> None:
        looked_at(page, f"{name}-{screen}")

    for name, path in (("login", "/accounts/login/"), ("signup", "/accounts/signup/")):
        page.goto(path)
        expect(page.get_by_role("button", name="House key")).to_be_visible()
        look(name)
    page.goto("/accounts/oidc/callback/?state=x")
    look("error")
    log_in(page, "alice", "/settings/security/")
    expect(page.locator("#wallets")).to_be_visible()
    for name, path in (("security", "security"), ("data", "data"), ("delete", "data/delete")):
        page.goto(f"/settings/{path}/")
        expect(page.locator("h2").first).to_be_visible()
        look(name)
    page.get_by_label("Your username").fill("bob")
    page.get_by_role("button", name="Delete my account").click()
    expect(page.locator(".errorlist")).to_be_visible()
    look("delete-wrong")
    request_deletion(person=User.objects.get(pk=cast.alice.pk), username="alice")
    page.wait_for_url("**/accounts/login/**")
    log_in(page, "alice", "/")
    expect(page.get_by_role("button", name="Keep my account")).to_be_visible()
    look("waiting")
