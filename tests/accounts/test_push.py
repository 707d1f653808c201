"""Web push, end to end with a push service of the test's own that decrypts what it is given."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.tasks import TaskResultStatus
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import push as push_module
from accounts.actions import push as push_actions
from accounts.actions.notifications import mark_all_read, notify
from accounts.actions.preferences import set_setting
from accounts.actions.push import MOST, subscribe_push
from accounts.background import claim, perform
from accounts.deliveries import deliver_due
from accounts.models import Delivery, Device, Notification, PushSubscription, User
from accounts.notices import Notice
from accounts.push import FEW_FAILURES, LONGEST_SILENCE, MOST_FAILURES, TTL, payload_of, wait_of
from accounts.vapid import CURVE, ORDER, _private_key, public_key, unpadded, url_safe
from chatter.core.errors import Refused
from chatter.core.outbound import PUBLIC, Answer, Policy, is_public
from tests.factories import make_person

pytestmark = pytest.mark.django_db
READY, FAILED, SUCCESSFUL = TaskResultStatus.READY, TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL
FAR = "https://push.example.org/"


class Browser:
    """The keys of a browser, as its subscription says them."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(CURVE)
        self.secret = b"0123456789abcdef"

    @property
    def keys(self) -> dict[str, str]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": url_safe(point), "auth": url_safe(self.secret)}

    def read(self, body: bytes) -> Any:
        plain = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        return json.loads(plain)


