"""What a person meets who asked for the end of their account and comes back before it: when it is, and the way to keep it."""

from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User

SALT = "accounts.keep"
SECONDS = 600


def waiting_page(request: HttpRequest, person: User) -> HttpResponse:
    """Shown to who has just proved to be the person, in place of logging them in. Its button holds for ten minutes."""
    token = signing.dumps(_said(person), salt=SALT)
    return render(request, "accounts/data_waiting.html", {"person": person, "token": token}, status=403)


def person_of(token: str) -> User | None:
    """Whom the button of that page belongs to, unless it is too old or they kept the account since."""
    try:
        said = signing.loads(token, salt=SALT, max_age=SECONDS)
        person = User.objects.filter(pk=UUID(said[0]), deleted_at=None).first()
    except (signing.BadSignature, ValueError, TypeError, IndexError, AttributeError):
        return None
    return person if person and _said(person) == said else None


def _said(person: User) -> list[str]:
    return [str(person.pk), str(person.deletion_due_at)]
