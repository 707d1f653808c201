"""Going into the room of a post. It is opened by who wrote the post or moderates posts; whoever takes part in the forum joins, and
leaves as one leaves any conversation (chat/actions/membership.py). Who loses it: forums/discussions.py."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.lines import checked_text
from accounts.models import User
from chat.actions.channel import open_discussion
from chat.actions.log import lock_conversation
from chat.actions.membership import admit
from chat.models import Conversation
from chat.permissions import membership_of
from chatter.core.errors import NotFound, Refused
from forums.discussions import role_in, tell_changed, title_of
from forums.models import Post
from forums.permissions import (
    Right,
    Standing,
    check_above,
    check_right,
    check_takes_part,
    held_forum_for,
    may_read,
    member_of,
    seen_posts,
)
from forums.telling import tell_post

SPANS = (timedelta(minutes=10), timedelta(hours=1), timedelta(days=1))
REASON_MAX = 500


def enter_discussion(*, person: User, post_id: UUID) -> Conversation:
    """Join the live discussion of the post; it is made for the first who may open it. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, post = _locked(person, post_id)
        check_takes_part(standing)
        if not may_read(standing, post):
            raise Refused("locked", _("This post is gone; nobody can write under it."))
        # The post is locked: whoever takes it from this person comes after, and finds them in.
        conversation = lock_conversation(post.discussion_id or _open(standing, person, post))
        admit(conversation, person, role=role_in(standing))
    return conversation


def may_open(standing: Standing, post: Post) -> bool:
    """Is it theirs to begin a discussion of the post, which everybody sees and nobody has locked?"""
    is_author = standing.person is not None and post.author_id == standing.person.pk
    return post.is_listed and post.locked_at is None and (is_author or standing.can(Right.POSTS))


def _open(standing: Standing, person: User, post: Post) -> UUID:
    if not may_open(standing, post):
        raise Refused("forbidden", _("Only who wrote the post, or a moderator, opens a discussion of it."))
    post.discussion = open_discussion(actor=person, title=title_of(post))
    post.save(update_fields=["discussion"])
    tell_post(post.pk, post.forum_id)
    if post.author_id != person.pk:
        audit(
            actor=person,
            action="forum.post.discussed",
            place=post.forum_id,
            target=post,
            number=post.number,
            author=post.author_id,
        )
    return post.discussion.pk


def _locked(person: User, post_id: UUID) -> tuple[Standing, Post]:
    """The post, locked, in a forum from which nobody is put out meanwhile. Raises NotFound where they may not see it."""
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = held_forum_for(person, forum_id)
    post = seen_posts(standing).select_for_update(no_key=True, of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    post.forum = standing.forum
    return standing, post


def quiet_person(*, moderator: User, post_id: UUID, person_id: UUID, lasts: timedelta | None, reason: str = "") -> None:
    """Let somebody in the discussion only read for a while; None: let them talk again. It goes on should they leave and come back.
    Raises NotFound or Refused."""
    words = checked_text(reason, REASON_MAX)
    if lasts is not None and lasts not in SPANS:
        raise Refused("invalid")
    with transaction.atomic():
        standing, post = _locked(moderator, post_id)
        check_right(standing, Right.POSTS)
        if post.discussion_id is None or person_id == moderator.pk:
            raise NotFound
        conversation = lock_conversation(post.discussion_id)
        row = membership_of(person_id, conversation.pk)
        check_above(standing, member_of(standing.forum, person_id), person_id)
        row.timed_out_until = timezone.now() + lasts if lasts else None
        row.save(update_fields=["timed_out_until"])
        tell_changed(conversation, person_id)
        audit(
            actor=moderator,
            action="forum.person.quieted" if lasts else "forum.person.heard",
            place=post.forum_id,
            target=("user", person_id),
            reason=words,
            number=post.number,
            until=row.timed_out_until,
        )
