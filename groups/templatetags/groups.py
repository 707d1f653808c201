"""How a group looks on any page: its icon, and what somebody is in it."""

from typing import Any
from uuid import UUID

from django import template

from chatter.core.errors import NotFound
from chatter.templatetags.page import named_icon, place_icon
from groups.member_list import lines_of
from groups.models import Member
from groups.permissions import visible_group

register = template.Library()

register.simple_tag(place_icon, name="group_icon")
register.simple_tag(named_icon)


@register.inclusion_tag("groups/_card.html", takes_context=True)
def in_group(context: dict[str, Any]) -> dict[str, Any]:
    """What the person of a card is in the group that the card was opened in (`?group=`), for who is in it too; else nothing."""
    request, person = context["request"], context["person"]
    try:
        standing = visible_group(request.user, UUID(request.GET.get("group", "")))
        member = Member.objects.select_related("user").get(group=standing.group, user=person)
    except (ValueError, NotFound, Member.DoesNotExist):
        return {}
    return {"group": standing.group, "line": lines_of(standing, [member])[0]}
