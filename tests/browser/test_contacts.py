"""Contacts and blocks as people meet them: live requests and friends, folded messages, for every reader and screen."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actions.relationships import request_contact
from accounts.models import Block, Friendship, User
from chat.actions.change import edit_message
from tests.browser.conftest import Room
from tests.browser.steps import article, write
from tests.browser.test_everybody import PHONE, barriers
from tests.cast import Cast, say
from tests.factories import make_person

pytestmark = pytest.mark.browser
FOLDED = "Message from somebody you blocked"
SECTIONS = ("friends", "received", "sent", "blocked")


def populate(cast: Cast) -> None:
    """Something in every part of Alice's contacts, with a name that is very long."""
    long = make_person(username="long" * 12, display_name="Wolfeschlegelsteinhausenbergerdorff " * 2)
    Friendship.objects.create(requester=long, addressee=cast.alice)
    Friendship.objects.create(requester=cast.charlie, addressee=cast.alice)
    Friendship.objects.create(requester=cast.alice, addressee=cast.mod)
    Block.objects.filter(blocked=cast.mallory).update(reason="Sells things nobody wants, " * 8)


def contact(page: Page, name: str) -> Any:
    return page.locator("contact-list .person").filter(has_text=name)


def test_a_request_arrives_and_is_accepted_without_leaving_the_page(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    alice.goto("/contacts/?show=received")
    expect(alice.get_by_role("heading", name="Nobody is asking")).to_be_visible()
    request_contact(requester=cast.charlie, addressee=cast.alice)
    expect(contact(alice, "Charlie")).to_be_visible()
    expect(alice.locator(".rail contact-badge .badge")).to_contain_text("1")
    alice.get_by_role("button", name="Accept · Charlie").press("Enter")
    expect(alice.locator(".toast")).to_contain_text("You are friends with Charlie now.")
    expect(alice.locator(".rail contact-badge .badge")).to_be_hidden()
    alice.get_by_role("link", name="Friends").click()
    expect(contact(alice, "Charlie")).to_be_visible()
    assert Friendship.objects.filter(state="accepted").count() == 2


def test_friends_come_and_go_where_they_are_listed(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    alice.goto("/contacts/")
    expect(alice.locator("[data-presence-group='away'] .person")).to_contain_text("Bob")
    bob = sit.at(cast.bob, cast.lobby)
    here = alice.locator("[data-presence-group='here']")
    expect(here.locator(".person")).to_contain_text("Bob")
    expect(here.locator("[data-count]")).to_have_text("1")
    bob.locator(".rail [popovertarget='you-menu']").click()
    bob.locator("[data-status='dnd']").click()
    expect(here.locator(".presence")).to_have_attribute("data-is", "dnd")
    alice.reload()
    expect(here.locator(".person")).to_contain_text("Bob")


def test_nobody_loses_a_friend_by_one_wrong_click(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    alice.goto("/contacts/")
    alice.get_by_role("button", name="Remove Bob from your friends").click()
    asked = alice.locator("#confirm-remove")
    expect(asked).to_contain_text("Bob")
    asked.get_by_role("button", name="Cancel").click()
    expect(contact(alice, "Bob")).to_be_visible()
    alice.get_by_role("button", name="Remove Bob from your friends").click()
    asked.get_by_role("button", name="Remove").click()
    expect(contact(alice, "Bob")).to_have_count(0)
    assert not Friendship.objects.between(cast.alice.pk, cast.bob.pk).exists()


def test_a_refusal_is_said_and_nothing_is_lost(sit: Room, cast: Cast) -> None:
    sit.forgiven.append("40[034]")
    alice = sit(cast.alice)
    alice.goto("/contacts/?show=received")
    request_contact(requester=cast.charlie, addressee=cast.alice)
    expect(contact(alice, "Charlie")).to_be_visible()
    Friendship.objects.filter(requester=cast.charlie).delete()
    alice.get_by_role("button", name="Accept · Charlie").click()
    expect(alice.locator(".toast--bad")).to_contain_text("does not exist")


def test_what_the_blocked_say_is_folded_as_it_comes(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.lobby), sit.at(cast.bob, cast.lobby)
    mallory = sit.at(cast.mallory, cast.lobby)
    write(mallory, "Poison, @alice, for you")
    folded = alice.locator("message-list article.message--folded")
    expect(folded).to_have_count(1)
    expect(folded.get_by_text(FOLDED)).to_be_visible()
    expect(folded.get_by_text("Poison")).to_be_hidden()
    expect(folded.get_by_text("Mallory")).to_be_hidden()
    expect(alice.locator(".place[aria-current] .place__preview")).to_have_text(FOLDED)
    expect(article(bob, "Poison")).to_be_visible()
    sent = int(folded.get_attribute("data-number") or 0)
    article(bob, "Poison").hover()
    bob.locator("message-tools [data-action='reply']").click()
    write(bob, "Stop that")
    expect(article(alice, "Stop that").locator(".message__quote")).to_have_text(FOLDED)
    alice.reload()
    expect(folded).to_have_count(1)
    expect(article(alice, "Stop that").locator(".message__quote")).to_have_text(FOLDED)
    assert sent == 1


def test_a_fold_opens_by_keyboard_and_stays_open_over_an_edit(sit: Room, cast: Cast) -> None:
    sent = say(cast.mallory, cast.lobby, "Poison")
    alice = sit.at(cast.alice, cast.lobby)
    folded = alice.locator("message-list article.message--folded")
    folded.locator("summary").press("Enter")
    expect(folded.get_by_text("Poison")).to_be_visible()
    edit_message(editor=cast.mallory, message_id=sent.id, content="Sugar")
    expect(folded.get_by_text("Sugar")).to_be_visible()
    expect(alice.locator("#announcer")).not_to_contain_text("Poison")
    folded.locator("summary").press("Enter")
    expect(folded.get_by_text("Sugar")).to_be_hidden()


def test_nothing_is_announced_of_the_blocked(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.lobby)
    say(cast.mallory, cast.lobby, "Poison")
    say(cast.bob, cast.lobby, "Honey")
    expect(alice.locator("#announcer")).to_have_text("Bob: Honey")


def test_folds_work_without_scripts(sit: Room, cast: Cast) -> None:
    say(cast.mallory, cast.lobby, "Poison")
    alice = sit(cast.alice, java_script_enabled=False)
    alice.goto(f"/c/{cast.lobby.pk}/")
    expect(alice.get_by_text("Poison")).to_be_hidden()
    alice.locator(".message__fold summary").click()
    expect(alice.get_by_text("Poison")).to_be_visible()
    alice.goto("/contacts/mallory/block/")
    alice.get_by_role("button", name="Block", exact=True).click()
    expect(alice.locator(".toast")).to_contain_text("You blocked Mallory.")


def test_axe_finds_nothing(sit: Room, cast: Cast) -> None:
    populate(cast)
    say(cast.mallory, cast.lobby, "Poison")
    sit.forgiven.append("400")
    alice = sit(cast.alice, reduced_motion="reduce")
    found = []
    for address in (*(f"/contacts/?show={name}" for name in SECTIONS), "/contacts/bob/block/", "/contacts/?q=zzz"):
        alice.goto(address)
        found += barriers(alice)
    alice.goto(f"/c/{cast.lobby.pk}/")
    found += barriers(alice)
    nobody = sit(make_person(username="lonely"), reduced_motion="reduce")
    for name in SECTIONS:
        nobody.goto(f"/contacts/?show={name}")
        found += barriers(nobody)
    nobody.get_by_label("Add somebody by username").fill("nobody")
    nobody.get_by_role("button", name="Ask").click()
    expect(nobody.locator(".field__error")).to_have_text("Nobody is called that.")
    found += barriers(nobody)
    assert found == []


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_nothing_is_wider_than_a_phone(sit: Room, cast: Cast, locale: str) -> None:
    populate(cast)
    say(cast.mallory, cast.lobby, "Poison")
    User.objects.filter(pk=cast.bob.pk).update(display_name="Bobby " * 13)
    alice = sit(cast.alice, **PHONE, locale=locale)
    addresses = [f"/contacts/?show={name}" for name in SECTIONS]
    for address in (*addresses, "/contacts/bob/block/", f"/c/{cast.lobby.pk}/"):
        alice.goto(address)
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        outside = alice.evaluate(
            "[...document.querySelectorAll('contact-list :is(button, a, small)')].filter((each) => {"
            " const box = each.getBoundingClientRect();"
            " return box.width && (box.left < -1 || box.right > innerWidth + 1); }).map((each) => each.outerHTML)"
        )
        assert outside == [], address
    assert re.search("rtl" if locale == "ar" else "ltr", alice.locator("html").get_attribute("dir") or "")
