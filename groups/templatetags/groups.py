"""How a group looks on any page: its icon, and what somebody is in it."""

from typing import Any
from uuid import UUID

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chatter.core.errors import NotFound
from chatter.templatetags.page import icon_html
from groups.member_list import lines_of
from groups.models import Member
from groups.permissions import visible_group

register = template.Library()

# How large an icon is on the page, and which of its files (ICON_SIZES) is sharp there on dense screens.
PIXELS = {"s": (28, 64), "": (42, 128), "l": (72, 128), "xl": (112, 512)}
PICTURE = '<img src="{}" alt="" width="{}" height="{}" loading="lazy" decoding="async">'


@register.simple_tag
def group_icon(group: Any, size: str = "") -> SafeString:
    """The group's picture, or its initials on its own colour: a rounded square. Decoration: the name stands beside it.
    Of `group` it asks `pk` or `id`, `hue`, `initials` and `icon_url(size)`. `data-avatar` lets scripts show a new one."""
    edge, file = PIXELS[size]
    classes = f"avatar avatar--place hue-{group.hue}" + (f" avatar--{size}" if size else "")
    picture, url = "", group.icon_url(file)
    if url:
        picture = format_html(PICTURE, url, edge, edge)
    return format_html(
        '<span class="{}" data-avatar="{}" aria-hidden="true">{}{}</span>',
        classes,
        getattr(group, "pk", None) or group.id,
        group.initials,
        picture,
    )


@register.simple_tag
def named_icon(name: str) -> SafeString:
    """An icon whose name only the page's context knows."""
    return icon_html(name)


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