class Post(BaseHTTPRequestHandler):
    """A push service: keeps what it is given, answers what it is told to."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(self.server.answer)
        for name, text in self.server.says.items():
            self.send_header(name, text)
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: Any = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    made.got, made.answer, made.says = [], 201, {}
    made.url = f"http://127.0.0.1:{made.server_port}/"
    policy = Policy(
        schemes=frozenset({"http", "https"}),
        ports=frozenset({made.server_port, 443}),
        allows=lambda address: str(address) == "127.0.0.1" or is_public(address),
        seconds=5,
    )
    monkeypatch.setattr(push_module, "POLICY", policy)
    monkeypatch.setattr(push_actions, "POLICY", policy)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def dora() -> User:
    return make_person(username="dora")


@pytest.fixture
def phone() -> Browser:
    return Browser()


def device_of(person: User) -> Device:
    return Device.objects.create(user=person, session_key=uuid4().hex, last_active_at=timezone.now())


def subscribed(person: User, phone: Browser, endpoint: str) -> PushSubscription:
    return subscribe_push(person=person, session_key=device_of(person).session_key, endpoint=endpoint, **phone.keys)


@pytest.fixture
def subscription(dora: User, phone: Browser, service: Any) -> PushSubscription:
    return subscribed(dora, phone, f"{service.url}abc")


def tell(person: User, title: str = "Something happened", *, key: str = "thing") -> None:
    set_setting(person=person, key="notifications", value={"system": {"push": True}})
    notify(
        recipient=person, kind="system", group_key=key, payload={"title": title, "text": "Words", "url": "/settings/"}
    )


def push_due() -> DBTaskResult:
    """Let what is due become a task, and run it."""
    deliver_due("push")
    DBTaskResult.objects.filter(status=READY).update(run_after=timezone.now() - timedelta(seconds=1))
    row = claim("push", "me")
    assert row is not None
    perform(row)
    row.refresh_from_db()
    return row


class TestAPush:
    def test_reaches_the_browser_encrypted(
        self, dora: User, phone: Browser, subscription: PushSubscription, service: Any
    ) -> None:
        tell(dora)
        assert push_due().status == SUCCESSFUL
        ((headers, body),) = service.got
        assert b"Something" not in body
        told = phone.read(body)
        assert told["title"] == "Something happened"
        assert (told["body"], told["url"], told["tag"]) == ("Words", "/settings/", "thing")
        assert headers["Content-Encoding"] == "aes128gcm"
        assert headers["TTL"] == str(TTL)
        assert len(headers["Topic"]) == 32
        subscription.refresh_from_db()
        assert subscription.last_used_at is not None
        assert not Delivery.objects.filter(channel="push").exists()

    def test_is_signed_for_this_service_by_the_key_browsers_know(
        self, dora: User, subscription: PushSubscription, service: Any
    ) -> None:
        tell(dora)
        push_due()
        scheme, signed = service.got[0][0]["Authorization"].split(" ", 1)
        token, key = (part.strip()[2:] for part in signed.split(","))
        assert (scheme, key) == ("vapid", public_key())
        head, claims, signature = token.split(".")
        raw = unpadded(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unpadded(key))
        point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        said = json.loads(unpadded(claims))
        assert said["aud"] == service.url.rstrip("/")
        assert said["sub"].startswith("mailto:")
        assert 0 < said["exp"] - timezone.now().timestamp() <= 24 * 3600

    def test_says_several_things_at_once(
        self, dora: User, phone: Browser, subscription: PushSubscription, service: Any
    ) -> None:
        for number in range(5):
            tell(dora, f"Thing {number}", key=f"thing-{number}")
        push_due()
        ((_headers, body),) = service.got
        told = phone.read(body)
        assert told["title"] == "5 notifications"
        assert told["body"].count("\n") == 2

    def test_goes_to_each_browser(self, dora: User, subscription: PushSubscription, service: Any) -> None:
        subscribed(dora, Browser(), f"{service.url}other")
        tell(dora)
        push_due()
        push_due()
        assert len(service.got) == 2

    def test_goes_to_nobody_else(self, subscription: PushSubscription, service: Any) -> None:
        tell(make_person(username="emil"))
        assert deliver_due("push") == 0

    @pytest.mark.parametrize("how", ["read", "suspended", "unwanted", "gone"])
    def test_is_not_sent_when_it_is_not_news_any_more(
        self, dora: User, subscription: PushSubscription, service: Any, how: str
    ) -> None:
        tell(dora)
        deliver_due("push")
        if how == "read":
            mark_all_read(recipient=dora)
        elif how == "suspended":
            User.objects.update(suspended_at=timezone.now())
        elif how == "unwanted":
            set_setting(person=dora, key="notifications", value={"system": {"push": False}})
        else:
            Notification.objects.all().delete()
        assert push_due().status == SUCCESSFUL
        assert service.got == []

    def test_is_not_sent_to_a_browser_that_logged_out(
        self, dora: User, subscription: PushSubscription, service: Any
    ) -> None:
        tell(dora)
        deliver_due("push")
        Device.objects.all().delete()
        assert not PushSubscription.objects.exists()
        assert push_due().status == SUCCESSFUL
        assert service.got == []


class TestAService:
    @pytest.mark.parametrize("answer", [404, 410])
    def test_that_knows_the_browser_no_more_is_not_asked_again(
        self, dora: User, subscription: PushSubscription, service: Any, answer: int
    ) -> None:
        service.answer = answer
        tell(dora)
        assert push_due().status == SUCCESSFUL
        assert not PushSubscription.objects.exists()

    def test_that_is_busy_says_when_to_come_again(
        self, dora: User, subscription: PushSubscription, service: Any
    ) -> None:
        service.answer, service.says = 429, {"Retry-After": "300"}
        tell(dora)
        row = push_due()
        assert row.status == READY
        assert timedelta(seconds=280) < row.run_after - timezone.now() < timedelta(seconds=301)
        service.answer = 201
        assert push_due().status == SUCCESSFUL
        assert len(service.got) == 2

    def test_that_fails_is_tried_again(self, dora: User, subscription: PushSubscription, service: Any) -> None:
        service.answer = 503
        tell(dora)
        assert push_due().status == READY
        subscription.refresh_from_db()
        assert subscription.failures == 1

    def test_that_refuses_is_not_tried_again(self, dora: User, subscription: PushSubscription, service: Any) -> None:
        service.answer = 400
        tell(dora)
        assert push_due().status == FAILED
        assert PushSubscription.objects.exists()

    def test_that_failed_too_often_is_forgotten(self, dora: User, subscription: PushSubscription, service: Any) -> None:
        silent = timezone.now() - LONGEST_SILENCE - timedelta(minutes=1)
        PushSubscription.objects.update(failures=MOST_FAILURES - 1, created_at=silent)
        service.answer = 500
        tell(dora)
        push_due()
        assert not PushSubscription.objects.exists()

    def test_that_has_been_failing_is_tried_once_a_push(
        self, dora: User, subscription: PushSubscription, service: Any
    ) -> None:
        PushSubscription.objects.update(failures=FEW_FAILURES)
        service.answer = 503
        tell(dora)
        assert push_due().status == FAILED

    def test_that_failed_often_but_not_for_long_is_kept(
        self, dora: User, subscription: PushSubscription, service: Any
    ) -> None:
        """Our own line was cut: everybody's failed."""
        PushSubscription.objects.update(failures=MOST_FAILURES - 1)
        service.answer = 500
        tell(dora)
        push_due()
        assert PushSubscription.objects.exists()

    def test_on_a_private_address_is_never_asked(
        self, dora: User, subscription: PushSubscription, service: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(push_module, "POLICY", PUBLIC)
        tell(dora)
        assert push_due().status == FAILED
        assert service.got == []
        assert not PushSubscription.objects.exists()

    def test_that_redirects_is_not_followed(self, dora: User, subscription: PushSubscription, service: Any) -> None:
        service.answer, service.says = 302, {"Location": f"{service.url}elsewhere"}
        tell(dora)
        assert push_due().status == FAILED
        assert len(service.got) == 1


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", 0), ("7", 7), ("0", 1), ("99999", 3600), ("-5", 0), ("soon", 0), ("Fri, 01 Jan 2100 00:00:00 GMT", 3600)],
)
def test_how_long_a_service_may_let_us_wait(said: str, expected: float) -> None:
    assert wait_of(Answer(429, {"retry-after": said}, b"", "")) == expected


def test_a_payload_is_small() -> None:
    notice = Notice(uuid4(), "system", "x" * 80, 1, timezone.now(), False, "t" * 9000, "😀" * 9000, "/", None)
    assert len(json.dumps(payload_of([notice]), ensure_ascii=False).encode()) < 2500


