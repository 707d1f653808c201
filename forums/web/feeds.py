"""Atom feeds (RFC 4287): of a forum, and of a person's home for whoever holds their key.

What a feed holds is read with its reader's rights at the moment it is asked for: nobody's for a public forum, the key's owner's
otherwise.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext

from accounts.models import User
from chatter.core.errors import NotFound
from forums.addresses import post_url
from forums.models import FeedKey, Forum, Member, Post
from forums.models.post import LISTED
from forums.permissions import Standing, visible_forums
from forums.web.heads import absolute

ENTRIES = 25
KEY_BYTES = 24
KEY_MAX = 64
# Characters that XML 1.0 cannot hold, however they are written.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN_LINK = re.compile(r'((?:href|src)=")/')


def new_feed_key(*, person: User) -> str:
    """A key that opens the person's feeds; the one before opens nothing any more. Only its digest is kept."""
    key = secrets.token_urlsafe(KEY_BYTES)
    FeedKey.objects.update_or_create(user=person, defaults={"digest": _digest(key)})
    return key


def forget_feed_key(*, person: User) -> None:
    FeedKey.objects.filter(user=person).delete()


def keeper_of(key: str) -> User:
    """Whose key it is. Raises NotFound: unknown, or of somebody who may not be here."""
    found = FeedKey.objects.select_related("user").filter(digest=_digest(key)).first() if len(key) <= KEY_MAX else None
    if found is None or not is_here(found.user):
        raise NotFound
    return found.user


def is_here(person: User) -> bool:
    """May the person read at all now: neither switched off, suspended nor gone?"""
    return person.is_active and person.deleted_at is None and not person.is_suspended


def feed_of_forum(standing: Standing, own_address: str) -> str:
    """The newest posts of the forum, as Atom."""
    forum = standing.forum
    posts = Post.objects.filter(LISTED, forum=forum)
    page = absolute(reverse("forum", args=[forum.slug]))
    return _atom(forum.name, forum.description, page, own_address, _newest(posts, {forum.pk: forum}))


def feed_of_home(person: User, own_address: str) -> str:
    """The newest posts of the forums that the person subscribes to, as Atom."""
    mine = Member.objects.filter(user=person, is_subscribed=True).values("forum")
    forums = {forum.pk: forum for forum in visible_forums(person).filter(pk__in=mine)}
    posts = Post.objects.filter(LISTED, forum__in=list(forums))
    page = absolute(reverse("forum_home"))
    return _atom(gettext("Your forums"), "", page, own_address, _newest(posts, forums), names_forums=True)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _newest(posts: QuerySet[Post], forums: dict[UUID, Forum]) -> list[Post]:
    found = list(posts.select_related("author").defer("search", "content").order_by("-id")[:ENTRIES])
    for post in found:
        post.forum = forums[post.forum_id]
    return found


def _atom(
    title: str, description: str, page: str, own: str, posts: Sequence[Post], *, names_forums: bool = False
) -> str:
    feed = Atom1Feed(title=readable(title), link=page, description=readable(description), feed_url=own, feed_guid=page)
    for post in posts:
        forum = post.forum
        link = absolute(post_url(forum.slug, post.number, post.title))
        feed.add_item(
            title=readable(f"{forum.name}: {post.title}" if names_forums else post.title),
            link=link,
            unique_id=f"urn:uuid:{post.pk}",
            author_name=readable(post.author.name),
            pubdate=post.created_at,
            updateddate=_changed(post),
            description=readable(_content(post, forum)),
            categories=(forum.name,) if names_forums else (),
        )
    return str(feed.writeString("utf-8"))


def _changed(post: Post) -> datetime:
    return post.edited_at or post.created_at


def _content(post: Post, forum: Forum) -> str:
    """Html, as readers of feeds take it. What a page covers, a feed leaves out."""
    if post.is_spoiler or post.is_nsfw or forum.is_nsfw:
        return f"<p>{escape(gettext('Open the post to see it.'))}</p>"
    link = f'<p><a href="{escape(post.url)}">{escape(post.url)}</a></p>' if post.url else ""
    return link + _OWN_LINK.sub(rf"\g<1>{absolute('/')}", post.html)


def readable(text: str) -> str:
    """Without what XML cannot hold."""
    return _NOT_XML.sub("", text)
