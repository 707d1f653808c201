"""Who sees a forum, and what they may do in it. `*_for` raises NotFound for whatever one may not know of, `check_*` raises Refused.

In words: a public forum is read by everybody, a private one by its members. Whoever is banned may do nothing in it, and reads a
public one as a stranger does. The owner may everything; a moderator what their bits say. Nobody gives rights they do not have,
and nobody acts on a moderator but who may appoint moderators, nor on the owner.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import check_member
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused
from chatter.core.rows import columns, instance, width
from forums.models import Ban, Comment, Forum, Invitation, Member, Post


class Right(IntFlag):
    """Bits of `Member.permissions`: 0–52, never reused."""

    POSTS = 1 << 0
    PEOPLE = 1 << 1
    FORUM = 1 << 2
    MODERATORS = 1 << 3


ALL = Right(sum(Right))

_FORUM_WIDTH, _MEMBER_WIDTH = width(Forum), width(Member)
_COLUMNS = f"{columns(Forum, 'f')}, {columns(Member, 'm')}, {columns(Ban, 'b')}"
_STANDING = """
select {columns}
  from forums_forum f
  left join forums_member m on m.forum_id = f.id and m.user_id = %s
  left join forums_ban b on b.forum_id = f.id and b.user_id = %s and (b.until is null or b.until > now())
 where {where} and f.deletion_due_at is null
