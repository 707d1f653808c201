"""Becoming somebody: registering, entering as a guest, and keeping a guest's account."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions.addresses import hold_address
from accounts.former_names import is_name_kept
from accounts.models import User
from accounts.names import guest_username, is_reserved, likeness
from chatter.core.errors import NotFound, Refused

GUEST_ATTEMPTS = 5


def register_person(*, username: str, email: str, password: str) -> User:
    """Make an account with an address that waits to be verified. Raises Refused("invalid") when the username is taken."""
    try:
        with transaction.atomic():
            person = User(username=username)
            person.set_password(password)
            person.save()
            _check_not_kept(username)
            _write_down(person, email)
    except IntegrityError as error:
        raise _refusal(error) from error
    return person


def enter_as_guest(*, name: str) -> User:
    """Make a guest called `name` (already tidy), with a username of its own.

    Raises NotFound where guests are off, and Refused("invalid") when a member is called so: a guest is never mistaken
    for one of them. Guests may share a name with each other.
    """
    if not settings.CHATTER_GUESTS:
        raise NotFound
    if _is_name_of_member(name):
        raise Refused("invalid", _("A member has this name. Please choose another one."))
    for attempt in range(1, GUEST_ATTEMPTS + 1):
        guest = User(username=guest_username(name), display_name=name, is_guest=True)
        guest.set_unusable_password()
        try:
            with transaction.atomic():
                guest.save()
        except IntegrityError:
            if attempt == GUEST_ATTEMPTS:
                raise
        else:
            break
    return guest


def claim_guest(*, guest: User, username: str, email: str, password: str) -> User:
    """Make the guest a member: same id, same history, same display name; now with a password. What it is called
    with ends the other sessions (`end_other_sessions`) once it has renewed its own."""
    try:
        with transaction.atomic():
            person = User.objects.select_for_update(no_key=True).get(pk=guest.pk)
            if not person.is_guest:
                raise Refused("invalid", _("This account is yours already."))
            person.username = username
            person.is_guest = False
            person.set_password(password)
            person.save(update_fields=["username", "is_guest", "password", "updated_at"])
            _check_not_kept(username, person)
            _write_down(person, email)
    except IntegrityError as error:
        raise _refusal(error) from error
    return person


def _check_not_kept(username: str, person: User | None = None) -> None:
    """Raises Refused("invalid") while a name that somebody gave up is kept for them. Asked when the name is taken already:
    before, they could still give it up between the question and the taking."""
    if is_name_kept(username, person):
        raise Refused("invalid", _("This username is taken."))


def _write_down(person: User, email: str) -> None:
    hold_address(person=person, email=email)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=False)


def _is_name_of_member(name: str) -> bool:
    alike = likeness(name)
    called_so = Q(username__iexact=alike) | Q(display_name__iexact=alike)
    return is_reserved(alike) or User.objects.filter(called_so, is_guest=False, deleted_at=None).exists()


def _refusal(error: IntegrityError) -> Exception:
    """Two people chose one username at the same moment: the second reads what the form would have said."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    return Refused("invalid", _("This username is taken.")) if constraint == "user_username_unique" else error
