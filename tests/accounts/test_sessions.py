"""Sessions bring their person, and nobody else's, in the statement that loads them; pages are framed with few queries."""

from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from accounts.actions.notifications import notify
from accounts.models import Device, User
from accounts.sessions import SessionStore, at_hand, person_with
from chatter import urls
from groups.actions.group import create_group
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def framed(request: HttpRequest) -> HttpResponse:
    return render(request, "layouts/page.html")


urlpatterns = [*urls.urlpatterns, path("framed/", framed)]


@pytest.fixture
def alice() -> User:
    return make_person(username="alice")


@pytest.fixture
def desk(alice: User) -> Client:
    """Alice's, with everything a first page brings about behind it."""
    client = Client()
    client.force_login(alice)
    client.get("/settings/")
    return client


def stored(client: Client) -> SessionStore:
    store: SessionStore = import_module(settings.SESSION_ENGINE).SessionStore(client.session.session_key)
    return store


def test_the_session_brings_its_person(desk: Client, alice: User) -> None:
    session = stored(desk)
    with CaptureQueriesContext(connection) as asked:
        assert session[SESSION_KEY] == str(alice.pk)
        with at_hand(session):
            person = person_with(alice.pk)
    assert person == alice
    assert person is session.person
    assert len(asked) == 1


def test_the_row_of_a_device_makes_nobody_somebody_else(desk: Client, alice: User) -> None:
    """What is signed in the session says whose it is."""
    bob: User = make_person(username="bob")
    Device.objects.update(user=bob)
    assert desk.get("/settings/").context["user"] == alice
    session = stored(desk)
    assert session[SESSION_KEY] == str(alice.pk)
    with at_hand(session):
        assert person_with(alice.pk) == alice
        assert person_with(bob.pk) == bob


def test_a_session_without_a_device_has_its_person_all_the_same(desk: Client, alice: User) -> None:
    Device.objects.all().delete()
    session = stored(desk)
    assert session[SESSION_KEY] == str(alice.pk)
    assert session.person is None
    with at_hand(session):
        assert person_with(alice.pk) == alice


def test_nobody_is_brought_beyond_the_question(desk: Client, alice: User) -> None:
    session = stored(desk)
    assert session[SESSION_KEY]
    with at_hand(session):
        brought = person_with(alice.pk)
    assert person_with(alice.pk) is not brought


def test_what_changes_is_seen_by_the_next_request(desk: Client, alice: User) -> None:
    notify(recipient=alice, kind="system", group_key="one")
    User.objects.filter(pk=alice.pk).update(display_name="Alice the Second")
    page = desk.get("/settings/").content.decode()
    assert 'data-name="Alice the Second"' in page
    assert "<span data-count>1</span>" in page
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert desk.get("/settings/").status_code == 302


def test_words_of_a_session_hold_for_the_key_they_were_signed_with(desk: Client, settings: Any) -> None:
    session = stored(desk)
    words = session.encode({"one": 1, "many": ["ä", None]})
    assert session.decode(words) == session.decode(words) == {"one": 1, "many": ["ä", None]}
    session.decode(words)["one"] = 2
    assert session.decode(words)["one"] == 1
    settings.SECRET_KEY = "another key, which signed nothing so far"
    assert session.decode(words) == {}
    assert signing.loads(session.encode({"two": 2}), salt=session.key_salt) == {"two": 2}


@pytest.mark.urls(__name__)
def test_the_frame_of_a_page_asks_few_questions(desk: Client, alice: User) -> None:
    """Session and person, and what stands on the rail; one more as long as their address is not verified."""
    for number in range(3):
        create_group(owner=alice, name=f"Group {number}")
    desk.get("/framed/")
    with CaptureQueriesContext(connection) as asked:
        answer = desk.get("/framed/")
    assert answer.status_code == 200
    assert len(asked) == 3, [query["sql"][:200] for query in asked]
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    desk.get("/framed/")
    with CaptureQueriesContext(connection) as asked:
        desk.get("/framed/")
    assert len(asked) == 2, [query["sql"][:200] for query in asked]


@pytest.mark.urls(__name__)
def test_the_person_is_nobody_lazy_while_a_page_is_made(desk: Client) -> None:
    assert type(desk.get("/framed/").wsgi_request.user) is User
