"""Who, which place and which kind of notification may ring while a person wants quiet."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.models import QuietException, User
from accounts.notices import offered_kinds, places_of
from accounts.permissions import visible_people
from chatter.core.errors import NotFound, Refused

EXCEPTIONS_MAX = 100


def let_through(*, person: User, username: str = "", place: UUID | None = None, kind: str = "") -> None:
    """Let somebody, a place of one's own or a kind break through; again changes nothing. Raises Refused."""
    if sum(map(bool, (username, place, kind))) != 1:
        raise Refused("invalid", _("Choose a person, a conversation or a kind."))
    if QuietException.objects.filter(user=person).count() >= EXCEPTIONS_MAX:
        raise Refused("forbidden", _("So many exceptions do not fit."))
    other = None
    if username:
        other = visible_people(person).filter(username__iexact=username).exclude(pk=person.pk).first()
    elif place and place not in {each.id for each in places_of(person.pk)}:
        raise NotFound
    elif kind and kind not in offered_kinds():
        raise Refused("invalid")
    if username and other is None:
        raise NotFound
    QuietException.objects.get_or_create(user=person, person=other, place=place, kind=kind)


def stop_letting_through(*, person: User, exception_id: UUID) -> None:
    """Take an exception back; one that is not there changes nothing."""
    QuietException.objects.filter(user=person, pk=exception_id).delete()
