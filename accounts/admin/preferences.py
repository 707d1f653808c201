"""Settings of people and the usernames they gave up, in the administration: to be looked at; people set them themselves."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from accounts.models import FormerName, Setting
from chatter.core.administration import PickFilter, ReadOnlyAdmin


@admin.register(Setting)
class SettingAdmin(ReadOnlyAdmin):
    list_display = ("user", "key", "value", "updated_at")
    list_filter = ("key", ("user", PickFilter))
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = list_display
    ordering = ("-updated_at",)


@admin.register(FormerName)
class FormerNameAdmin(ReadOnlyAdmin):
    list_display = ("username", "user", "given_up_at")
    list_filter = (("user", PickFilter), ("given_up_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("username", "user__username")
    fields = list_display
    ordering = ("-given_up_at",)
