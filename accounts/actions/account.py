"""What belongs to the account: the username and the phone number. Address and password have their own."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.pictures import tell_changed
from accounts.former_names import is_name_kept
from accounts.models import FormerName, User
from accounts.models.user import USERNAME
from accounts.names import is_reserved
from accounts.permissions import check_member
from chatter.core.errors import Refused

RENAME_EVERY = timedelta(days=1)


def change_username(*, person: User, username: str) -> None:
    """Take another username: once a day, and only the case of letters as often as one likes.

    Links with the old one lead here until somebody else takes it, which nobody may for a while (`former_names.NAME_KEPT`).
    Raises Refused("invalid") for a name that is not allowed or not free, Refused("rate_limited") when it is too soon.
    """
    check_member(person)
    check_username(username, person)
    try:
        with transaction.atomic():
            present = User.objects.select_for_update(no_key=True).get(pk=person.pk)
            if present.username.lower() != username.lower():
                _check_pace(present)
                _give_up(present)
            FormerName.objects.filter(username__iexact=username).delete()
            User.objects.filter(pk=person.pk).update(username=username)
            person.username = username
            tell_changed(person)
    except IntegrityError as error:
        raise Refused("invalid", _("This username is taken.")) from error


def check_username(username: str, person: User | None = None) -> None:
    """Raises Refused("invalid") unless `person` (None: somebody new) may be called so, as far as one can know before."""
    if not USERNAME.match(username):
        raise Refused("invalid", _("Use 1 to 50 letters (a–z), digits, “_” and “-”."))
    if is_reserved(username):
        raise Refused("invalid", _("This username is reserved. Please choose another one."))
    taken = User.objects.filter(username__iexact=username).exclude(pk=person.pk if person else None)
    if taken.exists() or is_name_kept(username, person):
        raise Refused("invalid", _("This username is taken."))


def set_phone(*, person: User, number: str) -> None:
    """Write down a phone number as E.164 has it, or "" for none."""
    person.phone = number
    person.clean_fields(exclude=[field.name for field in User._meta.fields if field.name != "phone"])  # noqa: SLF001
    person.save(update_fields=["phone", "updated_at"])


def _check_pace(person: User) -> None:
    last = FormerName.objects.filter(user=person).order_by("-given_up_at").first()
    wait = last.given_up_at + RENAME_EVERY - timezone.now() if last else timedelta()
    if wait > timedelta():
        raise Refused(
            "rate_limited",
            _("You can change your username once a day. Try again tomorrow."),
            retry_after=wait.total_seconds(),
        )


def _give_up(person: User) -> None:
    FormerName.objects.filter(username__iexact=person.username).delete()
    FormerName.objects.create(user=person, username=person.username, given_up_at=timezone.now())
