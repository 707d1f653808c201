"""Members looked for and ticked, who are to see a place or be spoken of there. Reads; `groups/actions/` writes."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from groups.models import Member
from groups.permissions import Standing
from groups.places import Target

FOUND_MAX = 20


def members_called(standing: Standing, words: str) -> list[Member]:
    """Members whose nickname or name holds the words, a few of them (one query)."""
    wanted = " ".join(words.replace("\0", "").split()).removeprefix("@")
    if not wanted:
        return []
    called = (
        Q(nickname__icontains=wanted) | Q(user__username__icontains=wanted) | Q(user__display_name__icontains=wanted)
    )
    members = Member.objects.filter(called, group=standing.group).select_related("user")
    return list(members.order_by("user__username")[:FOUND_MAX])


def members_chosen(standing: Standing, form: Any) -> list[Member]:
    """The members whose usernames were ticked; the unknown are left out (one query, none for nobody)."""
    names = [name for name in form.members_given() if "\0" not in name] if form.is_bound else []
    if not names:
        return []
    members = Member.objects.filter(group=standing.group, user__username__in=names).select_related("user")
    return list(members.order_by("user__username"))


def shown_to(form: Any, chosen: Sequence[Member]) -> list[Target]:
    """The roles and members that were ticked."""
    roles = [Target("role", role.pk) for role in form.roles_given()]
    return [*roles, *(Target("member", member.pk) for member in chosen)]


def face_of(member: Member) -> dict[str, Any]:
    """What completion shows of a member."""
    user = member.user
    return {
        "id": str(user.pk),
        "username": user.username,
        "name": member.nickname or user.name,
        "hue": user.hue,
        "initials": user.initials,
        "avatar": user.avatar_url,
    }
