"""Groups and channels as search finds them: by a part of their name, those that the person is in and may read."""

from django.db.models import Q
from django.db.models.functions import Length
from django.template.loader import get_template

from accounts.models import User
from chat import finding
from groups.models import Channel, Group


def register() -> None:
    finding.register(lines_called)


def lines_called(person: User, words: str, limit: int) -> list[str]:
    """At most `limit` lines, groups before channels, the closest names first (two queries)."""
    groups = Group.objects.alive().filter(members__user=person, name__icontains=words).order_by(Length("name"), "pk")
    may_read = Q(conversation__memberships__user=person, conversation__memberships__left_at=None)
    channels = (
        Channel.objects.filter(may_read, deleted_at=None, group__deletion_due_at=None)
        .filter(conversation__title__icontains=words)
        .select_related("group", "conversation")
        .order_by(Length("conversation__title"), "pk")
    )
    found: list[dict[str, object]] = [{"group": group} for group in groups[:limit]]
    found += [{"channel": channel, "group": channel.group} for channel in channels[:limit]]
    template = get_template("groups/_found.html")
    return [template.render(line) for line in found[:limit]]
