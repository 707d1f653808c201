"""A post made of what was said in a conversation: its text is the author's, where it comes from is kept beside it."""

from collections.abc import Sequence
from typing import Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.models import User
from chat.actions.log import lock_conversation
from chat.offshoots import note_offshoot
from chat.permissions import membership_of
from chat.reading import conversation_for
from chatter.core.errors import Refused
from forums.actions.posts import Wish, create_post
from forums.models import Origin, Post
from forums.permissions import locked_forum_for
from forums.talk import MESSAGES_MAX, chosen_messages


def post_from_talk(
    *, author: User, forum_id: UUID, conversation_id: UUID, numbers: Sequence[int], title: str, **wish: Unpack[Wish]
) -> Post:
    """A post of these messages, that all of its readers who are in the conversation find there, and who sees the post finds here.
    Sent again with the same `client_id`, the first one. Raises NotFound or Refused."""
    asked = sorted(set(numbers))
    with transaction.atomic():
        # The forum before the conversation, as everywhere; then nobody takes the author out of either meanwhile.
        locked_forum_for(author, forum_id)
        client_id = wish.get("client_id")
        if client_id and (sent := Post.objects.filter(author=author, client_id=client_id).first()):
            return sent
        membership_of(author.pk, conversation_id)
        lock_conversation(conversation_id)
        room = conversation_for(author.pk, conversation_id)
        chosen = chosen_messages(room, author, asked)
        if not asked or len(asked) > MESSAGES_MAX or len(chosen) != len(asked):
            raise Refused("forbidden", _("Not all of these messages are there for you to make a post of."))
        post = create_post(author=author, forum_id=forum_id, title=title, **wish)
        Origin.objects.create(post=post, conversation_id=conversation_id, numbers=asked)
        note_offshoot(conversation_id)
        if any(shown.wire["sender"]["id"] != str(author.pk) for shown in chosen):
            # Not in the forum's log: who reads it need not know that there is such a conversation.
            target = ("conversation", conversation_id)
            audit(actor=author, action="talk.quoted", target=target, post=post.pk, messages=len(asked))
    return post
