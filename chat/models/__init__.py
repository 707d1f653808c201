"""The tables of talk; one file for each concept."""

from chat.models.change import Change
from chat.models.conversation import Conversation, Membership
from chat.models.message import Mention, Message, MessageRevision, Reaction

__all__ = [
    "Change",
    "Conversation",
    "Membership",
    "Mention",
    "Message",
    "MessageRevision",
    "Reaction",
]
