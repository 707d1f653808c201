"""What is written in forums, in the administration: to be looked at where it is public or was reported; taken away and given back
by the product's own actions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter
from forums.actions.staff import give_back, take_away
from forums.addresses import post_url
from forums.admin.shared import OpenAdmin, WordsAdmin, each
from forums.models import Comment, Poll, PollOption, Post, PostImage, Revision

STATES = {"shown": "success", "held": "warning", "removed": "danger", "deleted": "info"}
_COUNTS = ("up_count", "down_count", "score")
_TIMES = (
    "created_at",
    "edited_at",
    "held_at",
    "approved_at",
    "removed_at",
    "removed_by",
    "removal_reason",
    "deleted_at",
)
GONE = (
    ("removed_at", admin.EmptyFieldListFilter),
    ("held_at", admin.EmptyFieldListFilter),
    ("deleted_at", admin.EmptyFieldListFilter),
    ("created_at", RangeDateTimeFilter),
)


def state_of(written: Post | Comment) -> tuple[str, Any]:
    """How it is, as a label."""
    if written.deleted_at is not None:
        return "deleted", _("Deleted")
    if written.removed_at is not None:
        return "removed", _("Removed")
    return ("held", _("Held")) if written.held_at is not None else ("shown", _("Shown"))


class WrittenAdmin(WordsAdmin):
    """Posts and comments."""

    search_help_text = _("Words of the text, as in a search engine: “two words”, or, -not")
    ordering = ("-id",)
    actions = ("take_away", "give_back")

    @display(description=_("State"), label=STATES)
    def state(self, written: Post | Comment) -> tuple[str, Any]:
        return state_of(written)

    @admin.action(description=_("Remove; the author is told"), permissions=["judge"])
    def take_away(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        actor: Any = request.user
        reason = gettext("Removed by the people who run this site.")
        deed = lambda row: take_away(actor=actor, written=row, reason=reason)  # noqa: E731
        each(self, request, queryset, deed, gettext("Removed"))

    @admin.action(description=_("Restore, or approve"), permissions=["judge"])
    def give_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        actor: Any = request.user
        each(self, request, queryset, lambda row: give_back(actor=actor, written=row), gettext("Restored"))

    def has_judge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"forums.change_{self.opts.model_name}"))


@admin.register(Post)
class PostAdmin(WrittenAdmin):
    open_paths = ("forum__is_public",)
    reported: ClassVar[dict[str, type[Model]]] = {"pk": Post}
    list_display = ("name", "forum", "author", "kind", "score", "comment_count", "state", "created_at")
    list_filter = ("kind", ("forum", PickFilter), ("author", PickFilter), *GONE)
    list_select_related = ("forum", "author", "removed_by", "flair", "removed_for")
    # Asked by `WordsAdmin`; named so that there is a box, and a completion.
    search_fields = ("title",)
    fields = (
        *("forum", "number", "author", "kind", "title", "content", "url", "flair", "is_spoiler", "is_nsfw"),
        *(*_COUNTS, "comment_count", "pinned_at", "locked_at", *_TIMES, "removed_for"),
    )

    def get_view_on_site_url(self, obj: Post | None = None) -> str | None:
        return post_url(obj.forum.slug, obj.number, obj.title) if obj is not None else None

    @display(description=_("Title"))
    def name(self, post: Post) -> str:
        return Truncator(str(post)).chars(80)


@admin.register(Comment)
class CommentAdmin(WrittenAdmin):
    open_paths = ("post__forum__is_public",)
    reported: ClassVar[dict[str, type[Model]]] = {"pk": Comment}
    list_display = ("excerpt", "place", "number", "author", "score", "reply_count", "state", "created_at")
    list_filter = (("author", PickFilter), *GONE)
    list_select_related = ("post__forum", "author", "removed_by", "removed_for")
    search_fields = ("content",)
    fields = (
        *("place", "number", "depth", "author", "content", *_COUNTS, "reply_count"),
        *(*_TIMES, "removed_for"),
    )

    def get_view_on_site_url(self, obj: Comment | None = None) -> str | None:
        if obj is None:
            return None
        return reverse("comment", args=[obj.post.forum.slug, obj.post.number, obj.number])

    @display(description=_("Comment"))
    def excerpt(self, comment: Comment) -> str:
        return Truncator(" ".join(comment.content.split())).chars(80) or str(comment)

    @display(description=_("Forum"))
    def place(self, comment: Comment) -> str:
        """The post by its number: what it says may be private where the comment alone was reported."""
        return f"{comment.post.forum} #{comment.post.number}"


@admin.register(Revision)
class RevisionAdmin(OpenAdmin):
    open_paths = ("post__forum__is_public", "comment__post__forum__is_public")
    reported: ClassVar[dict[str, type[Model]]] = {"post_id": Post, "comment_id": Comment}
    list_display = ("excerpt", "kind", "where", "created_at")
    list_filter = ("kind", ("created_at", RangeDateTimeFilter))
    list_select_related = ("post__forum", "comment__post__forum")
    search_fields = ("content",)
    fields = ("kind", "where", "title", "content", "created_at")
    ordering = ("-id",)

    @display(description=_("What it said"))
    def excerpt(self, revision: Revision) -> str:
        return Truncator(" ".join(f"{revision.title} {revision.content}".split())).chars(80)

    @display(description=_("Of"))
    def where(self, revision: Revision) -> str:
        if revision.comment is not None:
            return f"{revision.comment.post.forum} #{revision.comment.post.number}/{revision.comment.number}"
        return f"{revision.post.forum} #{revision.post.number}" if revision.post is not None else ""


@admin.register(PostImage)
class PostImageAdmin(OpenAdmin):
    open_paths = ("post__forum__is_public",)
    reported: ClassVar[dict[str, type[Model]]] = {"post_id": Post}
    list_display = ("alt", "post", "position", "width", "height")
    list_filter = (("post", PickFilter),)
    list_select_related = ("post",)
    search_fields = ("alt",)
    fields = list_display
    ordering = ("-pk",)


class OptionInline(TabularInline):
    """How many chose it; who did is shown to nobody."""

    model = PollOption
    fields = readonly_fields = ("position", "text", "vote_count")
    ordering = ("position",)
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Poll | None = None) -> bool:
        return False


@admin.register(Poll)
class PollAdmin(OpenAdmin):
    open_paths = ("post__forum__is_public",)
    reported: ClassVar[dict[str, type[Model]]] = {"post_id": Post}
    list_display = ("post", "is_multiple", "may_change", "voter_count", "closes_at")
    list_filter = ("is_multiple", ("closes_at", RangeDateTimeFilter))
    list_select_related = ("post",)
    search_fields = ("post__title",)
    fields = list_display
    ordering = ("-pk",)
    inlines = (OptionInline,)
