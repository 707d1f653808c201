"""Open pages learn that moderators changed something, once it is committed; what visitors are shown from memory is asked anew."""

from uuid import UUID

from chatter.core import events
from chatter.core.realtime import publish
from forums.models import Comment, Post
from forums.telling import tell_gone, tell_post


def announce_post(post: Post) -> None:
    """It was removed, restored, locked or marked: pages ask again."""
    tell_post(post.pk, post.forum_id)
    if not post.is_listed:
        tell_gone(post.forum_id)


def announce_comment(comment: Comment, change: str) -> None:
    """It came into sight or went out of it (`change`: "created", "edited", "deleted")."""


def announce_access(forum_id: UUID, *people: UUID) -> None:
    """These lost a right: what they have open asks again whether they may."""
    if hasattr(events, "PlaceAccessChanged"):
        publish(events.PlaceAccessChanged(place=forum_id, people=people))
