"""Talk in the administration: to be looked at, never direct messages or private groups, nor what only their author sees.

What is left out by a queryset here does not exist in it: not by list, search, filter, autocomplete, link or id.
"""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from chat.actions.change import delete_message
from chat.actions.conversation import rename_conversation
from chat.models import Change, Conversation, Membership, Mention, Message, MessageRevision, Reaction
from chat.permissions import Permission
from chatter.core.administration import PickFilter, ReadOnlyAdmin, RecordAdmin
from chatter.core.errors import Refused

# Channels and discussions too: of most, and of all in private groups and forums, the staff of the site are no members.
PRIVATE_KINDS = (
    Conversation.Kind.DIRECT,
    Conversation.Kind.GROUP,
    Conversation.Kind.CHANNEL,
    Conversation.Kind.DISCUSSION,
)


class TalkAdmin(ReadOnlyAdmin):
    """A table whose rows belong to a conversation, `kind_path` away: those of private ones are not there."""

    kind_path = "conversation__kind"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.exclude(**{f"{self.kind_path}__in": PRIVATE_KINDS})


@admin.register(Conversation)
class ConversationAdmin(RecordAdmin):
    list_display = ("__str__", "kind", "owner", "member_count", "message_count", "last_message_at", "created_at")
    list_filter = ("kind", ("created_at", RangeDateTimeFilter))
    list_select_related = ("owner",)
    search_fields = ("title", "topic")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("title", "topic", "kind", "owner")}),
        (_("Counters"), {"fields": ("member_count", "message_count", "version", "access_version", "floor_version")}),
        (_("Times"), {"fields": ("last_message_at", "archived_at", "created_at", "updated_at")}),
        (_("Settings"), {"fields": ("settings",)}),
    )
    EDITABLE: ClassVar = {"title", "topic"}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        conversations: QuerySet[Conversation] = super().get_queryset(request)
        return conversations.exclude(kind__in=PRIVATE_KINDS)

    def get_readonly_fields(self, request: HttpRequest, obj: Conversation | None = None) -> list[str]:
        named = [field for _title, options in self.fieldsets for field in options["fields"]]
        return [field for field in named if field not in self.EDITABLE]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        """Renaming is the action's: it asks for a place in the conversation that may."""
        if obj is None or not super().has_change_permission(request, obj):
            return False
        row = Membership.objects.active().filter(conversation=obj, user=request.user.pk).first()
        return row is not None and bool(row.permissions & Permission.EDIT_CONVERSATION)

    def get_view_on_site_url(self, obj: Conversation | None = None) -> str | None:
        return obj.get_absolute_url() if obj is not None else None

    def save_form(self, request: HttpRequest, form: ModelForm[Conversation], change: bool) -> Conversation:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Conversation, form: Any, change: bool) -> None:
        typed = form.cleaned_data
        rename_conversation(actor=request.user, conversation_id=obj.pk, title=typed["title"], topic=typed["topic"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """There is nothing related to save, and the form was not saved."""


@admin.register(Membership)
class MembershipAdmin(TalkAdmin):
    list_display = ("user", "conversation", "role", "joined_at", "left_at", "timed_out_until")
    list_filter = ("role", ("conversation", PickFilter), ("joined_at", RangeDateTimeFilter))
    list_select_related = ("user", "conversation")
    search_fields = ("user__username", "conversation__title")
    ordering = ("-joined_at",)
    # A draft is its author's alone.
    exclude = ("draft",)


@admin.register(Message)
class MessageAdmin(TalkAdmin):
    list_display = ("excerpt", "sender", "conversation", "number", "kind", "created_at", "edited_at", "deleted_at")
    list_filter = (
        "kind",
        ("conversation", PickFilter),
        ("sender", PickFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
        ("pinned_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("sender", "conversation")
    search_fields = ("content",)
    search_help_text = _("Words of the message, as in a search engine: “two words”, or, -not")
    ordering = ("-id",)
    fields = (
        "conversation",
        "number",
        "sender",
        "kind",
        "content",
        "reply_number",
        "metadata",
        "created_at",
        "edited_at",
        "deleted_at",
        "deleted_by",
        "pinned_at",
        "pinned_by",
    )
    readonly_fields = fields
    actions = ("delete_messages",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """By the index of words; looking inside every message of a large site would take minutes."""
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        return queryset.filter(search=SearchQuery(words, config="simple", search_type="websearch")), False

    def get_view_on_site_url(self, obj: Message | None = None) -> str | None:
        return obj.get_absolute_url() if obj is not None else None

    @display(description=_("Message"))
    def excerpt(self, message: Message) -> str:
        if message.deleted_at is not None:
            return str(_("Deleted"))
        return Truncator(" ".join(message.content.split())).chars(80) or f"({message.get_kind_display()})"

    @display(description=_("Reply to"))
    def reply_number(self, message: Message) -> str:
        return f"#{message.reply_to.number}" if message.reply_to is not None else "-"

    @admin.action(description=_("Delete (a trace stays)"), permissions=["tombstone"])
    def delete_messages(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        for message in queryset.filter(deleted_at=None):
            try:
                delete_message(actor=request.user, message_id=message.pk)
            except Refused as refusal:
                messages.error(request, f"#{message.number}: {refusal}")
            else:
                self.log_change(request, message, str(_("Deleted (a trace stays)")))
                messages.success(request, f"#{message.number}")

    def has_tombstone_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("chat.delete_message"))


@admin.register(MessageRevision)
class MessageRevisionAdmin(TalkAdmin):
    kind_path = "message__conversation__kind"
    list_display = ("message", "kind", "excerpt", "created_at")
    list_filter = ("kind",)
    list_select_related = ("message",)
    search_fields = ("content",)
    ordering = ("-id",)

    @display(description=_("What it said"))
    def excerpt(self, revision: MessageRevision) -> str:
        return Truncator(" ".join(revision.content.split())).chars(80)


@admin.register(Change)
class ChangeAdmin(TalkAdmin):
    list_display = ("conversation", "version", "kind", "actor", "number", "created_at")
    list_filter = ("kind", ("conversation", PickFilter))
    list_select_related = ("conversation", "actor")
    search_fields = ("=actor__username", "conversation__title")
    ordering = ("-id",)


@admin.register(Reaction)
class ReactionAdmin(TalkAdmin):
    kind_path = "message__conversation__kind"
    list_display = ("emoji", "user", "message", "created_at")
    list_filter = (("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user", "message")
    search_fields = ("emoji", "user__username")
    ordering = ("-created_at",)


@admin.register(Mention)
class MentionAdmin(TalkAdmin):
    list_display = ("user", "conversation", "number")
    list_filter = (("user", PickFilter), ("conversation", PickFilter))
    list_select_related = ("user", "conversation")
    search_fields = ("user__username", "conversation__title")
    ordering = ("-id",)
