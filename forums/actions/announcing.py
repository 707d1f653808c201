"""Open pages of a post learn that moderators changed something on it, once it is committed."""

from forums.models import Comment, Post


def announce_post(post: Post) -> None:
    """It was removed, restored, locked or marked: pages ask again."""


def announce_comment(comment: Comment, change: str) -> None:
    """It came into sight or went out of it."""
