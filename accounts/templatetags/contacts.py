"""What the lists of contacts ask of a row. Nothing here asks the database."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django import template

from accounts import contacts
from accounts.models import Friendship, User

register = template.Library()


@register.simple_tag
def status_of(person: User, statuses: Mapping[UUID, str]) -> str:
    """How a friend is: "offline" for whoever is not among the `statuses`."""
    return statuses.get(person.pk, "offline")


@register.simple_tag
def since_of(person: User, since: Mapping[UUID, datetime | None]) -> datetime | None:
    """When the two became friends, where that is known."""
    return since.get(person.pk)


@register.filter
def may_ask_again(row: Friendship) -> bool:
    return contacts.may_ask_again(row)
