"""API tokens: made once confirmed, stored as digests, rotated at each use; reuse revokes the family, a race does not."""

import base64
import json
import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions import tokens
from accounts.actions.moderation import lift_suspension, suspend_person, switch_account
from accounts.actions.sessions import set_password
from accounts.actions.tokens import (
    AlreadyRefreshed,
    InvalidToken,
    Issued,
    family_of_bearer,
    give_back_token,
    living_families,
    make_token,
    prune_tokens,
    refresh_token,
    revoke_token,
)
from accounts.models import ApiToken, Notification, User
from accounts.views.tokens import REASONS
from chatter.core.errors import NotFound, Refused
from chatter.core.events import SessionsEnded
from tests.corpus import XSS
from tests.factories import make_person
from tests.stepup import confirm

PAGE, NEW = "/settings/tokens/", "/settings/tokens/new/"
REFRESH, REVOKE = "/api/token/refresh/", "/api/token/revoke/"


@pytest.fixture
def alice(db: None) -> User:
    return make_person(username="alice")


@pytest.fixture
def issued(alice: User) -> Issued:
    return make_token(person=alice, name="Weather", scope="write")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(tokens, "publish", found.append)
    return found


def ask(address: str, body: Any, **headers: str) -> Any:
    """What a program gets: the status and the JSON."""
    text = body if isinstance(body, bytes) else json.dumps(body)
    answer = Client().post(address, text, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def refresh(token: str) -> Any:
    return ask(REFRESH, {"refresh_token": token})


def knows(token: str) -> bool:
    return family_of_bearer(token=token, address="198.51.100.7") is not None


def later(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """The clock of the tokens goes on."""
    now = timezone.now
    monkeypatch.setattr("django.utils.timezone.now", lambda: now() + timedelta(**span))


# --- made -----------------------------------------------------------------------------------------------------------


def test_tokens_are_random_and_recognisable(alice: User) -> None:
    made = [make_token(person=alice, name=str(at), scope="read") for at in range(5)]
    for one in made:
        assert one.access_token.startswith("chatter_access_") and one.refresh_token.startswith("chatter_refresh_")
        assert len(base64.urlsafe_b64decode(one.access_token.removeprefix("chatter_access_") + "=")) == 32
    assert len({one.access_token for one in made} | {one.refresh_token for one in made}) == 10


def test_only_digests_are_stored(issued: Issued) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select t::text, access_digest, refresh_digest from accounts_apitoken t")
        row, access, fresh = cursor.fetchone()
    assert bytes(access) == sha256(issued.access_token.encode()).digest()
    assert bytes(fresh) == sha256(issued.refresh_token.encode()).digest()
    for token in (issued.access_token, issued.refresh_token):
        assert token not in row
        assert token.encode().hex() not in row


def test_what_is_made_has_a_name_and_a_scope(alice: User) -> None:
    for name, scope in (("", "read"), ("  ", "read"), ("x" * 61, "read"), ("ok", "admin"), ("ok", "")):
        with pytest.raises(Refused):
            make_token(person=alice, name=name, scope=scope)


def test_guests_make_none() -> None:
    guest = User(username="guest-x", is_guest=True)
    with pytest.raises(Refused) as refusal:
        make_token(person=guest, name="x", scope="read")
    assert refusal.value.code == "forbidden"


def test_there_is_a_largest_number(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "PER_PERSON", 2)
    first, _second = (make_token(person=alice, name="x", scope="read").family for _ in range(2))
    with pytest.raises(Refused):
        make_token(person=alice, name="x", scope="read")
    revoke_token(person=alice, token_id=first.pk)
    make_token(person=alice, name="x", scope="read")


# --- refreshed ------------------------------------------------------------------------------------------------------


def test_refreshing(issued: Issued) -> None:
    status, answer = refresh(issued.refresh_token)
    assert status == 200
    assert set(answer) == {"access_token", "expires_in", "refresh_token", "scope"}
    assert (answer["expires_in"], answer["scope"]) == (900, "write")
    family = ApiToken.objects.get()
    assert (family.rotation, family.last_address) == (1, "127.0.0.1")
    assert family.last_used_at is not None
    assert knows(answer["access_token"])
    assert not knows(issued.access_token), "one access token at a time"


def test_an_access_token_lives_a_quarter_of_an_hour(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, minutes=14)
    assert knows(issued.access_token)
    later(monkeypatch, minutes=2)
    assert not knows(issued.access_token)
    assert refresh(issued.refresh_token)[0] == 200


def test_a_refresh_token_lives_ninety_days_from_its_making(issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    later(monkeypatch, days=89)
    _status, answer = refresh(issued.refresh_token)
    later(monkeypatch, days=89)
    _status, answer = refresh(answer["refresh_token"])
    later(monkeypatch, days=91)
    assert refresh(answer["refresh_token"])[0] == 401
    assert living_families([ApiToken.objects.get().pk]) == set()


def test_a_lost_race_gives_no_token_and_ends_nothing(issued: Issued, told: list[Any]) -> None:
    _status, answer = refresh(issued.refresh_token)
    for _again in range(3):
        status, loser = refresh(issued.refresh_token)
        assert (status, loser["error"]["code"]) == (409, "already_refreshed")
        assert set(loser) == {"error"}
    assert told == []
    assert refresh(answer["refresh_token"])[0] == 200


def test_reuse_revokes_the_family(
    alice: User, issued: Issued, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_token(person=alice, name="Other", scope="read")
    _status, answer = refresh(issued.refresh_token)
    later(monkeypatch, seconds=11)
    assert refresh(issued.refresh_token)[0] == 401
    family = ApiToken.objects.get(pk=issued.family.pk)
    assert family.revoked_reason == "reused"
    assert told == [SessionsEnded(user=alice.pk, token=family.pk)]
    assert refresh(answer["refresh_token"])[0] == 401
    assert not knows(answer["access_token"])
    assert knows(other.access_token)
    (notice,) = Notification.objects.filter(recipient=alice, kind="system")
    assert (notice.payload["event"], notice.payload["name"]) == ("token_reused", "Weather")


def test_reuse_of_any_older_one_revokes_at_once(issued: Issued, told: list[Any]) -> None:
    """Also within the time of a race: who has the one before the last has not lost a race."""
    _status, second = refresh(issued.refresh_token)
    refresh(second["refresh_token"])
    assert refresh(issued.refresh_token)[0] == 401
    assert ApiToken.objects.get().revoked_reason == "reused"


def test_forged_tokens_revoke_nothing(issued: Issued) -> None:
    """Who knows the family's id, but no token, cannot end it."""
    body = issued.family.pk.bytes + secrets.token_bytes(48)
    forged = "chatter_refresh_" + base64.urlsafe_b64encode(body).decode().rstrip("=")
    assert refresh(forged)[0] == 401
    assert ask(REVOKE, {"token": forged})[0] == 200
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "chatter_refresh_",
        "chatter_refresh_" + "A" * 86,
        "chatter_refresh_é",
        "chatter_refresh_\x00",
        "chatter_refresh_" + "A" * 3000,
        "chatter_access_" + "A" * 43,
        "\ud800",
    ],
)
def test_what_is_no_token_gets_one_answer(issued: Issued, token: str) -> None:
    assert refresh(token) == (401, refresh("unknown")[1])
    assert not knows(token)


def test_all_that_is_over_gets_one_answer(alice: User, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_person(username="root_", is_superuser=True)
    wanted = refresh("unknown")
    revoked = make_token(person=alice, name="x", scope="read")
    revoke_token(person=alice, token_id=revoked.family.pk)
    assert refresh(revoked.refresh_token) == wanted
    switch_account(actor=root, person=alice, is_active=False)
    assert refresh(issued.refresh_token) == wanted
    switch_account(actor=root, person=alice, is_active=True)
    assert refresh(issued.refresh_token) == wanted, "what is switched off is over for good"
    issued = make_token(person=User.objects.get(pk=alice.pk), name="anew", scope="read")
    User.objects.filter(pk=alice.pk).update(deleted_at=timezone.now())
    assert refresh(issued.refresh_token) == wanted
    User.objects.filter(pk=alice.pk).update(deleted_at=None)
    later(monkeypatch, days=91)
    assert refresh(issued.refresh_token) == wanted


def test_no_token_comes_back_after_a_suspension(alice: User, issued: Issued) -> None:
    root = make_person(username="root_", is_superuser=True)
    suspend_person(actor=root, person=alice)
    assert refresh(issued.refresh_token)[0] == 401
    lift_suspension(actor=root, person=alice)
    assert refresh(issued.refresh_token)[0] == 401
    assert not knows(issued.access_token)


def test_a_new_password_ends_them_all(alice: User, issued: Issued) -> None:
    set_password(person=alice, password="another-one-99")
    assert not knows(issued.access_token)
    assert refresh(issued.refresh_token)[0] == 401
    assert ApiToken.objects.get().revoked_reason == "password"


def test_also_one_that_no_action_set(alice: User, issued: Issued) -> None:
    """`manage.py changepassword` knows nothing of tokens."""
    alice.set_password("another-one-99")
    alice.save()
    assert not knows(issued.access_token)
    assert refresh(issued.refresh_token)[0] == 401


def test_a_new_secret_key_keeps_them_while_the_old_one_is_known(issued: Issued, settings: Any) -> None:
    settings.SECRET_KEY_FALLBACKS = [site_settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-this-site"
    _status, answer = refresh(issued.refresh_token)
    assert knows(answer["access_token"])
    settings.SECRET_KEY_FALLBACKS = []
    assert refresh(answer["refresh_token"])[0] == 200 or not knows(answer["access_token"])


@pytest.mark.django_db(transaction=True)
def test_of_clients_that_race_one_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads, eight connections, one token: one gets tokens, nobody is thrown out."""
    monkeypatch.setattr(tokens, "publish", lambda *_events: None)
    made = make_token(person=make_person(username="alice"), name="Racer", scope="read")
    together = threading.Barrier(8)

    def race(_number: int) -> str:
        together.wait(20)
        try:
            return refresh_token(token=made.refresh_token, address="local").refresh_token
        except (AlreadyRefreshed, InvalidToken) as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))
    winners = [answer for answer in answers if answer.startswith("chatter_refresh_")]
    assert len(winners) == 1
    assert answers.count("already_refreshed") == 7
    family = ApiToken.objects.get()
    assert (family.rotation, family.revoked_at) == (1, None)
    assert refresh_token(token=winners[0], address="local").access_token


# --- the two addresses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"{}",
        b'{"refresh_token": 1}',
        b'{"refresh_token": ""}',
        b'{"refresh_token": ["x"]}',
        b"\xff\xfe",
        b"[" * 4000,
        b'{"refresh_token": "' + b"x" * 5000 + b'"}',
    ],
)
def test_bodies_that_are_none(db: None, body: bytes) -> None:
    for address in (REFRESH, REVOKE):
        status, answer = ask(address, body.replace(b"refresh_token", b"token") if address == REVOKE else body)
        assert (status, answer["error"]["code"]) == (400, "invalid")


def test_only_posts(db: None) -> None:
    for address in (REFRESH, REVOKE):
        for method in ("get", "put", "delete", "head", "options"):
            assert getattr(Client(), method)(address).status_code == 405


def test_answers_are_kept_by_nobody(issued: Issued) -> None:
    answer = Client().post(REFRESH, {"refresh_token": issued.refresh_token}, content_type="application/json")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_cookies_count_for_nothing(alice: User, issued: Issued) -> None:
    """Neither whose they are nor that they are somebody's; and a foreign page's form does nothing."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(REFRESH, "{}", content_type="application/json").status_code == 400
    assert browser.post(REFRESH, {"refresh_token": issued.refresh_token}).status_code == 400, "a form"
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now(), session_epoch=1)
    answer = browser.post(REFRESH, '{"refresh_token": "x"}', content_type="application/json")
    assert answer.json()["error"]["code"] == "invalid_token", "not the page about the suspension"


def test_requests_are_limited_by_address(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged X-Forwarded-For, in any of its spellings, is no other address."""
    monkeypatch.setattr("accounts.views.tokens.ASKED_MAX", 3)
    monkeypatch.setattr("accounts.views.tokens.ASKED_SECONDS", 3600)
    forged = [{"x-forwarded-for": f"203.0.113.{n}"} for n in range(3)]
    forged += [{"forwarded": "for=203.0.113.9"}, {"x-real-ip": "203.0.113.10"}, {"client-ip": "203.0.113.11"}]
    answers = [ask(REFRESH, {"refresh_token": "x"}, **headers)[0] for headers in forged]
    assert answers == [401, 401, 401, 429, 429, 429]
    limited = Client().post(REVOKE, {"token": "x"}, content_type="application/json")
    assert limited.status_code == 429 and int(limited["Retry-After"]) > 0
    settings.CHATTER_TRUSTED_PROXIES = 1
    assert ask(REFRESH, {"refresh_token": "x"}, **{"x-forwarded-for": "203.0.113.5"})[0] == 401
    assert [ask(REFRESH, {}, **{"x-forwarded-for": f"{n}, 203.0.113.5"})[0] for n in range(3)] == [400, 400, 429]


# --- revoked --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_a_program_gives_its_tokens_back(alice: User, issued: Issued, told: list[Any], which: str) -> None:
    assert ask(REVOKE, {"token": getattr(issued, which)}) == (200, {})
    assert told == [SessionsEnded(user=alice.pk, token=issued.family.pk)]
    assert refresh(issued.refresh_token)[0] == 401
    assert ask(REVOKE, {"token": getattr(issued, which)}) == (200, {})
    assert len(told) == 1


def test_giving_back_what_is_nothing(db: None) -> None:
    for token in ("x", "chatter_access_", "chatter_refresh_x", "chatter_refresh_" + "A" * 86):
        give_back_token(token=token)


def test_nobody_revokes_the_tokens_of_others(issued: Issued) -> None:
    mallory = make_person(username="mallory")
    with pytest.raises(NotFound):
        revoke_token(person=mallory, token_id=issued.family.pk)
    browser = Client()
    browser.force_login(mallory)
    assert browser.post(f"{PAGE}{issued.family.pk}/revoke/").status_code == 404
    assert knows(issued.access_token)


def test_what_ended_long_ago_is_deleted(alice: User, issued: Issued, monkeypatch: pytest.MonkeyPatch) -> None:
    revoke_token(person=alice, token_id=issued.family.pk)
    assert prune_tokens() == 0
    later(monkeypatch, days=91)
    assert prune_tokens() == 1


def test_every_reason_has_words_of_its_own() -> None:
    """A family that was ended did not "run out"."""
    sources = [
        path.read_text()
        for path in (site_settings.BASE_DIR / "accounts").rglob("*.py")
        if "migrations" not in path.parts
    ]
    found = {reason for source in sources for reason in re.findall(r'(?:reason=|_revoke\(family, )"([a-z ]+)"', source)}
    assert found <= set(REASONS), found - set(REASONS)
    assert all(len(reason) <= 16 for reason in REASONS), "as long as the column"
    assert len(found) >= 8


# --- the pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(alice: User) -> Client:
    client = Client()
    client.force_login(alice)
    return client


def test_making_one_asks_to_confirm_first(desk: Client) -> None:
    assert desk.get(NEW).status_code == 302
    assert desk.post(NEW, {"name": "Weather", "scope": "read"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_making_one_on_the_page(alice: User, desk: Client) -> None:
    confirm(desk)
    assert desk.get(NEW).status_code == 200
    answer = desk.post(NEW, {"name": "Weather", "scope": "read"})
    made = answer.context["issued"]
    page = answer.content.decode()
    assert page.count(made.access_token) == 1 and page.count(made.refresh_token) == 1
    assert 'data-copy-from="refresh-token"' in page and 'data-copy-from="access-token"' in page
    assert "no-store" in answer["Cache-Control"]
    assert (made.family.user, made.family.scope) == (alice, "read")
    after = desk.get(PAGE).content.decode()
    assert "Weather" in after and made.refresh_token not in after and "chatter_" not in after


@pytest.mark.parametrize(
    "typed", [{}, {"name": "x"}, {"name": "x", "scope": "admin"}, {"name": "", "scope": "read"}, {"name": "x" * 61}]
)
def test_mistakes_on_the_page(desk: Client, typed: dict[str, str]) -> None:
    confirm(desk)
    answer = desk.post(NEW, typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not ApiToken.objects.exists()


def test_revoking_on_the_page(desk: Client, issued: Issued) -> None:
    desk.post(f"{PAGE}{issued.family.pk}/revoke/")
    assert not knows(issued.access_token)
    page = desk.get(PAGE).content.decode()
    assert "You have no tokens." in page and "Revoked" in page


def test_names_are_text(alice: User, desk: Client) -> None:
    for text in XSS[:15]:
        ApiToken.objects.create(
            user=alice,
            name=text[:60],
            refresh_digest=secrets.token_bytes(32),
            refresh_expires_at=timezone.now() + timedelta(days=1),
            auth_hash=alice.get_session_auth_hash(),
        )
    page = desk.get(PAGE).content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page


def test_the_page_in_few_queries(alice: User, desk: Client, django_assert_max_num_queries: Any) -> None:
    for at in range(15):
        family = make_token(person=alice, name=str(at), scope="read").family
        if at % 2:
            revoke_token(person=alice, token_id=family.pk)
    desk.get(PAGE)
    with django_assert_max_num_queries(14):
        assert desk.get(PAGE).status_code == 200


def test_guests_are_led_to_keep_their_account(client: Client, settings: Any, db: None) -> None:
    settings.CHATTER_GUESTS = True
    client.post("/guest/", {"name": "Zed"})
    assert client.get(PAGE)["Location"] == "/claim/"
    assert client.post(NEW, {"name": "x", "scope": "read"})["Location"] == "/claim/"


def test_strangers_are_asked_to_log_in(client: Client, db: None) -> None:
    for address in (PAGE, NEW):
        assert client.get(address)["Location"].startswith("/accounts/login/")


def test_the_administration_shows_no_secret(alice: User, issued: Issued) -> None:
    root = make_person(username="root_", is_staff=True, is_superuser=True)
    office = Client()
    office.force_login(root)
    page = office.get(f"/admin/accounts/apitoken/{issued.family.pk}/change/").content.decode()
    assert "Weather" in page and "digest" not in page and issued.family.auth_hash not in page
    office.post("/admin/accounts/apitoken/", {"action": "revoke", "_selected_action": [str(issued.family.pk)]})
    assert not knows(issued.access_token)
