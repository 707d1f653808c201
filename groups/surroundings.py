"""What stands around a channel: its group's channels at the side, its own bar, who is in it."""

from functools import cached_property, lru_cache
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import User
from chat import surroundings
from chat.forms import MuteForm
from chat.models import Conversation
from chat.reading import Room
from chatter.core import rail
from chatter.core.addresses import address
from chatter.core.fragments import remembered, with_token
from groups.actions.channels import SLOW_MODES
from groups.forms.channels import SLOW_WORDS
from groups.member_pane import member_pane
from groups.permissions import Right, Standing
from groups.reading import ChannelRow, RailRow, channels_for, group_for, groups_for

BADGE_MAX = 99

# How long a slow channel makes its members wait, in words.
SLOW_NAMES = {seconds: words for seconds, words in zip(SLOW_MODES, SLOW_WORDS, strict=True) if seconds}


def register() -> None:
    surroundings.register(Conversation.Kind.CHANNEL, Channelled)
    rail.register(rail_of)


class Channelled:
    """`chat.surroundings.Around` of a channel."""

    def __init__(self, request: HttpRequest, room: Room) -> None:
        self.request = request
        self.room = room
        self.person = cast("User", request.user).pk

    @cached_property
    def standing(self) -> Standing:
        return group_for(self.person, cast("UUID", self.room.conversation.parent))

    @cached_property
    def channels(self) -> list[ChannelRow]:
        return channels_for(self.person, self.standing.group.pk)

    @cached_property
    def channel(self) -> ChannelRow | None:
        """None where it was taken from the person a moment ago."""
        return next((row for row in self.channels if row.conversation == self.room.id), None)

    @property
    def name(self) -> str:
        return f"#{self.room.title}"

    @property
    def tab(self) -> str:
        return f"{self.name} · {self.standing.group.name}"

    def home(self) -> str:
        return f"{reverse('group', args=[self.standing.group.pk])}?list=1"

    def side(self) -> dict[str, Any]:
        return side_of(self.request, self.standing, self.channels, self.room.id)

    def bar(self) -> SafeString:
        place, row = self.room.conversation, self.channel
        html = remembered(
            "groups/_bar.html",
            place=self.room.id,
            home=self.home(),
            title=self.room.title,
            topic=place.topic,
            is_announcement=row is not None and row.is_announcement,
            is_private=row is not None and row.is_private,
            slow=str(SLOW_NAMES.get(place.settings.get("slow_mode") or 0, "")),
            settings=address("channel_settings", self.standing.group.pk, row.id)
            if row and self.standing.can(Right.MANAGE_CHANNELS)
            else "",
            is_muted=row is not None and row.muted,
            mute_times=MuteForm.TIMES[:-1],
        )
        return with_token(html, self.request)

    def members(self) -> SafeString:
        return member_pane(self.room, self.standing.group, cast("User", self.request.user).status)


def rail_of(request: HttpRequest, current: UUID | None) -> SafeString:
    """The groups of the person, and the way to others."""
    user = cast("User", request.user)
    lines = [_rail_line(row, row.pk == current, get_language() or "") for row in groups_for(user.pk)]
    return remembered(
        "groups/_rail.html",
        gaps={"lines": "".join(lines)},
        directory="" if user.is_guest else address("group_directory"),
        new="" if user.is_guest else address("group_new"),
    )


def side_of(
    request: HttpRequest,
    standing: Standing,
    channels: list[ChannelRow],
    current: UUID | None = None,
    *,
    is_heading: bool = False,
) -> dict[str, Any]:
    """What layouts/app.html needs for the side bar of a group."""
    group, until = standing.group, standing.member.muted_until
    head = remembered(
        "groups/_head.html",
        group=group.pk,
        name=group.name,
        is_heading=is_heading,
        is_owner=standing.is_owner,
        is_muted=until is not None and until > timezone.now(),
        mute_times=MuteForm.TIMES[:-1],
        settings=address("group_settings", group.pk),
        invite=address("group_invite", group.pk) if standing.can(Right.INVITE) else "",
        new_channel=address("channel_new", group.pk) if standing.can(Right.MANAGE_CHANNELS) else "",
        members=address("group_members", group.pk),
        myself=address("group_member", group.pk, standing.member.user_id),
        leave=address("group_leave", group.pk),
    )
    return {"head": with_token(head, request), "places": _side(standing, channels, current), "at_group": group.pk}


def _side(standing: Standing, channels: list[ChannelRow], current: UUID | None) -> SafeString:
    """The channels under their categories, in the order they come."""
    language = get_language() or ""
    manage = address("channel_new", standing.group.pk) if standing.can(Right.MANAGE_CHANNELS) else ""
    if not channels:
        return remembered("groups/_side_none.html", manage=manage)
    sections: dict[tuple[UUID | None, str | None], list[str]] = {}
    for row in channels:
        line = _line(row, standing.group.pk, row.conversation == current, language)
        sections.setdefault((row.category, row.category_name), []).append(line)
    parts = [
        remembered("groups/_side_category.html", gaps={"lines": "".join(lines)}, category=key, name=name)
        for (key, name), lines in sections.items()
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- made by templates


@lru_cache(maxsize=16384)
def _rail_line(row: RailRow, current: bool, language: str) -> str:
    return get_template("groups/_rail_group.html").render(
        {"row": row, "current": current, "badge": badge_of(row.mentions)}
    )


@lru_cache(maxsize=16384)
def _line(row: ChannelRow, group: UUID, current: bool, language: str) -> str:
    badge = badge_of(row.mention_count or row.unread)
    return get_template("groups/_channel.html").render({"row": row, "group": group, "current": current, "badge": badge})


def badge_of(count: int) -> str:
    return f"{BADGE_MAX}+" if count > BADGE_MAX else str(count)
