"""The people of forums in the administration: members, who wants in, who is kept out, who follows whom. To be looked at; a ban is
lifted by the product's own action."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from forums.actions.staff import forgive_ban
from forums.admin.shared import OpenAdmin, each
from forums.models import Ban, Invitation, JoinRequest, Member, Note, PersonFollow, PostFollow, Sweep
from forums.permissions import Right

IN_FORUM = ("=user__username", "forum__name")


@admin.register(Member)
class MemberAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "rights", "flair", "is_subscribed", "invited_by", "created_at")
    list_filter = (("forum", PickFilter), ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "forum", "flair", "invited_by")
    search_fields = IN_FORUM
    fields = list_display
    ordering = ("-pk",)

    @display(description=_("Rights of a moderator"))
    def rights(self, member: Member) -> str:
        if member.forum.owner_id == member.user_id:
            return gettext("Owner")
        return ", ".join(str(right.name).lower() for right in Right(member.permissions)) or "–"


@admin.register(JoinRequest)
class JoinRequestAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "state", "decided_by", "decided_at", "created_at")
    list_filter = ("state", ("forum", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "forum", "decided_by")
    search_fields = IN_FORUM
    fields = ("user", "forum", "text", "state", "decided_by", "decided_at", "created_at")
    ordering = ("-created_at",)


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "inviter", "created_at")
    list_filter = (("forum", PickFilter), ("inviter", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "forum", "inviter")
    search_fields = IN_FORUM
    fields = list_display
    ordering = ("-created_at",)


@admin.register(Ban)
class BanAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "actor", "until", "created_at")
    list_filter = (("forum", PickFilter), ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "forum", "actor")
    search_fields = IN_FORUM
    fields = ("user", "forum", "actor", "reason", "note", "until", "created_at")
    ordering = ("-created_at",)
    actions = ("lift",)

    @admin.action(description=_("Lift the ban"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Ban]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda ban: forgive_ban(actor=actor, ban=ban), gettext("Ban lifted"))

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("forums.delete_ban"))


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "author", "created_at")
    list_filter = (("forum", PickFilter), ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "forum", "author")
    search_fields = IN_FORUM
    fields = ("user", "forum", "author", "text", "created_at")
    ordering = ("-created_at",)


@admin.register(Sweep)
class SweepAdmin(ReadOnlyAdmin):
    list_display = ("user", "forum", "actor", "since", "done_count", "found_count", "finished_at", "created_at")
    list_filter = (
        ("forum", PickFilter),
        ("finished_at", admin.EmptyFieldListFilter),
        ("created_at", RangeDateTimeFilter),
    )
    list_select_related = ("user", "forum", "actor")
    search_fields = IN_FORUM
    fields = list_display
    ordering = ("-created_at",)


@admin.register(PersonFollow)
class PersonFollowAdmin(ReadOnlyAdmin):
    list_display = ("follower", "user", "created_at")
    list_filter = (("follower", PickFilter), ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("follower", "user")
    search_fields = ("=follower__username", "=user__username")
    fields = list_display
    ordering = ("-pk",)


@admin.register(PostFollow)
class PostFollowAdmin(OpenAdmin):
    open_paths = ("post__forum__is_public",)
    list_display = ("user", "post", "is_on", "created_at")
    list_filter = ("is_on", ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "post")
    search_fields = ("=user__username",)
    fields = list_display
    ordering = ("-pk",)
