"""From talk to a post: which messages somebody may make one of, and the text they begin with.

The text is copied when the post is written, and is its author's from then on: whoever edits or deletes a message does not change the
post, and the names in it are words. They stay, as what others wrote stays, when an account is deleted; the author can edit them.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import User
from accounts.permissions import blocked_by
from chat import offshoots, reading
from chat.models import Conversation
from chat.offshoots import Offshoot
from chat.permissions import Permission
from chat.reading import Room
from chat.rendering import Shown
from chatter.core.text import mention_candidates, one_line, render
from forums.addresses import post_url
from forums.models import Forum, Member, Origin, Post
from forums.models.post import LISTED
from forums.permissions import visible_forums

MESSAGES_MAX = 50
NAME_MAX = 80
SHOWN_MAX = 100

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
# One that is not escaped already.
_AT = re.compile(r"(?<!\\)((?:\\\\)*)@")
# Fenced blocks and code in a line: an @ in them calls nobody.
_CODE = re.compile(r"(```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|(?<!`)(`+)(?!`).+?(?<!`)\2(?!`))", re.DOTALL)


def may_quote(room: Room, shown: Shown, reader: User) -> bool:
    """May this reader make a post of the message: their own, or, where several talk, any if they manage messages there? Never what
    says nothing (any more), nor what is folded for them."""
    wire = shown.wire
    if wire["kind"] != "text" or wire["deleted_at"] or not wire["sender"] or reader.is_guest:
        return False
    if wire["sender"]["id"] == str(reader.pk):
        return True
    manages = room.conversation.kind != Conversation.Kind.DIRECT and room.can(Permission.MANAGE_MESSAGES)
    return manages and UUID(wire["sender"]["id"]) not in blocked_by(reader)


def chosen_messages(room: Room, reader: User, numbers: Iterable[int]) -> list[Shown]:
    """Those of the messages that they may make a post of, in order."""
    asked = sorted(set(numbers))[: MESSAGES_MAX + 1]
    return [shown for shown in reading.messages_numbered(room, asked) if may_quote(room, shown, reader)]


def quoted(messages: Sequence[Shown]) -> str:
    """The messages as Markdown: who said it, then their words as a quote. Nothing in a name is markup, nobody is called."""
    parts = []
    for _key, group in groupby(messages, key=lambda shown: shown.wire["sender"]["id"]):
        said = list(group)
        name = said[0].wire["sender"]["display_name"]
        words = "\n\n".join(_calling_nobody(shown.wire["content"]) for shown in said)
        parts += [f"**{plain_name(name)}**", _as_quote(words)]
    return "\n\n".join(parts)


def plain_name(name: str) -> str:
    """A name that is only words wherever it stands in Markdown."""
    return _PUNCTUATION.sub(r"\\\1", one_line(name, NAME_MAX)) or "?"


def forums_to_post_in(person: User) -> list[Forum]:
    """The forums that they are in and may post texts in, by name (one query)."""
    mine = Member.objects.filter(user=person).values("forum")
    moderated = Member.objects.filter(user=person, permissions__gt=0).values("forum")
    banned = Q(bans__user=person)
    forums = visible_forums(person).filter(pk__in=mine).exclude(kinds_off__contains=["text"])
    forums = forums.exclude(Q(posting=Forum.Posting.MODERATORS) & ~Q(owner=person) & ~Q(pk__in=moderated))
    return list(forums.exclude(banned).order_by("name", "pk")[:SHOWN_MAX])


def posts_made_of(reader: User, place: UUID, numbers: Sequence[int] | None) -> list[Offshoot]:
    """The posts made of messages there that the reader may see, the newest (one query)."""
    posts = Post.objects.filter(LISTED, forum__in=visible_forums(reader))
    origins = Origin.objects.filter(conversation=place, post__in=posts).select_related("post__forum")
    if numbers is not None:
        origins = origins.filter(numbers__0__in=list(numbers))
    found = origins.order_by("-created_at")[:SHOWN_MAX]
    return [Offshoot(row.numbers[0], _url(row.post), gettext("Made into a post")) for row in reversed(found)]


def _url(post: Post) -> str:
    return post_url(post.forum.slug, post.number, post.title)


def _calling_nobody(content: str) -> str:
    """The text, with every @ that could call somebody escaped, and none in code. Where it is not read as it looks: with another @."""
    parts = _CODE.split(content)
    # Of each piece of code there are two groups: all of it, and its marks.
    kept = enumerate(part or "" for part in parts)
    escaped = "".join(part if at % 3 else _AT.sub(r"\1\@", part) for at, part in kept if at % 3 != 2)
    names = {name: name for name in mention_candidates(content)}
    is_safe = not names or not any(render(text, mentions=names).mentioned for text in (escaped, _as_quote(escaped)))
    return escaped if is_safe else content.replace("@", "＠")


def _as_quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def register() -> None:
    offshoots.register(posts_made_of)
