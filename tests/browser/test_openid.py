"""To another site and back in a browser: the policy that keeps forms on this site does not stand in the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Room
from tests.cast import Cast
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, serve

pytestmark = pytest.mark.browser


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with serve() as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.url, "House key"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        yield provider


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_there_and_back(sit: Room, cast: Cast, provider: Provider, scripts: bool) -> None:
    page = sit(java_script_enabled=scripts)
    page.goto("/accounts/login/?next=/settings/security/")
    page.get_by_role("button", name="Log in with House key").click()
    page.wait_for_url("**/settings/security/")
    expect(page.locator("#linked")).to_contain_text("dora")
