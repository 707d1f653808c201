"""The comments under a post, as a part of its page."""

from typing import Any

from django.http import HttpRequest

from forums.models import Post
from forums.permissions import Standing


def comments_of(request: HttpRequest, standing: Standing, post: Post) -> dict[str, Any]:
    """What `forums/_comments.html` shows: sorted and cut as the request's address says."""
    return {"tree": ""}
