"""A wallet in the browser: `window.ethereum` made for the test, its key held here."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actions.wallets import link_wallet
from accounts.models import Wallet
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.wallet_keys import WalletKey

pytestmark = pytest.mark.browser
WALLET = WalletKey("alice's browser")
PROVIDER = """
window.ethereum = { request: async (call) => {
  const answer = JSON.parse(await window.askWallet(JSON.stringify(call)));
  if (answer.error) throw Object.assign(new Error(answer.error), { code: answer.code });
  return answer.result;
} };
"""


def give_wallet(page: Page, *, chain: str = "0x1", declines: bool = False) -> list[str]:
    """Put a wallet into the page; what it was asked to sign is in the list."""
    signed: list[str] = []

    def ask(call: str) -> str:
        asked: dict[str, Any] = json.loads(call)
        match asked["method"]:
            case "eth_requestAccounts":
                return json.dumps({"result": [WALLET.plain]})
            case "eth_chainId":
                return json.dumps({"result": chain})
            case "personal_sign" if declines:
                return json.dumps({"error": "User rejected the request.", "code": 4001})
            case "personal_sign":
                text = bytes.fromhex(asked["params"][0][2:]).decode()
                signed.append(text)
                return json.dumps({"result": WALLET.sign(text)})
        return json.dumps({"error": "unsupported", "code": 4200})

    page.expose_function("askWallet", ask)
    page.add_init_script(PROVIDER)
    return signed


def test_without_a_wallet_nothing_speaks_of_one(sit: Room, cast: Cast) -> None:
    page = sit()
    page.goto("/accounts/login/")
    expect(page.locator("html.live")).to_be_attached()
    expect(page.locator("wallet-button")).to_be_hidden()


def test_link_a_wallet_and_log_in_with_it(sit: Room, cast: Cast) -> None:
    page = sit()
    signed = give_wallet(page)
    page.goto("/accounts/login/?next=/settings/security/")
    page.locator("[name=login]").fill("alice")
    page.locator("[name=password]").fill("secret-of-alice")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Link a wallet").click()
    expect(page.locator("#wallets .way")).to_contain_text(WALLET.address)
    assert "Link this wallet" in signed[0]
    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/settings/security/")
    page.get_by_role("button", name="Log in with a wallet").click()
    expect(page.locator("#wallets")).to_contain_text("last used")
    assert "Log in to Chatter" in signed[1]


def test_the_wallet_says_no(sit: Room, cast: Cast) -> None:
    link_wallet(person=cast.alice, address=WALLET.plain)
    page = sit()
    give_wallet(page, declines=True)
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Log in with a wallet").click()
    expect(page.locator(".wallet__status")).to_have_text("You did not sign.")


def test_a_wallet_on_another_network_reads_why_not(sit: Room, cast: Cast) -> None:
    sit.forgiven.append("status of 400")
    page = sit()
    give_wallet(page, chain="0x89")
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Log in with a wallet").click()
    expect(page.locator(".wallet__status")).to_contain_text("network")


def test_linking_asks_to_confirm_and_comes_back(sit: Room, cast: Cast) -> None:
    sit.forgiven.append("status of 403")
    page = sit(cast.alice)
    give_wallet(page)
    page.goto("/settings/security/")
    page.get_by_role("button", name="Link a wallet").click()
    page.locator("[name=password]").fill("secret-of-alice")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Link a wallet").click()
    expect(page.locator("#wallets .way")).to_contain_text(WALLET.address)
    assert Wallet.objects.get().user_id == cast.alice.pk
