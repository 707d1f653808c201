"""The only ways into a forum and out of it. Whoever calls holds the forum's lock and has judged."""

from datetime import UTC, datetime

from django.db.models import F

from accounts.models import User
from forums.actions.ordered import touch
from forums.discussions import sync_discussions
from forums.models import Forum, ForumDay, Invitation, JoinRequest, Member
from forums.telling import tell_access


def admit_member(forum: Forum, person: User, *, invited_by: User | None = None) -> Member:
    """Make `person` a member who subscribes; who is one already stays as they are. The locked forum counts them."""
    member, is_new = Member.objects.get_or_create(forum=forum, user=person, defaults={"invited_by": invited_by})
    if is_new:
        Forum.objects.filter(pk=forum.pk).update(member_count=F("member_count") + 1)
        Invitation.objects.filter(forum=forum, user=person).delete()
        JoinRequest.objects.filter(forum=forum, user=person, state=JoinRequest.State.PENDING).delete()
        count_day(forum, "joined")
    return member


def part_member(forum: Forum, member: Member) -> None:
    """Take the member out, with their rights. Of a private forum they hear nothing from then on."""
    if Member.objects.filter(pk=member.pk).delete()[0]:
        Forum.objects.filter(pk=forum.pk).update(member_count=F("member_count") - 1)
        count_day(forum, "left")
        tell_access(forum.pk, member.user_id)
    if member.permissions:
        touch(forum)
    sync_discussions(forum.pk, [member.user_id])


def count_day(forum: Forum, field: str) -> None:
    """Note in the day's row that somebody `joined` or `left`."""
    day, _made = ForumDay.objects.get_or_create(forum=forum, day=datetime.now(UTC).date())
    ForumDay.objects.filter(pk=day.pk).update(**{field: F(field) + 1})
