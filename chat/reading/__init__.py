"""What a person may read: every query joins on their active membership row, and starts at its `history_from`."""

from chat.reading.changes import CaughtUp, changes_since
from chat.reading.messages import (
    MessagePage,
    history,
    message_numbered,
    messages_numbered,
    number_at_date,
    page_of,
    pinned_of,
    reactors_of,
    revisions_of,
    shown_messages,
    thread_of,
)
from chat.reading.places import ConversationRow, conversations_of, places_of_both, receipts_in, small_places_of
from chat.reading.rooms import (
    MemberRow,
    Room,
    conversation_for,
    members_of,
    readers_of,
)

__all__ = [
    "CaughtUp",
    "ConversationRow",
    "MemberRow",
    "MessagePage",
    "Room",
    "changes_since",
    "conversation_for",
    "conversations_of",
    "history",
    "members_of",
    "message_numbered",
    "messages_numbered",
    "number_at_date",
    "page_of",
    "pinned_of",
    "places_of_both",
    "reactors_of",
    "readers_of",
    "receipts_in",
    "revisions_of",
    "shown_messages",
    "small_places_of",
    "thread_of",
]
