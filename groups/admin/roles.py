"""Roles, members and overrides in the administration: to be looked at. They decide who may what, so only actions write them."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from chatter.core.hues import HUES
from groups.models import Member, MemberRole, Override, Role
from groups.permissions import Right
from groups.wording import name_of


def in_words(bits: int) -> str:
    """The names of these rights."""
    return ", ".join(str(name_of(right)) for right in Right if bits & right) or "–"


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    list_display = (
        "name",
        "group",
        "position",
        "colour",
        "is_everyone",
        "is_shown_apart",
        "is_mentionable",
        "created_at",
    )
    list_filter = (("group", PickFilter), "is_everyone", "is_mentionable", ("created_at", RangeDateTimeFilter))
    list_select_related = ("group",)
    search_fields = ("name", "group__name")
    fields = (*list_display, "rights")
    ordering = ("-created_at",)

    @display(description=_("Colour"))
    def colour(self, role: Role) -> Any:
        return HUES[role.hue] if role.hue is not None else "–"

    @display(description=_("Permissions"))
    def rights(self, role: Role) -> str:
        return in_words(role.permissions)


class HeldInline(TabularInline):
    """The roles that a member holds."""

    model = MemberRole
    fields = ("role",)
    extra = 0
    verbose_name_plural = _("Roles")

    def get_queryset(self, request: HttpRequest) -> QuerySet[MemberRole]:
        return super().get_queryset(request).select_related("role", "member").order_by("-role__position")

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "group", "nickname", "joined_at", "invited_by", "timed_out_until")
    list_filter = (
        ("group", PickFilter),
        ("user", PickFilter),
        ("timed_out_until", admin.EmptyFieldListFilter),
        ("joined_at", RangeDateTimeFilter),
    )
    list_select_related = ("user", "group", "invited_by")
    search_fields = ("user__username", "nickname", "group__name")
    fields = list_display
    ordering = ("-joined_at",)
    inlines = (HeldInline,)


@admin.register(Override)
class OverrideAdmin(ReadOnlyAdmin):
    list_display = ("group", "place", "whom", "allowed", "denied")
    list_filter = (("role", PickFilter), ("category", PickFilter))
    list_select_related = ("channel__conversation", "channel__group", "category__group", "role", "member__user")
    search_fields = (
        *("role__name", "member__user__username", "channel__conversation__title", "category__name"),
        *("channel__group__name", "category__group__name"),
    )
    fields = list_display
    ordering = ("-pk",)

    @display(description=_("Group"))
    def group(self, override: Override) -> Any:
        return _place_of(override).group

    @display(description=_("Channel or category"))
    def place(self, override: Override) -> str:
        channel = override.channel
        return f"# {channel.conversation.title}" if channel is not None else str(override.category)

    @display(description=_("Role or member"))
    def whom(self, override: Override) -> str:
        return str(override.role) if override.member is None else f"@{override.member.user.username}"

    @display(description=_("Allowed"))
    def allowed(self, override: Override) -> str:
        return in_words(override.allow)

    @display(description=_("Denied"))
    def denied(self, override: Override) -> str:
        return in_words(override.deny)


def _place_of(override: Override) -> Any:
    return override.channel or override.category