class TestSubscribing:
    @pytest.fixture
    def client(self, dora: User) -> Client:
        visitor = Client()
        visitor.force_login(dora)
        visitor.get("/settings/")
        return visitor

    def form(self, phone: Browser, endpoint: str = f"{FAR}abc") -> dict[str, str]:
        return {"endpoint": endpoint, **phone.keys}

    def test_is_tied_to_the_session_and_ends_with_it(self, client: Client, phone: Browser, dora: User) -> None:
        assert client.post("/push/subscribe/", self.form(phone)).status_code == 204
        subscription = PushSubscription.objects.get()
        assert subscription.user == dora
        assert subscription.device is not None
        assert subscription.device.session_key == client.session.session_key
        client.post("/accounts/logout/")
        assert not PushSubscription.objects.exists()

    def test_twice_is_once(self, client: Client, phone: Browser) -> None:
        for _twice in range(2):
            assert client.post("/push/subscribe/", self.form(phone)).status_code == 204
        assert PushSubscription.objects.count() == 1

    def test_a_new_address_of_the_browser_replaces_the_old(self, client: Client, phone: Browser) -> None:
        client.post("/push/subscribe/", self.form(phone))
        client.post("/push/subscribe/", self.form(phone, f"{FAR}new"))
        assert PushSubscription.objects.get().endpoint == f"{FAR}new"

    def test_can_be_ended(self, client: Client, phone: Browser) -> None:
        client.post("/push/subscribe/", self.form(phone))
        for _twice in range(2):
            assert client.post("/push/unsubscribe/", {"endpoint": f"{FAR}abc"}).status_code == 204
        assert not PushSubscription.objects.exists()

    def test_nobody_ends_another_ones(self, client: Client, phone: Browser) -> None:
        emil = make_person(username="emil")
        subscribed(emil, phone, f"{FAR}emil")
        client.post("/push/unsubscribe/", {"endpoint": f"{FAR}emil"})
        assert PushSubscription.objects.filter(user=emil).exists()

    def test_a_browser_takes_pushes_for_one_person(self, client: Client, phone: Browser, dora: User) -> None:
        subscribed(make_person(username="emil"), phone, f"{FAR}shared")
        client.post("/push/subscribe/", self.form(phone, f"{FAR}shared"))
        assert PushSubscription.objects.get().user == dora

    def test_a_person_has_so_many_browsers(self, dora: User, phone: Browser) -> None:
        for number in range(MOST + 2):
            subscribed(dora, phone, f"{FAR}{number}")
        assert PushSubscription.objects.count() == MOST
        assert not PushSubscription.objects.filter(endpoint=f"{FAR}0").exists()

    def test_needs_a_session(self, client: Client, phone: Browser, dora: User) -> None:
        with pytest.raises(Refused):
            subscribe_push(person=dora, session_key="", endpoint=f"{FAR}x", **phone.keys)
        assert Client().post("/push/subscribe/", self.form(phone)).status_code == 302

    def test_needs_the_proof_of_a_form(self, client: Client, phone: Browser) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert strict.post("/push/subscribe/", self.form(phone)).status_code == 403

    @pytest.mark.parametrize(
        "change",
        [
            *(
                {"endpoint": url}
                for url in ("", "nonsense", "http://push.example.org/", "https://u:p@push.example.org/")
            ),
            *(
                {"endpoint": url}
                for url in ("https://push.example.org:22/", f"{FAR}{'a' * 1000}", "file:///etc/passwd")
            ),
            *(
                {"p256dh": key}
                for key in ("", "nonsense!", url_safe(b"\x04" + b"\x01" * 64), url_safe(b"\x04"), "A" * 101)
            ),
            *({"auth": key} for key in ("", "nonsense!", url_safe(b"short"), url_safe(b"x" * 17), "A" * 41)),
        ],
    )
    def test_refuses_what_no_browser_says(self, client: Client, phone: Browser, change: dict[str, str]) -> None:
        assert client.post("/push/subscribe/", self.form(phone) | change).status_code == 400
        assert not PushSubscription.objects.exists()


class TestOurKey:
    def test_stays_the_same(self) -> None:
        assert public_key() == public_key()
        assert len(unpadded(public_key())) == 65

    def test_may_be_given(self) -> None:
        private = ec.generate_private_key(CURVE)
        number = private.private_numbers().private_value
        given = _private_key(url_safe(number.to_bytes(32)))
        assert given.public_key() == private.public_key()

    @pytest.mark.parametrize("raw", [b"\x00" * 32, b"\xff" * 32, b"x" * 48])
    def test_is_a_key_whatever_was_made(self, raw: bytes) -> None:
        assert 0 < _private_key(url_safe(raw)).private_numbers().private_value < ORDER

    def test_is_not_shown(self, dora: User) -> None:
        visitor = Client()
        visitor.force_login(dora)
        page = visitor.get("/settings/").content.decode()
        assert settings.CHATTER_VAPID_KEY not in page
