"""What groups have of a person, for their export: where they are and as what, whom they let in, where they are kept out."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import export
from accounts.export import Archive
from accounts.models import User
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


def _bans(person: User) -> list[Any]:
    rows = Ban.objects.filter(user=person).order_by("created_at")
    return list(rows.values("group_id", "group__name", "reason", "until", "created_at"))


def register() -> None:
    export.register("groups", collect)
