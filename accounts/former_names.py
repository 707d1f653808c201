"""Usernames that people gave up: whom a link with an old one means, and how long nobody else may take it."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import FormerName, User
from accounts.permissions import visible_people

# So long after somebody gave up a username nobody can pass for them by it.
NAME_KEPT = timedelta(days=30)


def is_name_kept(username: str, person: User | None = None) -> bool:
    """Did somebody other than `person` give up `username` a short while ago?"""
    kept = FormerName.objects.filter(username__iexact=username, given_up_at__gt=timezone.now() - NAME_KEPT)
    return kept.exclude(user=person.pk if person else None).exists()


def person_called(viewer: User, username: str) -> User | None:
    """Whom `viewer` means by `username`: who is called so, else who was; None where they may be shown neither."""
    people = visible_people(viewer)
    found = people.filter(username__iexact=username).first()
    if found or User.objects.filter(username__iexact=username).exists():
        return found
    return people.filter(former_names__username__iexact=username).first()
