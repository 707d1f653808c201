"""Template tags every page may use: icons and avatars. Nothing here asks the database."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django import template
from django.template import Context
from django.template.base import Node, Parser, TextNode, Token
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from chatter.core.clock import date_and_time
from chatter.core.fragments import remembered, with_token
from chatter.core.rail import rail

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
        "rail",
        "channel",
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
        "person-card",
        "crop",
        "menu",
        "dialog",
        "form",
        "sheet",
        "settings",
        "role",
        "member-table",
        "log",
        "channel-order",
        "matrix",
        "why",
        "group",
        "device",
        "contacts",
        "notification",
        "ways",
        "passkey",
        "card",
        "empty",
        "notice",
        "toast",
        "dock",
        "landing",
        "invite",
        "chart",
        "forum",
        "forum-pages",
        "post",
        "votes",
        "comment",
        "post-page",
        "moderation",
        "post-form",
        "selection",
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
    avatar_url: str
    status: str
    present_status_text: str
    is_guest: bool
    is_staff: bool
    requests_waiting: int
    notification_count: int

    @classmethod
    def of(cls, person: Any) -> "Card":
        return cls(*(getattr(person, name) for name in cls._fields))


def card_in(context: Context) -> Card | None:
    """The reader's, made once for a page; None for visitors."""
    known: dict[Any, Any] = context.render_context.dicts[0]
    if "card" not in known:
        user = context.get("user")
        known["card"] = Card.of(user) if user is not None and user.is_authenticated else None
    card: Card | None = known["card"]
    return card


@register.simple_tag(takes_context=True)
def opening(context: Context) -> SafeString:
    """`<!doctype html>` and `<html …>` with the language and the looks that the reader has chosen."""
    looks: dict[str, Any] = {
        key: context.get(key) or "" for key in ("theme", "density", "clock", "time_zone", "enter_breaks")
    }
    return remembered("components/_opening.html", None, **looks)


@register.simple_tag(takes_context=True)
def body_opening(context: Context) -> SafeString:
    """`<body …>` with what scripts know of the reader from the start."""
    card = card_in(context)
    if card is None:
        return remembered("components/_body.html")
    blocked = " ".join(map(str, context["user"].blocked_ids or ()))
    zones: dict[str, Any] = {key: context.get(key) or "" for key in ("time_zone", "browser_zone")}
    return remembered("components/_body.html", None, user=card, blocked=blocked, **zones)


@register.simple_tag(takes_context=True)
def frame(context: Context, template: str) -> SafeString:
    """A part of the frame (rail, dock, menu), remembered for the person; `places` in the page marks the messages, `at` the others.

    `rail_places` (of the tag of that name) stands in the rail and is not remembered here.
    """
    at = context.get("at")
    html = remembered(
        template,
        gaps={"rail_places": context.get("rail_places") or ""},
        user=card_in(context),
        theme=context["theme"],
        at_messages="places" in context and not context.get("at_group"),
        at_forums=at == "forums",
        at_contacts=at == "contacts",
        at_notifications=at == "notifications",
    )
    return with_token(html, context["request"])


@register.simple_tag(takes_context=True)
def rail_places(context: Context) -> SafeString:
    """`{% rail_places as rail_places %}`: what applications put on the rail; `at_group` in the page marks one."""
    return mark_safe(rail(context["request"], context.get("at_group")))  # noqa: S308 -- made by templates


@register.filter
def moment(when: datetime | None) -> str:
    """The day and the time where the reader is, by their clock; scripts keep it so (`<local-time>`)."""
    return date_and_time(when) if when else ""


@register.simple_tag
def avatar(person: Any, size: str = "", presence: str = "") -> SafeString:
    """The picture of whoever has `hue`, `initials`, `pk` or `id`, and an `avatar_url`; without one the initials alone.

    Decoration: the name stands beside it. `size` is "" (36 pixels), "s", "l" or "xl"; with `presence` ("online" …) it has a
    dot that scripts keep true. `data-avatar` lets them show a new picture.
    """
    classes = f"avatar hue-{person.hue}" + (f" avatar--{size}" if size else "") + (" presence" if presence else "")
    key = getattr(person, "pk", None) or person.id
    dot = format_html(' data-presence="{}" data-is="{}"', key, presence) if presence else ""
    url = str(getattr(person, "avatar_url", ""))
    inside = format_html("{}{}", person.initials, picture_html(url, size) if url else "")
    return format_html('<span class="{}" data-avatar="{}"{} aria-hidden="true">{}</span>', classes, key, dot, inside)


# How large an avatar is on the page, and which of the picture's files (AVATAR_SIZES) is sharp there on dense screens.
PIXELS = {"s": (28, 64), "": (36, 128), "l": (72, 128), "xl": (112, 512)}


def picture_html(url: str, size: str = "") -> SafeString:
    """The `<img>` inside of an avatar; its place is there before it is loaded. `url` is the one of 128 pixels."""
    edge, file = PIXELS[size]
    return format_html(
        '<img src="{}" alt="" width="{}" height="{}" loading="lazy" decoding="async">',
        url.replace("-128.webp", f"-{file}.webp"),
        edge,
        edge,
    )


# How large a place's icon is on the page, and which of its files is sharp there on dense screens.
PLACE_PIXELS = {"s": (28, 64), "": (42, 128), "l": (72, 128), "xl": (112, 512)}
PLACE_PICTURE = '<img src="{}" alt="" width="{}" height="{}" loading="lazy" decoding="async">'


@register.simple_tag
def place_icon(place: Any, size: str = "") -> SafeString:
    """The picture of a group or a forum, or its initials on its own colour: a rounded square. Decoration: the name stands beside
    it. Of `place` it asks `pk` or `id`, `hue`, `initials` and `icon_url(size)`. `data-avatar` lets scripts show a new one."""
    edge, file = PLACE_PIXELS[size]
    classes = f"avatar avatar--place hue-{place.hue}" + (f" avatar--{size}" if size else "")
    picture, url = "", place.icon_url(file)
    if url:
        picture = format_html(PLACE_PICTURE, url, edge, edge)
    return format_html(
        '<span class="{}" data-avatar="{}" aria-hidden="true">{}{}</span>',
        classes,
        getattr(place, "pk", None) or place.id,
        place.initials,
        picture,
    )


@register.simple_tag
def named_icon(name: str) -> SafeString:
    """An icon whose name only the page's context knows."""
    return icon_html(name)
