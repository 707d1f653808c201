"""How much a request may bring: the real server reads no further than its bound, and says so."""

import httpx
import pytest

from tests.cast import make_cast
from tests.servers import Address, SignedIn


@pytest.fixture
def cookies(transactional_db: None, signed_in: SignedIn) -> dict[str, str]:
    return signed_in(make_cast().alice)


@pytest.mark.parametrize("told", [True, False])
def test_a_body_over_the_bound_is_not_read(
    site: Address, cookies: dict[str, str], settings: object, told: bool
) -> None:
    settings.CHATTER_BODY_MAX = 100_000  # type: ignore[attr-defined]
    pieces = [b"x" * 50_000] * 3
    content = b"".join(pieces) if told else iter(pieces)
    with httpx.Client(base_url=site.url, cookies=cookies) as client:
        answer = client.post("/settings/profile/", content=content, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 413
    assert "too large" in answer.text


def test_scripts_read_it_as_a_refusal(site: Address, cookies: dict[str, str], settings: object) -> None:
    settings.CHATTER_BODY_MAX = 1_000  # type: ignore[attr-defined]
    headers = {"Accept": "application/json"}
    answer = httpx.post(f"{site.url}/language/", content=b"x" * 2_000, headers=headers, cookies=cookies)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "invalid")


def test_what_fits_is_read_whole(site: Address, cookies: dict[str, str], settings: object) -> None:
    settings.CHATTER_BODY_MAX = 100_000  # type: ignore[attr-defined]
    answer = httpx.post(f"{site.url}/language/", content=b"x" * 90_000, cookies=cookies)
    assert answer.status_code == 403
