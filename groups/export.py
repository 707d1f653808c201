"""What groups have of a person, for their export: where they are and as what, whom they let in, where they are kept out."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import export
from accounts.export import Archive
from accounts.models import User
from groups.actions.members import rows_in
from groups.models import Ban, Invite, InviteUse, Member


def collect(person: User, archive: Archive) -> None:
    archive.add("groups", _("Groups"), list(_groups(person)))
    archive.add("group_invitations", _("Invitations to groups"), {"made": _made(person), "used": _used(person)})
    archive.add("group_bans", _("Groups that keep you out"), _bans(person))


def _groups(person: User) -> Iterator[dict[str, Any]]:
    members = Member.objects.filter(user=person).select_related("group").prefetch_related("roles")
    for member in members.order_by("joined_at"):
        group = member.group
        yield {
            "id": group.pk,
            "name": group.name,
            "owner": group.owner_id == person.pk,
            "joined_at": member.joined_at,
            "nickname": member.nickname,
            "roles": [role.name for role in member.roles.all()],
            "timed_out_until": member.timed_out_until,
            "muted_until": member.muted_until,
            "deletion_due_at": group.deletion_due_at,
        }


def _made(person: User) -> list[Any]:
    rows = Invite.objects.filter(creator=person).order_by("created_at")
    fields = ("group_id", "code", "max_uses", "use_count", "expires_at", "revoked_at", "created_at")
    return list(rows.values(*fields))


def _used(person: User) -> list[Any]:
    return list(InviteUse.objects.filter(user=person).order_by("pk").values("invite__group_id", "created_at"))


def _bans(person: User) -> list[dict[str, Any]]:
    """Why and until when; what the group is called only where they may know it: it is public, or they were in it."""
    bans = Ban.objects.filter(user=person).select_related("group").order_by("created_at")
    return [
        {
            "group_id": ban.group_id,
            "group": ban.group.name if ban.group.is_public or rows_in(ban.group_id, person.pk).exists() else "",
            "reason": ban.reason,
            "until": ban.until,
            "created_at": ban.created_at,
        }
        for ban in bans
    ]


def register() -> None:
    export.register("groups", collect)
