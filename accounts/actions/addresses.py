"""E-mail addresses of an account: one current, at most one waiting to be verified. What is verified wins.

`User.email` is the address the account holds; it is unique. Anybody may write down any address, so an account made with
an address that another one holds gets only the unverified `EmailAddress` row and nobody learns of the difference;
who proves to read the mailbox takes the address.
"""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chatter.core.errors import Refused


def hold_address(*, person: User, email: str) -> bool:
    """Give `person` the address unless another account holds it. Returns whether they hold it now."""
    if User.objects.filter(email__iexact=email).exclude(pk=person.pk).exists():
        return False
    try:
        with transaction.atomic():
            User.objects.filter(pk=person.pk).update(email=email)
    except IntegrityError:  # somebody took it in this moment
        return False
    person.email = email
    return True


def change_address(*, person: User, email: str) -> EmailAddress:
    """Write down a new address: it waits beside a verified one, and replaces one that was never verified."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        addresses = EmailAddress.objects.filter(user=person)
        addresses.filter(verified=False).delete()
        is_first = not addresses.exists()
        if is_first:
            User.objects.filter(pk=person.pk).update(email=None)
            person.email = None
            hold_address(person=person, email=email)
        return EmailAddress.objects.create(user=person, email=email, primary=is_first, verified=False)


def release_address(*, keeper: User, email: str) -> None:
    """Take the address from everybody but `keeper`, who has just proved to read its mailbox."""
    EmailAddress.objects.filter(email__iexact=email, verified=False).exclude(user=keeper).delete()
    User.objects.filter(email__iexact=email).exclude(pk=keeper.pk).update(email=None)


def verify_address(*, address: EmailAddress) -> None:
    """Take an address as verified without its link (the staff knows better); it becomes the account's only one."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=address.user_id)
        if not address.can_set_verified():
            raise Refused("invalid", _("Another account has proved to own this address."))
        release_address(keeper=person, email=address.email)
        EmailAddress.objects.filter(user=person).exclude(pk=address.pk).delete()
        EmailAddress.objects.filter(pk=address.pk).update(verified=True, primary=True)
        User.objects.filter(pk=person.pk).update(email=address.email)
    address.refresh_from_db()
