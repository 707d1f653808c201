"""The only ways into a forum and out of it. Whoever calls holds the forum's lock and has judged."""

from django.db.models import F

from accounts.models import User
from forums.models import Forum, Invitation, JoinRequest, Member


def admit_member(forum: Forum, person: User, *, invited_by: User | None = None) -> Member:
    """Make `person` a member who subscribes; who is one already stays as they are. The locked forum counts them."""
    member, is_new = Member.objects.get_or_create(forum=forum, user=person, defaults={"invited_by": invited_by})
    if is_new:
        Forum.objects.filter(pk=forum.pk).update(member_count=F("member_count") + 1)
        Invitation.objects.filter(forum=forum, user=person).delete()
        JoinRequest.objects.filter(forum=forum, user=person, state=JoinRequest.State.PENDING).delete()
    return member


def part_member(forum: Forum, member: Member) -> None:
    """Take the member out, with their rights."""
    if Member.objects.filter(pk=member.pk).delete()[0]:
        Forum.objects.filter(pk=forum.pk).update(member_count=F("member_count") - 1)
