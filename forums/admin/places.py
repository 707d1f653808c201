"""Forums and what is their own in the administration: to be looked at; one is ended and restored by the product's own actions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter, RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from forums.actions.staff import close_forum, reopen_forum
from forums.admin.shared import each
from forums.models import Flair, FormerSlug, Forum, ForumDay, Rule


@admin.register(Forum)
class ForumAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "owner", "is_public", "member_count", "post_count", "state", "created_at")
    list_filter = (
        "is_public",
        "is_nsfw",
        ("owner", PickFilter),
        ("deletion_due_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("owner",)
    search_fields = ("name", "slug", "=owner__username")
    search_help_text = _("Name or address of the forum, or username of its owner")
    ordering = ("-created_at",)
    fields = (
        *("id", "name", "slug", "description", "is_public", "owner", "posting", "holding", "kinds_off"),
        *("is_nsfw", "needs_flair", "takes_requests", "is_log_public", "scores_hidden_minutes"),
        *("member_count", "post_count", "last_number", "deletion_due_at", "created_at", "updated_at"),
    )
    actions = ("close", "reopen")

    def get_view_on_site_url(self, obj: Forum | None = None) -> str | None:
        return obj.get_absolute_url() if obj is not None else None

    @display(description=_("State"), label={"ends": "danger", "here": "success"})
    def state(self, forum: Forum) -> tuple[str, Any]:
        return ("here", _("Active")) if forum.deletion_due_at is None else ("ends", _("To be deleted"))

    @admin.action(description=_("Delete, after the time of grace"), permissions=["close"])
    def close(self, request: HttpRequest, queryset: QuerySet[Forum]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda forum: close_forum(actor=actor, forum=forum), gettext("To be deleted"))

    @admin.action(description=_("Take the deletion back"), permissions=["close"])
    def reopen(self, request: HttpRequest, queryset: QuerySet[Forum]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda forum: reopen_forum(actor=actor, forum=forum), gettext("Restored"))

    def has_close_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("forums.delete_forum"))


@admin.register(FormerSlug)
class FormerSlugAdmin(ReadOnlyAdmin):
    list_display = ("slug", "forum", "created_at")
    list_filter = (("forum", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("forum",)
    search_fields = ("slug", "forum__name")
    fields = list_display
    ordering = ("-pk",)


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    list_display = ("title", "forum", "position")
    list_filter = (("forum", PickFilter),)
    list_select_related = ("forum",)
    search_fields = ("title", "forum__name")
    fields = ("title", "text", "forum", "position")
    ordering = ("forum", "position", "pk")


@admin.register(Flair)
class FlairAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "forum", "is_for_moderators", "position")
    list_filter = ("kind", ("forum", PickFilter))
    list_select_related = ("forum",)
    search_fields = ("name", "forum__name")
    fields = (*list_display, "hue")
    ordering = ("forum", "kind", "position", "pk")


@admin.register(ForumDay)
class ForumDayAdmin(ReadOnlyAdmin):
    list_display = tuple(field.name for field in ForumDay._meta.concrete_fields if field.name != "id")  # noqa: SLF001
    list_filter = (("forum", PickFilter), ("day", RangeDateFilter))
    list_select_related = ("forum",)
    search_fields = ("forum__name",)
    fields = list_display
    ordering = ("-day", "-pk")
