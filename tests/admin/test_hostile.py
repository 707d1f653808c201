"""Names and messages that are markup stay text in every list, page and history of the administration."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.models import Block, User
from chat.actions.change import edit_message
from chat.actions.conversation import join_lobby
from chat.models import Conversation, Message, MessageRevision
from tests.admin.conftest import tables
from tests.cast import say
from tests.corpus import XSS
from tests.factories import make_person

pytestmark = pytest.mark.django_db


class Skeleton(HTMLParser):
    """What a page is made of: elements with the names of their attributes, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.parts |= {(tag, name) for name, _value in attrs} | {(tag, "")}
        self.links |= {
            value or "" for name, value in attrs if name in {"href", "src", "action", "formaction", "srcset"}
        }


def people(texts: list[str]) -> list[User]:
    return [
        make_person(username=f"person{number}", display_name=text[:80], bio=text, status_text=text[:120])
        for number, text in enumerate(texts)
    ]


def fill(texts: list[str]) -> None:
    """Every text in every place of the administration where people's words are shown."""
    shown = people(texts)
    alice = make_person(username="alice")
    lobby = join_lobby(person=alice)
    for text, person in zip(texts, shown, strict=True):
        Block.objects.create(blocker=person, blocked=alice, reason=text[:500])
        said = say(alice, lobby, text)
        edit_message(editor=alice, message_id=said.id, content=f"{text} again")
    # Of conversations the administration shows the lobby alone.
    words = " ".join(texts)
    Conversation.objects.filter(pk=lobby.pk).update(title=words[:100], topic=words[-300:])


def pages(office: Client, root: User) -> list[str]:
    addresses = [f"{address}?p={page}" for address in tables().values() for page in (1, 2, 3)]
    for model in (User, Conversation, Message, MessageRevision, Block):
        kind = ContentType.objects.get_for_model(model)
        for row in model.objects.order_by("-pk")[:3]:
            LogEntry.objects.create(
                user=root, content_type=kind, object_id=str(row.pk), object_repr=str(row)[:200], action_flag=CHANGE
            )
            base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/{row.pk}"
            addresses += [f"{base}/change/", f"{base}/history/"]
    addresses += ["/admin/", f"/admin/autocomplete/?{AUTOCOMPLETE}"]
    answers = [office.get(address) for address in addresses]
    assert all(answer.status_code in {200, 302} for answer in answers)
    return [answer.content.decode() for answer in answers if "html" in answer["Content-Type"]]


AUTOCOMPLETE = "app_label=chat&model_name=message&field_name=sender&term=person"


def test_markup_in_words_adds_nothing_to_a_page(office: Client, root: User) -> None:
    hostile = [text for text in XSS if "\0" not in text]
    fill(["plain words"] * len(hostile))
    plain = [Skeleton(page) for page in pages(office, root)]
    known = set().union(*(page.parts for page in plain))
    _forget_people(root)
    fill(hostile)
    texts: list[str] = pages(office, root)
    added: dict[str, Any] = {}
    for page in map(Skeleton, texts):
        if page.parts - known:
            added[str(page.parts - known)] = page
        for link in page.links:
            assert link.startswith(("/", "?", "#", "")), link
            assert not link.lower().lstrip().startswith(("javascript:", "data:text", "vbscript:", "//evil")), link
    assert not added
    assert any("&lt;script&gt;alert(1)&lt;/script&gt;" in page for page in texts), "the words are shown"


def _forget_people(root: User) -> None:
    """Make room for the same usernames."""
    for number, person in enumerate(User.objects.exclude(pk=root.pk)):
        User.objects.filter(pk=person.pk).update(username=f"before{number}", email=None)
