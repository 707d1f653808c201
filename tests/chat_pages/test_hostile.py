"""What hostile and unlucky people type, in names, titles, topics and messages, on every page that shows it."""

import pytest

from accounts.models import User
from chat.actions.change import edit_message, pin_message
from chat.actions.conversation import create_group, rename_conversation
from chat.actions.membership import add_members
from chat.models import Conversation
from chatter.core.errors import Refused
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf
from tests.chat_pages.reading import Page
from tests.corpus import NAMES, XSS

TYPED = [text for text in dict.fromkeys([*XSS, *NAMES]) if "\0" not in text]


PARTS = [
    *("", "?at=2", "?at=100", "?at=200", "?at=300", "?reply=2", "members/", "settings/", "add/?q=hostile", "pins/"),
    *("leave/", "m/1/", "m/2/", "m/2/thread/", "m/2/history/", "m/3/delete/", "m/3/edit/", "place/"),
]
ELSEWHERE = [
    "/",
    "/new/?q=hostile",
    "/people/search/?q=script",
    "/new/group/?q=hostile",
    "/people/hostile0/",
]


def hostile_people() -> list[User]:
    """Somebody for each text of the corpus, called and described by it."""
    people = [
        User(username=f"hostile{count}", display_name=text[:80], bio=text[:1000], status_text=text[:120])
        for count, text in enumerate(TYPED[:190])
    ]
    return User.objects.bulk_create(people)


@pytest.fixture
def stage(cast: Cast) -> Conversation:
    """A group whose name and topic are hostile, with everything of the corpus as a member's name and as a message."""
    people = hostile_people()
    group = create_group(owner=cast.alice, title="x", members=people)
    rename_conversation(actor=cast.alice, conversation_id=group.pk, title=XSS[0], topic=XSS[1])
    for count, text in enumerate(TYPED):
        sent = say(people[count % 190], group, f"before\n\n{text}")
        if count % 3 == 0:
            edit_message(editor=people[count % 190], message_id=sent.id, content=text + " @alice")
            pin_message(actor=cast.alice, message_id=sent.id)
        say(cast.alice, group, text, reply_to=sent.id)
    return group


def test_nothing_of_it_comes_alive(stage: Conversation, cast: Cast, client_of: ClientOf) -> None:
    client, seen = client_of(cast.alice), ""
    for address in [*(f"/c/{stage.pk}/{part}" for part in PARTS), *ELSEWHERE]:
        answer = client.get(address)
        assert answer.status_code in {200, 403}, address
        page = Page(answer.content.decode())
        assert page.complaints == [], address
        seen += page.text
    assert seen.count("<script>alert(1)</script>") > 20


@pytest.mark.parametrize("text", [text for text in XSS if "\0" not in text][::16])
def test_nor_in_what_comes_back_from_a_form(cast: Cast, client_of: ClientOf, text: str) -> None:
    client = client_of(cast.alice)
    typed = {"client_id": text, "content": text, "reply_to": text, "title": text * 9, "q": text, "members": text}
    typed |= {"username": text, "emoji": text, "search": "1"}
    for address in (
        f"/c/{cast.group.pk}/send/",
        f"/c/{cast.group.pk}/settings/",
        "/new/group/",
        "/new/",
        f"/c/{cast.group.pk}/add/",
    ):
        assert Page(client.post(address, typed).content.decode()).complaints == []
    for address in (f"/c/{cast.group.pk}/", "/new/", "/people/search/"):
        assert Page(client.get(address, {"q": text, "before": text, "date": text}).content.decode()).complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_a_strange_title_is_shown_or_refused(cast: Cast, client_of: ClientOf, name: str) -> None:
    try:
        group = create_group(owner=cast.alice, title=name, members=[cast.bob])
    except Refused:
        return
    html = client_of(cast.bob).get(f"/c/{group.pk}/").content.decode()
    assert Page(html).complaints == []
    assert "".join(group.title.split()) in "".join(Page(html).text.split())


def test_an_added_person_is_told_of_as_text(cast: Cast, client_of: ClientOf) -> None:
    User.objects.filter(pk=cast.charlie.pk).update(display_name='<b onclick="x">{actor}{0.__class__}')
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[User.objects.get(pk=cast.charlie.pk)])
    html = client_of(cast.alice).get(f"/c/{cast.group.pk}/").content.decode()
    assert "Alice added &lt;b onclick=&quot;x&quot;&gt;{actor}{0.__class__}" in html
