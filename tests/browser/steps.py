"""What people do on a page, and where to look for it."""

import re
from collections.abc import Sequence
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from chat.actions.send import SendInput, Sent, append_batch
from chat.models import Conversation

_ANY_NUMBER = re.compile(r"^[0-9]+$")
_PENDING = re.compile("message--pending")


def area(page: Page) -> Locator:
    """Where one writes."""
    return page.locator(".talk message-composer textarea")


def write(page: Page, text: str) -> None:
    """Write and send as a person does, with the keyboard."""
    area(page).fill(text)
    area(page).press("Enter")


def article(page: Page, text: str) -> Locator:
    """The message that says `text`."""
    return page.locator("message-list article.message").filter(has=page.locator(".message__text", has_text=text))


def settled(page: Page, text: str) -> Locator:
    """The message that says `text`, stored and numbered."""
    message = article(page, text)
    expect(message).to_have_attribute("data-number", _ANY_NUMBER)
    expect(message).not_to_have_class(_PENDING)
    return message


def use(page: Page, message: Locator, action: str) -> None:
    """Point at a message and use one of its tools."""
    message.hover()
    button = page.locator(f'message-tools [data-action="{action}"]')
    if not button.is_visible():
        page.locator("message-tools .tools__more").click()
    button.click()


def numbers(page: Page) -> list[int]:
    """The numbers of the messages on the page, from top to bottom."""
    found: list[int] = page.locator("message-list > article.message").evaluate_all(
        "articles => articles.map((article) => Number(article.dataset.number))"
    )
    return found


def fill(conversation: Conversation, senders: Sequence[User], count: int, text: str = "Message {}") -> list[Sent]:
    """`count` messages, by turns, without the ceremony of sending each."""
    inputs = [
        SendInput(
            sender=senders[at % len(senders)].pk,
            conversation=conversation.pk,
            client_id=uuid4(),
            content=text.format(at + 1),
        )
        for at in range(count)
    ]
    sent: list[Sent] = []
    for start in range(0, count, 50):
        outcomes = append_batch(inputs[start : start + 50])
        sent += [outcome for outcome in outcomes if isinstance(outcome, Sent)]
    assert len(sent) == count
    return sent