"""


@dataclass(frozen=True)
class Standing:
    """A reader (None: signed out) in a forum they may see: their member row and their ban, where there are any."""

    forum: Forum
    person: User | None
    member: Member | None = None
    ban: Ban | None = None

    @property
    def is_owner(self) -> bool:
        return self.person is not None and self.forum.owner_id == self.person.pk

    @property
    def rights(self) -> Right:
        if self.is_owner:
            return ALL
        return Right(self.member.permissions) if self.member is not None and self.ban is None else Right(0)

    def can(self, right: Right) -> bool:
        return bool(self.rights & right)

    @property
    def is_moderator(self) -> bool:
        return bool(self.rights)

    @property
    def moderates_posts(self) -> bool:
        """For templates: do they decide about posts and comments?"""
        return self.can(Right.POSTS)

    @property
    def is_subscribed(self) -> bool:
        return self.member is not None and self.member.is_subscribed


def visible_forums(person: User | None) -> QuerySet[Forum]:
    """Forums that `person` (None: signed out) may read."""
    alive = Forum.objects.alive()
    if person is None or person.is_guest:
        return alive.filter(is_public=True)
    mine = Member.objects.filter(forum=OuterRef("pk"), user=person)
    return alive.filter(Q(is_public=True) | Exists(mine))


def forum_for(person: User | None, slug: str) -> Standing:
    """The forum at that address as `person` stands in it (one query). Raises NotFound."""
    if "\0" in slug:
        # The database has no such letter.
        raise NotFound
    return _standing("f.slug = %s", slug, person)


def standing_in(forum_id: UUID, person: User | None) -> Standing:
    """How `person` stands in the forum (one query). Raises NotFound where they may not see it."""
    return _standing("f.id = %s", forum_id, person)


def held_forum_for(person: User | None, forum_id: UUID) -> Standing:
    """As `standing_in`, in a transaction in which nobody takes the right from the person: the first line of actions that vote,
    comment, report or follow. They do not wait for each other. Raises NotFound."""
    return _locked(person, forum_id, "key share")


def locked_forum_for(person: User | None, forum_id: UUID) -> Standing:
    """As `standing_in`, the forum locked until the transaction ends: the first line of actions that number posts or change the
    forum. Raises NotFound."""
    return _locked(person, forum_id, "no key update")


def shut_forum_for(person: User | None, forum_id: UUID) -> Standing:
    """As `locked_forum_for`, after everybody who is just writing there: the first line of actions that take a right from
    somebody (ban, part, make private, lose a moderator's bit). Raises NotFound."""
    return _locked(person, forum_id, "update")


def _locked(person: User | None, forum_id: UUID, how: str) -> Standing:
    # What is judged is read by a later statement: after whoever held the lock before.
    with prepared_cursor() as cursor:
        cursor.execute(f"select from forums_forum where id = %s for {how}", [forum_id])
    return standing_in(forum_id, person)


def _standing(where: str, key: str | UUID, person: User | None) -> Standing:
    reader = None if person is None or person.is_guest else person.pk
    with prepared_cursor() as cursor:
        cursor.execute(_STANDING.format(columns=_COLUMNS, where=where), [reader, reader, key])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    forum = instance(Forum, row[:_FORUM_WIDTH])
    member_row, ban_row = row[_FORUM_WIDTH : _FORUM_WIDTH + _MEMBER_WIDTH], row[_FORUM_WIDTH + _MEMBER_WIDTH :]
    member = instance(Member, member_row) if member_row[0] is not None else None
    if not forum.is_public and member is None:
        raise NotFound
    return Standing(forum, person, member, instance(Ban, ban_row) if ban_row[0] is not None else None)


def valid_invitations() -> QuerySet[Invitation]:
    """Those that let somebody in: of forums that are there, by who may still invite (as actions.coming.may_invite). A forum that
    became private, or an inviter who was put out, brings nobody in any more."""
    inviter = Member.objects.filter(forum=OuterRef("forum"), user=OuterRef("inviter"))
    looks_after = inviter.alias(bits=F("permissions").bitand(int(Right.PEOPLE))).filter(bits__gt=0)
    opens = Q(forum__is_public=True) & Exists(inviter) | Q(forum__owner=F("inviter")) | Exists(looks_after)
    return Invitation.objects.filter(opens, forum__deletion_due_at=None)


def seen_posts(standing: Standing) -> QuerySet[Post]:
    """Posts of the forum whose page opens for this reader: all but those that wait for the moderators, who see these too, as their
    authors do. What was removed or deleted opens as a tombstone with its comments."""
    posts = Post.objects.filter(forum=standing.forum)
    if standing.can(Right.POSTS):
        return posts
    if standing.person is None:
        return posts.filter(held_at=None)
    return posts.filter(Q(held_at=None) | Q(author=standing.person))


def post_for(standing: Standing, number: int) -> Post:
    """The post of that number. Raises NotFound."""
    post = seen_posts(standing).select_related("author", "flair").filter(number=number).first()
    if post is None:
        raise NotFound
    # The forum was read already; one row of it is enough.
    post.forum = standing.forum
    return post


def may_read(standing: Standing, written: Post | Comment) -> bool:
    """May this reader see what the post or comment says? Removed or held: its author and the moderators only."""
    if written.deleted_at is not None:
        return False
    if written.removed_at is None and written.held_at is None:
        return True
    is_author = standing.person is not None and written.author_id == standing.person.pk
    return is_author or standing.can(Right.POSTS)


def check_right(standing: Standing, right: Right) -> None:
    """Raises Refused("forbidden") unless the person moderates with `right`."""
    if not standing.can(right):
        raise Refused("forbidden")


def check_owner(standing: Standing) -> None:
    if not standing.is_owner:
        raise Refused("forbidden")


def check_takes_part(standing: Standing) -> User:
    """Who may vote, comment, report and follow: everybody who reads the forum with an account and is not banned. Returns them."""
    if standing.person is None:
        raise Refused("forbidden", _("Log in to take part."))
    check_member(standing.person)
    if standing.ban is not None:
        raise Refused("forbidden", _("You are banned from this forum."))
    return standing.person


def check_posts(standing: Standing) -> User:
    """Who may post. Returns them. Raises Refused."""
    person = check_takes_part(standing)
    posting = standing.forum.posting
    if standing.is_moderator or posting == Forum.Posting.EVERYONE:
        return person
    if posting == Forum.Posting.MODERATORS:
        raise Refused("forbidden", _("Only moderators post here."))
    if standing.member is None:
        raise Refused("forbidden", _("Only members post here. Join the forum first."))
    return person


def check_comments(standing: Standing, post: Post) -> User:
    """Who may comment on the post, locked by the caller. Returns them. Raises Refused."""
    person = check_takes_part(standing)
    check_open(standing, post)
    return person


def check_votes(standing: Standing, post: Post) -> User:
    """Who may vote on the post and on what is said under it, also while it is locked. Returns them. Raises Refused."""
    person = check_takes_part(standing)
    if post.deleted_at is not None or post.removed_at is not None:
        raise Refused("locked", _("This post is gone; nobody votes on it any more."))
    return person


def allowed(check: Callable[..., object], *given: object) -> bool:
    """Does `check` let it pass? For pages, which show only what one may do."""
    try:
        check(*given)
    except Refused:
        return False
    return True


def check_open(standing: Standing, post: Post) -> None:
    """Raises Refused where nobody writes under the post any more: deleted, removed, or locked (moderators may then)."""
    if post.deleted_at is not None or post.removed_at is not None:
        raise Refused("locked", _("This post is gone; nobody can write under it."))
    if post.locked_at is not None and not standing.can(Right.POSTS):
        raise Refused("locked", _("This post is locked; nobody can write under it."))


def check_above(standing: Standing, other: Member | None, other_id: UUID) -> None:
    """Raises Refused where `other_id` is not somebody this moderator may act on."""
    if other_id == standing.forum.owner_id:
        raise Refused("forbidden", _("Nobody acts on the owner of a forum."))
    if other is not None and other.permissions and not standing.can(Right.MODERATORS):
        raise Refused("forbidden", _("Only who may appoint moderators acts on moderators."))
    if other is not None and other.permissions & ~int(standing.rights):
        raise Refused("forbidden", _("This moderator may more than you."))


def member_of(forum: Forum, person: Any) -> Member | None:
    """The member row of a person, if they have one."""
    return Member.objects.filter(forum=forum, user=person).first()
