"""Posts made of messages: whose may be taken, what their text says, who finds the way between the two."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.http import QueryDict

from accounts.models import AuditEntry, Block, Notification, User
from chat.actions.change import delete_message, edit_message
from chat.actions.membership import leave_conversation, remove_member
from chat.models import Conversation, Membership
from chat.reading import conversation_for
from chatter.core.errors import NotFound, Refused
from chatter.core.text import render
from forums.actions.forum import edit_forum
from forums.actions.moderation import remove_post
from forums.actions.talk import post_from_talk
from forums.export import _posts
from forums.forms.talk import numbers_in
from forums.models import Forum, Origin, Post
from forums.talk import chosen_messages, forums_to_post_in, plain_name, quoted
from tests.admin.test_hostile import Skeleton
from tests.cast import Cast, say
from tests.corpus import XSS
from tests.forums.cast import Place
from tests.forums.test_posts_pages import as_, written

pytestmark = pytest.mark.django_db

BAD = {"img", "iframe", "object", "embed", "math", "video", "audio", "style", "base", "animate"}


def text_of(reader: User, place: Conversation, *numbers: int) -> str:
    return quoted(chosen_messages(conversation_for(reader.pk, place.pk), reader, numbers))


def make(author: User, place: Conversation, maps: Place, *numbers: int, **wish: Any) -> Post:
    given = {"title": "From talk", "content": "Quoted"} | wish
    return post_from_talk(author=author, forum_id=maps.forum.pk, conversation_id=place.pk, numbers=numbers, **given)


def test_the_text_is_what_was_said_and_by_whom(cast: Cast) -> None:
    first = say(cast.alice, cast.group, "Where is it?\n\n- here\n- there")
    say(cast.alice, cast.group, "Anyone?")
    say(cast.bob, cast.group, "Under the bridge")
    text = text_of(cast.alice, cast.group, first.number, first.number + 1, first.number + 2)
    assert text == (
        "**Alice**\n\n> Where is it?\n>\n> - here\n> - there\n>\n> Anyone?\n\n**Bob**\n\n> Under the bridge"
    )


@pytest.mark.parametrize(
    "name",
    ["**bold**", "@alice", "[x](https://evil.example)", "# Top", "> quote", "`code`", "||hid||", "www.evil.example", "<b>x</b>",
     "https://evil.example", "- item", ":smile:", "\\", "1. one", "a\nb"],
)  # fmt: skip
def test_a_name_is_only_words(name: str) -> None:
    rendered = render(f"**{plain_name(name)}**\n\n> said", mentions={"alice": "alice"})
    assert not rendered.mentioned
    assert rendered.html.count("<strong>") == 1 and "<a" not in rendered.html and "spoiler" not in rendered.html
    assert rendered.html.count("<blockquote") == 1
    assert rendered.plain.startswith(name.replace("\n", " "))


def test_nothing_dangerous_comes_of_what_was_said(cast: Cast, maps: Place) -> None:
    harmless = Skeleton(
        _talked_about(cast, ["a **b** [c](https://example.org/) `d` ||e|| > f @bob", "> g", "- h", "# i", "```j```"])
    )
    for at in range(0, len(XSS), 25):
        texts = XSS[at : at + 25]
        User.objects.filter(pk=cast.alice.pk).update(display_name=texts[0][:80].replace("\0", ""))
        page = Skeleton(_talked_about(cast, texts))
        strange = {(tag, name) for tag, name in page.parts - harmless.parts if tag in BAD or name.startswith("on")}
        assert not strange and not [link for link in page.links if link.split(":")[0].lower() in {"javascript", "data"}]


def _talked_about(cast: Cast, texts: list[str]) -> str:
    numbers = [say(cast.alice, cast.lobby, text).number for text in texts]
    query = "&".join(f"n={number}" for number in numbers)
    page = as_(cast.alice).get(f"/forums/from/{cast.lobby.pk}/?{query}")
    assert page.status_code == 200
    return page.content.decode()


@pytest.mark.parametrize(
    "said",
    ["@bob look", "`@code` and @bob", "``@bob`", "```\n@decorator\n```\n@bob", "`a @bob", "(@bob)", "\\@bob \\\\@bob"],
)
def test_nobody_is_called_again(cast: Cast, maps: Place, said: str) -> None:
    sent = say(cast.alice, cast.group, said)
    before = Notification.objects.filter(recipient=cast.bob).count()
    text = text_of(cast.alice, cast.group, sent.number)
    assert not render(text, mentions={"bob": "bob", "decorator": "x", "code": "y"}).mentioned
    post = make(cast.alice, cast.group, maps, sent.number, content=text)
    assert 'class="mention"' not in post.html
    assert Notification.objects.filter(recipient=cast.bob).count() == before
    if "@code" in said or "@decorator" in said:
        assert "\\@" not in render(text).html


def test_whose_messages_one_may_take(cast: Cast, maps: Place) -> None:
    mine, theirs = say(cast.bob, cast.group, "Mine"), say(cast.alice, cast.group, "Hers")
    make(cast.bob, cast.group, maps, mine.number)
    with pytest.raises(Refused):
        make(cast.bob, cast.group, maps, mine.number, theirs.number)
    # Mod moderates the group.
    assert make(cast.mod, cast.group, maps, mine.number, theirs.number).origin.numbers == [mine.number, theirs.number]
    assert AuditEntry.objects.filter(action="talk.quoted").count() == 1
    secret = say(cast.alice, cast.direct, "Between us")
    Membership.objects.filter(conversation=cast.direct, user=cast.bob).update(permissions=2**11 - 1)
    with pytest.raises(Refused):
        make(cast.bob, cast.direct, maps, secret.number)
    with pytest.raises(NotFound):
        make(cast.charlie, cast.group, maps, mine.number)


def _gone(cast: Cast, number: int, key: Any) -> None:
    delete_message(actor=cast.bob, message_id=key)


def _before_me(cast: Cast, number: int, key: Any) -> None:
    Membership.objects.filter(conversation=cast.group, user=cast.mod).update(history_from=number + 1)


def _folded(cast: Cast, number: int, key: Any) -> None:
    Block.objects.create(blocker=cast.mod, blocked=cast.bob)


def _put_out(cast: Cast, number: int, key: Any) -> None:
    remove_member(actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.mod.pk)


def _a_guest(cast: Cast, number: int, key: Any) -> None:
    User.objects.filter(pk=cast.mod.pk).update(is_guest=True)


@pytest.mark.parametrize("deed", [_gone, _before_me, _folded, _put_out, _a_guest])
def test_what_one_does_not_read_one_does_not_take(
    cast: Cast, maps: Place, deed: Callable[[Cast, int, Any], None]
) -> None:
    sent = say(cast.bob, cast.group, "Here")
    deed(cast, sent.number, sent.id)
    mod = User.objects.get(pk=cast.mod.pk)
    with pytest.raises(Refused):
        make(mod, cast.group, maps, sent.number)
    assert as_(mod).get(f"/forums/from/{cast.group.pk}/?n={sent.number}").status_code in {403, 404}
    assert not Origin.objects.exists()


def test_nothing_else_is_taken(cast: Cast, maps: Place) -> None:
    with pytest.raises(Refused):
        make(cast.alice, cast.group, maps)
    with pytest.raises(Refused):
        make(cast.alice, cast.group, maps, 1)  # a system message
    numbers = [say(cast.alice, cast.group, f"{n}").number for n in range(51)]
    with pytest.raises(Refused):
        make(cast.alice, cast.group, maps, *numbers)
    make(cast.alice, cast.group, maps, *numbers[:50])
    Forum.objects.update(posting="moderators")
    with pytest.raises(Refused):
        make(cast.bob, cast.lobby, maps, say(cast.bob, cast.lobby, "x").number)


def test_sent_twice_it_is_one_post(cast: Cast, maps: Place) -> None:
    sent, key = say(cast.bob, cast.group, "Once"), uuid4()
    assert make(cast.bob, cast.group, maps, sent.number, client_id=key) == make(
        cast.bob, cast.group, maps, sent.number, client_id=key
    )
    assert Origin.objects.count() == 1


def test_the_ways_between_are_for_who_reads_both(cast: Cast, maps: Place) -> None:
    sent = say(cast.bob, cast.group, "Fountains?")
    post = make(cast.bob, cast.group, maps, sent.number)
    url = f"/f/maps/{post.number}/from-talk/"
    assert f"/c/{cast.group.pk}/?at={sent.number}" in as_(cast.mod).get(url).content.decode()
    for client in (as_(cast.charlie),):
        page = client.get(url).content.decode()
        assert str(cast.group.pk) not in page and "From a conversation" not in page and "Cartographers" not in page
    talk = as_(cast.mod).get(f"/c/{cast.group.pk}/").content.decode()
    assert f'class="message__offshoot" href="{url}"' in talk
    part = as_(cast.mod).get(f"/c/{cast.group.pk}/", headers={"X-Fragment": "standing"}).content.decode()
    assert f'<li data-number="{sent.number}">' in part and url in part
    # Who has left the conversation, or may not read its beginning, is not led there.
    leave_conversation(person=cast.mod, conversation_id=cast.group.pk)
    assert str(cast.group.pk) not in as_(cast.mod).get(url).content.decode()


def test_a_post_one_may_not_read_is_not_linked_in_talk(cast: Cast, maps: Place) -> None:
    sent = say(cast.bob, cast.lobby, "Fountains?")
    post = make(cast.bob, cast.lobby, maps, sent.number)
    url = f"/f/maps/{post.number}/"
    edit_forum(actor=cast.alice, forum_id=maps.forum.pk, is_public=False)
    assert url not in as_(cast.charlie).get(f"/c/{cast.lobby.pk}/").content.decode()
    assert url in as_(cast.mod).get(f"/c/{cast.lobby.pk}/").content.decode()
    remove_post(moderator=cast.mod, post_id=post.pk, reason="No")
    assert url not in as_(cast.mod).get(f"/c/{cast.lobby.pk}/").content.decode()


def test_the_post_stays_as_it_is(cast: Cast, maps: Place) -> None:
    sent = say(cast.bob, cast.group, "First words")
    post = make(cast.bob, cast.group, maps, sent.number, content=text_of(cast.bob, cast.group, sent.number))
    edit_message(editor=cast.bob, message_id=sent.id, content="Other words")
    delete_message(actor=cast.bob, message_id=sent.id)
    post.refresh_from_db()
    assert "First words" in post.content


def test_the_whole_way_without_scripts(cast: Cast, maps: Place) -> None:
    sent, more = say(cast.bob, cast.group, "How *many*?"), say(cast.bob, cast.group, "Eleven")
    say(cast.alice, cast.group, "Not mine")
    bob = as_(cast.bob)
    start = f"/forums/from/{cast.group.pk}/?n={sent.number}"
    assert start in bob.get(f"/c/{cast.group.pk}/m/{sent.number}/").content.decode()
    page = bob.get(start).content.decode()
    assert f'value="{sent.number}" checked' in page and f'value="{more.number}">' in page
    assert "Not mine" not in page and "f/maps" in page
    answer = bob.get(f"{start}&n={more.number}&forum=maps&go=1")
    assert answer.status_code == 302 and answer["Location"].startswith("/f/maps/submit/")
    form = bob.get(answer["Location"]).content.decode()
    assert "&gt; How *many*?" in form and f'name="n" value="{more.number}"' in form
    sending = written(talk=str(cast.group.pk), n=[sent.number, more.number], content="> How *many*?")
    preview = bob.post("/f/maps/submit/", sending | {"do": "preview"}).content.decode()
    assert f'name="n" value="{more.number}"' in preview and "<em>many</em>" in preview
    assert bob.post("/f/maps/submit/", sending).status_code == 302
    assert Origin.objects.get().numbers == [sent.number, more.number]


def test_wrong_addresses(cast: Cast, maps: Place) -> None:
    sent, other = say(cast.bob, cast.group, "Here"), say(cast.bob, cast.lobby, "There")
    bob, base = as_(cast.bob), f"/forums/from/{cast.group.pk}/"
    assert bob.get(f"/forums/from/{uuid4()}/?n=1").status_code == 404
    assert as_(cast.charlie).get(f"{base}?n={sent.number}").status_code == 404
    assert bob.get(f"{base}?n=999").status_code == 404
    for raw in ("x", "-1", str(2**70), "1&n=" * 60):
        assert bob.get(f"{base}?n={raw}").status_code in {400, 403, 404}
    assert bob.get(f"{base}?n={sent.number}&go=1&address=nowhere").status_code == 400
    wrong = written(talk=str(cast.direct.pk), n=[other.number + 50])
    assert bob.post("/f/maps/submit/", wrong).status_code in {400, 403, 404}
    assert bob.post("/f/maps/submit/", written(talk="no uuid", n=[1])).status_code in {400, 403}
    assert Post.objects.count() == 1


def test_forums_that_are_offered(cast: Cast, maps: Place) -> None:
    assert forums_to_post_in(cast.bob) == [maps.forum]
    assert forums_to_post_in(cast.charlie) == []
    Forum.objects.update(posting="moderators")
    assert forums_to_post_in(cast.bob) == []
    assert forums_to_post_in(cast.mod) == forums_to_post_in(cast.alice) == [maps.forum]


def test_numbers_are_bounded() -> None:
    assert numbers_in(QueryDict("n=3&n=1&n=3")) == [1, 3]
    with pytest.raises(Refused):
        numbers_in(QueryDict("&".join(["n=1"] * 51)))


def test_it_is_in_the_export_of_its_author(cast: Cast, maps: Place) -> None:
    sent = say(cast.bob, cast.group, "Mine")
    make(cast.bob, cast.group, maps, sent.number)
    made = [row["made_of_messages"] for row in _posts(cast.bob)]
    assert [] in made and [{"conversation_id": cast.group.pk, "numbers": [sent.number]}] in made
