"""Looking at a post or a forum reads what one was told of it. No query for whom nothing waits."""

from accounts.actions.notifications import read_about, read_place, unread_count
from accounts.channels import channels_of
from accounts.models import Notification, User
from accounts.preferences import stored_settings
from forums.models import Forum, Post

KINDS = (Notification.Kind.FORUM_REPLY, Notification.Kind.FORUM_FOLLOW, Notification.Kind.MENTION)


def see_post(reader: User | None, post: Post) -> None:
    """The reader opened the post, with its comments."""
    if reader is not None and _may_wait(reader) and read_about(reader.pk, post.pk, post.last_comment_number, post.pk):
        _count_anew(reader)


def see_forum(reader: User | None, forum: Forum) -> None:
    """The reader looked through the newest posts of the forum."""
    if reader is not None and _may_wait(reader) and read_place(reader.pk, forum.pk, forum.last_number):
        _count_anew(reader)


def see_person(reader: User, person: User) -> None:
    """The reader looked through what `person` posted."""
    if _may_wait(reader) and read_place(reader.pk, person.pk, 2**62):
        _count_anew(reader)


def _may_wait(reader: User) -> bool:
    """Is anything unread? The bell says so, which came with the session; but of what it does not show."""
    if reader.notification_count:
        return True
    wishes = stored_settings(reader)
    return any(not channels_of(kind, wishes).in_app for kind in KINDS)


def _count_anew(reader: User) -> None:
    reader.notification_count = unread_count(reader.pk)
