"""Votes in the administration: where many of few people meet, somebody may have made accounts for them. Ballots are not here."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter
from forums.admin.shared import OpenAdmin
from forums.models import CommentVote, PostVote


@admin.register(PostVote)
class PostVoteAdmin(OpenAdmin):
    open_paths = ("post__forum__is_public",)
    list_display = ("user", "value", "post", "created_at")
    list_filter = ("value", ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "post")
    search_fields = ("=user__username",)
    fields = list_display
    ordering = ("-pk",)


@admin.register(CommentVote)
class CommentVoteAdmin(OpenAdmin):
    open_paths = ("comment__post__forum__is_public",)
    list_display = ("user", "value", "where", "created_at")
    list_filter = ("value", ("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "comment__post__forum")
    search_fields = ("=user__username",)
    fields = list_display
    ordering = ("-pk",)

    @display(description=_("Comment"))
    def where(self, vote: CommentVote) -> str:
        return f"{vote.comment.post.forum} #{vote.comment.post.number}/{vote.comment.number}"
