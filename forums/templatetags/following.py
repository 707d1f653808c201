"""What the page and the card of a person show of forums: their posts, and whether one follows them."""

from typing import Any

from django import template

from accounts.models import User
from forums.following import follows_person

register = template.Library()


@register.inclusion_tag("forums/_follow_person.html", takes_context=True)
def in_forums(context: dict[str, Any], back: str = "") -> dict[str, Any]:
    """The way to what the person posted; for others than themselves, to follow them (one query). `back` is the page that the form
    leads back to."""
    request, person, profile = context["request"], context["person"], context["profile"]
    viewer: User = request.user
    if person.is_guest or profile.is_blocked:
        return {}
    may_follow = not profile.is_self and not viewer.is_guest
    follows = may_follow and follows_person(viewer, person)
    # The form needs the token of the page around it.
    token = {"csrf_token": context.get("csrf_token")}
    return {"person": person, "may_follow": may_follow, "follows": follows, "back": back, "request": request, **token}
