"""What open pages of a post are told: topics are posts."""

from typing import Literal
from uuid import UUID

from chatter.core import events
from chatter.core.realtime import publish
from forums.models import Comment, Post


def tell_post(post_id: UUID, forum_id: UUID) -> None:
    """Ask the page again: text, marks or preview of the post changed."""
    publish(events.PostChanged(topic=post_id, place=forum_id))


def tell_score(post: Post, key: UUID, score: int) -> None:
    """A score of the post (`key` is its id) or of a comment that everybody may see."""
    publish(events.ScoresChanged(topic=post.pk, place=post.forum_id, scores={str(key): score}))


def tell_comment(comment: Comment, change: Literal["created", "edited", "deleted"]) -> None:
    """A comment that is not held was written or approved ("created"), changed, or went out of sight (one query)."""
    forum_id, count = Post.objects.values_list("forum_id", "comment_count").get(pk=comment.post_id)
    publish(
        events.CommentsChanged(
            topic=comment.post_id,
            place=forum_id,
            count=count,
            comment=comment.pk,
            parent=comment.parent_id,
            change=change,
        )
    )


def tell_poll(post: Post, votes: dict[str, int], voters: int) -> None:
    publish(events.PollChanged(topic=post.pk, place=post.forum_id, votes=votes, voters=voters))


def tell_gone(forum_id: UUID) -> None:
    """What visitors are shown from memory is asked anew: something of the forum is not to be seen any more."""
    publish(events.PlaceAccessChanged(place=forum_id, people=None))


def tell_access(forum_id: UUID, *people: UUID) -> None:
    """The open pages of these people stop hearing of the forum, if they may not read it any more; without people: everybody's."""
    publish(events.PlaceAccessChanged(place=forum_id, people=tuple(people) or None))
