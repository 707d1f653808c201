"""Groups and their places in the administration: to be looked at; a group is ended and restored by the product's own actions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from chatter.core.errors import Refused
from groups.actions.staff import close_group, reopen_group
from groups.models import Category, Channel, Group


def each(
    table: ReadOnlyAdmin, request: HttpRequest, rows: QuerySet[Any], deed: Callable[[Any], None], done: str
) -> None:
    """Do it to every row that was chosen; what is refused is said, what was done is written down."""
    for row in rows:
        try:
            deed(row)
        except Refused as refusal:
            messages.error(request, f"{row}: {refusal}")
        else:
            table.log_change(request, row, done)
            messages.success(request, f"{row}: {done}")


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    list_display = ("name", "owner", "is_public", "member_count", "state", "created_at")
    list_filter = (
        "is_public",
        ("owner", PickFilter),
        ("deletion_due_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("owner",)
    search_fields = ("name", "owner__username")
    search_help_text = _("Name of the group, or username of its owner")
    ordering = ("-created_at",)
    fields = (
        *("id", "name", "description", "is_public", "owner", "member_count"),
        *("deletion_due_at", "created_at", "updated_at"),
    )
    actions = ("close", "reopen")

    def get_view_on_site_url(self, obj: Group | None = None) -> str | None:
        return obj.get_absolute_url() if obj is not None else None

    @display(description=_("State"), label={"ends": "danger", "here": "success"})
    def state(self, group: Group) -> tuple[str, Any]:
        return ("here", _("Active")) if group.deletion_due_at is None else ("ends", _("To be deleted"))

    @admin.action(description=_("Delete, after the time of grace"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda group: close_group(actor=actor, group=group), gettext("To be deleted"))

    @admin.action(description=_("Take the deletion back"), permissions=["close"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda group: reopen_group(actor=actor, group=group), gettext("Restored"))

    def has_close_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("groups.delete_group"))


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = ("name", "group", "position", "created_at")
    list_filter = (("group", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("group",)
    search_fields = ("name", "group__name")
    fields = list_display
    ordering = ("-created_at",)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    """What is said there is the conversation's."""

    list_display = ("title", "group", "category", "kind", "is_synced", "position", "created_at", "deleted_at")
    list_filter = (
        "kind",
        ("group", PickFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("group", "category", "conversation")
    search_fields = ("conversation__title", "group__name")
    fields = ("title", "group", "category", "conversation", *list_display[3:])
    ordering = ("-created_at",)

    @display(description=_("Name"))
    def title(self, channel: Channel) -> str:
        return channel.conversation.title
