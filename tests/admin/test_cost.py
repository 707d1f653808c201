"""Lists of the administration cost the same number of queries for five rows as for fifty, and count no table to its end."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.preferences import set_setting
from accounts.actions.tokens import make_token
from accounts.models import Block, Device, FormerName, Friendship, User
from chat.actions.change import add_reaction, edit_message
from chat.actions.conversation import join_lobby
from chat.models import Conversation
from chatter.core.administration import COUNT_MAX, CappedPaginator
from tests.admin.conftest import reads, tables
from tests.cast import say
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def populate(count: int, before: int = 0) -> None:
    """`count` more rows in every table."""
    alice = User.objects.filter(username="alice").first() or make_person(username="alice")
    lobby = join_lobby(person=alice)
    for number in range(before, before + count):
        person = make_person(username=f"someone{number}")
        join_lobby(person=person)
        Friendship.objects.create(requester=alice, addressee=person)
        Block.objects.create(blocker=person, blocked=alice)
        EmailAddress.objects.create(user=person, email=f"someone{number}@example.org")
        Device.objects.create(user=person, session_key=f"someone{number}", last_active_at=timezone.now())
        make_token(person=person, name=f"Program {number}", scope="read")
        set_setting(person=person, key="theme", value="dark")
        FormerName.objects.create(user=person, username=f"nobody{number}")
        Conversation.objects.create(kind="channel", title=f"Channel {number}", owner=person)
        said = say(person, lobby, f"Hello @alice, {number}")
        edit_message(editor=person, message_id=said.id, content=f"Hello again @alice, {number}")
        add_reaction(person=alice, message_id=said.id, emoji="👍")


def costs(office: Client, query: str = "") -> dict[str, int]:
    """How many queries the list of every table takes."""
    counted = {}
    for label, address in tables().items():
        with CaptureQueriesContext(connection) as queries:
            office.get(address + query)
        counted[label] = reads(queries)
    return counted


@pytest.mark.parametrize("query", ["", "?q=a"])
def test_a_list_of_fifty_costs_what_a_list_of_five_costs(office: Client, query: str) -> None:
    populate(5)
    costs(office, query)
    few = costs(office, query)
    populate(45, before=5)
    assert costs(office, query) == few
    assert max(few.values()) <= 12, few


def test_nothing_is_counted_to_its_end(office: Client) -> None:
    populate(2)
    with CaptureQueriesContext(connection) as queries:
        office.get("/admin/chat/message/?_facets=True")
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert counts
    assert all(f"LIMIT {COUNT_MAX}" in sql for sql in counts)


def test_a_capped_count_is_right_below_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        make_person(username=f"someone{number}")
    assert CappedPaginator(User.objects.order_by("pk"), 2).count == 4
    monkeypatch.setattr("chatter.core.administration.COUNT_MAX", 3)
    assert CappedPaginator(User.objects.order_by("pk"), 2).count == 3
