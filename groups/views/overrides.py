"""Who may what in a channel or category: whom it speaks of, and for one of them each right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from chat.views.access import checked, viewer_of
from chatter.core.errors import NotFound
from groups.actions.overrides import OVERRIDES_PER_PLACE, place_for, rank_of_target, set_override
from groups.forms.overrides import OverrideForm, TargetForm, lines
from groups.models import Channel, Member, Role
from groups.permissions import Right
from groups.places import NEUTRAL, Reader, Target, Wish, Wishes, otherwise, wishes_of
from groups.seen import members_called
from groups.views.channels import both, manager, page


@dataclass(frozen=True)
class Entry:
    """Somebody the place speaks of, or might."""

    kind: str
    row: Role | Member
    wish: Wish
    is_here: bool

    @property
    def allowed(self) -> int:
        return self.wish.allow.bit_count()

    @property
    def denied(self) -> int:
        return self.wish.deny.bit_count()


@both
def overrides(request: HttpRequest, group_id: UUID, kind: str, place_id: UUID) -> HttpResponse:
    """The page of one place; `?role=` or `?member=` says for whom."""
    reader = manager(request, group_id, Right.MANAGE_ROLES)
    place, rights = place_for(reader, kind, place_id)
    given = TargetForm(request.GET)
    words = checked(given)["q"]
    target = given.target() or reader.everyone
    if request.method == "POST":
        return _saved(request, reader, kind, place_id, target)
    wishes = wishes_of(place)
    rest = otherwise(reader.standing, wishes, target)
    roles = list(Role.objects.filter(group=group_id).order_by("-position"))
    entries = _entries(reader, roles, wishes, target)
    only_view = reader.standing.rank <= rank_of_target(reader.standing, target)
    channel = place if isinstance(place, Channel) else None
    named = {entry.row.pk for entry in entries}
    wish = wishes.get(target, NEUTRAL)
    return page(
        request,
        reader,
        "groups/overrides.html",
        place=place,
        kind=kind,
        channel=channel,
        follows=channel is not None and channel.category_id is not None and channel.is_synced,
        entries=entries,
        entry=next(entry for entry in entries if entry.is_here),
        wish=wish,
        sections=list(lines(wish, rest, rights, only_view=only_view)),
        is_above=bool(rest & Right.ADMINISTRATOR),
        only_view=only_view,
        offered=[role for role in roles if role.pk not in named],
        words=words,
        found=[member for member in members_called(reader.standing, words) if member.pk not in named],
        is_full=len(wishes) >= OVERRIDES_PER_PLACE,
        most=OVERRIDES_PER_PLACE,
        address=address(group_id, kind, place_id),
        may_edit=reader.standing.can(Right.MANAGE_CHANNELS),
    )


def address(group_id: UUID, kind: str, place_id: UUID) -> str:
    return reverse("channel_overrides" if kind == "channel" else "category_overrides", args=[group_id, place_id])


def _saved(request: HttpRequest, reader: Reader, kind: str, place_id: UUID, target: Target) -> HttpResponse:
    group_id = reader.standing.group.pk
    wanted: dict[str, Any] = {}
    if "remove" not in request.POST:
        form = OverrideForm(request.POST)
        checked(form)
        wish = form.chosen()
        wanted = {"allow": wish.allow, "deny": wish.deny, "among": form.changed()}
    set_override(actor=viewer_of(request), group_id=group_id, kind=kind, place_id=place_id, target=target, **wanted)
    messages.success(request, gettext("Saved."))
    mark = f"?{target.kind}={target.id}" if wanted else ""
    return redirect(address(group_id, kind, place_id) + mark)


def _entries(reader: Reader, roles: Sequence[Role], wishes: Wishes, target: Target) -> list[Entry]:
    """@everyone, roles from the highest on, members by name; the one the page is about is among them (one query)."""
    keys = {reader.everyone, target, *wishes}
    ids = [key.id for key in keys if key.kind == "member"]
    members = Member.objects.filter(group=reader.standing.group, pk__in=ids).select_related("user")
    rows: list[tuple[str, Role | Member]] = [
        *(("role", role) for role in sorted(roles, key=lambda role: not role.is_everyone)),
        *(("member", member) for member in members.order_by("user__username")),
    ]
    found = [
        Entry(kind, row, wishes.get(Target(kind, row.pk), NEUTRAL), Target(kind, row.pk) == target)
        for kind, row in rows
        if Target(kind, row.pk) in keys
    ]
    if not any(entry.is_here for entry in found):
        raise NotFound
    return found
