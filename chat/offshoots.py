"""What became of messages elsewhere: another application shows under a message what it made of it, for those who may see that.

What is pushed is the same for everybody, so this is no part of it: a page asks for its reader. Conversations of which something was
made carry a count of it in their settings; of the others nobody asks.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import User
from chat.actions.channel import change_channel
from chat.actions.log import lock_conversation
from chat.models import Conversation
from chatter.templatetags.page import icon_html

SETTING = "offshoots"


class Offshoot(NamedTuple):
    """Something made of messages, the first of which has this number; its address and what the link says."""

    number: int
    url: str
    words: str


# Those of the conversation that the person may see, the newest: of these messages, or of any.
type Source = Callable[[User, UUID, Sequence[int] | None], list[Offshoot]]
_sources: list[Source] = []


def register(source: Source) -> None:
    _sources.append(source)


def note_offshoot(conversation_id: UUID) -> None:
    """Something was made of messages there: open pages ask what, if their readers may see it."""
    count = lock_conversation(conversation_id).settings.get(SETTING, 0)
    change_channel(actor=None, conversation_id=conversation_id, settings={SETTING: count + 1})


def offshoots_of(reader: User, place: Conversation, numbers: Sequence[int] | None = None) -> dict[int, SafeString]:
    """The links under messages of `place`, as html, by their numbers (no query where nothing was made of any)."""
    if not place.settings.get(SETTING):
        return {}
    found: dict[int, SafeString] = {}
    for source in _sources:
        for made in source(reader, place.pk, numbers):
            found[made.number] = found.get(made.number, SafeString("")) + _link(made)
    return found


def offshoot_list(links: dict[int, SafeString]) -> SafeString:
    """All of them, for scripts that put them where they belong."""
    return format_html_join("", '<li data-number="{}">{}</li>', links.items())


def _link(made: Offshoot) -> SafeString:
    return format_html('<a class="message__offshoot" href="{}">{}{}</a>', made.url, icon_html("newspaper"), made.words)
