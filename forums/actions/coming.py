"""Coming into a forum and leaving it: joining a public one, asking to come into a private one, being put out.

Whoever asks for a private forum learns nothing by it, not even that there is one: whatever they ask for, the answer is the same
until somebody decides.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.lines import checked_text
from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from forums.actions.members import admit_member, part_member
from forums.models import Ban, Forum, JoinRequest, Member
from forums.occasions import notify_put_out, notify_request_decided
from forums.permissions import (
    Right,
    Standing,
    check_above,
    check_right,
    check_takes_part,
    locked_forum_for,
    member_of,
    shut_forum_for,
)
from forums.slugs import normal

JOINED_MAX = 1000
JOINS_PER_HOUR = 120
ASKS_PER_HOUR = 10
TEXT_MAX = 300
REASON_MAX = 500
# Who was declined is heard again after so long.
PATIENCE = timedelta(days=7)
WAITING_MAX = 2000

State = JoinRequest.State


def join_forum(*, person: User, forum_id: UUID) -> Member:
    """Become a member who subscribes: of a public forum; who is in subscribes again. Raises NotFound or Refused."""
    check_limit("forum_join", person.pk, limit=JOINS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        standing = locked_forum_for(person, forum_id)
        check_takes_part(standing)
        if standing.member is None:
            check_may_join_more(person)
            return admit_member(standing.forum, person)
        _subscribe(standing.member, is_on=True)
    return standing.member


def leave_forum(*, person: User, forum_id: UUID) -> None:
    """Go, with the rights one had. Raises Refused for the owner, who hands the forum over or deletes it before."""
    with transaction.atomic():
        standing = shut_forum_for(person, forum_id)
        if standing.member is None:
            return
        if standing.is_owner:
            raise Refused("forbidden", _("You own this forum. Hand it over or delete it first."))
        part_member(standing.forum, standing.member)
        if standing.member.permissions:
            audit(actor=person, action="forum.moderator.resigned", place=forum_id, target=standing.member)


def unsubscribe(*, person: User, forum_id: UUID) -> None:
    """Stay a member, without the forum in one's home list."""
    with transaction.atomic():
        standing = locked_forum_for(person, forum_id)
        if standing.member is None:
            raise NotFound
        _subscribe(standing.member, is_on=False)


def ask_to_join(*, person: User, slug: str, text: str = "") -> None:
    """Ask those who look after the private forum at that address to be let in; if there is none that takes requests, or they
    would not hear this person, nothing happens, and nobody can tell. Raises Refused for what says nothing of the forum."""
    check_member(person)
    words = checked_text(text, TEXT_MAX)
    check_limit("forum_ask", person.pk, limit=ASKS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        found = Forum.objects.alive().filter(slug=normal(slug), is_public=False, takes_requests=True)
        forum = found.select_for_update(no_key=True).first()
        if forum is None or not _is_heard(forum, person):
            return
        JoinRequest.objects.update_or_create(forum=forum, user=person, state=State.PENDING, defaults={"text": words})


def decide_request(*, actor: User, forum_id: UUID, request_id: UUID, accept: bool) -> JoinRequest:
    """Let somebody in who asked, or not, and tell them. Raises NotFound where it is decided already, or Refused."""
    with transaction.atomic():
        standing = locked_forum_for(actor, forum_id)
        check_right(standing, Right.PEOPLE)
        request = pending_requests(standing.forum).filter(pk=request_id).first()
        if request is None:
            raise NotFound
        request.state, request.decided_by, request.decided_at = _state(accept), actor, timezone.now()
        request.save(update_fields=["state", "decided_by", "decided_at"])
        if accept:
            _admit(standing.forum, request)
        notify_request_decided(request, standing.forum)
        action = f"forum.request.{request.state}"
        audit(actor=actor, action=action, place=forum_id, target=("user", request.user_id))
    return request


def put_out_member(*, actor: User, forum_id: UUID, person_id: UUID, reason: str = "") -> None:
    """Take a member out; of a private forum they see nothing any more. Raises NotFound or Refused."""
    words = checked_text(reason, REASON_MAX)
    with transaction.atomic():
        standing = shut_forum_for(actor, forum_id)
        check_right(standing, Right.PEOPLE)
        member = member_of(standing.forum, person_id)
        if member is None or member.user_id == actor.pk:
            raise NotFound
        check_above(standing, member, member.user_id)
        part_member(standing.forum, member)
        notify_put_out(standing.forum, member.user_id, reason=words)
        audit(actor=actor, action="forum.member.put_out", place=forum_id, target=member, reason=words)


def pending_requests(forum: Forum) -> QuerySet[JoinRequest]:
    """Who asks, and can still be let in."""
    here = {"user__is_active": True, "user__deleted_at": None}
    return JoinRequest.objects.filter(forum=forum, state=State.PENDING, **here).select_related("user")


def check_may_join_more(person: User) -> None:
    """Raises Refused where `person` is in as many forums as one can be."""
    if Member.objects.filter(user=person).count() >= JOINED_MAX:
        raise Refused("forbidden", _("One person can be in %(most)s forums.") % {"most": JOINED_MAX})


def is_banned(forum: Forum, person: User) -> bool:
    ban = Ban.objects.filter(forum=forum, user=person).first()
    return ban is not None and (ban.until is None or ban.until > timezone.now())


def may_invite(standing: Standing) -> bool:
    """Into a public forum its members invite, into a private one who looks after people."""
    if standing.ban is not None or standing.member is None:
        return False
    return standing.forum.is_public or standing.can(Right.PEOPLE)


def _is_heard(forum: Forum, person: User) -> bool:
    """Not who is in, who is banned, and who was declined lately; nor more than can be read."""
    if Member.objects.filter(forum=forum, user=person).exists() or is_banned(forum, person):
        return False
    asked = JoinRequest.objects.filter(forum=forum)
    lately = asked.filter(user=person, state=State.DECLINED, decided_at__gt=timezone.now() - PATIENCE)
    return not lately.exists() and asked.filter(state=State.PENDING).count() < WAITING_MAX


def _admit(forum: Forum, request: JoinRequest) -> None:
    if is_banned(forum, request.user):
        raise Refused("forbidden", _("They are banned here. Lift the ban first."))
    check_may_join_more(request.user)
    admit_member(forum, request.user)


def _state(accept: bool) -> str:
    return State.ACCEPTED if accept else State.DECLINED


def _subscribe(member: Member, *, is_on: bool) -> None:
    if member.is_subscribed != is_on:
        member.is_subscribed = is_on
        member.save(update_fields=["is_subscribed"])
