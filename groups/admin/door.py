"""The door of groups in the administration: invitations, who came by them, bans, deletions of messages. Codes let people in, so
no more than their beginning is shown, and nothing is searched by them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from groups.actions.staff import cancel_invite, forgive_ban
from groups.admin.community import each
from groups.models import Ban, Invite, InviteUse, Purge


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    list_display = ("begins", "group", "creator", "use_count", "max_uses", "expires_at", "revoked_at", "created_at")
    list_filter = (
        ("group", PickFilter),
        ("creator", PickFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("group", "creator")
    search_fields = ("group__name", "creator__username")
    fields = list_display
    ordering = ("-created_at",)
    actions = ("revoke",)

    @display(description=_("Code"))
    def begins(self, invite: Invite) -> str:
        return str(invite)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invite]) -> None:
        actor: Any = request.user
        living = queryset.filter(revoked_at=None)
        each(self, request, living, lambda invite: cancel_invite(actor=actor, invite=invite), gettext("Revoked"))

    def get_view_on_site_url(self, obj: Invite | None = None) -> None:
        """Its address is the code."""

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("groups.change_invite"))


@admin.register(InviteUse)
class InviteUseAdmin(ReadOnlyAdmin):
    list_display = ("user", "group", "begins", "creator", "created_at")
    list_filter = (("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "invite__group", "invite__creator")
    search_fields = ("user__username", "invite__group__name")
    fields = list_display
    ordering = ("-pk",)

    @display(description=_("Group"))
    def group(self, use: InviteUse) -> Any:
        return use.invite.group

    @display(description=_("Code"))
    def begins(self, use: InviteUse) -> str:
        return str(use.invite)

    @display(description=_("Invited by"))
    def creator(self, use: InviteUse) -> Any:
        return use.invite.creator


@admin.register(Ban)
class BanAdmin(ReadOnlyAdmin):
    list_display = ("user", "group", "actor", "until", "created_at")
    list_filter = (("group", PickFilter), ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "group", "actor")
    search_fields = ("user__username", "group__name")
    fields = ("user", "group", "actor", "reason", "until", "created_at")
    ordering = ("-created_at",)
    actions = ("lift",)

    @admin.action(description=_("Lift the ban"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Ban]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda ban: forgive_ban(actor=actor, ban=ban), gettext("Ban lifted"))

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("groups.delete_ban"))


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin):
    list_display = ("user", "group", "actor", "since", "done_count", "message_count", "finished_at", "created_at")
    list_filter = (
        ("group", PickFilter),
        ("finished_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("user", "group", "actor")
    search_fields = ("user__username", "group__name")
    fields = list_display
    ordering = ("-created_at",)
