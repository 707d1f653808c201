"""Invitations into a forum: one person asks another, who is told and answers. One stands until it is answered or taken back."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.models import User
from accounts.permissions import check_member, check_reach, visible_people
from accounts.privacy import Way
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from forums.actions.coming import check_may_join_more, is_banned, may_invite
from forums.actions.members import admit_member
from forums.models import Ban, Forum, Invitation, Member
from forums.occasions import notify_invitation
from forums.permissions import Right, Standing, check_takes_part, locked_forum_for, valid_invitations

PEOPLE_AT_ONCE = 20
PEOPLE_AN_HOUR = 60
# That stand in one forum.
STANDING_MAX = 1000


def invite_people(*, actor: User, forum_id: UUID, people: Sequence[User]) -> int:
    """Ask people into the forum. Members, the banned and the invited are left out without a word. Returns how many were asked.
    Raises Refused where one cannot be reached that way, or the actor may not invite."""
    if len(people) > PEOPLE_AT_ONCE:
        raise Refused("invalid", _("At most %(count)d people at once.") % {"count": PEOPLE_AT_ONCE})
    with transaction.atomic():
        standing = locked_forum_for(actor, forum_id)
        check_takes_part(standing)
        if not may_invite(standing):
            raise Refused("forbidden", _("You cannot invite people into this forum."))
        for person in people:
            check_reach(actor, person, Way.INVITE)
        outsiders = _outsiders(standing.forum, people)
        _check_room(standing.forum, len(outsiders))
        for person in outsiders:
            check_limit("forum_invited", actor.pk, limit=PEOPLE_AN_HOUR, seconds=3600)
            notify_invitation(Invitation.objects.create(forum=standing.forum, user=person, inviter=actor))
        if outsiders:
            audit(actor=actor, action="forum.people.invited", place=forum_id, count=len(outsiders))
    return len(outsiders)


def accept_invitation(*, person: User, invitation_id: UUID) -> Forum:
    """Come in. Raises NotFound where it does not stand any more, Refused for whom the forum keeps out."""
    check_member(person)
    with transaction.atomic():
        forum = _locked_forum_of(person, invitation_id)
        invitation = _mine(person, invitation_id)
        if is_banned(forum, person):
            raise Refused("forbidden", _("You are banned from this forum."))
        check_may_join_more(person)
        admit_member(forum, person, invited_by=invitation.inviter)
    return forum


def decline_invitation(*, person: User, invitation_id: UUID) -> None:
    """Not now. Nobody is told. Raises NotFound."""
    if not Invitation.objects.filter(pk=invitation_id, user=person).delete()[0]:
        raise NotFound


def revoke_invitation(*, actor: User, forum_id: UUID, invitation_id: UUID) -> None:
    """Take back one's own invitation, or, as who looks after people, anybody's. Raises NotFound or Refused."""
    with transaction.atomic():
        standing = locked_forum_for(actor, forum_id)
        invitation = sent_invitations(standing).filter(pk=invitation_id).first()
        if invitation is None:
            raise NotFound
        invitation.delete()
        audit(actor=actor, action="forum.invitation.revoked", place=forum_id, target=("user", invitation.user_id))


def living_invitations(person: User) -> QuerySet[Invitation]:
    """Those the person can answer: of forums that are there, by people they may be shown, who still may invite."""
    reaching = valid_invitations().filter(user=person, inviter__in=visible_people(person))
    return reaching.select_related("forum", "inviter").order_by("-created_at")


def sent_invitations(standing: Standing) -> QuerySet[Invitation]:
    """Those of the forum that the reader may take back."""
    rows = Invitation.objects.filter(forum=standing.forum).select_related("user", "inviter").order_by("-created_at")
    return rows if standing.can(Right.PEOPLE) else rows.filter(inviter=standing.person)


def _locked_forum_of(person: User, invitation_id: UUID) -> Forum:
    found = _mine(person, invitation_id)
    return Forum.objects.select_for_update(no_key=True).get(pk=found.forum_id)


def _mine(person: User, invitation_id: UUID) -> Invitation:
    """Raises NotFound for those of others and for what is gone alike."""
    invitation = living_invitations(person).filter(pk=invitation_id).first()
    if invitation is None:
        raise NotFound
    return invitation


def _outsiders(forum: Forum, people: Sequence[User]) -> list[User]:
    """Those who are not in the forum, are not asked yet and may come."""
    known: set[UUID] = set()
    for model in (Member, Ban, Invitation):
        rows = model.objects.filter(forum=forum, user__in=[person.pk for person in people])
        known |= set(rows.values_list("user_id", flat=True))
    return [person for person in people if person.pk not in known]


def _check_room(forum: Forum, wanted: int) -> None:
    if Invitation.objects.filter(forum=forum).count() + wanted > STANDING_MAX:
        raise Refused("forbidden", _("Too many invitations stand already. Take some of them back first."))
