"""What people are told, in the administration: that and when, never what it says."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from accounts.models import Notification, Occasion, QuietException
from chatter.core.administration import PickFilter, ReadOnlyAdmin


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("recipient", "kind", "actor", "count", "in_app", "updated_at", "read_at")
    list_filter = (("recipient", PickFilter), "kind", ("updated_at", RangeDateTimeFilter))
    list_select_related = ("recipient", "actor")
    search_fields = ("recipient__username",)
    fields = (*list_display, "created_at", "expires_at")
    ordering = ("-updated_at",)


@admin.register(Occasion)
class OccasionAdmin(ReadOnlyAdmin):
    list_display = ("kind", "created_at", "due_at", "claimed_at", "attempts")
    list_filter = ("kind", ("due_at", RangeDateTimeFilter))
    search_fields = ("key",)
    fields = list_display
    ordering = ("due_at",)


@admin.register(QuietException)
class QuietExceptionAdmin(ReadOnlyAdmin):
    list_display = ("user", "person", "kind", "created_at")
    list_filter = (("user", PickFilter), "kind")
    list_select_related = ("user", "person")
    search_fields = ("user__username",)
    fields = list_display
    ordering = ("-created_at",)
