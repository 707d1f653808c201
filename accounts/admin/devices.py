"""Devices and tokens in the administration: to be looked at, tokens also to be revoked. Keys and digests are never shown."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from accounts.actions.tokens import revoke_token
from accounts.agents import device_name
from accounts.models import ApiToken, Device
from chatter.core.administration import PickFilter, ReadOnlyAdmin


@admin.register(Device)
class DeviceAdmin(ReadOnlyAdmin):
    list_display = ("user", "agent", "address", "created_at", "last_active_at")
    list_filter = (("user", PickFilter), ("last_active_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("user__username", "address")
    fields = ("user", "name", "user_agent", "address", "created_at", "last_active_at")
    ordering = ("-last_active_at",)

    @display(description=_("Browser"))
    def agent(self, device: Device) -> str:
        return device_name(device.user_agent)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("user", "name", "scope", "created_at", "last_used_at", "last_address", "revoked_at")
    list_filter = (("user", PickFilter), "scope", ("created_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("user__username", "name")
    fields = (
        *("user", "name", "scope", "created_at", "last_used_at", "last_address"),
        *("rotation", "access_expires_at", "refresh_expires_at", "revoked_at", "revoked_reason"),
    )
    ordering = ("-created_at",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for family in queryset.filter(revoked_at=None).select_related("user"):
            revoke_token(person=family.user, token_id=family.pk)
            self.log_change(request, family, gettext("Revoked"))

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("accounts.change_apitoken"))
