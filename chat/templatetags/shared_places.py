"""Where two people talk, for the pages about a person: those lie below the talk and know nothing of it."""

from typing import Any

from django import template

from accounts.models import User
from accounts.profiles import MUTUAL_SHOWN
from chat.reading import places_of_both

register = template.Library()


@register.inclusion_tag("chat/_shared_places.html")
def shared_places(viewer: User, person: User) -> dict[str, Any]:
    """The group conversations that both are in (one query), at most a few and how many more there are."""
    rows, more = places_of_both(viewer.pk, person.pk, limit=MUTUAL_SHOWN)
    return {"rows": rows, "more": more}
