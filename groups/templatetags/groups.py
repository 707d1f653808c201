"""How a group looks on any page: its icon."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chatter.templatetags.page import icon_html

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
