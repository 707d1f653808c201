"""The connection goes and comes: nothing is lost, nothing is doubled, and one is told."""

import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from chat.actions.change import add_reaction, delete_message, edit_message, pin_message
from chat.actions.membership import remove_member
from chat.models import Message
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, article, fill, numbers, settled, write
from tests.browser.wire import Wire
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

# What Chromium itself writes when a request cannot leave the machine.
NETWORK = r"net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|FAILED)"

NEW_PASSWORD = "blue-tractor-77"


def go_offline(page: Page, sit: Room) -> BrowserContext:
    sit.forgiven.append(NETWORK)
    page.context.set_offline(True)
    expect(page.locator("connection-state")).to_have_attribute("data-state", "offline")
    return page.context


def test_offline_messages_wait_and_arrive_once(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    context = go_offline(alice, sit)
    expect(alice.locator("connection-state")).to_contain_text("You are offline")
    for text in ("One from the tunnel", "Two from the tunnel"):
        write(alice, text)
        expect(article(alice, text)).to_have_class(re.compile("message--pending"))
    say(cast.bob, cast.direct, "Meanwhile")
    context.set_offline(False)
    settled(alice, "One from the tunnel")
    settled(alice, "Two from the tunnel")
    expect(article(alice, "Meanwhile")).to_be_visible()
    expect(alice.locator("connection-state")).to_be_hidden()
    for page in (alice, bob):
        expect(page.locator("message-list article")).to_have_count(3)
        assert numbers(page) == [1, 2, 3]
    assert list(
        Message.objects.filter(conversation=cast.direct).order_by("number").values_list("content", flat=True)
    ) == [
        "Meanwhile",
        "One from the tunnel",
        "Two from the tunnel",
    ]


def test_waiting_messages_survive_a_reload(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    wire = Wire(alice)
    enter(alice, cast.direct)
    wire.hold("message.send")
    write(alice, "Do not forget me")
    expect(article(alice, "Do not forget me")).to_have_class(re.compile("message--pending"))
    wire.hold(None)
    wire.cut()
    wire.mend()
    alice.reload()
    settled(alice, "Do not forget me")
    assert Message.objects.filter(conversation=cast.direct).count() == 1


def test_an_unanswered_send_is_repeated_and_stays_one(sit: Room, cast: Cast) -> None:
    alice, bob = sit(cast.alice), sit.at(cast.bob, cast.direct)
    wire = Wire(alice)
    enter(alice, cast.direct)
    wire.swallow(lambda frame: "number" in frame.get("ok", {}) or frame.get("event") == "message.created")
    write(alice, "Did you get this?")
    expect(article(bob, "Did you get this?")).to_be_visible()
    expect(article(alice, "Did you get this?")).to_have_class(re.compile("message--pending"))
    wire.swallow(lambda _frame: False)
    wire.cut()
    wire.mend()
    settled(alice, "Did you get this?")
    expect(alice.locator("message-list article")).to_have_count(1)
    assert Message.objects.filter(conversation=cast.direct).count() == 1
    assert [frame["cmd"] for frame in wire.sent].count("message.send") == 2


def test_a_lost_push_is_noticed_by_the_hole_it_leaves(sit: Room, cast: Cast) -> None:
    bob = sit(cast.bob)
    wire = Wire(bob)
    enter(bob, cast.direct)
    wire.swallow(lambda frame: frame.get("event") == "message.created" and frame["message"]["number"] == 2)
    for text in ("One", "Two", "Three"):
        say(cast.alice, cast.direct, text)
    expect(bob.locator("message-list article")).to_have_text(
        [re.compile("One"), re.compile("Two"), re.compile("Three")]
    )
    opened = [frame for frame in wire.sent if frame["cmd"] == "conversation.open"]
    assert [frame["version"] for frame in opened][1:] == [opened[0]["version"] + 1]


def test_back_after_changes_of_all_kinds(sit: Room, cast: Cast) -> None:
    first, second, third, fourth = fill(cast.direct, [cast.alice], 4)
    bob = sit(cast.bob)
    wire = Wire(bob)
    enter(bob, cast.direct)
    wire.cut()
    expect(bob.locator("connection-state")).to_have_attribute("data-state", "reconnecting")
    edit_message(editor=cast.alice, message_id=first.id, content="Edited meanwhile")
    delete_message(actor=cast.alice, message_id=second.id)
    add_reaction(person=cast.alice, message_id=third.id, emoji="👍")
    pin_message(actor=cast.alice, message_id=fourth.id)
    say(cast.alice, cast.direct, "Said meanwhile")
    wire.mend()
    expect(bob.locator("#m-1")).to_contain_text("Edited meanwhile")
    expect(bob.locator("#m-2")).to_contain_text("Message deleted")
    expect(bob.locator("#m-3 .reaction")).to_have_attribute("data-emoji", "👍")
    expect(bob.locator('#m-4 [data-label="pinned"]')).to_be_visible()
    expect(article(bob, "Said meanwhile")).to_be_visible()
    expect(bob.locator("connection-state")).to_be_hidden()
    assert numbers(bob) == [1, 2, 3, 4, 5]


def test_after_a_very_long_absence_the_newest_page_is_taken(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 5)
    bob = sit(cast.bob)
    wire = Wire(bob)
    enter(bob, cast.direct)
    wire.cut()
    fill(cast.direct, [cast.alice], 600, "Later {}")
    wire.mend()
    expect(article(bob, "Later 600")).to_be_in_viewport()
    found = numbers(bob)
    assert found == list(range(found[0], 606))
    expect(bob.locator('message-list a[rel="prev"]')).to_have_count(1)


def test_a_restart_of_the_server_is_survived(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    wire = Wire(alice)
    enter(alice, cast.direct)
    wire.cut(code=1012)
    wire.mend()
    write(alice, "Still here")
    settled(alice, "Still here")
    assert wire.opened >= 2


def test_who_is_removed_while_reading_is_shown_out(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.group, "Secret plans")
    bob = sit.at(cast.bob, cast.group)
    remove_member(actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    expect(bob.locator("toast-region")).to_contain_text("You are no longer in this conversation.")
    expect(bob.locator(f'conversation-list [data-conversation="{cast.group.pk}"]')).to_have_count(0)
    assert f"/c/{cast.group.pk}/" not in bob.url


def test_signing_out_elsewhere_ends_here(sit: Room, cast: Cast) -> None:
    first = sit.at(cast.bob, cast.lobby)
    second = sit.tab(first.context)
    enter(second, cast.direct)
    first.evaluate("document.querySelector('form[action$=\"/logout/\"]').requestSubmit()")
    second.wait_for_url(re.compile("/accounts/login/"))
    # Said once: by the server, whose word came first, or by the page.
    expect(second.locator("toast-region .toast")).to_have_count(1)
    expect(second.locator("toast-region")).to_contain_text(re.compile("You (are|were) logged out"))
    assert f"next=%2Fc%2F{cast.direct.pk}%2F" in second.url


def test_a_form_that_renews_the_session_is_answered(sit: Room, cast: Cast) -> None:
    bob = sit(cast.bob)
    with bob.expect_websocket() as opened:
        bob.goto("/accounts/password/change/")
    codes: list[Any] = []
    opened.value.on("close", lambda socket: codes.append(socket.url))

    def look(route: Route) -> None:
        response = route.fetch(max_redirects=0)
        assert codes == [], "its socket goes on under the new key"
        route.fulfill(response=response)

    bob.route("**/accounts/password/change/", look)
    for name, typed in {"oldpassword": "secret-of-bob", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}.items():
        bob.locator(f"[name={name}]").fill(typed)
    bob.locator("main button[type=submit]").click()
    expect(bob.locator("toast-region")).to_contain_text("password")
    assert "login" not in bob.url


def test_a_refused_message_says_why_and_can_be_taken_back(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    alice.evaluate("document.querySelector('message-composer').dataset.maxLength = '9999'")
    write(alice, "x" * 4001)
    failed = alice.locator("message-list article.message--failed")
    expect(failed.get_by_role("alert")).to_contain_text("too long")
    failed.get_by_role("button", name="Try again").click()
    expect(failed.get_by_role("alert")).to_be_visible()
    failed.get_by_role("button", name="Discard").click()
    expect(alice.locator("message-list article")).to_have_count(0)
    expect(area(alice)).to_have_value("x" * 4001)
    assert not Message.objects.filter(conversation=cast.direct).exists()


def test_two_tabs_of_one_person_agree(sit: Room, cast: Cast) -> None:
    first = sit.at(cast.alice, cast.direct)
    second = sit.tab(first.context)
    enter(second, cast.direct)
    write(first, "From the first tab")
    expect(settled(second, "From the first tab")).to_have_class(re.compile("message--mine"))
    expect(article(first, "From the first tab")).to_have_count(1)
    area(second).fill("A draft in the second")
    expect(area(first)).to_have_value("A draft in the second")
