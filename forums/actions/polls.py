"""Ballots: cast, changed, taken back. Who chose what is shown to nobody; the counts are exact."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.models import Poll, PollOption, PollVote, Post
from forums.permissions import check_open, check_takes_part, held_forum_for, seen_posts
from forums.telling import tell_poll


def cast_ballot(*, person: User, post_id: UUID, options: Collection[UUID]) -> Poll:
    """The person's choice is `options` and nothing else; none takes it back. The same again changes nothing. Raises NotFound or
    Refused."""
    wanted = set(options)
    with transaction.atomic():
        poll = _held_poll(person, post_id)
        mine = set(PollVote.objects.filter(poll=poll, user=person).values_list("option_id", flat=True))
        if mine == wanted:
            return poll
        _check_choice(poll, mine, wanted)
        PollVote.objects.filter(poll=poll, user=person, option__in=mine - wanted).delete()
        PollVote.objects.bulk_create(PollVote(poll=poll, option_id=key, user=person) for key in wanted - mine)
        _count(poll.options, mine - wanted, -1)
        _count(poll.options, wanted - mine, 1)
        poll.voter_count += bool(wanted) - bool(mine)
        poll.save(update_fields=["voter_count"])
        votes = dict(poll.options.values_list("pk", "vote_count"))
        tell_poll(poll.post, {str(key): count for key, count in votes.items()}, poll.voter_count)
    return poll


def _held_poll(person: User, post_id: UUID) -> Poll:
    """The poll of a post where the person may vote now; the post is locked. Raises NotFound or Refused."""
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = held_forum_for(person, forum_id)
    post = seen_posts(standing).select_for_update(no_key=True).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    check_takes_part(standing)
    check_open(standing, post)
    poll = Poll.objects.filter(post=post).first()
    if poll is None:
        raise NotFound
    poll.post = post
    # Judged under the lock: who waited for it past the end comes too late.
    if poll.closes_at and poll.closes_at <= timezone.now():
        raise Refused("locked", _("This poll is closed."))
    return poll


def _check_choice(poll: Poll, mine: set[UUID], wanted: set[UUID]) -> None:
    if mine and not poll.may_change:
        raise Refused("forbidden", _("Votes in this poll are not changed once they are cast."))
    if len(wanted) > 1 and not poll.is_multiple:
        raise Refused("invalid", _("Choose one option."))
    if poll.options.filter(pk__in=wanted).count() < len(wanted):
        raise Refused("invalid", _("This is no option of the poll."))


def _count(options: Any, keys: set[UUID], by: int) -> None:
    if keys:
        PollOption.objects.filter(pk__in=options.filter(pk__in=keys)).update(vote_count=F("vote_count") + by)
