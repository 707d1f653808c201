"""Two people talk: everything one does, the other sees without reloading."""

import re

import pytest
from playwright.sync_api import Locator, expect

from chat.actions.change import add_reaction, edit_message
from chat.models import Message
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, article, numbers, settled, use, write
from tests.browser.wire import Wire
from tests.cast import Cast, say

pytestmark = pytest.mark.browser


def test_two_people_chat_live(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    write(alice, "Are the tiles done?")
    settled(alice, "Are the tiles done?")
    expect(article(bob, "Are the tiles done?")).to_be_visible()
    write(bob, "All **but** the north")
    expect(article(alice, "All but the north").locator("strong")).to_have_text("but")
    assert numbers(alice) == numbers(bob) == [1, 2]
    expect(area(alice)).to_have_value("")


def test_the_pending_copy_becomes_the_message(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    wire = Wire(alice)
    enter(alice, cast.direct)
    wire.hold("message.send")
    write(alice, "On its way")
    pending = article(alice, "On its way")
    expect(pending).to_have_class(re.compile("message--pending"))
    expect(pending.locator(".message__sender")).to_have_text("Alice")
    wire.release()
    settled(alice, "On its way")
    expect(article(alice, "On its way")).to_have_count(1)
    assert Message.objects.filter(conversation=cast.direct).count() == 1


def test_own_messages_are_marked_and_followed_up(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    write(alice, "First")
    write(alice, "Second")
    expect(settled(alice, "Second")).to_have_class(
        re.compile(r"message--follow.*message--mine|message--mine.*message--follow")
    )
    expect(article(bob, "Second")).not_to_have_class(re.compile("message--mine"))
    expect(article(bob, "Second")).to_have_class(re.compile("message--follow"))
    expect(bob.locator("message-list .day[data-day]")).to_have_text("Today")


def test_edit_in_place(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "A *typo* heer")
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(alice, article(alice, "typo heer"), "edit")
    editor = alice.locator("message-editor textarea")
    expect(editor).to_have_value("A *typo* heer")
    editor.fill("No typo here")
    editor.press("Enter")
    for page in (alice, bob):
        expect(article(page, "No typo here").locator('[data-label="edited"]')).to_have_text("edited")
    expect(alice.locator("message-editor")).to_have_count(0)
    expect(area(alice)).to_be_focused()


def test_an_edit_reaches_the_quotes_and_keeps_what_is_hidden(sit: Room, cast: Cast) -> None:
    first = say(cast.alice, cast.direct, "Old words")
    say(cast.bob, cast.direct, "Quoting", reply_to=first.id)
    bob = sit.at(cast.bob, cast.direct)
    edit_message(editor=cast.alice, message_id=first.id, content="New words, ||a secret||")
    expect(article(bob, "Quoting").locator(".message__quote span")).to_have_text("New words, ▒▒▒")


def test_arrow_up_edits_my_last_message_and_escape_lets_it_be(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Mine")
    say(cast.bob, cast.direct, "Theirs")
    alice = sit.at(cast.alice, cast.direct)
    area(alice).press("ArrowUp")
    expect(alice.locator("message-editor textarea")).to_have_value("Mine")
    alice.keyboard.press("Escape")
    expect(alice.locator("message-editor")).to_have_count(0)
    expect(area(alice)).to_be_focused()


def test_delete_leaves_a_tombstone_and_blanks_quotes(sit: Room, cast: Cast) -> None:
    first = say(cast.alice, cast.direct, "Take this back")
    say(cast.bob, cast.direct, "Why?", reply_to=first.id)
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(alice, alice.locator("#m-1"), "delete")
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_contain_text("Take this back")
    dialog.get_by_role("button", name="Delete").click()
    for page in (alice, bob):
        expect(page.locator("#m-1 .message__text")).to_have_text("Message deleted")
        expect(page.locator("#m-2 .message__quote")).not_to_contain_text("Take this back")
        expect(page.locator("message-list")).not_to_contain_text("Take this back")


def test_reply_with_quote_and_jump_to_it(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Which map?")
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(bob, article(bob, "Which map?"), "reply")
    expect(bob.locator(".composer__reply")).to_contain_text("Alice")
    write(bob, "The second one")
    quote = settled(alice, "The second one").locator(".message__quote")
    expect(quote).to_contain_text("Which map?")
    expect(bob.locator(".composer__reply")).to_be_hidden()
    quote.click()
    expect(alice.locator("#m-1")).to_be_focused()
    expect(alice.locator("#m-1")).to_have_class(re.compile("message--found"))


def test_escape_cancels_a_reply(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Which map?")
    bob = sit.at(cast.bob, cast.direct)
    use(bob, article(bob, "Which map?"), "reply")
    area(bob).press("Escape")
    expect(bob.locator(".composer__reply")).to_be_hidden()
    write(bob, "Never mind")
    expect(settled(bob, "Never mind").locator(".message__quote")).to_have_count(0)


def test_reactions_live_counts_and_taking_back(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Done")
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(bob, article(bob, "Done"), 'react"]:not([data-emoji])[data-action="react')
    bob.locator("emoji-panel").locator("input[type=search], input[role=combobox]").first.fill("party popper")
    bob.locator("emoji-panel").get_by_role("option").first.click()
    theirs = article(alice, "Done").locator(".reaction")
    expect(theirs).to_have_attribute("data-emoji", "🎉")
    expect(theirs).to_have_attribute("aria-pressed", "false")
    theirs.click()
    for page in (alice, bob):
        reaction = article(page, "Done").locator(".reaction")
        expect(reaction).to_have_attribute("aria-pressed", "true")
        expect(reaction.locator("span")).to_have_text("2")
    article(bob, "Done").locator(".reaction").click()
    expect(article(alice, "Done").locator(".reaction span")).to_have_text("1")
    expect(article(bob, "Done").locator(".reaction")).to_have_attribute("aria-pressed", "false")


def test_a_reaction_tells_who_gave_it(sit: Room, cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "Done")
    for person in (cast.bob, cast.mod):
        add_reaction(person=person, message_id=sent.id, emoji="🎉")
    alice = sit.at(cast.alice, cast.group)
    reaction = article(alice, "Done").locator(".reaction")
    reaction.hover()
    expect(reaction).to_have_attribute("title", re.compile("Bob, Mod|Mod, Bob"))


def test_a_link_to_a_message_here_leads_to_it(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "The place")
    say(cast.alice, cast.direct, f"{sit.site.url}/c/{cast.direct.pk}/m/1/")
    bob = sit.at(cast.bob, cast.direct)
    bob.locator("#m-2 .message__text a").click()
    expect(bob.locator("#m-1")).to_be_focused()


def test_my_reaction_stays_mine_after_an_edit_and_a_reload(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Done")
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(bob, article(bob, "Done"), 'react"][data-emoji="👍')
    expect(article(bob, "Done").locator('[data-emoji="👍"].reaction')).to_have_attribute("aria-pressed", "true")
    area(alice).press("ArrowUp")
    alice.locator("message-editor textarea").fill("Done!")
    alice.keyboard.press("Enter")
    mine = article(bob, "Done!").locator(".reaction")
    expect(mine).to_have_attribute("aria-pressed", "true")
    bob.reload()
    expect(mine).to_have_attribute("aria-pressed", "true")


def test_pin_and_unpin(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Keep this")
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    use(alice, article(alice, "Keep this"), "pin")
    mark = article(bob, "Keep this").locator('[data-label="pinned"]')
    expect(mark).to_have_text("pinned")
    use(bob, article(bob, "Keep this"), "unpin")
    expect(article(alice, "Keep this").locator('[data-label="pinned"]')).to_have_count(0)


def offered(message: Locator) -> set[str | None]:
    """What the tools offer for a message."""
    message.hover()
    expect(message.locator("message-tools")).to_be_visible()
    return {
        tool.get_attribute("data-action") for tool in message.locator("message-tools [data-action]:not([hidden])").all()
    }


def test_tools_offer_only_what_is_allowed(sit: Room, cast: Cast) -> None:
    say(cast.bob, cast.group, "By Bob")
    say(cast.alice, cast.group, "By Alice")
    bob, mod = sit.at(cast.bob, cast.group), sit.at(cast.mod, cast.group)
    everybody = {"react", "reply", "thread", "unread", "link", "pin"}
    assert offered(article(bob, "By Alice")) == everybody
    assert offered(article(bob, "By Bob")) == everybody | {"edit", "delete", "select"}
    assert offered(article(mod, "By Alice")) == everybody | {"delete", "select"}


def test_thread_beside_the_talk(sit: Room, cast: Cast) -> None:
    root = say(cast.alice, cast.group, "Shall we meet?")
    say(cast.bob, cast.group, "Unrelated")
    say(cast.mod, cast.group, "On Thursday", reply_to=root.id)
    alice, bob = sit.at(cast.alice, cast.group), sit.at(cast.bob, cast.group)
    use(bob, article(bob, "Shall we meet?"), "thread")
    thread = bob.locator("thread-pane")
    expect(thread).to_contain_text("On Thursday")
    expect(thread).not_to_contain_text("Unrelated")
    expect(bob.locator("member-list")).to_be_hidden()
    use(alice, article(alice, "Shall we meet?"), "reply")
    write(alice, "At noon")
    expect(thread).to_contain_text("At noon")
    bob.keyboard.press("Escape")
    expect(bob.locator("member-list")).to_be_visible()


def test_answers_show_under_what_they_answer(sit: Room, cast: Cast) -> None:
    root = say(cast.alice, cast.group, "Shall we meet?")
    say(cast.mod, cast.group, "On Thursday", reply_to=root.id)
    alice, bob = sit.at(cast.alice, cast.group), sit.at(cast.bob, cast.group)
    link = bob.locator(f'message-list article[data-id="{root.id}"] .message__answers')
    expect(link).to_have_text("One answer")
    use(alice, alice.locator(f'message-list article[data-id="{root.id}"]'), "reply")
    write(alice, "At noon")
    expect(link).to_have_text("2 answers")
    use(alice, settled(alice, "At noon"), "delete")
    alice.locator("#confirm-delete [value=delete]").click()
    expect(link).to_have_text("One answer")
    link.click()
    expect(bob.locator("thread-pane")).to_contain_text("On Thursday")
    expect(bob.locator("thread-pane .message__quote")).to_have_count(0)


def test_mention_completion_calls_the_person(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.group), sit.at(cast.bob, cast.group)
    area(alice).press_sequentially("Hello @bo")
    expect(alice.get_by_role("option", name="Bob")).to_have_attribute("aria-selected", "true")
    area(alice).press("Enter")
    expect(area(alice)).to_have_value("Hello @bob ")
    expect(alice.get_by_role("listbox", name="Suggestions")).to_be_hidden()
    area(alice).press("Enter")
    called = settled(bob, "Hello @bob")
    expect(called).to_have_class(re.compile("message--mention"))
    expect(article(alice, "Hello @bob")).not_to_have_class(re.compile("message--mention"))


def test_emoji_completion_by_keyboard(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).press_sequentially("Well :part")
    listbox = alice.get_by_role("listbox", name="Suggestions")
    expect(listbox.get_by_role("option").first).to_be_visible()
    first = area(alice).get_attribute("aria-activedescendant")
    area(alice).press("ArrowDown")
    expect(area(alice)).not_to_have_attribute("aria-activedescendant", first or "")
    area(alice).press("Escape")
    expect(listbox).to_be_hidden()
    expect(area(alice)).to_have_value("Well :part")
    area(alice).press_sequentially("y_pop")
    expect(listbox.get_by_role("option").first).to_contain_text("🎉")
    area(alice).press("Tab")
    expect(area(alice)).to_have_value("Well 🎉 ")


def test_emoji_picker_writes_into_the_text(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).fill("Hooray ")
    alice.get_by_role("button", name="Emoji").click()
    alice.locator("emoji-panel").locator("input[type=search], input[role=combobox]").first.fill("party popper")
    alice.locator("emoji-panel").get_by_role("option").first.click()
    expect(area(alice)).to_have_value("Hooray 🎉")
    expect(area(alice)).to_be_focused()


def test_typing_is_told_and_ends_with_the_message(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.direct), sit.at(cast.bob, cast.direct)
    area(alice).press_sequentially("Hm")
    expect(bob.locator("typing-line")).to_have_text("Alice is typing…")
    area(alice).press("Enter")
    expect(bob.locator("typing-line")).to_have_text("")
    expect(alice.locator("typing-line")).to_have_text("")


def test_spoilers_open_for_pointer_and_keyboard(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "It was ||the butler|| and ||the cook||")
    bob = sit.at(cast.bob, cast.direct)
    first, second = bob.locator(".spoiler").all()
    expect(first).to_have_attribute("role", "button")
    first.click()
    expect(first).to_have_class(re.compile("spoiler--open"))
    second.focus()
    bob.keyboard.press("Enter")
    expect(second).to_have_class(re.compile("spoiler--open"))


def test_system_messages_say_what_happened(sit: Room, cast: Cast) -> None:
    from chat.actions.conversation import rename_conversation

    bob = sit.at(cast.bob, cast.group)
    rename_conversation(actor=cast.alice, conversation_id=cast.group.pk, title="Atlas", topic="")
    expect(bob.locator(".message--system").last).to_contain_text("Alice")
    expect(bob.locator(".message--system").last).to_contain_text("Atlas")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Atlas")
