"""What a page of a forum says of itself to machines: its one address, OpenGraph (ogp.me) and, for posts, schema.org's
DiscussionForumPosting as JSON-LD. Words that visitors may not read are in none of it."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from forums.actions.pictures import BANNERS
from forums.albums import EDGES
from forums.models import Forum, Post
from forums.reading.post_page import Picture, Seen

# What a script element cannot hold as it is.
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}


@dataclass(frozen=True)
class Head:
    """`image` is (address, width, height); `json_ld` stands in a script element as it is. `is_hidden`: no search engine keeps it."""

    title: str
    url: str
    description: str = ""
    kind: str = "website"
    image: tuple[str, int, int] | None = None
    feed: str = ""
    published: str = ""
    json_ld: SafeString | str = ""
    is_hidden: bool = False


def absolute(path: str) -> str:
    """The address with the site's own beginning."""
    return f"{settings.CHATTER_URL}{path}"


def head_of_forum(forum: Forum, query: str = "", *, is_further: bool = False) -> Head:
    """Of a list of the forum's posts. `query` is what of the address chooses another list; further pages change all the time."""
    url = absolute(reverse("forum", args=[forum.slug]))
    return Head(
        title=forum.name,
        url=f"{url}?{query}" if query else url,
        description=forum.description,
        image=_image_of_forum(forum),
        feed=feed_of(forum),
        is_hidden=is_further or not forum.is_public or forum.is_nsfw,
    )


def head_of_post(seen: Seen, pictures: list[Picture]) -> Head:
    """Of the page of one post. What is covered shows neither text nor picture; what is gone shows nothing."""
    forum, post = seen.standing.forum, seen.post
    is_hidden = not forum.is_public or seen.is_nsfw or not post.is_listed
    shows = post.is_listed and not post.is_spoiler and not seen.is_nsfw
    return Head(
        title=seen.shown_title or forum.name,
        url=absolute(seen.url),
        description=post.excerpt[:200] if shows else "",
        kind="article",
        image=_image_of_post(pictures) if shows else None,
        feed=feed_of(forum),
        published=post.created_at.isoformat(),
        json_ld="" if is_hidden else as_script(posting(seen, pictures)),
        is_hidden=is_hidden,
    )


def posting(seen: Seen, pictures: list[Picture]) -> dict[str, Any]:
    """The post as https://schema.org/DiscussionForumPosting: for pages that everybody may read."""
    post, forum = seen.post, seen.standing.forum
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "@id": absolute(seen.url),
        "url": absolute(seen.url),
        "headline": post.title[:110],
        "author": {"@type": "Person", "name": post.author.name},
        "datePublished": post.created_at.isoformat(),
        "isPartOf": {"@type": "CollectionPage", "name": forum.name, "url": absolute(forum.get_absolute_url())},
        "commentCount": post.comment_count,
        "interactionStatistic": _interactions(seen),
    }
    if post.edited_at is not None:
        said["dateModified"] = post.edited_at.isoformat()
    if not post.is_spoiler:
        said |= _content(post, pictures)
    return said


def as_script(said: dict[str, Any]) -> SafeString:
    """JSON that no text in it can end the script element of."""
    return mark_safe(json.dumps(said, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))  # noqa: S308 -- escaped above


def feed_of(forum: Forum) -> str:
    """Where the feed of a public forum lies; "" of a private one, which needs its reader's key."""
    return absolute(reverse("forum_feed", args=[forum.slug])) if forum.is_public else ""


def _content(post: Post, pictures: list[Picture]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if post.content:
        content["text"] = post.content
    if pictures:
        content["image"] = [_picture_url(picture) for picture in pictures]
    if post.url:
        content["sharedContent"] = {"@type": "WebPage", "url": post.url}
    # One of text, image and shared content must be there.
    return content or {"text": post.title}


def _interactions(seen: Seen) -> list[dict[str, Any]]:
    counts = [("CommentAction", seen.post.comment_count)]
    if seen.score is not None:
        counts.append(("LikeAction", seen.post.up_count))
    return [
        {
            "@type": "InteractionCounter",
            "interactionType": f"https://schema.org/{action}",
            "userInteractionCount": count,
        }
        for action, count in counts
    ]


def _picture_url(picture: Picture) -> str:
    return absolute(reverse("post_image", args=[picture.key, EDGES[-1]]))


def _image_of_post(pictures: list[Picture]) -> tuple[str, int, int] | None:
    if not pictures:
        return None
    return _picture_url(pictures[0]), pictures[0].width, pictures[0].height


def _image_of_forum(forum: Forum) -> tuple[str, int, int] | None:
    if forum.banner:
        width = BANNERS.edges[-1]
        return absolute(reverse("forum_banner", args=[forum.banner, width])), width, width // 3
    if forum.icon:
        return absolute(forum.icon_url(512)), 512, 512
    return None
