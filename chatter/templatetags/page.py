"""Template tags every page may use: icons and avatars. Nothing here asks the database."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django import template
from django.template import Context
from django.template.base import Node, Parser, TextNode, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chatter.core.clock import date_and_time
from chatter.core.fragments import remembered, with_token

register = template.Library()

SPRITE = "vendor/lucide/sprite.svg"
# One file for each component; within a layer the later wins.
STYLES = (
    *("layers", "reset", "tokens", "hues", "base", "layout"),
    *(
        "bar",
        "avatar",
        "button",
        "badge",
        "search",
        "place",
        "timeline",
        "message",
        "prose",
        "code",
        "highlight",
        "reaction",
        "tools",
    ),
    *(
        "composer",
        "person",
        "menu",
        "dialog",
        "form",
        "sheet",
        "settings",
        "ways",
        "card",
        "empty",
        "notice",
        "toast",
        "dock",
        "landing",
    ),
    "utilities",
)


def icon_html(name: str, extra: str = "") -> SafeString:
    """The icon `name` of the sprite, decoration only: the words stand beside it or in its parent's label."""
    classes = f"icon {extra}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        classes,
        static(SPRITE),
        name,
    )


@register.tag
def icon(parser: Parser, token: Token) -> Node:
    """`{% icon "send" %}` or `{% icon "send" "icon--flip" %}`: made when the template is compiled, free when rendered."""
    _tag, *words = token.split_contents()
    return TextNode(icon_html(*(word.strip("\"'") for word in words)))


@register.tag
def styles(parser: Parser, token: Token) -> Node:
    """`{% styles %}`: the links to all style sheets, made when the template is compiled."""
    files = ["vendor/inter/inter.css", *(f"css/{name}.css" for name in STYLES)]
    return TextNode("\n".join(format_html('<link rel="stylesheet" href="{}">', static(file)) for file in files))


class Card(NamedTuple):
    """What the frame of a page shows of the person who reads it."""

    pk: UUID
    username: str
    name: str
    initials: str
    hue: int
    status: str
    present_status_text: str
    is_guest: bool
    is_staff: bool


@register.simple_tag(takes_context=True)
def frame(context: Context, template: str) -> SafeString:
    """A part of the frame (rail, dock, menu), remembered for the person; `places` in the page marks the messages."""
    user = context["user"]
    card = Card(*(getattr(user, name) for name in Card._fields))
    html = remembered(template, user=card, theme=context["theme"], at_messages="places" in context)
    return with_token(html, context["request"])


@register.filter
def moment(when: datetime | None) -> str:
    """The day and the time where the reader is, by their clock; scripts keep it so (`<local-time>`)."""
    return date_and_time(when) if when else ""


@register.simple_tag
def avatar(person: Any, size: str = "", presence: str = "") -> SafeString:
    """Initials of whoever has `initials`, `hue` and `pk` or `id`; with `presence` ("online" …) a dot that scripts keep true."""
    classes = f"avatar hue-{person.hue}" + (f" avatar--{size}" if size else "")
    if not presence:
        return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, person.initials)
    key = getattr(person, "pk", None) or person.id
    return format_html(
        '<span class="{} presence" data-presence="{}" data-is="{}" aria-hidden="true">{}</span>',
        classes,
        key,
        presence,
        person.initials,
    )
