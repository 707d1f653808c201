"""What happened in groups day by day, in the administration."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from chatter.core.administration import PickFilter, ReadOnlyAdmin
from groups.models import ChannelDay, GroupDay


@admin.register(GroupDay)
class GroupDayAdmin(ReadOnlyAdmin):
    list_display = tuple(field.name for field in GroupDay._meta.concrete_fields if field.name != "id")  # noqa: SLF001
    list_filter = (("group", PickFilter), ("day", RangeDateFilter))
    list_select_related = ("group",)
    search_fields = ("group__name",)
    fields = list_display
    ordering = ("-day", "-pk")


@admin.register(ChannelDay)
class ChannelDayAdmin(ReadOnlyAdmin):
    list_display = ("day", "group", "title", "messages", "active")
    list_filter = (("day", RangeDateFilter),)
    list_select_related = ("channel__group", "channel__conversation")
    search_fields = ("channel__conversation__title", "channel__group__name")
    fields = list_display
    ordering = ("-day", "-pk")

    @display(description=_("Group"))
    def group(self, day: ChannelDay) -> str:
        return day.channel.group.name

    @display(description=_("Channel"))
    def title(self, day: ChannelDay) -> str:
        return day.channel.conversation.title
