"""Where posts lie. The title in the address is for people; the number decides."""

import re
import unicodedata

from django.urls import reverse

SLUG_MAX = 60
# What stands for a title without a letter or digit, and for that of a deleted post.
NAMELESS = "-"
# Pages that lie beside the title in the address: no title is one of them.
PAGES = frozenset(
    {
        "approve",
        "c",
        "comment",
        "cross",
        "delete",
        "discussion",
        "edit",
        "flair",
        "follow",
        "history",
        "lock",
        "mark",
        "moderate",
    }
    | {"pin", "poll", "preview", "remove", "report", "restore", "save", "unfollow", "unsave", "vote"}
)


def title_slug(title: str) -> str:
    """The words of a title as they stand in its address, in any script: "Wells of the city!" → "wells-of-the-city"."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", title).casefold().replace("_", "-")).strip("-")
    if len(words) > SLUG_MAX:
        # Whole words, where there are any.
        words = words[:SLUG_MAX].rpartition("-")[0] or words[:SLUG_MAX]
    return f"{words}-" if words in PAGES else words or NAMELESS


def post_url(forum_slug: str, number: int, title: str) -> str:
    """The page of a post: its one address."""
    return reverse("post", args=[forum_slug, number, title_slug(title)])
