"""What people follow: posts, people, and what they want to hear of a forum."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import withdraw
from accounts.models import User
from accounts.permissions import check_member, check_not_blocked, visible_people
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from forums.models import Member, PersonFollow, Post, PostFollow
from forums.permissions import check_takes_part, held_forum_for, post_for

POSTS_MAX = 5000
PEOPLE_MAX = 1000
CHANGES_PER_HOUR = 300


def follow_post(*, person: User, post_id: UUID, on: bool) -> None:
    """Be told of every new comment on the post; or, of what one wrote there, of no answer either. Twice changes nothing.
    Raises NotFound or Refused."""
    _check_pace(person)
    found = Post.objects.filter(pk=post_id).values_list("forum_id", "number").first()
    if found is None:
        raise NotFound
    with transaction.atomic():
        standing = held_forum_for(person, found[0])
        post = post_for(standing, found[1])
        check_takes_part(standing)
        if on and PostFollow.objects.filter(user=person).count() >= POSTS_MAX:
            raise Refused("forbidden", _("You follow too many posts. Stop following some first."))
        PostFollow.objects.update_or_create(post=post, user=person, defaults={"is_on": on})
        if not on:
            withdraw(people=[person.pk], place=post.pk)


def follow_person(*, follower: User, person: User, on: bool) -> None:
    """Be told of what the person posts, where one may read it. Twice changes nothing. Raises NotFound or Refused."""
    check_member(follower)
    _check_pace(follower)
    with transaction.atomic():
        # Whoever blocks locks both people: who follows at the same moment comes before or after, and is parted then.
        list(User.objects.select_for_update(no_key=True).filter(pk__in=[follower.pk, person.pk]).order_by("pk"))
        if not on:
            PersonFollow.objects.filter(follower=follower, user=person).delete()
            withdraw(people=[follower.pk], place=person.pk)
            return
        _check_follows(follower, person)
        PersonFollow.objects.get_or_create(follower=follower, user=person)


def choose_news(*, person: User, forum_id: UUID, notify: str) -> None:
    """What of the forum its member wants to be told: a `Member.Notify`. Raises NotFound or Refused."""
    if notify not in Member.Notify.values:
        raise Refused("invalid")
    with transaction.atomic():
        standing = held_forum_for(person, forum_id)
        if standing.member is None:
            raise Refused("forbidden", _("Join the forum first."))
        Member.objects.filter(pk=standing.member.pk).update(notify=notify)
        if notify != Member.Notify.POSTS:
            withdraw(people=[person.pk], place=forum_id)


def part_followers(*, one: UUID, other: UUID) -> None:
    """Neither of the two follows the other any more: a block stands between them. In the caller's transaction."""
    pair = Q(follower=one, user=other) | Q(follower=other, user=one)
    if PersonFollow.objects.filter(pair).delete()[0]:
        withdraw(people=[one], place=other)
        withdraw(people=[other], place=one)


def _check_follows(follower: User, person: User) -> None:
    if follower.pk == person.pk:
        raise Refused("invalid", _("You cannot do this with yourself."))
    if not visible_people(follower).filter(pk=person.pk, is_guest=False).exists():
        raise NotFound
    check_not_blocked(follower.pk, person.pk)
    if PersonFollow.objects.filter(follower=follower).count() >= PEOPLE_MAX:
        raise Refused("forbidden", _("You follow too many people. Stop following some first."))


def _check_pace(person: User) -> None:
    check_limit("forum_follow", person.pk, limit=CHANGES_PER_HOUR, seconds=3600)
